"""Rules on Lambda functions, their URLs and who may invoke them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import rule
from infra_checks.core.table import is_set, one_of, property_rule, stated
from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.rules.conditions import is_limited_arn, names_everyone
from infra_checks.rules.globs import service_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

FUNCTION: Final = "AWS::Lambda::Function"
PERMISSION: Final = "AWS::Lambda::Permission"
_GUIDE: Final = "https://docs.aws.amazon.com/lambda/latest/dg/"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"


@rule(
    FUNCTION,
    id="lambda-dlq-check",
    title="Function keeps the events it could not handle",
    family=Family.MULTI_AZ,
    severity=Severity.LOW,
    remedy="Add `DeadLetterConfig: {TargetArn: !GetAtt DeadLetters.Arn}`, or an AWS::Lambda::EventInvokeConfig with "
    "`DestinationConfig.OnFailure`.",
    source=_CONFIG + "lambda-dlq-check.html",
    equivalents=(
        "CKV_AWS_116",
        "LAMBDA_DLQ_CHECK",
        "Serverless-LambdaDLQ",
        "Serverless-LambdaAsyncFailureDestination",
        "awslambda_function_no_dead_letter_queue",
    ),
)
def dead_letters(function: Resource, ctx: Context) -> Iterator[Verdict]:
    """An asynchronous event is tried three times and then thrown away, unless the function has a dead-letter queue or
    a destination for failures. As AWS Config does, functions that are only called synchronously are judged too.
    """
    target = function.value("DeadLetterConfig", "TargetArn")
    if is_set(target, ctx):
        return
    destination = _failure_destination(function, ctx)
    if destination:
        return
    if isinstance(target, Unknown):
        yield ctx.undecided(target, f"whether it has a dead-letter queue cannot be told: {target.reason}")
    elif destination is None:
        yield ctx.undecided(target, "whether an AWS::Lambda::EventInvokeConfig is for it cannot be told")
    else:
        yield ctx.violation(target, "has neither a dead-letter queue nor a destination for failures")


def _failure_destination(function: Resource, ctx: Context) -> Decision:
    """Whether the stack has a destination for the function's failures."""
    best: Decision = False
    for config in function.stack.of_type("AWS::Lambda::EventInvokeConfig"):
        target = config.target("FunctionName")
        if target == function or isinstance(target, Unknown):
            given = is_set(config.value("DestinationConfig", "OnFailure", "Destination"), ctx)
            if given and target == function:
                return True
            best = None if given is not False else best
    return best


tracing = property_rule(
    FUNCTION,
    id="lambda-function-xray-enabled",
    title="Function is traced by X-Ray",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    path=("TracingConfig", "Mode"),
    holds=one_of("Active"),
    message="is not traced actively by X-Ray",
    rationale="""Traces show where time is lost and which call fails. By default (PassThrough) Lambda only traces
    requests that the caller has marked.""",
    remedy="Add `TracingConfig: {Mode: Active}`.",
    source=_CONFIG + "lambda-function-xray-enabled.html",
    equivalents=("AWS-0125", "9488c451", "CKV2_AWS_26", "Serverless-LambdaTracing", "AWS-0066"),
)

concurrency = property_rule(
    FUNCTION,
    id="lambda-concurrency-check",
    title="Function has a limit of concurrent executions",
    family=Family.MULTI_AZ,
    severity=Severity.LOW,
    path=("ReservedConcurrentExecutions",),
    holds=is_set,
    message="has no limit of concurrent executions of its own",
    rationale="""Without a limit of its own a function can use up the concurrency of the account's region, so that
    others are throttled.""",
    remedy="Set `ReservedConcurrentExecutions`.",
    source=_CONFIG + "lambda-concurrency-check.html",
    equivalents=("CKV_AWS_115", "W92", "LAMBDA_CONCURRENCY_CHECK", "LambdaConcurrency"),
)


@rule(
    FUNCTION,
    id="lambda-environment-encrypted-kms",
    title="Environment variables are encrypted with a customer managed key",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    remedy="Set `KmsKeyArn` to a key of your own.",
    source=_GUIDE + "configuration-envvars-encryption.html",
    equivalents=("CKV_AWS_173", "awslambda_function_env_vars_not_encrypted_with_cmk"),
)
def environment_key(function: Resource, ctx: Context) -> Iterator[Verdict]:
    """Lambda encrypts environment variables at rest with a key that AWS manages; only with a key of one's own can it be
    limited who sees them. A function without variables has nothing to encrypt.
    """
    key = function.value("KmsKeyArn")
    keyed = is_set(key, ctx)
    if keyed:
        return
    variables = function.mapping("Environment", "Variables")
    match variables:
        case Absent():
            return
        case Known(view) if not view.keys():
            return
        case Known() if keyed is False:
            yield ctx.violation(key, "has environment variables that no key of your own encrypts")
        case Known():
            yield ctx.undecided(key, "whether KmsKeyArn is set is known only at deployment")
        case Unknown():
            yield ctx.undecided(variables, f"its environment variables cannot be told: {variables.reason}")


@rule(
    FUNCTION,
    id="lambda-inside-vpc",
    title="Function runs in a VPC",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Add `VpcConfig: {SubnetIds: [...], SecurityGroupIds: [...]}` with private subnets.",
    source=_CONFIG + "lambda-inside-vpc.html",
    equivalents=("CKV_AWS_117", "W89", "LAMBDA_INSIDE_VPC", "LambdaInsideVPC", "awslambda_function_inside_vpc"),
)
def inside_vpc(function: Resource, ctx: Context) -> Iterator[Verdict]:
    """Outside a VPC the function's calls leave through a network that the account does not control. An empty list of
    subnets takes a function out of its VPC.
    """
    subnets = stated(function.value("VpcConfig", "SubnetIds"))
    match subnets:
        case Absent():
            yield ctx.violation(subnets, "does not run in a VPC")
        case Unknown() if not subnets.present:
            yield ctx.undecided(subnets, f"whether it runs in a VPC cannot be told: {subnets.reason}")
        case Known() | Unknown():
            return


@rule(
    PERMISSION,
    id="lambda-function-public-access-prohibited",
    title="Not everyone may invoke the function",
    family=Family.IAM,
    severity=Severity.CRITICAL,
    remedy="Set `Principal` to a service or account, or add `PrincipalOrgID`, `SourceArn` or `SourceAccount`.",
    source=_CONFIG + "lambda-function-public-access-prohibited.html",
    equivalents=(
        "LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED",
        "LambdaFunctionPublicAccessProhibited",
        "awslambda_function_not_publicly_accessible",
    ),
)
def public_function(permission: Resource, ctx: Context) -> Iterator[Verdict]:
    """A permission for `*` lets every AWS account invoke the function, and with `FunctionUrlAuthType: NONE` everyone
    who knows its URL. An organisation, a source's account or ARN limits it; the kind of URL does not.
    """
    star, principal = names_everyone(permission)
    if star is False:
        return
    limits = [
        is_set(permission.value("PrincipalOrgID"), ctx),
        is_set(permission.value("SourceAccount"), ctx),
        is_limited_arn(permission.value("SourceArn")) if is_set(permission.value("SourceArn"), ctx) else False,
    ]
    if True in limits:
        return
    if star is None or None in limits:
        yield ctx.undecided(principal, "whether everyone may invoke the function is known only at deployment")
    else:
        yield ctx.violation(principal, "lets everyone invoke the function")


@rule(
    "AWS::Lambda::LayerVersionPermission",
    id="lambda-layer-not-public",
    title="Not everyone may use the layer",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Set `Principal` to an account, or add `OrganizationId`.",
    source="https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html",
    equivalents=("LAMBDA_NO_WILDCARD_PRINCIPALS",),
)
def public_layer(permission: Resource, ctx: Context) -> Iterator[Verdict]:
    """With `*` every AWS account can read the layer's content; OrganizationId limits it to one organisation."""
    star, principal = names_everyone(permission)
    limited = is_set(permission.value("OrganizationId"), ctx)
    if star is False or limited:
        return
    if star is None or limited is None:
        yield ctx.undecided(principal, "whether everyone may use the layer is known only at deployment")
    else:
        yield ctx.violation(principal, "lets every AWS account use the layer")


@rule(
    PERMISSION,
    id="lambda-permission-source-limited",
    title="A service may invoke the function for known sources only",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Add `SourceArn` (and `SourceAccount` when the ARN has no account, as those of buckets).",
    source=_GUIDE + "permissions-function-services.html",
    equivalents=("CKV_AWS_364", "AWS-0067"),
)
def limited_source(permission: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without `SourceArn`, `SourceAccount` or `PrincipalOrgID` the service may invoke the function for resources of any
    account. A skill's `EventSourceToken` has the same effect for Alexa.
    """
    principal = permission.value("Principal")
    name = service_name(principal)
    if isinstance(principal, Absent) or (name is not None and not name.endswith((".amazonaws.com", ".amazon.com"))):
        return
    names = ("SourceArn", "SourceAccount", "PrincipalOrgID", "EventSourceToken")
    limits = [is_set(permission.value(name), ctx) for name in names]
    if True in limits:
        return
    if None in limits or name is None:
        yield ctx.undecided(principal, "for whom the service may invoke the function is known only at deployment")
    else:
        yield ctx.violation(principal, "lets the service invoke the function for any account")


url_auth = property_rule(
    "AWS::Lambda::Url",
    id="lambda-url-auth-required",
    title="Function URL takes signed requests only",
    family=Family.NETWORK,
    severity=Severity.HIGH,
    path=("AuthType",),
    holds=one_of("AWS_IAM"),
    message="takes requests from everyone (AuthType is not AWS_IAM)",
    rationale="""With `AuthType: NONE` Lambda checks no signature: whoever knows the URL reaches the function, as far as
    its policy lets everyone in.""",
    remedy="Set `AuthType: AWS_IAM`.",
    source=_GUIDE + "urls-auth.html",
    equivalents=("CKV_AWS_258", "LambdaFunctionUrlAuth", "awslambda_function_url_public"),
)
