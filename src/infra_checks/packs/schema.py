"""What a policy pack says, as data: which rules run, what their findings do, what is pinned."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from infra_checks.packs.scope import EVERYWHERE, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.core.finding import Effect, Severity
    from infra_checks.core.framework import Framework
    from infra_checks.core.rule import Option, Rule
    from infra_checks.core.waiver import Waiver
    from infra_checks.packs.selectors import Selector
    from infra_checks.template.source import Span

EVERY_FAMILY: Final = "all"
"""In `undecided`: the families that are not named."""

ANY_ENVIRONMENT: Final = ""
"""In a tag's patterns: the environments that are not named."""


TAGS_RULE: Final = "required-tags"
"""The rule that judges what a pack demands under `tags`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One entry of a pack's `rules`; None and an empty mapping mean that it leaves the matter to others.

    `options` have the rules' own names (`minimum_days`); a rule takes those it knows. `scope` limits the rules to
    some templates and resources. `file` and `span` are the place of the entry's key.
    """

    selector: Selector
    effect: Effect | None = None
    severity: Severity | None = None
    options: Mapping[str, Option] = field(default_factory=dict)
    scope: Scope = EVERYWHERE
    file: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagDemand:
    """What the value of a tag has to be: `patterns` are regular expressions by environment.

    Under ANY_ENVIRONMENT stands what holds in those that are not named. No patterns: any value that is not empty.
    """

    required: bool = True
    patterns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A pack, or several that were merged: `settings` are in order, those of extended packs first.

    `pins` holds for each parameter the values it may have; `limits` the same for the Region and the account, which a
    value given at the command line may not leave. `undecided` is what an open question does, by family (OFF: it is
    not reported). `tags` are the required tags by key, `environment` the one whose patterns hold. `rules` are the
    pack's own rules. `frameworks` are the standards it stands for. `suppressions` are the other tools whose
    suppressions in templates are honoured. `file` is the path of the pack, the last of several.
    """

    name: str
    description: str = ""
    environment: str = ""
    settings: tuple[Setting, ...] = ()
    pins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    undecided: Mapping[str, Effect] = field(default_factory=dict)
    tags: Mapping[str, TagDemand] = field(default_factory=dict)
    scope: Scope = EVERYWHERE
    rules: tuple[Rule, ...] = ()
    frameworks: tuple[Framework, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    suppressions: frozenset[str] = frozenset()
    file: str = ""


def merged(one: Pack, later: Pack) -> Pack:
    """Two packs as one, in which the later has the last word.

    The operation is associative; the name and description are the later one's.
    """
    return Pack(
        name=later.name,
        description=later.description,
        environment=later.environment or one.environment,
        settings=one.settings + later.settings,
        pins={**one.pins, **later.pins},
        limits={**one.limits, **later.limits},
        undecided={**one.undecided, **later.undecided},
        tags={**one.tags, **later.tags},
        scope=one.scope.under(later.scope),
        rules=tuple({rule.id: rule for rule in one.rules + later.rules}.values()),
        frameworks=tuple({each.name: each for each in one.frameworks + later.frameworks}.values()),
        waivers=one.waivers + later.waivers,
        suppressions=one.suppressions | later.suppressions,
        file=later.file,
    )
