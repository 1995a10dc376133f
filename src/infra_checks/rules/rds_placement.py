"""Rules on RDS about where a database runs: in how many Availability Zones, and open to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import given
from infra_checks.rules.predicates import DB_CLUSTER, DB_INSTANCE, any_of, is_member, is_replica, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

DOCS: Final = "https://docs.aws.amazon.com/AmazonRDS/latest/"
MIRRORED: Final = ("sqlserver-ee", "sqlserver-se")


@rule(
    DB_INSTANCE,
    id="rds-multi-az-support",
    title="Database instance has a standby in another Availability Zone",
    family=Family.MULTI_AZ,
    severity=Severity.MEDIUM,
    remedy="Add `MultiAZ: true` and leave `AvailabilityZone` out.",
    source=DOCS + "UserGuide/Concepts.MultiAZSingleStandby.html",
    equivalents=("2b1d4935", "CKV_AWS_157", "RDS_MULTI_AZ_SUPPORT", "AwsSolutions-RDS3", "rds_instance_multi_az"),
    options={"check_read_replicas": False},
)
def multi_az(instance: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without a standby the database is down while its zone is, and for as long as a restore takes.

    AWS: single-AZ by default. It does not apply to Aurora, whose cluster places instances; read replicas are left
    out unless option check_read_replicas is true; SQL Server can have its standby from the option Mirroring of an
    option group instead.
    """
    value = instance.boolean("MultiAZ")
    match value:
        case Known(True):
            return
        case Unknown():
            exempt = _single_by_design(instance, ctx)
            if not exempt:
                yield ctx.undecided(value, f"MultiAZ cannot be told: {value.reason}")
        case Known() | Absent():
            exempt = _single_by_design(instance, ctx)
            if exempt is None:
                yield ctx.undecided(value, "whether it needs MultiAZ depends on what is known only at deployment")
            elif not exempt:
                yield ctx.violation(value, "runs in one Availability Zone")


def _single_by_design(instance: Resource, ctx: Context) -> Decision:
    replica: Decision = False
    if ctx.option("check_read_replicas") is not True:
        replica = is_replica(instance)
    return any_of(is_member(instance), replica, _mirrored(instance))


def _mirrored(instance: Resource) -> Decision:
    engine = text_is(instance.text("Engine"), *MIRRORED)
    if not engine:
        return engine
    group = instance.target("OptionGroupName")
    match group:
        case Resource():
            options = group.items("OptionConfigurations")
            if isinstance(options, Unknown):
                return None
            views = options.value if isinstance(options, Known) else ()
            return any_of(*(text_is(view.text("OptionName"), "Mirroring") for view in views))
        case Absent():
            return False
        case Unknown() | None:
            return None


@rule(
    DB_CLUSTER,
    id="rds-cluster-multi-az-enabled",
    title="Aurora cluster has instances in two Availability Zones",
    family=Family.MULTI_AZ,
    severity=Severity.MEDIUM,
    remedy="Add a second AWS::RDS::DBInstance with `DBClusterIdentifier: !Ref` this cluster, and leave "
    "`AvailabilityZone` out of both or give them different ones.",
    source=DOCS + "AuroraUserGuide/Concepts.AuroraHighAvailability.html",
    equivalents=(
        "E3692",
        "rds_cluster_multi_az",
    ),
)
def cluster_multi_az(cluster: Resource, ctx: Context) -> Iterator[Verdict]:
    """An Aurora cluster with one instance is down until AWS has made another one; with two it fails over.

    Its storage spans three zones anyhow. A Multi-AZ DB cluster (DBClusterInstanceClass) has three instances by
    itself and Aurora Serverless v1 (EngineMode serverless) none. A cluster of which the template declares no
    instance at all may be the headless secondary of a global database, or get them elsewhere: undecided.
    """
    members = [(instance, _belongs(instance, cluster)) for instance in cluster.stack.of_type(DB_INSTANCE)]
    sure = [instance for instance, belongs in members if belongs]
    unsure = any(belongs is None for _, belongs in members) or bool(cluster.stack.unexpanded)
    apart = _apart(sure) if len(sure) > 1 else False
    if apart:
        return
    exempt = any_of(given("DBClusterInstanceClass")(cluster), text_is(cluster.text("EngineMode"), "serverless"))
    if exempt:
        return
    if exempt is None or unsure or apart is None:
        yield ctx.undecided(cluster, f"has {_count(sure)}; whether there are two in different zones cannot be told")
    elif not sure:
        yield ctx.undecided(cluster, "has no instance in this template; elsewhere it needs two in different zones")
    elif len(sure) > 1:
        zone = sure[0].value("AvailabilityZone")
        yield ctx.violation(cluster, f"has all its {len(sure)} instances in one Availability Zone{_named(zone)}")
    else:
        yield ctx.violation(cluster, f"has {_count(sure)}; to fail over it needs two in different Availability Zones")


def _count(instances: list[Resource]) -> str:
    return {0: "no instance", 1: "one instance"}.get(len(instances), f"{len(instances)} instances")


def _named(zone: Value[object]) -> str:
    return f" ({zone.value})" if isinstance(zone, Known) else ""


def _belongs(instance: Resource, cluster: Resource) -> Decision:
    target = instance.target("DBClusterIdentifier")
    own = cluster.text("DBClusterIdentifier")
    match target:
        case Resource():
            return target == cluster
        case Absent():
            return False
        case Unknown():
            if isinstance(own, Unknown) and own.parts and own.parts == target.parts:
                return True
            return False if isinstance(own, Absent) else None
        case None:
            # A literal name; AWS keeps identifiers in lower case.
            return text_is(own, str(_literal(instance.text("DBClusterIdentifier"))))


def _literal(value: Value[str]) -> str:
    return value.value if isinstance(value, Known) else ""


def _apart(instances: list[Resource]) -> Decision:
    """Whether the instances are in different zones; AWS chooses for those that name none."""
    zones = [instance.value("AvailabilityZone") for instance in instances]
    if any(isinstance(zone, Absent) for zone in zones):
        return True
    known = {zone.value for zone in zones if isinstance(zone, Known)}
    symbols = {zone.parts for zone in zones if isinstance(zone, Unknown)}
    if len(known) > 1:
        return True
    indexed = {parts for parts in symbols if len(parts) == 1 and getattr(parts[0], "kind", "") == "zone"}
    if len(indexed) > 1:
        return True
    return False if len(known) + len(symbols) == 1 and () not in symbols else None


@rule(
    DB_INSTANCE,
    DB_CLUSTER,
    id="rds-instance-public-access-check",
    title="Database has no public address",
    family=Family.NETWORK,
    severity=Severity.HIGH,
    remedy="Add `PubliclyAccessible: false`.",
    source=DOCS + "APIReference/API_CreateDBInstance.html",
    equivalents=(
        "de38e1d5",
        "9564406d",
        "0104165b",
        "RDSSecurityGroupIngressOpenToWorldRule",
        "CKV_AWS_17",
        "F22",
        "RDS_INSTANCE_PUBLIC_ACCESS_CHECK",
        "RDSInstancePublicAccess",
        "AWS-0180",
        "rds_instance_no_public_access",
    ),
)
def public_access(database: Resource, ctx: Context) -> Iterator[Verdict]:
    """A database with a public address is one open security group away from the internet.

    AWS: where PubliclyAccessible is left out, it is true with the DBSubnetGroupName default and false with any
    other; without one it is false for Aurora and true otherwise. A read replica takes over its source's. Of
    clusters only Multi-AZ DB clusters have the property.
    """
    if database.type == DB_CLUSTER:
        instances = given("DBClusterInstanceClass")(database)
        if instances is False:
            return
    else:
        instances = True
    public = database.boolean("PubliclyAccessible")
    match public:
        case Known(False):
            return
        case Known() if instances:
            yield ctx.violation(public, "has a public address: PubliclyAccessible is true")
        case Known():
            yield ctx.undecided(public, "whether it is a Multi-AZ DB cluster is known only at deployment")
        case Unknown():
            yield ctx.undecided(public, f"PubliclyAccessible cannot be told: {public.reason}")
        case Absent():
            yield from _by_default(database, ctx)


def _by_default(database: Resource, ctx: Context) -> Iterator[Verdict]:
    public = database.value("PubliclyAccessible")
    in_default = text_is(database.text("DBSubnetGroupName"), "default")
    private = False if in_default else any_of(is_member(database), _subnets_chosen(database))
    replica = is_replica(database)
    if private:
        return
    if replica is not False and isinstance(database.target("SourceDBInstanceIdentifier"), Resource):
        return
    if private is None or replica is not False:
        yield ctx.undecided(public, "leaves PubliclyAccessible out, and what that means is known only at deployment")
    else:
        yield ctx.violation(
            public, "leaves PubliclyAccessible out, which is true in the default subnet group, and names no other"
        )


def _subnets_chosen(database: Resource) -> Decision:
    """Whether the database has a subnet group that is not the default one."""
    if isinstance(database.target("DBSubnetGroupName"), Resource):
        return True
    name = database.text("DBSubnetGroupName")
    match name:
        case Known(text):
            return text.lower() not in {"", "default"}
        case Unknown():
            return True if given("DBSubnetGroupName")(database) and _has_letters(name) else None
        case Absent():
            return False


def _has_letters(name: Unknown) -> bool:
    """Whether pieces of the text are known: with what stands around them it is not just `default`."""
    return len(name.parts) > 1
