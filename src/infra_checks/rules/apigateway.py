"""Rules on who reaches an API of API Gateway, and how: domain names, endpoints, authorisation, validation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_filled, is_set, is_true
from infra_checks.evaluate.view import EACH, as_text
from infra_checks.rules.namings import same
from infra_checks.rules.predicates import any_of, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value
    from infra_checks.evaluate.view import View

REST_API: Final = "AWS::ApiGateway::RestApi"
DOMAIN: Final = "AWS::ApiGateway::DomainName"
DOMAIN_V2: Final = "AWS::ApiGatewayV2::DomainName"
_GUIDE: Final = "https://docs.aws.amazon.com/apigateway/latest/developerguide/"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"


@rule(
    DOMAIN,
    DOMAIN_V2,
    id="apigateway-domain-name-tls-check",
    title="Domain name of an API takes TLS 1.2 or newer only",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Set `SecurityPolicy: TLS_1_2`, or a policy whose name begins with `SecurityPolicy_`.",
    source=_CONFIG + "apigateway-domain-name-tls-check.html",
    equivalents=(
        "8275fab0",
        "W62",
        "API_GW_DOMAIN_DENY_NON_TLS_TRAFFIC",
        "AWS-0005",
        "apigateway_domain_name_pqc_tls_enabled",
    ),
)
def domain_tls(domain: Resource, ctx: Context) -> Iterator[Verdict]:
    """TLS 1.0 and 1.1 have known weaknesses; the policy TLS_1_0 still takes them. A domain name of a REST API has to
    name its policy, because AWS does not document which one it gets otherwise. HTTP and WebSocket APIs take TLS 1.2
    and newer always, so that their domain names only must not ask for less.
    """
    if domain.type == DOMAIN:
        policies: tuple[Value[object], ...] = (domain.value("SecurityPolicy"),)
    else:
        policies = domain.values("DomainNameConfigurations", EACH, "SecurityPolicy")
    for policy in map(as_text, policies):
        match policy:
            case Known(name) if name == "TLS_1_2" or name.startswith("SecurityPolicy_"):
                continue
            case Unknown():
                yield ctx.undecided(policy, f"SecurityPolicy cannot be told: {policy.reason}")
            case Known(name):
                yield ctx.violation(policy, f"takes TLS older than 1.2 (SecurityPolicy is {name})")
            case Absent():
                if domain.type == DOMAIN:
                    yield ctx.violation(policy, "names no SecurityPolicy, so it may take TLS older than 1.2")


@rule(
    REST_API,
    DOMAIN,
    id="api-gw-endpoint-type-check",
    title="API has an endpoint of an allowed type",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Add `EndpointConfiguration: {Types: [REGIONAL]}`, or `[PRIVATE]` for callers inside VPCs only.",
    source=_CONFIG + "api-gw-endpoint-type-check.html",
    equivalents=(
        "4a8daf95",
        "API_GW_ENDPOINT_TYPE_CHECK",
    ),
    options={"allowed_types": ("REGIONAL", "PRIVATE")},
)
def endpoint_type(api: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without EndpointConfiguration an API is edge-optimised: it is reached through a CloudFront distribution of AWS
    that the account neither sees nor configures. Option allowed_types says what is wanted instead.
    """
    allowed = ctx.names("allowed_types")
    types = api.items("EndpointConfiguration", "Types")
    match types:
        case Unknown():
            yield ctx.undecided(types, f"its endpoint type cannot be told: {types.reason}")
        case Absent() | Known(()):
            if "EDGE" not in allowed:
                yield ctx.violation(types, "names no endpoint type, which makes it edge-optimised (EDGE)")
        case Known(views):
            for kind in (view.text() for view in views):
                match kind:
                    case Known(name) if name not in allowed:
                        yield ctx.violation(kind, f"has an endpoint of type {name}; allowed: {', '.join(allowed)}")
                    case Unknown():
                        yield ctx.undecided(kind, f"its endpoint type cannot be told: {kind.reason}")
                    case Known() | Absent():
                        continue


@rule(
    "AWS::ApiGateway::Method",
    id="api-gw-method-authorization",
    title="Methods of a REST API ask who calls",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Set `AuthorizationType` to AWS_IAM, COGNITO_USER_POOLS or CUSTOM (with `AuthorizerId`).",
    source=_GUIDE + "apigateway-control-access-to-api.html",
    equivalents=("API_GW_METHOD_AUTHORIZATION_TYPE_RULE", "CKV_AWS_59", "W59", "AwsSolutions-APIG4", "AWS-0004"),
)
def method_authorization(method: Resource, ctx: Context) -> Iterator[Verdict]:
    """With AuthorizationType NONE, the default, everyone who reaches the API may call the method. OPTIONS is exempt:
    browsers send it without credentials. AWS: an API key is for metering, not for authorisation.
    """
    kind = method.text("AuthorizationType")
    match kind:
        case Known(name) if name not in {"", "NONE"}:
            return
        case Unknown():
            if not text_is(method.text("HttpMethod"), "OPTIONS"):
                yield ctx.undecided(kind, f"AuthorizationType cannot be told: {kind.reason}")
        case Known() | Absent():
            options = text_is(method.text("HttpMethod"), "OPTIONS")
            if options is None:
                yield ctx.undecided(kind, "whether it is the method OPTIONS is known only at deployment")
            elif not options:
                yield ctx.violation(kind, "is open to everyone who reaches the API: AuthorizationType is NONE")


@rule(
    "AWS::ApiGatewayV2::Route",
    id="api-gwv2-authorization-type-configured",
    title="Routes of an HTTP or WebSocket API ask who calls",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Set `AuthorizationType` to AWS_IAM, JWT or CUSTOM (with `AuthorizerId`).",
    source=_CONFIG + "api-gwv2-authorization-type-configured.html",
    equivalents=("AwsSolutions-APIG4", "apigatewayv2_api_authorizers_enabled"),
)
def route_authorization(route: Resource, ctx: Context) -> Iterator[Verdict]:
    """With AuthorizationType NONE, the default, everyone who knows the API's address may call the route. Of a
    WebSocket API only $connect is judged, where AWS checks; routes for OPTIONS are exempt.
    """
    kind = route.text("AuthorizationType")
    if isinstance(kind, Known) and kind.value not in {"", "NONE"}:
        return
    exempt = _is_exempt(route)
    if exempt:
        return
    if isinstance(kind, Unknown):
        yield ctx.undecided(kind, f"AuthorizationType cannot be told: {kind.reason}")
    elif exempt is None:
        yield ctx.undecided(kind, "whether the route may be open is known only at deployment")
    else:
        yield ctx.violation(kind, "is open to everyone who knows the address: AuthorizationType is NONE")


def _is_exempt(route: Resource) -> Decision:
    """Whether a route cannot or need not ask: OPTIONS, or one of a WebSocket API that is not $connect."""
    key = route.text("RouteKey")
    match key:
        case Known("$connect" | "$default") | Absent():
            known = key.value if isinstance(key, Known) else ""
        case Known(name):
            method = name.partition(" ")[0].upper()
            if method == "OPTIONS" or name.startswith("$disconnect"):
                return True
            if " " in name:
                return False
            known = name
        case Unknown():
            first = key.parts[0] if key.parts else ""
            return any_of(None, isinstance(first, str) and first.upper().startswith("OPTIONS "))
    if known == "$connect":
        return False
    api = route.target("ApiId")
    return text_is(api.text("ProtocolType"), "WEBSOCKET") if isinstance(api, Resource) else known != "$default" or None


_VALIDATORS: Final = "x-amazon-apigateway-request-validators"


@rule(
    REST_API,
    id="api-gw-request-validation",
    title="REST API validates requests",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Add an AWS::ApiGateway::RequestValidator with `ValidateRequestBody: true` or "
    "`ValidateRequestParameters: true`, and name it in the methods' `RequestValidatorId`.",
    source=_GUIDE + "api-gateway-method-request-validation.html",
    equivalents=("AwsSolutions-APIG2",),
)
def request_validation(api: Resource, ctx: Context) -> Iterator[Verdict]:
    """A request that lacks what the method needs can be turned away before it costs anything or reaches the code. API
    Gateway validates nothing by default. An API that is imported from a file elsewhere cannot be judged.
    """
    decisions: list[Decision] = []
    for validator in api.stack.of_type("AWS::ApiGateway::RequestValidator"):
        target = validator.target("RestApiId")
        checks = any_of(
            *(is_true(validator.value(name), ctx) for name in ("ValidateRequestBody", "ValidateRequestParameters"))
        )
        if target == api:
            decisions.append(checks)
        elif isinstance(target, Unknown) and checks is not False:
            decisions.append(None)
    body = api.mapping("Body")
    match body:
        case Known(view):
            decisions.append(is_filled(view.value(_VALIDATORS)))
        case Unknown():
            decisions.append(None)
        case Absent():
            decisions.append(None if is_set(api.value("BodyS3Location"), ctx) else False)
    valid = any_of(*decisions)
    if valid is None:
        yield ctx.undecided(api, "whether its requests are validated is known only at deployment")
    elif not valid:
        yield ctx.violation(api, "validates no requests")


@rule(
    "AWS::ApiGateway::Stage",
    id="api-gw-stage-usage-plan",
    title="A stage is in a usage plan",
    family=Family.MULTI_AZ,
    severity=Severity.INFO,
    remedy="Add an AWS::ApiGateway::UsagePlan with `ApiStages: [{ApiId: !Ref Api, Stage: !Ref Stage}]`.",
    source=_GUIDE + "api-gateway-api-usage-plans.html",
    equivalents=("7f8f1b60", "783860a3", "W64", "W68"),
)
def usage_plan(stage: Resource, ctx: Context) -> Iterator[Verdict]:
    """A usage plan limits what each of several clients may ask for, so that none of them takes what is there for all.
    By default a stage is in none.
    """
    found = [_covers(plan, stage) for plan in stage.stack.of_type("AWS::ApiGateway::UsagePlan")]
    covered = any_of(*found)
    if covered is None:
        yield ctx.undecided(stage, "whether a usage plan is for it is known only at deployment")
    elif not covered:
        yield ctx.violation(stage, "is in no usage plan of this template")


def _covers(plan: Resource, stage: Resource) -> Decision:
    """Whether a usage plan names a stage."""
    entries = plan.items("ApiStages")
    match entries:
        case Unknown():
            return None
        case Absent():
            return False
        case Known(views):
            return any_of(*(_names(view, stage) for view in views))


def _names(entry: View, stage: Resource) -> Decision:
    """Whether an entry of a usage plan names a stage: by reference, or by its name and its API's id."""
    named = entry.value("Stage")
    if stage.stack.target_of(named) == stage:
        return True
    decisions = (same(named, stage.value("StageName")), same(entry.value("ApiId"), stage.value("RestApiId")))
    return False if False in decisions else None if None in decisions else True
