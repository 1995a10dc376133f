"""Files that hold a deployed stack's outputs, in the forms that tools write them in.

{"Key": "value"}                                                `infra-checks deploy --outputs`
{"Stacks": [{"StackName": N, "Outputs": [{"OutputKey": K, "OutputValue": V}]}]}   aws cloudformation describe-stacks
[{"OutputKey": K, "OutputValue": V}]                            the same with --query 'Stacks[0].Outputs'
{"StackName": {"Key": "value"}}                                 cdk deploy --outputs-file
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra_checks.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class ToldStack:
    """What a file tells of one stack; the name is empty where it tells outputs only, the id where it has none."""

    name: str
    id: str
    outputs: dict[str, str]


def stacks_in(file: Path) -> list[ToldStack]:
    """The stacks of a file. Raises ConfigError for one that cannot be read or holds no outputs in any of the forms."""
    try:
        data = json.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{file}: is no JSON: {error}") from error
    except RecursionError as error:
        raise ConfigError(f"{file}: is nested too deeply for outputs") from error
    try:
        return list(_told(data))
    except _MisfitError as error:
        raise ConfigError(f"{file}: {error}") from None


def read_outputs(file: Path, stack: str = "") -> dict[str, str]:
    """The outputs of a stack, sorted by key; `stack` says which when the file tells of several.

    Raises ConfigError for a file that cannot be read or does not tell of that stack.
    """
    told = {each.name: each.outputs for each in stacks_in(file)}
    if "" in told:
        return dict(sorted(told[""].items()))
    names = ", ".join(sorted(told))
    if stack and stack not in told:
        raise ConfigError(f"{file}: does not tell of the stack {stack}, but of {names or 'none'}")
    if not stack and len(told) != 1:
        raise ConfigError(f"{file}: tells of {len(told)} stacks ({names}); say which by --stack-name")
    return dict(sorted(told[stack or names].items()))


class _MisfitError(Exception):
    """The file is JSON and not what is needed."""


def _told(data: Any) -> Iterator[ToldStack]:  # noqa: ANN401 - JSON
    match data:
        case {"Stacks": [*described]}:
            for each in described:
                yield _described(each)
        case [*listed]:
            yield ToldStack("", "", _listed(listed))
        case dict() if data and all(isinstance(each, dict) for each in data.values()):
            for name, outputs in data.items():
                yield ToldStack(name, "", _flat(outputs))
        case dict():
            yield ToldStack("", "", _flat(data))
        case _:
            raise _MisfitError("holds no outputs; what `aws cloudformation describe-stacks` prints is one form")


def _described(stack: Any) -> ToldStack:  # noqa: ANN401 - JSON
    match stack:
        case {"StackName": str(name)}:
            return ToldStack(name, str(stack.get("StackId") or ""), _listed(stack.get("Outputs", [])))
        case _:
            raise _MisfitError("each of Stacks needs a StackName")


def _listed(outputs: Any) -> dict[str, str]:  # noqa: ANN401 - JSON
    if not isinstance(outputs, list):
        raise _MisfitError("Outputs has to be a list")
    found = {}
    for each in outputs:
        match each:
            case {"OutputKey": str(key), "OutputValue": str(value)}:
                found[key] = value
            case _:
                raise _MisfitError("each of Outputs needs an OutputKey and an OutputValue")
    return found


def _flat(outputs: dict[str, Any]) -> dict[str, str]:
    for key, value in outputs.items():
        if not isinstance(value, str):
            raise _MisfitError(f"{key} has to be a text, as outputs are")
    return dict(outputs)
