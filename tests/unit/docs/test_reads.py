"""What a rule reads, as the generator records it."""

from __future__ import annotations

from collections.abc import Iterator

from docs.generator.reads import reads
from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Context, Verdict, rule
from infra_checks.evaluate.values import Known
from infra_checks.evaluate.view import EACH, View
from infra_checks.rules import catalogue
from infra_checks.testing import Case


@rule("AWS::S3::Bucket", id="test-all-reads", title="T", family=Family.IAM, severity=Severity.LOW, remedy="None.")
def all_reads(bucket: Resource, _ctx: Context) -> Iterator[Verdict]:
    """It reads in every way there is."""
    bucket.boolean("Flag")
    bucket.values("Rules", EACH, "Status")
    bucket.listed("Statement")
    for view in getattr(bucket.items("Items"), "value", ()):
        view.text("Inner", "Name")
    deep = bucket.mapping("Deep")
    if isinstance(deep, Known):
        deep.value.at("Deeper").value("Deepest")
    bucket.attribute("DeletionPolicy")
    for key in bucket.stack.of_type("AWS::KMS::Key"):
        key.value("Enabled")
    bucket.target("Key")
    yield from ()


TEMPLATE = {
    "Resources": {
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "Flag": True,
                "Rules": [{"Status": "a"}, {"Status": "b"}],
                "Items": [{"Inner": {"Name": "a"}}],
                "Deep": {"Deeper": {}},
                "Key": "name",
            },
        },
        "Key": {"Type": "AWS::KMS::Key"},
        "Other": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "name"}},
    }
}


def test_every_way_to_read_is_recorded_under_the_type_that_is_read() -> None:
    assert reads(all_reads, [Case("all", "pass", TEMPLATE)]) == {
        "AWS::KMS::Key": ("Enabled",),
        "AWS::S3::Bucket": (
            "Deep.Deeper.Deepest",
            "DeletionPolicy",
            "Flag",
            "Items[].Inner.Name",
            "Key",
            "Rules[].Status",
            "Statement",
        ),
    }


def test_the_accessors_are_as_before_afterwards() -> None:
    before = (View.__init__, View.value, View.at, View.keys, Resource.__init__, Resource.attribute)
    reads(all_reads, [Case("all", "pass", TEMPLATE)])

    assert before == (View.__init__, View.value, View.at, View.keys, Resource.__init__, Resource.attribute)


def test_a_rule_of_one_property_reads_it() -> None:
    versioning = next(rule for rule in catalogue() if rule.id == "s3-bucket-versioning-enabled")
    case = Case("none", "fail", {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}})

    assert reads(versioning, [case]) == {"AWS::S3::Bucket": ("VersioningConfiguration.Status",)}
