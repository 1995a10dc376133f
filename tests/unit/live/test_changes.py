from __future__ import annotations

from typing import Any

import pytest

from infra_checks.live.changes import NESTED, Fate, Former, changes_of


def change(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - as AWS answers
    named = {"LogicalResourceId": "One", "ResourceType": "AWS::S3::Bucket", **fields}
    return {"Type": "Resource", "ResourceChange": named}


@pytest.mark.parametrize(
    ("fields", "fate"),
    [
        ({"Action": "Add"}, Fate.ADDED),
        ({"Action": "Modify", "Replacement": "False"}, Fate.CHANGED),
        ({"Action": "Modify", "Replacement": "True"}, Fate.REPLACED),
        ({"Action": "Modify", "Replacement": "Conditional"}, Fate.MAY_BE_REPLACED),
        ({"Action": "Remove", "PolicyAction": "Delete"}, Fate.LOST),
        ({"Action": "Remove"}, Fate.LOST),
        ({"Action": "Remove", "PolicyAction": "Retain"}, Fate.KEPT),
        ({"Action": "Remove", "PolicyAction": "Snapshot"}, Fate.KEPT),
        ({"Action": "Dynamic"}, Fate.OPEN),
        ({"Action": "SomethingNew"}, Fate.OPEN),
        ({"Action": "SyncWithActual"}, Fate.CHANGED),
        ({"Action": "Import"}, Fate.IMPORTED),
    ],
)
def test_what_becomes_of_a_resource_is_what_cloudformation_says(fields: dict[str, Any], fate: Fate) -> None:
    assert [found.fate for found in changes_of([change(**fields)])] == [fate]


@pytest.mark.parametrize(
    ("action", "former", "is_told"),
    [
        ("ReplaceAndDelete", Former.DELETED, True),
        ("ReplaceAndRetain", Former.RETAINED, True),
        ("ReplaceAndSnapshot", Former.SNAPSHOT, True),
        ("", Former.DELETED, False),
    ],
)
def test_a_former_resource_of_which_nothing_is_told_counts_as_deleted(
    action: str, former: Former, *, is_told: bool
) -> None:
    found = changes_of([change(Action="Modify", Replacement="True", PolicyAction=action)])[0]
    assert (found.former, found.is_told) == (former, is_told)


def test_what_is_lost_stands_first() -> None:
    found = changes_of([change(Action="Add"), change(Action="Remove")])
    assert [one.fate for one in found] == [Fate.LOST, Fate.ADDED]


def test_what_is_told_later_is_dangerous_and_what_is_kept_is_not() -> None:
    assert changes_of([change(Action="Dynamic")])[0].is_dangerous
    assert not changes_of([change(Action="Remove", PolicyAction="Retain")])[0].is_dangerous


def test_a_change_names_the_properties_that_make_it() -> None:
    details = [{"Target": {"Attribute": "Properties", "Name": "BucketName"}}, {"Target": {"Attribute": "Tags"}}]
    assert changes_of([change(Action="Modify", Details=details)])[0].causes == ("BucketName", "Tags")


NETWORK = {"LogicalResourceId": "Network", "ResourceType": NESTED, "Scope": ["Properties"]}


def test_the_changes_in_a_nested_stack_are_told_with_its_name() -> None:
    inner = {"arn:inner": [change(Action="Remove", LogicalResourceId="Vpc", PolicyAction="Delete")]}
    outer = change(Action="Modify", Replacement="False", ChangeSetId="arn:inner", **NETWORK)
    found = changes_of([outer], inner.__getitem__)
    assert [(one.logical_id, one.fate) for one in found] == [("Network/Vpc", Fate.LOST), ("Network", Fate.CHANGED)]


def test_a_nested_stack_that_changes_without_a_change_set_of_its_own_is_open() -> None:
    outer = change(Action="Modify", Replacement="False", **NETWORK)
    assert [one.fate for one in changes_of([outer], lambda _: [])] == [Fate.OPEN]


def test_a_hook_that_stands_among_the_changes_is_none() -> None:
    assert changes_of([{"Type": "Hook"}]) == []
