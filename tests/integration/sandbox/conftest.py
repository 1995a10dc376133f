"""A sandbox for all tests of this folder; each test begins with an empty account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from infra_checks.sandbox.server import Sandbox
from infra_checks.sandbox.testing import running_sandbox

Deploy = Callable[..., dict[str, Any]]

shared_sandbox = pytest.fixture(scope="session", name="shared_sandbox")(running_sandbox)


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Sandbox:
    shared_sandbox.reset()
    return shared_sandbox


@pytest.fixture
def cloudformation(sandbox: Sandbox) -> Any:
    return sandbox.client("cloudformation")


@pytest.fixture
def deploy(cloudformation: Any) -> Deploy:
    """Create a stack and describe it."""

    def create(template: str, name: str = "shop", **options: Any) -> dict[str, Any]:
        options.setdefault("Capabilities", ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"])
        options["Parameters"] = [
            {"ParameterKey": key, "ParameterValue": value} for key, value in options.pop("parameters", {}).items()
        ]
        identity = cloudformation.create_stack(StackName=name, TemplateBody=template, **options)["StackId"]
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=identity)["Stacks"][0]
        return stack

    return create


@pytest.fixture
def outputs(cloudformation: Any) -> Callable[[str], dict[str, str]]:
    def read(name: str = "shop") -> dict[str, str]:
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    return read


@pytest.fixture
def reasons(cloudformation: Any) -> Callable[[str], dict[str, str]]:
    """Why resources failed, by logical id."""

    def read(name: str = "shop") -> dict[str, str]:
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return {
            each["LogicalResourceId"]: each.get("ResourceStatusReason", "")
            for each in events
            if each["ResourceStatus"].endswith("_FAILED")
        }

    return read
