"""Projects that tests of their own are run in."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points

import boto3
import pytest
import yaml

from infra_checks import live_checks
from infra_checks.live import finding_stacks, outputs, read_stack
from infra_checks.pytest_plugin import collecting, target
from infra_checks.rules import catalogue

# A run in this process forgets the modules that it imported. Two copies of a class are two classes, so what such a run
# may import is imported before.
PRELOADED = (boto3, yaml, live_checks, finding_stacks, outputs, read_stack, collecting, target, catalogue())

NAME = "infra_checks.pytest_plugin"
# Where the installed package knows its entry point, pytest has loaded it by that.
PLUGIN = () if any(each.value == NAME for each in entry_points(group="pytest11")) else ("-p", NAME)

# This process makes errors of warnings, which a run in it would inherit; and such a run finds the plugin imported.
INSIDE = ("-W", "default", "-W", "ignore::pytest.PytestAssertRewriteWarning")

ORDERS = """\
Parameters:
  Environment: {Type: String, AllowedValues: [development, production]}
Conditions:
  IsProduction: !Equals [!Ref Environment, production]
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      PointInTimeRecoverySpecification:
        PointInTimeRecoveryEnabled: !If [IsProduction, true, false]
"""
QUEUE = """\
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties: {SqsManagedSseEnabled: PLACEHOLDER}
"""
PACK = """\
name: company
rules:
  sqs-queue-encrypted: block
  dynamodb-pitr-enabled: block
  dynamodb-table-deletion-protection-enabled: warn
"""

Run = Callable[..., pytest.RunResult]


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with a template, a pack of three rules, and settings that name it."""
    folder = pytester.path
    (folder / ".git").mkdir()
    (folder / "infra").mkdir()
    (folder / "infra" / "orders.yaml").write_text(ORDERS)
    (folder / "infra" / "parameters.yaml").write_text("Environment: production\n")
    (folder / "company.yaml").write_text(PACK)
    (folder / "infra-checks.yaml").write_text("pack: company.yaml\n")
    pytester.makeini("[pytest]\ninfra_templates = infra/**/*.yaml\n")
    return pytester


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Runs pytest with the plugin, in this process."""

    def call(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_inprocess(*PLUGIN, *INSIDE, "-p", "no:cacheprovider", *arguments)

    return call


@pytest.fixture
def run_apart(pytester: pytest.Pytester) -> Run:
    """Runs pytest with the plugin, in a process of its own."""

    def call(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess(*PLUGIN, "-p", "no:cacheprovider", *arguments)

    return call
