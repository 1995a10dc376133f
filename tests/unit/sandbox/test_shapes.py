from __future__ import annotations

from typing import Any

import botocore.session
import pytest

from infra_checks.sandbox.refusal import CannotMakeError
from infra_checks.sandbox.shapes import as_text, fit


def parameter(service: str, operation: str, name: str) -> Any:  # noqa: ANN401 - botocore has no types
    model = botocore.session.get_session().get_service_model(service)
    return model.operation_model(operation).input_shape.members[name]


def test_names_fit_in_whatever_case_the_api_has_them() -> None:
    shape = parameter("ecs", "CreateService", "deploymentConfiguration")
    given = {"DeploymentCircuitBreaker": {"Enable": "true", "Rollback": True}, "MaximumPercent": "200"}
    assert fit(given, shape, "DeploymentConfiguration") == {
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "maximumPercent": 200,
    }


def test_what_the_api_has_no_place_for_is_refused_by_its_path() -> None:
    shape = parameter("ecs", "CreateService", "deploymentConfiguration")
    with pytest.raises(CannotMakeError, match=r"DeploymentConfiguration\.DeploymentCircuitBreaker\.Colour"):
        fit({"DeploymentCircuitBreaker": {"Colour": "red"}}, shape, "DeploymentConfiguration")


def test_lists_of_tags_become_maps_and_maps_lists() -> None:
    tags = [{"Key": "a", "Value": 1}]
    assert fit(tags, parameter("lambda", "CreateFunction", "Tags"), "Tags") == {"a": "1"}
    assert fit({"a": 1}, parameter("ssm", "PutParameter", "Tags"), "Tags") == [{"Key": "a", "Value": "1"}]
    listed = parameter("ecs", "CreateCluster", "tags")
    assert fit(tags, listed, "Tags") == [{"key": "a", "value": "1"}]


def test_a_policy_becomes_a_text_and_a_renamed_word_the_apis() -> None:
    assert fit({"Version": "1"}, parameter("ec2", "CreateVpcEndpoint", "PolicyDocument"), "P") == '{"Version": "1"}'
    shape = parameter("ecs", "RegisterTaskDefinition", "volumes")
    renames = {"Volumes.EFSVolumeConfiguration.FilesystemId": "fileSystemId"}
    given = [{"Name": "data", "EFSVolumeConfiguration": {"FilesystemId": "fs-1"}}]
    assert fit(given, shape, "Volumes", renames)[0]["efsVolumeConfiguration"] == {"fileSystemId": "fs-1"}


@pytest.mark.parametrize("value", ["soon", "1.5", None, [], {}])
def test_a_value_of_the_wrong_kind_is_refused(value: object) -> None:
    with pytest.raises(CannotMakeError, match="must be a value of type integer"):
        fit(value, parameter("logs", "PutRetentionPolicy", "retentionInDays"), "RetentionInDays")


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (5, "5"), (5.0, "5"), (0.5, "0.5"), ("x", "x"), ({"a": 1}, '{"a": 1}')]
)
def test_texts_are_as_cloudformation_writes_them(value: object, text: str) -> None:
    assert as_text(value) == text
