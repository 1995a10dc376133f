"""The rule that a database's subnets have no route to the internet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Unknown, rule
from infra_checks.evaluate.view import EACH
from infra_checks.rules.gateway_routes import SUBNET, reaches_internet
from infra_checks.rules.predicates import DB_CLUSTER, DB_INSTANCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.values import Value

GROUP: Final = "AWS::RDS::DBSubnetGroup"
_NAME: Final = "DBSubnetGroupName"
_CLUSTER: Final = "DBClusterIdentifier"


@rule(
    DB_INSTANCE,
    id="rds-instance-subnet-igw-check",
    title="Database's subnets have no route to the internet",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    remedy="Name an AWS::RDS::DBSubnetGroup of subnets whose route tables have no route for `0.0.0.0/0` or `::/0` to "
    "an internet gateway.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/rds-instance-subnet-igw-check.html",
    equivalents=("RDS_INSTANCE_SUBNET_IGW_CHECK",),
)
def public_subnet(instance: Resource, ctx: Context) -> Iterator[Verdict]:
    """In a subnet with a route to an internet gateway only PubliclyAccessible and a security group stand between the
    database and the internet. The routes are read of subnets and tables of this stack; a replica has the subnet group
    of its source, and an instance of a cluster that of the cluster.
    """
    group, named = _group(instance)
    if isinstance(group, Resource) and group.type == GROUP:
        yield from _judged(group, named, ctx)
    elif isinstance(named, Absent):
        if not isinstance(instance.target("SourceDBInstanceIdentifier"), Resource):
            yield ctx.undecided(named, "names no subnet group, and those of the default VPC are not in this template")
    else:
        yield ctx.undecided(named, "whether its subnets have a route to the internet is not in this template")


def _group(instance: Resource) -> tuple[Resource | Unknown | Absent | None, Value[object]]:
    """The subnet group of a database, and the property that names it."""
    cluster = instance.target(_CLUSTER)
    own = instance.value(_NAME)
    if isinstance(cluster, Resource) and cluster.type == DB_CLUSTER:
        shown = _NAME if isinstance(cluster.value(_NAME), Absent) else _CLUSTER
        return cluster.target(_NAME), instance.value(shown)
    # A cluster of another stack has the group.
    shown = _CLUSTER if isinstance(own, Absent) and not isinstance(cluster, Absent) else _NAME
    return instance.target(_NAME), instance.value(shown)


def _judged(group: Resource, named: Value[object], ctx: Context) -> Iterator[Verdict]:
    subnets = group.values("SubnetIds", EACH)
    targets = [group.stack.target_of(value) for value in subnets]
    open_ones = [
        reaches_internet(target) if isinstance(target, Resource) and target.type == SUBNET else None
        for target in targets
    ]
    for target, reaches in zip(targets, open_ones, strict=True):
        if reaches and isinstance(target, Resource):
            yield ctx.violation(named, f"is in the subnet {target.logical_id}, which has a route to the internet")
            return
    if None in open_ones or not open_ones:
        yield ctx.undecided(
            named, f"whether the subnets of {group.logical_id} have a route to the internet cannot be told"
        )
