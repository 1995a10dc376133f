"""What `infra-checks drift` says of what it does not know, and what it hides."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from infra_checks.cli.drift_text import as_json, as_text, is_known, schema
from infra_checks.core.declared import DeclaredResource
from infra_checks.live.drift import drift_of
from infra_checks.live.reading import Plain, Unread
from infra_checks.live.stacks import LiveResource, LiveStack, Place

DENIED = "AccessDenied: sqs:GetQueueAttributes"


def stack(live: Plain, declared: dict[str, Any] | None, type: str = "AWS::SQS::Queue") -> LiveStack:
    resource = LiveResource(
        logical_id="Jobs",
        type=type,
        physical_id="jobs",
        stack_id="the stack",
        properties=live,
        declared=None if declared is None else DeclaredResource("Jobs", type, declared, {}),
    )
    place = Place("aws", "eu-west-1", "111122223333")
    resources = {"Jobs": resource}
    return LiveStack(name="shop", stack_id="the stack", place=place, status="CREATE_COMPLETE", resources=resources)


def test_a_stack_that_was_read_and_is_untouched_is_called_so() -> None:
    never = Unread("the reader of queues does not ask for it")
    same = stack({"DelaySeconds": 5, "KmsMasterKeyId": never}, {"DelaySeconds": 5})
    assert as_text(same, drift_of(same)).startswith("nothing changed by hand, of 1 resource")


@pytest.mark.parametrize(
    ("live", "declared"),
    [(Unread(DENIED), {"DelaySeconds": 5}), ({"DelaySeconds": Unread(DENIED)}, {"DelaySeconds": 5})],
)
def test_what_could_not_be_read_is_not_called_unchanged(live: Plain, declared: dict[str, Any]) -> None:
    refused = stack(live, declared)
    told = as_text(refused, drift_of(refused))
    assert f"note: not read: {DENIED} (Jobs)\nnothing known to be changed by hand" in told
    assert json.loads(as_json(refused, drift_of(refused)))["notices"] == [f"not read: {DENIED} (Jobs)"]


def test_what_no_template_is_known_of_is_not_called_unchanged() -> None:
    unknown = stack({"DelaySeconds": 5}, None)
    assert "nothing known to be changed by hand" in as_text(unknown, drift_of(unknown))


@pytest.mark.parametrize(
    ("type", "declared", "live"),
    [
        (
            "AWS::ECS::TaskDefinition",
            {"ContainerDefinitions": [{"Name": "a", "Environment": [{"Name": "DB", "Value": "x"}]}]},
            {"ContainerDefinitions": [{"Name": "a", "Environment": [{"Name": "DB", "Value": "hunter2"}]}]},
        ),
        ("AWS::EC2::Instance", {"UserData": "x"}, {"UserData": "echo hunter2"}),
        (
            "AWS::Lambda::Function",
            {"Environment": {"Variables": {"A": "x"}}},
            {"Environment": {"Variables": {"A": "hunter2"}}},
        ),
    ],
)
def test_values_that_may_be_secret_are_hidden(type: str, declared: dict[str, Any], live: dict[str, Any]) -> None:
    changed = stack(live, declared, type)
    found = drift_of(changed)
    assert "(hidden)" in as_text(changed, found)
    assert "hunter2" not in as_text(changed, found) + as_json(changed, found)


def test_what_could_not_be_done_is_not_called_unchanged() -> None:
    cut = replace(stack({"DelaySeconds": 5}, {"DelaySeconds": 5}), notices=("Inner: what is in it is not judged",))
    assert not is_known(cut)
    assert "nothing known to be changed by hand" in as_text(cut, drift_of(cut))


def test_what_is_not_told_can_be_left_out_but_is_counted() -> None:
    both = stack({"DelaySeconds": 5, "Unheard": 1}, {"DelaySeconds": 6})
    found = drift_of(both)
    assert "added Unheard" in as_text(both, found, verbose=True)
    told = as_text(both, found, verbose=True, ignore_open=True)
    assert "Unheard" not in told
    assert "1 not told" in told
    document = json.loads(as_json(both, found, ignore_open=True))
    assert [each["path"] for each in document["differences"]] == ["DelaySeconds"]
    assert document["summary"] == {"hand": 1, "aws": 0, "open": 1}


@pytest.mark.parametrize(
    ("live", "declared"),
    [
        ({"DelaySeconds": 6, "Unheard": {"a": [1, None, "x"]}}, {"DelaySeconds": 5, "Gone": True}),
        (Unread(DENIED), {"DelaySeconds": 5}),
        ({"DelaySeconds": 5}, None),
        ({"KmsMasterKeyId": Unread(DENIED), "Tags": [{"Key": "a", "Value": "\ud800"}]}, {"DelaySeconds": {"Ref": "X"}}),
    ],
)
def test_the_json_fits_its_schema(live: Plain, declared: dict[str, Any] | None) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema()))
    told = stack(live, declared)
    document = json.loads(as_json(told, drift_of(told)))
    assert document["differences"]
    jsonschema.Draft202012Validator(json.loads(schema())).validate(document)


def test_what_no_api_returns_is_hidden_whatever_it_is_called() -> None:
    kept = stack({"Parameters": {"Word": Unread("no API returns the value")}}, {"Parameters": {"Word": "hunter2"}})
    (told,) = json.loads(as_json(kept, drift_of(kept)))["differences"]
    assert told["declared"] == "(hidden)"
    assert "hunter2" not in as_text(kept, drift_of(kept), verbose=True)
