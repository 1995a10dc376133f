from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from infra_checks.sandbox import wire
from infra_checks.sandbox.refusal import RefusedError


def test_a_form_becomes_parameters_with_lists_in_their_order() -> None:
    form = {"Action": "CreateStack", "StackName": "shop", "DisableRollback": "true"}
    form |= {f"Capabilities.member.{number}": f"C{number}" for number in range(1, 12)}
    form |= {"Tags.member.1.Key": "a", "Tags.member.1.Value": ""}
    shape = wire.operations()["CreateStack"].input_shape
    assert wire.parse(form, shape) == {
        "StackName": "shop",
        "DisableRollback": True,
        "Capabilities": [f"C{number}" for number in range(1, 12)],
        "Tags": [{"Key": "a", "Value": ""}],
    }


def test_an_answer_leaves_out_what_is_nothing_and_escapes_the_rest() -> None:
    stack = {"StackName": "a<b", "CreationTime": datetime(2026, 1, 1, tzinfo=UTC), "Description": None}
    root = ET.fromstring(wire.answer(wire.operations()["DescribeStacks"], {"Stacks": [stack]}))  # noqa: S314 - ours
    names = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert "Description" not in names
    assert "a<b" in [element.text for element in root.iter()]


def test_an_answer_with_an_unknown_member_is_a_defect() -> None:
    with pytest.raises(ValueError, match="Colour"):
        wire.answer(wire.operations()["DescribeStacks"], {"Stacks": [{"Colour": "red"}]})


def test_a_refusal_has_a_code_and_a_message() -> None:
    text = wire.refusal(RefusedError("a < b", code="ValidationError"))
    assert "<Code>ValidationError</Code><Message>a &lt; b</Message>" in text
