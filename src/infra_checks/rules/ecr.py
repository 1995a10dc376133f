"""Rules on ECR repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.core.table import is_set, is_true, one_of, property_rule
from infra_checks.evaluate.values import Known, Unknown
from infra_checks.evaluate.view import EACH
from infra_checks.rules.globs import matches
from infra_checks.rules.predicates import any_of, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.view import View

REPOSITORY: Final = "AWS::ECR::Repository"
_SCANNING: Final = "AWS::ECR::RegistryScanningConfiguration"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_GUIDE: Final = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/"

immutable_tags = property_rule(
    REPOSITORY,
    id="ecr-private-tag-immutability-enabled",
    title="Tags of images cannot be moved to others",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    path=("ImageTagMutability",),
    holds=one_of("IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION"),
    message="lets a tag be moved to another image",
    rationale="""Whoever may push can replace the image behind a tag that is already deployed. AWS: tags are MUTABLE by
    default.""",
    remedy="Set `ImageTagMutability: IMMUTABLE`.",
    source=_CONFIG + "ecr-private-tag-immutability-enabled.html",
    equivalents=("CKV_AWS_51", "AWS-0031", "ecr_repositories_tag_immutability"),
)

own_key = property_rule(
    REPOSITORY,
    id="ecr-repository-cmk-encryption-enabled",
    title="Images are encrypted with a KMS key",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("EncryptionConfiguration", "EncryptionType"),
    holds=one_of("KMS", "KMS_DSSE"),
    message="encrypts images with a key of Amazon S3 (AES256), not with a KMS key",
    rationale="""ECR encrypts images with a key that Amazon S3 manages; only with a KMS key is each use on record, and
    only with one of your own is who may decrypt a matter of a key policy. It cannot be changed afterwards.""",
    remedy="Add `EncryptionConfiguration: {EncryptionType: KMS, KmsKey: !GetAtt Key.Arn}`; the repository is replaced.",
    source=_CONFIG + "ecr-repository-cmk-encryption-enabled.html",
    equivalents=("CKV_AWS_136", "AWS-0033"),
)

lifecycle = property_rule(
    REPOSITORY,
    id="ecr-private-lifecycle-policy-configured",
    title="Repository removes old images",
    family=Family.DELETION,
    severity=Severity.LOW,
    path=("LifecyclePolicy", "LifecyclePolicyText"),
    holds=is_set,
    message="keeps every image for ever",
    rationale="""Images are kept, and paid for, until somebody deletes them, and old ones with known flaws can still be
    deployed. AWS: there is no lifecycle policy by default.""",
    remedy="Add `LifecyclePolicy: {LifecyclePolicyText: ...}`.",
    source=_CONFIG + "ecr-private-lifecycle-policy-configured.html",
    equivalents=("ecr_repositories_lifecycle_policy_enabled",),
)


@rule(
    REPOSITORY,
    id="ecr-private-image-scanning-enabled",
    title="Images are scanned for known flaws",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Add `ImageScanningConfiguration: {ScanOnPush: true}`, or an AWS::ECR::RegistryScanningConfiguration whose "
    "rules match the repository.",
    source=_CONFIG + "ecr-private-image-scanning-enabled.html",
    equivalents=(
        "CKV_AWS_163",
        "W79",
        "ECR_REPO_SCAN_ON_PUSH",
        "AWS-0030",
        "ecr_repositories_scan_images_on_push_enabled",
    ),
)
def scanning(repository: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without a scan nobody hears of the flaws that become known in an image's packages. AWS: off by default; a
    scanning configuration of the registry replaces what repositories say, so one in the same stack counts.
    """
    value = repository.value("ImageScanningConfiguration", "ScanOnPush")
    kept = is_true(value, ctx)
    if kept:
        return
    scanned = any_of(*(_scans(one, repository) for one in repository.stack.of_type(_SCANNING)))
    if scanned:
        return
    if kept is None or scanned is None:
        why = value.reason if isinstance(value, Unknown) else "it depends on the registry's scanning configuration"
        yield ctx.undecided(value, f"whether its images are scanned cannot be told: {why}")
    else:
        yield ctx.violation(value, "does not scan its images")


def _scans(configuration: Resource, repository: Resource) -> Decision:
    rules = configuration.listed("Rules")
    if not isinstance(rules, Known):
        return None if isinstance(rules, Unknown) else False
    return any_of(*(_covers(view, repository) for view in rules.value))


def _covers(scan: View, repository: Resource) -> Decision:
    """Whether a scanning rule matches the repository's name and scans by itself."""
    manual = text_is(scan.text("ScanFrequency"), "MANUAL")
    if manual is not False:
        return None if manual is None else False
    name = repository.text("RepositoryName")
    found: set[Decision] = set()
    for pattern in scan.values("RepositoryFilters", EACH, "Filter"):
        if not isinstance(pattern, Known):
            found.add(None)
        elif set(str(pattern.value)) == {"*"}:
            found.add(True)
        else:
            # AWS: a filter without a wildcard matches names that contain it.
            wild = str(pattern.value) if "*" in str(pattern.value) else f"*{pattern.value}*"
            found.add(matches(wild, name.value) if isinstance(name, Known) else None)
    return any_of(*found)
