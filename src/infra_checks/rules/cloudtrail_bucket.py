"""Rules on the bucket to which a trail of the same stack writes: that it takes the logs, and that it keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.links import attached_policies
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.rules.grants import lets_in, waits_for
from infra_checks.rules.predicates import all_of, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.view import View

TRAIL: Final = "AWS::CloudTrail::Trail"
BUCKET: Final = "AWS::S3::Bucket"
SERVICE: Final = "cloudtrail.amazonaws.com"
FLAGS: Final = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
PUBLIC: Final = ("PublicRead", "PublicReadWrite", "AuthenticatedRead")


@rule(
    TRAIL,
    id="cloudtrail-bucket-protected",
    title="Trail's bucket is closed to the public, and keeps and logs what happens to its objects",
    family=Family.NETWORK,
    severity=Severity.HIGH,
    remedy="Give the bucket `PublicAccessBlockConfiguration` with all four settings `true`, `VersioningConfiguration: "
    "{Status: Enabled}` and `LoggingConfiguration`.",
    source="https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html",
    equivalents=(
        "cloudtrail_bucket_requires_mfa_delete",
        "AWS-0161",
        "AWS-0163",
        "cloudtrail_logs_s3_bucket_is_not_publicly_accessible",
        "cloudtrail_logs_s3_bucket_access_logging_enabled",
    ),
)
def protected(trail: Resource, ctx: Context) -> Iterator[Verdict]:
    """The logs show an attacker how the account works, and are what an attacker wants to change. A bucket has no
    versions and no access logs by default, and is only surely closed to the public when the template says so
    (CloudTrail.6 and CloudTrail.7 of Security Hub). Versions are what MFA delete needs, which CloudTrail's own best
    practices ask for. Only a bucket of the stack is judged.
    """
    bucket = trail.target("S3BucketName")
    if not isinstance(bucket, Resource) or bucket.type != BUCKET:
        return
    answers = {words: holds for words, holds in _asked(bucket).items() if holds is not True}
    lacking = [words for words, holds in answers.items() if holds is False]
    if lacking:
        yield ctx.violation(trail.value("S3BucketName"), f"writes to {bucket.logical_id}, which {_joined(lacking)}")
    elif answers:
        yield ctx.undecided(
            trail.value("S3BucketName"), f"whether {bucket.logical_id} is protected is known only at deployment"
        )


def _asked(bucket: Resource) -> dict[str, Decision]:
    """What a trail's bucket may lack, and whether it is in order."""
    public = text_is(bucket.text("AccessControl"), *PUBLIC)
    return {
        "has a public ACL": None if public is None else not public,
        "does not state all four blocks of public access": _blocked(bucket),
        "keeps no versions": text_is(bucket.text("VersioningConfiguration", "Status"), "Enabled"),
        "writes no access logs": _logged(bucket),
    }


def _blocked(bucket: Resource) -> Decision:
    block = bucket.mapping("PublicAccessBlockConfiguration")
    match block:
        case Known(view):
            return all_of(_is_true(view, flag) for flag in FLAGS)
        case Unknown():
            return None
        case Absent():
            return False


def _is_true(view: View, flag: str) -> Decision:
    value = view.boolean(flag)
    return None if isinstance(value, Unknown) else isinstance(value, Known) and value.value


def _logged(bucket: Resource) -> Decision:
    configuration = bucket.mapping("LoggingConfiguration")
    match configuration:
        case Known():
            return True
        case Unknown():
            return None
        case Absent():
            return False


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


@rule(
    TRAIL,
    id="cloudtrail-bucket-policy-first",
    title="Trail's bucket lets CloudTrail write before the trail is created",
    family=Family.DEPLOYABILITY,
    severity=Severity.HIGH,
    remedy="Add an AWS::S3::BucketPolicy that allows cloudtrail.amazonaws.com `s3:GetBucketAcl` and `s3:PutObject`, "
    "and `DependsOn` it in the trail.",
    source="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html",
)
def policy_first(trail: Resource, ctx: Context) -> Iterator[Verdict]:
    """CloudTrail checks when the trail is created that the bucket's policy lets it read the ACL and write objects, and
    refuses the trail otherwise. CloudFormation creates policy and trail in any order unless the trail depends on it.
    Only a bucket of the stack is judged.
    """
    bucket = trail.target("S3BucketName")
    if not isinstance(bucket, Resource) or bucket.type != BUCKET:
        return
    place = trail.value("S3BucketName")
    policies = [(policy, sure, _delivers(policy)) for policy, sure in attached_policies(bucket)]
    helpful = [policy for policy, _, delivers in policies if delivers is not False]
    if not helpful:
        yield ctx.violation(place, f"writes to {bucket.logical_id}, whose policy does not let CloudTrail write")
    elif not any(waits_for(trail, policy) for policy in helpful):
        yield ctx.violation(trail, f"does not wait for the policy of its bucket: DependsOn {helpful[0].logical_id}")
    elif not any(sure and delivers for _, sure, delivers in policies):
        yield ctx.undecided(place, f"whether the policy of {bucket.logical_id} lets CloudTrail write cannot be told")


def _delivers(policy: Resource) -> Decision:
    """Whether a bucket policy allows both actions to CloudTrail."""
    return all_of(lets_in(policy, SERVICE, action) for action in ("s3:GetBucketAcl", "s3:PutObject"))
