"""Entries and statements that another one makes needless.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html (the checks of
redundancy).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.iam.document import Opaque
from infra_checks.iam.validate.problems import problem
from infra_checks.iam.validate.texts import flat, has_wildcard, readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from infra_checks.iam.document import Document
    from infra_checks.iam.model import Pattern, Patterns
    from infra_checks.iam.text import Text
    from infra_checks.iam.validate.drafts import Draft, Part
    from infra_checks.iam.validate.problems import Problem

_MAX_DEPTH: Final = 12
_WHOLE: Final = "*"


def check_entries(_: Draft, part: Part) -> Iterator[Problem]:
    """Entries of Action and Resource that another entry of the same list includes."""
    for patterns, code in ((part.read.actions, "REDUNDANT_ACTION"), (part.read.resources, "REDUNDANT_RESOURCE")):
        if patterns is None or len(patterns.listed) < 2:  # noqa: PLR2004 - a list of one has no other
            continue
        for entry, by in _included(patterns, folded=code == "REDUNDANT_ACTION"):
            shown, other = (_shown(one.text) for one in (entry, by))
            twice = f"has {shown} twice" if shown.lower() == other.lower() else f"has {shown}, which {other} includes"
            yield problem(code, entry.path, twice)


def check_principals(_: Draft, part: Part) -> Iterator[Problem]:
    """Principals that are there twice, or beside `*`."""
    principals = part.read.principals
    seen: set[tuple[str, Text]] = set()
    everyone = principals is not None and any((one.kind, one.name) == ("AWS", _WHOLE) for one in principals.listed)
    for one in principals.listed if principals is not None else ():
        if (one.kind, one.name) in seen:
            yield problem("REDUNDANT_PRINCIPAL", one.path, f"names {_shown(one.name)} twice")
        elif everyone and one.kind == "AWS" and one.name != _WHOLE:
            yield problem("REDUNDANT_PRINCIPAL", one.path, f"names {_shown(one.name)} beside everybody")
        seen.add((one.kind, one.name))


def _included(patterns: Patterns, *, folded: bool) -> Iterator[tuple[Pattern, Pattern]]:
    first: dict[Text, Pattern] = {}
    for entry in patterns.listed:
        key = entry.text.lower() if folded and isinstance(entry.text, str) else entry.text
        if key in first:
            yield entry, first[key]
        else:
            first[key] = entry
    everything = first.get(_WHOLE)
    wide = [(_taking(key, folded=folded), entry) for key, entry in first.items() if _is_wide(key)]
    wide.sort(key=lambda one: one[0][0])
    for key, entry in first.items():
        if everything is not None and entry is not everything:
            yield entry, everything
        elif everything is None and isinstance(key, str):
            by = _wider(key, entry, wide)
            if by is not None:
                yield entry, by


_Wide = tuple[tuple[str, re.Pattern[str]], "Pattern"]


def _wider(key: str, entry: Pattern, wide: Sequence[_Wide]) -> Pattern | None:
    for (prefix, taken), by in wide:
        if by is not entry and key.startswith(prefix) and taken.fullmatch(key):
            return by
    return None


def _is_wide(key: Text) -> bool:
    return isinstance(key, str) and has_wildcard(key)


def _taking(key: Text, *, folded: bool) -> tuple[str, re.Pattern[str]]:
    """The beginning of a pattern, and a regular expression for the patterns that it surely includes.

    In resources a wildcard stays within a part unless it ends one.
    """
    text = flat(key)
    prefix = re.split(r"[*?]", text, maxsplit=1)[0]
    found = []
    for index, char in enumerate(text):
        ends = index + 1 == len(text) or text[index + 1] == ":"
        if char == "*":
            found.append(".*" if folded or ends else "[^:]*")
        elif char == "?":
            found.append("[^*]" if folded else "[^*:]")
        else:
            found.append(re.escape(char))
    return prefix, re.compile("".join(found), re.DOTALL)


def _shown(text: Text) -> str:
    return readable(flat(text))


def check_statements(draft: Draft) -> Iterator[Problem]:
    """Statements that are there twice."""
    seen: set[object] = set()
    for part in draft.parts:
        element = {name: value for name, value in part.element.items() if name != "Sid"}
        form = _form(element, 0)
        if form is None or not element:
            continue
        if form in seen:
            yield problem("REDUNDANT_STATEMENT", part.path, "has a statement twice")
        seen.add(form)


def _form(value: Document, depth: int) -> object | None:
    """The value so that equal meanings are equal, lists in any order; None where it is not all known or too deep."""
    if isinstance(value, Opaque) or depth > _MAX_DEPTH:
        return None
    if isinstance(value, dict):
        forms = {key: _form(item, depth + 1) for key, item in value.items()}
        return None if None in forms.values() else ("object", frozenset(forms.items()))
    if isinstance(value, list):
        members = [_form(item, depth + 1) for item in value]
        if None in members:
            return None
        return members[0] if len(members) == 1 else ("list", frozenset(members))
    return type(value).__name__, value
