"""Which templates and resources a pack, or one of its rules, speaks of.

A template is named by its path as reports show it, with the patterns of a .gitignore file (`sandbox/`, `*.test.yaml`,
`stacks/**/api.yaml`); a resource by its logical id and a type by its name, with `*` and `?`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pathspec import GitIgnoreSpec

TEMPLATES: Final = "templates"
RESOURCES: Final = "resources"
TYPES: Final = "types"
KINDS: Final = (TEMPLATES, RESOURCES, TYPES)

Patterns = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """`only` and `excepted` hold patterns by kind (templates, resources, types); a kind without any sets no limit."""

    only: Mapping[str, Patterns] = field(default_factory=dict)
    excepted: Mapping[str, Patterns] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.only or self.excepted)

    def under(self, later: Scope) -> Scope:
        """The scope as a later one changes it: of each kind the later one's patterns count."""
        return Scope(only={**self.only, **later.only}, excepted={**self.excepted, **later.excepted})

    def covers(self, template: str, resource: str = "", type: str = "") -> bool:
        """Whether it speaks of a resource; without one, of the template as a whole."""
        names = {TEMPLATES: template, RESOURCES: resource, TYPES: type} if resource else {TEMPLATES: template}
        return all(
            (kind not in self.only or _matches(kind, self.only[kind], name))
            and not (kind in self.excepted and _matches(kind, self.excepted[kind], name))
            for kind, name in names.items()
        )


EVERYWHERE: Final = Scope()


def problem_with(pattern: str) -> str:
    """What is wrong with a pattern for templates, or nothing."""
    try:
        _compiled((pattern,))
    except (ValueError, re.error) as error:
        return str(error)
    return ""


def _matches(kind: str, patterns: Patterns, name: str) -> bool:
    if kind == TEMPLATES:
        return _compiled(patterns).match_file(name)
    return any(fnmatchcase(name, pattern) for pattern in patterns)


@cache
def _compiled(patterns: Patterns) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - most packs name no templates

    return GitIgnoreSpec.from_lines(patterns)
