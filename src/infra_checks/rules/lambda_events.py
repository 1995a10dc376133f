"""Rules on what starts a Lambda function: event sources and function URLs; and on the code that may run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Known, Unknown, rule
from infra_checks.core.table import given, is_set, one_of, property_rule
from infra_checks.evaluate.view import EACH
from infra_checks.rules.predicates import text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

FUNCTION: Final = "AWS::Lambda::Function"
SOURCE: Final = "AWS::Lambda::EventSourceMapping"
_GUIDE: Final = "https://docs.aws.amazon.com/lambda/latest/dg/"


def _is_queue(mapping: Resource) -> Decision:
    """The source is a queue: only streams and Kafka need a StartingPosition."""
    started = given("StartingPosition")(mapping)
    return None if started is None else not started


destination = property_rule(
    SOURCE,
    id="lambda-event-source-on-failure",
    title="What a stream's records could not do is told somewhere",
    family=Family.MULTI_AZ,
    severity=Severity.LOW,
    path=("DestinationConfig", "OnFailure", "Destination"),
    holds=is_set,
    unless=(_is_queue, given("DocumentDBEventSourceConfig")),
    message="has no destination for records that it could not handle",
    rationale="""Lambda tries a batch of a stream or of Kafka again until it succeeds or expires, and then drops it;
    only a destination for failures keeps where it was. Queues have dead-letter queues of their own instead, and for
    DocumentDB Lambda has no such destination.""",
    remedy="Add `DestinationConfig: {OnFailure: {Destination: !GetAtt Failures.Arn}}`.",
    source=_GUIDE + "kinesis-on-failure-destination.html",
    equivalents=("Serverless-LambdaEventSourceMappingDestination",),
)


def _filters_nothing(mapping: Resource) -> Decision:
    filters = given("FilterCriteria", "Filters")(mapping)
    return None if filters is None else not filters


filter_key = property_rule(
    SOURCE,
    id="lambda-event-source-filter-key",
    title="Filter criteria are encrypted with a key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("KmsKeyArn",),
    holds=is_set,
    unless=(_filters_nothing,),
    message="has filter criteria that no key of your own encrypts",
    rationale="""Filter criteria repeat values of the data. Lambda keeps them encrypted with a key of AWS; with
    KmsKeyArn the key's policy says who may read them.""",
    remedy="Add `KmsKeyArn: !GetAtt Key.Arn`.",
    source=_GUIDE + "invocation-eventfiltering.html",
)


def _is_image(function: Resource) -> Decision:
    return text_is(function.text("PackageType"), "Image")


code_signing = property_rule(
    FUNCTION,
    id="lambda-code-signing-enabled",
    title="Function takes signed code only",
    family=Family.DEPLOYABILITY,
    severity=Severity.LOW,
    path=("CodeSigningConfigArn",),
    holds=is_set,
    unless=(_is_image, given("Code", "ZipFile")),
    message="takes code that nobody has signed",
    rationale="""With a code signing configuration Lambda checks at deployment that a trusted publisher has signed the
    code, and that it has not changed since. There is none by default; container images cannot have one, nor can code
    that stands in the template be signed.""",
    remedy="Add `CodeSigningConfigArn: !Ref Signing` with an AWS::Lambda::CodeSigningConfig.",
    source=_GUIDE + "configuration-codesigning.html",
)

code_signing_enforced = property_rule(
    "AWS::Lambda::CodeSigningConfig",
    id="lambda-code-signing-enforced",
    title="Code without a valid signature is refused",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    path=("CodeSigningPolicies", "UntrustedArtifactOnDeployment"),
    holds=one_of("Enforce"),
    message="only warns of code without a valid signature",
    rationale="""Warn, the default, deploys code whose signature is missing or wrong and only counts it in CloudWatch;
    Enforce refuses it.""",
    remedy="Add `CodeSigningPolicies: {UntrustedArtifactOnDeployment: Enforce}`.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-properties-lambda-codesigningconfig-codesigningpolicies.html",
)


@rule(
    "AWS::Lambda::Url",
    id="lambda-url-cors-limited",
    title="Not every website may use the function URL in every way",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    remedy="Name the origins in `Cors.AllowOrigins`, or the methods in `Cors.AllowMethods`.",
    source=_GUIDE + "urls-configuration.html",
    equivalents=("CKV2_AWS_75",),
)
def cors(url: Resource, ctx: Context) -> Iterator[Verdict]:
    """With `*` for origins and for methods a script of any website may send any request from a visitor's browser and
    read the answer. Without Cors no other website may.
    """
    origins, methods = (_star(url, name) for name in ("AllowOrigins", "AllowMethods"))
    if False in (origins, methods):
        return
    at = url.value("Cors")
    if None in (origins, methods):
        yield ctx.undecided(at, "which websites may use it in which way is known only at deployment")
    else:
        yield ctx.violation(at, "lets scripts of every website use every method")


def _star(url: Resource, name: str) -> Decision:
    values = url.values("Cors", name, EACH)
    if any(isinstance(value, Known) and value.value == "*" for value in values):
        return True
    return None if any(isinstance(value, Unknown) for value in values) else False


memory = property_rule(
    FUNCTION,
    id="lambda-memory-stated",
    title="Function states its memory",
    family=Family.DEPLOYABILITY,
    severity=Severity.INFO,
    path=("MemorySize",),
    holds=is_set,
    message="states no MemorySize, so it has 128 MB and the CPU that goes with them",
    rationale="""Memory decides how much CPU a function gets, and so its speed and its cost; the default, 128 MB, is
    the least there is.""",
    remedy="Set `MemorySize` to what the function was measured to need.",
    source=_GUIDE + "configuration-memory.html",
    equivalents=("Serverless-LambdaDefaultMemorySize",),
)

timeout = property_rule(
    FUNCTION,
    id="lambda-timeout-stated",
    title="Function states its timeout",
    family=Family.DEPLOYABILITY,
    severity=Severity.INFO,
    path=("Timeout",),
    holds=is_set,
    message="states no Timeout, so it is stopped after 3 seconds",
    rationale="""A function is stopped in the middle of its work when its time is over. The default, 3 seconds, is
    short for a function that calls others.""",
    remedy="Set `Timeout` to what the function needs, and not above what its caller waits for.",
    source=_GUIDE + "configuration-timeout.html",
    equivalents=("Serverless-LambdaDefaultTimeout",),
)
