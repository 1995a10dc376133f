"""AWS::Serverless::StateMachine: the state machine, its role and its events.

AWS: "CloudFormation resources generated when AWS::Serverless::StateMachine is specified".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.template.serverless.event import Target
from infra_checks.template.serverless.events import add_events
from infra_checks.template.serverless.locations import s3_location
from infra_checks.template.serverless.making import Entry, GetAtt, Ref, made_mapping
from infra_checks.template.serverless.roles import Role, role_of, tags_of

if TYPE_CHECKING:
    from infra_checks.template.serverless.making import Content
    from infra_checks.template.serverless.source import Generated, Renames, Source

_RENAMED: Final = {
    "DefinitionSubstitutions": "DefinitionSubstitutions",
    "LoggingConfiguration": "Logging",
    "StateMachineName": "Name",
    "StateMachineType": "Type",
    "TracingConfiguration": "Tracing",
}


def expand_machine(source: Source, generated: Generated) -> None:
    """Add what SAM generates from a state machine."""
    role = Role(source, "states.amazonaws.com")
    properties = source.take_renamed(_RENAMED)
    if properties["TracingConfiguration"] is not None:
        role.attach("AWSXrayWriteOnlyAccess")
    # SAM hands the definition on as a text; as a mapping it says the same and keeps its places.
    properties["Definition"] = source.take("Definition")
    uri = source.take("DefinitionUri")
    if uri is not None:
        location = s3_location(uri, ("Bucket", "Key", "Version"))
        properties["DefinitionS3Location"] = Entry(made_mapping(location, uri.key), uri.key)
    properties["Tags"] = tags_of(source)
    source.pass_over("DeploymentPreference", "UseAliasAsEventTarget")
    role.grant(source.take("Policies"))
    target = _published(source, generated)
    add_events(source, generated, None, Target(target, is_machine=True))
    properties["RoleArn"] = role_of(source, generated, role, source.take("Role"))
    renames: Renames = {(name,): (own,) for name, own in _RENAMED.items()}
    renames |= {("RoleArn",): ("Role",), ("DefinitionS3Location",): ("DefinitionUri",)}
    generated.add(source, "AWS::StepFunctions::StateMachine", properties, renames=renames)


def _published(source: Source, generated: Generated) -> str:
    """Add the version and the alias that AutoPublishAlias asks for; the name of what events start."""
    name = source.logical_id
    alias = source.take("AutoPublishAlias")
    if alias is None:
        return name
    version: dict[str, Content] = {
        "StateMachineArn": Ref(name),
        "StateMachineRevisionId": GetAtt(name, "StateMachineRevisionId"),
    }
    made = generated.add(source, "AWS::StepFunctions::StateMachineVersion", version, suffix="Version")
    content: dict[str, Content] = {"Name": alias, "DeploymentPreference": {"StateMachineVersionArn": Ref(made)}}
    return generated.add(
        source, "AWS::StepFunctions::StateMachineAlias", content, suffix=f"Alias{generated.text(alias) or ''}"
    )
