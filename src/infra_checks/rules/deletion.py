"""Rules on what happens to data when a resource is deleted or replaced, by environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import ANY_TYPE, Absent, Known, Unknown, rule
from infra_checks.core.table import given
from infra_checks.evaluate.view import as_text
from infra_checks.rules.predicates import DB_CLUSTER, DB_INSTANCE, any_of, is_member, is_replica, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

STATEFUL: Final = (
    "AWS::Backup::BackupVault",
    "AWS::Cassandra::Table",
    "AWS::Cognito::UserPool",
    "AWS::DSQL::Cluster",
    "AWS::DocDB::DBCluster",
    "AWS::DocDBElastic::Cluster",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EC2::Volume",
    "AWS::ECR::Repository",
    "AWS::EFS::FileSystem",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Elasticsearch::Domain",
    "AWS::FSx::FileSystem",
    "AWS::KMS::Key",
    "AWS::Kinesis::Stream",
    "AWS::Logs::LogGroup",
    "AWS::MemoryDB::Cluster",
    "AWS::Neptune::DBCluster",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
    "AWS::S3::Bucket",
    "AWS::SDB::Domain",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
    "AWS::Timestream::Table",
)
"""Types that hold data of their own, or (keys) without which data is lost."""

SNAPSHOTS: Final = frozenset(
    {
        "AWS::DocDB::DBCluster",
        "AWS::EC2::Volume",
        "AWS::ElastiCache::CacheCluster",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::Neptune::DBCluster",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::Redshift::Cluster",
    }
)
"""Types for which CloudFormation takes a snapshot; AWS: "DeletionPolicy attribute", options."""

DELETE: Final = "Delete"
SNAPSHOT: Final = "Snapshot"
KEEPING: Final = {
    "DeletionPolicy": ("Retain", "RetainExceptOnCreate"),
    "UpdateReplacePolicy": ("Retain",),
}

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


class Policy(NamedTuple):
    """What one of the two attributes amounts to: its text, or Unknown; `at` is where it stands or would."""

    name: str
    text: Value[str]
    default: Value[str]

    @property
    def effective(self) -> Value[str]:
        """The text, or what AWS does without one."""
        return self.default if isinstance(self.text, Absent) else self.text


def _policy(resource: Resource, name: str) -> Policy:
    return Policy(name, as_text(resource.attribute(name)), _default(resource, name))


def _default(resource: Resource, name: str) -> Value[str]:
    """AWS: Snapshot for RDS clusters and instances without DBClusterIdentifier when deleted, otherwise Delete."""
    if name == "UpdateReplacePolicy" or resource.type not in {DB_CLUSTER, DB_INSTANCE}:
        return Known(DELETE)
    if resource.type == DB_CLUSTER:
        return Known(SNAPSHOT)
    member = given("DBClusterIdentifier")(resource)
    if member is None:
        return Unknown("the default depends on DBClusterIdentifier, which is known only at deployment")
    return Known(DELETE if member else SNAPSHOT)


def _keeps(resource: Resource, policy: Policy) -> Decision:
    match policy.effective:
        case Known(text):
            return text in KEEPING[policy.name] or (text == SNAPSHOT and resource.type in SNAPSHOTS)
        case Unknown():
            return None
        case Absent():
            return False


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
    options={
        "environment_parameters": _NAMES,
        "production_values": _PRODUCTION,
        "assume_production": True,
        "exempt_types": ("AWS::SQS::Queue",),
    },
)
def kept(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Deleting a stack, removing a resource from it or changing a property that replaces it ends the data in it.

    AWS: without DeletionPolicy a resource is deleted, except that RDS clusters, and instances outside one, are
    snapshotted first; without UpdateReplacePolicy the old resource of a replacement is deleted, RDS too. Which
    scenarios are production is told by the parameters in option environment_parameters; a template without one is
    taken for production if option assume_production is true. Instances of a cluster, read replicas and Memcached
    have no data of their own; option exempt_types leaves out further types, by default queues.
    """
    if resource.type in ctx.names("exempt_types"):
        return
    production = resource.stack.parameter_is(ctx.names("environment_parameters"), ctx.names("production_values"))
    if production is False or (production is None and ctx.option("assume_production") is not True):
        return
    policies = [_policy(resource, name) for name in KEEPING]
    judged = [(policy, keeps) for policy in policies if not (keeps := _keeps(resource, policy))]
    exempt = _without_data(resource) if judged else True
    if exempt:
        return
    for policy, keeps in judged:
        at = resource.attribute(policy.name)
        if keeps is None or exempt is None:
            yield ctx.undecided(at, f"{policy.name} cannot be told: {_reason(policy)}")
        else:
            yield ctx.violation(at, _loses(policy), remedy=_remedy(resource, policy))


def _reason(policy: Policy) -> str:
    if isinstance(policy.effective, Unknown):
        return policy.effective.reason
    return "whether the resource has data of its own is known only at deployment"


def _loses(policy: Policy) -> str:
    event = "deleted" if policy.name == "DeletionPolicy" else "replaced"
    match policy.text:
        case Known(text) if text in {DELETE, SNAPSHOT}:
            lacks = ", which the type does not have" if text == SNAPSHOT else ""
            return f"loses its data when it is {event}: {policy.name} is {text}{lacks}"
        case Known(text):
            return f"cannot be deployed: {text!r} is no {policy.name}"
        case Unknown() | Absent():
            return f"loses its data when it is {event}: it has no {policy.name}"


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
        "allow_snapshots": True,
    },
)
def removable(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """A retained resource of a deleted test stack goes on costing money, and its name blocks the next deployment.

    AWS keeps what has the policy Retain outside any stack; RetainExceptOnCreate deletes only what a failed creation
    leaves. Snapshots stay too, and RDS takes one by default; they are accepted unless option allow_snapshots is
    false. Which scenarios are development or testing is told by the parameters in option environment_parameters; a
    template without one is not judged.
    """
    if resource.stack.parameter_is(ctx.names("environment_parameters"), ctx.names("development_values")) is not True:
        return
    for name, keeping in KEEPING.items():
        policy = _policy(resource, name)
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
    equivalents=("W3011",),
)
def both_set(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """DeletionPolicy does not apply when an update replaces the resource, nor UpdateReplacePolicy when it goes.

    AWS: each attribute has a default of its own, Delete (for RDS, DeletionPolicy: Snapshot). Who sets only one of
    them to keep the resource, or only one to delete it, gets the opposite from the other.
    """
    first, second = (_policy(resource, name) for name in KEEPING)
    for stated, other in ((first, second), (second, first)):
        if isinstance(stated.text, Absent) or not isinstance(other.text, Absent):
            continue
        keeps, default = _keeps(resource, stated), _keeps(resource, other)
        at = resource.attribute(stated.name)
        if keeps is None or default is None:
            yield ctx.undecided(
                at, f"whether it needs {other.name} too cannot be told: {_reason(stated if keeps is None else other)}"
            )
        elif keeps is not default:
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
    if resource.type in SNAPSHOTS:
        return
    for name in KEEPING:
        policy = _policy(resource, name).text
        at = resource.attribute(name)
        match policy:
            case Known(text):
                if text == SNAPSHOT:
                    yield ctx.violation(at, f"asks for a snapshot in {name}, which {resource.type} does not have")
            case Unknown():
                yield ctx.undecided(at, f"whether {name} asks for a snapshot cannot be told: {policy.reason}")
            case Absent():
                continue
