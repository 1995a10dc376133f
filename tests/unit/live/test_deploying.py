from __future__ import annotations

from infra_checks.live.deploying import first_failure


def event(name: str, status: str, reason: str = "") -> dict[str, str]:
    physical = "stack-id" if name == "stack" else name
    return {
        "LogicalResourceId": name,
        "PhysicalResourceId": physical,
        "StackId": "stack-id",
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


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
