"""Global condition keys: those of every service; facts of data/global_keys.txt."""

from __future__ import annotations

from functools import cache
from typing import Final

from infra_checks.iam.catalogue.kinds import ConditionKey
from infra_checks.iam.catalogue.slices import DATA, TYPES, VARIABLE

FILE: Final = DATA / "global_keys.txt"


@cache
def global_keys() -> dict[str, ConditionKey]:
    """By name in lower case; of one with a variable, such as `aws:PrincipalTag/${TagKey}`, up to the slash."""
    found = {}
    for line in FILE.read_text("ascii").splitlines():
        if line and not line.startswith("#"):
            name, types = line.split()
            first, *others = (TYPES[letter] for letter in types.rstrip("*"))
            key = ConditionKey(name, first, types.endswith("*"), tuple(others))
            found[VARIABLE.split(name)[0].lower()] = key
    return found


def global_key(name: str) -> ConditionKey | None:
    """The global condition key of a name, without regard to case, or None."""
    keys, name = global_keys(), name.lower()
    exact = keys.get(name)
    if exact is not None and not name.endswith("/"):
        return exact
    prefix, slash, tag = name.partition("/")
    return keys.get(prefix + slash) if tag else None
