"""Rules on the capacity of DynamoDB tables, and on where the replicas of global tables are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import filled
from infra_checks.evaluate.values import Symbol
from infra_checks.rules.globs import pieces
from infra_checks.rules.predicates import text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.values import Value

TABLE: Final = "AWS::DynamoDB::Table"
GLOBAL: Final = "AWS::DynamoDB::GlobalTable"
TARGET: Final = "AWS::ApplicationAutoScaling::ScalableTarget"
DOCS: Final = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
UNITS: Final = ("ReadCapacityUnits", "WriteCapacityUnits")


@rule(
    TABLE,
    id="dynamodb-autoscaling-enabled",
    title="Table's capacity follows its load",
    family=Family.MULTI_AZ,
    severity=Severity.LOW,
    remedy="Set `BillingMode: PAY_PER_REQUEST` and remove `ProvisionedThroughput`, or add an "
    "AWS::ApplicationAutoScaling::ScalableTarget with a scaling policy for reads and one for writes.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/dynamodb-autoscaling-enabled.html",
    equivalents=(
        "c333e906",
        "W73",
        "DYNAMODB_BILLING_MODE_RULE",
        "DynamoDBAutoScalingEnabled",
        "dynamodb_table_autoscaling_enabled",
    ),
)
def capacity(table: Resource, ctx: Context) -> Iterator[Verdict]:
    """Requests above a fixed capacity are throttled, and capacity that is never used is paid for. AWS: BillingMode is
    PROVISIONED by default, with the capacity of the template; tables on demand follow the load, and others where
    Application Auto Scaling has a scalable target for the reads and one for the writes of the table and each index.
    """
    mode = table.text("BillingMode")
    on_demand = text_is(mode, "PAY_PER_REQUEST")
    if on_demand:
        return
    missing, unsure = _unscaled(table)
    if not missing:
        return
    if on_demand is None or unsure:
        yield ctx.undecided(mode, "whether its capacity follows its load is known only at deployment")
    else:
        yield ctx.violation(mode, f"has a fixed capacity: nothing scales {' and '.join(missing)}")


def _unscaled(table: Resource) -> tuple[list[str], bool]:
    """What of the table no target scales, and whether a target may turn out to do so."""
    scaled: set[tuple[str, str]] = set()
    unsure = bool(table.stack.unexpanded)
    for target in table.stack.of_type(TARGET):
        place, dimension = _place(target.value("ResourceId"), table), target.text("ScalableDimension")
        if place is None or isinstance(dimension, Unknown):
            unsure = unsure or place != ""
        elif isinstance(dimension, Known) and place:
            scaled.add((place, dimension.value.rpartition(":")[2]))
    missing = [
        f"{'the reads' if unit == UNITS[0] else 'the writes'} of {'the table' if place == 'table' else place}"
        for place in ("table", *_indexes(table))
        for unit in UNITS
        if (place, unit) not in scaled
    ]
    return missing, unsure


def _indexes(table: Resource) -> Iterator[str]:
    indexes = table.items("GlobalSecondaryIndexes")
    for view in indexes.value if isinstance(indexes, Known) else ():
        name = view.text("IndexName")
        if isinstance(name, Known):
            yield f"index/{name.value}"


def _place(value: Value[object], table: Resource) -> str | None:
    """`table` or `index/Name` when a scalable target names the table, empty when it names another, None if unclear."""
    name = table.text("TableName")
    parts = pieces(value)
    own = {Symbol("reference", (table.logical_id, "Ref")), name.symbol if isinstance(name, Unknown) else None}
    text = "".join(part if isinstance(part, str) else "\0" if part in own else "\1" for part in parts)
    if isinstance(name, Known):
        text = text.replace(f"table/{name.value}", "table/\0")
    if text == "table/\0":
        return "table"
    if text.startswith("table/\0/"):
        return text.removeprefix("table/\0/")
    if not parts or "\1" in text or isinstance(name, Unknown):
        return None
    return ""


@rule(
    GLOBAL,
    id="dynamodb-global-table-multi-region",
    title="Global table has replicas in two regions",
    family=Family.MULTI_AZ,
    severity=Severity.LOW,
    remedy="Add an entry with another `Region` to `Replicas`.",
    source=DOCS + "GlobalTables.html",
    options={"minimum_regions": 2},
)
def regions(table: Resource, ctx: Context) -> Iterator[Verdict]:
    """A global table with one replica survives no failure that a plain table does not. AWS: each entry of Replicas is
    a region, the one of the stack among them.
    """
    replicas = table.items("Replicas")
    match replicas:
        case Unknown():
            yield ctx.undecided(replicas, f"its replicas cannot be told: {replicas.reason}")
        case Known(views):
            number = len(filled(views))
            if number < ctx.number("minimum_regions"):
                yield ctx.violation(replicas, f"has replicas in {_count(number)} only")
        case Absent():
            yield ctx.violation(replicas, "has no replicas")


def _count(number: int) -> str:
    return "one region" if number == 1 else f"{number} regions"
