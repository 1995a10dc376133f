"""What the AWS CDK writes can be judged as it is, and findings name the construct."""

from __future__ import annotations

import json
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from infra_checks.api import Request, check
from infra_checks.core.report import Report
from infra_checks.reporters import json_format, sarif, text
from infra_checks.template.load import load_template

LOGGING = "s3-bucket-logging-enabled"


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder cdk.out with a stack, a nested stack in it, and a stage with a stack of its own."""
    folder = tmp_path_factory.mktemp("app")
    (folder / ".gitignore").write_text("cdk.out\n", "utf-8")
    out = folder / "cdk.out"
    context = {"aws:cdk:enable-path-metadata": True}
    app = cdk.App(outdir=str(out), analytics_reporting=False, post_cli_context=context)
    stack = cdk.Stack(app, "Shop")
    s3.Bucket(stack, "Receipts")
    sqs.Queue(cdk.NestedStack(stack, "Inner"), "Orders")
    s3.Bucket(cdk.Stack(cdk.Stage(app, "Later"), "Deep"), "Kept")
    app.synth()
    return out


@pytest.fixture(scope="module")
def report(assembly: Path) -> Report:
    return check(Request(paths=(str(assembly),), select=(LOGGING,)))


def test_the_templates_of_all_assemblies_are_judged_and_nothing_else_is_taken_for_one(
    report: Report, assembly: Path
) -> None:
    suffix = "template.json"
    assert report.errors == ()
    assert sorted(Path(name).name for name in report.sources) == sorted(
        path.name for path in assembly.rglob(f"*.{suffix}")
    )
    assert not [file.name for file in report.skipped if file.name.endswith(suffix)]
    assert {"manifest.json", "tree.json"} <= {Path(file.name).name for file in report.skipped}


def test_findings_name_the_construct(report: Report) -> None:
    assert sorted(finding.construct for finding in report.findings) == [
        "Later/Deep/Kept/Resource",
        "Shop/Receipts/Resource",
    ]


def test_the_text_shows_the_construct(report: Report) -> None:
    assert "  construct: Shop/Receipts/Resource\n" in text.render(report)


def test_json_has_the_construct(report: Report) -> None:
    findings = json.loads(json_format.render(report))["findings"]
    assert {finding["construct"] for finding in findings} == {"Later/Deep/Kept/Resource", "Shop/Receipts/Resource"}


def test_sarif_has_the_construct_as_a_logical_location(report: Report) -> None:
    (run,) = json.loads(sarif.render(report))["runs"]
    logical = [result["locations"][0]["logicalLocations"][1] for result in run["results"]]
    assert {"name": "Resource", "fullyQualifiedName": "Shop/Receipts/Resource", "kind": "construct"} in logical


@pytest.mark.parametrize("metadata", ["", "Metadata: {Other: 1}", "Metadata: {'aws:cdk:path': [a]}", "Metadata: x"])
def test_a_resource_that_names_no_construct_has_none(tmp_path: Path, metadata: str) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(f"Resources:\n  Receipts:\n    Type: AWS::S3::Bucket\n    {metadata}\n", "utf-8")
    assert load_template(str(file)).resources["Receipts"].construct == ""
    plain = check(Request(paths=(str(file),), select=(LOGGING,)))
    assert "construct" not in text.render(plain)
    assert json.loads(json_format.render(plain))["findings"][0]["construct"] is None
