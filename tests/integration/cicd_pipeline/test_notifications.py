"""What people are told of the pipeline: each state that matters, and nothing of other pipelines."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.systems.messages import Inbox, inbox_of
from tests.integration.systems.rules import tell
from tests.integration.systems.system import System

RULES = ("ApprovalRule", "BuildStateRule", "PipelineStateRule", "StageFailureRule")


@pytest.fixture(scope="module")
def told(system: System) -> Iterator[Inbox]:
    """What the topic of notifications tells while these tests run."""
    yield from inbox_of(system, system.outputs["NotificationsArn"])


def event(system: System, source: str, kind: str, **detail: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """What CodePipeline or CodeBuild tells EventBridge."""
    own = {"pipeline": system.outputs["PipelineName"]} if source == "codepipeline" else {}
    return {
        "source": f"aws.{source}",
        "detail-type": kind,
        "time": "2026-11-21T12:00:00Z",
        "detail": {**own, **detail},
    }


@pytest.mark.needs("disposable-stack")  # nobody but AWS may send events of AWS's services
class TestStates:
    @pytest.mark.parametrize("state", ["STARTED", "SUCCEEDED", "FAILED", "STOPPED"])
    def test_a_state_of_the_pipeline_is_told(self, system: System, told: Inbox, state: str) -> None:
        execution = str(uuid.uuid4())
        kind = "CodePipeline Pipeline Execution State Change"
        happened = event(system, "codepipeline", kind, state=state, **{"execution-id": execution})
        assert tell(system, happened) == [system.outputs["NotificationsArn"]]
        message = told.find(execution)
        assert message is not None
        assert f"Pipeline {system.outputs['PipelineName']}: {state}" in message["Message"]

    def test_a_failed_stage_is_told_by_its_name(self, system: System, told: Inbox) -> None:
        execution = str(uuid.uuid4())
        kind = "CodePipeline Stage Execution State Change"
        detail = {"execution-id": execution, "stage": "DeployToTest", "state": "FAILED"}
        tell(system, event(system, "codepipeline", kind, **detail))
        message = told.find(execution)
        assert message is not None
        assert "Stage DeployToTest" in message["Message"]

    def test_an_approval_that_is_waited_for_is_told(self, system: System, told: Inbox) -> None:
        execution = str(uuid.uuid4())
        kind = "CodePipeline Action Execution State Change"
        detail = {
            "execution-id": execution,
            "stage": "DeployToProd",
            "state": "STARTED",
            "type": {"category": "Approval"},
        }
        tell(system, event(system, "codepipeline", kind, **detail))
        message = told.find(execution)
        assert message is not None
        assert "Approval in stage DeployToProd" in message["Message"]

    @pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "STOPPED"])
    def test_the_end_of_a_build_is_told(self, system: System, told: Inbox, status: str) -> None:
        build = str(uuid.uuid4())
        detail = {"project-name": system.outputs["BuildProjectName"], "build-status": status, "build-id": build}
        tell(system, event(system, "codebuild", "CodeBuild Build State Change", **detail))
        message = told.find(build)
        assert message is not None
        assert f": {status}" in message["Message"]

    @pytest.mark.parametrize(
        "detail",
        [
            {"pipeline": "somebody-else-s", "state": "FAILED"},
            {"state": "RESUMED"},
        ],
        ids=["another pipeline", "a state without meaning"],
    )
    def test_other_events_are_told_to_nobody(self, system: System, detail: dict[str, str]) -> None:
        kind = "CodePipeline Pipeline Execution State Change"
        assert tell(system, event(system, "codepipeline", kind, **detail)) == []


@pytest.mark.needs("pipeline-execution")
def test_an_execution_is_told_and_waits_for_a_person_before_production(system: System, told: Inbox) -> None:
    client, name = system.client("codepipeline"), system.outputs["PipelineName"]
    execution = client.start_pipeline_execution(name=name)["pipelineExecutionId"]
    assert told.find(execution) is not None

    def waiting() -> bool:
        states = {each["stageName"]: each for each in client.get_pipeline_state(name=name)["stageStates"]}
        actions = {each["actionName"]: each for each in states["DeployToProd"]["actionStates"]}
        return bool(actions["Approve"].get("latestExecution", {}).get("status") == "InProgress")

    try:
        assert system.eventually(waiting, seconds=2400)
    finally:
        client.stop_pipeline_execution(pipelineName=name, pipelineExecutionId=execution, abandon=True)


@pytest.mark.parametrize("logical_id", RULES)
def test_a_rule_tells_the_topic_and_loses_nothing_silently(system: System, logical_id: str) -> None:
    events = system.client("events")
    name = system.id(logical_id).rpartition("/")[2]
    assert events.describe_rule(Name=name)["State"] == "ENABLED"
    (target,) = events.list_targets_by_rule(Rule=name)["Targets"]
    assert target["Arn"] == system.outputs["NotificationsArn"]
    queue = system.outputs["LostNotificationsUrl"].rpartition("/")[2]
    assert target["DeadLetterConfig"]["Arn"].rpartition(":")[2] == queue


def test_the_topic_is_encrypted_and_takes_events_and_alarms(system: System) -> None:
    found = system.client("sns").get_topic_attributes(TopicArn=system.outputs["NotificationsArn"])["Attributes"]
    assert found["KmsMasterKeyId"] == system.outputs["MessageKeyArn"]
    allowed = [each for each in json.loads(found["Policy"])["Statement"] if each["Effect"] == "Allow"]
    services = {service for each in allowed for service in as_list(each["Principal"].get("Service", []))}
    assert {"events.amazonaws.com", "cloudwatch.amazonaws.com"} <= services


def as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_the_queue_of_lost_notifications_is_encrypted_and_takes_from_these_rules(system: System) -> None:
    found = system.client("sqs").get_queue_attributes(
        QueueUrl=system.outputs["LostNotificationsUrl"], AttributeNames=["All"]
    )["Attributes"]
    assert found["KmsMasterKeyId"] == system.outputs["MessageKeyArn"]
    effects = {each["Effect"] for each in json.loads(found["Policy"])["Statement"]}
    assert effects == {"Allow", "Deny"}


def test_people_are_told_by_mail_and_of_alarms_too(system: System) -> None:
    topic = system.outputs["NotificationsArn"]
    found = system.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    mails = [each["Endpoint"] for each in found if each["Protocol"] == "email"]
    assert mails == [system.parameters["NotificationEmail"]]
    assert len(system.alarms()) == 2
    assert all(alarm["AlarmActions"] == [topic] for alarm in system.alarms())


def test_production_s_health_and_lost_notifications_are_watched(system: System) -> None:
    watched = {dimension["Value"] for metric in system.watched() for dimension in metric["Dimensions"]}
    queue = system.outputs["LostNotificationsUrl"].rpartition("/")[2]
    assert {system.outputs["ProductionName"], queue} <= watched
