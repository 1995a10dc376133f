"""AWS::ApiGateway, by the Amazon API Gateway REST API reference; most ids are known only with their API's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import capitalized, document, from_answer, renamed, stated, tags_of_map

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.live.reading import Answer, Asking, Plain, Read

_METHOD_SETTINGS: Final = {
    "CacheDataEncrypted": "cacheDataEncrypted",
    "CacheTtlInSeconds": "cacheTtlInSeconds",
    "CachingEnabled": "cachingEnabled",
    "DataTraceEnabled": "dataTraceEnabled",
    "LoggingLevel": "loggingLevel",
    "MetricsEnabled": "metricsEnabled",
    "ThrottlingBurstLimit": "throttlingBurstLimit",
    "ThrottlingRateLimit": "throttlingRateLimit",
}
_INTEGRATION: Final = {
    "CacheKeyParameters": "cacheKeyParameters",
    "CacheNamespace": "cacheNamespace",
    "ConnectionId": "connectionId",
    "ConnectionType": "connectionType",
    "ContentHandling": "contentHandling",
    "Credentials": "credentials",
    "IntegrationHttpMethod": "httpMethod",
    "PassthroughBehavior": "passthroughBehavior",
    "RequestParameters": "requestParameters",
    "RequestTemplates": "requestTemplates",
    "ResponseTransferMode": "responseTransferMode",
    "TimeoutInMillis": "timeoutInMillis",
    "Type": "type",
    "Uri": "uri",
}
_OF_BODY: Final = ("Body", "BodyS3Location", "CloneFrom", "FailOnWarnings", "Mode", "Parameters")


def _api_of(asking: Asking) -> dict[str, str] | Unread:
    """The API's id, which only the template tells."""
    api = asking.declared.get("RestApiId")
    return {"restApiId": api} if isinstance(api, str) else Unread(f"the API of {asking.physical_id} is not known")


@reader("AWS::ApiGateway::RestApi", "apigateway:get_rest_api", unreturned=_OF_BODY)
def rest_api(asking: Asking) -> Read:
    """AWS: API_GetRestApi.html."""
    answer = asking.ask("apigateway", "get_rest_api", restApiId=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    policy = answer.get("policy")
    return {
        **renamed(
            answer,
            ApiKeySourceType="apiKeySource",
            BinaryMediaTypes="binaryMediaTypes",
            Description="description",
            DisableExecuteApiEndpoint="disableExecuteApiEndpoint",
            EndpointAccessMode="endpointAccessMode",
            MinimumCompressionSize="minimumCompressionSize",
            Name="name",
            RestApiId="id",
            RootResourceId="rootResourceId",
            SecurityPolicy="securityPolicy",
        ),
        **stated(
            EndpointConfiguration=_endpoint(answer.get("endpointConfiguration") or {}),
            # The answer has a policy as JSON whose quotes are escaped once more.
            Policy=document(policy.replace('\\"', '"')) if policy else None,
            Tags=tags_of_map(answer.get("tags") or {}),
        ),
    }


def _endpoint(found: Answer) -> dict[str, Plain]:
    return renamed(found, IpAddressType="ipAddressType", Types="types", VpcEndpointIds="vpcEndpointIds")


@reader("AWS::ApiGateway::Stage", "apigateway:get_stage")
def stage(asking: Asking) -> Read:
    """AWS: API_GetStage.html; the physical id is the stage's name."""
    by = _api_of(asking)
    answer = by if isinstance(by, Unread) else asking.ask("apigateway", "get_stage", stageName=asking.physical_id, **by)
    if isinstance(answer, Unread) or isinstance(by, Unread):
        return answer
    logged = renamed(answer.get("accessLogSettings") or {}, DestinationArn="destinationArn", Format="format")
    return {
        **renamed(
            answer,
            CacheClusterEnabled="cacheClusterEnabled",
            CacheClusterSize="cacheClusterSize",
            ClientCertificateId="clientCertificateId",
            DeploymentId="deploymentId",
            Description="description",
            DocumentationVersion="documentationVersion",
            StageName="stageName",
            TracingEnabled="tracingEnabled",
            Variables="variables",
        ),
        "RestApiId": by["restApiId"],
        **stated(
            AccessLogSetting=logged,
            CanarySetting=capitalized(answer.get("canarySettings")),
            MethodSettings=_method_settings(answer.get("methodSettings") or {}),
            Tags=tags_of_map(answer.get("tags") or {}),
        ),
    }


def _method_settings(found: Mapping[str, Answer]) -> list[Plain]:
    """Keys are `resource path/method`, with `~1` for a slash within the path (RFC 6901), `*` and `*` for all."""
    settings = []
    for key, each in sorted(found.items()):
        path, _, method = key.rpartition("/")
        resource = "/" + path.replace("~1", "/").lstrip("/") if path else "/"
        settings.append({"HttpMethod": method, "ResourcePath": resource, **renamed(each, **_METHOD_SETTINGS)})
    return settings


@reader("AWS::ApiGateway::Resource", "apigateway:get_resource")
def resource(asking: Asking) -> Read:
    """AWS: API_GetResource.html."""
    by = _api_of(asking)
    answer = (
        by if isinstance(by, Unread) else asking.ask("apigateway", "get_resource", resourceId=asking.physical_id, **by)
    )
    if isinstance(answer, Unread) or isinstance(by, Unread):
        return answer
    return {
        **renamed(answer, ParentId="parentId", PathPart="pathPart", ResourceId="id"),
        "RestApiId": by["restApiId"],
    }


@reader("AWS::ApiGateway::Method", "apigateway:get_method")
def method(asking: Asking) -> Read:
    """AWS: API_GetMethod.html; API, resource and verb are known from the template only."""
    by = _api_of(asking)
    verb, parent = asking.declared.get("HttpMethod"), asking.declared.get("ResourceId")
    if isinstance(by, Unread):
        return by
    if not isinstance(verb, str) or not isinstance(parent, str):
        return Unread(f"the verb and resource of {asking.physical_id} are not known")
    answer = asking.ask("apigateway", "get_method", resourceId=parent, httpMethod=verb, **by)
    if isinstance(answer, Unread):
        return answer
    return {
        **renamed(
            answer,
            ApiKeyRequired="apiKeyRequired",
            AuthorizationScopes="authorizationScopes",
            AuthorizationType="authorizationType",
            AuthorizerId="authorizerId",
            HttpMethod="httpMethod",
            OperationName="operationName",
            RequestModels="requestModels",
            RequestParameters="requestParameters",
            RequestValidatorId="requestValidatorId",
        ),
        "ResourceId": parent,
        "RestApiId": by["restApiId"],
        **stated(
            Integration=_integration(answer.get("methodIntegration") or {}),
            MethodResponses=_responses(answer.get("methodResponses") or {}),
        ),
    }


def _integration(found: Answer) -> dict[str, Plain]:
    responses = [
        renamed(
            each,
            ContentHandling="contentHandling",
            ResponseParameters="responseParameters",
            ResponseTemplates="responseTemplates",
            SelectionPattern="selectionPattern",
            StatusCode="statusCode",
        )
        for _, each in sorted((found.get("integrationResponses") or {}).items())
    ]
    return {**renamed(found, **_INTEGRATION), **stated(IntegrationResponses=responses)}


def _responses(found: Mapping[str, Answer]) -> list[Plain]:
    names = {"ResponseModels": "responseModels", "ResponseParameters": "responseParameters", "StatusCode": "statusCode"}
    return [renamed(each, **names) for _, each in sorted(found.items())]


@reader(
    "AWS::ApiGateway::Deployment",
    "apigateway:get_deployment",
    unreturned=("DeploymentCanarySettings", "StageDescription", "StageName"),
)
def deployment(asking: Asking) -> Read:
    """AWS: API_GetDeployment.html."""
    by = _api_of(asking)
    answer = (
        by
        if isinstance(by, Unread)
        else asking.ask("apigateway", "get_deployment", deploymentId=asking.physical_id, **by)
    )
    if isinstance(answer, Unread) or isinstance(by, Unread):
        return answer
    return {**renamed(answer, DeploymentId="id", Description="description"), "RestApiId": by["restApiId"]}


@reader("AWS::ApiGateway::Model", "apigateway:get_model")
def model(asking: Asking) -> Read:
    """AWS: API_GetModel.html; the physical id is the model's name."""
    by = _api_of(asking)
    answer = by if isinstance(by, Unread) else asking.ask("apigateway", "get_model", modelName=asking.physical_id, **by)
    if isinstance(answer, Unread) or isinstance(by, Unread):
        return answer
    schema = answer.get("schema")
    return {
        **renamed(answer, ContentType="contentType", Description="description", Name="name"),
        "RestApiId": by["restApiId"],
        **stated(Schema=document(schema) if schema else None),
    }


@reader("AWS::ApiGateway::RequestValidator", "apigateway:get_request_validator")
def request_validator(asking: Asking) -> Read:
    """AWS: API_GetRequestValidator.html."""
    by = _api_of(asking)
    answer = (
        by
        if isinstance(by, Unread)
        else asking.ask("apigateway", "get_request_validator", requestValidatorId=asking.physical_id, **by)
    )
    if isinstance(answer, Unread) or isinstance(by, Unread):
        return answer
    return {
        **renamed(
            answer,
            Name="name",
            RequestValidatorId="id",
            ValidateRequestBody="validateRequestBody",
            ValidateRequestParameters="validateRequestParameters",
        ),
        "RestApiId": by["restApiId"],
    }


@reader("AWS::ApiGateway::GatewayResponse", "apigateway:get_gateway_response")
def gateway_response(asking: Asking) -> Read:
    """AWS: API_GetGatewayResponse.html; which response it is is known from the template."""
    by = _api_of(asking)
    kind = asking.declared.get("ResponseType")
    if isinstance(by, Unread):
        return by
    if not isinstance(kind, str):
        return Unread(f"the type of the gateway response {asking.physical_id} is not known")
    answer = asking.ask("apigateway", "get_gateway_response", responseType=kind, **by)
    if isinstance(answer, Unread):
        return answer
    return {
        **renamed(
            answer,
            ResponseParameters="responseParameters",
            ResponseTemplates="responseTemplates",
            ResponseType="responseType",
            StatusCode="statusCode",
        ),
        "RestApiId": by["restApiId"],
    }


@reader("AWS::ApiGateway::Account", "apigateway:get_account")
def account(asking: Asking) -> Read:
    """AWS: API_GetAccount.html: one for each account and region."""
    answer = asking.ask("apigateway", "get_account")
    return answer if isinstance(answer, Unread) else renamed(answer, CloudWatchRoleArn="cloudwatchRoleArn")


@reader("AWS::ApiGateway::Authorizer", "apigateway:get_authorizer")
def authorizer(asking: Asking) -> Read:
    """AWS: API_GetAuthorizer.html."""
    by = _api_of(asking)
    answer = (
        by
        if isinstance(by, Unread)
        else asking.ask("apigateway", "get_authorizer", authorizerId=asking.physical_id, **by)
    )
    if isinstance(answer, Unread) or isinstance(by, Unread):
        return answer
    return {
        **renamed(
            answer,
            AuthType="authType",
            AuthorizerCredentials="authorizerCredentials",
            AuthorizerId="id",
            AuthorizerResultTtlInSeconds="authorizerResultTtlInSeconds",
            AuthorizerUri="authorizerUri",
            IdentitySource="identitySource",
            IdentityValidationExpression="identityValidationExpression",
            Name="name",
            ProviderARNs="providerARNs",
            Type="type",
        ),
        "RestApiId": by["restApiId"],
    }


@reader("AWS::ApiGateway::ApiKey", "apigateway:get_api_key", unreturned=("GenerateDistinctId", "Value"))
def api_key(asking: Asking) -> Read:
    """AWS: API_GetApiKey.html; the key's value is a secret and not asked for."""
    answer = asking.ask("apigateway", "get_api_key", apiKey=asking.physical_id, includeValue=False)
    if isinstance(answer, Unread):
        return answer
    keys = [_stage_key(each) for each in answer.get("stageKeys") or []]
    return {
        **renamed(
            answer, APIKeyId="id", CustomerId="customerId", Description="description", Enabled="enabled", Name="name"
        ),
        **stated(StageKeys=keys, Tags=tags_of_map(answer.get("tags") or {})),
    }


def _stage_key(text: str) -> dict[str, str]:
    """`api/stage`, as the answer has it."""
    api, _, name = text.partition("/")
    return {"RestApiId": api, "StageName": name}


@reader("AWS::ApiGateway::UsagePlan", "apigateway:get_usage_plan")
def usage_plan(asking: Asking) -> Read:
    """AWS: API_GetUsagePlan.html."""
    answer = asking.ask("apigateway", "get_usage_plan", usagePlanId=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    stages = [_plan_stage(each) for each in answer.get("apiStages") or []]
    return {
        **renamed(answer, Description="description", Id="id", UsagePlanName="name"),
        **stated(
            ApiStages=stages,
            Quota=capitalized(answer.get("quota")),
            Throttle=capitalized(answer.get("throttle")),
            Tags=tags_of_map(answer.get("tags") or {}),
        ),
    }


def _plan_stage(found: Mapping[str, Any]) -> dict[str, Plain]:
    throttle = {path: capitalized(each) for path, each in (found.get("throttle") or {}).items()}
    return {**renamed(found, ApiId="apiId", Stage="stage"), **stated(Throttle=throttle)}


@reader("AWS::ApiGateway::UsagePlanKey", "apigateway:get_usage_plan_key")
def usage_plan_key(asking: Asking) -> Read:
    """AWS: API_GetUsagePlanKey.html; the plan is known from the template, the physical id is `key:plan` or the key."""
    plan = asking.declared.get("UsagePlanId")
    key = asking.declared.get("KeyId")
    if not isinstance(plan, str) or not isinstance(key, str):
        return Unread(f"the plan and key of {asking.physical_id} are not known")
    answer = asking.ask("apigateway", "get_usage_plan_key", usagePlanId=plan, keyId=key)
    found = from_answer(answer, ("KeyId", "KeyType"), lambda told: renamed(told, KeyId="id", KeyType="type"))
    return answer if isinstance(answer, Unread) else {**found, "UsagePlanId": plan}
