"""Rules on what a CodeBuild project or a pipeline builds, for whom, and from where."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_customer_key
from infra_checks.evaluate.view import EACH, View
from infra_checks.rules.predicates import all_of, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

PROJECT: Final = "AWS::CodeBuild::Project"
PIPELINE: Final = "AWS::CodePipeline::Pipeline"
_CODEBUILD: Final = "https://docs.aws.amazon.com/codebuild/latest/userguide/"
_CODEPIPELINE: Final = "https://docs.aws.amazon.com/codepipeline/latest/userguide/"
_WHOLE: Final = ("ACTOR_ACCOUNT_ID", "HEAD_REF", "BASE_REF", "REPOSITORY_NAME", "ORGANIZATION_NAME")
"""Filters on who or what, where a match of a part lets in others that only look alike."""


@rule(
    PROJECT,
    id="codebuild-project-managed-image",
    title="Builds run in an image of CodeBuild",
    family=Family.DEPLOYABILITY,
    severity=Severity.INFO,
    remedy="Set `Environment.Image` to one of CodeBuild's, such as `aws/codebuild/amazonlinux-x86_64-standard:5.0`.",
    source=_CODEBUILD + "build-env-ref-available.html",
    equivalents=("AwsSolutions-CB5",),
)
def managed_image(project: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS keeps its own images patched; one from elsewhere is as safe as who keeps it. The names of images of
    CodeBuild begin with `aws/codebuild/`.
    """
    image = project.text("Environment", "Image")
    match image:
        case Known(name) if not name.startswith("aws/codebuild/"):
            yield ctx.violation(image, f"builds in the image {name}, which CodeBuild does not maintain")
        case Unknown():
            first = image.parts[0] if image.parts else ""
            if not (isinstance(first, str) and first.startswith("aws/codebuild/")):
                yield ctx.undecided(image, f"its image cannot be told: {image.reason}")
        case Known() | Absent():
            return


@rule(
    PROJECT,
    id="codebuild-project-webhook-filters-anchored",
    title="Filters of a webhook match the whole text",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Write the pattern as `^...$`, for example `^refs/heads/main$` or `^(12345|67890)$`.",
    source=_CODEBUILD + "github-webhook.html",
    equivalents=("codebuild_project_webhook_filters_use_anchored_patterns",),
)
def anchored(project: Resource, ctx: Context) -> Iterator[Verdict]:
    """A pattern is a regular expression that has to match somewhere: `main` also matches `refs/heads/domain`, and the
    number of a trusted account that of anyone whose number contains it, whose code the project then builds.
    """
    for group in project.values("Triggers", "FilterGroups", EACH):
        if isinstance(group, Unknown):
            yield ctx.undecided(group, f"the filters of its webhook cannot be told: {group.reason}")
    groups = project.items("Triggers", "FilterGroups")
    views = groups.value if isinstance(groups, Known) else ()
    for view in views:
        entries = view.items()
        for entry in entries.value if isinstance(entries, Known) else ():
            yield from _pattern(entry, ctx)


def _pattern(entry: View, ctx: Context) -> Iterator[Verdict]:
    kind, pattern = entry.text("Type"), entry.text("Pattern")
    if not (isinstance(kind, Known) and kind.value in _WHOLE):
        return
    match pattern:
        case Known(text) if not _is_anchored(text):
            yield ctx.violation(pattern, f"filters {kind.value} by {text!r}, which matches parts of other texts too")
        case Unknown():
            known = "".join(part if isinstance(part, str) else "x" for part in pattern.parts)
            if not _is_anchored(known):
                yield ctx.undecided(pattern, f"a pattern of its webhook cannot be told: {pattern.reason}")
        case Known() | Absent():
            return


def _is_anchored(pattern: str) -> bool:
    """Whether each alternative begins with `^` and ends with `$`; alternatives in parentheses are one."""
    flat = re.sub(r"\([^()]*\)", "", pattern)
    return all(part.startswith("^") and part.endswith("$") for part in flat.split("|"))


@rule(
    PIPELINE,
    id="codepipeline-artifacts-customer-managed-key",
    title="Artifacts of a pipeline are encrypted with a key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    remedy="Add `EncryptionKey: {Type: KMS, Id: !GetAtt Key.Arn}` to the artifact store.",
    source=_CODEPIPELINE + "S3-artifact-encryption.html",
    equivalents=("CKV_AWS_219",),
)
def artifact_key(pipeline: Resource, ctx: Context) -> Iterator[Verdict]:
    """Artifacts are code that will run. Without EncryptionKey the AWS managed key for S3 encrypts them; only the policy
    of a key of one's own says who may read or replace them, and actions in other accounts need one.
    """
    several = not isinstance(pipeline.value("ArtifactStores"), Absent)
    path = ("ArtifactStores", EACH, "ArtifactStore") if several else ("ArtifactStore",)
    for value in pipeline.values(*path, "EncryptionKey", "Id"):
        kept = is_customer_key(value, ctx)
        if kept is None:
            yield ctx.undecided(value, "with which key it encrypts its artifacts is known only at deployment")
        elif not kept:
            yield ctx.violation(value, "does not encrypt its artifacts with a key of your own")


@rule(
    PIPELINE,
    id="codepipeline-source-uses-connection",
    title="A pipeline fetches from GitHub through a connection",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Use `ActionTypeId: {Owner: AWS, Provider: CodeStarSourceConnection}` with `ConnectionArn`.",
    source=_CODEPIPELINE + "appendix-github-oauth.html",
)
def connection(pipeline: Resource, ctx: Context) -> Iterator[Verdict]:
    """The action of owner ThirdParty and provider GitHub takes a person's OAuth token, which has all of that person's
    access and stays valid until it is taken back. AWS: it is the old action; a connection is an app with access to
    chosen repositories.
    """
    for kind in pipeline.values("Stages", EACH, "Actions", EACH, "ActionTypeId"):
        if isinstance(kind, Known) and isinstance(kind.value, View):
            provider = kind.value.text("Provider")
            old = all_of((text_is(kind.value.text("Owner"), "ThirdParty"), text_is(provider, "GitHub")))
            if old is None:
                yield ctx.undecided(provider, "how it fetches its source is known only at deployment")
            elif old:
                yield ctx.violation(provider, "fetches its source from GitHub with a person's OAuth token")
