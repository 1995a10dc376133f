"""Rules on what happens to data when a resource is deleted or replaced, by environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import ANY_TYPE, Absent, Known, Unknown, rule
from infra_checks.rules.predicates import any_of, is_member, is_replica, text_is
from infra_checks.rules.stateful import (
    DELETE,
    KEEPING,
    ONLY_EMPTY,
    SNAPSHOT,
    SNAPSHOTS,
    STATEFUL,
    Policy,
    keeps,
    policy_of,
    states_policy,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

DELETION_DOCS: Final = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html"
)
REPLACE_DOCS: Final = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html"
)

_NAMES: Final = (
    *("Environment", "EnvironmentName", "EnvironmentType", "EnvName", "EnvType", "Env", "ENV"),
    *("DeploymentEnvironment", "DeployEnv", "Stage", "StageName", "StageType"),
)


def _cased(*words: str) -> tuple[str, ...]:
    return (*words, *map(str.capitalize, words), *map(str.upper, words))


_PRODUCTION: Final = _cased("production", "prod", "prd", "live")
_DEVELOPMENT: Final = _cased("development", "dev", "testing", "test", "sandbox")


def _without_data(resource: Resource) -> Decision:
    """The resource has no data of its own: a cluster's instance, a read replica, a Memcached cache."""
    memcached = resource.type == "AWS::ElastiCache::CacheCluster" and text_is(resource.text("Engine"), "memcached")
    return any_of(is_member(resource), is_replica(resource), memcached)


@rule(
    *STATEFUL,
    id="stateful-resource-kept-in-production",
    title="Data in production outlives its resource",
    family=Family.DELETION,
    severity=Severity.HIGH,
    remedy="Set `DeletionPolicy: Retain` and `UpdateReplacePolicy: Retain` (or `Snapshot`, where the type has "
    "snapshots); with `Transform: AWS::LanguageExtensions` both may depend on the environment.",
    source=DELETION_DOCS,
    equivalents=("I3011",),
    options={
        "environment_parameters": _NAMES,
        "production_values": _PRODUCTION,
        "assume_production": True,
        "exempt_types": ("AWS::SQS::Queue",),
    },
)
def kept_in_production(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Deleting a stack, removing a resource from it or changing a property that replaces it ends the data in it.

    AWS: without DeletionPolicy a resource is deleted, except that RDS clusters, and instances outside one, are
    snapshotted first; without UpdateReplacePolicy the old resource of a replacement is deleted, RDS too. Buckets,
    repositories and backup vaults go only when they are empty, which is then all that protects them. Which
    scenarios are production is told by the parameters in option environment_parameters; a template without one is
    taken for production if option assume_production is true. Instances of a cluster, read replicas and Memcached
    have no data of their own; option exempt_types leaves out further types, by default queues.
    """
    if resource.type in ctx.names("exempt_types"):
        return
    production = resource.stack.parameter_is(ctx.names("environment_parameters"), ctx.names("production_values"))
    if production is False or (production is None and ctx.option("assume_production") is not True):
        return
    policies = [policy_of(resource, name) for name in KEEPING]
    judged = [(policy, kept) for policy in policies if not (kept := keeps(resource, policy))]
    exempt = _without_data(resource) if judged else True
    if exempt:
        return
    for policy, kept in judged:
        at = resource.attribute(policy.name)
        if kept is None or exempt is None:
            yield ctx.undecided(at, f"{policy.name} cannot be told: {_reason(policy)}")
        else:
            yield ctx.violation(at, _loses(resource, policy), remedy=_remedy(resource, policy))


def _reason(policy: Policy) -> str:
    if isinstance(policy.effective, Unknown):
        return policy.effective.reason
    return "whether the resource has data of its own is known only at deployment"


def _loses(resource: Resource, policy: Policy) -> str:
    event = "deleted" if policy.name == "DeletionPolicy" else "replaced"
    effect = "is not kept" if resource.type in ONLY_EMPTY else "loses its data"
    when = f"when it is {event}, once it is empty" if resource.type in ONLY_EMPTY else f"when it is {event}"
    match policy.text:
        case Known(text) if text in {DELETE, SNAPSHOT}:
            lacks = ", which the type does not have" if text == SNAPSHOT else ""
            return f"{effect} {when}: {policy.name} is {text}{lacks}"
        case Known(text):
            return f"cannot be deployed: {text!r} is no {policy.name}"
        case Unknown() | Absent():
            return f"{effect} {when}: it has no {policy.name}"


def _remedy(resource: Resource, policy: Policy) -> str:
    snapshot = " or `Snapshot`" if resource.type in SNAPSHOTS else ""
    return f"Set `{policy.name}: Retain`{snapshot}."


@rule(
    *STATEFUL,
    id="stateful-resource-removable-in-development",
    title="Development and testing leave nothing behind",
    family=Family.DELETION,
    severity=Severity.LOW,
    remedy="Set `DeletionPolicy: Delete` and `UpdateReplacePolicy: Delete` in development and testing.",
    source=DELETION_DOCS,
    options={
        "environment_parameters": _NAMES,
        "development_values": _DEVELOPMENT,
        "assume_development": False,
        "allow_snapshots": True,
    },
)
def removable(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """A retained resource of a deleted test stack goes on costing money, and its name blocks the next deployment.

    AWS keeps what has the policy Retain outside any stack; RetainExceptOnCreate deletes only what a failed creation
    leaves. Snapshots stay too, and RDS takes one by default; they are accepted unless option allow_snapshots is
    false. Which scenarios are development or testing is told by the parameters in option environment_parameters; a
    template without one is judged if option assume_development is true.
    """
    told = resource.stack.parameter_is(ctx.names("environment_parameters"), ctx.names("development_values"))
    if told is False or (told is None and ctx.option("assume_development") is not True):
        return
    for name, keeping in KEEPING.items():
        policy = policy_of(resource, name)
        left = (
            (*keeping, SNAPSHOT)
            if ctx.option("allow_snapshots") is not True and resource.type in SNAPSHOTS
            else keeping
        )
        stays = text_is(policy.effective, *left)
        at = resource.attribute(name)
        if stays is None:
            yield ctx.undecided(at, f"{name} cannot be told: {_reason(policy)}")
        elif stays:
            shown = policy.effective.value if isinstance(policy.effective, Known) else ""
            how = "by default" if isinstance(policy.text, Absent) else ""
            said = f"is left behind in development and testing: {name} is {shown} {how}".rstrip()
            yield ctx.violation(at, said, remedy=f"Set `{name}: Delete` in development and testing.")


@rule(
    ANY_TYPE,
    id="deletion-policies-both-set",
    title="What protects from deletion also protects from replacement",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    remedy="Set `DeletionPolicy` and `UpdateReplacePolicy` to the same value.",
    source=REPLACE_DOCS,
    equivalents=(
        "I3011",
        "W3011",
    ),
)
def both_set(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """DeletionPolicy does not apply when an update replaces the resource, nor UpdateReplacePolicy when it goes.

    AWS: each attribute has a default of its own, Delete (for RDS, DeletionPolicy: Snapshot). Who sets only one of
    them to keep the resource, or only one to delete it, gets the opposite from the other.
    """
    if not states_policy(resource):
        return
    first, second = (policy_of(resource, name) for name in KEEPING)
    for stated, other in ((first, second), (second, first)):
        if isinstance(stated.text, Absent) or not isinstance(other.text, Absent):
            continue
        kept, default = keeps(resource, stated), keeps(resource, other)
        at = resource.attribute(stated.name)
        if kept is None or default is None:
            yield ctx.undecided(
                at, f"whether it needs {other.name} too cannot be told: {_reason(stated if kept is None else other)}"
            )
        elif kept is not default:
            shown = other.default.value if isinstance(other.default, Known) else DELETE
            yield ctx.violation(at, f"sets {stated.name} but not {other.name}, which is {shown} then")


@rule(
    ANY_TYPE,
    id="snapshot-policy-supported",
    title="A snapshot is asked only of types that have snapshots",
    family=Family.DEPLOYABILITY,
    severity=Severity.HIGH,
    remedy="Use `Retain` instead of `Snapshot`.",
    source=DELETION_DOCS,
)
def snapshot_supported(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """CloudFormation refuses DeletionPolicy Snapshot on a type without snapshots, and replaces without one.

    AWS lists the types that support snapshots; for any other, UpdateReplacePolicy Snapshot deletes the old resource.
    """
    if resource.type in SNAPSHOTS or not states_policy(resource):
        return
    for name in KEEPING:
        policy = policy_of(resource, name).text
        at = resource.attribute(name)
        match policy:
            case Known(text):
                if text == SNAPSHOT:
                    yield ctx.violation(at, f"asks for a snapshot in {name}, which {resource.type} does not have")
            case Unknown():
                yield ctx.undecided(at, f"whether {name} asks for a snapshot cannot be told: {policy.reason}")
            case Absent():
                continue
