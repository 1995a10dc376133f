from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import pytest

from infra_checks.access.arns import FORMS, arn_form, form_of
from tests.unit.access.test_table import schemas

ARNS = [
    (kind, name) for kind, forms in FORMS.items() for name in forms if (form_of(kind, name) or "").startswith("arn:")
]


@cache
def formats() -> dict[str, list[str]]:
    """The ARN formats of the Service Authorization Reference, by service."""
    pytest.importorskip("cfnlint")
    services = json.loads((files("cfnlint") / "data" / "AdditionalSpecs" / "Policies.json").read_text("utf-8"))
    found: dict[str, list[str]] = {}
    for service in services.values():
        for resource in service["Resources"].values():
            for form in resource.get("ARNFormats", ()):
                found.setdefault(form.split(":")[2], []).append(form)
    return found


@pytest.mark.parametrize(("kind", "name"), ARNS)
def test_every_arn_has_a_form_of_the_service_authorization_reference(kind: str, name: str) -> None:
    form = (form_of(kind, name) or "").replace("{AliasName}", "alias/x").replace("{", "${")
    known = [each.removesuffix(".*") for each in formats()[form.split(":")[2]]]
    assert any(form.startswith(each.rstrip("/")) for each in known), (form, known)


def test_every_attribute_is_one_that_the_type_has() -> None:
    known = {schema["typeName"]: schema for schema in schemas()}
    for kind, forms in FORMS.items():
        names = set(known[kind]["properties"])
        unknown = {name for name in forms if name not in {"Ref", ""} and name.split(".")[0] not in names}
        assert unknown == set(), kind


@pytest.mark.parametrize(
    ("kind", "attribute", "form"),
    [
        ("AWS::S3::Bucket", "Ref", "{BucketName}"),
        ("AWS::S3::Bucket", "Arn", "arn:{Partition}:s3:::{BucketName}"),
        ("AWS::SNS::Topic", "Ref", "arn:{Partition}:sns:{Region}:{Account}:{TopicName}"),
        ("AWS::IAM::Role", "Arn", "arn:{Partition}:iam::{Account}:role{Path}{RoleName}"),
        ("AWS::S3::Bucket", "DomainName", None),
        ("Custom::Thing", "Ref", None),
    ],
)
def test_forms_are_written_out(kind: str, attribute: str, form: str | None) -> None:
    assert form_of(kind, attribute) == form


def test_the_own_arn_of_a_type_is_known_also_where_no_attribute_gives_it() -> None:
    assert arn_form("AWS::Glue::Job") == "arn:{Partition}:glue:{Region}:{Account}:job/{Name}"
    assert arn_form("AWS::ApiGateway::RestApi") is None
