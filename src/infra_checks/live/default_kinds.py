"""What a default of a property can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Test = Callable[[Any], bool]

Default = Any
"""A value, a test of values, CHOSEN, NOTHING, an Unstated or a By."""


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


def one_of(*values: object) -> Test:
    """Any of some values."""
    return lambda live: live in values


def all_of(value: object) -> Test:
    """Each member of a mapping has a value."""
    return lambda live: isinstance(live, dict) and all(each == value for each in live.values())
