from __future__ import annotations

from pathlib import Path

import pytest

from infra_checks.cli.template_updates import template_updates
from infra_checks.live.requests import wanted
from infra_checks.live.settings import Settings
from infra_checks.updates import Action

HEAD = "Parameters: {Kind: {Type: String, AllowedValues: [a, b]}}\nResources:\n"
EXISTING = {
    "StackName": "shop",
    "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/1",
    "Parameters": [{"ParameterKey": "Kind", "ParameterValue": "a"}],
}


def told(folder: Path, old: str, new: str, **given: str) -> tuple[Action | None, str]:
    """What becomes of the resource One, and of its former."""
    file = folder / "new.yaml"
    file.write_text(HEAD + new)
    asked = wanted(Settings(file), given, {}, before={"Kind": "a"})
    updates, policies = template_updates(HEAD + old, asked, EXISTING)
    return (updates["One"].action if "One" in updates else None), policies["One"]


TABLE = "  One: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Ref Kind}%s}\n"
OTHER = "  Two: {Type: AWS::SNS::Topic}\n"


def test_a_parameter_that_is_not_given_has_the_value_of_the_deployed_stack(tmp_path: Path) -> None:
    assert told(tmp_path, TABLE % "", TABLE % "")[0] is Action.UNCHANGED
    assert told(tmp_path, TABLE % "", TABLE % "", Kind="b") == (Action.REPLACED, "DELETED")


@pytest.mark.parametrize(
    ("policy", "former"),
    [(", DeletionPolicy: Retain", "RETAINED"), ("", "DELETED"), (", DeletionPolicy: Snapshot", "DELETED")],
)
def test_a_table_that_leaves_is_kept_only_by_retain_as_it_has_no_snapshots(
    tmp_path: Path, policy: str, former: str
) -> None:
    assert told(tmp_path, TABLE % policy, OTHER) == (Action.REMOVED, former)


def test_a_volume_is_kept_by_its_snapshot(tmp_path: Path) -> None:
    volume = "  One: {Type: AWS::EC2::Volume, DeletionPolicy: Snapshot, Properties: {AvailabilityZone: z, Size: 1}}\n"
    assert told(tmp_path, volume, OTHER)[1] == "SNAPSHOT"


def test_the_region_of_the_stack_decides_conditions_on_it(tmp_path: Path) -> None:
    condition = "Conditions: {Here: !Equals [!Ref AWS::Region, us-east-1]}\n"
    one = "  One: {Type: AWS::SNS::Topic, Condition: Here}\n" + condition
    assert told(tmp_path, one, one)[0] is Action.UNCHANGED
