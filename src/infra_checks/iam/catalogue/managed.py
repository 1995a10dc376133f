"""Policies that AWS manages: their names, and the documents of those that a role, user or group can have attached.

data/managed.txt has lines for people, an index, an empty line and the documents. The index has, a line each, name,
path, version, day of the version, and, where there is a document, its offset and length. A document has a line a
statement: Sid (after `-` for a Deny), actions, resources (both after `!` for Not…) and the condition as JSON, if any.
Actions of one service follow its prefix once: `s3:Get*,List*`. Policies in /aws-service-role/ have no document: they
belong to the service-linked role of a service and can be attached to nothing else
(https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html).
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.iam.catalogue.slices import DATA

if TYPE_CHECKING:
    from infra_checks.iam.document import Document

FILE: Final = DATA / "managed.txt"
LINKED: Final = "/aws-service-role/"

_HEAD: Final = 1 << 18  # bytes; more than the head has
_ARN: Final = ":iam::aws:policy/"


class ManagedPolicy(NamedTuple):
    """A policy that AWS manages; `updated` is the day of its version, as text."""

    name: str
    path: str
    version: str
    updated: str

    @property
    def attachable(self) -> bool:
        """Whether it can be attached, and its document is known."""
        return self.path != LINKED


class _Index(NamedTuple):
    policies: dict[str, ManagedPolicy]
    places: dict[str, tuple[int, int]]


def managed_policies() -> tuple[ManagedPolicy, ...]:
    """All of them, sorted by name."""
    return tuple(_index().policies.values())


def find_managed_policy(arn_or_name: str) -> ManagedPolicy | None:
    """The policy of an ARN (of any partition), of a path and name, or of a name; None when there is none."""
    name = arn_or_name.partition(_ARN)[2] if arn_or_name.startswith("arn:") else arn_or_name.lstrip("/")
    path, _, last = name.rpartition("/")
    found = _index().policies.get(last)
    is_whole = arn_or_name.startswith("arn:") or "/" in name
    return None if found is None or (is_whole and found.path.strip("/") != path) else found


@lru_cache(256)
def managed_policy(arn_or_name: str) -> dict[str, Document] | None:
    """The document of a policy by ARN or name, as AWS has it; None when there is none that can be attached.

    Do not change it: every caller gets the same.
    """
    found = find_managed_policy(arn_or_name)
    place = _index().places.get(found.name) if found else None
    if place is None:
        return None
    with FILE.open("rb") as file:
        file.seek(place[0])
        lines = file.read(place[1]).decode().split("\n")
    return {"Version": "2012-10-17", "Statement": [_statement(line) for line in lines]}


@cache
def _index() -> _Index:
    with FILE.open("rb") as file:
        head = file.read(_HEAD).partition(b"\n\n")[0]
    start = len(head) + 2
    policies, places = {}, {}
    for line in head.decode().split("\n"):
        if not line.startswith("#"):
            name, path, version, updated, *place = line.split("\t")
            policies[name] = ManagedPolicy(name, path, version, updated)
            if place:
                places[name] = (start + int(place[0]), int(place[1]))
    return _Index(policies, places)


def _statement(line: str) -> Document:
    sid, actions, resources, condition = line.split("\t")
    statement: dict[str, Document] = {"Sid": sid.removeprefix("-")} if sid.removeprefix("-") else {}
    statement["Effect"] = "Deny" if sid.startswith("-") else "Allow"
    statement["NotAction" if actions.startswith("!") else "Action"] = [*_actions(actions.removeprefix("!"))]
    statement["NotResource" if resources.startswith("!") else "Resource"] = [*resources.removeprefix("!").split(" ")]
    if condition:
        statement["Condition"] = json.loads(condition)
    return statement


def _actions(text: str) -> list[str]:
    found = []
    for group in text.split(" "):
        prefix, colon, names = group.partition(":")
        found += [f"{prefix}:{name}" for name in names.split(",")] if colon else [prefix]
    return found


CACHED: Final = (managed_policy, _index)
