"""Rules on secrets that stand in the template: in variables, code, documents, parameters and outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import stated
from infra_checks.evaluate.view import EACH, View, as_text
from infra_checks.rules.namings import is_open
from infra_checks.rules.predicates import text_is
from infra_checks.rules.secret_texts import may_be_secret, secret_in, secret_under
from infra_checks.template.nodes import Mapping, Scalar, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.values import Value

FUNCTION: Final = "AWS::Lambda::Function"
PROJECT: Final = "AWS::CodeBuild::Project"
STAGE: Final = "AWS::ApiGateway::Stage"
CREDENTIALS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_VARIABLES: Final = {
    FUNCTION: ("Environment", "Variables"),
    STAGE: ("Variables",),
    "AWS::ApiGatewayV2::Stage": ("StageVariables",),
    "AWS::Glue::Job": ("DefaultArguments",),
}


@rule(
    *_VARIABLES,
    PROJECT,
    id="environment-variables-no-secrets",
    title="No secret is written into variables",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Put the secret into Secrets Manager and read it at run time; in CodeBuild with a variable of `Type: "
    "SECRETS_MANAGER` or `PARAMETER_STORE`.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
    equivalents=(
        "2564172f",
        "CKV_AWS_45",
        "awslambda_function_no_secrets_in_variables",
        "codebuild_project_no_secrets_in_variables",
        "apigateway_restapi_no_secrets_in_stage_variables",
    ),
    secret=True,
)
def variables(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """A template is kept in version control, and variables are shown to everyone who may look at the resource. A text
    is taken for a secret by its form (keys and tokens), as a password by its variable's name, and as another secret
    by name and form together.
    """
    for name, value in _named(resource):
        match value:
            case Known(text):
                found = secret_under(name, text)
                if found:
                    yield ctx.violation(value, f"has {found} in the variable {name}")
            case Unknown() if is_open(value) and (not name or may_be_secret(name)):
                yield ctx.undecided(value, f"{name or 'the variables'} cannot be told: {value.reason}")
            case Unknown() | Absent():
                continue


def _named(resource: Resource) -> Iterator[tuple[str, Value[str]]]:
    """The variables of a resource; what cannot be read at all has no name."""
    if resource.type == PROJECT:
        yield from _of_project(resource)
        return
    path = _VARIABLES[resource.type]
    view = resource.mapping(*path)
    match view:
        case Known(mapping):
            for name in mapping.keys():  # noqa: SIM118 - a view is no mapping to iterate over
                if may_be_secret(name) or _has_secret(mapping, name):
                    yield name, mapping.text(name)
        case Unknown():
            yield "", Unknown(view.reason, view.node, view.path, view.notes)
        case Absent():
            return


def _has_secret(mapping: View, name: str) -> bool:
    """Whether a secret is written anywhere in an entry. Other entries are not evaluated: their values differ by
    scenario, and there are many of them.
    """
    node = mapping.node
    entry = node.entries.get(name) if isinstance(node, Mapping) else None
    return entry is not None and any(isinstance(each, Scalar) and bool(secret_in(each.text)) for _, each in walk(entry))


def _of_project(project: Resource) -> Iterator[tuple[str, Value[str]]]:
    """A build project's plaintext variables, without the AWS credentials, on which there is a rule of its own."""
    entries = project.items("Environment", "EnvironmentVariables")
    if isinstance(entries, Unknown):
        yield "", Unknown(entries.reason, entries.node, entries.path, entries.notes)
    for entry in entries.value if isinstance(entries, Known) else ():
        name, kind = entry.text("Name"), stated(entry.text("Type"))
        plaintext = isinstance(kind, Absent) or text_is(kind, "PLAINTEXT")
        if plaintext and isinstance(name, Known) and name.value not in CREDENTIALS:
            yield name.value, entry.text("Value")


def _texts(view: View) -> Iterator[Value[str]]:
    """All texts below a view that can be read."""
    pending: list[Value[object]] = [view.value()]
    while pending:
        value = pending.pop()
        match value:
            case Known(View() as mapping):
                pending.extend(mapping.value(key) for key in reversed(mapping.keys()))
            case Known(tuple() as items):
                pending.extend(item.value() for item in reversed(items) if isinstance(item, View))
            case Known() | Unknown():
                yield as_text(value)
            case Absent():
                continue


@rule(
    FUNCTION,
    "AWS::SSM::Document",
    id="code-no-secrets",
    title="No secret is written into code and documents",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Revoke the secret, put a new one into Secrets Manager, and read it at run time.",
    source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/best-practices.html",
    equivalents=(
        "awslambda_function_using_cross_account_layers",
        "awslambda_function_no_secrets_in_code",
        "ssm_document_secrets",
    ),
    secret=True,
)
def code(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """A template is kept in version control, and code and documents are shown to everyone who may look at the
    resource. A secret is found by the form that its issuer gave it; only what stands in the template is searched.
    """
    path = ("Code", "ZipFile") if resource.type == FUNCTION else ("Content",)
    content = resource.value(*path)
    if isinstance(content, Unknown) and is_open(content):
        yield ctx.undecided(content, f"its {'.'.join(path)} cannot be told: {content.reason}")
        return
    for value in _texts(resource.at(*path)):
        match value:
            case Known(text):
                found = secret_in(text)
            case Unknown():
                found = next((kind for part in value.parts if isinstance(part, str) and (kind := secret_in(part))), "")
            case Absent():
                found = ""
        if found:
            yield ctx.violation(value, f"has {found} in its {path[-1]}")


@rule(
    "AWS::SSM::Parameter",
    id="ssm-parameter-no-secrets",
    title="No secret is written into a Systems Manager parameter",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Use an AWS::SecretsManager::Secret with `GenerateSecretString`, or make the parameter elsewhere.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html",
    equivalents=("CKV_AWS_384",),
    secret=True,
)
def parameter(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """CloudFormation cannot make parameters of type SecureString, so that a secret in one stands in plaintext in the
    template and in Systems Manager.
    """
    value, name = resource.text("Value"), resource.text("Name")
    match value:
        case Known(text):
            found = secret_under(_words(resource, name), text)
            if found:
                yield ctx.violation(value, f"keeps {found} in plaintext")
        case Unknown() if is_open(value):
            yield ctx.undecided(value, f"Value cannot be told: {value.reason}")
        case Unknown() | Absent():
            return


def _words(resource: Resource, name: Value[str]) -> str:
    """What tells by its name whether it is a secret: a name that CloudFormation made holds the logical id."""
    given = name.value if isinstance(name, Known) else _last_piece(name)
    return resource.logical_id if not given or f"-{resource.logical_id}-" in given else given


def _last_piece(name: Value[str]) -> str:
    """The known end of a name that is put together; empty when there is none."""
    last = name.parts[-1] if isinstance(name, Unknown) and name.parts else ""
    return last if isinstance(last, str) else ""


AUTHENTICATION: Final = "AWS::CloudFormation::Authentication"


@rule(
    "AWS::AutoScaling::LaunchConfiguration",
    "AWS::EC2::Instance",
    "AWS::EC2::LaunchTemplate",
    id="cfn-authentication-no-secrets",
    title="No credentials are written into the metadata of an instance",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Use `type: S3` with `roleName`; let the instance read other credentials from Secrets Manager by its role.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-authentication.html",
    equivalents=("W1", "CFN_AUTHENTICATION_RULE"),
    secret=True,
)
def authentication(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """What stands in AWS::CloudFormation::Authentication is shown, unmasked, to everyone who may read the stack's
    template or metadata. A NoEcho parameter is shown there too; metadata-no-secret-parameter reports it.
    """
    metadata = resource.attribute("Metadata", AUTHENTICATION)
    match metadata:
        case Unknown():
            yield ctx.undecided(metadata, f"its metadata cannot be told: {metadata.reason}")
        case Known(View() as view):
            values = [(name, value) for name in ("password", "secretKey") for value in view.values(EACH, name)]
            for name, value in values:
                yield from _credential(name, value, ctx)
        case Known() | Absent():
            return


def _credential(name: str, value: Value[object], ctx: Context) -> Iterator[Verdict]:
    match value:
        case Known(text) if text:
            yield ctx.violation(value, f"has a {name} in its metadata")
        case Unknown() if is_open(value):
            yield ctx.undecided(value, f"whether its metadata has a {name} cannot be told: {value.reason}")
        case Known() | Unknown() | Absent():
            return
