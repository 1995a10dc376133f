"""Rules on what a CodeBuild project or a pipeline builds, for whom, and from where."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_customer_key, is_true
from infra_checks.evaluate.view import EACH, View, as_text
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

_REFERENCES: Final = ("HEAD_REF", "BASE_REF")


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
    number of a trusted account that of anyone whose number contains it, whose code the project then builds. Of a
    branch or tag `.*` at the end is meant (`^refs/heads/.*` is AWS's own example), and so is `.*` alone; of an account
    it is as much too wide as no `$`. A filter with ExcludeMatchedPattern lets in nobody by matching too much.
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
    excludes = is_true(entry.value("ExcludeMatchedPattern"), ctx)
    known = kind.value if isinstance(kind, Known) else ""
    if excludes or isinstance(kind, Absent) or (known and known not in _WHOLE):
        return
    match pattern:
        case Known(text) if _is_anchored(text, known):
            return
        case Known(text) if isinstance(kind, Unknown):
            yield ctx.undecided(kind, f"whether it filters by {text!r} who or what is let in cannot be told")
        case Known() if excludes is None:
            yield ctx.undecided(pattern, "whether a filter by parts of texts lets in or keeps out cannot be told")
        case Known(text):
            yield ctx.violation(pattern, f"filters {known} by {text!r}, which matches parts of other texts too")
        case Unknown():
            written = "".join(part if isinstance(part, str) else "x" for part in pattern.parts)
            if not _is_anchored(written, known):
                yield ctx.undecided(pattern, f"a pattern of its webhook cannot be told: {pattern.reason}")
        case Absent():
            return


def _is_anchored(pattern: str, kind: str) -> bool:
    """Whether each alternative begins with `^` and ends with `$`, or with `.*` where a part of a reference is meant;
    alternatives in parentheses are one.
    """
    flat = re.sub(r"\([^()]*\)", "", pattern)
    ends = ("$", ".*") if kind in _REFERENCES else ("$",)
    return all(
        (part == ".*" and kind in _REFERENCES) or (part.startswith("^") and part.endswith(ends))
        for part in flat.split("|")
    )


@rule(
    PROJECT,
    id="codebuild-project-buildspec-in-template",
    title="What a build does is not told by what it builds",
    family=Family.IAM,
    severity=Severity.INFO,
    remedy="Write the build specification into `Source.BuildSpec`, or name one in a bucket (`arn:aws:s3:::...`).",
    source=_CODEBUILD + "build-spec-ref.html",
    equivalents=("codebuild_project_user_controlled_buildspec",),
)
def buildspec(project: Resource, ctx: Context) -> Iterator[Verdict]:
    """CodeBuild runs the buildspec.yml of the source unless BuildSpec is a specification or the ARN of one in S3;
    whoever may push to the repository, or open a pull request that is built, then runs commands with its role.
    """
    told = project.text("Source", "BuildSpec")
    match told:
        case Known(text):
            text_known = text
        case Unknown():
            text_known = "".join(part if isinstance(part, str) else "x" for part in told.parts)
        case Absent():
            text_known = ""
    if _is_specification(text_known):
        return
    if isinstance(told, Unknown):
        yield ctx.undecided(told, f"whether its BuildSpec is a file of the source cannot be told: {told.reason}")
    else:
        yield ctx.violation(told, "does what a file of its source says")


def _is_specification(text: str) -> bool:
    """Whether a BuildSpec is one, or the ARN of one, and not a path in the source."""
    return "\n" in text.strip() or text.lstrip().startswith("{") or _IN_S3.match(text) is not None


_IN_S3: Final = re.compile(r"arn:[^:]+:s3:::")
_GITHUB: Final = re.compile(r"https://(?:[^@/]*@)?github\.com/([^/]+)/", re.IGNORECASE)


@rule(
    PROJECT,
    id="codebuild-project-github-organizations",
    title="Builds fetch from the GitHub organizations that they should",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Use a repository of an organization in the option `organizations`, or add the organization to it.",
    source=_CODEBUILD + "sample-github-pull-request.html",
    equivalents=("codebuild_project_uses_allowed_github_organizations",),
    options={"organizations": ()},
)
def organizations(project: Resource, ctx: Context) -> Iterator[Verdict]:
    """A project runs what it fetches, with its role; a repository of someone else's can change at any time. Nothing is
    judged without the option `organizations`, which lists the organizations and users that code may come from.
    """
    allowed = {name.lower() for name in ctx.names("organizations")}
    if not allowed:
        return
    for location in (project.text("Source", "Location"), *map(as_text, project.values(*_SECONDARY))):
        match location:
            case Known(text):
                start = text
            case Unknown():
                start = next((part for part in location.parts[:1] if isinstance(part, str)), "")
            case Absent():
                continue
        named = _GITHUB.match(start)
        if named and named[1].lower() not in allowed:
            yield ctx.violation(location, f"fetches from {named[1]} on GitHub, which is not among those allowed")
        elif isinstance(location, Unknown) and not named:
            yield ctx.undecided(location, f"from where it fetches cannot be told: {location.reason}")


_SECONDARY: Final = ("SecondarySources", EACH, "Location")


@rule(
    PIPELINE,
    id="codepipeline-source-in-first-stage",
    title="The first stage of a pipeline, and no other, fetches the source",
    family=Family.DEPLOYABILITY,
    severity=Severity.HIGH,
    remedy="Move the actions of category Source into the first stage, and all others out of it.",
    source=_CODEPIPELINE + "reference-pipeline-structure.html",
    equivalents=("E3700",),
)
def first_stage(pipeline: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS: the first stage has at least one source action and no other kind, and no later stage has one. CodePipeline
    refuses other pipelines, and the deployment fails.
    """
    stages = pipeline.items("Stages")
    if isinstance(stages, Unknown):
        yield ctx.undecided(stages, f"its stages cannot be told: {stages.reason}")
    for number, stage in enumerate(stages.value if isinstance(stages, Known) else ()):
        for category in map(as_text, stage.values("Actions", EACH, "ActionTypeId", "Category")):
            match category:
                case Known(kind) if (kind == "Source") != (number == 0):
                    where = "the first stage" if number == 0 else "a later stage"
                    yield ctx.violation(category, f"has an action of category {kind} in {where}")
                case Unknown():
                    yield ctx.undecided(category, f"the category of an action cannot be told: {category.reason}")
                case Known() | Absent():
                    continue


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
