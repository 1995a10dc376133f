"""Rules on what an identity may do to every resource: by access level and by what the actions give away.

The catalogue tells which actions there are, what they do and which resources they can be limited to. An action that has
no resource-level permissions can be granted by `*` only; that is right, and no rule here speaks of it unless the action
gives something away.
"""

from __future__ import annotations

from functools import partial, reduce
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.access.carriers import policies_of
from infra_checks.access.table import CARRIERS
from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.iam import catalogue
from infra_checks.iam.answers import Answer, Certainty
from infra_checks.iam.catalogue import ActionSet, Level, Risk
from infra_checks.iam.escalation import actions_of
from infra_checks.iam.fresh import fresh_arns
from infra_checks.iam.text import shown
from infra_checks.rules.granting import POLICIES, Grant, grants, verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra_checks.core.resource import Resource, Surroundings
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.iam.model import Statement

_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_LEVELS: Final = _GUIDE + "access_policies_understand-policy-summary-access-level-summaries.html"
_ALONE: Final = "Remove the action, or grant it to a role that has no other task."
_OWN: Final = ("ecr-public:GetAuthorizationToken", "ecr:GetAuthorizationToken")
"""Actions whose token stands for who asks, and opens no registry that they may not use themselves (Amazon ECR API
reference, "GetAuthorizationToken"). Whoever pulls an image needs it, and it cannot be limited to resources.
"""
_NARROW: Final = "Put the ARNs of the resources that are needed under `Resource`, such as {arn}."


class _Found(NamedTuple):
    """An action of a statement, and whether it is granted on a resource that nothing names."""

    action: str
    answer: Answer
    arns: tuple[str, ...]


def _unlimited(grant: Grant, actions: ActionSet) -> _Found | None:
    """The first of the statement's actions in a set that is granted on a resource that nothing names."""
    best: _Found | None = None
    for action in actions_of(grant.statement) & actions:
        arns = fresh_arns(action)
        answer = grant.granted([action], arns or ["*"])
        if answer.certainty is Certainty.DEFINITE:
            return _Found(action, answer, arns)
        if answer.certainty is not Certainty.NO and best is None:
            best = _Found(action, answer, arns)
    return best


def _judged(resource: Resource, ctx: Context, actions: Callable[[], ActionSet], what: str) -> Iterator[Verdict]:
    """A verdict for each Allow that grants one of the actions without a limit."""
    for grant in grants(resource):
        found = _unlimited(grant, actions())
        if found is not None:
            name = spelled(found.action)
            on = "on every resource" if found.arns else "which cannot be limited to resources"
            message = f"allows {name}, which {what}, {on} ({grant.name})"
            arn = " or ".join(catalogue.arn_templates(name)[:2])
            remedy = (
                _NARROW.format(arn=f"`{arn}`")
                if arn
                else "Remove the action, or grant it to a role for this task only."
            )
            yield from verdict(ctx, found.answer, grant.at_action(name), message, remedy=remedy)


def spelled(action: str) -> str:
    """An action in AWS's own spelling."""
    found = catalogue.find_action(action)
    return found.full_name if found else action


def _credentials() -> ActionSet:
    own = (catalogue.expand(action) for action in _OWN)
    return reduce(ActionSet.__sub__, own, catalogue.of_risk(Risk.CREDENTIALS))


def _data() -> ActionSet:
    return catalogue.of_risk(Risk.DATA) & catalogue.with_resource_level()


def _permissions() -> ActionSet:
    managing = catalogue.of_level(Level.PERMISSIONS) | catalogue.of_risk(Risk.EXPOSURE)
    # Of iam:PassRole a rule of its own speaks.
    return managing & catalogue.with_resource_level() - catalogue.expand("iam:PassRole")


def _writes() -> ActionSet:
    return catalogue.of_level(Level.WRITE) & _limitable()


def _limitable() -> ActionSet:
    return catalogue.with_resource_level() - catalogue.with_one_resource()


@rule(
    *POLICIES,
    id="iam-policy-no-credentials-exposure",
    title="No policy hands out credentials of others",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Limit the action to the users or resources that are meant under `Resource`.",
    source=_LEVELS,
    equivalents=("CKV_AWS_107",),
)
def credentials(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Some actions return credentials or make new ones: access keys, passwords, tokens, pre-signed addresses. Granted
    on every resource they let their holder act as somebody else.
    """
    yield from _judged(resource, ctx, _credentials, "returns or makes credentials")


@rule(
    *POLICIES,
    id="iam-policy-no-data-exfiltration",
    title="No policy reads all secrets or all data",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Put the ARNs of what is to be read under `Resource`.",
    source=_LEVELS,
    equivalents=("CKV_AWS_108",),
)
def data(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Objects, rows, parameters and secrets are what an intruder is after. A role that may read all of them gives them
    all away when it is taken over.
    """
    yield from _judged(resource, ctx, _data, "reads customers' data or secrets")


@rule(
    *POLICIES,
    id="iam-policy-no-permissions-management",
    title="No policy changes the permissions of every resource",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Put the ARNs of the resources whose permissions are to be managed under `Resource`.",
    source=_LEVELS,
    equivalents=("CKV_AWS_109",),
)
def permissions(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Actions of the access level "Permissions management" decide who has access: bucket policies, key policies,
    grants, shares. On every resource they open any of them to anybody.
    """
    yield from _judged(resource, ctx, _permissions, "changes who has access")


@rule(
    *POLICIES,
    id="iam-policy-no-unlimited-write",
    title="No policy changes every resource",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Put the ARNs of the resources that are to be changed under `Resource`.",
    source=_LEVELS,
    equivalents=("CKV_AWS_111",),
)
def writes(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """An action of the access level "Write" that can be limited to resources, and is not, changes or deletes all of
    them.
    """
    yield from _judged(resource, ctx, _writes, "changes resources")


@rule(
    *POLICIES,
    "AWS::IoT::Policy",
    id="iam-policydocument-no-wildcard-resource",
    title="Actions that can be limited to resources are",
    family=Family.IAM,
    severity=Severity.LOW,
    remedy="Put the ARNs that are needed under `Resource`; keep `*` for actions without resource-level permissions.",
    source=_GUIDE + "reference_policies_elements_resource.html",
    equivalents=(
        "W11",
        "W12",
        "W13",
        "W39",
        "IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE",
        "IAM_ROLE_NO_WILDCARD_ACTIONS_ON_TRUST_POLICY",
        "AwsSolutions-IAM5",
        "AWS-0057",
        "AWS-0114",
    ),
)
def wildcard_resource(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """`Resource: "*"`, or an ARN that is as good as it, is needed where an action has no resource-level permissions
    (`ec2:DescribeInstances`), and only there. Where it has, for the one resource of its kind in an account
    (`cloudwatch:PutMetricData` and the default dataset), naming that limits nothing.
    """
    yield from _judged(resource, ctx, _limitable, "can be limited to resources")


@rule(
    *POLICIES,
    id="iam-policy-tagging-limited",
    title="Tags that decide about access are not changed on every resource",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Put the ARNs of the resources that are to be tagged under `Resource`, or ask for their present tags.",
    source=_GUIDE + "access_tags.html",
)
def tagging(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Where policies ask for the tags of a resource, whoever may tag every resource of the service gives himself access
    to any of them. Judged are services for whose actions a policy of the stack has a condition on aws:ResourceTag.
    """
    yield from _judged(resource, ctx, partial(_tagged, resource.stack), "changes tags that decide about access")


def _tagged(stack: Surroundings) -> ActionSet:
    """The tagging actions of services for which tags decide."""
    kept = stack.kept
    if "decided by tags" not in kept:
        prefixes = set(_decided_by_tags(stack))
        tagging = catalogue.of_level(Level.TAGGING) & catalogue.with_resource_level() if prefixes else ActionSet()
        if "*" not in prefixes:
            tagging = tagging & catalogue.expand_all(f"{prefix}:*" for prefix in prefixes)
        kept["decided by tags"] = tagging
    found: ActionSet = kept["decided by tags"]
    return found


def _decided_by_tags(stack: Surroundings) -> Iterator[str]:
    """The prefixes of actions that some policy of the stack limits by tags of resources; `*` for any."""
    for holder in stack.of_type(*CARRIERS):
        for carried in policies_of(holder):
            for statement in carried.policy.statements:
                if any("resourcetag/" in condition.key.lower() for condition in statement.conditions):
                    yield from _prefixes(statement)


def _prefixes(statement: Statement) -> Iterator[str]:
    actions = statement.actions
    for pattern in actions.listed if actions is not None and not actions.negated else ():
        prefix = shown(pattern.text).partition(":")[0].lower()
        yield prefix if prefix.replace("-", "").isalnum() else "*"
    if actions is None or actions.negated:
        yield "*"
