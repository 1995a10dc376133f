"""A rule on the size of Fargate tasks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.rules.predicates import text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

_GB: Final = 1024
_SIZES: Final[dict[int, tuple[int, ...]]] = {
    256: (512, _GB, 2 * _GB),
    512: tuple(range(_GB, 4 * _GB + 1, _GB)),
    1024: tuple(range(2 * _GB, 8 * _GB + 1, _GB)),
    2048: tuple(range(4 * _GB, 16 * _GB + 1, _GB)),
    4096: tuple(range(8 * _GB, 30 * _GB + 1, _GB)),
    8192: tuple(range(16 * _GB, 60 * _GB + 1, 4 * _GB)),
    16384: tuple(range(32 * _GB, 120 * _GB + 1, 8 * _GB)),
}
"""AWS: the sizes of memory in MiB that go with each number of CPU units."""

_WRITTEN: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(vcpu|gb)?\s*", re.IGNORECASE)


def _number(value: Value[str]) -> int | None:
    """A size in CPU units or MiB, also one written as `1 vCPU` or `2 GB`; None when it cannot be told."""
    if not isinstance(value, Known):
        return None
    match = _WRITTEN.fullmatch(value.value)
    if match is None:
        return -1
    return int(float(match[1]) * (_GB if match[2] else 1))


def _is_fargate(task: Resource) -> Decision:
    listed = task.listed("RequiresCompatibilities")
    match listed:
        case Known(views):
            kinds = {text_is(view.text(), "FARGATE") for view in views}
            return True if True in kinds else None if None in kinds else False
        case Unknown():
            return None
        case Absent():
            return False


@rule(
    "AWS::ECS::TaskDefinition",
    id="ecs-fargate-task-size-valid",
    title="A Fargate task has a size that Fargate offers",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    remedy="Set `Cpu` and `Memory` of the task to a pair that Fargate offers, such as `256` and `512`.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html",
    equivalents=("f4c9b5f5",),
)
def task_size(task: Resource, ctx: Context) -> Iterator[Verdict]:
    """Fargate offers certain pairs of CPU and memory only, and needs both on the task itself; with any other the
    deployment fails.
    """
    fargate = _is_fargate(task)
    if not fargate:
        return  # other launch types take any size
    cpu, memory = task.text("Cpu"), task.text("Memory")
    for value in (cpu, memory):
        if isinstance(value, Absent):
            yield ctx.violation(value, f"is for Fargate and has no {value.path[-1]}")
        elif isinstance(value, Unknown):
            yield ctx.undecided(value, f"its size cannot be told: {value.reason}")
    units, size = _number(cpu), _number(memory)
    if units is None or size is None:
        return
    if units not in _SIZES:
        yield ctx.violation(cpu, "asks for a number of CPU units that Fargate does not offer")
    elif size not in _SIZES[units]:
        # One message whatever the sizes: parameters for both make many pairs, and one finding names them all.
        yield ctx.violation(memory, "asks for an amount of memory that Fargate does not offer with its CPU units")
