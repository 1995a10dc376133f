"""Rules on ways in which permissions give their holder more than it was given."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from infra_checks.access.carriers import policies_of
from infra_checks.access.identities import GROUP, PERMISSION_SET, ROLE, USER, Attachment, identity_of
from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.iam.escalation import escalations
from infra_checks.iam.escalation_data import Category
from infra_checks.iam.model import Effect, PolicyType
from infra_checks.rules.granting import POLICIES, all_of, besides, entry_for, statement_name, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from infra_checks.access.carriers import Carried
    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.values import Value
    from infra_checks.iam.answers import Answer, Granting
    from infra_checks.iam.escalation import Escalation
    from infra_checks.iam.model import Policy

_SOURCE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"
_TAKEOVER: Final = (Category.EXISTING,)
_GAIN: Final = (Category.SELF, Category.OTHER, Category.NEW)
_POWERFUL: Final = frozenset({"AdministratorAccess", "IAMFullAccess", "PowerUserAccess"})
"""Policies that AWS manages of which other rules speak."""

_ALONE: Final = frozenset({"sts:AssumeRole"})
"""A way of one step of which another rule speaks."""


@rule(
    *POLICIES,
    id="iam-policy-no-privilege-escalation",
    title="No policy lets its holder gain the permissions of others",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Name the users, groups, roles or policies in `Resource`, or require a permissions boundary in `Condition`.",
    source=_SOURCE,
    equivalents=(
        "CKV_AWS_110",
        "PrivilegeEscalationRule",
        "iam_policy_allows_privilege_escalation",
        "iam_inline_policy_allows_privilege_escalation",
    ),
)
def privilege_escalation(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Some actions, alone or together, on resources that nothing limits are as good as administrator access: their
    holder writes a policy for itself, takes another's credentials, or runs code with a role that it passes. A Deny, a
    boundary or a condition that truly limits closes the way. Known ways: pathfinding.cloud, cloudsplaining, prowler.
    """
    yield from _of_policies(resource, ctx, _GAIN)


@rule(
    *POLICIES,
    id="iam-policy-no-workload-takeover",
    title="No policy lets its holder take over any workload and its role",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Put the ARNs of the workloads that are meant under `Resource`.",
    source=_SOURCE,
)
def workload_takeover(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Whoever can change the code or configuration of any function, job, instance or task, or run commands in it, acts
    with the role that it has.
    """
    yield from _of_policies(resource, ctx, _TAKEOVER)


def _of_policies(resource: Resource, ctx: Context, categories: Sequence[Category]) -> Iterator[Verdict]:
    """A verdict for each policy of a resource in which a way is complete."""
    for carried in policies_of(resource, PolicyType.IDENTITY):
        found = _of_kind(_best(_alone(carried), besides(carried)), categories)
        if found:
            answer = found[0].weakest
            yield from verdict(ctx, answer, _place(carried, found[0]), _told(found))


def _best(policy: Policy, beside: Sequence[tuple[Policy, ...]]) -> tuple[Escalation, ...]:
    """What is open to the identity to which most is."""
    return max((escalations((policy, *each)) for each in beside), key=len, default=())


def _alone(carried: Carried) -> Policy:
    return replace(carried.policy, unread=())


def _of_kind(found: Sequence[Escalation], categories: Sequence[Category]) -> list[Escalation]:
    return [one for one in found if one.path.category in categories and one.path.actions != _ALONE]


def _told(found: Sequence[Escalation]) -> str:
    """The first way in words, with its steps, and how many more there are."""
    first = found[0]
    steps = " and ".join(
        f"{step.action} in {_where(answer)}" for step, answer in zip(first.path.steps, first.answers, strict=True)
    )
    more = f"; {len(found) - 1} more ways are open" if len(found) > 2 else "; another way is open" if found[1:] else ""  # noqa: PLR2004 - one more, or several
    return f"lets its holder gain permissions: it {first.path.title} ({steps}){more}"


def _where(answer: Answer) -> str:
    names = dict.fromkeys(_named(one) for one in answer.granting if one.policy.type is PolicyType.IDENTITY)
    return " and ".join(names) or "a statement that is not known"


def _named(granting: Granting) -> str:
    """A statement, with the policy where that is not the one the finding stands at."""
    name, origin = statement_name(granting.statement), granting.policy.origin
    if isinstance(origin, Attachment) and origin.managed:
        return f"{name} of {origin.managed}"
    return name


def _place(carried: Carried, found: Escalation) -> Value[object]:
    for granting in found.answers[0].granting:
        if granting.policy.type is PolicyType.IDENTITY and granting.statement.effect is Effect.ALLOW:
            return entry_for(carried, granting.statement, found.path.steps[0].action)
    return carried.value


@rule(
    GROUP,
    PERMISSION_SET,
    ROLE,
    USER,
    id="iam-identity-no-privilege-escalation",
    title="The policies of an identity together let it gain no permissions of others",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Limit one of the steps that the finding names to the resources it is for, or take it away.",
    source=_SOURCE,
    equivalents=("CKV_AWS_110",),
)
def combined_escalation(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Policies add up: PassRole in one and RunInstances in another are a way to any role, though neither alone is. All
    that is attached counts, the policies that AWS manages among it, less what Denies and the permissions boundary take.
    """
    identity = identity_of(resource)
    alone = {
        one.path.id
        for attachment in identity.attachments
        if attachment.carried is not None or attachment.managed in _POWERFUL
        for one in escalations((replace(attachment.policy, unread=()), *_limits(all_of(identity))))
    }
    together = _of_kind(escalations(all_of(identity)), tuple(Category))
    found = [one for one in together if one.path.id not in alone]
    if found:
        yield from verdict(ctx, found[0].weakest, resource.attribute("Type"), _told(found))


def _limits(policies: Sequence[Policy]) -> tuple[Policy, ...]:
    """What the policies take away."""
    return tuple(
        policy
        if policy.type is PolicyType.BOUNDARY
        else replace(policy, statements=tuple(one for one in policy.statements if one.effect is Effect.DENY))
        for policy in policies
    )
