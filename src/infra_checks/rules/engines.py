"""The engine of a database and its major version, from its own properties or from its parameter group's family."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.core.rule import Absent, Known, Unknown

if TYPE_CHECKING:
    from infra_checks.core.resource import Resource
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

MYSQL: Final = "mysql"
MARIADB: Final = "mariadb"
POSTGRES: Final = "postgres"
AURORA_MYSQL: Final = "aurora-mysql"
AURORA_POSTGRES: Final = "aurora-postgresql"

_FAMILY: Final = re.compile(r"(?P<engine>[a-z][a-z0-9-]*?)-?(?P<major>[0-9]+(?:\.[0-9]+)?)")
_NUMBERS: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_FIRST_MAJOR_OF_ONE_NUMBER: Final = 10


class Engine(NamedTuple):
    """An engine's name, and its major version when that is known."""

    name: str
    major: str = ""

    def is_since(self, major: str) -> Decision:
        """Whether the version is not older than one; None when it is not known."""
        return _ordered(self.major) >= _ordered(major) if self.major else None


def _ordered(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def engine_of_family(family: str) -> Engine | None:
    """The engine of a parameter group's family, such as `postgres15`, `aurora-mysql8.0` or `sqlserver-se-15.0`."""
    found = _FAMILY.fullmatch(family.strip().lower())
    if found is None:
        return None
    # The family of the engine named aurora goes with MySQL 5.6.
    return Engine(found["engine"], found["major"])


def major_version(engine: str, version: str) -> str:
    """What AWS calls the major version: 15 of PostgreSQL 15.4, 8.0 of MySQL 8.0.35 and 8.0.mysql_aurora.3.04.0."""
    numbers = _NUMBERS.match(version.strip())
    if numbers is None:
        return ""
    major = numbers[0].partition(".")[0]
    by_one_number = "postgres" in engine and int(major) >= _FIRST_MAJOR_OF_ONE_NUMBER
    return major if by_one_number else numbers[0]


def engine_of(database: Resource) -> Engine | Unknown | Absent:
    """The engine that a database names; its major version is empty when it is not given or not known."""
    name = database.text("Engine")
    match name:
        case Unknown() | Absent():
            return name
        case Known(text):
            engine = text.lower()
            return Engine(engine, _major(engine, database.text("EngineVersion")))


def _major(engine: str, version: Value[str]) -> str:
    match version:
        case Known(text):
            return major_version(engine, text)
        case Unknown():
            start = version.parts[0] if version.parts else ""
            # The part before the last dot is whole: what follows belongs to the minor version.
            return major_version(engine, start.rpartition(".")[0]) if isinstance(start, str) else ""
        case Absent():
            return ""


def engine_starts(resource: Resource, *starts: str) -> Decision:
    """Whether the engine's name begins with one of some texts."""
    engine = engine_of(resource)
    match engine:
        case Engine():
            return engine.name.startswith(starts)
        case Unknown():
            return None
        case Absent():
            return False


def is_custom(resource: Resource) -> Decision:
    """The database is of RDS Custom, whose host is yours: monitoring, logs and upgrades are not RDS's."""
    return engine_starts(resource, "custom-")
