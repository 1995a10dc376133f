from __future__ import annotations

from infra_checks.cli.change_summary import summary, with_templates
from infra_checks.live.changes import Change, Fate, Former, in_order
from infra_checks.updates import Action, Update

TABLE = "AWS::DynamoDB::Table"


def table(fate: Fate, former: Former = Former.STAYS, name: str = "Orders", *, is_told: bool = True) -> Change:
    return Change(name, TABLE, fate, "orders-1", former, ("TableName",), is_told)


def lines(*changes: Change) -> list[str]:
    return summary("shop", in_order(changes), {TABLE}).splitlines()


def test_what_loses_data_is_marked_and_says_so() -> None:
    assert lines(table(Fate.LOST, Former.DELETED))[-2].startswith("! Orders (AWS::DynamoDB::Table) orders-1 for")
    assert lines(table(Fate.REPLACED, Former.DELETED))[-2].endswith("; the former one is deleted with its data")


def test_what_loses_none_is_not_marked() -> None:
    assert lines(table(Fate.REPLACED, Former.SNAPSHOT))[-2].startswith("  Orders")
    other = Change("Role", "AWS::IAM::Role", Fate.REPLACED, former=Former.DELETED)
    assert lines(other)[-2] == "  Role (AWS::IAM::Role); the former one is deleted"


def test_the_worst_stands_first_under_a_line_that_counts() -> None:
    found = lines(table(Fate.ADDED, name="New"), table(Fate.CHANGED, name="Same"), table(Fate.LOST, Former.DELETED))
    assert found[0] == "shop: 1 removed and lost, 1 changed, 1 added"
    assert [found.index(word) for word in ("removed and lost", "changed in place", "added")] == [2, 5, 8]
    assert found[9] == "  AWS::DynamoDB::Table: New"


def test_what_holds_data_stands_first_in_its_group() -> None:
    role = Change("Admins", "AWS::IAM::Role", Fate.REPLACED, former=Former.DELETED)
    found = lines(role, table(Fate.REPLACED, Former.RETAINED))
    assert [line.split()[0] for line in found[3:5]] == ["Orders", "Admins"]


def test_a_stack_whose_outputs_alone_change_has_no_resource_changes() -> None:
    assert lines() == ["shop: no resource changes"]


def test_a_policy_fills_in_what_cloudformation_does_not_tell() -> None:
    open_ = table(Fate.LOST, Former.DELETED, is_told=False)
    found = with_templates([open_], {}, {"Orders": "RETAINED"})
    assert [(one.fate, one.former) for one in found] == [(Fate.KEPT, Former.RETAINED)]


def test_what_cloudformation_tells_stays() -> None:
    told = table(Fate.REPLACED, Former.DELETED)
    assert with_templates([told], {}, {"Orders": "RETAINED"}) == [told]


def test_a_replacement_that_is_sure_by_the_schema_is_told_as_sure_with_its_property() -> None:
    update = Update("Orders", TABLE, Action.REPLACED, ("TableName",))
    found = with_templates([table(Fate.MAY_BE_REPLACED, Former.DELETED)], {"Orders": update}, {})
    assert [(one.fate, one.causes) for one in found] == [(Fate.REPLACED, ("TableName",))]


def test_a_replacement_that_the_schema_denies_stays() -> None:
    update = Update("Orders", TABLE, Action.UPDATED, ("BillingMode",))
    told = table(Fate.MAY_BE_REPLACED, Former.DELETED)
    assert with_templates([told], {"Orders": update}, {}) == [told]
