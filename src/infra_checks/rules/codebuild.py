"""Rules on CodeBuild projects: what they encrypt, where they log, and what their builds may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_customer_key, is_not_true, property_rule, stated
from infra_checks.evaluate.view import EACH
from infra_checks.rules.namings import is_open
from infra_checks.rules.predicates import all_of, any_of, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

PROJECT: Final = "AWS::CodeBuild::Project"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_GUIDE: Final = "https://docs.aws.amazon.com/codebuild/latest/userguide/"
_TEMPLATE: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"

key = property_rule(
    PROJECT,
    id="codebuild-project-customer-managed-key",
    title="Build output is encrypted with a key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("EncryptionKey",),
    holds=is_customer_key,
    message="does not encrypt its output with a key of your own",
    rationale="""Build output is code that will run. CodeBuild encrypts it with the AWS managed key for S3 unless
    EncryptionKey is set; only the policy of a key of one's own says who may read it.""",
    remedy="Set `EncryptionKey: !GetAtt Key.Arn`.",
    source=_GUIDE + "security-encryption.html",
    equivalents=("d7467bb6", "W32", "CODEBUILD_ENCRYPTION_KEY_RULE", "AwsSolutions-CB4"),
)


@rule(
    PROJECT,
    id="codebuild-project-artifact-encryption",
    title="Build artifacts are encrypted",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    remedy="Remove `EncryptionDisabled` from `Artifacts` and `SecondaryArtifacts`.",
    source=_CONFIG + "codebuild-project-artifact-encryption.html",
    equivalents=("CKV_AWS_78", "AWS-0018"),
)
def artifacts(project: Resource, ctx: Context) -> Iterator[Verdict]:
    """CodeBuild encrypts artifacts unless EncryptionDisabled is true, which it takes for artifacts in S3 only."""
    paths = (("Artifacts", "EncryptionDisabled"), ("SecondaryArtifacts", EACH, "EncryptionDisabled"))
    for value in (value for path in paths for value in project.values(*path)):
        kept = is_not_true(value, ctx)
        if kept is None:
            yield ctx.undecided(value, "whether it encrypts its artifacts is known only at deployment")
        elif not kept:
            yield ctx.violation(value, "does not encrypt its artifacts")


def _logs_not_to_s3(project: Resource) -> Decision:
    on = text_is(project.text("LogsConfig", "S3Logs", "Status"), "ENABLED")
    return None if on is None else not on


s3_logs = property_rule(
    PROJECT,
    id="codebuild-project-s3-logs-encrypted",
    title="Build logs in S3 are encrypted",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("LogsConfig", "S3Logs", "EncryptionDisabled"),
    holds=is_not_true,
    unless=(_logs_not_to_s3,),
    message="does not encrypt its logs in S3",
    rationale="""Logs of builds show what was built and what it was given. CodeBuild encrypts them unless
    EncryptionDisabled is true.""",
    remedy="Remove `LogsConfig.S3Logs.EncryptionDisabled`.",
    source=_CONFIG + "codebuild-project-s3-logs-encrypted.html",
    equivalents=("codebuild_project_s3_logs_encrypted",),
)

report_group = property_rule(
    "AWS::CodeBuild::ReportGroup",
    id="codebuild-report-group-encrypted-at-rest",
    title="Exported test reports are encrypted",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("ExportConfig", "S3Destination", "EncryptionDisabled"),
    holds=is_not_true,
    message="does not encrypt the test reports it exports",
    rationale="""Test reports show how the code behaves. CodeBuild encrypts what it exports unless EncryptionDisabled is
    true.""",
    remedy="Remove `ExportConfig.S3Destination.EncryptionDisabled`.",
    source=_CONFIG + "codebuild-report-group-encrypted-at-rest.html",
    equivalents=("codebuild_report_group_export_encrypted",),
)


@rule(
    PROJECT,
    id="codebuild-project-source-tls",
    title="Source code is fetched over verified TLS",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Remove `InsecureSsl`.",
    source=_TEMPLATE + "aws-properties-codebuild-project-source.html",
)
def source_tls(project: Resource, ctx: Context) -> Iterator[Verdict]:
    """With InsecureSsl CodeBuild takes the code from whoever answers under the repository's name, and builds it. It is
    false by default.
    """
    for path in (("Source", "InsecureSsl"), ("SecondarySources", EACH, "InsecureSsl")):
        for value in project.values(*path):
            kept = is_not_true(value, ctx)
            if kept is None:
                yield ctx.undecided(value, "whether it verifies TLS is known only at deployment")
            elif not kept:
                yield ctx.violation(value, "fetches its source without verifying TLS certificates")


@rule(
    PROJECT,
    id="codebuild-project-logging-enabled",
    title="Builds are logged",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Set `LogsConfig.CloudWatchLogs.Status: ENABLED`, or remove `LogsConfig`.",
    source=_CONFIG + "codebuild-project-logging-enabled.html",
    equivalents=("codebuild_project_logging_enabled",),
)
def logs(project: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without logs nobody can tell what a build has done. CodeBuild logs to CloudWatch unless that is disabled, and to
    S3 when that is enabled.
    """
    cloudwatch, bucket = (project.text("LogsConfig", name, "Status") for name in ("CloudWatchLogs", "S3Logs"))
    on = any_of(isinstance(cloudwatch, Absent) or text_is(cloudwatch, "ENABLED"), text_is(bucket, "ENABLED"))
    if on is None:
        yield ctx.undecided(cloudwatch, "whether its builds are logged is known only at deployment")
    elif not on:
        yield ctx.violation(cloudwatch, "logs its builds nowhere")


@rule(
    PROJECT,
    id="codebuild-project-envvar-awscred-check",
    title="Builds get no long-lived AWS credentials",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Remove the variable and give `ServiceRole` the permissions.",
    source=_CONFIG + "codebuild-project-envvar-awscred-check.html",
    equivalents=("CODEBUILD_PROJECT_ENVVAR_AWSCRED_CHECK", "CodeBuildProjectEnvVarAwsCred"),
    secret=True,
)
def credentials(project: Resource, ctx: Context) -> Iterator[Verdict]:
    """A plaintext variable is shown to everyone who may look at the project. Builds have the project's service role,
    whose credentials change by themselves.
    """
    entries = project.items("Environment", "EnvironmentVariables")
    if isinstance(entries, Unknown):
        yield ctx.undecided(entries, f"its variables cannot be told: {entries.reason}")
    for entry in entries.value if isinstance(entries, Known) else ():
        name, kind = entry.text("Name"), stated(entry.text("Type"))
        wrong = all_of(
            (
                text_is(name, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
                isinstance(kind, Absent) or text_is(kind, "PLAINTEXT"),
            )
        )
        if wrong is None:
            yield ctx.undecided(name, "whether a variable has AWS credentials is known only at deployment")
        elif wrong:
            secret = entry.value("Value").node
            hides = (secret,) if secret is not None else ()
            yield ctx.violation(name, "gives its builds AWS credentials in a plaintext variable", hides=hides)


@rule(
    PROJECT,
    id="codebuild-project-source-repo-url-check",
    title="The address of the source holds no credentials",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Take user and password out of `Location`, and use `Auth: {Type: CODECONNECTIONS, Resource: ...}`.",
    source=_CONFIG + "codebuild-project-source-repo-url-check.html",
    equivalents=(
        "CODEBUILD_PROJECT_SOURCE_REPO_URL_CHECK",
        "CodeBuildProjectSourceRepoUrl",
        "codebuild_project_source_repo_url_no_sensitive_credentials",
    ),
    secret=True,
)
def source_url(project: Resource, ctx: Context) -> Iterator[Verdict]:
    """The address stands in the template, in the project and in the logs of each build, and so does what is before
    its `@`.
    """
    for path in (("Source", "Location"), ("SecondarySources", EACH, "Location")):
        for value in project.values(*path):
            match value:
                case Known(str(text)) if _has_user(text):
                    yield ctx.violation(value, "has credentials in the address of its source")
                case Unknown() if _has_user("".join(part if isinstance(part, str) else "x" for part in value.parts)):
                    yield ctx.violation(value, "has credentials in the address of its source")
                case Unknown() if is_open(value):
                    yield ctx.undecided(value, f"the address of its source cannot be told: {value.reason}")
                case Known() | Unknown() | Absent():
                    continue


def _has_user(address: str) -> bool:
    """Whether an address has a user with a password, or a token in place of the user."""
    scheme, separator, rest = address.partition("://")
    return bool(separator) and scheme in {"http", "https"} and "@" in rest.partition("/")[0]


@rule(
    PROJECT,
    id="codebuild-project-environment-privileged-check",
    title="Builds have no privileged mode",
    family=Family.IAM,
    severity=Severity.LOW,
    remedy="Remove `Environment.PrivilegedMode`, unless the build makes container images.",
    source=_CONFIG + "codebuild-project-environment-privileged-check.html",
)
def privileged(project: Resource, ctx: Context) -> Iterator[Verdict]:
    """In privileged mode a build has the Docker daemon, and with it all of the machine it runs on. It is false by
    default, and needed only to build container images.
    """
    value = project.boolean("Environment", "PrivilegedMode")
    kept = is_not_true(value, ctx)
    if kept is None:
        yield ctx.undecided(value, "whether its builds are privileged is known only at deployment")
    elif not kept:
        yield ctx.violation(value, "runs its builds in privileged mode")
