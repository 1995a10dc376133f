from __future__ import annotations

import subprocess
import sys

import pytest

from infra_checks.iam.catalogue import (
    KeyType,
    Level,
    Service,
    arn_templates,
    find_action,
    resource_types,
    service,
    services,
)


def the(prefix: str) -> Service:
    found = service(prefix)
    assert found is not None
    return found


def test_an_action_is_found_without_regard_to_case_and_has_the_reference_s_spelling() -> None:
    action = find_action("S3:getOBJECT")
    assert action is not None
    assert action.full_name == "s3:GetObject"
    assert action.level is Level.READ
    assert {used.name for used in action.resources} == {"object", "accesspointobject"}
    assert "s3:ExistingObjectTag/<key>" in action.condition_keys


@pytest.mark.parametrize(
    "name", ["s3:GetObjectt", "s4:GetObject", "s3", "", ":", "GetObject", "s3:", "s3=0:GetObject", " "]
)
def test_what_the_catalogue_does_not_have_is_none(name: str) -> None:
    assert find_action(name) is None


@pytest.mark.parametrize("prefix", ["", " ", "s3=", "no-such", "=0=1"])
def test_no_service_has_a_prefix_that_is_none(prefix: str) -> None:
    assert service(prefix) is None


def test_a_required_resource_type_is_told_from_an_optional_one() -> None:
    action = find_action("iam:PassRole")
    assert action is not None
    assert [(used.name, used.required) for used in action.resources] == [("role", True)]
    run = find_action("ec2:RunInstances")
    assert run is not None
    required = {used.name for used in run.resources if used.required}
    assert "instance" in required
    assert "key-pair" not in required


def test_an_action_without_resource_level_permissions_has_no_templates() -> None:
    assert arn_templates("ec2:DescribeInstances") == ()
    assert arn_templates("no:Such") == ()
    assert arn_templates("sqs:sendmessage") == ("arn:${Partition}:sqs:${Region}:${Account}:${QueueName}",)


def test_actions_that_two_services_of_a_prefix_have_keep_the_resource_types_of_both() -> None:
    action = find_action("elasticloadbalancing:AddTags")
    assert action is not None
    names = {used.name: used.required for used in action.resources}
    assert {"loadbalancer", "targetgroup", "loadbalancer/net/"} <= names.keys()
    assert not any(names.values())


def test_dependent_actions_that_the_source_lost_are_there() -> None:
    run = find_action("ec2:RunInstances")
    assert run is not None
    assert "iam:PassRole" in run.all_dependent_actions


@pytest.mark.parametrize("name", ["iam:PassRole", "iam:CreateServiceLinkedRole", "apigateway:UpdateRestApiPolicy"])
def test_access_levels_are_put_right(name: str) -> None:
    action = find_action(name)
    assert action is not None
    assert action.level is Level.PERMISSIONS


def test_a_condition_key_with_a_variable_is_found_by_any_text_in_its_place() -> None:
    found = the("s3").condition_key("S3:existingobjecttag/Owner")
    assert found is not None
    assert found.name == "s3:ExistingObjectTag/<key>"
    assert the("s3").condition_key("s3:ExistingObjectTag") is None
    assert the("s3").condition_key("s3:ExistingObjectTag/") is None


def test_condition_keys_have_types() -> None:
    keys = the("iam").condition_keys
    assert keys["iam:policyarn"].type is KeyType.ARN
    assert not keys["iam:policyarn"].multivalued
    tags = the("ec2").condition_keys["aws:tagkeys"]
    assert (tags.type, tags.multivalued) == (KeyType.STRING, True)


@pytest.mark.parametrize("prefix", services())
def test_a_slice_reads_and_all_it_refers_to_resolves(prefix: str) -> None:
    found = the(prefix)
    assert found.title
    names = [action.name.lower() for action in found.actions]
    assert names == sorted(set(names))
    keys = {key.name for key in found.condition_keys.values()}
    for action in found.actions:
        assert len(resource_types(action)) == len(action.resources)
        assert action.all_condition_keys <= keys
        assert all(find_action(name) for name in action.all_dependent_actions)
    for one in found.resource_types.values():
        assert one.arn.startswith("arn:")
        assert set(one.condition_keys) <= keys


def test_services_are_sorted_and_there_are_enough() -> None:
    assert list(services()) == sorted(services())
    assert len(services()) > 430


def test_importing_the_catalogue_reads_no_data() -> None:
    code = (
        "import sys, builtins, pathlib\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None)\n"
        "import infra_checks.iam.catalogue\n"
        "assert not [name for name in opened if name.endswith('.txt')], opened\n"
        "infra_checks.iam.catalogue.service('s3')\n"
        "assert [name for name in opened if name.endswith('.txt')] != []\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - this interpreter, a constant
