from __future__ import annotations

from typing import Any

import pytest

from infra_checks.live.changes import DANGEROUS, Fate, changes_of


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
        ({"Action": "Import"}, Fate.IMPORTED),
    ],
)
def test_what_becomes_of_a_resource_is_what_cloudformation_says(fields: dict[str, Any], fate: Fate) -> None:
    assert [found.fate for found in changes_of([change(**fields)])] == [fate]


def test_what_is_lost_stands_first() -> None:
    found = changes_of([change(Action="Add"), change(Action="Remove")])
    assert [one.fate for one in found] == [Fate.LOST, Fate.ADDED]


def test_what_is_told_later_counts_as_dangerous() -> None:
    assert Fate.OPEN in DANGEROUS
    assert Fate.KEPT not in DANGEROUS


def test_a_change_names_the_properties_that_make_it() -> None:
    details = [{"Target": {"Attribute": "Properties", "Name": "BucketName"}}, {"Target": {"Attribute": "Tags"}}]
    assert changes_of([change(Action="Modify", Details=details)])[0].causes == ("BucketName", "Tags")
