"""DeploymentPreference: how the versions of a function take over from one another.

AWS: "AWS::Serverless::Function", property DeploymentPreference; all functions share one CodeDeploy application.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.template.serverless.making import Content, Entry, GetAtt, Ref, entry_of, mapping_of, unexpanded
from infra_checks.template.serverless.roles import managed, trust

if TYPE_CHECKING:
    from infra_checks.template.serverless.source import Generated, Renames, Source

_PROPERTY: Final = "DeploymentPreference"
_APPLICATION: Final = "ServerlessDeploymentApplication"
_ROLE: Final = "CodeDeployServiceRole"
_ROLLBACKS: Final = ("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST")


def add_deployment(source: Source, generated: Generated) -> None:
    """Add the deployment group of a function, unless its deployments are off."""
    given = source.take(_PROPERTY)
    preference = mapping_of(given)
    if given is None or preference is None:
        return
    source.leave(_PROPERTY, given.node)
    if (generated.text(entry_of(preference, "Enabled")) or "true").lower() == "false":
        return
    named = entry_of(preference, "Role")
    whole: Renames = {(): (_PROPERTY,)}
    generated.add(
        source,
        "AWS::CodeDeploy::Application",
        {"ComputePlatform": "Lambda"},
        name=_APPLICATION,
        wholes=whole,
        place=given.key,
        is_shared=True,
    )
    if named is None:
        role: dict[str, Content] = {
            "AssumeRolePolicyDocument": trust("codedeploy.amazonaws.com"),
            "ManagedPolicyArns": [managed("service-role/AWSCodeDeployRoleForLambda")],
        }
        generated.add(source, "AWS::IAM::Role", role, name=_ROLE, wholes=whole, place=given.key, is_shared=True)
    content: dict[str, Content] = {
        "ApplicationName": Ref(_APPLICATION),
        "AlarmConfiguration": _alarms(entry_of(preference, "Alarms")),
        "AutoRollbackConfiguration": {"Enabled": True, "Events": list(_ROLLBACKS)},
        "DeploymentConfigName": _speed(entry_of(preference, "Type")),
        "DeploymentStyle": {"DeploymentType": "BLUE_GREEN", "DeploymentOption": "WITH_TRAFFIC_CONTROL"},
        "ServiceRoleArn": named or GetAtt(_ROLE, "Arn"),
        "TriggerConfigurations": entry_of(preference, "TriggerConfigurations"),
    }
    kind = "AWS::CodeDeploy::DeploymentGroup"
    generated.add(source, kind, content, suffix="DeploymentGroup", wholes=whole, place=given.key)


def _alarms(given: Entry | None) -> Content:
    return None if given is None else unexpanded("SAM makes the configuration of it", given)


def _speed(given: Entry | None) -> Content:
    return None if given is None else unexpanded("SAM makes the name of a configuration of it", given)
