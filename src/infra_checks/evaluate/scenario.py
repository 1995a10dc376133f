"""One way through the choices that a judgement depends on, and the walk through all of them.

A judgement runs as plain code on one scenario. Where it needs to know something that several parameter
values decide, the scenario splits: it takes the first option, notes that there were others, and the walk
runs the judgement again for each. Only what was really asked is split, equal answers stay together
(`Environment is not prod` is one option, however many values that has), and a combination that cannot
occur is never visited because every later question is answered within the choices taken so far.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from infra_checks.evaluate.choices import Choices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")


class Source(Enum):
    """Where a variable's value comes from."""

    PARAMETER = "parameter"
    PSEUDO = "pseudo parameter"
    RESOLVED = "resolved value of a Systems Manager parameter"
    OPAQUE = "value known only at deployment"


@dataclass(frozen=True, slots=True)
class Variable:
    """Something that scenarios differ in.

    `key` is its identity and, for what a user can pin, its name; `default` the value to prefer in examples,
    `samples` the values to show where it can be anything.
    """

    key: str
    source: Source
    base: Choices
    default: str | None = None
    secret: bool = False
    samples: tuple[str, ...] = ("any-other-value", "1", "0", "other")


class Scenario:
    """The choices of one run; splits where a question has more than one answer.

    `script` holds the option to take at each split of an earlier run's path; past its end the first
    option is taken. `asked` counts questions to variables that have more than one value at all, so that
    a caller can tell whether an answer depends on the scenario; `narrowed` says whether any was decided here.
    """

    __slots__ = ("_script", "_trail", "asked", "narrowed", "taken", "variables")

    def __init__(self, script: tuple[int, ...] = (), within: Leaf | None = None) -> None:
        self._script = script
        self._trail: list[tuple[int, int]] = []
        self.taken: dict[str, Choices] = dict(within.taken) if within else {}
        self.variables: dict[str, Variable] = dict(within.variables) if within else {}
        self.asked = 0
        self.narrowed = False

    def choices(self, variable: Variable) -> Choices:
        """What the variable can still be."""
        return self.taken.get(variable.key, variable.base)

    def equals(self, variable: Variable, text: str) -> bool:
        """Whether the variable is `text`; splits when both are possible."""
        self.asked += 1
        choices = self.choices(variable)
        if text not in choices:
            return False
        if choices.single is not None:
            return True
        return self._choose(variable, (choices.only(text), choices.without((text,)))).single == text

    def value(self, variable: Variable) -> str | None:
        """The variable's value, one scenario each; None when it can be anything (else)."""
        self.asked += 1
        choices = self.choices(variable)
        if choices.others:
            return None
        if choices.single is None:
            choices = self._choose(variable, tuple(Choices((value,)) for value in choices.values))
        return choices.single

    def group(self, variable: Variable, groups: tuple[tuple[str, ...], ...], *, rest: bool = False) -> str | None:
        """A member of the group that holds the variable's value, one scenario for each group.

        A value of the variable that is in no group is an option of its own, answered with None. Of an open
        variable that option is only taken if `rest` says so, or no group has a value it can still take.
        """
        self.asked += 1
        choices = self.choices(variable)
        options = [Choices(kept) for kept in (tuple(v for v in group if v in choices) for group in groups) if kept]
        others = choices.without(tuple(value for group in groups for value in group))
        if not options or (rest if others.others else others.values):
            options.append(others)
        chosen = options[0] if len(options) == 1 else self._choose(variable, tuple(options))
        if chosen is others:
            return None
        if len(options) == 1:
            self._take(variable, chosen)
        return chosen.values[0]

    def _take(self, variable: Variable, choices: Choices) -> None:
        self.narrowed = True
        self.taken[variable.key] = choices
        self.variables[variable.key] = variable

    def _choose(self, variable: Variable, options: tuple[Choices, ...]) -> Choices:
        depth = len(self._trail)
        index = self._script[depth] if depth < len(self._script) else 0
        self._trail.append((index, len(options)))
        self._take(variable, options[index])
        return options[index]

    def next_script(self) -> tuple[int, ...] | None:
        """The script of the next path, or None after the last."""
        for depth in range(len(self._trail) - 1, -1, -1):
            index, count = self._trail[depth]
            if index + 1 < count:
                return (*(taken for taken, _ in self._trail[:depth]), index + 1)
        return None


@dataclass(frozen=True, slots=True)
class Leaf:
    """The choices of a finished run."""

    taken: dict[str, Choices]
    variables: dict[str, Variable]


Step = tuple[Leaf, T] | None
"""A scenario and what a judgement gave in it; None: the walk was cut short."""


def explore(judge: Callable[[Scenario], T], *, limit: int, within: Leaf | None = None) -> Iterator[Step[T]]:
    """Run a judgement in every scenario it asks for; None as the last item when `limit` cut the walk.

    `within` holds choices that are already taken.
    """
    if limit < 1:
        return iter((None,))
    scenario = Scenario((), within)
    return walk(scenario, judge(scenario), judge, limit=limit, within=within)


def walk(
    scenario: Scenario, result: T, judge: Callable[[Scenario], T], *, limit: int, within: Leaf | None = None
) -> Iterator[Step[T]]:
    """As `explore`, for which the first run has been made: its scenario and what it gave."""
    for _ in range(limit - 1):
        yield Leaf(scenario.taken, scenario.variables), result
        script = scenario.next_script()
        if script is None:
            return
        scenario = Scenario(script, within)
        result = judge(scenario)
    yield Leaf(scenario.taken, scenario.variables), result
    if scenario.next_script() is not None:
        yield None
