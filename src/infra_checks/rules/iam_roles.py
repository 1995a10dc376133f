"""Rules on roles that are for one thing only, and on how complex policies are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.access.carriers import policies_of
from infra_checks.access.identities import ROLE
from infra_checks.access.symbols import text_at
from infra_checks.access.workloads import FUNCTIONS, TASK, run_by
from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import rule
from infra_checks.core.table import is_not_true, is_true, one_of, property_rule
from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.iam.answers import Certainty
from infra_checks.iam.model import Effect, PolicyType
from infra_checks.iam.questions import granted
from infra_checks.rules.granting import POLICIES, why
from infra_checks.rules.policies import reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.iam.model import Policy, Statement

_KEY: Final = "AWS::KMS::Key"


@rule(
    ROLE,
    id="lambda-function-own-role",
    title="Functions do not share a role",
    family=Family.IAM,
    severity=Severity.INFO,
    remedy="Give each function a role of its own with what it needs.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",
)
def own_role(role: Resource, ctx: Context) -> Iterator[Verdict]:
    """A role that several functions have grants to each what any of them needs."""
    functions = {run.workload.logical_id for run in run_by(role) if run.workload.type in FUNCTIONS}
    if len(functions) > 1:
        yield ctx.violation(role, f"is the role of {len(functions)} functions: {', '.join(sorted(functions))}")
        return
    for function in role.stack.of_type(*FUNCTIONS):
        value = function.value("Role")
        if functions and isinstance(value, Unknown) and _is_from_macro(value):
            yield ctx.undecided(role, f"whether {function.logical_id} has it as well cannot be told: {value.reason}")


def _is_from_macro(value: Unknown) -> bool:
    """Whether nothing is known of a value, and not that it is a parameter or of another stack."""
    return not value.parts or (value.symbol is not None and value.symbol.kind == "call")


@rule(
    TASK,
    id="ecs-task-roles-distinct",
    title="A task's containers do not have the role with which it is started",
    family=Family.IAM,
    severity=Severity.LOW,
    remedy="Name a role in `TaskRoleArn` that has only what the containers need.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-iam-roles.html",
)
def distinct_roles(task: Resource, ctx: Context) -> Iterator[Verdict]:
    """The execution role reads the secrets and images of the task for the agent of Amazon ECS. With the same role the
    containers read all of them as well.
    """
    own, execution = task.value("TaskRoleArn"), task.value("ExecutionRoleArn")
    if isinstance(own, Absent) or isinstance(execution, Absent):
        return
    first, second = task.stack.target_of(own), task.stack.target_of(execution)
    if isinstance(first, Resource) and isinstance(second, Resource):
        if first == second:
            yield ctx.violation(own, f"has {first.logical_id} both as task role and as execution role")
        return
    texts = text_at(task.stack, own), text_at(task.stack, execution)
    if None not in texts and texts[0] == texts[1]:
        yield ctx.violation(own, "has the same role both as task role and as execution role")
    elif not (isinstance(own, Known) and isinstance(execution, Known)):
        unknown = own if isinstance(own, Unknown) and not isinstance(first, Resource) else execution
        yield ctx.undecided(own, f"whether task role and execution role differ cannot be told: {reason(unknown)}")


@rule(
    *POLICIES,
    id="iam-policy-complexity",
    title="A policy is simple enough to be understood",
    family=Family.IAM,
    severity=Severity.INFO,
    remedy="Split the policy by purpose, and replace what is negated by what is needed.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    equivalents=("W76",),
    options={"maximum": 25},
)
def complexity(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """What nobody understands is not reviewed. The score of a policy is the sum over its statements of: 1 for the
    statement, 1 for each condition, 1 for each service among its actions beyond the first, 2 for a Deny among Allows, 3
    for each of NotAction and NotResource. The option `maximum` is the highest score that passes.
    """
    for carried in policies_of(resource, PolicyType.IDENTITY):
        score = sum(_score(statement, carried.policy) for statement in carried.policy.statements)
        if score > ctx.number("maximum"):
            words = f"has a policy with a complexity of {score}; at most {ctx.number('maximum'):g} is wanted"
            yield ctx.violation(carried.at(()), words)
        elif carried.policy.unread:
            part = carried.policy.unread[0]
            yield ctx.undecided(carried.at(part.path), f"how complex its policy is cannot be told: {part.reason}")


def _score(statement: Statement, policy: Policy) -> int:
    allows = any(one.effect is Effect.ALLOW for one in policy.statements)
    score = 1 + len(statement.conditions) + (2 if allows and statement.effect is Effect.DENY else 0)
    for patterns in (statement.actions, statement.resources):
        score += 3 if patterns is not None and patterns.negated else 0
    listed = statement.actions.listed if statement.actions is not None else ()
    services = {one.text.partition(":")[0].lower() for one in listed if isinstance(one.text, str)}
    return score + max(0, len(services) - 1)


@rule(
    _KEY,
    "AWS::KMS::ReplicaKey",
    id="kms-key-policy-no-lockout",
    title="Somebody can change the policy of a key",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Allow `kms:*` to the account (`arn:aws:iam::ACCOUNT:root`), or `kms:PutKeyPolicy` to a role of "
    "administrators.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html",
)
def no_lockout(key: Resource, ctx: Context) -> Iterator[Verdict]:
    """A key whose policy lets nobody change the policy cannot be managed any more, and what it encrypts is lost with
    the next mistake; only AWS Support can help. AWS refuses such a policy unless the check is bypassed. Without a
    policy the key has AWS's default, which gives it to the account.
    """
    for carried in policies_of(key, PolicyType.KEY):
        answer = granted((carried.policy,), ["kms:PutKeyPolicy"])
        if carried.policy.unread and not answer.granting:
            part = carried.policy.unread[0]
            yield ctx.undecided(carried.at(part.path), f"who may change its policy cannot be told: {part.reason}")
        elif answer.certainty is Certainty.NO:
            yield ctx.violation(carried.at(()), "has a policy that lets nobody change it (kms:PutKeyPolicy)")
        elif answer.certainty is not Certainty.DEFINITE:
            yield ctx.undecided(carried.at(()), f"whether somebody may change its policy cannot be told: {why(answer)}")


lockout_check = property_rule(
    _KEY,
    id="kms-key-policy-lockout-check",
    title="AWS checks that a key can still be managed",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    path=("BypassPolicyLockoutSafetyCheck",),
    holds=is_not_true,
    message="is created without the check that somebody can change its policy",
    rationale="""AWS refuses a key policy that does not let the one who creates the key change it later, unless
    BypassPolicyLockoutSafetyCheck is true; then a mistake makes the key unmanageable for good. It is false by
    default.""",
    remedy="Remove `BypassPolicyLockoutSafetyCheck`.",
    source="https://docs.aws.amazon.com/controltower/latest/controlreference/ct-kms-pv-3.html",
)

project_visibility = property_rule(
    "AWS::CodeBuild::Project",
    id="codebuild-project-not-public",
    title="Builds are not shown to the public",
    family=Family.IAM,
    severity=Severity.HIGH,
    path=("Visibility",),
    holds=lambda value, ctx: True if isinstance(value, Absent) else one_of("PRIVATE")(value, ctx),
    message="shows its builds, logs and artifacts to everyone",
    rationale="""With PUBLIC_READ everybody can read the builds' logs and artifacts, and what of environment variables
    they show, with the project's ResourceAccessRole. PRIVATE is the default.""",
    remedy="Remove `Visibility`, or set it to PRIVATE.",
    source="https://docs.aws.amazon.com/codebuild/latest/userguide/public-builds.html",
    equivalents=("codebuild_project_not_publicly_accessible",),
)

secret_policy_check = property_rule(
    "AWS::SecretsManager::ResourcePolicy",
    id="secretsmanager-policy-block-public",
    title="AWS checks that a secret's policy is not public",
    family=Family.IAM,
    severity=Severity.LOW,
    path=("BlockPublicPolicy",),
    holds=is_true,
    message="is put without the check that it lets not everyone in",
    rationale="""With BlockPublicPolicy Secrets Manager refuses a policy that gives broad access to the secret, also one
    that a change of values makes public. It is not set by default.""",
    remedy="Set `BlockPublicPolicy: true`.",
    source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html",
)
