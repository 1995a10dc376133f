"""A rule on grants for resources of the stack with which nothing connects those who have the grant: a hint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.access.identities import ROLE
from infra_checks.access.symbols import text_at
from infra_checks.access.workloads import BUILD, FUNCTIONS, RULE, STATE_MACHINES, TASK, run_by
from infra_checks.core.finding import Family, Severity
from infra_checks.core.links import links_from
from infra_checks.core.resource import PHYSICAL_NAMES
from infra_checks.core.rule import rule
from infra_checks.evaluate.values import Absent, Symbol, Unknown
from infra_checks.iam.model import Effect
from infra_checks.rules.granting import grants, holders_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.values import Value
    from infra_checks.rules.granting import Grant

_TOLD: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    **dict.fromkeys(FUNCTIONS, (("Environment",), ("Environment", "Variables"))),
    TASK: (("ContainerDefinitions",),),
    BUILD: (("Environment",), ("Environment", "EnvironmentVariables"), ("Source",), ("Artifacts",)),
    RULE: (("Targets",),),
    STATE_MACHINES[0]: (("Definition",), ("DefinitionString",), ("DefinitionSubstitutions",)),
    STATE_MACHINES[1]: (("Definition",), ("DefinitionSubstitutions",)),
}
"""By type where a workload is told of other resources; workloads of other types are not judged."""

_TELLING: Final = ("AWS::KMS::Alias", "AWS::SSM::Parameter", "AWS::SecretsManager::Secret", "AWS::ServiceDiscovery::")
"""Beginnings of types by which code finds a resource that the template does not connect it with."""

_IAM: Final = "AWS::IAM::"


@rule(
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    ROLE,
    "AWS::IAM::RolePolicy",
    id="iam-role-grants-unrelated-resource",
    title="A role is granted what the stack connects its function or task with",
    family=Family.IAM,
    severity=Severity.INFO,
    remedy="Remove the resource from `Resource`, or the statement; or tell the function or task of it.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
)
def unrelated(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """A permission that outlives what needed it is found by no test. This is a hint: a resource of the stack is in a
    grant, AWS makes up its name, and no environment variable, event source, definition, parameter or other resource
    connects it with the functions, tasks, builds, state machines or rules that have the role.
    """
    workloads = _workloads(resource)
    if not workloads:
        return
    reached = {name for workload in workloads for name in _reached(workload)}
    for grant in grants(resource):
        for value, target in _named(grant):
            if target.logical_id in reached or _can_be_found(target):
                continue
            names = " and ".join(workload.logical_id for workload in workloads)
            untold = next((value for workload in workloads for value in _untold(workload)), None)
            if untold is None:
                words = f"grants access to {target.logical_id}, which nothing in the stack connects with {names}"
                remedy = f"Remove {target.logical_id} from `Resource` ({grant.name}), or tell {names} of it."
                yield ctx.violation(value, words, remedy=remedy)
            else:
                words = f"grants access to {target.logical_id}; whether {names} is told of it cannot be told"
                yield ctx.undecided(value, f"{words}: {untold.reason}")


def _workloads(resource: Resource) -> tuple[Resource, ...]:
    """Who acts with the policies, where that is known: all holders are roles that workloads of the stack run as."""
    found: dict[str, Resource] = {}
    for holder in holders_of(resource):
        runs = list(run_by(holder.resource)) if holder.resource.type == ROLE else []
        if not runs or any(run.workload.type not in _TOLD for run in runs):
            return ()
        found |= {run.workload.logical_id: run.workload for run in runs}
    return tuple(found.values())


def _named(grant: Grant) -> Iterator[tuple[Value[object], Resource]]:
    """The resources of the stack that the entries of Resource are for, each with its place."""
    listed = grant.statement.resources
    if grant.statement.effect is not Effect.ALLOW or listed is None or listed.negated:
        return
    stack = grant.carried.holder.stack
    for pattern in listed.listed:
        value = grant.carried.at(pattern.path)
        if isinstance(value, Unknown) and text_at(stack, value) == pattern.text:
            names = [part.name[0] for part in value.parts if isinstance(part, Symbol) and part.kind == "reference"]
            target = stack.get(str(names[0])) if len(set(names)) == 1 else None
            if target is not None and not target.type.startswith(_IAM):
                yield value, target


def _reached(workload: Resource) -> Iterator[str]:
    """The workload, what it is connected with, and what that is connected with; policies connect nothing."""
    yield workload.logical_id
    for near in _neighbours(workload):
        yield near.logical_id
        yield from (far.logical_id for far in _neighbours(near))


def _neighbours(resource: Resource) -> Iterator[Resource]:
    for link in links_from(resource):
        if not link.target.type.startswith(_IAM):
            yield link.target
    for referrer in resource.referrers():
        if not referrer.type.startswith(_IAM) and any(link.target == resource for link in links_from(referrer)):
            yield referrer


def _can_be_found(target: Resource) -> bool:
    """Whether code can know the resource from elsewhere: it has a name that the template gives, or is told to all."""
    name = PHYSICAL_NAMES.get(target.type, "Name")
    if not isinstance(target.value(name), Absent):
        return True
    return any(near.type.startswith(_TELLING) or not near.type.startswith("AWS::") for near in target.referrers())


def _untold(workload: Resource) -> Iterator[Unknown]:
    """What a workload is told as a whole, where it is not known."""
    for path in _TOLD[workload.type]:
        value = workload.value(*path)
        if isinstance(value, Unknown) and not any(isinstance(part, str) for part in value.parts):
            yield value
