"""What a default of a property can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Test = Callable[[Any], bool]

Default = Any
"""A value, a test of values, CHOSEN, NOTHING, an Unstated, a By or a ByKey."""


class Chosen:
    """AWS chooses a value, and which one tells nothing: a zone, a window, a name."""


class Nothing:
    """There is none unless somebody gives one."""


CHOSEN: Final = Chosen()
NOTHING: Final = Nothing()


@dataclass(frozen=True, slots=True)
class Unstated:
    """What AWS is seen to set, but no page says that it does: neither this value nor another tells who set it."""

    value: object


@dataclass(frozen=True, slots=True)
class By:
    """A default that depends on another property: that of its live value, else `otherwise`."""

    property: str
    defaults: Mapping[object, Default] = field(hash=False)
    otherwise: Default

    def of(self, properties: Mapping[str, Any]) -> Default:
        """The default beside other properties."""
        value = properties.get(self.property)
        found = self.defaults.get(value, self.otherwise) if isinstance(value, (str, bool)) else self.otherwise
        return found.of(properties) if isinstance(found, By) else found


@dataclass(frozen=True, slots=True)
class ByKey:
    """The defaults of entries of a list of `Key` and `Value`, by key; None for a key that is not known."""

    defaults: Mapping[str, Default] = field(hash=False)

    def of(self, entry: object, properties: Mapping[str, Any]) -> Default | None:
        """The default of an entry beside the properties of its resource."""
        key = entry.get("Key") if isinstance(entry, dict) else None
        found = self.defaults.get(str(key))
        found = found.of(properties) if isinstance(found, By) else found
        return {"Key": key, "Value": found} if isinstance(found, str) else found


def one_of(*values: object) -> Test:
    """Any of some values."""
    return lambda live: live in values


def all_of(value: object) -> Test:
    """Each member of a mapping has a value."""
    return lambda live: isinstance(live, dict) and all(each == value for each in live.values())
