"""What a policy pack says, as data: which rules run, what their findings do, what is pinned."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.core.finding import Effect, Severity
    from infra_checks.core.rule import Option
    from infra_checks.core.waiver import Waiver
    from infra_checks.packs.selectors import Selector
    from infra_checks.template.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One entry of a pack's `rules`; None and an empty mapping mean that it leaves the matter to others.

    `options` have the rules' own names (`minimum_days`); a rule takes those it knows. `file` and `span` are
    the place of the entry's key.
    """

    selector: Selector
    effect: Effect | None = None
    severity: Severity | None = None
    options: Mapping[str, Option] = field(default_factory=dict)
    file: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A pack, or several that were merged: `settings` are in order, those of extended packs first.

    `pins` holds for each parameter the values it may have. `undecided` is what an open question does (OFF:
    it is not reported), None when no pack says so. `suppressions` are the other tools whose suppressions in templates
    are honoured. `file` is the path of the pack, the last of several.
    """

    name: str
    description: str = ""
    settings: tuple[Setting, ...] = ()
    pins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    undecided: Effect | None = None
    waivers: tuple[Waiver, ...] = ()
    suppressions: frozenset[str] = frozenset()
    file: str = ""
