"""The stack of the container platform in an environment and a phase."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from infra_checks.testing import DeclaredStack, declared_stack

FOLDER: Final = Path("infra/container_platform")
TEMPLATE: Final = FOLDER / "template.json"
COPIES: Final = FOLDER / "copies.json"
ENVIRONMENTS: Final = ("development", "testing", "staging", "production")
KEEPING: Final = ("staging", "production")
PHASES: Final = ("1", "2", "3")
ACCOUNT: Final = {
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::URLSuffix": "amazonaws.com",
}
"""Where the stack is."""


def values_of(environment: str) -> dict[str, str]:
    """What an environment's parameter file gives."""
    entries = json.loads((FOLDER / "parameters" / f"{environment}.json").read_text("utf-8"))
    return {entry["ParameterKey"]: entry["ParameterValue"] for entry in entries}


@cache
def stack_of(environment: str, phase: str, **more: str) -> DeclaredStack:
    """The stack that an environment's parameter file asks for, in a phase."""
    given = {**ACCOUNT, **values_of(environment), "DeploymentPhase": phase, **more}
    return declared_stack(TEMPLATE, given)


def listed(value: object) -> list[Any]:
    """A list, or the one element that stands for it."""
    return value if isinstance(value, list) else [value]


def statements(stack: DeclaredStack, role: str) -> dict[str, dict[str, Any]]:
    """The statements of a role's own policy, by Sid."""
    (policy,) = stack.get(role, "Properties.Policies")
    return {each["Sid"]: each for each in policy["PolicyDocument"]["Statement"]}


def arn_of(name: str, attribute: str = "Arn") -> dict[str, list[str]]:
    """A reference to an attribute of a resource."""
    return {"Fn::GetAtt": [name, attribute]}


def shown(value: Any) -> str:  # noqa: ANN401
    """A text whose parts that only deployment knows stand in it as `${Name.Attribute}`."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        return "".join(map(shown, value["Fn::Join"][1]))
    return "${" + ".".join(listed(*value.values())) + "}"
