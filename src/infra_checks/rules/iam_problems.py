"""What `iam.validate` finds wrong with the policies of a resource, as verdicts; shared, without rules.

Every policy is validated once, whichever rules ask. What `validate` says it is sure of; where a rule's question is open
because a part of the policy is not known before deployment, the rule names which parts leave it open, so that one such
part is told by the rules that it matters to and not by all.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple
from weakref import WeakKeyDictionary

from infra_checks.access.carriers import Carried, policies_of
from infra_checks.access.table import CARRIERS
from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Surroundings
from infra_checks.core.rule import rule
from infra_checks.evaluate.scenario import explore
from infra_checks.iam.document import Opaque
from infra_checks.iam.text import Symbol, shown
from infra_checks.rules.granting import statement_name
from infra_checks.rules.iam_problem_codes import CODES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Rule, Verdict
    from infra_checks.evaluate.scenario import Scenario
    from infra_checks.evaluate.stack import Stack
    from infra_checks.iam.document import Document, Path
    from infra_checks.iam.model import PolicyType
    from infra_checks.iam.validate import Problem

CHECKS: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"

_ELEMENT: Final = 2
"""Where in a path the element of a statement stands: Statement, its number, the element."""

_MOST: Final = 512
"""Documents of a stack whose problems are kept; those of a stack with many scenarios are forgotten in between."""


class Open(NamedTuple):
    """A part of a statement (or of the document) that is not known before deployment.

    `element` is the one it stands in, such as Action; `below` what leads to it from there; `value` is what stands there
    and `statement` what is around it; `type` is that of the policy and `resource_type` that of who has it.
    """

    path: Path
    element: str
    below: Path
    value: Document
    statement: dict[str, Document]
    type: PolicyType
    resource_type: str
    reason: str


class Examined(NamedTuple):
    """A policy with its problems and its open parts."""

    carried: Carried
    problems: tuple[Problem, ...]
    open: tuple[Open, ...]


_Known = dict[int, tuple["Document", tuple["Problem", ...], tuple[Open, ...]]]

_OF_STACK: Final[WeakKeyDictionary[Stack, _Known]] = WeakKeyDictionary()
"""By the identity of a document, which is kept beside so that it stays its own."""


class Summary(NamedTuple):
    """What may be told of the policies of a resource in any scenario.

    `may_be_long` is true where one may exceed its quota, `has_conditions` where one has any.
    """

    codes: frozenset[str]
    open: tuple[Open, ...]
    may_be_long: bool
    has_conditions: bool


_SUMMARIES: Final[WeakKeyDictionary[Stack, dict[str, Summary | None]]] = WeakKeyDictionary()

_SCENARIOS: Final = 64
"""Scenarios of a resource that are looked at for its summary."""


def summary(resource: Resource) -> Summary | None:
    """What may be told of the policies of a resource; None where there are too many scenarios.

    It is made once for all rules. A rule that has nothing to say in any scenario need not walk through them.
    """
    stack = resource.evaluator.stack
    known = _SUMMARIES.setdefault(stack, {})
    name = resource.logical_id
    if name not in known:
        known[name] = _summed(stack, name)
    return known[name]


def _summed(stack: Stack, name: str) -> Summary | None:
    whole = Summary(frozenset(), (), may_be_long=False, has_conditions=False)
    for step in explore(partial(_seen, stack, name), limit=_SCENARIOS):
        if step is None:
            return None
        for one in step[1]:
            whole = Summary(
                whole.codes | one.codes,
                (*whole.open, *one.open),
                whole.may_be_long or one.may_be_long,
                whole.has_conditions or one.has_conditions,
            )
    return whole


def _seen(stack: Stack, name: str, scenario: Scenario) -> list[Summary]:
    resource = Surroundings(stack, scenario).get(name)
    return [] if resource is None else [_of_one(one) for one in examined(resource)]


def _of_one(one: Examined) -> Summary:
    return Summary(
        frozenset(problem.code for problem in one.problems),
        one.open,
        may_exceed(one.carried),
        any(each.conditions for each in one.carried.policy.statements),
    )


_ROOM: Final = 128
"""Characters that a part which is not known may well have: as long as most ARNs."""


def may_exceed(carried: Carried) -> bool:
    """Whether a policy may be too long, if each part of it that is not known is as long as an ARN."""
    from infra_checks.iam.validate.quotas import least_size, quota  # noqa: PLC0415 - as below

    document = carried.placed.document
    limit = quota(carried.type, carried.holder.type)
    return limit is not None and least_size(document) + unknown_parts(document) * _ROOM > limit[1]


def unknown_parts(document: Document) -> int:
    """How many parts are not known: whole values, and texts with something unknown in them."""
    if isinstance(document, dict):
        return sum(map(unknown_parts, document.values()))
    if isinstance(document, list):
        return sum(map(unknown_parts, document))
    return int(isinstance(document, Opaque | tuple))


def examined(resource: Resource) -> Iterator[Examined]:
    """The policies of a resource that can be read, as far as they can; of the others iam-policy-document-readable
    speaks.
    """
    for carried in policies_of(resource):
        document = carried.placed.document
        known = _OF_STACK.setdefault(resource.evaluator.stack, {})
        kept = known.get(id(document))
        if kept is None:
            if len(known) >= _MOST:
                known.clear()
            kept = known[id(document)] = (
                document,
                _problems(document, carried.type, resource.type),
                (*_open(document, carried.type, resource.type),),
            )
        yield Examined(carried, kept[1], kept[2])


def _problems(document: Document, type: PolicyType, resource_type: str) -> tuple[Problem, ...]:
    if not isinstance(document, dict):
        return ()
    from infra_checks.iam.validate import validate  # noqa: PLC0415 - a data file and many modules

    return tuple(validate(document, type, resource_type=resource_type))


def _open(document: Document, type: PolicyType, resource_type: str) -> Iterator[Open]:
    if not isinstance(document, dict):
        return
    version = document.get("Version")
    why = _reason(version, whole=False)
    if why:
        yield Open(("Version",), "Version", (), version, {}, type, resource_type, why)
    written = document.get("Statement")
    statements = written if isinstance(written, list) else [written]
    for index, statement in enumerate(statements):
        path: Path = ("Statement", index) if isinstance(written, list) else ("Statement",)
        if not isinstance(statement, dict):
            continue
        for name, value in statement.items():
            for below, part, reason in _unknown(value, (), whole=name not in _TOLD_BY_A_PART):
                yield Open((*path, name, *below), name, below, part, statement, type, resource_type, reason)


_TOLD_BY_A_PART: Final = frozenset(("Effect", "Action", "NotAction"))
"""Elements of which nothing can be told when a part of their text is not known."""


def _unknown(value: Document, below: Path, *, whole: bool) -> Iterator[tuple[Path, Document, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _unknown(item, (*below, key), whole=whole)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unknown(item, (*below, index), whole=whole)
    else:
        reason = _reason(value, whole=whole)
        if reason:
            yield below, value, reason


def _reason(value: Document, *, whole: bool) -> str:
    """Why a value is not known; empty where it is. With `whole`, a text counts when no character of it is."""
    if isinstance(value, Opaque):
        return value.reason
    if not isinstance(value, tuple):
        return ""
    symbols = [piece for piece in value if isinstance(piece, Symbol) and not piece.literal and not piece.variable]
    is_open = bool(symbols) and (len(value) == 1 and not symbols[0].excluded if whole else True)
    return f"it depends on {shown(value)}" if is_open else ""


def in_elements(*names: str) -> Callable[[Open], bool]:
    """Open where something in one of the elements is not known, single texts in Resource and the like aside: those are
    as right as what the parameter is given.
    """
    return lambda part: part.element in names and (part.element in _BY_TEXT or not isinstance(part.value, tuple))


_BY_TEXT: Final = frozenset(("Version", "Sid", "Effect", "Action", "NotAction"))


def with_effect(*words: str) -> Callable[[Open], bool]:
    """Open where the Effect of a statement is not known that has one of the words (in lower case) in it."""

    def opens(part: Open) -> bool:
        return part.element == "Effect" and any(_has(part.statement, word) for word in words)

    return opens


def _has(value: Document, word: str) -> bool:
    if isinstance(value, dict):
        return any(word in key.lower() or _has(item, word) for key, item in value.items())
    if isinstance(value, list):
        return any(_has(item, word) for item in value)
    return isinstance(value, str) and word in value.lower()


def document_rule(  # noqa: PLR0913 - a row of a table, all by keyword
    *types: str,
    id: str,
    title: str,
    severity: Severity,
    question: str,
    opens: Callable[[Open], bool],
    rationale: str,
    remedy: str,
    source: str = CHECKS,
    equivalents: tuple[str, ...] = (),
) -> Rule:
    """A rule that policies have none of the problems that CODES gives to its id.

    `question` is what is open where `opens` says so: "whether its actions exist".
    """
    codes = CODES[id]

    def judge(resource: Resource, ctx: Context) -> Iterator[Verdict]:
        whole = summary(resource)
        if whole is not None and codes.isdisjoint(whole.codes) and not any(map(opens, whole.open)):
            return
        for document in examined(resource):
            yield from told(document, codes, ctx)
            for part in document.open:
                if opens(part):
                    message = f"{question} cannot be told: {part.reason}"
                    yield ctx.undecided(document.carried.at(part.path), message)

    judge.__doc__ = rationale
    return rule(
        *(types or sorted(CARRIERS)),
        id=id,
        title=title,
        family=Family.IAM,
        severity=severity,
        remedy=remedy,
        source=source,
        equivalents=equivalents,
    )(judge)


_ONCE: Final = frozenset(("RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL",))
"""What one condition of the statement mends for each of its principals."""


def told(document: Examined, codes: frozenset[str], ctx: Context) -> Iterator[Verdict]:
    """The problems of some codes as violations."""
    said: set[str] = set()
    for problem in document.problems:
        if problem.code in codes:
            where = _statement(document.carried, problem.path)
            if problem.code in _ONCE:
                if where in said:
                    continue
                said.add(where)
            at = document.carried.at(problem.path)
            yield ctx.violation(at, f"{problem.message}{where}", remedy=problem.remedy)


def _statement(carried: Carried, path: Path) -> str:
    """The statement that a path leads into, in words."""
    for statement in carried.policy.statements:
        if len(path) >= len(statement.path) and path[: len(statement.path)] == statement.path:
            return f" ({statement_name(statement)})"
    return ""
