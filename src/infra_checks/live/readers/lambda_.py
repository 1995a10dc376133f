"""AWS::Lambda, by the AWS Lambda API reference."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.reading import Plain, Unread, reader
from infra_checks.live.renaming import Properties, from_answer, renamed, stated, tags_of_map
from infra_checks.live.shaping import at, declared_text

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_SAME: Final = (
    "Architectures",
    "CapacityProviderConfig",
    "Description",
    "DurableConfig",
    "EphemeralStorage",
    "FileSystemConfigs",
    "FunctionName",
    "Handler",
    "LoggingConfig",
    "MemorySize",
    "PackageType",
    "Role",
    "Runtime",
    "TenancyConfig",
    "Timeout",
)
_NOT_ASKED: Final = ("FunctionScalingConfig", "PublishToLatestPublished", "RecursiveLoop", "RuntimeManagementConfig")
_NO_POLICY: Final = ("ResourceNotFoundException",)
_PACKAGE: Final = Unread("Lambda only tells where the package can be loaded from")


@reader(
    "AWS::Lambda::Function",
    "lambda:get_function",
    "lambda:get_function_code_signing_config",
    "lambda:list_tags",
)
def function(asking: Asking) -> Read:
    """AWS: API_GetFunction.html and API_FunctionConfiguration.html.

    GetFunction tells the tags only to who may list them, so that is declared and not asked.
    """
    answer = asking.ask("lambda", "get_function", FunctionName=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    found = answer["Configuration"]
    signing: Answer | Unread = {}
    if found.get("PackageType", "Zip") == "Zip":  # Images are signed otherwise.
        signing = asking.ask("lambda", "get_function_code_signing_config", FunctionName=asking.physical_id)
    network = renamed(found.get("VpcConfig") or {}, "Ipv6AllowedForDualStack", "SecurityGroupIds", "SubnetIds")
    return {
        **dict.fromkeys(_NOT_ASKED, Unread("the reader of functions does not ask for it")),
        **renamed(found, *_SAME, Arn="FunctionArn", KmsKeyArn="KMSKeyArn"),
        **stated(
            Code=renamed(answer.get("Code") or {}, "ImageUri") or _package(asking),
            DeadLetterConfig=renamed(found.get("DeadLetterConfig") or {}, "TargetArn"),
            Environment=_environment(found.get("Environment") or {}),
            ImageConfig=at(found, "ImageConfigResponse", "ImageConfig"),
            Layers=[each["Arn"] for each in found.get("Layers") or []],
            ReservedConcurrentExecutions=at(answer, "Concurrency", "ReservedConcurrentExecutions"),
            SnapStart=renamed(found.get("SnapStart") or {}, "ApplyOn"),
            Tags=_tags(answer),
            TracingConfig=renamed(found.get("TracingConfig") or {}, "Mode"),
            # Without subnets the rest of it means nothing.
            VpcConfig=network if network.get("SubnetIds") else None,
        ),
        **from_answer(signing, ("CodeSigningConfigArn",), lambda got: renamed(got, "CodeSigningConfigArn")),
    }


def _package(asking: Asking) -> Plain:
    """Whether the code stood in the template or in a bucket is only there, and what it is nowhere."""
    declared = asking.declared.get("Code")
    return dict.fromkeys(declared, _PACKAGE) if isinstance(declared, dict) else _PACKAGE


def _environment(given: Answer) -> Plain:
    """Variables that Lambda cannot decrypt are told as an error."""
    if given.get("Error"):
        return Unread(f"{given['Error'].get('ErrorCode', '')}: lambda:GetFunction: Environment")
    return renamed(given, "Variables")


def _tags(answer: Answer) -> Plain:
    error = answer.get("TagsError")
    return Unread(f"{error.get('ErrorCode', '')}: lambda:ListTags") if error else tags_of_map(answer.get("Tags") or {})


_CONDITIONS: Final = {
    "aws:principalorgid": "PrincipalOrgID",
    "aws:sourceaccount": "SourceAccount",
    "aws:sourcearn": "SourceArn",
    "lambda:eventsourcetoken": "EventSourceToken",
    "lambda:functionurlauthtype": "FunctionUrlAuthType",
    "lambda:invokedviafunctionurl": "InvokedViaFunctionUrl",
}
"""What AddPermission makes of its parameters."""


@reader("AWS::Lambda::Permission", "lambda:get_policy")
def permission(asking: Asking) -> Read:
    """AWS: API_AddPermission.html; the physical id is the statement's, the function is the template's."""
    function, _, statement = asking.physical_id.rpartition("|")
    function = declared_text(asking, "FunctionName") or function
    if not function:
        return Unread("no API tells whose permission this is, and the template's FunctionName is not known")
    answer = asking.ask("lambda", "get_policy", FunctionName=function)
    if isinstance(answer, Unread):
        return answer
    for each in json.loads(answer["Policy"])["Statement"]:
        if each.get("Sid") == statement:
            return _permission(each)
    return Unread(f"{function} has no permission {statement} (deleted meanwhile?)")


def _permission(statement: dict[str, Any]) -> Properties:
    principal = statement.get("Principal")
    given = next(iter(principal.values()), None) if isinstance(principal, dict) else principal
    read = stated(FunctionName=statement.get("Resource"), Action=statement.get("Action"), Principal=given)
    for conditions in (statement.get("Condition") or {}).values():
        for key, value in conditions.items():
            name = _CONDITIONS.get(key.lower())
            if name is not None:
                read[name] = str(value).lower() == "true" if name == "InvokedViaFunctionUrl" else value
    return read


_ENABLED: Final = {
    "Creating": True,
    "Disabled": False,
    "Disabling": False,
    "Enabled": True,
    "Enabling": True,
    "Updating": True,
}
_MAPPING: Final = (
    "AmazonManagedKafkaEventSourceConfig",
    "BatchSize",
    "BisectBatchOnFunctionError",
    "DocumentDBEventSourceConfig",
    "EventSourceArn",
    "FilterCriteria",
    "FunctionResponseTypes",
    "LoggingConfig",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "MetricsConfig",
    "ParallelizationFactor",
    "ProvisionedPollerConfig",
    "Queues",
    "ScalingConfig",
    "SelfManagedKafkaEventSourceConfig",
    "SourceAccessConfigurations",
    "StartingPosition",
    "Topics",
    "TumblingWindowInSeconds",
)


@reader("AWS::Lambda::EventSourceMapping", "lambda:get_event_source_mapping", "lambda:list_tags")
def event_source_mapping(asking: Asking) -> Read:
    """AWS: API_EventSourceMappingConfiguration.html."""
    found = asking.ask("lambda", "get_event_source_mapping", UUID=asking.physical_id)
    if isinstance(found, Unread):
        return found
    state = found.get("State", "")
    tags: Answer | Unread = {}
    if found.get("EventSourceMappingArn"):
        tags = asking.ask("lambda", "list_tags", Resource=found["EventSourceMappingArn"])
    start = found.get("StartingPositionTimestamp")
    return {
        **renamed(found, *_MAPPING, FunctionName="FunctionArn", KmsKeyArn="KMSKeyArn"),
        **stated(
            DestinationConfig=_destinations(found, "OnFailure"),
            Enabled=_ENABLED.get(state, Unread(f"the state of the mapping is {state}")),
            SelfManagedEventSource=_self_managed(found),
            StartingPositionTimestamp=start.timestamp() if isinstance(start, datetime) else start,
        ),
        **from_answer(tags, ("Tags",), lambda got: {"Tags": tags_of_map(got.get("Tags") or {})}),
    }


def _destinations(found: Answer, *names: str) -> Properties:
    given = found.get("DestinationConfig") or {}
    return stated(**{name: renamed(given.get(name) or {}, "Destination") for name in names})


def _self_managed(found: Answer) -> Plain:
    servers = at(found, "SelfManagedEventSource", "Endpoints", "KAFKA_BOOTSTRAP_SERVERS")
    return {"Endpoints": {"KafkaBootstrapServers": servers}} if servers else None


@reader("AWS::Lambda::EventInvokeConfig", "lambda:get_function_event_invoke_config")
def event_invoke_config(asking: Asking) -> Read:
    """AWS: API_GetFunctionEventInvokeConfig.html; the function is the template's, or in `function|qualifier`."""
    function, _, qualifier = asking.physical_id.partition("|")
    function = declared_text(asking, "FunctionName") or function
    by = stated(FunctionName=function, Qualifier=declared_text(asking, "Qualifier") or qualifier)
    found = asking.ask("lambda", "get_function_event_invoke_config", **by)
    if isinstance(found, Unread):
        return found
    parts = found["FunctionArn"].split(":")
    return {
        **renamed(found, "MaximumEventAgeInSeconds", "MaximumRetryAttempts"),
        **stated(
            DestinationConfig=_destinations(found, "OnFailure", "OnSuccess"),
            FunctionName=parts[6],
            Qualifier="".join(parts[7:8]),
        ),
    }


@reader("AWS::Lambda::Alias", "lambda:get_alias", "lambda:get_provisioned_concurrency_config")
def alias(asking: Asking) -> Read:
    """AWS: API_AliasConfiguration.html; the physical id is its ARN."""
    function, _, name = asking.physical_id.rpartition(":")
    found = asking.ask("lambda", "get_alias", FunctionName=function, Name=name)
    if isinstance(found, Unread):
        return found
    weights = at(found, "RoutingConfig", "AdditionalVersionWeights") or {}
    routes = [{"FunctionVersion": version, "FunctionWeight": weight} for version, weight in sorted(weights.items())]
    return {
        **renamed(found, "AliasArn", "Description", "FunctionVersion", "Name"),
        "FunctionName": function.rpartition(":")[2],
        **stated(RoutingConfig=stated(AdditionalVersionWeights=routes)),
        **_provisioned(asking, function, name),
    }


def _provisioned(asking: Asking, function: str, qualifier: str) -> Properties:
    answer = asking.ask(
        "lambda",
        "get_provisioned_concurrency_config",
        none=("ProvisionedConcurrencyConfigNotFoundException",),
        FunctionName=function,
        Qualifier=qualifier,
    )
    names = {"ProvisionedConcurrentExecutions": "RequestedProvisionedConcurrentExecutions"}
    config = "ProvisionedConcurrencyConfig"
    return from_answer(answer, (config,), lambda got: {config: renamed(got, **names)})


@reader(
    "AWS::Lambda::Version",
    "lambda:get_function_configuration",
    "lambda:get_provisioned_concurrency_config",
    unreturned=("FunctionScalingConfig", "RuntimePolicy"),
)
def version(asking: Asking) -> Read:
    """AWS: API_FunctionConfiguration.html; the physical id is its ARN."""
    function, _, number = asking.physical_id.rpartition(":")
    found = asking.ask("lambda", "get_function_configuration", FunctionName=function, Qualifier=number)
    if isinstance(found, Unread):
        return found
    return {
        **renamed(found, "CodeSha256", "Description", "FunctionArn", "FunctionName", "Version"),
        **_provisioned(asking, function, number),
    }


@reader("AWS::Lambda::Url", "lambda:get_function_url_config")
def url(asking: Asking) -> Read:
    """AWS: API_FunctionUrlConfig.html; the physical id is the ARN of the function or alias."""
    found = asking.ask("lambda", "get_function_url_config", FunctionName=asking.physical_id)
    if isinstance(found, Unread):
        return found
    parts = found["FunctionArn"].split(":")
    target, qualifier = ":".join(parts[:7]), "".join(parts[7:8])
    return {
        **renamed(found, "AuthType", "Cors", "FunctionArn", "FunctionUrl", "InvokeMode"),
        **stated(Qualifier=qualifier, TargetFunctionArn=target),
    }


@reader("AWS::Lambda::LayerVersion", "lambda:get_layer_version")
def layer_version(asking: Asking) -> Read:
    """AWS: API_GetLayerVersion.html; the physical id is its ARN."""
    layer, _, number = asking.physical_id.rpartition(":")
    found = asking.ask("lambda", "get_layer_version", LayerName=layer, VersionNumber=int(number))
    if isinstance(found, Unread):
        return found
    same = ("CompatibleArchitectures", "CompatibleRuntimes", "Description", "LicenseInfo")
    name = {"LayerName": layer.rpartition(":")[2]}
    return {**name, "Content": _PACKAGE, **renamed(found, *same, LayerVersionArn="LayerVersionArn")}
