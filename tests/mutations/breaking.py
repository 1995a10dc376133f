"""Passing cases that are broken where the rule protects them: each must be reported.

What a rule protects are the properties at which it finds its failing cases wrong. A value there is dropped, emptied,
turned into its opposite, into a value that is wrong in a failing case, or into something of another kind. What is
then a violation must stay one behind a condition, in a parameter, in a mapping and in a loop.

Two changes are left out where the rule's cases show that they break nothing: to drop a value that only its presence can
make wrong (no failing case lacks it, a passing one does), and another kind of value where any text will do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from infra_checks.core.finding import Outcome
from infra_checks.core.rule import Rule
from infra_checks.testing import Case
from tests.mutations.data import (
    Data,
    Place,
    at,
    cases,
    data_of,
    is_function,
    resources,
    walk,
    with_section,
    with_value,
    without,
)
from tests.mutations.judging import found, outcome
from tests.mutations.preserving import CHOICE, VALUE, choosing, to_parameter

LOOP = "MovedElement"
TRANSFORM = "AWS::LanguageExtensions"
NOTHING: Data = {"Ref": "AWS::NoValue"}


@dataclass(frozen=True, slots=True)
class Break:
    """A change of a passing case that its rule has to report.

    `how` is empty where it is made directly; `where` is the property of the place, as `shown` tells it; `to` is the new
    value in words.
    """

    case: Case
    change: str
    how: str
    place: Place
    where: str
    to: str
    make: Callable[[], Data]

    @property
    def operator(self) -> str:
        """The change and how it is made."""
        return f"{self.change}, {self.how}" if self.how else self.change


NAMED: dict[str, tuple[str, ...]] = {"Value": ("Key", "Name", "OptionName"), "ParameterValue": ("ParameterName",)}
"""Of a value in a list, what tells which one it is."""


def shown(data: Data, place: Place) -> str:
    """The property of a place below a resource; an element is `[]`, or told by its key if that gives it its meaning."""
    text = ""
    for depth, part in enumerate(place[2:], start=2):
        text += f"[{_key(data, place, depth)}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".Properties").removeprefix(".")


def _key(data: Data, place: Place, depth: int) -> str:
    """What names an element whose value stands at the place; empty when it has no name."""
    names = NAMED.get(str(place[-1]), ()) if depth == len(place) - 2 else ()
    element = standing(data, place[: depth + 1])
    found = (element.get(name) for name in names) if isinstance(element, dict) else ()
    return next((name for name in found if isinstance(name, str)), "")


def standing(data: Data, place: Place) -> Data:
    """What stands at a place: a function as soon as one is on the way there, None for nothing."""
    for part in place:
        if _is_call(data):
            return data
        if isinstance(data, dict):
            data = data.get(str(part))
        else:
            data = data[part] if isinstance(data, list) and isinstance(part, int) and part < len(data) else None
    return data


def _is_call(data: Data) -> bool:
    return isinstance(data, dict) and any(map(is_function, data))


@dataclass(slots=True)
class Protected:
    """A property that a rule protects: the wrong values of failing cases, and whether it may be left out."""

    types: set[str] = field(default_factory=set)
    wrong: list[Data] = field(default_factory=list)
    is_missed: bool = False
    is_dispensable: bool = False


def protected(rule: Rule) -> dict[str, Protected]:
    """The properties at which the rule finds its failing cases wrong."""
    known: dict[str, Protected] = defaultdict(Protected)
    for case in cases(rule.id):
        if case.outcome == "fail":
            data = data_of(case)
            for finding in found(rule, case.template, case):
                if finding.outcome is Outcome.FAIL and finding.resource:
                    place: Place = ("Resources", finding.resource, *finding.path)
                    _learn(known[shown(data, place)], finding.type, standing(data, place))
    kept = {where: one for where, one in known.items() if where not in {"", "Properties"}}
    for where, one in kept.items():
        one.is_dispensable = not one.is_missed and any(_lacks(rule, where, one.types))
    return kept


def _learn(one: Protected, kind: str, value: Data) -> None:
    one.types.add(kind)
    one.is_missed = one.is_missed or value in ("", [], {}, None)
    has_functions = any(_is_call(child) for _, child in walk(value))
    if value is not None and not has_functions and value not in one.wrong:
        one.wrong.append(value)


def _lacks(rule: Rule, where: str, types: set[str]) -> Iterator[bool]:
    """For each resource of the types in a passing case, whether it lacks the property."""
    for case in cases(rule.id):
        if case.outcome == "pass":
            data = data_of(case)
            for name, declaration in resources(data):
                if declaration.get("Type") in types:
                    yield all(shown(data, place) != where for place, _ in walk(declaration, ("Resources", name)))


def breaks(rule: Rule) -> Iterator[Break]:
    """The direct breaks of a rule's passing cases, and the indirect ones of those that are a violation."""
    known = protected(rule)
    for case in cases(rule.id):
        if case.outcome == "pass":
            for direct in direct_breaks(rule, case, known):
                yield direct
                if outcome(rule, direct.make(), case) == "fail":
                    yield from indirect_breaks(case, direct)


def direct_breaks(rule: Rule, case: Case, known: Mapping[str, Protected]) -> Iterator[Break]:
    """Each protected value of a case changed in place."""
    data = data_of(case)
    for name, declaration in resources(data):
        if declaration.get("Type") in rule.types or "*" in rule.types:
            for place, _ in walk(declaration, ("Resources", name)):
                where = shown(data, place)
                one = known.get(where)
                if one is not None and not any(map(is_function, place)):
                    if not one.is_dispensable:
                        yield Break(case, "drop", "", place, where, "", partial(without, data, place))
                    for change, broken in _changes(rule, case, place, one):
                        yield Break(
                            case, change, "", place, where, repr(broken), partial(with_value, data, place, broken)
                        )


def _changes(rule: Rule, case: Case, place: Place, one: Protected) -> Iterator[tuple[str, Data]]:
    """Other values for a value, each once."""
    data = data_of(case)
    value = at(data, place)
    seen: list[Data] = [value]
    proposed: list[tuple[str, Data]] = []
    if not one.is_dispensable:
        proposed.append(("empty", {} if isinstance(value, dict) else [] if isinstance(value, list) else ""))
        if isinstance(value, list):
            proposed.append(("hollow", [{}] if all(isinstance(item, dict) for item in value) else [""]))
    opposite = {"true": "false", "false": "true"}.get(str(value).lower())
    proposed += [("negate", opposite)] if opposite else []
    proposed += [("wrong", wrong) for wrong in one.wrong]
    if outcome(rule, with_value(data, place, "any-text"), case) != "pass":
        proposed.append(("mistype", "mistyped" if isinstance(value, (dict, list)) else {"Mis": "typed"}))
    for change, broken in proposed:
        if broken not in seen:
            seen.append(broken)
            yield change, broken


def indirect_breaks(case: Case, direct: Break) -> Iterator[Break]:
    """The same break, in other words."""
    data, broken, place = data_of(case), direct.make(), direct.place
    below_properties = place[2] == "Properties" and len(place) > 3

    def other(how: str, make: Callable[[], Data]) -> Break:
        return Break(case, direct.change, how, place, direct.where, direct.to, make)

    yield other("in a loop", partial(looped, broken, str(place[1])))
    if not below_properties:
        return
    good = at(data, place)
    bad = NOTHING if direct.change == "drop" else at(broken, place)
    yield other("behind a condition", partial(choosing, data, place, good, bad))
    yield other("behind a negated condition", partial(choosing, data, place, bad, good))
    if direct.change != "drop" and not isinstance(bad, (dict, list)):
        yield other("in a parameter", partial(to_parameter, broken, place))
        yield other("in a mapping", partial(_mapped, data, place, good, bad))


def _mapped(data: Data, place: Place, good: Data, bad: Data) -> Data:
    """The good value in one row of a mapping, the bad one in another; a parameter chooses."""
    moved = with_value(data, place, {"Fn::FindInMap": [VALUE, {"Ref": CHOICE}, "Value"]})
    if isinstance(good, (dict, list)):
        good = bad
    moved = with_section(moved, "Mappings", VALUE, {"first": {"Value": good}, "second": {"Value": bad}})
    return with_section(moved, "Parameters", CHOICE, {"Type": "String", "AllowedValues": ["first", "second"]})


def looped(data: Data, name: str) -> Data:
    """A resource made by a loop of one round that gives it the same name."""
    declaration = dict(resources(data))[name]
    key = f"{name[:-1]}${{{LOOP}}}"
    loop: Data = [LOOP, [name[-1]], {key: declaration}]
    assert isinstance(data, dict)
    kept = {other: value for other, value in dict(resources(data)).items() if other != name}
    made: dict[str, Data] = {**data, "Resources": {**kept, f"Fn::ForEach::{LOOP}": loop}}
    given = data.get("Transform") or []
    transforms: list[Data] = given if isinstance(given, list) else [given]
    return {**made, "Transform": [TRANSFORM, *(one for one in transforms if one != TRANSFORM)]}


def is_reported(rule: Rule, one: Break) -> bool:
    """Whether the rule reports a break: directly as violation or open question, in other words as violation.

    What is no template any more need not be reported; a rule that fails has not reported anything.
    """
    enough = {"fail", "refused"} if one.how else {"fail", "undecided", "refused"}
    return outcome(rule, one.make(), one.case) in enough
