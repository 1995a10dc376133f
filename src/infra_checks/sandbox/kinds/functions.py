"""AWS::Lambda."""

from __future__ import annotations

import io
import zipfile
from typing import Any, Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.refusal import CannotMakeError
from infra_checks.sandbox.rows import retag, row
from infra_checks.sandbox.shapes import as_text

_FIRST: Final = zipfile.ZipInfo().date_time


def archive(code: dict[str, Any], runtime: str) -> dict[str, Any]:
    """The code as the API takes it; a text becomes the archive that CloudFormation makes of it."""
    if "ZipFile" not in code:
        return code
    name = "index.py" if runtime.startswith("python") else "index.js"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name, _FIRST), as_text(code["ZipFile"]))
    return {**code, "ZipFile": buffer.getvalue()}


_CONFIGURED: Final = (
    "DeadLetterConfig",
    "Description",
    "Environment",
    "EphemeralStorage",
    "FileSystemConfigs",
    "Handler",
    "ImageConfig",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Runtime",
    "SnapStart",
    "Timeout",
    "TracingConfig",
    "VpcConfig",
)


def _make_function(making: Making) -> Made:
    name = making.name("FunctionName", limit=64)
    code = archive(making.need("Code"), str(making.properties.get("Runtime", "")))
    only = (*_CONFIGURED, "Architectures", "PackageType", "CodeSigningConfigArn", "Tags")
    answer = making.send("lambda", "create_function", only=only, FunctionName=name, Code=code)
    return Made("AWS::Lambda::Function", name, {"Arn": answer["FunctionArn"]})


def _configure_function(making: Making, made: Made) -> None:
    client = making.api("lambda")
    if making.changed("ReservedConcurrentExecutions"):
        value = making.get("ReservedConcurrentExecutions")
        if value is None:
            client.delete_function_concurrency(FunctionName=made.ref)
        else:
            client.put_function_concurrency(FunctionName=made.ref, ReservedConcurrentExecutions=int(value))
    if making.before is None:
        return
    if making.changed("Code", "Architectures"):
        code = archive(making.get("Code"), str(making.properties.get("Runtime", "")))
        client.update_function_code(
            FunctionName=made.ref, Architectures=making.get("Architectures") or ["x86_64"], **code
        )
    changed = [name for name in _CONFIGURED if making.changed(name)]
    if changed:
        making.send("lambda", "update_function_configuration", only=changed, FunctionName=made.ref)
    if making.changed("Tags"):
        retag(making, "lambda", made.arn)


def _delete_function(making: Making, made: Made) -> None:
    making.api("lambda").delete_function(FunctionName=made.ref)


def _make_permission(making: Making) -> Made:
    identity = making.name("", limit=100)
    making.send("lambda", "add_permission", StatementId=identity)
    return Made("AWS::Lambda::Permission", identity, {"Id": identity})


def _delete_permission(making: Making, made: Made) -> None:
    making.api("lambda").remove_permission(FunctionName=making.need("FunctionName"), StatementId=made.ref)


def _make_invoke_config(making: Making) -> Made:
    making.send("lambda", "put_function_event_invoke_config")
    name, qualifier = making.properties["FunctionName"], making.properties["Qualifier"]
    return Made("AWS::Lambda::EventInvokeConfig", f"{name}|{qualifier}", {})


def _configure_invoke_config(making: Making, _made: Made) -> None:
    if making.before is not None:
        making.send("lambda", "put_function_event_invoke_config")
        making.changed(*making.before)


def _delete_invoke_config(making: Making, _made: Made) -> None:
    making.api("lambda").delete_function_event_invoke_config(
        FunctionName=making.need("FunctionName"), Qualifier=making.need("Qualifier")
    )


def _delete_layer(making: Making, made: Made) -> None:
    name, _, version = made.ref.rpartition(":")
    making.api("lambda").delete_layer_version(LayerName=name.rpartition(":")[2], VersionNumber=int(version))


def _make_version(making: Making) -> Made:
    if "ProvisionedConcurrencyConfig" in making.properties:
        raise CannotMakeError("the sandbox cannot give ProvisionedConcurrencyConfig")
    answer = making.send("lambda", "publish_version")
    version = answer["Version"]
    return Made(
        "AWS::Lambda::Version", answer["FunctionArn"], {"Version": version, "FunctionArn": answer["FunctionArn"]}
    )


def _delete_version(making: Making, made: Made) -> None:
    making.remove(
        "lambda", "delete_function", FunctionName=making.need("FunctionName"), Qualifier=made.attributes["Version"]
    )


_LAYER: Final = row(
    "AWS::Lambda::LayerVersion",
    "lambda",
    "publish_layer_version",
    name=("LayerName", "LayerName", 140),
    ref="LayerVersionArn",
    attributes={"LayerVersionArn": "LayerVersionArn"},
    delete=None,
    create_only=[
        "CompatibleArchitectures",
        "CompatibleRuntimes",
        "Content",
        "Description",
        "LayerName",
        "LicenseInfo",
    ],
    tags=None,
)

KINDS: Final = (
    Kind(
        "AWS::Lambda::Function",
        _make_function,
        _delete_function,
        _configure_function,
        frozenset({"FunctionName", "PackageType", "TenancyConfig"}),
    ),
    Kind(
        "AWS::Lambda::Permission",
        _make_permission,
        _delete_permission,
        create_only=frozenset(
            {
                "Action",
                "EventSourceToken",
                "FunctionName",
                "FunctionUrlAuthType",
                "InvokedViaFunctionUrl",
                "Principal",
                "PrincipalOrgID",
                "SourceAccount",
                "SourceArn",
            }
        ),
        tags=None,
    ),
    Kind(
        "AWS::Lambda::EventInvokeConfig",
        _make_invoke_config,
        _delete_invoke_config,
        _configure_invoke_config,
        frozenset({"FunctionName", "Qualifier"}),
        None,
    ),
    Kind(
        "AWS::Lambda::Version",
        _make_version,
        _delete_version,
        create_only=frozenset({"FunctionName", "Description", "CodeSha256", "RuntimePolicy"}),
        tags=None,
    ),
    Kind(_LAYER.type, _LAYER.make, _delete_layer, create_only=_LAYER.create_only, tags=None),
    row(
        "AWS::Lambda::EventSourceMapping",
        "lambda",
        "create_event_source_mapping",
        ref="UUID",
        attributes={
            "Id": "UUID",
            "EventSourceMappingArn": "arn:{partition}:lambda:{region}:{account}:event-source-mapping:{ref}",
        },
        delete="delete_event_source_mapping",
        delete_by={"UUID": "{ref}"},
        update="update_event_source_mapping",
        update_by={"UUID": "{ref}"},
        create_only=[
            "EventSourceArn",
            "SelfManagedEventSource",
            "StartingPosition",
            "StartingPositionTimestamp",
        ],
        tag_id="arn:{partition}:lambda:{region}:{account}:event-source-mapping:{ref}",
    ),
    row(
        "AWS::Lambda::Alias",
        "lambda",
        "create_alias",
        ref="AliasArn",
        attributes={"AliasArn": "AliasArn"},
        delete="delete_alias",
        delete_by={"FunctionName": "{p[FunctionName]}", "Name": "{p[Name]}"},
        update="update_alias",
        update_by={"FunctionName": "{p[FunctionName]}", "Name": "{p[Name]}"},
        create_only=["FunctionName", "Name"],
        tags=None,
    ),
    row(
        "AWS::Lambda::Url",
        "lambda",
        "create_function_url_config",
        renames={"TargetFunctionArn": "FunctionName"},
        ref="FunctionArn",
        attributes={"FunctionUrl": "FunctionUrl", "FunctionArn": "FunctionArn"},
        delete="delete_function_url_config",
        delete_by={"FunctionName": "{p[TargetFunctionArn]}"},
        update="update_function_url_config",
        update_by={"FunctionName": "{p[TargetFunctionArn]}"},
        create_only=["TargetFunctionArn", "Qualifier"],
        tags=None,
    ),
)
