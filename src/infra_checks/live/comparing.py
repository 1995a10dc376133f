"""What a template asks for against what is deployed, property by property.

A declared value may hold what only the deployment knows, `{"Ref": "Key"}` or `{"Fn::Join": ["", [...]]}`; it is
compared as a pattern over the names that the stack's resources have. Where too little is known to tell two values
apart, they are not told apart: a difference that is reported is one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.names import OUTPUTS
from infra_checks.live.policy_forms import canonical_policy, is_policy
from infra_checks.live.reading import Unread

if TYPE_CHECKING:
    from infra_checks.live.reading import Plain

Path = tuple[str | int, ...]


class Kind(StrEnum):
    """How a property differs."""

    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Difference:
    """A property that differs; `path` below the resource's properties, in live lists with the live index.

    `declared` is None where the template says nothing, `live` where there is nothing. `reason` is why it could not be
    read or told.
    """

    path: Path
    kind: Kind
    declared: Plain = None
    live: Plain = None
    reason: str = ""


Names = Mapping[str, Mapping[str, str]]
"""By logical id the texts of its attributes, `Ref` and `Arn` among them, as far as they are known."""

_NOTHING: Final[tuple[Plain, ...]] = (None, "", [], {})

_KEYS: Final = (
    ("Key",),
    ("Sid",),
    ("PolicyName",),
    ("AttributeName",),
    ("IndexName",),
    ("ParameterKey",),
    ("ParameterName",),
    ("OptionName", "Namespace"),
    ("Id",),
    ("Name",),
    ("RuleName",),
    ("HttpMethod", "ResourcePath"),
    ("DeviceName",),
)
"""What identifies an entry of a list, where all its entries have it and it is unlike in each."""

_OPEN: Final = "(?s:.*)"

OPEN: Final = "what the template says is known to CloudFormation only"
"""Why a value is not told apart from what is there: a hidden parameter, a dynamic reference, another stack's export."""


class Comparing:
    """Compares values of one stack; `names` are those of its resources."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def differences(self, declared: Plain, live: Plain, path: Path = ()) -> Iterator[Difference]:
        """What differs between a declared and a live value that are both there."""
        declared, live = _alike(declared, live)
        if isinstance(live, Unread):
            yield Difference(path, Kind.UNREAD, declared, None, live.reason)
        elif isinstance(declared, dict) and not is_intrinsic(declared) and isinstance(live, dict):
            yield from self._mappings(declared, live, path)
        elif isinstance(declared, list) and isinstance(live, list):
            yield from self._lists(declared, live, path)
        else:
            same = self.same(declared, live)
            if same is False:
                yield Difference(path, Kind.CHANGED, declared, live)
            elif same is None:
                yield Difference(path, Kind.UNREAD, declared, None, OPEN)

    def _mappings(self, declared: dict[str, Plain], live: dict[str, Plain], path: Path) -> Iterator[Difference]:
        if is_policy(declared) and is_policy(live):
            declared, live = canonical_policy(declared), canonical_policy(live)
        for name in sorted(declared.keys() | live.keys()):
            here = (*path, name)
            if name not in live:
                if not _is_nothing(declared[name]):
                    yield Difference(here, Kind.REMOVED, declared[name])
            elif name not in declared:
                if isinstance(live[name], Unread):
                    yield Difference(here, Kind.UNREAD, reason=live[name].reason)
                elif not _is_nothing(live[name]):
                    yield Difference(here, Kind.ADDED, None, live[name])
            else:
                yield from self.differences(declared[name], live[name], here)

    def _lists(self, declared: list[Plain], live: list[Plain], path: Path) -> Iterator[Difference]:
        """The order of entries is not compared: services keep few, and answer in any."""
        keys = _keys_of(declared, live)
        left_declared, left_live = list(range(len(declared))), list(range(len(live)))
        pairs = []
        for belongs in (self._belong, self._covers):
            for i in list(left_declared):
                match = next((j for j in left_live if belongs(declared[i], live[j], keys)), None)
                if match is not None:
                    pairs.append((i, match))
                    left_declared.remove(i)
                    left_live.remove(match)
        if len(left_declared) == len(left_live) and not keys:
            pairs += zip(left_declared, left_live, strict=True)
            left_declared, left_live = [], []
        for i, j in sorted(pairs, key=lambda pair: pair[1]):
            yield from self.differences(declared[i], live[j], (*path, j))
        for i in left_declared:
            yield Difference(path, Kind.REMOVED, declared[i])
        for j in left_live:
            yield Difference((*path, j), Kind.ADDED, None, live[j])

    def _belong(self, declared: Plain, live: Plain, keys: tuple[str, ...]) -> bool:
        if keys:
            return all(self.same(declared[key], live[key]) is not False for key in keys)
        return self.same(declared, live) is not False

    def _covers(self, declared: Plain, live: Plain, keys: tuple[str, ...]) -> bool:
        """Whether an entry has all that is declared, and more: services add what they know of it."""
        if keys or not isinstance(declared, dict) or not isinstance(live, dict) or is_intrinsic(declared):
            return False
        return self.covers(declared, live)

    def covers(self, declared: Plain, live: Plain) -> bool:
        """Whether a live mapping has all that is declared, as far as it can be told."""
        return all(each.kind in {Kind.ADDED, Kind.UNREAD} for each in self.differences(declared, live))

    def same(self, declared: Plain, live: Plain) -> bool | None:
        """Whether two values are one; None when that cannot be told."""
        declared, live = _alike(declared, live)
        if isinstance(live, Unread):
            return None
        if declared == live:
            return True
        if isinstance(declared, dict) and is_intrinsic(declared):
            return self._matches(declared, live)
        if isinstance(declared, (dict, list)) and isinstance(live, type(declared)):
            found = list(self.differences(declared, live))
            if any(each.kind is not Kind.UNREAD for each in found):
                return False
            return None if found else True
        if isinstance(declared, (dict, list)) or isinstance(live, (dict, list)):
            return False
        return self._matches(declared, live)

    def _matches(self, declared: Plain, live: Plain) -> bool | None:
        pattern, is_open = self._pattern(declared)
        if isinstance(live, (dict, list)):
            return None if is_open else False
        text = _text(live)
        if re.fullmatch(pattern, text) is None:
            return False
        return None if pattern == _OPEN else True

    def _pattern(self, declared: Plain) -> tuple[str, bool]:
        """A regular expression of all that a declared value may be, and whether a part of it is not known."""
        match declared:
            case {"Ref": str(name)} if name in self._names:
                return self._named(name, "Ref")
            case {"Fn::GetAtt": [str(name), str(attribute)]} if name in self._names:
                return self._named(name, attribute)
            case {"Fn::Join": [str(between), [*pieces]]}:
                found = [self._pattern(piece) for piece in pieces]
                return re.escape(between).join(each for each, _ in found), any(is_open for _, is_open in found)
            case dict() | None:
                return _OPEN, True
            case str() if "{{resolve:" in declared:
                parts = re.split(r"\{\{resolve:.*?\}\}", declared)
                return _OPEN.join(map(re.escape, parts)), True
            case _:
                return re.escape(_text(declared)), False

    def _named(self, name: str, attribute: str) -> tuple[str, bool]:
        """Any name of a resource is as good: services show an ARN where a template may say an id. Each output of a
        nested stack is a value of its own.
        """
        texts = self._names[name]
        if attribute not in texts:
            return _OPEN, True
        if attribute.startswith(OUTPUTS):
            return re.escape(texts[attribute]), False
        named = [text for name, text in texts.items() if not name.startswith(OUTPUTS)]
        forms = {form for text in named for form in (text, text.removesuffix(":*"))}
        return f"(?:{'|'.join(sorted(map(re.escape, forms)))})", False


def is_intrinsic(value: Plain) -> bool:
    """Whether a plain value is a function in its long form."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    (name,) = value
    return name in {"Ref", "Condition"} or name.startswith("Fn::")


def _is_nothing(value: Plain) -> bool:
    return value in _NOTHING


def _keys_of(*lists: list[Plain]) -> tuple[str, ...]:
    """What identifies the entries of both lists; empty when nothing does."""
    for keys in _KEYS:
        if all(_identifies(keys, entries) for entries in lists):
            return keys
    return ()


def _identifies(keys: tuple[str, ...], entries: list[Plain]) -> bool:
    found = []
    for entry in entries:
        if not isinstance(entry, dict) or not all(key in entry for key in keys):
            return False
        found.append(tuple(json.dumps(entry[key], sort_keys=True, default=str) for key in keys))
    return len(found) == len(set(found))


def _alike(declared: Plain, live: Plain) -> tuple[Plain, Plain]:
    """Both as data where one is data and the other its JSON, both as lists where one is a single value."""
    if isinstance(declared, (dict, list)) and isinstance(live, str) and not is_intrinsic(declared):
        live = _parsed(live)
    elif isinstance(live, (dict, list)) and isinstance(declared, str):
        declared = _parsed(declared)
    if isinstance(declared, list) and isinstance(live, (str, int, float, bool)):
        live = [live]
    elif isinstance(live, list) and not isinstance(declared, list) and not is_open_value(declared):
        declared = [declared]
    return declared, live


def is_open_value(declared: Plain) -> bool:
    """Whether nothing is known of a declared value."""
    return is_intrinsic(declared) and not {"Ref", "Fn::GetAtt", "Fn::Join"} & set(declared)


def _parsed(text: str) -> Any:  # noqa: ANN401 - JSON
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, (dict, list)) else text


def _text(value: Plain) -> str:
    """A scalar as CloudFormation compares it: `true`, and `30` for 30.0."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    return text.lower() if text in {"True", "False"} else text
