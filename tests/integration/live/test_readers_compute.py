"""Readers answer what templates declare, and a refused call leaves only its own properties unread."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra_checks.live.reading import Unread, reader_of
from infra_checks.sandbox.server import Sandbox
from infra_checks.sandbox.testing import running_sandbox
from infra_checks.template.load import load_template
from tests.integration.live.declaring import TEMPLATES, Declared, missing, stack

SERVICES = frozenset(
    (
        "ApiGateway",
        "ApplicationAutoScaling",
        "AutoScaling",
        "CertificateManager",
        "CodeBuild",
        "CodePipeline",
        "DAX",
        "DMS",
        "DocDB",
        "EC2",
        "ECR",
        "ECS",
        "EMR",
        "ElasticLoadBalancingV2",
        "Elasticsearch",
        "Events",
        "FSx",
        "Glue",
        "IAM",
        "KMS",
        "Lambda",
        "S3",
        "Scheduler",
        "WAFv2",
    )
)
FILES = {
    "container": TEMPLATES / "container.yaml",
    "others": TEMPLATES / "others.yaml",
    "compute": Path(__file__).parent / "templates" / "compute.yaml",
}
NO_API_IN_MOTO = ("AWS::ApiGateway::ClientCertificate",)

ARN = "told by its ARN, which the document writes as a reference"
PACKAGE = "no API returns code"
MOTO = "taken by moto and not shown"
DIFFERENT = {
    ("compute", "Function"): {"Code.ZipFile": PACKAGE},
    ("compute", "Key"): {"PendingWindowInDays": "told by no API"},
    ("container", "Propagation"): {"RouteTableIds": MOTO},
    ("container", "Rotator"): {"Code.ZipFile": PACKAGE},
    ("container", "RotatorPermission"): {"FunctionName": ARN},
    ("container", "Service"): {"Cluster": ARN},
    ("others", "Documents"): {"MasterUserPassword": "told by no API"},
    ("others", "Function"): {"Code.ZipFile": PACKAGE},
    ("others", "Jobs"): {
        "Instances.MasterInstanceGroup": "of another operation, which is not asked",
        "KerberosAttributes.KdcAdminPassword": "told by no API",
    },
    ("others", "Layer"): {"Content": PACKAGE},
    ("others", "LogsMayCall"): {"FunctionName": ARN},
    ("others", "RobotKey"): {"Serial": "told by no API"},
    ("others", "Source"): {"FunctionName": ARN},
    ("others", "Url"): {"TargetFunctionArn": ARN},
}
"""By template and resource: the declared values that are not answered as they stand there, and why."""


def _resources() -> list[Any]:
    return [
        pytest.param(name, logical_id, id=f"{name}-{logical_id}")
        for name, path in FILES.items()
        for logical_id, declaration in load_template(path).resources.items()
        if declaration.type.split("::")[1] in SERVICES and declaration.type not in NO_API_IN_MOTO
    ]


class Stacks:
    """One stack at a time: tests come in the order of templates."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._name = ""
        self._stack: Declared | None = None

    def of(self, name: str) -> Declared:
        if self._stack is None or self._name != name:
            self._name, self._stack = name, stack(self._sandbox, FILES[name].read_text("utf-8"))
        return self._stack


@pytest.fixture(scope="module")
def stacks() -> Iterator[Stacks]:
    for sandbox in running_sandbox():
        yield Stacks(sandbox)
        sandbox.reset()


@pytest.mark.parametrize(("template", "logical_id"), _resources())
def test_what_is_declared_is_read(stacks: Stacks, template: str, logical_id: str) -> None:
    deployed = stacks.of(template)
    read = deployed.read(logical_id)
    assert not isinstance(read, Unread), read
    different = list(missing(deployed.properties[logical_id], read))
    known = DIFFERENT.get((template, logical_id), {})
    assert {path for path, _, _ in different} == known.keys(), different


@pytest.mark.parametrize(("template", "logical_id"), _resources())
def test_a_refused_call_leaves_only_its_own_properties_unread(stacks: Stacks, template: str, logical_id: str) -> None:
    deployed = stacks.of(template)
    whole = deployed.read(logical_id)
    reader = reader_of(deployed.types[logical_id])
    assert reader is not None
    without = {operation: deployed.read(logical_id, operation) for operation in reader.operations}
    # A resource of which nothing can be said without any of its calls would be read needlessly often.
    assert any(isinstance(read, Unread) or read != whole for read in without.values())
    for operation, read in without.items():
        refused = Unread(f"AccessDenied: {operation}")
        if isinstance(read, Unread):
            assert read == refused
            continue
        assert whole.keys() <= read.keys(), f"{operation} takes {whole.keys() - read.keys()} away"
        changed = [value for name, value in read.items() if value != whole.get(name)]
        assert all(_holds(value, refused) for value in changed), f"{operation} changes {changed}"


def _holds(value: Any, refused: Unread) -> bool:
    if isinstance(value, dict):
        return any(_holds(each, refused) for each in value.values())
    return any(_holds(each, refused) for each in value) if isinstance(value, list) else value == refused
