"""AWS::ApiGateway, by the Amazon API Gateway REST API reference.

What belongs to an API has ids that are only unique in it; the API is the template's RestApiId. A client certificate is
left to Cloud Control, which returns all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.reading import Plain, Unread, reader
from infra_checks.live.renaming import Properties, document, renamed, stated, tags_of_map
from infra_checks.live.shaping import declared_text, made_from, shaped

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_MAPS: Final = (
    "requestModels",
    "requestParameters",
    "requestTemplates",
    "responseModels",
    "responseParameters",
    "responseTemplates",
    "stageVariableOverrides",
    "variables",
)
_UNKNOWN: Final = Unread("no API tells which API or part of it this is, and the template's ids are not known")


def _ask(asking: Asking, operation: str, parts: dict[str, str | None]) -> Answer | Unread:
    """Ask for a part of an API; Unread when one of its ids is not known."""
    known = {name: part for name, part in parts.items() if part}
    return asking.ask("apigateway", operation, none=(), **known) if len(known) == len(parts) else _UNKNOWN


def _api(asking: Asking) -> str | None:
    return declared_text(asking, "RestApiId")


def _named(found: Answer, **names: str) -> Properties:
    return {name: shaped(value, maps=_MAPS) for name, value in renamed(found, **names).items()}


@reader("AWS::ApiGateway::RestApi", "apigateway:get_rest_api")
def rest_api(asking: Asking) -> Read:
    """AWS: API_RestApi.html; the policy is JSON with escaped quotes."""
    found = asking.ask("apigateway", "get_rest_api", restApiId=asking.physical_id)
    if isinstance(found, Unread):
        return found
    names = {
        "ApiKeySourceType": "apiKeySource",
        "BinaryMediaTypes": "binaryMediaTypes",
        "Description": "description",
        "DisableExecuteApiEndpoint": "disableExecuteApiEndpoint",
        "EndpointAccessMode": "endpointAccessMode",
        "MinimumCompressionSize": "minimumCompressionSize",
        "Name": "name",
        "RestApiId": "id",
        "RootResourceId": "rootResourceId",
        "SecurityPolicy": "securityPolicy",
        "Version": "version",
    }
    endpoint = found.get("endpointConfiguration") or {}
    return {
        **made_from(asking, "Body", "BodyS3Location", "CloneFrom", "FailOnWarnings", "Mode", "Parameters"),
        **_named(found, **names),
        **stated(
            EndpointConfiguration=_named(
                endpoint, IpAddressType="ipAddressType", Types="types", VpcEndpointIds="vpcEndpointIds"
            ),
            Policy=_policy(found.get("policy")),
            Tags=tags_of_map(found.get("tags") or {}),
        ),
    }


def _policy(text: str | None) -> Plain:
    if not text:
        return None
    read = document(text)
    return read if isinstance(read, dict) else document(text.replace('\\"', '"').replace("\\/", "/"))


@reader("AWS::ApiGateway::Resource", "apigateway:get_resource")
def resource(asking: Asking) -> Read:
    """AWS: API_Resource.html."""
    api = _api(asking)
    found = _ask(asking, "get_resource", {"restApiId": api, "resourceId": asking.physical_id})
    if isinstance(found, Unread):
        return found
    return {"RestApiId": api, **renamed(found, ParentId="parentId", PathPart="pathPart", ResourceId="id")}


@reader("AWS::ApiGateway::Method", "apigateway:get_method")
def method(asking: Asking) -> Read:
    """AWS: API_Method.html and API_Integration.html."""
    parts = {
        "restApiId": _api(asking),
        "resourceId": declared_text(asking, "ResourceId"),
        "httpMethod": declared_text(asking, "HttpMethod"),
    }
    found = _ask(asking, "get_method", parts)
    if isinstance(found, Unread):
        return found
    names = {
        "ApiKeyRequired": "apiKeyRequired",
        "AuthorizationScopes": "authorizationScopes",
        "AuthorizationType": "authorizationType",
        "AuthorizerId": "authorizerId",
        "HttpMethod": "httpMethod",
        "OperationName": "operationName",
        "RequestModels": "requestModels",
        "RequestParameters": "requestParameters",
        "RequestValidatorId": "requestValidatorId",
    }
    return {
        "RestApiId": parts["restApiId"],
        "ResourceId": parts["resourceId"],
        **renamed(found, **names),
        **stated(
            Integration=_integration(found.get("methodIntegration") or {}),
            MethodResponses=_by_status(found.get("methodResponses")),
        ),
    }


def _by_status(responses: Any) -> Plain:  # noqa: ANN401 - a mapping by status code
    return [shaped(each, maps=_MAPS) for _, each in sorted((responses or {}).items())]


def _integration(given: Answer) -> Properties:
    read: Properties = shaped(
        given, {"httpMethod": "IntegrationHttpMethod"}, maps=_MAPS, drop=("integrationResponses", "tlsConfig")
    )
    return read | stated(IntegrationResponses=_by_status(given.get("integrationResponses")))


@reader("AWS::ApiGateway::Stage", "apigateway:get_stage")
def stage(asking: Asking) -> Read:
    """AWS: API_Stage.html."""
    api = _api(asking)
    found = _ask(asking, "get_stage", {"restApiId": api, "stageName": asking.physical_id.rpartition("|")[2]})
    if isinstance(found, Unread):
        return found
    names = {
        "AccessLogSetting": "accessLogSettings",
        "CacheClusterEnabled": "cacheClusterEnabled",
        "CacheClusterSize": "cacheClusterSize",
        "CanarySetting": "canarySettings",
        "ClientCertificateId": "clientCertificateId",
        "DeploymentId": "deploymentId",
        "Description": "description",
        "DocumentationVersion": "documentationVersion",
        "StageName": "stageName",
        "TracingEnabled": "tracingEnabled",
    }
    return {
        "RestApiId": api,
        **_named(found, **names),
        **stated(
            MethodSettings=[_settings(key, of) for key, of in sorted((found.get("methodSettings") or {}).items())],
            Tags=tags_of_map(found.get("tags") or {}),
            Variables=found.get("variables"),
        ),
    }


_SETTINGS: Final = {
    "CacheDataEncrypted": "cacheDataEncrypted",
    "CacheTtlInSeconds": "cacheTtlInSeconds",
    "CachingEnabled": "cachingEnabled",
    "DataTraceEnabled": "dataTraceEnabled",
    "LoggingLevel": "loggingLevel",
    "MetricsEnabled": "metricsEnabled",
    "ThrottlingBurstLimit": "throttlingBurstLimit",
    "ThrottlingRateLimit": "throttlingRateLimit",
}


def _settings(key: str, given: Answer) -> Properties:
    """The key is the resource's path, in which `~1` stands for `/`, and the method; `*` is all of either."""
    path, _, verb = key.rpartition("/")
    path = "/" + path.replace("~1", "/").strip("/")
    return {"HttpMethod": verb, "ResourcePath": path, **renamed(given, **_SETTINGS)}


@reader("AWS::ApiGateway::Deployment", "apigateway:get_deployment")
def deployment(asking: Asking) -> Read:
    """AWS: API_Deployment.html; a stage that is made with it is told by no API as its own."""
    api = _api(asking)
    found = _ask(asking, "get_deployment", {"restApiId": api, "deploymentId": asking.physical_id})
    if isinstance(found, Unread):
        return found
    return {
        "RestApiId": api,
        **made_from(asking, "DeploymentCanarySettings", "StageDescription", "StageName"),
        **renamed(found, DeploymentId="id", Description="description"),
    }


@reader("AWS::ApiGateway::Model", "apigateway:get_model")
def model(asking: Asking) -> Read:
    """AWS: API_Model.html."""
    api = _api(asking)
    found = _ask(asking, "get_model", {"restApiId": api, "modelName": asking.physical_id.rpartition("|")[2]})
    if isinstance(found, Unread):
        return found
    read = renamed(found, ContentType="contentType", Description="description", Name="name")
    return {"RestApiId": api, **read, **stated(Schema=document(found["schema"]) if found.get("schema") else None)}


@reader("AWS::ApiGateway::RequestValidator", "apigateway:get_request_validator")
def request_validator(asking: Asking) -> Read:
    """AWS: API_RequestValidator.html."""
    api = _api(asking)
    found = _ask(asking, "get_request_validator", {"restApiId": api, "requestValidatorId": asking.physical_id})
    if isinstance(found, Unread):
        return found
    names = {
        "Name": "name",
        "RequestValidatorId": "id",
        "ValidateRequestBody": "validateRequestBody",
        "ValidateRequestParameters": "validateRequestParameters",
    }
    return {"RestApiId": api, **renamed(found, **names)}


@reader("AWS::ApiGateway::Authorizer", "apigateway:get_authorizer")
def authorizer(asking: Asking) -> Read:
    """AWS: API_Authorizer.html."""
    api = _api(asking)
    found = _ask(asking, "get_authorizer", {"restApiId": api, "authorizerId": asking.physical_id})
    if isinstance(found, Unread):
        return found
    names = {
        "AuthType": "authType",
        "AuthorizerCredentials": "authorizerCredentials",
        "AuthorizerId": "id",
        "AuthorizerResultTtlInSeconds": "authorizerResultTtlInSeconds",
        "AuthorizerUri": "authorizerUri",
        "IdentitySource": "identitySource",
        "IdentityValidationExpression": "identityValidationExpression",
        "Name": "name",
        "ProviderARNs": "providerARNs",
        "Type": "type",
    }
    return {"RestApiId": api, **renamed(found, **names)}


@reader("AWS::ApiGateway::GatewayResponse", "apigateway:get_gateway_response")
def gateway_response(asking: Asking) -> Read:
    """AWS: API_GatewayResponse.html; also its type is the template's."""
    api, kind = _api(asking), declared_text(asking, "ResponseType")
    found = _ask(asking, "get_gateway_response", {"restApiId": api, "responseType": kind})
    if isinstance(found, Unread):
        return found
    names = {
        "ResponseParameters": "responseParameters",
        "ResponseTemplates": "responseTemplates",
        "ResponseType": "responseType",
        "StatusCode": "statusCode",
    }
    return {"RestApiId": api, **renamed(found, **names)}


@reader("AWS::ApiGateway::Account", "apigateway:get_account")
def account(asking: Asking) -> Read:
    """AWS: API_GetAccount.html; there is one in each region."""
    found = asking.ask("apigateway", "get_account")
    return found if isinstance(found, Unread) else renamed(found, CloudWatchRoleArn="cloudwatchRoleArn")


@reader("AWS::ApiGateway::ApiKey", "apigateway:get_api_key")
def api_key(asking: Asking) -> Read:
    """AWS: API_GetApiKey.html; the key itself is not read."""
    found = asking.ask("apigateway", "get_api_key", apiKey=asking.physical_id, includeValue=False)
    if isinstance(found, Unread):
        return found
    names = {
        "APIKeyId": "id",
        "CustomerId": "customerId",
        "Description": "description",
        "Enabled": "enabled",
        "Name": "name",
    }
    stages = [each.partition("/") for each in found.get("stageKeys") or []]
    return {
        **made_from(asking, "GenerateDistinctId"),
        "Value": Unread("a secret is not read"),
        **renamed(found, **names),
        **stated(
            StageKeys=[{"RestApiId": api, "StageName": name} for api, _, name in stages],
            Tags=tags_of_map(found.get("tags") or {}),
        ),
    }


@reader("AWS::ApiGateway::UsagePlan", "apigateway:get_usage_plan")
def usage_plan(asking: Asking) -> Read:
    """AWS: API_UsagePlan.html; limits of single methods are by path."""
    found = asking.ask("apigateway", "get_usage_plan", usagePlanId=asking.physical_id)
    if isinstance(found, Unread):
        return found
    stages = [
        {
            **renamed(each, ApiId="apiId", Stage="stage"),
            **stated(Throttle={path: shaped(limits) for path, limits in (each.get("throttle") or {}).items()}),
        }
        for each in found.get("apiStages") or []
    ]
    return {
        **_named(found, Description="description", Quota="quota", Throttle="throttle", UsagePlanName="name", Id="id"),
        **stated(ApiStages=stages, Tags=tags_of_map(found.get("tags") or {})),
    }


@reader("AWS::ApiGateway::UsagePlanKey", "apigateway:get_usage_plan_key")
def usage_plan_key(asking: Asking) -> Read:
    """AWS: API_UsagePlanKey.html; the physical id is `key:plan`."""
    key, _, plan = asking.physical_id.partition(":")
    plan = declared_text(asking, "UsagePlanId") or plan
    found = _ask(asking, "get_usage_plan_key", {"usagePlanId": plan, "keyId": declared_text(asking, "KeyId") or key})
    if isinstance(found, Unread):
        return found
    return {"UsagePlanId": plan, **renamed(found, KeyId="id", KeyType="type")}
