"""The rule that memory parameters of RDS parameter groups are numbers or formulas in the engine's own unit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.rules.engines import AURORA_MYSQL, AURORA_POSTGRES, MARIADB, MYSQL, POSTGRES, engine_of_family

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

_BYTE, _KB, _BLOCK, _MB = 1, 1024, 8192, 1024 * 1024
_NAMES: Final = {_BYTE: "bytes", _KB: "kB", _BLOCK: "blocks of 8 kB", _MB: "MB"}

_POSTGRES: Final = {
    "shared_buffers": _BLOCK,
    "effective_cache_size": _BLOCK,
    "temp_buffers": _BLOCK,
    "wal_buffers": _BLOCK,
    "autovacuum_work_mem": _KB,
    "logical_decoding_work_mem": _KB,
    "maintenance_work_mem": _KB,
    "max_stack_depth": _KB,
    "temp_file_limit": _KB,
    "work_mem": _KB,
    "max_slot_wal_keep_size": _MB,
    "max_wal_size": _MB,
    "min_wal_size": _MB,
    "wal_keep_size": _MB,
}
_MYSQL: Final = dict.fromkeys(
    (
        "binlog_cache_size",
        "innodb_buffer_pool_size",
        "innodb_log_buffer_size",
        "innodb_log_file_size",
        "innodb_sort_buffer_size",
        "join_buffer_size",
        "key_buffer_size",
        "max_allowed_packet",
        "max_heap_table_size",
        "query_cache_size",
        "read_buffer_size",
        "read_rnd_buffer_size",
        "sort_buffer_size",
        "tmp_table_size",
    ),
    _BYTE,
)
UNITS: Final = {
    POSTGRES: _POSTGRES,
    AURORA_POSTGRES: _POSTGRES,
    MYSQL: _MYSQL,
    MARIADB: _MYSQL,
    AURORA_MYSQL: _MYSQL,
    "aurora": _MYSQL,
}
"""For each engine the memory parameters and what one of them counts, in bytes."""

_NO_FORMULA: Final = "innodb_log_file_size"
_INTEGER: Final = re.compile(r"-?[0-9]+")
_FORMULA: Final = re.compile(r"(?:GREATEST|LEAST|SUM)\(.*\)|\{[^{}]*\}", re.IGNORECASE | re.DOTALL)
_SHARE: Final = re.compile(r"\{\s*DBInstanceClassMemory\s*((?:[*/]\s*[0-9]+\s*)*)\}")
_STEP: Final = re.compile(r"([*/])\s*([0-9]+)")


@rule(
    "AWS::RDS::DBParameterGroup",
    "AWS::RDS::DBClusterParameterGroup",
    id="rds-parameter-memory-units",
    title="Memory parameters are numbers in the engine's unit",
    family=Family.DEPLOYABILITY,
    severity=Severity.HIGH,
    remedy="Write an integer in the parameter's unit or a formula, such as `shared_buffers: "
    "'{DBInstanceClassMemory/32768}'` (a quarter of the memory in blocks of 8 kB) or `work_mem: 65536` (kB).",
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ParamValuesRef.html",
)
def memory_units(group: Resource, ctx: Context) -> Iterator[Verdict]:
    """RDS takes an integer or a formula for a memory parameter; `256MB` fails the deployment. The integer counts
    the engine's own unit: shared_buffers and effective_cache_size of PostgreSQL blocks of 8 kB, work_mem and
    maintenance_work_mem kB, MySQL's buffers bytes. DBInstanceClassMemory is in bytes, so {DBInstanceClassMemory/4}
    as shared_buffers asks for 2,048 times the memory there is, and the instance does not start. AWS takes no formula
    for innodb_log_file_size of MySQL.
    """
    family = group.text("Family")
    engine = engine_of_family(family.value) if isinstance(family, Known) else None
    candidates = UNITS.get(engine.name, {}) if engine else {**_MYSQL, **_POSTGRES}
    for name, unit in candidates.items():
        value = group.text("Parameters", name)
        match value:
            case Absent():
                if name == "shared_buffers" and isinstance(group.value("Parameters"), Unknown):
                    yield ctx.undecided(value, "its parameters are known only at deployment")
            case Known(text):
                problem = _problem(text.strip(), unit)
                only_number = name == _NO_FORMULA and not _INTEGER.fullmatch(text.strip())
                if problem:
                    yield ctx.violation(value, f"sets {name} to {text!r}, {problem}")
                elif only_number and engine is None:
                    yield ctx.undecided(value, f"whether it is for MySQL, which takes no formula for {name}, is open")
                elif only_number and engine is not None and engine.name == MYSQL:
                    yield ctx.violation(value, f"sets {name} to {text!r}, for which MySQL takes no formula")
            case Unknown():
                yield ctx.undecided(value, f"whether {name} is a number cannot be told: {value.reason}")


def _problem(text: str, unit: int) -> str:
    """What is wrong with the value of a parameter that counts a unit of so many bytes."""
    if _INTEGER.fullmatch(text):
        return ""
    if not _FORMULA.fullmatch(text):
        return f"which is neither an integer of {_NAMES[unit]} nor a formula"
    share = _SHARE.fullmatch(text)
    if share is None:
        return ""
    factor = float(unit)
    for sign, number in _STEP.findall(share[1]):
        if sign == "/" and int(number) == 0:
            return "which divides by zero"
        factor = factor * int(number) if sign == "*" else factor / int(number)
    return f"which is more than the memory there is: it counts {_NAMES[unit]}, not bytes" if factor > 1 else ""
