"""Rules on the name of a database's master user: one that the engine takes, and not the one everybody tries."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.evaluate.view import as_text
from infra_checks.rules.engines import AURORA_POSTGRES, POSTGRES, Engine, engine_of
from infra_checks.rules.predicates import DB_CLUSTER, DB_INSTANCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.values import Value

DOCS: Final = "https://docs.aws.amazon.com/"
REDSHIFT: Final = "AWS::Redshift::Cluster"
DOCUMENTS: Final = "AWS::DocDB::DBCluster"


@rule(
    DB_INSTANCE,
    DB_CLUSTER,
    REDSHIFT,
    id="database-default-admin-check",
    title="Master user does not have the name that everybody tries first",
    family=Family.IAM,
    severity=Severity.LOW,
    remedy="Choose a name of your own for `MasterUsername`; the database is replaced.",
    source=DOCS + "config/latest/developerguide/rds-instance-default-admin-check.html",
    equivalents=("rds_instance_default_admin", "rds_cluster_default_admin"),
    options={"default_names": ("admin", "awsuser", "postgres")},
)
def default_admin(database: Resource, ctx: Context) -> Iterator[Verdict]:
    """Guessing a password is half done when the user is called as AWS's console suggests: admin for most engines,
    postgres for PostgreSQL, awsuser for Amazon Redshift. The name cannot be changed later.
    """
    name = _generated(database, database.text("MasterUsername"))
    match name:
        case Known(text) if text.lower() in ctx.names("default_names"):
            yield ctx.violation(name, f"calls its master user {text}, as the console suggests")
        case Unknown():
            yield ctx.undecided(name, f"the name of its master user cannot be told: {name.reason}")
        case Known() | Absent():
            return


_IN_SECRET: Final = re.compile(r"\$\{(\w+)\.Ref\}:SecretString:username(?:::?)?", re.ASCII)


def _generated(database: Resource, name: Value[str]) -> Value[str]:
    """The name that a secret of this stack is made with, where the database takes it from there."""
    if not isinstance(name, Unknown) or name.symbol is None or not name.is_dynamic_reference:
        return name
    named = _IN_SECRET.fullmatch(str(name.symbol.name[-1]))
    secret = database.stack.get(named[1]) if named else None
    if secret is None or secret.type != "AWS::SecretsManager::Secret":
        return name
    template = secret.text("GenerateSecretString", "SecretStringTemplate")
    if not isinstance(template, Known):
        return name
    try:
        text = json.loads(template.value).get("username")
    except (ValueError, AttributeError):
        return name
    return Known(text, name.node, name.path, name.notes) if isinstance(text, str) else name


_KEY_WORDS: Final = Path(__file__).with_name("data") / "postgresql_key_words.txt"
_EVERYWHERE: Final = "rdsadmin"
_ADMIN: Final = "admin"
_DOCUMENT_ENGINE: Final = "docdb"
_RESERVING: Final = (POSTGRES, AURORA_POSTGRES, _DOCUMENT_ENGINE)
_FORM: Final = re.compile(r"[A-Za-z]\w*", re.ASCII)


@cache
def key_words() -> frozenset[str]:
    """The words that PostgreSQL reserves."""
    lines = _KEY_WORDS.read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@rule(
    DB_INSTANCE,
    DB_CLUSTER,
    DOCUMENTS,
    id="rds-master-username-allowed",
    title="Engine takes the name of the master user",
    family=Family.DEPLOYABILITY,
    severity=Severity.HIGH,
    remedy="Choose a name that begins with a letter and is no reserved word of the engine, such as `dbadmin`.",
    source=DOCS + "AmazonRDS/latest/APIReference/API_CreateDBInstance.html",
)
def allowed_username(database: Resource, ctx: Context) -> Iterator[Verdict]:
    """RDS refuses a name that the engine reserves, after the other resources of the stack have been made. AWS: the
    name begins with a letter and has letters, digits and underscores; it is no reserved word of the engine. Reserved
    are rdsadmin everywhere, admin for PostgreSQL and DocumentDB, and for PostgreSQL its key words (user, default)
    and what begins with pg_. A name that a secret holds is not judged, nor is an unknown one of another engine.
    """
    value = database.value("MasterUsername")
    name = as_text(value)
    engine = Engine(_DOCUMENT_ENGINE) if database.type == DOCUMENTS else engine_of(database)
    match name:
        case Absent():
            return
        case Unknown():
            if not name.is_dynamic_reference and _reserves(engine):
                yield ctx.undecided(name, f"the name of its master user cannot be told: {name.reason}")
        case Known(text):
            yield from _judged(text, value, engine, ctx)


def _reserves(engine: Engine | Unknown | Absent) -> bool:
    return not isinstance(engine, Engine) or engine.name in _RESERVING


def _judged(text: str, value: Value[object], engine: Engine | Unknown | Absent, ctx: Context) -> Iterator[Verdict]:
    lowered = text.lower()
    if not _FORM.fullmatch(text):
        yield ctx.violation(value, f"calls its master user {text!r}, which is not a letter and then letters or digits")
    elif lowered == _EVERYWHERE or (isinstance(engine, Engine) and _is_reserved(lowered, engine)):
        whose = engine.name if isinstance(engine, Engine) else "RDS"
        yield ctx.violation(value, f"calls its master user {text}, a word that {whose} reserves")
    elif not isinstance(engine, Engine) and any(_is_reserved(lowered, Engine(name)) for name in _RESERVING):
        yield ctx.undecided(value, f"calls its master user {text}, which some engines reserve; its engine is not known")


def _is_reserved(name: str, engine: Engine) -> bool:
    if engine.name in {POSTGRES, AURORA_POSTGRES}:
        return name == _ADMIN or name.startswith("pg_") or name in key_words()
    return engine.name == _DOCUMENT_ENGINE and name == _ADMIN
