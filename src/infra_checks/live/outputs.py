"""Files that hold a deployed stack's outputs, in the forms that tools write them in.

{"Key": "value"}                                                `infra-checks deploy --outputs`
{"Stacks": [{"StackName": N, "Outputs": [{"OutputKey": K, "OutputValue": V}]}]}   aws cloudformation describe-stacks
[{"OutputKey": K, "OutputValue": V}]                            the same with --query 'Stacks[0].Outputs'
{"StackName": {"Key": "value"}}                                 cdk deploy --outputs-file
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from infra_checks.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def read_outputs(file: Path, stack: str = "") -> dict[str, str]:
    """The outputs of a stack, sorted by key; `stack` says which when the file tells of several.

    Raises ConfigError for a file that cannot be read or does not tell of that stack.
    """
    try:
        data = json.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{file}: is no JSON: {error}") from error
    except RecursionError as error:
        raise ConfigError(f"{file}: is nested too deeply for outputs") from error
    try:
        return dict(sorted(_outputs(data, stack).items()))
    except _MisfitError as error:
        raise ConfigError(f"{file}: {error}") from None


class _MisfitError(Exception):
    """The file is JSON and not what is needed."""


def _outputs(data: Any, stack: str) -> dict[str, str]:  # noqa: ANN401 - JSON
    match data:
        case {"Stacks": [*described]}:
            named = {str(each.get("StackName")): each for each in described if isinstance(each, dict)}
            return _listed(_one_of(named, stack).get("Outputs", []))
        case [*listed]:
            return _listed(listed)
        case dict() if data and all(isinstance(each, dict) for each in data.values()):
            return _flat(_one_of(data, stack))
        case dict():
            return _flat(data)
        case _:
            raise _MisfitError("holds no outputs; what `aws cloudformation describe-stacks` prints is one form")


def _one_of(stacks: dict[str, Any], stack: str) -> dict[str, Any]:
    names = ", ".join(sorted(stacks))
    if stack and stack not in stacks:
        raise _MisfitError(f"does not tell of the stack {stack}, but of {names or 'none'}")
    if not stack and len(stacks) != 1:
        raise _MisfitError(f"tells of {len(stacks)} stacks ({names}); say which by --stack-name")
    found: dict[str, Any] = stacks[stack or names]
    return found


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
