"""Rules on the versions of RDS databases: support of the engine, Aurora Serverless, certificates."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import given, is_set, is_true, property_rule
from infra_checks.evaluate.view import as_text
from infra_checks.rules.engines import Engine, engine_of
from infra_checks.rules.predicates import DB_CLUSTER, DB_INSTANCE, is_member, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

DOCS: Final = "https://docs.aws.amazon.com/AmazonRDS/latest/"
GLOBAL_CLUSTER: Final = "AWS::RDS::GlobalCluster"
_SUPPORT: Final = Path(__file__).with_name("data") / "rds_engine_support.txt"


class Support(NamedTuple):
    """The dates of data/rds_engine_support.txt, as texts that sort by time: its own, and the ends by engine version."""

    date: str
    standard: dict[Engine, str]
    extended: dict[Engine, str]


@cache
def support() -> Support:
    """What is known of the support of engine versions."""
    found = Support("", {}, {})
    for line in _SUPPORT.read_text("utf-8").splitlines():
        words = line.split()
        if line.startswith("date "):
            found = found._replace(date=words[1])
        elif not line.startswith("#"):
            engine = Engine(words[0], words[1])
            found.standard[engine], found.extended[engine] = words[2:4]
    return found


@rule(
    DB_INSTANCE,
    DB_CLUSTER,
    GLOBAL_CLUSTER,
    id="rds-engine-version-supported",
    title="Database runs a major version that AWS still supports",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    remedy="Set `EngineVersion` to a major version under standard support, after a test with a copy of the data.",
    source=DOCS + "UserGuide/extended-support.html",
    equivalents=("rds_instance_deprecated_engine_version", "rds_instance_extended_support", "W3691"),
    options={"on": ""},
)
def supported(database: Resource, ctx: Context) -> Iterator[Verdict]:
    """A major version past its standard support gets no fixes but critical ones, costs extra by the hour (Extended
    Support), and is upgraded by AWS at a time you do not choose; past that a new database with it is refused. The
    dates are those of AWS's release calendars, which there are for MySQL, MariaDB, PostgreSQL and Aurora; option `on`
    is the day to judge by, by default the date of that data.
    """
    if database.type == DB_INSTANCE and is_member(database):
        return
    version = database.text("EngineVersion")
    engine = engine_of(database)
    match version, engine:
        case Absent(), _:
            return
        case Unknown(), Engine(_, ""):
            yield ctx.undecided(version, f"EngineVersion cannot be told: {version.reason}")
        case _, Engine():
            yield from _judged(version, engine, ctx)
        case _, Unknown():
            yield ctx.undecided(version, f"its engine cannot be told: {engine.reason}")
        case _, Absent():
            return


def _judged(version: Value[object], engine: Engine, ctx: Context) -> Iterator[Verdict]:
    known = support()
    today = str(ctx.option("on")) or known.date
    standard = known.standard.get(engine)
    if standard is None:
        rows = [row for row in known.standard if row.name == engine.name]
        if rows and all(row.is_since(engine.major) for row in rows):
            yield ctx.violation(version, f"runs {engine.name} {engine.major}, which AWS does not support any more")
        return
    if today <= standard:
        return
    extended = known.extended[engine]
    ended = extended == "-" or (extended != "?" and extended < today)
    after = "and it has no Extended Support" if ended else "so AWS bills Extended Support"
    yield ctx.violation(version, f"runs {engine.name} {engine.major}, whose support ended on {standard}, {after}")


@rule(
    DB_CLUSTER,
    id="aurora-serverless-v2-settings",
    title="Aurora Serverless is set up as version 2",
    family=Family.DEPLOYABILITY,
    severity=Severity.HIGH,
    remedy="Leave `EngineMode` out (or `provisioned`), give the cluster `ServerlessV2ScalingConfiguration: "
    "{MinCapacity: 0.5, MaxCapacity: 8}`, and add an AWS::RDS::DBInstance with `DBInstanceClass: db.serverless`.",
    source=DOCS + "AuroraUserGuide/aurora-serverless-v2.create.html",
)
def serverless(cluster: Resource, ctx: Context) -> Iterator[Verdict]:
    """EngineMode serverless is Aurora Serverless v1, which AWS ended on 31 March 2025: such a cluster cannot be
    created. Version 2 is a provisioned cluster with ServerlessV2ScalingConfiguration, whose instances have the class
    db.serverless; without the configuration such an instance cannot be created, and without such an instance the
    configuration does nothing.
    """
    mode = cluster.text("EngineMode")
    scaling = cluster.value("ServerlessV2ScalingConfiguration")
    first = text_is(mode, "serverless")
    if first:
        block = " with a scaling configuration for version 2" if isinstance(scaling, Known) else ""
        yield ctx.violation(mode, f"asks for Aurora Serverless v1{block}, which AWS has ended")
        return
    if first is None:
        yield ctx.undecided(mode, "whether it asks for Aurora Serverless v1 is known only at deployment")
    if is_set(scaling, ctx) is False:
        for member in _members(cluster):
            if text_is(member.text("DBInstanceClass"), "db.serverless"):
                yield ctx.violation(
                    scaling, f"has no ServerlessV2ScalingConfiguration, which its instance {member.logical_id} needs"
                )
                return


def _members(cluster: Resource) -> Iterator[Resource]:
    for instance in cluster.referrers(DB_INSTANCE):
        target = instance.target("DBClusterIdentifier")
        if isinstance(target, Resource) and target == cluster:
            yield instance


_EXPIRED: Final = ("rds-ca-2010", "rds-ca-2015", "rds-ca-2019")


def _is_valid(value: Value[object], _ctx: Context) -> Decision:
    expired = text_is(as_text(value), *_EXPIRED)
    return None if expired is None else not expired


certificate = property_rule(
    DB_INSTANCE,
    id="rds-certificate-authority-valid",
    title="Database's certificate authority is valid",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    path=("CACertificateIdentifier",),
    holds=_is_valid,
    message="names a certificate authority that has expired",
    rationale="""Clients that verify the server refuse a certificate of an expired authority, and those that do not
    verify are open to a man in the middle. AWS: rds-ca-2019 expired in August 2024; by default a database has a
    certificate of rds-ca-rsa2048-g1, which is valid until 2061.""",
    remedy="Leave `CACertificateIdentifier` out, or set `rds-ca-rsa2048-g1`, `rds-ca-rsa4096-g1` or "
    "`rds-ca-ecc384-g1`.",
    source=DOCS + "UserGuide/UsingWithRDS.SSL.html",
    equivalents=("rds_instance_certificate_expiration",),
)


global_encryption = property_rule(
    GLOBAL_CLUSTER,
    id="rds-global-cluster-encrypted-at-rest",
    title="Storage of the global database is encrypted",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    path=("StorageEncrypted",),
    holds=is_true,
    unless=(given("SourceDBClusterIdentifier"),),
    message="does not turn encryption of its storage on",
    rationale="""The clusters of a global database take their encryption from it, in all regions, and it cannot be
    changed later. AWS: StorageEncrypted turns it on, and no default is named; with SourceDBClusterIdentifier it is the
    source's setting, which is judged at that cluster.""",
    remedy="Add `StorageEncrypted: true`; the global cluster is replaced.",
    source=DOCS + "APIReference/API_CreateGlobalCluster.html",
    equivalents=("AWS-0079",),
)
