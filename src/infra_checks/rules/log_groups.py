"""The rule that the log group of a function is one of the template's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_set
from infra_checks.rules.namings import is_from_elsewhere, mentions
from infra_checks.rules.predicates import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Symbol, Value

_PREFIX: Final = "/aws/lambda/"


@rule(
    "AWS::Lambda::Function",
    id="lambda-log-group-declared",
    title="The log group of a function is in the template",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Add an AWS::Logs::LogGroup with `RetentionInDays`, and `LoggingConfig: {LogGroup: !Ref LogGroup}` in the "
    "function.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html",
    equivalents=("LambdaLogging", "LambdaLogLevel"),
)
def declared(function: Resource, ctx: Context) -> Iterator[Verdict]:
    """Lambda makes a group /aws/lambda/NAME when the function first runs, whose events never expire, which no key of
    one's own encrypts, and which outlives the stack. A group of the template has a retention and a key. A function
    that names a group in LoggingConfig has one from elsewhere, or from the template.
    """
    named = is_set(function.value("LoggingConfig", "LogGroup"), ctx)
    if named:
        return
    own = function.value("FunctionName")
    found = any_of(
        *(
            _is_for(group.value("LogGroupName"), own, function)
            for group in function.stack.of_type("AWS::Logs::LogGroup")
        )
    )
    if found:
        return
    at = function.value("LoggingConfig", "LogGroup")
    if found is None or named is None:
        yield ctx.undecided(at, "whether its log group is in the template is known only at deployment")
    else:
        yield ctx.violation(at, "has no log group in this template, so its logs are kept for ever")


def _is_for(group: Value[object], own: Value[object], function: Resource) -> Decision:
    """Whether a group's name is `/aws/lambda/` and the function's."""
    if mentions(group, function):
        return True
    if isinstance(own, Absent) or isinstance(group, Absent):
        return False
    if isinstance(own, Known) and isinstance(group, Known):
        return group.value == f"{_PREFIX}{own.value}"
    name, rest = _parts(own), _without_prefix(_parts(group))
    if rest is not None and name and rest == name:
        return True
    # Known text that cannot begin as a function's group does is another one's; the rest may turn out equal.
    if rest is None and not is_from_elsewhere(group):
        return False
    return False if _starts_otherwise(_parts(group)) else None


def _parts(value: Value[object]) -> tuple[str | Symbol, ...]:
    match value:
        case Known(text):
            return (str(text),)
        case Unknown():
            return value.parts
        case Absent():
            return ()


def _without_prefix(parts: tuple[str | Symbol, ...]) -> tuple[str | Symbol, ...] | None:
    """The parts behind `/aws/lambda/`; None when they do not begin with it."""
    first = parts[0] if parts else ""
    if not isinstance(first, str) or not first.startswith(_PREFIX):
        return None
    rest = first.removeprefix(_PREFIX)
    return (rest, *parts[1:]) if rest else parts[1:]


def _starts_otherwise(parts: tuple[str | Symbol, ...]) -> bool:
    first = parts[0] if parts else ""
    return isinstance(first, str) and not first.startswith(_PREFIX[: len(first)]) and bool(first)
