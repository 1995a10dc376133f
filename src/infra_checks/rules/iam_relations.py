"""Rules on roles of functions, tasks and other workloads: what they are set up for against what they may do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.access.carriers import policies_of
from infra_checks.access.identities import ROLE, identity_of
from infra_checks.access.relations import Kind, relations_of
from infra_checks.access.symbols import arn_of
from infra_checks.access.table import CARRIERS
from infra_checks.access.workloads import FUNCTIONS, RULE, STATE_MACHINES, TASK
from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import rule
from infra_checks.evaluate.values import Known
from infra_checks.iam.answers import Answer, Certainty
from infra_checks.iam.model import Effect, PolicyType, Principal
from infra_checks.iam.principals import whole_account
from infra_checks.iam.questions import granted
from infra_checks.iam.text import joined, pieces, shown
from infra_checks.rules.granting import why

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.access.relations import Relation
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.values import Value
    from infra_checks.iam.model import Policy, Statement
    from infra_checks.iam.text import Text

_NOT_SURE: Final = frozenset(
    {
        "ec2:AssignPrivateIpAddresses",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
        "kinesis:DescribeStreamSummary",
    }
)
"""Actions that AWS lists as needed now and did not list before; roles without them go on working."""

_BY_AGENT: Final = frozenset({Kind.LOGS, Kind.IMAGE})
"""What the container instance may do in place of the execution role, unless the task is for AWS Fargate."""

_WORDS: Final = {
    Kind.DEAD_LETTERS: "its dead-letter queue",
    Kind.DESTINATION: "its destination",
    Kind.EVENT_SOURCE: "its event source",
    Kind.FILES: "its file system",
    Kind.IMAGE: "the repository of its image",
    Kind.KEY: "the key that encrypts what it uses",
    Kind.LOGS: "its log group",
    Kind.NETWORK: "network interfaces in its VPC",
    Kind.SECRET: "its secret",
    Kind.TARGET: "its target",
    Kind.TASK: "a task of its definition",
    Kind.TRACING: "AWS X-Ray",
}


class _Lack(NamedTuple):
    """An action that a role lacks for a relation."""

    action: str
    answer: Answer


@rule(
    *FUNCTIONS,
    TASK,
    RULE,
    STATE_MACHINES[0],
    id="iam-role-lacks-related-permission",
    title="A role may do what its function, task or rule is set up for",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Allow the actions on the resource in a policy of the role.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",
)
def lacks(workload: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS uses the role of a function, task, rule or state machine for what it is connected with: it reads the event
    source, sends to the dead-letter queue, decrypts with the key. Without the permission the deployment fails, or
    events and logs are lost in silence. Judged are roles of the stack with all that is attached to them, and the
    resource's own policy; what other stacks attach is not known.
    """
    for relation in relations_of(workload):
        role = _role(relation)
        if role is not None and relation.actions and _is_judged(relation):
            yield from _judge(relation, role, ctx)


def _judge(relation: Relation, role: Resource, ctx: Context) -> Iterator[Verdict]:
    lacking = list(_lacking(relation, role))
    surely = [lack.action for lack in lacking if lack.answer.certainty is Certainty.NO]
    at = _place(relation)
    on = _WORDS[relation.kind] + (f" {relation.target.logical_id}" if relation.target is not None else "")
    if surely:
        resources = " or ".join(f"`{shown(one)}`" for one in relation.resources) or '`"*"`'
        actions = " and ".join(f"`{action}`" for action in surely)
        words = f"has a role, {role.logical_id}, that does not allow {' and '.join(surely)} on {on}"
        yield ctx.violation(at, words, remedy=f"Allow {actions} on {resources} in a policy of {role.logical_id}.")
    elif lacking:
        action, answer = lacking[0]
        words = f"whether its role {role.logical_id} allows {action} on {on} cannot be told: {why(answer)}"
        yield ctx.undecided(at, words)


def _place(relation: Relation) -> Value[object]:
    """Where the connection is made; a mapping or the like is no part of the resource that it is for."""
    own = relation.workload.value(*relation.value.path[1:])
    return (
        relation.value
        if own.node is relation.value.node or relation.value.node is None
        else (relation.workload.placed(relation.value.node))
    )


def _role(relation: Relation) -> Resource | None:
    """The role of this stack that needs the access."""
    path: tuple[str | int, ...] = (relation.property,)
    if relation.workload.type == RULE:
        path = (*relation.value.path[1:3], relation.property)
    role = relation.workload.target(*path)
    return role if isinstance(role, Resource) and role.type == ROLE else None


def _is_judged(relation: Relation) -> bool:
    """Whether AWS surely does it with the role, and on something of this stack or on nothing special."""
    if relation.kind in {Kind.NETWORK, Kind.TRACING}:
        return True
    if relation.target is None or not relation.resources:
        return False
    return relation.workload.type != TASK or relation.kind not in _BY_AGENT or _is_fargate(relation.workload)


def _is_fargate(task: Resource) -> bool:
    listed = task.values("RequiresCompatibilities", "*")
    return [value.value for value in listed if isinstance(value, Known)] == ["FARGATE"]


def _lacking(relation: Relation, role: Resource) -> Iterator[_Lack]:
    """The actions that are not granted, or of which it cannot be told since a policy is not read."""
    identity = identity_of(role)
    policies = (*identity.policies, *(() if identity.boundary is None else (identity.boundary.policy,)))
    resources = _requested(relation)
    for action in relation.actions:
        if action in _NOT_SURE:
            continue
        answer = granted(policies, [action], resources)
        if answer.certainty is Certainty.NO and resources is not None and _takes_no_resource(action):
            answer = granted(policies, [action])
        if answer.certainty is Certainty.NO:
            answer = _by_the_resource(relation, role, action, resources)
        if answer.certainty is Certainty.NO or (answer.certainty is Certainty.UNKNOWN and answer.unread):
            yield _Lack(action, answer)


def _requested(relation: Relation) -> tuple[Text, ...] | None:
    """The resources of the requests: a secret without the name of a field, a function in any version."""
    if not relation.resources:
        return None
    named = arn_of(relation.target) if relation.target is not None else None
    if relation.kind is Kind.SECRET and named is not None:
        return (*relation.resources, named)
    if relation.target is not None and relation.target.type in FUNCTIONS:
        return (*relation.resources, *(joined((*pieces(one), ":*")) for one in relation.resources))
    return relation.resources


def _takes_no_resource(action: str) -> bool:
    """Whether an action is granted on `*` only."""
    from infra_checks.iam.catalogue import find_action  # noqa: PLC0415 - read only where something seems to be lacking

    found = find_action(action)
    return found is None or not found.resources


def _by_the_resource(relation: Relation, role: Resource, action: str, resources: tuple[Text, ...] | None) -> Answer:
    """Whether the policy of the resource grants the action to the role, without the role's own policies.

    A policy that names the account leaves it to the policies of the role:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    arn = arn_of(role)
    policies = tuple(_policies_about(relation.target)) if relation.target is not None else ()
    if arn is None or not policies:
        return Answer(Certainty.NO)
    return granted(policies, [action], resources, principal=Principal("AWS", arn))


def _policies_about(target: Resource) -> Iterator[Policy]:
    kinds = (PolicyType.RESOURCE, PolicyType.KEY)
    holders = [target, *target.referrers(*(kind for kind in CARRIERS if kind != target.type))]
    for holder in holders:
        for carried in policies_of(holder, *kinds):
            if any(not isinstance(about, Resource) or about == target for about in carried.about):
                policy = carried.policy
                kept = tuple(_without_accounts(statement) for statement in policy.statements)
                yield replace(policy, statements=kept)


def _without_accounts(statement: Statement) -> Statement:
    """The statement for those it names, and not for accounts as a whole."""
    principals = statement.principals
    if principals is None or principals.negated or statement.effect is Effect.DENY:
        return statement
    named = tuple(one for one in principals.listed if one.kind != "AWS" or whole_account(one.name) is None)
    return replace(statement, principals=principals._replace(listed=named))
