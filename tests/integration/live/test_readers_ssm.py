from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra_checks.live.reading import Unread, reader_of
from tests.integration.live.asking_data import Answers, Asks, Deployed, Told, deployed


@pytest.fixture(scope="module")
def shop() -> Iterator[Deployed]:
    yield from deployed("secrets")


def test_a_parameter_is_read_as_its_template_says_it(shop: Deployed) -> None:
    expected = {
        "Name": "/shop/size",
        "Type": "String",
        "Value": "small",
        "Description": "of the shop",
        "AllowedPattern": "[a-z]+",
        "Tier": "Standard",
        "Tags": {"Team": "shop"},
    }
    found = shop.read("Setting")
    assert {name: found.get(name) for name in expected} == expected
    assert shop.read("Names")["Value"] == "a,b"


def test_each_refused_call_makes_only_its_own_property_unread(shop: Deployed) -> None:
    assert shop.read("Setting", "ssm:get_parameter")["Value"] == Unread("AccessDenied: ssm:get_parameter")
    found = shop.read("Setting", "ssm:list_tags_for_resource")
    assert found["Tags"] == Unread("AccessDenied: ssm:list_tags_for_resource")
    assert found["Value"] == "small"
    assert shop.read("Setting", "ssm:describe_parameters") == Unread("AccessDenied: ssm:describe_parameters")


def test_the_value_of_a_secure_string_is_not_asked_for() -> None:
    policy = '{"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": "2030-01-01T00:00:00Z"}}'
    told = {"Name": "/key", "Type": "SecureString", "Policies": [{"PolicyText": policy, "PolicyType": "Expiration"}]}
    answers: Answers = {"ssm:describe_parameters": {"Parameters": [told]}, "ssm:list_tags_for_resource": {}}
    asks = Asks("AWS::SSM::Parameter", "/key", Told(answers))
    parameter = reader_of(asks.type)
    assert parameter is not None
    found = parameter(asks)
    assert isinstance(found, dict)
    assert isinstance(found["Value"], Unread)
    assert "ssm:get_parameter" not in asks.asked
    assert found["Policies"].startswith('[{"Type": "Expiration"')
