"""What a rule is: a frozen record around one generator. Importing a rule registers nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Outcome, Severity
from infra_checks.core.resource import Resource
from infra_checks.errors import RuleError
from infra_checks.evaluate.values import Absent, Known, Unknown, Value
from infra_checks.evaluate.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.core.waiver import Waiver
    from infra_checks.evaluate.values import Path
    from infra_checks.template.nodes import Node

ANY_TYPE: Final = "*"
"""Stands for every resource type."""

Option = str | int | float | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule yields: an outcome at a place. The engine makes a Finding of it, and sets `waiver`."""

    outcome: Outcome
    message: str
    node: Node | None
    path: Path
    notes: tuple[str, ...] = field(default=(), compare=False)
    remedy: str = ""
    waiver: Waiver | None = None
    hides: tuple[Node, ...] | None = field(default=None, compare=False)

    @property
    def secrets(self) -> tuple[Node, ...]:
        """What no report may show if the rule is about secrets: the value, unless `hides` names something else."""
        return self.hides if self.hides is not None else () if self.node is None else (self.node,)


Place = Value[object] | View


class Context:
    """What a rule may use beside the resource: its options, and the two ways to speak."""

    __slots__ = ("_options",)

    def __init__(self, options: Mapping[str, Option]) -> None:
        self._options = options

    def violation(self, at: Place, message: str, *, remedy: str = "", hides: tuple[Node, ...] | None = None) -> Verdict:
        """The resource breaks the rule, at this value or view. The message is the second half of a sentence
        that begins with the resource's name. `remedy` replaces the rule's own where it can be more exact. Of a
        rule about secrets `hides` is what no report may show; the value, if it is not given.
        """
        found = _verdict(Outcome.FAIL, at, message, remedy)
        return found if hides is None else replace(found, hides=hides)

    def undecided(self, at: Place, message: str) -> Verdict:
        """It cannot be decided before deployment; the message names the value and why."""
        return _verdict(Outcome.UNDECIDED, at, message, "")

    def option(self, name: str) -> Option:
        """The value of one of the rule's options, from the pack or its default."""
        return self._options[name]

    def number(self, name: str) -> float:
        """An option that is a number."""
        value = self._options[name]
        if isinstance(value, (int, float)):
            return value
        message = f"option {name} must be a number, not {value!r}"
        raise RuleError(message)

    def names(self, name: str) -> tuple[str, ...]:
        """An option that is a list of texts."""
        value = self._options[name]
        if isinstance(value, tuple):
            return value
        message = f"option {name} must be a list, not {value!r}"
        raise RuleError(message)


def _verdict(outcome: Outcome, at: Place, message: str, remedy: str) -> Verdict:
    if isinstance(at, Resource):
        return Verdict(outcome, message, at.declaration.key, (), (), remedy)
    if isinstance(at, View):
        at = at.value()
    return Verdict(outcome, message, at.node, at.path, at.notes, remedy)


Judge = Callable[[Resource, Context], Iterator[Verdict]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule: identity, what it applies to, what it says to users, and the generator that judges.

    `rationale` is the judge's docstring: what AWS does, with its source. `equivalents` are the ids of other
    tools' checks with the same meaning. `options` are the names and defaults of what a pack may set. What a rule with
    `secret` finds is one, which no report may show.
    """

    id: str
    title: str
    family: Family
    severity: Severity
    types: tuple[str, ...]
    judge: Judge
    rationale: str
    remedy: str
    source: str = ""
    equivalents: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    options: Mapping[str, Option] = field(default_factory=dict)
    location: str = ""
    secret: bool = False

    def applies_to(self, kind: str) -> bool:
        """Whether it judges resources of a type."""
        return kind in self.types or ANY_TYPE in self.types


_ID: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")


def rule(  # noqa: PLR0913 - a rule's metadata, all by keyword
    *types: str,
    id: str,
    title: str,
    family: Family,
    severity: Severity,
    remedy: str,
    source: str = "",
    equivalents: tuple[str, ...] = (),
    aliases: tuple[str, ...] = (),
    options: Mapping[str, Option] | None = None,
    secret: bool = False,
) -> Callable[[Judge], Rule]:
    """Make a rule of a generator of `(resource, context)`."""

    def make(judge: Judge) -> Rule:
        if not _ID.fullmatch(id):
            message = f"rule id {id!r} is not of the form service-resource-practice"
            raise RuleError(message)
        if not judge.__doc__:
            message = f"rule {id} needs a docstring that says why it matters"
            raise RuleError(message)
        code = judge.__code__
        return Rule(
            id=id,
            title=title,
            family=family,
            severity=severity,
            types=types,
            judge=judge,
            rationale=" ".join(judge.__doc__.split()),
            remedy=remedy,
            source=source,
            equivalents=equivalents,
            aliases=aliases,
            options=options or {},
            location=f"{judge.__module__}:{code.co_firstlineno}",
            secret=secret,
        )

    return make


__all__ = ["ANY_TYPE", "Absent", "Context", "Known", "Option", "Rule", "Unknown", "Verdict", "rule"]
