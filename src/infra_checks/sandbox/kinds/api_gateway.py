"""AWS::ApiGateway."""

from __future__ import annotations

from typing import Any, Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.refusal import CannotMakeError
from infra_checks.sandbox.rows import record, retag, row
from infra_checks.sandbox.shapes import as_text


def _make_api(making: Making) -> Made:
    renames = {"ApiKeySourceType": "apiKeySource"}
    name = {} if "Name" in making.properties else {"name": making.name("", limit=64)}
    answer = making.send("apigateway", "create_rest_api", renames=renames, **name)
    identity = answer["id"]
    roots = making.api("apigateway").get_resources(restApiId=identity)["items"]
    root = next(each["id"] for each in roots if each["path"] == "/")
    arn = f"arn:{making.place.partition}:apigateway:{making.place.region}::/restapis/{identity}"
    return Made("AWS::ApiGateway::RestApi", identity, {"RestApiId": identity, "RootResourceId": root, "Arn": arn})


_PATCHED: Final = {
    "ApiKeySourceType": "/apiKeySource",
    "Description": "/description",
    "DisableExecuteApiEndpoint": "/disableExecuteApiEndpoint",
    "MinimumCompressionSize": "/minimumCompressionSize",
    "Name": "/name",
    "Policy": "/policy",
}


def _configure_api(making: Making, made: Made) -> None:
    if making.before is None:
        return
    operations = [
        {"op": "replace", "path": path, "value": as_text(making.get(prop, ""))}
        for prop, path in _PATCHED.items()
        if making.changed(prop)
    ]
    if operations:
        making.api("apigateway").update_rest_api(restApiId=made.ref, patchOperations=operations)
    if making.changed("Tags"):
        retag(making, "apigateway", made.arn)


def _delete_api(making: Making, made: Made) -> None:
    making.api("apigateway").delete_rest_api(restApiId=made.ref)


_METHOD: Final = (
    "ApiKeyRequired",
    "AuthorizationScopes",
    "AuthorizationType",
    "AuthorizerId",
    "OperationName",
    "RequestModels",
    "RequestParameters",
    "RequestValidatorId",
)


def _of_method(making: Making) -> dict[str, Any]:
    return {
        "restApiId": making.need("RestApiId"),
        "resourceId": making.need("ResourceId"),
        "httpMethod": making.need("HttpMethod"),
    }


def _make_method(making: Making) -> Made:
    by = _of_method(making)
    given: dict[str, Any] = {} if "AuthorizationType" in making.properties else {"authorizationType": "NONE"}
    making.send("apigateway", "put_method", only=_METHOD, **by, **given)
    return Made("AWS::ApiGateway::Method", "-".join(by.values()), {})


def _configure_method(making: Making, _made: Made) -> None:
    if making.before is not None:
        making.send("apigateway", "put_method", only=_METHOD, **_of_method(making))
        making.changed(*_METHOD)
    if making.changed("MethodResponses"):
        for response in making.get("MethodResponses") or []:
            _sub_send(making, "put_method_response", response)
    if making.changed("Integration"):
        _put_integration(making, making.get("Integration"))


def _put_integration(making: Making, integration: dict[str, Any] | None) -> None:
    if integration is None:
        making.remove("apigateway", "delete_integration", **_of_method(making))
        return
    kept = {key: value for key, value in integration.items() if key != "IntegrationResponses"}
    _sub_send(making, "put_integration", kept)
    for response in integration.get("IntegrationResponses") or []:
        _sub_send(making, "put_integration_response", response)


def _sub_send(making: Making, operation: str, properties: dict[str, Any]) -> None:
    """Send properties of a part of the method, all of which must be taken."""
    part = making.part(properties)
    part.send("apigateway", operation, **_of_method(making))
    part.check_all_taken()


def _delete_method(making: Making, _made: Made) -> None:
    making.api("apigateway").delete_method(**_of_method(making))


def _make_deployment(making: Making) -> Made:
    if "StageDescription" in making.properties:
        raise CannotMakeError("the sandbox cannot give StageDescription; use an AWS::ApiGateway::Stage")
    answer = making.send("apigateway", "create_deployment")
    return Made("AWS::ApiGateway::Deployment", answer["id"], {"DeploymentId": answer["id"]})


def _delete_deployment(making: Making, made: Made) -> None:
    making.api("apigateway").delete_deployment(restApiId=making.need("RestApiId"), deploymentId=made.ref)


def _make_stage(making: Making) -> Made:
    only = (
        "CacheClusterEnabled",
        "CacheClusterSize",
        "CanarySetting",
        "DeploymentId",
        "Description",
        "DocumentationVersion",
        "RestApiId",
        "StageName",
        "Tags",
        "Variables",
    )
    renames = {"TracingEnabled": "tracingEnabled", "CanarySetting": "canarySettings"}
    making.send("apigateway", "create_stage", only=(*only, "TracingEnabled"), renames=renames)
    name = making.properties["StageName"]
    api = making.properties["RestApiId"]
    arn = f"arn:{making.place.partition}:apigateway:{making.place.region}::/restapis/{api}/stages/{name}"
    return Made("AWS::ApiGateway::Stage", name, {"Arn": arn})


_SETTINGS: Final = {
    "CacheDataEncrypted": "caching/dataEncrypted",
    "CacheTtlInSeconds": "caching/ttlInSeconds",
    "CachingEnabled": "caching/enabled",
    "DataTraceEnabled": "logging/dataTrace",
    "LoggingLevel": "logging/loglevel",
    "MetricsEnabled": "metrics/enabled",
    "ThrottlingBurstLimit": "throttling/burstLimit",
    "ThrottlingRateLimit": "throttling/rateLimit",
}


def _configure_stage(making: Making, made: Made) -> None:
    operations: list[dict[str, str]] = []
    if making.changed("AccessLogSetting"):
        setting = making.get("AccessLogSetting") or {}
        for key, path in (("DestinationArn", "destinationArn"), ("Format", "format")):
            operations.append(_replace(f"/accessLogSettings/{path}", setting.get(key, "")))
    if making.changed("MethodSettings"):
        operations += _method_settings(making.get("MethodSettings") or [])
    if making.changed("ClientCertificateId"):
        operations.append(_replace("/clientCertificateId", making.get("ClientCertificateId", "")))
    if making.before is not None:
        for prop, path in _STAGE.items():
            if making.changed(prop):
                operations.append(_replace(path, making.get(prop, "")))
    if operations:
        making.api("apigateway").update_stage(
            restApiId=making.need("RestApiId"), stageName=made.ref, patchOperations=operations
        )
    if making.before is not None and making.changed("Tags"):
        retag(making, "apigateway", made.arn)


_STAGE: Final = {
    "DeploymentId": "/deploymentId",
    "Description": "/description",
    "TracingEnabled": "/tracingEnabled",
    "CacheClusterEnabled": "/cacheClusterEnabled",
    "CacheClusterSize": "/cacheClusterSize",
}


def _replace(path: str, value: object) -> dict[str, str]:
    return {"op": "replace", "path": path, "value": as_text(value)}


def _method_settings(settings: list[dict[str, Any]]) -> list[dict[str, str]]:
    operations = []
    for setting in settings:
        path = as_text(setting.get("ResourcePath", "/*"))
        path = path.lstrip("/").replace("/", "~1") if path != "/*" else "*"
        method = setting.get("HttpMethod", "*")
        for key, value in setting.items():
            if key in {"ResourcePath", "HttpMethod"}:
                continue
            if key not in _SETTINGS:
                raise CannotMakeError(f"the sandbox cannot give MethodSettings.{key}")
            operations.append(_replace(f"/{path}/{method}/{_SETTINGS[key]}", value))
    return operations


def _delete_stage(making: Making, made: Made) -> None:
    making.api("apigateway").delete_stage(restApiId=making.need("RestApiId"), stageName=made.ref)


def _make_account(making: Making) -> Made:
    return Made("AWS::ApiGateway::Account", making.name("", limit=64), {"Id": making.logical_id})


def _configure_account(making: Making, _made: Made) -> None:
    if making.changed("CloudWatchRoleArn"):
        operation = _replace("/cloudwatchRoleArn", making.get("CloudWatchRoleArn", ""))
        making.api("apigateway").update_account(patchOperations=[operation])


def _delete_account(_making: Making, _made: Made) -> None:
    """AWS leaves the setting as it is."""


def _make_response(making: Making) -> Made:
    making.send("apigateway", "put_gateway_response")
    api, kind = making.properties["RestApiId"], making.properties["ResponseType"]
    return Made("AWS::ApiGateway::GatewayResponse", f"{api}|{kind}", {"Id": kind})


def _configure_response(making: Making, _made: Made) -> None:
    if making.before is not None:
        making.send("apigateway", "put_gateway_response")
        making.changed(*making.before)


def _delete_response(making: Making, _made: Made) -> None:
    making.api("apigateway").delete_gateway_response(
        restApiId=making.need("RestApiId"), responseType=making.need("ResponseType")
    )


_IN_API: Final = {"restApiId": "{p[RestApiId]}"}

KINDS: Final = (
    Kind("AWS::ApiGateway::RestApi", _make_api, _delete_api, _configure_api),
    Kind(
        "AWS::ApiGateway::Method",
        _make_method,
        _delete_method,
        _configure_method,
        frozenset({"HttpMethod", "ResourceId", "RestApiId"}),
        None,
    ),
    Kind(
        "AWS::ApiGateway::Deployment",
        _make_deployment,
        _delete_deployment,
        create_only=frozenset({"DeploymentCanarySettings", "RestApiId"}),
        tags=None,
    ),
    Kind(
        "AWS::ApiGateway::Stage",
        _make_stage,
        _delete_stage,
        _configure_stage,
        frozenset({"RestApiId", "StageName"}),
    ),
    Kind("AWS::ApiGateway::Account", _make_account, _delete_account, _configure_account, tags=None),
    Kind(
        "AWS::ApiGateway::GatewayResponse",
        _make_response,
        _delete_response,
        _configure_response,
        frozenset({"ResponseType", "RestApiId"}),
        None,
    ),
    record("AWS::ApiGateway::ClientCertificate", ref="{r[short]}", attributes={"ClientCertificateId": "{ref}"}),
    row(
        "AWS::ApiGateway::Resource",
        "apigateway",
        "create_resource",
        ref="id",
        attributes={"ResourceId": "id"},
        delete="delete_resource",
        delete_by={**_IN_API, "resourceId": "{ref}"},
        create_only=["ParentId", "PathPart", "RestApiId"],
        tags=None,
    ),
    row(
        "AWS::ApiGateway::RequestValidator",
        "apigateway",
        "create_request_validator",
        ref="id",
        attributes={"RequestValidatorId": "id"},
        delete="delete_request_validator",
        delete_by={**_IN_API, "requestValidatorId": "{ref}"},
        create_only=["Name", "RestApiId"],
        tags=None,
    ),
    row(
        "AWS::ApiGateway::Model",
        "apigateway",
        "create_model",
        name=("Name", "name", 64),
        ref="{p[Name]}",
        delete="delete_model",
        delete_by={**_IN_API, "modelName": "{ref}"},
        create_only=["ContentType", "Name", "RestApiId"],
        tags=None,
    ),
    row(
        "AWS::ApiGateway::Authorizer",
        "apigateway",
        "create_authorizer",
        ref="id",
        attributes={"AuthorizerId": "id"},
        delete="delete_authorizer",
        delete_by={**_IN_API, "authorizerId": "{ref}"},
        create_only=["RestApiId"],
        tags=None,
    ),
    row(
        "AWS::ApiGateway::UsagePlan",
        "apigateway",
        "create_usage_plan",
        renames={"UsagePlanName": "name"},
        ref="id",
        attributes={"Id": "id"},
        delete="delete_usage_plan",
        delete_by={"usagePlanId": "{ref}"},
        tag_id="arn:{partition}:apigateway:{region}::/usageplans/{ref}",
    ),
    row(
        "AWS::ApiGateway::ApiKey",
        "apigateway",
        "create_api_key",
        ref="id",
        attributes={"APIKeyId": "id"},
        delete="delete_api_key",
        delete_by={"apiKey": "{ref}"},
        create_only=["GenerateDistinctId", "Name", "Value"],
        tag_id="arn:{partition}:apigateway:{region}::/apikeys/{ref}",
    ),
    row(
        "AWS::ApiGateway::UsagePlanKey",
        "apigateway",
        "create_usage_plan_key",
        ref="id",
        attributes={"Id": "id"},
        delete="delete_usage_plan_key",
        delete_by={"usagePlanId": "{p[UsagePlanId]}", "keyId": "{ref}"},
        create_only=["KeyId", "KeyType", "UsagePlanId"],
        tags=None,
    ),
)
