"""The rule that a function may write its logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.links import attached_policies
from infra_checks.core.resource import Resource
from infra_checks.core.rule import rule
from infra_checks.evaluate.values import Known, Unknown
from infra_checks.evaluate.view import EACH
from infra_checks.rules.globs import covers
from infra_checks.rules.policies import allows_action, elements, has_effect, statements
from infra_checks.rules.predicates import all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

ROLE: Final = "AWS::IAM::Role"
_WRITES: Final = ("logs:CreateLogStream", "logs:PutLogEvents")

_WRITING: Final = (
    *("AdministratorAccess", "PowerUserAccess", "CloudWatchFullAccess", "CloudWatchFullAccessV2"),
    *("CloudWatchLogsFullAccess", "AWSLambdaExecute"),
    *("service-role/AWSLambdaBasicExecutionRole", "service-role/AWSLambdaVPCAccessExecutionRole"),
    *("service-role/AWSLambdaDynamoDBExecutionRole", "service-role/AWSLambdaKinesisExecutionRole"),
    *("service-role/AWSLambdaMSKExecutionRole", "service-role/AWSLambdaSQSQueueExecutionRole"),
)
"""AWS-managed policies that allow both (AWS managed policy reference)."""


@rule(
    "AWS::Lambda::Function",
    id="lambda-role-writes-logs",
    title="Function may write its logs",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Add `!Sub arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole` to the role's "
    "`ManagedPolicyArns`, or a statement that allows logs:CreateLogStream and logs:PutLogEvents on its log group.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html",
    equivalents=("W58",),
)
def writes_logs(function: Resource, ctx: Context) -> Iterator[Verdict]:
    """Lambda writes logs with the permissions of the function's role; without them they are lost, and nothing says so.
    To make the log group is another permission, which the role does not need where the template declares the group. For
    which log groups a statement allows it, and whether another one denies it, is not judged.
    """
    role = function.target("Role")
    at = function.value("Role")
    if not isinstance(role, Resource) or role.type != ROLE:
        if isinstance(at, (Known, Unknown)):
            yield ctx.undecided(at, "whether its role, which is not of this stack, may write logs cannot be told")
        return
    allowed = _may_write(role)
    if allowed is None:
        yield ctx.undecided(at, f"whether {role.logical_id} may write logs cannot be told from the template")
    elif not allowed:
        yield ctx.violation(at, f"has the role {role.logical_id}, which may not write logs")


def _may_write(role: Resource) -> Decision:
    managed = any_of(*_managed(role))
    return True if managed else any_of(managed, all_of(_allows(role, action) for action in _WRITES))


def _managed(role: Resource) -> Iterator[Decision]:
    """Whether each managed policy that is not of this stack allows it; None of one that is not known here."""
    for value in elements(role, "ManagedPolicyArns"):
        if not isinstance(role.stack.target_of(value), Resource):
            found = any_of(*(covers(value, f"arn:aws:iam::aws:policy/{name}", free=(1,)) for name in _WRITING))
            yield True if found else None


def _allows(role: Resource, action: str) -> Decision:
    """Whether a statement of the role's policies in this stack allows an action."""
    answers = [_states(role, action, "Policies", EACH, "PolicyDocument")]
    for policy, sure in attached_policies(role):
        stated = _states(policy, action, "PolicyDocument")
        answers.append(stated if sure or not stated else None)
    return any_of(*answers)


def _states(holder: Resource, action: str, *path: str) -> Decision:
    return any_of(
        *(
            None
            if isinstance(statement, Unknown)
            else all_of((has_effect(statement, "Allow").holds, allows_action(statement, action).holds))
            for statement in statements(holder, *path)
        )
    )
