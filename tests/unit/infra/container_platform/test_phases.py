"""Phases come and go without a resource of another phase being replaced, and without data being lost."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

import pytest

from infra_checks.updates import Action, Former, Update, updates
from tests.unit.infra.container_platform.stacks import ENVIRONMENTS, KEEPING, stack_of

if TYPE_CHECKING:
    from infra_checks.testing import DeclaredStack

STEPS: Final = (("1", "2"), ("2", "3"), ("3", "2"), ("2", "1"), ("1", "3"), ("3", "1"))
BACK: Final = tuple(step for step in STEPS if step[1] < step[0])
REVISED: Final = {"TaskDefinition"}
"""What is made anew by each change: a revision of a task definition is no state."""

STATEFUL: Final = {
    "AWS::Backup::BackupVault",
    "AWS::DynamoDB::Table",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::RDS::DBCluster",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
}
NAMES: Final = re.compile(r".*(Name|Identifier|GroupId|AliasName)")


def step(environment: str, old: str, new: str) -> tuple[Update, ...]:
    return updates(stack_of(environment, old).resources, stack_of(environment, new).resources)


def kept_names(stack: DeclaredStack) -> dict[str, str]:
    """The physical names of what stays behind when it is taken away, by resource."""
    return {
        f"{each.logical_id}.{key}": json.dumps(value)
        for each in stack
        for key, value in each.properties.items()
        if each.deletion_policy == "Retain" and NAMES.fullmatch(key) and isinstance(value, str | dict)
        if each.type in STATEFUL
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
class TestEveryStep:
    @pytest.mark.parametrize(("old", "new"), STEPS)
    def test_no_resource_is_replaced_but_the_revision_of_the_task(self, environment: str, old: str, new: str) -> None:
        harm = {Action.REPLACED, Action.MAY_BE_REPLACED, Action.REFUSED}
        assert {each.logical_id for each in step(environment, old, new) if each.action in harm} <= REVISED

    @pytest.mark.parametrize(("old", "new"), STEPS)
    def test_only_what_belongs_to_a_phase_comes_and_goes(self, environment: str, old: str, new: str) -> None:
        first = stack_of(environment, "1").resources.keys()
        moved = {
            each.logical_id for each in step(environment, old, new) if each.action in {Action.ADDED, Action.REMOVED}
        }
        assert moved
        assert not moved & first

    @pytest.mark.parametrize(("old", "new"), STEPS)
    def test_the_way_back_takes_away_what_the_way_there_brought(self, environment: str, old: str, new: str) -> None:
        there = {each.logical_id for each in step(environment, old, new) if each.action is Action.ADDED}
        back = {each.logical_id for each in step(environment, new, old) if each.action is Action.REMOVED}
        assert there == back

    def test_a_phase_that_stays_is_not_touched(self, environment: str) -> None:
        for phase in "123":
            assert {each.action for each in step(environment, phase, phase)} == {Action.UNCHANGED}


@pytest.mark.parametrize(("old", "new"), BACK)
class TestGoingBack:
    @pytest.mark.parametrize("environment", KEEPING)
    def test_nothing_with_data_goes_without_being_retained_or_a_snapshot(
        self, environment: str, old: str, new: str
    ) -> None:
        gone = [each for each in step(environment, old, new) if each.type in STATEFUL and each.action is Action.REMOVED]
        assert gone
        assert {each.former for each in gone} <= {Former.RETAINED, Former.SNAPSHOT}

    @pytest.mark.parametrize("environment", ["development", "testing"])
    def test_nothing_is_left_over_where_nothing_is_kept(self, environment: str, old: str, new: str) -> None:
        gone = [each for each in step(environment, old, new) if each.action is Action.REMOVED]
        assert {each.former for each in gone} == {Former.DELETED}


class TestComingAgain:
    @pytest.mark.parametrize("environment", KEEPING)
    @pytest.mark.parametrize("phase", ["2", "3"])
    def test_what_stayed_behind_of_a_phase_gets_another_name_with_the_next_generation(
        self, environment: str, phase: str
    ) -> None:
        first, second = stack_of(environment, phase), stack_of(environment, phase, **{f"Phase{phase}Generation": "2"})
        of_phase = stack_of(environment, phase).resources.keys() - stack_of(environment, str(int(phase) - 1)).resources
        kept = {key: name for key, name in kept_names(first).items() if key.split(".")[0] in of_phase}
        assert len(kept) >= 4
        again = kept_names(second)
        assert [key for key, name in kept.items() if again[key] == name] == []

    @pytest.mark.parametrize("environment", ENVIRONMENTS)
    def test_the_generation_of_phase_3_names_nothing_of_phase_2(self, environment: str) -> None:
        second = stack_of(environment, "2").resources
        again = stack_of(environment, "3", Phase3Generation="2").resources
        assert {each.action for each in updates(second, {name: again[name] for name in second})} <= {
            Action.UNCHANGED,
            Action.UPDATED,
        }

    @pytest.mark.parametrize("environment", KEEPING)
    def test_what_stays_behind_of_a_bucket_and_a_queue_keeps_its_policy(self, environment: str) -> None:
        gone = {each.logical_id: each.former for each in step(environment, "3", "2")}
        assert gone["TrailBucketPolicy"] is gone["RotationDeadLettersPolicy"] is Former.RETAINED

    @pytest.mark.parametrize("environment", ENVIRONMENTS)
    def test_the_key_of_the_snapshots_belongs_to_the_first_phase(self, environment: str) -> None:
        assert "DataKey" in stack_of(environment, "1")
        for name in ("Database", "Cache"):
            assert stack_of(environment, "2")[name].properties["KmsKeyId"] == {"Fn::GetAtt": ["DataKey", "Arn"]}
