"""Rules on AWS Config: that it records everything, everywhere, and encrypts what it delivers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_set, property_rule
from infra_checks.evaluate.view import EACH, as_boolean
from infra_checks.rules.predicates import any_of, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

_GUIDE: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_API: Final = "https://docs.aws.amazon.com/config/latest/APIReference/"


@rule(
    "AWS::Config::ConfigurationRecorder",
    id="config-recorder-all-supported",
    title="Configuration recorder records all types",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Set `RecordingGroup: {AllSupported: true}`, and `IncludeGlobalResourceTypes: true` in one Region.",
    source=_API + "API_RecordingGroup.html",
    equivalents=("config_recorder_all_regions_enabled",),
)
def all_types(recorder: Resource, ctx: Context) -> Iterator[Verdict]:
    """Rules of AWS Config judge only what is recorded, so a type left out passes all of them. Without a RecordingGroup
    AWS records all types but the global ones of IAM; a group that does not say `AllSupported: true` records a list.
    """
    group = recorder.mapping("RecordingGroup")
    match group:
        case Absent():
            return
        case Unknown():
            yield ctx.undecided(group, f"RecordingGroup cannot be told: {group.reason}")
        case Known(view):
            strategy = text_is(view.text("RecordingStrategy", "UseOnly"), "ALL_SUPPORTED_RESOURCE_TYPES")
            supported = as_boolean(view.value("AllSupported"))
            kept = any_of(strategy, None if isinstance(supported, Unknown) else _is_true(supported))
            if kept is None:
                yield ctx.undecided(supported, "whether it records all types is known only at deployment")
            elif not kept:
                yield ctx.violation(supported, "does not record all types of resources")


def _is_true(value: Known[bool] | Absent) -> bool:
    return isinstance(value, Known) and value.value


@rule(
    "AWS::Config::ConfigurationAggregator",
    id="config-aggregator-all-regions",
    title="Aggregator collects from all Regions",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Set `AllAwsRegions: true` in place of `AwsRegions`.",
    source=_API + "API_OrganizationAggregationSource.html",
    equivalents=("AWS-0019", "config_delegated_admin_and_org_aggregator_all_regions"),
)
def everywhere(aggregator: Resource, ctx: Context) -> Iterator[Verdict]:
    """A list of Regions leaves out those that are used by mistake or by an attacker, and those that AWS adds later."""
    for path in (("AccountAggregationSources", EACH), ("OrganizationAggregationSource",)):
        if isinstance(aggregator.value(path[0]), Absent):
            continue
        for value in aggregator.values(*path, "AllAwsRegions"):
            collects = as_boolean(value)
            match collects:
                case Known(True):
                    continue
                case Unknown():
                    yield ctx.undecided(collects, f"AllAwsRegions cannot be told: {collects.reason}")
                case Known() | Absent():
                    yield ctx.violation(collects, "does not collect from all Regions")


delivery_key = property_rule(
    "AWS::Config::DeliveryChannel",
    id="config-delivery-channel-kms-key",
    title="Delivery channel encrypts what it delivers with a KMS key",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("S3KmsKeyArn",),
    holds=is_set,
    message="names no KMS key for the snapshots and histories it delivers",
    rationale="""Snapshots describe every resource of the account. Without `S3KmsKeyArn` they are encrypted as is the
    default of the bucket, which is SSE-S3 unless the bucket says otherwise.""",
    remedy="Set `S3KmsKeyArn` to a key whose policy lets AWS Config use it.",
    source=_GUIDE + "s3-kms-key-policy.html",
)


@rule(
    "AWS::Config::ConfigurationRecorder",
    "AWS::Config::DeliveryChannel",
    id="config-recorder-conditional",
    title="A recorder is made only where there is none yet",
    family=Family.DEPLOYABILITY,
    severity=Severity.LOW,
    remedy="Add a parameter such as `EnableConfigRecorder` with the default false, and `Condition` on the resource.",
    source=_GUIDE + "stop-start-recorder.html",
)
def conditional(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """An account has one customer managed configuration recorder and one delivery channel in each Region. Where there
    is one already, as in most accounts of an organization, CloudFormation cannot make another and the stack fails.
    Whether there is one no template can tell, so a parameter has to.
    """
    if resource.declaration.written.condition is not None:
        return
    if any(not name.startswith("AWS::") for name in resource.stack.transforms):
        yield ctx.undecided(resource, "whether a macro puts it on a condition is known only at deployment")
    else:
        yield ctx.violation(resource, "is made in every account, though a Region of an account has one only")
