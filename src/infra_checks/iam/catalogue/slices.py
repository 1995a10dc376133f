"""Actions, resource types and condition keys by service, read when first asked for.

The data are facts of AWS's Service Authorization Reference; their sources are in the head of data/services.txt, which
`build` writes. It holds an index and a slice of text a service:

    s3 ⇥ Amazon S3 ⇥ number of resource types
    names of actions, sorted without case
    condition keys, and on the next line their types: a letter, with * if multivalued
    a line a resource type: name ⇥ ARN template ⇥ condition keys
    a line an action: level ⇥ resource types ⇥ condition keys ⇥ dependent actions

Condition keys and types are referred to by number. A resource type of an action is `number`, `!` if it is required, and
after `;` its condition keys and dependent actions.
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from pathlib import Path
from typing import Final, NamedTuple

from infra_checks.iam.catalogue.kinds import Action, ActionResource, ConditionKey, KeyType, Level, ResourceType

DATA: Final = Path(__file__).with_name("data")
FILE: Final = DATA / "services.txt"

LEVELS: Final = {
    "L": Level.LIST,
    "R": Level.READ,
    "T": Level.TAGGING,
    "W": Level.WRITE,
    "P": Level.PERMISSIONS,
}
TYPES: Final = {
    "S": KeyType.STRING,
    "A": KeyType.ARN,
    "B": KeyType.BOOL,
    "N": KeyType.NUMERIC,
    "D": KeyType.DATE,
    "I": KeyType.IP_ADDRESS,
    "Y": KeyType.BINARY,
}
VARIABLE: Final = re.compile(r"\$\{[^}]*\}|<[^>]*>")
"""A part of a template or of a condition key's name that stands for a text."""

_HEAD: Final = 1 << 16  # bytes; more than the head has, less than one read of a disk


class Head(NamedTuple):
    """The head of the data: where they come from, where each service is, and where the first one starts (in bytes).

    `places` has ` name=offset=length` a service; it is searched as it is, which is faster than to take it apart.
    """

    text: str
    places: str
    start: int


class Service:
    """A service by the prefix of its actions. Names are found without regard to case."""

    def __init__(self, text: str) -> None:
        first, names, keys, types, *self._lines = text.split("\n")
        self.prefix, self.title, count = first.split("\t")
        self._types = int(count)
        self._names = names.split("\t") if names else []
        self._keys = tuple(keys.split("\t")) if keys else ()
        self._key_types = types.split("\t")

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name.lower(): number for number, name in enumerate(self._names)}

    @property
    def action_names(self) -> tuple[str, ...]:
        """Without the prefix, sorted."""
        return tuple(self._names)

    @cached_property
    def actions(self) -> tuple[Action, ...]:
        """All actions, sorted by name without case."""
        return tuple(map(self._action, range(len(self._names))))

    def action(self, name: str) -> Action | None:
        """The action of a name without the prefix, or None."""
        number = self._numbers.get(name.lower())
        return None if number is None else self._action(number)

    def _action(self, number: int) -> Action:
        level, types, keys, dependents = self._lines[self._types + number].split("\t")
        return Action(
            self.prefix,
            self._names[number],
            LEVELS[level],
            tuple(map(self._used, types.split(","))) if types else (),
            self._named(keys),
            tuple(dependents.split("+")) if dependents else (),
        )

    def _used(self, entry: str) -> ActionResource:
        number, keys, dependents = [*entry.split(";"), "", ""][:3]
        name = self._lines[int(number.rstrip("!"))].partition("\t")[0]
        return ActionResource(
            name, number.endswith("!"), self._named(keys), tuple(dependents.split("+")) if dependents else ()
        )

    def _named(self, numbers: str) -> tuple[str, ...]:
        return tuple(self._keys[int(number)] for number in numbers.split(".")) if numbers else ()

    @cached_property
    def resource_types(self) -> dict[str, ResourceType]:
        """By name in lower case."""
        found = {}
        for line in self._lines[: self._types]:
            name, arn, keys = line.split("\t")
            found[name.lower()] = ResourceType(self.prefix, name, arn, self._named(keys))
        return found

    @cached_property
    def condition_keys(self) -> dict[str, ConditionKey]:
        """By name in lower case: those of the service, and the global ones of which it says that it has them."""
        return {
            name.lower(): ConditionKey(name, TYPES[letter[0]], letter.endswith("*"))
            for name, letter in zip(self._keys, self._key_types, strict=False)
        }

    def condition_key(self, name: str) -> ConditionKey | None:
        """The condition key of that name, or that a name such as `s3:ExistingObjectTag/owner` is one of; or None."""
        name = name.lower()
        found = self.condition_keys.get(name)
        if found is not None:
            return found
        return next((self.condition_keys[key] for key, pattern in self._patterns if pattern.fullmatch(name)), None)

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        """The condition keys with variables, the longest first."""
        keys = sorted((key for key in self.condition_keys if VARIABLE.search(key)), key=lambda key: (-len(key), key))
        return [(key, re.compile(".+".join(map(re.escape, VARIABLE.split(key))), re.DOTALL)) for key in keys]


@cache
def head() -> Head:
    """The head of the data. Raises OSError when they are not there, as in a broken installation."""
    with FILE.open("rb") as file:
        block = file.read(_HEAD).partition(b"\n\n")[0]
    text, _, index = block.decode().rpartition("\n")
    return Head(text, f" {index} ", len(block) + 2)


def services() -> tuple[str, ...]:
    """The prefixes of all services, sorted."""
    return tuple(entry.partition("=")[0] for entry in head().places.split())


@cache
def service(prefix: str) -> Service | None:
    """The service of a prefix such as `s3`, or None."""
    _, places, start = head()
    sought = f" {prefix.lower()}="
    place = places.find(sought)
    if place < 0:
        return None
    place += len(sought)
    offset, _, length = places[place : places.index(" ", place)].partition("=")
    with FILE.open("rb") as file:
        file.seek(start + int(offset))
        return Service(file.read(int(length)).decode())


def find_action(name: str) -> Action | None:
    """The action `service:Name`, without regard to case, or None when the catalogue does not have it."""
    prefix, _, action = name.partition(":")
    found = service(prefix)
    return found.action(action) if found else None


def resource_types(action: Action) -> tuple[ResourceType, ...]:
    """The resource types that an action works on."""
    found = service(action.service)
    types = found.resource_types if found else {}
    return tuple(types[resource.name.lower()] for resource in action.resources)


def arn_templates(name: str) -> tuple[str, ...]:
    """The ARN templates of the resources of an action; none when it has no resource-level permissions or is unknown."""
    action = find_action(name)
    return tuple(one.arn for one in resource_types(action)) if action else ()
