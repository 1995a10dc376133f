from __future__ import annotations

import re

import pytest

from infra_checks.access.arns import FORMS, arn_form, form_of
from infra_checks.access.other_arns import other_forms
from infra_checks.iam.catalogue import service
from tests.unit.access.test_table import schemas

_HOLE = re.compile(r"\$?\{[^}]*\}")


def test_the_two_tables_have_no_type_in_common_and_enough_types() -> None:
    assert not FORMS.keys() & other_forms().keys()
    assert len(other_forms()) > 400


@pytest.mark.parametrize("kind", sorted(other_forms()))
def test_every_form_is_that_of_a_resource_type_of_its_service(kind: str) -> None:
    form = arn_form(kind) or ""
    found = service(form.split(":")[2])
    assert found is not None
    templates = {_HOLE.sub("{}", known.arn) for known in found.resource_types.values()}
    assert _HOLE.sub("{}", form) in templates


def test_every_attribute_and_every_named_property_is_one_that_the_type_has() -> None:
    known = {schema["typeName"]: schema for schema in schemas()}
    fixed = {"Partition", "Region", "Account"}
    for kind, forms in other_forms().items():
        names = set(known[kind]["properties"])
        assert set(forms) - names <= {"Ref"}, kind
        holes = {hole for form in forms.values() for hole in re.findall(r"\{([A-Z]\w*)\}", form)}
        assert holes - fixed <= names, kind


def test_ref_gives_an_arn_only_where_the_type_is_identified_by_it() -> None:
    known = {schema["typeName"]: schema for schema in schemas()}
    for kind, forms in other_forms().items():
        if "Ref" in forms:
            (identifier,) = known[kind]["primaryIdentifier"]
            assert identifier.lower().endswith("arn"), kind
            assert identifier in known[kind]["readOnlyProperties"], kind


@pytest.mark.parametrize(
    ("kind", "attribute", "form"),
    [
        ("AWS::Pipes::Pipe", "Arn", "arn:{Partition}:pipes:{Region}:{Account}:pipe/{Name}"),
        ("AWS::Backup::ReportPlan", "Arn", None),
        ("AWS::SageMaker::Endpoint", "Ref", "arn:{Partition}:sagemaker:{Region}:{Account}:endpoint/{endpointName}"),
        ("AWS::Pipes::Pipe", "CurrentState", None),
        ("AWS::None::Such", "Arn", None),
    ],
)  # fmt: skip
def test_forms_of_seldom_types_are_written_out(kind: str, attribute: str, form: str | None) -> None:
    assert form_of(kind, attribute) == form
