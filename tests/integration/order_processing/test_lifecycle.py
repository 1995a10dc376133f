"""What changes of the stack do to orders: nothing; and that the system works in the other region too."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra_checks.sandbox.server import Sandbox
from tests.integration.systems.changing import change
from tests.integration.systems.deploying import ORDER_PROCESSING, deploy
from tests.integration.systems.functions import Functions
from tests.integration.systems.system import System

pytestmark = pytest.mark.needs("disposable-stack")


def place_order(functions: Functions, key: str) -> tuple[int, dict[str, Any]]:
    item = {"sku": "MUG-1", "quantity": 1, "unitPrice": "5.00"}
    event = {
        "httpMethod": "POST",
        "resource": "/orders",
        "headers": {"Idempotency-Key": key},
        "body": json.dumps({"customerId": "customer-1", "currency": "EUR", "items": [item]}),
    }
    answer = functions.invoke(functions.system.outputs["IntakeFunctionName"], event)
    return answer["statusCode"], json.loads(answer["body"])


def throttling(system: System) -> float:
    stage = system.client("apigateway").get_stage(restApiId=system.outputs["ApiId"], stageName="v1")
    return float(next(iter(stage["methodSettings"].values()))["throttlingRateLimit"])


def test_a_changed_parameter_changes_the_stage_and_replaces_nothing(system: System, functions: Functions) -> None:
    status, order = place_order(functions, "key-before-the-change")
    assert status == 201
    before = {name: each["PhysicalResourceId"] for name, each in system.resources.items()}
    changed = change(system, ThrottlingRateLimit="450", ReservedConcurrency="90", LogLevel="WARNING")
    assert {name for name, each in changed.changes.items() if each["Action"] != "Modify"} == set()
    assert {name for name, each in changed.changes.items() if each["Replacement"] != "False"} == set()
    assert {"Stage", "IntakeFunction", "ConfirmationFunction"} <= changed.changes.keys()
    assert changed.physical_ids == before
    assert throttling(system) == 450
    again = place_order(functions, "key-before-the-change")
    assert again == (200, order)


def test_orders_can_be_read_when_the_stack_of_production_is_gone(system: System, functions: Functions) -> None:
    _, order = place_order(functions, "key-before-the-deletion")
    table, stack_id = system.outputs["OrderTableName"], system.stack["StackId"]
    cloudformation = system.client("cloudformation")
    cloudformation.delete_stack(StackName=stack_id)
    assert cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"
    kept = system.client("dynamodb").get_item(TableName=table, Key={"orderId": {"S": order["orderId"]}})
    assert kept["Item"]["customerId"] == {"S": "customer-1"}


def test_an_order_can_be_placed_in_the_other_region(systems_sandbox: Sandbox) -> None:
    other = deploy(systems_sandbox, ORDER_PROCESSING, "testing", "us-west-2")
    functions = Functions(other, {})
    status, order = place_order(functions, "key-of-the-west")
    assert status == 201
    functions.work_off(other.outputs["ConfirmationFunctionName"])
    found = other.client("dynamodb").get_item(
        TableName=other.outputs["OrderTableName"], Key={"orderId": {"S": order["orderId"]}}
    )
    assert found["Item"]["status"] == {"S": "CONFIRMED"}
