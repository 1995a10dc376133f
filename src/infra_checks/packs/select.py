"""Which rules run, and with what effect, severity and options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.core.finding import Effect
from infra_checks.errors import ConfigError
from infra_checks.packs.schema import EVERY_FAMILY, TAGS_RULE
from infra_checks.packs.scope import EVERYWHERE, Scope
from infra_checks.packs.selectors import RuleNames, Selector, SelectorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from infra_checks.core.finding import Severity
    from infra_checks.core.rule import Option, Rule
    from infra_checks.packs.schema import Pack, Setting

_STRENGTH: Final = {Effect.OFF: 0, Effect.WARN: 1, Effect.BLOCK: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A rule that runs, with everything a pack and the command line decide of it.

    `options` are complete: the rule's defaults under what packs set. `undecided` is the effect of its open
    questions, OFF when they are not reported; it is never stronger than `effect`. It runs only where all of `scopes`
    cover the resource.
    """

    rule: Rule
    effect: Effect
    severity: Severity
    options: Mapping[str, Option]
    undecided: Effect
    scopes: tuple[Scope, ...] = ()

    def covers(self, template: str, resource: str = "", type: str = "") -> bool:
        """Whether it runs on a resource; without one, on the template as a whole."""
        return all(scope.covers(template, resource, type) for scope in self.scopes)


class Resolved(NamedTuple):
    """What settings make of one rule; the effect is OFF when none of them speaks of it."""

    effect: Effect
    severity: Severity
    options: Mapping[str, Option]
    scope: Scope = EVERYWHERE


def resolve(rule: Rule, settings: Iterable[Setting]) -> Resolved:
    """What settings say of a rule: the most specific wins, of equally specific ones the last.

    Effect, severity, each option and each kind of pattern are decided on their own, so a setting that leaves one out
    inherits it from a less specific one. A rule that is only given a severity or options blocks.
    """
    matching = [setting for setting in settings if setting.selector.matches(rule, rule.severity)]
    matching.sort(key=lambda setting: setting.selector.specificity)
    effect, severity, options = Effect.BLOCK if matching else Effect.OFF, rule.severity, dict(rule.options)
    scope = EVERYWHERE
    for setting in matching:
        effect = effect if setting.effect is None else setting.effect
        severity = severity if setting.severity is None else setting.severity
        if setting.options:
            options |= {name: value for name, value in setting.options.items() if name in options}
        if setting.scope:
            scope = scope.under(setting.scope)
    return Resolved(effect, severity, options, scope)


def resolve_in(pack: Pack, rule: Rule) -> Resolved:
    """What a pack makes of a rule: its settings, and for the rule on required tags the tags it demands."""
    resolved = resolve(rule, pack.settings)
    if rule.id == TAGS_RULE and pack.tags:
        from infra_checks.packs.tags import with_tags  # noqa: PLC0415 - only for packs that demand tags

        return resolved._replace(options=with_tags(resolved.options, pack.tags, pack.environment))
    return resolved


def choose(
    pack: Pack,
    catalogue: Sequence[Rule],
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    undecided: Effect | None = None,
) -> tuple[Chosen, ...]:
    """The rules that run, sorted by id.

    With `select`, exactly the selected rules run, those the pack leaves off with the effect block; without
    it, those the pack has on. `ignore` takes rules away unless `select` names them more exactly. Severities
    in both are those the pack gives. `undecided` goes before what the pack says. Raises ConfigError for a
    word that names no rule.
    """
    names = RuleNames(catalogue)
    selected, ignored = _selectors("select", select, names), _selectors("ignore", ignore, names)
    resolved = ((rule, resolve_in(pack, rule)) for rule in sorted(catalogue, key=lambda rule: rule.id))
    return tuple(
        _chosen(rule, outcome, undecided or _undecided(pack, rule), pack.scope)
        for rule, outcome in resolved
        if _runs(rule, outcome, selected, ignored)
    )


def _undecided(pack: Pack, rule: Rule) -> Effect:
    """What the pack makes of a rule's open questions: its family's word, else that for all, else a warning."""
    return pack.undecided.get(rule.family, pack.undecided.get(EVERY_FAMILY, Effect.WARN))


def _runs(rule: Rule, outcome: Resolved, selected: tuple[Selector, ...], ignored: tuple[Selector, ...]) -> bool:
    against = _specificity(rule, outcome.severity, ignored)
    if selected:
        return _specificity(rule, outcome.severity, selected) > against
    return outcome.effect is not Effect.OFF and against == _NOT_NAMED


_NOT_NAMED: Final = (-1, 0)


def _specificity(rule: Rule, severity: Severity, selectors: tuple[Selector, ...]) -> tuple[int, int]:
    """How exactly the best of the selectors names a rule."""
    return max((one.specificity for one in selectors if one.matches(rule, severity)), default=_NOT_NAMED)


def _chosen(rule: Rule, outcome: Resolved, undecided: Effect, scope: Scope) -> Chosen:
    effect = Effect.BLOCK if outcome.effect is Effect.OFF else outcome.effect
    return Chosen(
        rule=rule,
        effect=effect,
        severity=outcome.severity,
        options=outcome.options,
        undecided=min(undecided, effect, key=_STRENGTH.__getitem__),
        scopes=tuple(filter(None, (scope, outcome.scope))),
    )


def _selectors(option: str, words: Sequence[str], names: RuleNames) -> tuple[Selector, ...]:
    try:
        return tuple(names.selector(word) for word in words)
    except SelectorError as error:
        raise ConfigError(f"{option}: {error}") from None
