from __future__ import annotations

import json
from typing import Any

import pytest

from infra_checks.iam.catalogue import Level, find_action
from infra_checks.live.account import reads
from infra_checks.live.cloud_control import OPERATIONS
from infra_checks.live.permissions import STACK, action_of, needed_by_cloud_control, policy_of, readers_by_type
from tests.unit.live.wire import Answers, Refusal, Wire

EVERY = sorted({*STACK, *OPERATIONS, *(name for each in readers_by_type().values() for name in each.operations)})


def actions(policy: dict[str, Any]) -> set[str]:
    return {action for statement in policy["Statement"] for action in statement["Action"]}


@pytest.mark.parametrize("operation", EVERY)
def test_every_operation_of_a_reader_has_an_action_that_aws_knows_and_that_only_reads(operation: str) -> None:
    action = find_action(action_of(operation))
    assert action is not None
    assert action.level in {Level.LIST, Level.READ}
    assert reads(operation)


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("s3:get_bucket_encryption", "s3:GetEncryptionConfiguration"),
        ("s3:get_public_access_block", "s3:GetBucketPublicAccessBlock"),
        ("s3:list_buckets", "s3:ListAllMyBuckets"),
        ("s3:get_bucket_policy", "s3:GetBucketPolicy"),
        ("elbv2:describe_listeners", "elasticloadbalancing:DescribeListeners"),
        ("cloudwatch:describe_alarms", "cloudwatch:DescribeAlarms"),
        ("apigateway:get_stage", "apigateway:GET"),
        ("cloudcontrol:get_resource", "cloudformation:GetResource"),
        ("stepfunctions:describe_state_machine", "states:DescribeStateMachine"),
        ("budgets:describe_budget", "budgets:ViewBudget"),
        ("rds:describe_db_instances", "rds:DescribeDBInstances"),
        ("docdb:describe_db_clusters", "rds:DescribeDBClusters"),
    ],
)
def test_the_action_of_an_operation(operation: str, action: str) -> None:
    found = find_action(action)
    assert found is not None
    assert action_of(operation) == action


def test_the_policy_of_a_type_without_a_reader_is_that_of_cloud_control() -> None:
    assert actions(policy_of(["AWS::Some::Thing"])) == {
        "cloudformation:DescribeStacks",
        "cloudformation:DescribeType",
        "cloudformation:GetResource",
        "cloudformation:GetTemplate",
        "cloudformation:ListStackResources",
    }


def test_the_policy_of_a_type_with_a_reader_holds_its_operations_and_no_others() -> None:
    reader = readers_by_type()["AWS::CloudFormation::Stack"]
    assert actions(policy_of([reader.type])) == {action_of(name) for name in (*STACK, *reader.operations)}


def test_the_policy_of_all_types_fits_into_a_managed_policy() -> None:
    assert len(json.dumps(policy_of(), separators=(",", ":"))) <= 6144


def test_every_reader_is_under_its_own_type() -> None:
    assert all(kind == reader.type for kind, reader in readers_by_type().items())


def test_what_cloud_control_needs_stands_in_the_schema() -> None:
    schema = {"handlers": {"read": {"permissions": ["thing:GetThing"]}, "create": {"permissions": ["thing:Make"]}}}
    answers: dict[str, Answers] = {"cloudformation:DescribeType": {"Schema": json.dumps(schema)}}
    found = needed_by_cloud_control(["AWS::Some::Thing", "AWS::CloudFormation::Stack"], Wire(answers).clients)
    assert found == ({"thing:GetThing"}, [])


def test_what_cloud_control_needs_is_not_known_without_the_schema() -> None:
    answers: dict[str, Answers] = {"cloudformation:DescribeType": Refusal("TypeNotFoundException", 404)}
    assert needed_by_cloud_control(["AWS::Some::Thing"], Wire(answers).clients) == (set(), ["AWS::Some::Thing"])
