"""AWS::Serverless::Api and AWS::Serverless::HttpApi: the API, its stage, and what else SAM generates.

AWS: "CloudFormation resources generated when AWS::Serverless::Api is specified", and the same of HttpApi. The paths of
an API that functions add to are not put together here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.template.nodes import Mapping, Scalar
from infra_checks.template.serverless.locations import s3_location
from infra_checks.template.serverless.making import (
    Content,
    Entry,
    Ref,
    entry_of,
    made,
    made_mapping,
    mapping_of,
    text_of,
    unexpanded,
)
from infra_checks.template.serverless.source import tag_list

if TYPE_CHECKING:
    from collections.abc import Sequence as SequenceType

    from infra_checks.template.serverless.event import Event
    from infra_checks.template.serverless.source import Generated, Renames, Source

_STAGE: Final = (
    *("AccessLogSetting", "CacheClusterEnabled", "CacheClusterSize", "CanarySetting", "MethodSettings", "StageName"),
    *("TracingEnabled", "Variables"),
)
_REST: Final = (
    *("ApiKeySourceType", "BinaryMediaTypes", "Description", "FailOnWarnings", "MinimumCompressionSize", "Mode"),
    *("Name", "Policy"),
)
_VALIDATORS: Final = "x-amazon-apigateway-request-validators"
_MADE: Final = ("components", "paths", "security", "securityDefinitions", "x-amazon-apigateway-policy")
"""What SAM changes in a definition by events, Auth, Cors and the like."""


def expand_api(source: Source, generated: Generated) -> None:
    """Add what SAM generates from a REST API."""
    api, events = source.logical_id, generated.events_of(source.logical_id)
    properties = source.take_all(_REST)
    properties |= _definition(source, events)
    properties["EndpointConfiguration"] = _endpoint(source.take("EndpointConfiguration"))
    renames: Renames = {
        ("Body",): ("DefinitionBody",),
        ("BodyS3Location",): ("DefinitionUri",),
        ("EndpointConfiguration", "Types", 0): ("EndpointConfiguration", "Type"),
        ("EndpointConfiguration", "Types"): ("EndpointConfiguration", "Type"),
    }
    version = source.take("OpenApiVersion")
    generated.add(source, "AWS::ApiGateway::RestApi", properties, renames=renames)
    deployment: dict[str, Content] = {"RestApiId": Ref(api), "StageName": None if version else "Stage"}
    made_deployment = generated.add(
        source,
        "AWS::ApiGateway::Deployment",
        deployment,
        suffix="Deployment",
        wholes={(): ("OpenApiVersion",)},
        note="SAM adds a stage that is named Stage, unless the API has an OpenApiVersion",
    )
    content = source.take_all(_STAGE)
    name = text_of(_entry(content["StageName"])) or ""
    suffix = f"{name if name.isalnum() else ''}Stage"
    content |= {"RestApiId": Ref(api), "DeploymentId": Ref(made_deployment), "Tags": tag_list(source.take("Tags"))}
    stage = generated.add(source, "AWS::ApiGateway::Stage", content, suffix=suffix)
    generated.names |= {f"{api}.Stage": stage, f"{api}.Deployment": made_deployment}
    _add_plan(source, generated, stage)
    source.pass_over("AlwaysDeploy", "MergeDefinitions")
    _add_domain(source, generated)


def _entry(content: Content) -> Entry | None:
    return content if isinstance(content, Entry) else None


def _definition(source: Source, events: SequenceType[Event]) -> dict[str, Content]:
    """The definition of an API: one in S3, or one in the template to which SAM adds."""
    body, uri = source.take("DefinitionBody"), source.take("DefinitionUri")
    if uri is not None:
        return {"BodyS3Location": Entry(made(dict(s3_location(uri, ("Bucket", "Key", "Version"))), uri.key), uri.key)}
    if body is not None and not isinstance(body.node, Mapping):
        return {"Body": body}
    given = mapping_of(body)
    place = body.key if body is not None else source.place
    content: dict[str, Content] = {} if given is None else {name: entry_of(given, name) for name in given.entries}
    if events or given is None or any(entry_of(source.properties, name) for name in ("Auth", "Cors", "Models")):
        what = body or Entry(Scalar("", "", place.start, place.end), place)
        content |= dict.fromkeys(_MADE, unexpanded("SAM puts it together from what the template says elsewhere", what))
    if any(_validates(event) for event in events):
        content.setdefault(_VALIDATORS, {})
    return {"Body": made_mapping(content, place)}


def _validates(event: Event) -> bool:
    """Whether a method of the API has its requests validated."""
    model = mapping_of(event.get("RequestModel"))
    if model is None:
        return False
    names = ("ValidateBody", "ValidateParameters")
    return any((text_of(entry_of(model, name)) or "false").lower() != "false" for name in names)


def _endpoint(given: Entry | None) -> Content:
    """EndpointConfiguration, whose type is a text of its own or one of its properties."""
    config = mapping_of(given)
    if given is None:
        return None
    if config is None:
        kind: Entry | None = given
        others: dict[str, Content] = {}
    else:
        kind = entry_of(config, "Type")
        others = {
            "VpcEndpointIds": entry_of(config, "VPCEndpointIds"),
            "IpAddressType": entry_of(config, "IpAddressType"),
        }
    types: Content = None if kind is None else Entry(made([kind], kind.key), kind.key)
    return Entry(made_mapping({"Types": types, **others}, given.key), given.key)


_SHARED_PLAN: Final = "ServerlessUsagePlan"


def _add_plan(source: Source, generated: Generated, stage: str) -> None:
    """The usage plan that Auth asks for."""
    whole_auth = source.take("Auth")
    auth = mapping_of(whole_auth)
    if whole_auth is not None and (auth is None or set(auth.entries) != {"UsagePlan"}):
        source.leave("Auth", whole_auth.node)
        source.unjudged.append("Auth")
    given = entry_of(auth, "UsagePlan") if auth is not None else None
    plan = mapping_of(given)
    if given is None or plan is None:
        return
    kind = generated.text(entry_of(plan, "CreateUsagePlan"))
    if kind not in {"PER_API", "SHARED"}:
        return
    row: Content = {"ApiId": Ref(source.logical_id), "Stage": Ref(stage)}
    name = _SHARED_PLAN if kind == "SHARED" else f"{source.logical_id}UsagePlan"
    if name in generated.resources:
        generated.amend(name, ("ApiStages",), given.key, [made(row, given.key)])
        return
    content: dict[str, Content] = {each: entry_of(plan, each) for each in ("Description", "Quota", "Throttle")}
    content |= {"ApiStages": [row], "UsagePlanName": entry_of(plan, "UsagePlanName"), "Tags": entry_of(plan, "Tags")}
    whole: Renames = {(): ("Auth", "UsagePlan")}
    generated.add(source, "AWS::ApiGateway::UsagePlan", content, name=name, renames=whole, place=given.key)
    key: dict[str, Content] = {
        "Enabled": True,
        "StageKeys": [{"RestApiId": Ref(source.logical_id), "StageName": Ref(stage)}],
    }
    key_name = "ServerlessApiKey" if kind == "SHARED" else f"{source.logical_id}ApiKey"
    generated.add(source, "AWS::ApiGateway::ApiKey", key, name=key_name, wholes=whole, place=given.key)


def _add_domain(source: Source, generated: Generated) -> None:
    """The domain name of a REST API."""
    given = source.take("Domain")
    domain = mapping_of(given)
    if given is None or domain is None:
        return
    source.leave("Domain", given.node)
    kind = entry_of(domain, "EndpointConfiguration")
    is_edge = generated.text(kind) == "EDGE"
    same = ("DomainName", "MutualTlsAuthentication", "OwnershipVerificationCertificateArn", "SecurityPolicy")
    content: dict[str, Content] = {name: entry_of(domain, name) for name in same}
    content["CertificateArn" if is_edge else "RegionalCertificateArn"] = entry_of(domain, "CertificateArn")
    content["EndpointConfiguration"] = {"Types": [kind or "REGIONAL"]}
    renames: Renames = {(): ("Domain",), ("RegionalCertificateArn",): ("Domain", "CertificateArn")}
    generated.add(source, "AWS::ApiGateway::DomainName", content, suffix="DomainName", renames=renames, place=given.key)


_HTTP_STAGE: Final = ("AccessLogSettings", "DefaultRouteSettings", "RouteSettings", "StageVariables")
_DEFAULT_STAGE: Final = "$default"


def expand_http_api(source: Source, generated: Generated) -> None:
    """Add what SAM generates from an HTTP API."""
    api, events = source.logical_id, generated.events_of(source.logical_id)
    properties = source.take_all(("Description", "DisableExecuteApiEndpoint", "FailOnWarnings", "Name"))
    properties |= _definition(source, events)
    renames: Renames = {("Body",): ("DefinitionBody",), ("BodyS3Location",): ("DefinitionUri",)}
    # SAM writes the tags of the API into its definition; the property says the same.
    tags = _tags(source.take("Tags"), source.place) if "Body" in properties else None
    generated.add(source, "AWS::ApiGatewayV2::Api", {**properties, "Tags": tags}, renames=renames)
    content = source.take_all(_HTTP_STAGE)
    given = source.take("StageName")
    name = generated.text(given) or ""
    suffix = "ApiGatewayDefaultStage" if given is None else f"{name if name.isalnum() else ''}Stage"
    content |= {
        "ApiId": Ref(api),
        "AutoDeploy": True,
        "StageName": given or _DEFAULT_STAGE,
        "Tags": tags,
    }
    stage = generated.add(source, "AWS::ApiGatewayV2::Stage", content, suffix=suffix)
    generated.names[f"{api}.Stage"] = stage
    _add_http_domain(source, generated)


def _tags(given: Entry | None, place: Scalar) -> Content:
    """The tags of an HTTP API with the one that SAM adds."""
    tags = mapping_of(given)
    if given is not None and tags is None:
        return unexpanded("its tags are not written as a mapping", given)
    own: dict[str, Content] = {} if tags is None else {name: entry_of(tags, name) for name in tags.entries}
    key = given.key if given is not None else place
    return Entry(made_mapping({**own, "httpapi:createdBy": "SAM"}, key), key)


def _add_http_domain(source: Source, generated: Generated) -> None:
    """The domain name of an HTTP API."""
    given = source.take("Domain")
    domain = mapping_of(given)
    if given is None or domain is None:
        return
    source.leave("Domain", given.node)
    names = ("CertificateArn", "OwnershipVerificationCertificateArn", "SecurityPolicy")
    config: dict[str, Content] = {name: entry_of(domain, name) for name in names}
    config["EndpointType"] = entry_of(domain, "EndpointConfiguration") or "REGIONAL"
    content: dict[str, Content] = {
        "DomainName": entry_of(domain, "DomainName"),
        "DomainNameConfigurations": [config],
        "MutualTlsAuthentication": entry_of(domain, "MutualTlsAuthentication"),
    }
    renames: Renames = {(): ("Domain",), ("DomainNameConfigurations", 0): ("Domain",)}
    generated.add(
        source, "AWS::ApiGatewayV2::DomainName", content, suffix="DomainName", renames=renames, place=given.key
    )
