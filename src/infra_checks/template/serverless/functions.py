"""AWS::Serverless::Function: the function, its role, version, alias, address, and where it sends its results.

AWS: "CloudFormation resources generated when AWS::Serverless::Function is specified".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.template.serverless.deployments import add_deployment
from infra_checks.template.serverless.event import Target
from infra_checks.template.serverless.events import add_events
from infra_checks.template.serverless.invocations import SENDING, add_invocations
from infra_checks.template.serverless.locations import s3_location
from infra_checks.template.serverless.making import (
    Content,
    Entry,
    GetAtt,
    Ref,
    entry_of,
    made_mapping,
    mapping_of,
    text_of,
    unexpanded,
)
from infra_checks.template.serverless.roles import Role, role_of, tags_of

if TYPE_CHECKING:
    from infra_checks.template.serverless.source import Generated, Renames, Source

_SAME: Final = (
    *("Architectures", "CodeSigningConfigArn", "Description", "DurableConfig", "Environment", "EphemeralStorage"),
    *("FileSystemConfigs", "FunctionName", "FunctionScalingConfig", "Handler", "ImageConfig", "KmsKeyArn", "Layers"),
    *("LoggingConfig", "MemorySize", "PackageType", "PublishToLatestPublished", "RecursiveLoop"),
    *("ReservedConcurrentExecutions", "Runtime", "RuntimeManagementConfig", "SnapStart", "TenancyConfig", "Timeout"),
    "VpcConfig",
)
_WITHOUT_EFFECT: Final = (
    *("AutoPublishAliasAllProperties", "AutoPublishCodeSha256", "ProvisionedConcurrencyConfig"),
    *("VersionDeletionPolicy", "VersionDescription"),
)
"""What says when a version is published, or means nothing without an alias."""

_RENAMES: Final[Renames] = {
    ("TracingConfig", "Mode"): ("Tracing",),
    ("TracingConfig",): ("Tracing",),
    ("DeadLetterConfig",): ("DeadLetterQueue",),
    ("Code", "ZipFile"): ("InlineCode",),
    ("Code", "ImageUri"): ("ImageUri",),
    ("Code",): ("CodeUri",),
}
_DISABLED: Final = "Disabled"


def expand_function(source: Source, generated: Generated) -> None:
    """Add what SAM generates from a function."""
    role = Role(source, "lambda.amazonaws.com")
    properties = source.take_all(_SAME)
    durable = properties["DurableConfig"] is not None
    role.attach(f"service-role/AWSLambdaBasic{'DurableExecutionRolePolicy' if durable else 'ExecutionRole'}")
    tracing = source.take("Tracing")
    if tracing is not None and generated.text(tracing) != _DISABLED:
        properties["TracingConfig"] = Entry(made_mapping({"Mode": tracing}, tracing.key), tracing.key)
        role.attach("AWSXrayWriteOnlyAccess")
    if properties["VpcConfig"] is not None:
        role.attach("service-role/AWSLambdaVPCAccessExecutionRole")
    properties["DeadLetterConfig"] = _dead_letters(source, role)
    properties["Code"] = _code(source)
    properties["CapacityProviderConfig"] = _capacity(source)
    properties["Tags"] = tags_of(source)
    alias = source.take("AutoPublishAlias")
    target = source.logical_id if alias is None else _alias(source, generated, alias)
    _address(source, generated, target)
    add_deployment(source, generated)
    add_invocations(source, generated, role, alias)
    role.grant(source.take("Policies"))
    add_events(source, generated, role, Target(target, is_alias=alias is not None))
    source.pass_over(*_WITHOUT_EFFECT)
    properties["Role"] = role_of(source, generated, role, source.take("Role"))
    generated.add(source, "AWS::Lambda::Function", properties, renames=dict(_RENAMES))


def _code(source: Source) -> Content:
    inline, uri, image = (source.take(name) for name in ("InlineCode", "CodeUri", "ImageUri"))
    key = source.take("SourceKMSKeyArn")
    given = inline or uri or image
    if given is None:
        return {"SourceKMSKeyArn": key} if key is not None else None
    if inline is not None:
        parts: dict[str, Content] = {"ZipFile": inline}
    elif uri is not None:
        parts = s3_location(uri, ("S3Bucket", "S3Key", "S3ObjectVersion"))
    else:
        parts = {"ImageUri": image}
    return Entry(made_mapping({**parts, "SourceKMSKeyArn": key}, given.key), given.key)


def _dead_letters(source: Source, role: Role) -> Content:
    given = source.take("DeadLetterQueue")
    if given is None:
        return None
    queue = mapping_of(given)
    if queue is None:
        return unexpanded("DeadLetterQueue is not written as a mapping", given)
    target = entry_of(queue, "TargetArn")
    action = SENDING.get(text_of(entry_of(queue, "Type")) or "")
    if target is not None and action is not None:
        role.allow("DeadLetterQueuePolicy", action, target, ("DeadLetterQueue",))
    return Entry(made_mapping({"TargetArn": target}, given.key), given.key)


def _capacity(source: Source) -> Content:
    given = source.take("CapacityProviderConfig")
    config = mapping_of(given)
    if given is None or config is None:
        return given
    inner = {f"{'CapacityProvider' if name == 'Arn' else ''}{name}": entry_of(config, name) for name in config.entries}
    content: dict[str, Content] = {"LambdaManagedInstancesCapacityProviderConfig": dict(inner)}
    return Entry(made_mapping(content, given.key), given.key)


def _alias(source: Source, generated: Generated, given: Entry) -> str:
    function = source.logical_id
    text = generated.text(given) or ""
    suffix = "Alias" + "".join(each for each in text.replace("-", "D").replace("_", "U") if each.isalnum())
    version: dict[str, Content] = {"FunctionName": Ref(function), "Description": source.take("VersionDescription")}
    # SAM also adds a DeletionPolicy to the version, which is no decision of the template's.
    made_version = generated.add(source, "AWS::Lambda::Version", version, suffix="Version", place=given.key)
    alias: dict[str, Content] = {
        "Name": given,
        "FunctionName": Ref(function),
        "FunctionVersion": GetAtt(made_version, "Version"),
        "ProvisionedConcurrencyConfig": source.take("ProvisionedConcurrencyConfig"),
    }
    renames: Renames = {("Name",): ("AutoPublishAlias",)}
    name = generated.add(source, "AWS::Lambda::Alias", alias, suffix=suffix, renames=renames, place=given.key)
    generated.names |= {f"{function}.Alias": name, f"{function}.Version": made_version}
    return name


def _address(source: Source, generated: Generated, target: str) -> None:
    given = source.take("FunctionUrlConfig")
    config = mapping_of(given)
    renames: Renames = {(): ("FunctionUrlConfig",)}
    if given is None:
        return
    if config is None:
        opaque = unexpanded("FunctionUrlConfig is not written as a mapping", given)
        generated.add(source, "AWS::Lambda::Url", opaque.node, suffix="Url", renames=renames, place=given.key)
        return
    kept: dict[str, Content] = {name: entry_of(config, name) for name in ("AuthType", "Cors", "InvokeMode")}
    url = {"TargetFunctionArn": Ref(target), **kept}
    generated.add(source, "AWS::Lambda::Url", url, suffix="Url", renames=renames, place=given.key)
    if generated.text(entry_of(config, "AuthType")) != "NONE":
        return
    public: dict[str, Content] = {"FunctionName": Ref(target), "Principal": "*"}
    wholes: Renames = {(): ("FunctionUrlConfig", "AuthType")}
    for action, limit, suffix in (
        ("lambda:InvokeFunctionUrl", {"FunctionUrlAuthType": "NONE"}, "UrlPublicPermissions"),
        ("lambda:InvokeFunction", {"InvokedViaFunctionUrl": True}, "URLInvokeAllowPublicAccess"),
    ):
        permission: dict[str, Content] = {"Action": action, **public, **limit}
        generated.add(source, "AWS::Lambda::Permission", permission, suffix=suffix, wholes=wholes, place=given.key)
