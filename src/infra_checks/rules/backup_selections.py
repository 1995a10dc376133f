"""Rules on what AWS Backup selections select: that each data store of the stack is in one, and each plan has one.

AWS Backup, "Assign resources": `Resources` are joined by or, `Conditions` by and, `ListOfTags` by or; a selection that
names neither takes everything; tags further filter the resources that are named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import rule
from infra_checks.evaluate.values import Absent, Known, Unknown, Value
from infra_checks.evaluate.view import EACH, View
from infra_checks.rules.arns import names
from infra_checks.rules.globs import matches, pieces
from infra_checks.rules.predicates import all_of, any_of, is_member
from infra_checks.rules.tag_shapes import may_be, shapes, tags_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

SELECTION: Final = "AWS::Backup::BackupSelection"
PLAN: Final = "AWS::Backup::BackupPlan"
STORES: Final = (
    "AWS::DocDB::DBCluster",
    "AWS::DynamoDB::Table",
    "AWS::EC2::Volume",
    "AWS::EFS::FileSystem",
    "AWS::FSx::FileSystem",
    "AWS::Neptune::DBCluster",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
)
_GUIDE: Final = "https://docs.aws.amazon.com/aws-backup/latest/devguide/"


@rule(
    *STORES,
    id="resources-protected-by-backup-plan",
    title="Data store is in a backup selection of the stack",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    remedy="Add its ARN to `BackupSelection.Resources` of an AWS::Backup::BackupSelection, or give it a tag that one "
    "selects.",
    source=_GUIDE + "assigning-resources.html",
    equivalents=(
        "ec2_ebs_volume_snapshots_exists",
        "RDSInBackupPlan",
        "DynamoDBInBackupPlan",
        "EC2EBSInBackupPlan",
        "rds_instance_protected_by_backup_plan",
        "rds_cluster_protected_by_backup_plan",
        "dynamodb_table_protected_by_backup_plan",
        "ec2_ebs_volume_protected_by_backup_plan",
    ),
    options={"selection-required": False},
)
def selected(store: Resource, ctx: Context) -> Iterator[Verdict]:
    """A backup plan backs up what its selections match, by ARN or by tag, and says nothing of what they miss: a tag
    that is spelt otherwise is only found when the backup is needed. Judged in stacks that have a selection; the option
    selection-required asks for one in every stack. Members of a cluster are backed up with it.
    """
    selections = list(store.stack.of_type(SELECTION))
    if not selections and ctx.option("selection-required") is not True:
        return
    found = any_of(*(_selects(selection.at("BackupSelection"), store) for selection in selections))
    if found or is_member(store):
        return
    if found is None or store.stack.unexpanded or is_member(store) is None:
        yield ctx.undecided(store, "whether a backup selection of the stack selects it is known only at deployment")
    elif selections:
        listed = " or ".join(selection.logical_id for selection in selections)
        yield ctx.violation(store, f"is not selected for backup by {listed}")
    else:
        yield ctx.violation(store, "is in a stack without a backup selection")


def _selects(selection: View, store: Resource) -> Decision:
    if isinstance(selection.value(), Unknown):
        return None
    excluded = any_of(*(names(store, value) for value in _elements(selection, "NotResources")))
    asked = [
        any_of(*group)
        for group in (
            [names(store, value) for value in _elements(selection, "Resources")],
            [_has_tag(store, view) for view in _views(selection, "ListOfTags")],
        )
        if group
    ]
    # AWS has documented resources and ListOfTags both as "and" and as "or": what only one matches is left open.
    matched = None if len(set(asked)) > 1 else all_of(asked)
    return all_of((matched, None if excluded is None else not excluded, _conditions(selection, store)))


def _elements(view: View, name: str) -> list[Value[object]]:
    return [value for value in view.values(name, EACH) if not isinstance(value, Absent)]


def _views(view: View, *path: str) -> list[View | Unknown]:
    """The mappings in a list, or why there is one that cannot be told."""
    listed = view.listed(*path)
    if isinstance(listed, Unknown):
        return [listed]
    views = listed.value if isinstance(listed, Known) else ()
    values = [(view, view.value()) for view in views]
    return [value if isinstance(value, Unknown) else view for view, value in values]


def _conditions(selection: View, store: Resource) -> Decision:
    """Whether the store keeps all conditions."""
    conditions = selection.mapping("Conditions")
    match conditions:
        case Known(view):
            return all_of(
                _keeps(store, operator, condition)
                for operator in list(view.keys())
                for condition in _views(view, operator)
            )
        case Unknown():
            return None
        case Absent():
            return True


def _keeps(store: Resource, operator: str, condition: View | Unknown) -> Decision:
    has = _has_tag(store, condition, wild=operator.endswith("Like"))
    if not operator.startswith("StringNot"):
        return has
    return None if has is None else not has


def _has_tag(store: Resource, condition: View | Unknown, *, wild: bool = False) -> Decision:
    """Whether the store has the tag that a condition names, with its value."""
    if isinstance(condition, Unknown):
        return None
    key, wanted = condition.text("ConditionKey"), condition.value("ConditionValue")
    if not isinstance(key, Known):
        return None
    actual = _tag(store, key.value.removeprefix("aws:ResourceTag/"))
    match actual:
        case Known(text):
            return _same(pieces(wanted), text, wild=wild)
        case Unknown():
            return pieces(actual) == pieces(wanted) or None if pieces(actual) else None
        case Absent():
            return False


def _same(wanted: tuple[object, ...], text: str, *, wild: bool) -> Decision:
    if len(wanted) != 1 or not isinstance(wanted[0], str):
        return None
    return matches(wanted[0], text) if wild else wanted[0] == text


def _tag(store: Resource, key: str) -> Value[str]:
    """The value of a tag, of the resource or of the stack; Unknown when it may have been given."""
    for tags in tags_of(store, shapes()[store.type]):
        for tag in tags.tags:
            if isinstance(tag.key, Known) and tag.key.value == key:
                return tag.value
        if key in store.stack.tags:
            return Known(store.stack.tags[key])
        if tags.unread or any(may_be(tag.key, key) for tag in tags.tags):
            return Unknown("tags are known only at deployment")
    return Absent()


@rule(
    PLAN,
    id="backup-plan-has-selection",
    title="Backup plan has a selection",
    family=Family.DELETION,
    severity=Severity.HIGH,
    remedy="Add an AWS::Backup::BackupSelection with `BackupPlanId: !Ref` this plan.",
    source=_GUIDE + "assigning-resources.html",
)
def used(plan: Resource, ctx: Context) -> Iterator[Verdict]:
    """A plan without a selection backs up nothing, and AWS Backup reports no failure. A plan whose id the stack puts
    out may get its selection elsewhere.
    """
    selections = [selection.target("BackupPlanId") for selection in plan.stack.of_type(SELECTION)]
    if plan in selections:
        return
    if any(isinstance(target, Unknown) for target in selections) or plan.stack.unexpanded or _is_output(plan):
        yield ctx.undecided(plan, "whether a selection uses it is known only at deployment")
    else:
        yield ctx.violation(plan, "has no selection, so it backs up nothing")


def _is_output(plan: Resource) -> bool:
    outputs = plan.stack.template().values("Outputs", EACH, "Value")
    return any(plan.stack.target_of(value) == plan for value in outputs)
