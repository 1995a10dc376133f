"""What is to be judged by which rules, and what that comes to before any template is read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from infra_checks.core.resource import TEMPLATE
from infra_checks.core.rule import ANY_TYPE
from infra_checks.engine import MAX_SCENARIOS
from infra_checks.errors import ConfigError, PackError, ParameterError
from infra_checks.evaluate.parameters import read_parameters
from infra_checks.evaluate.stack import Pins
from infra_checks.evaluate.stack_tags import read_stack_tags
from infra_checks.evaluate.transforms import expand
from infra_checks.packs.load import load_framework, load_packs, shipped_frameworks
from infra_checks.packs.select import choose
from infra_checks.packs.selectors import RuleNames
from infra_checks.rules import catalogue

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from infra_checks.core.finding import Effect
    from infra_checks.core.framework import Framework
    from infra_checks.core.rule import Rule
    from infra_checks.evaluate.parameters import ParameterFile
    from infra_checks.packs.schema import Pack
    from infra_checks.packs.select import Chosen
    from infra_checks.template.model import Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to check and how; see `infra-checks check --help`, whose options have the same names."""

    paths: tuple[str, ...]
    pack: tuple[str, ...] = ("baseline",)
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    stack_tags: tuple[str, ...] = ()
    assume_any: bool = False
    only_templates: bool = False
    undecided: Effect | None = None
    frameworks: tuple[str, ...] = ()
    max_scenarios: int = MAX_SCENARIOS
    baseline: str = ""
    diff: str = ""
    beside: tuple[str, ...] = ()
    tools: Mapping[str, str] = field(default_factory=dict)
    today: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a request comes to before a template is read: the rules that run, the pack, the values of parameters."""

    request: Request
    chosen: tuple[Chosen, ...]
    pack: Pack
    given: ParameterFile
    names: RuleNames
    frameworks: tuple[Framework, ...]

    def running(self, rules: Collection[str]) -> Setup:
        """The same with those of its rules only that have one of the ids."""
        return replace(self, chosen=tuple(choice for choice in self.chosen if choice.rule.id in rules))

    def pinning(self, values: Mapping[str, str]) -> Setup:
        """The same with these values of parameters beside those it has, which they go before."""
        given = replace(self.given, values={**self.given.values, **values})
        _check_limits(self.pack, given)
        return replace(self, given=given)


def set_up(request: Request, given: ParameterFile | None = None) -> Setup:
    """Read packs, and parameters unless they are given. Raises as `check` does."""
    pack = load_packs(request.pack, catalogue=catalogue())
    rules = (*catalogue(), *pack.rules)
    chosen = choose(pack, rules, select=request.select, ignore=request.ignore, undecided=request.undecided)
    given = given or read_parameters(request.parameters)
    _check_limits(pack, given)
    frameworks = {each.name: each for each in pack.frameworks}
    frameworks |= {name: find_framework(name) for name in request.frameworks if name not in frameworks}
    return Setup(
        request=request,
        chosen=chosen,
        pack=pack,
        given=replace(given, tags={**given.tags, **read_stack_tags(request.stack_tags)}),
        names=RuleNames(rules),
        frameworks=tuple(frameworks.values()),
    )


def applicable(setup: Setup, template: Template, label: str) -> tuple[Chosen, ...]:
    """The rules that have something of a type of theirs to judge in a template, sorted by id.

    Raises PlacedError when what the template generates cannot be told.
    """
    expanded, _ = expand(template, pins_of(setup))
    subjects = [("", TEMPLATE)]
    subjects += [(each.written.logical_id, each.type) for each in expanded.resources.values()]
    return tuple(
        choice
        for choice in setup.chosen
        if any(choice.covers(label, name, kind) for name, kind in subjects if is_about(choice.rule, kind))
    )


def is_about(rule: Rule, type: str) -> bool:
    """Whether a rule judges resources of a type, or (TEMPLATE) the template as a whole."""
    return type in rule.types or (type != TEMPLATE and ANY_TYPE in rule.types)


def pins_of(setup: Setup) -> Pins:
    """The values that parameters are judged with: those given, else the pack's."""
    given = {name: (value,) for name, value in setup.given.values.items()}
    return Pins({**pack_pins(setup.pack), **given}, assume_any=setup.request.assume_any)


def _check_limits(pack: Pack, given: ParameterFile) -> None:
    """Complain of a Region or an account that is given though the pack does not allow it."""
    for name, allowed in pack.limits.items():
        value = given.values.get(name)
        if value is not None and value not in allowed:
            message = f"{name} cannot be {value}: the pack {pack.name} allows {', '.join(allowed)}"
            raise ParameterError(message, file=pack.file)


def pack_pins(pack: Pack) -> dict[str, tuple[str, ...]]:
    """The pack's pins within its limits."""
    pins = dict(pack.pins)
    for name, allowed in pack.limits.items():
        pins[name] = tuple(value for value in pins.get(name, allowed) if value in allowed)
    return pins


def find_framework(name: str) -> Framework:
    """A standard's controls, by its name or the path of a file; ConfigError when there is none of the name."""
    try:
        return load_framework(name, catalogue=catalogue())
    except PackError as error:
        known = dict(shipped_frameworks())
        if error.span is None and error.file == name and name not in known and "/" not in name:
            raise ConfigError(f"there are no controls of {name!r}; known are {', '.join(known)}") from error
        raise
