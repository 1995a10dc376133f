"""The rule that a function's runtime is supported; the dates are in data/lambda_runtimes.txt."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.errors import RuleError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

DATE: Final = "2026-10-20"
"""The date of the data, which is today unless option today says otherwise: a verdict must not depend on the clock."""

_DATA: Final = Path(__file__).with_name("data") / "lambda_runtimes.txt"
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


_LETTERS: Final = re.compile(r"[a-z]+")
_NUMBERS: Final = re.compile(r"[0-9]+")


class Lifecycle(NamedTuple):
    """When AWS ends a runtime, as dates in text; empty when it has set none."""

    deprecated: str
    no_creation: str
    no_update: str


@cache
def lifecycles() -> dict[str, Lifecycle]:
    """The dates of each runtime."""
    found = {}
    for line in _DATA.read_text("utf-8").splitlines():
        name, *dates = line.split()
        if len(dates) == len(Lifecycle._fields) and not line.startswith("#"):
            found[name] = Lifecycle(*("" if date == "-" else date for date in dates))
    return found


@rule(
    "AWS::Lambda::Function",
    id="lambda-runtime-supported",
    title="Function has a runtime that AWS still supports",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    remedy="Set `Runtime` to a newer one of the language.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
    equivalents=(
        "AwsSolutions-L1",
        "CKV_AWS_363",
        "awslambda_function_using_supported_runtimes",
        "W2531",
        "E2531",
        "E2533",
    ),
    options={"today": DATE, "latest": False},
)
def supported(function: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS ends a runtime in three steps: it gets no more security updates, then no new function may have it, then no
    function that has it may be changed, so that deployments fail. Option today is the date for which to judge, by
    default that of the list of runtimes. Option latest asks for the newest runtime of each language.
    """
    today = str(ctx.option("today"))
    if not _DAY.fullmatch(today):
        message = f"option today must be a date such as 2026-01-31, not {today!r}"
        raise RuleError(message)
    runtime = function.text("Runtime")
    match runtime:
        case Absent():
            return
        case Unknown():
            yield ctx.undecided(runtime, f"Runtime cannot be told: {runtime.reason}")
        case Known(name):
            lifecycle = lifecycles().get(name)
            if lifecycle is None:
                yield ctx.undecided(runtime, f"the runtime {name} is not in the list of {DATE}")
            elif lifecycle.deprecated and lifecycle.deprecated <= today:
                yield ctx.violation(runtime, f"has the runtime {name}, {_state(lifecycle, today)}")
            elif ctx.option("latest") is True and _version(newest := _newest(name)) > _version(name):
                yield ctx.violation(runtime, f"has the runtime {name}; the newest of its language is {newest}")


def _newest(name: str) -> str:
    """The runtime of a language with the highest version; a preview has no dates and is not for production."""
    language = _version(name)[0]
    released = (other for other, lifecycle in lifecycles().items() if lifecycle.deprecated)
    return max((other for other in released if _version(other)[0] == language), key=_version, default=name)


def _version(name: str) -> tuple[str, tuple[int, ...]]:
    """The language of a runtime and its version: `python3.13` is (`python`, (3, 13))."""
    language = _LETTERS.match(name)
    start = language.group() if language else ""
    return start.removesuffix("core"), tuple(map(int, _NUMBERS.findall(name[len(start) :])))


def _state(lifecycle: Lifecycle, today: str) -> str:
    if lifecycle.no_update and lifecycle.no_update <= today:
        return f"which no function may be deployed with since {lifecycle.no_update}"
    if lifecycle.no_creation and lifecycle.no_creation <= today:
        return f"which no new function may have since {lifecycle.no_creation}"
    return f"which gets no more security updates since {lifecycle.deprecated}"
