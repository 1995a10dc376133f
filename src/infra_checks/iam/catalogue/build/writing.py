"""The data files as text; their form is told in slices.py and actions.py, which read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.iam.catalogue import slices
from infra_checks.iam.catalogue.actions import ONE_RESOURCE, RESOURCE_LEVEL, UNDOCUMENTED
from infra_checks.iam.catalogue.kinds import Level, Risk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from infra_checks.iam.catalogue.build.reference import Part
    from infra_checks.iam.catalogue.kinds import Action, ResourceType

_LEVELS: Final = {level: letter for letter, level in slices.LEVELS.items()}
_ONE: Final = frozenset({("cloudwatch", "dataset")})
"""Types with one resource whose ARN does not tell. AWS: "Only the default dataset is supported"
(https://docs.aws.amazon.com/cli/latest/reference/cloudwatch/get-dataset.html)."""
_TYPES: Final = {kind: letter for letter, kind in slices.TYPES.items()}


def services_text(parts: Iterable[Part], head: str) -> bytes:
    """The file of services. `head` is lines for people; an empty line must not be in it."""
    slices = {part.prefix: "\n".join(_lines(part)).encode() for part in parts}
    index, offset = [], 0
    for prefix, data in slices.items():
        index.append(f"{prefix}={offset}={len(data)}")
        offset += len(data) + 1
    return b"\n".join([f"{head}\n{' '.join(index)}\n".encode(), *slices.values()]) + b"\n"


def _lines(part: Part) -> Iterable[str]:
    keys = {key.name.lower(): number for number, key in enumerate(part.keys)}
    types = {one.name: number for number, one in enumerate(part.types)}
    yield f"{part.prefix}\t{part.title}\t{len(part.types)}"
    yield "\t".join(action.name for action in part.actions)
    yield "\t".join(key.name for key in part.keys)
    yield "\t".join(_TYPES[key.type] + "*" * key.multivalued for key in part.keys)
    for one in part.types:
        yield f"{one.name}\t{one.arn}\t{_numbers(one.condition_keys, keys)}"
    for action in part.actions:
        yield _action_line(action, keys, types)


def _action_line(action: Action, keys: Mapping[str, int], types: Mapping[str, int]) -> str:
    resources = []
    for used in action.resources:
        entry = f"{types[used.name]}{'!' * used.required};{_numbers(used.condition_keys, keys)};"
        resources.append((entry + "+".join(used.dependent_actions)).rstrip(";"))
    return "\t".join(
        [
            _LEVELS[action.level],
            ",".join(resources),
            _numbers(action.condition_keys, keys),
            "+".join(action.dependent_actions),
        ]
    )


def _numbers(names: Sequence[str], keys: Mapping[str, int]) -> str:
    return ".".join(map(str, sorted({keys[name.lower()] for name in names})))


def actions_text(
    parts: Iterable[Part], risks: Mapping[Risk, frozenset[str]], undocumented: Iterable[str], head: str
) -> bytes:
    """The file of actions."""
    parts = list(parts)
    actions = sorted((action.full_name.lower(), action) for part in parts for action in part.actions)
    classes = {level.value: [action.level is level for _, action in actions] for level in Level}
    classes |= {risk.value: [name in risks[risk] for name, _ in actions] for risk in Risk}
    classes[RESOURCE_LEVEL] = [bool(action.resources) for _, action in actions]
    single = {part.prefix: {one.name for one in part.types if is_one(part.prefix, one)} for part in parts}
    classes[ONE_RESOURCE] = [
        bool(action.resources)
        and all(not one.required and one.name in single[action.service] for one in action.resources)
        for _, action in actions
    ]
    lines = [head, *(f"{name}\t{_bits(flags)}" for name, flags in classes.items())]
    lines += [f"{UNDOCUMENTED}\t{' '.join(sorted(undocumented))}", ""]
    return "\n".join([*lines, *(name for name, _ in actions), ""]).encode("ascii")


def is_one(prefix: str, kind: ResourceType) -> bool:
    """Whether each account has one resource of a type in a Region: its ARN has no other variable, and no wildcard."""
    if (prefix, kind.name) in _ONE:
        return True
    fixed = kind.arn
    for variable in ("${Partition}", "${Region}", "${Account}"):
        fixed = fixed.replace(variable, "")
    return "${Region}" in kind.arn and not {"$", "*", "<"} & set(fixed)


def _bits(flags: Sequence[bool]) -> str:
    return f"{int(''.join('1' if flag else '0' for flag in reversed(flags)), 2):x}"
