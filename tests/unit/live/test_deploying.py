"""What a sandbox cannot cause: pages, throttling, nested stacks, states of rollbacks that failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import ANY, Stubber

from infra_checks.errors import ConfigError
from infra_checks.live.changes import NESTED, Fate
from infra_checks.live.deploying import ChangeSet, Deployment, first_failure

STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/orders/1"
INNER = "arn:aws:cloudformation:us-east-1:123456789012:stack/orders-Network/2"
SET = "arn:aws:cloudformation:us-east-1:123456789012:changeSet/one/3"
START = datetime(2026, 1, 1, tzinfo=UTC)
SHOWN: list[Any] = []
PROPOSED = ChangeSet(STACK, SET, [], is_new=False, made_stack=False)


def event(name: str, status: str, reason: str = "", *, minute: int = 0, **more: str) -> dict[str, Any]:
    physical = STACK if name == "stack" else name
    return {
        "EventId": f"{name}-{status}-{minute}",
        "StackName": "orders",
        "Timestamp": START + timedelta(minutes=minute),
        "LogicalResourceId": name,
        "PhysicalResourceId": physical,
        "ResourceType": "AWS::S3::Bucket",
        "StackId": STACK,
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
        **more,
    }


def described(status: str) -> dict[str, Any]:
    return {"Stacks": [{"StackName": "orders", "StackId": STACK, "CreationTime": START, "StackStatus": status}]}


@pytest.fixture
def stubber() -> Iterator[Stubber]:
    client = boto3.client(
        "cloudformation",
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",  # noqa: S106 - opens nothing
        config=Config(retries={"max_attempts": 0}),
    )
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def deployment(stubber: Stubber) -> Deployment:
    return Deployment(stubber.client, "orders", poll=0.0)


def executed(stubber: Stubber, deployment: Deployment, status: str, pages: list[list[dict[str, Any]]]) -> Any:  # noqa: ANN401
    """Execute; the events of the end come in pages."""
    old = event("stack", "CREATE_COMPLETE")
    stubber.add_response("describe_stack_events", {"StackEvents": [old], "NextToken": "older"}, {"StackName": STACK})
    stubber.add_response("execute_change_set", {}, {"ChangeSetName": SET, "ClientRequestToken": ANY})
    stubber.add_response("describe_stacks", described(status), {"StackName": STACK})
    for number, page in enumerate(pages):
        token = {"NextToken": str(number + 1)} if number + 1 < len(pages) else {}
        asked = {"StackName": STACK, **({"NextToken": str(number)} if number else {})}
        stubber.add_response("describe_stack_events", {"StackEvents": page, **token}, asked)
    return deployment.execute


def test_the_first_failure_is_neither_the_stack_nor_what_was_cancelled_because_of_it() -> None:
    found = first_failure(
        [
            event("stack", "CREATE_IN_PROGRESS"),
            event("Topic", "CREATE_FAILED", "Resource creation cancelled"),
            event("stack", "ROLLBACK_IN_PROGRESS"),
            event("Bucket", "CREATE_FAILED", "it exists already"),
            event("Queue", "DELETE_FAILED", "in use"),
        ]
    )
    assert found is not None
    assert found["LogicalResourceId"] == "Bucket"


def test_a_stack_that_fails_by_itself_is_the_failure() -> None:
    found = first_failure([event("stack", "UPDATE_FAILED", "no permission")])
    assert found is not None
    assert found["LogicalResourceId"] == "stack"


def test_events_of_all_pages_are_told_once_in_their_order(stubber: Stubber, deployment: Deployment) -> None:
    newer = [event("stack", "UPDATE_COMPLETE", minute=3), event("B", "UPDATE_COMPLETE", minute=2)]
    older = [event("A", "UPDATE_COMPLETE", minute=1), event("stack", "CREATE_COMPLETE")]
    shown: list[str] = []
    execute = executed(stubber, deployment, "UPDATE_COMPLETE", [newer, older])
    result = execute(PROPOSED, lambda each: shown.append(each["LogicalResourceId"]))
    assert shown == ["A", "B", "stack"]
    assert result.is_done


def test_of_a_nested_stack_that_failed_the_resource_in_it_is_named(stubber: Stubber, deployment: Deployment) -> None:
    outer = event("Network", "UPDATE_FAILED", "embedded stack", minute=5, ResourceType=NESTED, PhysicalResourceId=INNER)
    rest = [outer, event("Network", "UPDATE_IN_PROGRESS", minute=2), event("stack", "CREATE_COMPLETE")]
    execute = executed(stubber, deployment, "UPDATE_ROLLBACK_COMPLETE", [rest])
    inner = [
        event("Vpc", "CREATE_FAILED", "too many", minute=4, StackId=INNER),
        event("Old", "CREATE_FAILED", "of an earlier deployment", minute=1, StackId=INNER),
    ]
    stubber.add_response("describe_stack_events", {"StackEvents": inner}, {"StackName": INNER})
    result = execute(PROPOSED, SHOWN.append)
    assert result.first is not None
    assert (result.first["LogicalResourceId"], result.first["ResourceStatusReason"]) == ("Network/Vpc", "too many")


def test_what_could_not_be_rolled_back_is_named(stubber: Stubber, deployment: Deployment) -> None:
    events = [
        event("A", "DELETE_FAILED", minute=3),
        event("B", "DELETE_SKIPPED", minute=2),
        event("stack", "CREATE_COMPLETE"),
    ]
    result = executed(stubber, deployment, "UPDATE_ROLLBACK_FAILED", [events])(PROPOSED, SHOWN.append)
    assert result.left == ("A", "B")
    assert not result.is_done


@pytest.mark.parametrize("code", ["Throttling", "ThrottlingException", "ServiceUnavailable"])
def test_a_throttled_question_is_asked_again(stubber: Stubber, deployment: Deployment, code: str) -> None:
    stubber.add_client_error("describe_stacks", code)
    stubber.add_client_error("describe_stacks", code)
    stubber.add_response("describe_stacks", described("UPDATE_COMPLETE"))
    found = deployment.stack()
    assert found is not None
    assert found["StackStatus"] == "UPDATE_COMPLETE"


def test_a_question_that_is_refused_is_not_asked_again(stubber: Stubber, deployment: Deployment) -> None:
    stubber.add_client_error("describe_stacks", "AccessDenied", "not authorized")
    with pytest.raises(ConfigError, match="DescribeStacks: AccessDenied: not authorized"):
        deployment.stack()


def test_a_deployment_that_is_no_longer_watched_is_told_to_go_on(stubber: Stubber, deployment: Deployment) -> None:
    stubber.add_response("describe_stack_events", {"StackEvents": []})
    stubber.add_response("execute_change_set", {})
    stubber.add_client_error("describe_stacks", "ExpiredToken", "expired")
    with pytest.raises(ConfigError, match=r"orders: the deployment goes on, but is no longer watched: .*expired"):
        deployment.execute(PROPOSED, SHOWN.append)


def entry(name: str, action: str, **more: str) -> dict[str, Any]:
    told = {"LogicalResourceId": name, "ResourceType": "AWS::S3::Bucket", "Action": action, **more}
    return {"Type": "Resource", "ResourceChange": told}


def propose(stubber: Stubber, deployment: Deployment, *pages: dict[str, Any], made_stack: bool = False) -> Any:  # noqa: ANN401
    stubber.add_response("create_change_set", {"Id": SET, "StackId": STACK})
    for page in pages:
        stubber.add_response("describe_change_set", page)
    return lambda: deployment.propose({"TemplateBody": "x"}, is_new=made_stack, made_stack=made_stack)


def test_a_change_set_is_waited_for_and_read_to_its_last_page(stubber: Stubber, deployment: Deployment) -> None:
    pages: tuple[dict[str, Any], ...] = (
        {"Status": "CREATE_PENDING"},
        {"Status": "CREATE_COMPLETE", "Changes": [entry("A", "Add")], "NextToken": "2"},
        {"Status": "CREATE_COMPLETE", "Changes": [entry("B", "Remove")]},
    )
    found = propose(stubber, deployment, *pages)()
    assert [(each.logical_id, each.fate) for each in found.changes] == [("B", Fate.LOST), ("A", Fate.ADDED)]


def test_the_change_set_of_a_nested_stack_is_read_too(stubber: Stubber, deployment: Deployment) -> None:
    nested = entry("Network", "Modify", ChangeSetId="arn:inner", ResourceType=NESTED)
    pages: tuple[dict[str, Any], ...] = (
        {"Status": "CREATE_COMPLETE", "Changes": [nested]},
        {"Status": "CREATE_COMPLETE", "Changes": [entry("Vpc", "Modify", Replacement="True")]},
    )
    found = propose(stubber, deployment, *pages)()
    assert [each.logical_id for each in found.changes] == ["Network/Vpc", "Network"]


@pytest.mark.parametrize(
    "reason",
    ["The submitted information didn't contain changes. Submit different...", "No updates are to be performed."],
)
def test_a_change_set_without_changes_is_deleted(stubber: Stubber, deployment: Deployment, reason: str) -> None:
    proposed = propose(stubber, deployment, {"Status": "FAILED", "StatusReason": reason})
    stubber.add_response("delete_change_set", {}, {"ChangeSetName": SET})
    assert proposed() is None


def test_a_change_set_that_fails_takes_its_empty_stack_with_it(stubber: Stubber, deployment: Deployment) -> None:
    failed = {"Status": "FAILED", "StatusReason": "Transform failed"}
    proposed = propose(stubber, deployment, failed, made_stack=True)
    stubber.add_response("delete_change_set", {})
    stubber.add_response("describe_stacks", described("REVIEW_IN_PROGRESS"))
    stubber.add_response("delete_stack", {}, {"StackName": STACK})
    with pytest.raises(ConfigError, match="orders: the change set failed: Transform failed"):
        proposed()


def test_a_stack_that_cannot_be_deleted_is_told_with_its_reason(stubber: Stubber, deployment: Deployment) -> None:
    failed = described("DELETE_FAILED")
    failed["Stacks"][0]["StackStatusReason"] = "Bucket is not empty"
    for answer in (described("ROLLBACK_COMPLETE"), None, described("DELETE_IN_PROGRESS"), failed):
        stubber.add_response("delete_stack" if answer is None else "describe_stacks", answer or {})
    with pytest.raises(ConfigError, match="orders: cannot be deleted: Bucket is not empty"):
        deployment.delete()


def resource(name: str, kind: str, status: str, physical: str = "p") -> dict[str, Any]:
    return {
        "LogicalResourceId": name,
        "PhysicalResourceId": physical,
        "ResourceType": kind,
        "ResourceStatus": status,
        "LastUpdatedTimestamp": START,
    }


def test_what_a_stack_still_holds_is_read_to_the_last_page(stubber: Stubber, deployment: Deployment) -> None:
    first = [resource("Gone", "T", "DELETE_COMPLETE"), resource("Kept", "T", "DELETE_SKIPPED")]
    second = [
        resource("Held", "T", "CREATE_COMPLETE"),
        resource("Other", "U", "CREATE_COMPLETE"),
        resource("Network", NESTED, "DELETE_FAILED"),
        resource("Never", "T", "CREATE_FAILED", ""),
    ]
    stubber.add_response("list_stack_resources", {"StackResourceSummaries": first, "NextToken": "2"})
    stubber.add_response("list_stack_resources", {"StackResourceSummaries": second})
    assert deployment.held(("T",)) == ["Held", "Network"]


def test_the_json_template_of_a_stack_is_given_as_text(stubber: Stubber, deployment: Deployment) -> None:
    stubber.add_response("get_template", {"TemplateBody": '{"Resources": {}}'})
    read: Callable[[], str] = deployment.template
    assert read() == '{"Resources": {}}'
