"""The words by which packs and the command line name rules.

all                              every rule
severity:high, high              rules of a severity
family:encryption, encryption    rules of a family
rds, rds-, rds-storage-          rules whose id begins with these whole words
rds-storage-encrypted            one rule, by its id or a former id

A word that is an id, a family or a severity is never taken as a prefix; end it with `-` to make it one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from infra_checks.core.closeness import nearest
from infra_checks.core.finding import Family, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from infra_checks.core.rule import Rule


class Kind(IntEnum):
    """What a selector speaks of, the less specific first."""

    ALL = 0
    SEVERITY = 1
    FAMILY = 2
    PREFIX = 3
    RULE = 4


@dataclass(frozen=True, slots=True)
class Selector:
    """A set of rules; `word` is the severity's or family's name, the prefix with its last `-`, or the id."""

    kind: Kind
    word: str = ""

    @property
    def specificity(self) -> tuple[int, int]:
        """Greater for the selector that wins; of equal ones the order decides."""
        return self.kind, len(self.word) if self.kind is Kind.PREFIX else 0

    def matches(self, rule: Rule, severity: Severity) -> bool:
        """Whether it names the rule, taken to be of this severity."""
        if self.kind is Kind.RULE:
            return rule.id == self.word
        if self.kind is Kind.PREFIX:
            return rule.id.startswith(self.word)
        if self.kind is Kind.FAMILY:
            return rule.family == self.word
        return self.kind is Kind.ALL or SEVERITIES[severity] == self.word


SEVERITIES: Final = tuple(severity.label for severity in Severity)
FAMILIES: Final = tuple(family.value for family in Family if family is not Family.OTHER)
_ALL: Final = "all"
_NAMES: Final = {"severity": (Kind.SEVERITY, SEVERITIES), "family": (Kind.FAMILY, FAMILIES)}


class SelectorError(ValueError):
    """A word names no rule; the text says so and what is close to it."""


class RuleNames:
    """The ids of a catalogue, former ones too, by which a selector's word is understood."""

    __slots__ = ("_ids", "rules")

    def __init__(self, catalogue: Sequence[Rule]) -> None:
        self.rules = catalogue
        self._ids = {alias: rule.id for rule in catalogue for alias in rule.aliases}
        self._ids |= {rule.id: rule.id for rule in catalogue}

    def selector(self, word: str) -> Selector:
        """What a word names; raises SelectorError when that is nothing."""
        kind_name, colon, name = word.partition(":")
        if colon:
            return self._qualified(word, kind_name, name)
        if word == _ALL:
            return Selector(Kind.ALL)
        if word in self._ids:
            return Selector(Kind.RULE, self._ids[word])
        for kind, names in _NAMES.values():
            if word in names:
                return Selector(kind, word)
        prefix = f"{word.removesuffix('-')}-"
        if any(known.startswith(prefix) for known in self._ids.values()):
            return Selector(Kind.PREFIX, prefix)
        candidates = (_ALL, *self._ids, *FAMILIES, *SEVERITIES)
        raise SelectorError(f"no rule, id prefix, family or severity is called {word!r}{nearest(word, candidates)}")

    def check_name(self, word: str) -> None:
        """Raise SelectorError unless a word is a rule's id, a former one, or another tool's id of the same check."""
        if word in self._ids:
            return
        peers = {name.casefold() for rule in self.rules for name in rule.equivalents}
        if word.casefold() not in peers:
            candidates = (*self._ids, *sorted(name for rule in self.rules for name in rule.equivalents))
            raise SelectorError(f"no rule has the id {word!r}{nearest(word, candidates)}")

    @property
    def ids(self) -> Iterable[str]:
        """All ids, former ones too."""
        return self._ids

    def id_of(self, name: str) -> str | None:
        """The id of the rule that has a name, now or formerly; None when there is none."""
        return self._ids.get(name)

    def named(self, selector: Selector) -> tuple[Rule, ...]:
        """The rules that a selector names by their own severity."""
        return tuple(rule for rule in self.rules if selector.matches(rule, rule.severity))

    @staticmethod
    def _qualified(word: str, kind_name: str, name: str) -> Selector:
        if kind_name not in _NAMES:
            raise SelectorError(f"{word!r} selects by {kind_name!r}; only family: and severity: are known")
        kind, names = _NAMES[kind_name]
        if name not in names:
            raise SelectorError(f"there is no {kind_name} {name!r}{nearest(name, names)}")
        return Selector(kind, name)
