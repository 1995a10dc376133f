"""Rules on stages of API Gateway APIs: logs, traces, caches, limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_set, is_true, property_rule
from infra_checks.rules.apigateway_settings import for_all, makes_no_stage
from infra_checks.rules.predicates import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.view import View

STAGE: Final = "AWS::ApiGateway::Stage"
STAGE_V2: Final = "AWS::ApiGatewayV2::Stage"
DEPLOYMENT: Final = "AWS::ApiGateway::Deployment"
_GUIDE: Final = "https://docs.aws.amazon.com/apigateway/latest/developerguide/"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"


def _access_logs(stage: Resource, ctx: Context, *path: str) -> Iterator[Verdict]:
    """What is wrong with the settings for access logs at a path: both of their properties are needed."""
    for name in ("DestinationArn", "Format"):
        value = stage.value(*path, name)
        given = is_set(value, ctx)
        if given is None:
            yield ctx.undecided(value, f"whether {path[-1]}.{name} is set is known only at deployment")
        elif not given:
            yield ctx.violation(value, f"writes no access logs: {path[-1]}.{name} is not set")
            return
        elif name == "DestinationArn" and isinstance(value, Known) and not str(value.value).startswith("arn:"):
            yield ctx.violation(value, f"writes no access logs: {path[-1]}.{name} is no ARN")


@rule(
    STAGE,
    id="api-gw-access-logs-enabled",
    title="REST API stage writes access logs",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Add `AccessLogSetting: {DestinationArn: !GetAtt LogGroup.Arn, Format: ...}`.",
    source=_GUIDE + "set-up-logging.html",
    equivalents=(
        "06ec63e3",
        "CKV_AWS_76",
        "W69",
        "API_GW_STAGE_ACCESS_LOGGING_RULE",
        "AwsSolutions-APIG1",
        "Serverless-APIGWStructuredLogging",
        "AWS-0001",
        "AWS-0113",
        "apigateway_restapi_logging_enabled",
    ),
)
def access_logs(stage: Resource, ctx: Context) -> Iterator[Verdict]:
    """Access logs say who called what, from where and with which result; without them an abuse cannot be traced
    afterwards. By default there are none; AWS needs both a destination and a format to write them.
    """
    yield from _access_logs(stage, ctx, "AccessLogSetting")


@rule(
    DEPLOYMENT,
    id="api-gw-deployment-access-logs-enabled",
    title="A stage made by a deployment writes access logs",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Add `StageDescription.AccessLogSetting`, or remove `StageName` and declare an AWS::ApiGateway::Stage.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-resource-apigateway-deployment.html",
    equivalents=("W45",),
)
def deployment_access_logs(deployment: Resource, ctx: Context) -> Iterator[Verdict]:
    """A deployment with StageName makes a stage itself, with the settings of its StageDescription, and by default
    without access logs, so that an abuse cannot be traced afterwards. One without StageName makes no stage.
    """
    exempt = makes_no_stage(deployment)
    if exempt:
        return
    if exempt is None:
        yield ctx.undecided(deployment.value("StageName"), "whether it makes a stage is known only at deployment")
    else:
        yield from _access_logs(deployment, ctx, "StageDescription", "AccessLogSetting")


@rule(
    STAGE_V2,
    id="api-gwv2-access-logs-enabled",
    title="HTTP or WebSocket API stage writes access logs",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Add `AccessLogSettings: {DestinationArn: !GetAtt LogGroup.Arn, Format: ...}`.",
    source=_CONFIG + "api-gwv2-access-logs-enabled.html",
    equivalents=(
        "80d45af4",
        "CKV_AWS_95",
        "W46",
        "API_GWV2_ACCESS_LOGS_ENABLED",
        "AwsSolutions-APIG1",
        "AWS-0001",
        "AWS-0116",
        "apigatewayv2_api_access_logging_enabled",
    ),
)
def access_logs_v2(stage: Resource, ctx: Context) -> Iterator[Verdict]:
    """Access logs say who called what, from where and with which result; without them an abuse cannot be traced
    afterwards. By default there are none; AWS needs both a destination and a format to write them.
    """
    yield from _access_logs(stage, ctx, "AccessLogSettings")


tracing = property_rule(
    STAGE,
    id="api-gw-xray-enabled",
    title="REST API stage is traced by X-Ray",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    path=("TracingEnabled",),
    holds=is_true,
    message="is not traced by X-Ray",
    rationale="""Traces show where a request loses time and which service fails. API Gateway traces nothing by default;
    HTTP and WebSocket APIs cannot be traced.""",
    remedy="Add `TracingEnabled: true`.",
    source=_CONFIG + "api-gw-xray-enabled.html",
    equivalents=(
        "4ab10c48",
        "CKV_AWS_73",
        "APIGWXrayEnabled",
        "AWS-0003",
        "AWS-0111",
        "apigateway_restapi_tracing_enabled",
    ),
)

client_certificate = property_rule(
    STAGE,
    id="api-gw-ssl-enabled",
    title="REST API stage shows its backends a client certificate",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("ClientCertificateId",),
    holds=is_set,
    message="shows its backends no client certificate",
    rationale="""With a client certificate an HTTP backend that is reachable from the internet can tell requests of API
    Gateway from all others. By default there is none.""",
    remedy="Add `ClientCertificateId: !Ref Certificate` with an AWS::ApiGateway::ClientCertificate.",
    source=_CONFIG + "api-gw-ssl-enabled.html",
    equivalents=("ed4c48b8", "APIGWSSLEnabled", "apigateway_restapi_client_certificate_enabled"),
)


@rule(
    STAGE,
    id="api-gw-execution-logging-enabled",
    title="REST API stage logs the execution of its methods",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Add `MethodSettings: [{ResourcePath: '/*', HttpMethod: '*', LoggingLevel: ERROR}]`.",
    source=_CONFIG + "api-gw-execution-logging-enabled.html",
    equivalents=("API_GW_EXECUTION_LOGGING_ENABLED", "AwsSolutions-APIG6"),
)
def execution_logs(stage: Resource, ctx: Context) -> Iterator[Verdict]:
    """Execution logs show why a request failed inside API Gateway. LoggingLevel is OFF unless set to ERROR or INFO;
    settings with a path and a method are for that method only. A stage whose settings are all for single methods is
    taken to name all its methods.
    """
    settings = stage.items("MethodSettings")
    match settings:
        case Unknown():
            yield ctx.undecided(settings, f"its method settings cannot be told: {settings.reason}")
        case Absent() | Known(()):
            yield ctx.violation(settings, "logs no execution: it has no MethodSettings")
        case Known(views):
            general = any(for_all(view) and not isinstance(view.value("LoggingLevel"), Absent) for view in views)
            for view in views:
                yield from _level(view, ctx, general=general)


def _level(setting: View, ctx: Context, *, general: bool) -> Iterator[Verdict]:
    level = setting.text("LoggingLevel")
    match level:
        case Known("ERROR" | "INFO"):
            return
        case Known(text):
            yield ctx.violation(level, f"sets LoggingLevel to {text}, so the method's execution is not logged")
        case Unknown():
            yield ctx.undecided(level, f"LoggingLevel cannot be told: {level.reason}")
        case Absent():
            if not general:
                yield ctx.violation(level, "does not log the execution of methods: LoggingLevel is OFF by default")


@rule(
    STAGE,
    STAGE_V2,
    id="api-gw-stage-throttled",
    title="A stage has request limits of its own",
    family=Family.MULTI_AZ,
    severity=Severity.LOW,
    remedy="Set `ThrottlingRateLimit` and `ThrottlingBurstLimit` in `MethodSettings` for `/*` and `*` (REST), or in "
    "`DefaultRouteSettings` (HTTP and WebSocket).",
    source=_GUIDE + "api-gateway-request-throttling.html",
    equivalents=("Serverless-APIGWDefaultThrottling",),
)
def throttled(stage: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without limits of its own a stage can use up the request rate that all APIs of the account share in the region,
    and pass it all on to its backend.
    """
    names = ("ThrottlingRateLimit", "ThrottlingBurstLimit")
    if stage.type == STAGE_V2:
        settings = stage.value("DefaultRouteSettings")
        decided = any_of(*(is_set(stage.value("DefaultRouteSettings", name), ctx) for name in names))
    else:
        settings = stage.value("MethodSettings")
        items = stage.items("MethodSettings")
        views = items.value if isinstance(items, Known) else ()
        found = any_of(*(is_set(view.value(name), ctx) for view in views for name in names))
        decided = None if isinstance(items, Unknown) else found
    if decided is None:
        yield ctx.undecided(settings, "whether it has request limits of its own is known only at deployment")
    elif not decided:
        yield ctx.violation(settings, "has no request limits of its own")
