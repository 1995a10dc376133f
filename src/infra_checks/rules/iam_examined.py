"""The policies of a resource with what `iam.validate` says of each; shared, without rules.

Every policy is validated once, whichever rules ask; so are the parts found that are not known before deployment.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple
from weakref import WeakKeyDictionary

from infra_checks.access.carriers import Carried, policies_of
from infra_checks.core.resource import Surroundings
from infra_checks.evaluate.scenario import explore
from infra_checks.iam.document import Opaque
from infra_checks.iam.text import Symbol, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.evaluate.scenario import Scenario
    from infra_checks.evaluate.stack import Stack
    from infra_checks.iam.document import Document, Path
    from infra_checks.iam.model import PolicyType
    from infra_checks.iam.validate import Problem

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
