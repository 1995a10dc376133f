"""Rules on properties that hold a password, key or token: its value must not be told by the template or the stack."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.evaluate.values import Symbol
from infra_checks.rules.predicates import is_enabled
from infra_checks.rules.secret_properties import SECRETS, parameters_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.values import Value
    from infra_checks.template.model import Parameter

_GUIDE: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/"
_SECURE: Final = frozenset({"secretsmanager", "ssm-secure"})
_REFERENCES: Final = ("{{resolve:secretsmanager:", "{{resolve:ssm-secure:")


@rule(
    *SECRETS,
    id="secret-property-not-in-plaintext",
    title="Passwords, keys and tokens come from Secrets Manager or a NoEcho parameter",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Use a dynamic reference such as `'{{resolve:secretsmanager:MySecret:SecretString:password}}'` (or let the "
    "service keep the secret, as with `ManageMasterUserPassword: true`), or a parameter with `NoEcho: true` and no "
    "default.",
    source=_GUIDE + "security-best-practices.html",
    equivalents=(
        "F35",
        "F37",
        "F42",
        "F43",
        "F46",
        "F49",
        "F50",
        "F52",
        "F58",
        "F59",
        "F63",
        "F64",
        "F65",
        "F68",
        "F70",
        "F75",
        "DMS_NO_PLAINTEXT_PASSWORD",
        "REDSHIFT_CLUSTER_MASTER_USER_PASSWORD_NO_PLAINTEXT_PASSWORD",
        *("F23", "F31", "F34", "F36", "F41", "F44", "F45", "F47", "F48", "F51", "F53", "F54", "F55", "F56", "F57"),
        *("F60", "F61", "F62", "F66", "F67", "F69", "F71", "F74", "W2501", "HardcodedRDSPasswordRule"),
        "AMAZON_MQ_BROKER_USERS_NO_PLAINTEXT_PASSWORD",
        "IAM_USER_LOGIN_PROFILE_NO_PLAINTEXT_PASSWORD",
        "KINESIS_FIREHOSE_REDSHIFT_DESTINATION_CONFIGURATION_NO_PLAINTEXT_PASSWORD",
        "KINESIS_FIREHOSE_SPLUNK_DESTINATION_CONFIGURATION_NO_PLAINTEXT_PASSWORD",
        "MICROSOFT_AD_NO_PLAINTEXT_PASSWORD",
        "RDS_CLUSTER_MASTER_USER_PASSWORD_NO_PLAINTEXT_PASSWORD",
        "RDS_CLUSTER_MASTER_USER_PASSWORD_USES_SECURE_PARAMETER",
        "RDS_MASTER_USER_PASSWORD_NO_PLAINTEXT_PASSWORD",
        "RDS_MASTER_USER_PASSWORD_USES_SECURE_PARAMETER",
    ),
    secret=True,
)
def not_in_plaintext(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Templates are kept in version control and read by many; a secret in one is known to all of them.

    CloudFormation shows the value of a parameter without NoEcho, and the default of any, to everyone who may describe
    the stack or get its template. `{{resolve:ssm:...}}` and parameters of type AWS::SSM::Parameter::Value take their
    value from a parameter that Systems Manager stores in plain text. A text that only stands in for a secret
    (`changeme`) becomes the password if nobody changes it.
    """
    for path in SECRETS[resource.type]:
        for value in resource.values(*path):
            yield from _judge(resource, ctx, path, value)


@rule(
    "AWS::DocDB::DBCluster",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
    id="database-user-name-not-in-plaintext",
    title="The name of a database's main user is no part of the template",
    family=Family.IAM,
    severity=Severity.LOW,
    remedy="Use a dynamic reference to the secret that also holds the password, or a parameter with `NoEcho: true` and "
    "no default.",
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html",
    equivalents=(
        "F24",
        "RDS_MASTER_USER_NAME_NO_PLAINTEXT_PASSWORD",
        "RDS_MASTER_USER_NAME_USES_SECURE_PARAMETER",
    ),
)
def user_name(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Who knows the name of the main user needs only the password; a secret of Secrets Manager holds both. With
    ManageMasterUserPassword the database's own secret does, and the name alone gives nothing away.
    """
    managed = is_enabled(resource, "ManageMasterUserPassword")
    if managed:
        return
    for verdict in _judge(resource, ctx, ("MasterUsername",), resource.value("MasterUsername")):
        if managed is None:
            at = resource.value("ManageMasterUserPassword")
            yield ctx.undecided(at, "whether a secret of its own holds the password is known only at deployment")
        else:
            yield verdict


def _judge(resource: Resource, ctx: Context, path: tuple[str, ...], value: Value[object]) -> Iterator[Verdict]:
    """One verdict on a secret. What the value is made of is told, the value itself never."""
    name = path[-1] if path[-1] != "*" else path[-2]
    # The notes of a value may quote a parameter's default.
    bare = replace(value, notes=())
    match value:
        case Known("") | Absent():
            return
        case Known(str(text)) if text.startswith(_REFERENCES):
            return  # Malformed, or it would be Unknown; whatever is wrong with it, it is no secret.
        case Known(text):
            told = _parameters(resource, value)
            if told:
                yield ctx.violation(bare, f"takes {name} from the parameter {told[0].name}, {_weakness(told[0])}")
            elif not (resource.type == "AWS::SecretsManager::Secret" and isinstance(text, str) and _stands_in(text)):
                yield ctx.violation(bare, f"has its {name} in the template")
        case Unknown():
            yield from _judge_parts(resource, ctx, name, value)


def _judge_parts(resource: Resource, ctx: Context, name: str, value: Unknown) -> Iterator[Verdict]:
    symbols = [part for part in value.parts if isinstance(part, Symbol)]
    weak = [fault for symbol in symbols if (fault := _fault(resource, symbol))]
    safe = any(_is_safe(resource, symbol) for symbol in symbols)
    bare = replace(value, notes=())
    if weak and not safe:
        yield ctx.violation(bare, f"takes {name} from {weak[0]}")
    elif symbols and all(symbol.kind == "pseudo" for symbol in symbols):
        yield ctx.violation(bare, f"has a {name} that anyone can guess: it is made of what everyone knows")
    elif not safe:
        yield ctx.undecided(bare, f"whether {name} stands somewhere in plain text cannot be told: {value.reason}")


def _is_safe(resource: Resource, symbol: Symbol) -> bool:
    """Whether what a symbol stands for is nowhere in plain text: a secret's value, a resource's attribute."""
    if symbol.kind == "dynamic":
        return symbol.name[0] in _SECURE
    return symbol.kind == "reference" or (symbol.kind == "parameter" and not _fault(resource, symbol))


def _fault(resource: Resource, symbol: Symbol) -> str:
    """What is wrong with the source of a secret; empty when nothing is, or nothing is known."""
    if symbol.kind == "dynamic":
        return "" if symbol.name[0] in _SECURE else "a parameter that Systems Manager keeps in plain text"
    if symbol.kind != "parameter":
        return ""
    parameter = resource.evaluator.stack.template.parameters[str(symbol)]
    weakness = _weakness(parameter)
    return f"the parameter {parameter.name}, {weakness}" if weakness else ""


def _weakness(parameter: Parameter) -> str:
    if parameter.is_ssm:
        return "which names a parameter that Systems Manager keeps in plain text"
    if not parameter.no_echo:
        return "which has no NoEcho"
    if parameter.default and "{{resolve:" not in parameter.default:
        return "whose default stands in the template"
    return ""


def _parameters(resource: Resource, value: Value[object]) -> list[Parameter]:
    """The parameters that a value is made of."""
    declared = resource.evaluator.stack.template.parameters
    return [declared[name] for name in parameters_in(value.node) if name in declared]


def _stands_in(text: str) -> bool:
    """Whether a secret's first value only stands in for one that is set later: `changeme`, `{}`, `<token>`."""
    plain = text.strip().lower()
    return any(word in plain for word in _STAND_INS) or len(set(plain)) <= 2  # noqa: PLR2004 - `{}`, `xxxx`


_STAND_INS: Final = (
    *("changeme", "change-me", "change_me", "change it", "placeholder", "replace", "todo", "dummy", "tbd", "<"),
    *("to be ", "update me", "updateme", "update-me", "set manually", "fill in", "your"),
)
