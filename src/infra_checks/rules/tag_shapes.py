"""Which types take tags, in which form, and the tags that a resource has; facts are in data/tag_shapes.txt."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.core.table import values_or_absent
from infra_checks.evaluate.values import Absent, Known, Unknown, Value
from infra_checks.evaluate.view import View
from infra_checks.rules.globs import matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource

_SHAPES: Final = Path(__file__).with_name("data") / "tag_shapes.txt"
_SPECIFICATIONS: Final = "TagSpecifications"


class Shape(NamedTuple):
    """Where a type has its tags, and whether they map keys to values."""

    path: tuple[str, ...]
    is_map: bool


@cache
def shapes() -> dict[str, Shape]:
    """The types that take tags."""
    found = {}
    for line in _SHAPES.read_text("utf-8").splitlines():
        service, colon, kinds = line.partition(": ")
        if line.startswith("#") or not colon:
            continue
        for word in kinds.split():
            name, _, place = word.partition("=")
            path, _, form = (place or "Tags").partition("/")
            found[f"AWS::{service}::{name}"] = Shape(tuple(path.split(".")), form == "map")
    return found


class Tag(NamedTuple):
    """A tag as the template has it."""

    key: Value[str]
    value: Value[str]


class Tags(NamedTuple):
    """The tags of a resource (or of one replica): where they stand, those that can be read, and why others cannot."""

    at: Value[object]
    tags: tuple[Tag, ...]
    unread: tuple[Unknown, ...]


def tags_of(resource: Resource, shape: Shape) -> Iterator[Tags]:
    """The sets of tags of a resource; one, unless it has replicas."""
    if shape.path == (_SPECIFICATIONS,):
        yield _specified(resource)
        return
    for value in values_or_absent(resource, *shape.path):
        yield _read(value, shape)


def _read(value: Value[object], shape: Shape) -> Tags:
    match value:
        case Known(View() as view) if shape.is_map:
            names = view.keys()
            loops = tuple(
                Unknown(f"{key} may add tags", value.node, value.path) for key in names if key.startswith("Fn::")
            )
            return Tags(value, tuple(_entries(view)), loops)
        case Known(tuple() as views) if not shape.is_map:
            entries = [view.mapping() for view in views]
            read = tuple(Tag(e.value.text("Key"), e.value.text("Value")) for e in entries if isinstance(e, Known))
            return Tags(value, read, tuple(entry for entry in entries if isinstance(entry, Unknown)))
        case Known():
            form = "a mapping of keys to values" if shape.is_map else "a list of Key and Value"
            return Tags(value, (), (Unknown(f"it is not {form}", value.node, value.path, value.notes),))
        case Unknown():
            return Tags(value, (), (value,))
        case Absent():
            return Tags(value, (), ())


def _entries(view: View) -> Iterator[Tag]:
    for key in list(view.keys()):
        if not key.startswith("Fn::"):
            value = view.text(key)
            yield Tag(Known(key, value.node, value.path, value.notes), value)


def _specified(resource: Resource) -> Tags:
    """The tags in TagSpecifications that are for the resource itself, not for what it launches."""
    own = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", resource.type.rpartition("::")[2]).lower()
    listed = resource.items(_SPECIFICATIONS)
    if not isinstance(listed, Known):
        return Tags(listed, (), (listed,) if isinstance(listed, Unknown) else ())
    sets = [(view.text("ResourceType"), view.value("Tags")) for view in listed.value]
    read = [
        _read(value, Shape((), is_map=False)) for kind, value in sets if isinstance(kind, Known) and kind.value == own
    ]
    unread = tuple(kind for kind, _ in sets if isinstance(kind, Unknown))
    return Tags(
        read[0].at if read else listed,
        tuple(tag for one in read for tag in one.tags),
        unread + tuple(reason for one in read for reason in one.unread),
    )


def may_be(value: Value[str], key: str) -> bool:
    """Whether a tag's key that is not known may be some key."""
    if not isinstance(value, Unknown):
        return False
    pattern = "".join(part if isinstance(part, str) else "*" for part in value.parts)
    return not value.parts or matches(pattern, key)
