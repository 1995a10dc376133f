from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra_checks.core.finding import Effect, Finding, Outcome
from infra_checks.core.report import ExitCode
from infra_checks.errors import ParameterError
from infra_checks.live.deployed import deployed
from infra_checks.live.reading import Unread
from infra_checks.live.stacks import LiveResource, LiveStack, Place
from infra_checks.live_checks import LiveRequest, check_live, judge_live, of_templates
from tests.unit.live.wire import STACK_ID

VERSIONS = LiveRequest(select=("s3-bucket-versioning-enabled",))
ENABLED = {"VersioningConfiguration": {"Status": "Enabled"}}
LABEL = "123456789012/eu-west-1/shop"
WAIVER = {"rule": "s3-bucket-versioning-enabled", "reason": "kept elsewhere", "owner": "shop", "expires": "2999-01-01"}


def stack(resources: dict[str, tuple[str, Any]], template: dict[str, Any] | None = None, **more: Any) -> LiveStack:  # noqa: ANN401 - fields
    body = template or {"Resources": {name: {"Type": kind} for name, (kind, _) in resources.items()}}
    said = deployed(body, {})
    made = {
        name: LiveResource(
            logical_id=name,
            type=kind,
            physical_id=f"shop-{name.lower()}",
            stack_id=STACK_ID,
            arn=f"arn:aws:x:::{name}",
            properties=properties,
            declared=said.declared.get(name),
        )
        for name, (kind, properties) in resources.items()
    }
    place = Place("aws", "eu-west-1", "123456789012")
    fields = {"name": "shop", "stack_id": STACK_ID, "place": place, "status": "CREATE_COMPLETE", "resources": made}
    return LiveStack(**{**fields, "templates": {STACK_ID: said}, **more})


def bucket(properties: Any, template: dict[str, Any] | None = None) -> LiveStack:  # noqa: ANN401 - JSON with Unread
    return stack({"Logs": ("AWS::S3::Bucket", properties)}, template)


def only(found: LiveStack, request: LiveRequest = VERSIONS) -> Finding:
    (finding,) = check_live(found, request).findings
    return finding


def test_a_violation_has_arn_and_link_and_no_line() -> None:
    finding = only(bucket({}))
    assert finding.outcome is Outcome.FAIL
    assert finding.arn == "arn:aws:x:::Logs"
    assert finding.console.endswith("/s3/buckets/shop-logs?region=eu-west-1")
    assert finding.template == LABEL
    assert not finding.has_line


def test_what_is_right_has_no_finding() -> None:
    report = check_live(bucket(ENABLED), VERSIONS)
    assert report.findings == ()
    assert report.exit_code() is ExitCode.CLEAN


@pytest.mark.parametrize(
    "properties",
    [
        Unread("AccessDenied: s3:GetBucketVersioning"),
        {"VersioningConfiguration": Unread("AccessDenied: s3:GetBucketVersioning")},
        {"VersioningConfiguration": {"Status": Unread("AccessDenied: s3:GetBucketVersioning")}},
    ],
)
def test_what_could_not_be_read_is_undecided_with_the_call_and_the_error(properties: Any) -> None:  # noqa: ANN401 - see above
    report = check_live(bucket(properties), VERSIONS)
    (finding,) = report.findings
    assert finding.outcome is Outcome.UNDECIDED
    assert "AccessDenied: s3:GetBucketVersioning" in finding.message
    assert report.notices == ("not read: AccessDenied: s3:GetBucketVersioning (Logs)",)
    assert report.exit_code() is ExitCode.CLEAN


def test_what_could_not_be_read_blocks_if_that_is_wanted() -> None:
    report = check_live(bucket(Unread("AccessDenied")), replace(VERSIONS, undecided=Effect.BLOCK))
    assert report.exit_code() is ExitCode.BLOCKED


def test_a_reader_that_failed_ends_with_the_code_of_a_rule_that_failed() -> None:
    found = bucket(Unread("the reader failed"))
    crashed = {"Logs": replace(found["Logs"], crash="the reader of AWS::S3::Bucket failed with KeyError")}
    report = check_live(replace(found, resources=crashed), VERSIONS)
    assert report.exit_code() is ExitCode.RULE_FAILED


def test_a_waiver_of_the_deployed_template_holds_and_names_no_line() -> None:
    metadata = {"infra-checks": {"waivers": [WAIVER]}}
    template = {"Resources": {"Logs": {"Type": "AWS::S3::Bucket", "Metadata": metadata}}}
    finding = only(bucket({}, template))
    assert finding.outcome is Outcome.WAIVED
    assert finding.waiver is not None
    assert finding.waiver.place == LABEL


def test_a_text_of_a_live_value_is_no_comment() -> None:
    finding = only(bucket({"Tags": [{"Key": "a", "Value": "x # infra-checks: ignore # checkov:skip=CKV_AWS_21:no"}]}))
    assert finding.outcome is Outcome.FAIL


def test_with_its_template_a_finding_has_the_line_of_the_value(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(
        "Resources:\n  Logs:\n    Type: AWS::S3::Bucket\n    Properties:\n      VersioningConfiguration:\n"
        "        Status: Suspended\n"
    )
    suspended = bucket({"VersioningConfiguration": {"Status": "Suspended"}})
    finding = only(suspended, replace(VERSIONS, template=str(file)))
    assert (finding.template, finding.span.line) == (str(file), 6)
    assert finding.arn == "arn:aws:x:::Logs"


def test_without_its_template_a_finding_has_the_line_of_the_deployed_one() -> None:
    text = "Resources:\n  Logs:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: shop-logs}\n"
    live = replace(bucket({}), templates={STACK_ID: deployed(text, {})})
    report = check_live(live, VERSIONS)
    assert [(finding.template, finding.span.line) for finding in report.findings] == [(LABEL, 2)]
    assert report.sources[LABEL].text == text


def test_with_its_template_a_missing_value_has_the_line_of_the_resource(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text("Resources:\n  Logs:\n    Type: AWS::S3::Bucket\n")
    assert only(bucket({}), replace(VERSIONS, template=str(file))).span.line == 2


def test_a_resource_that_the_template_does_not_have_has_no_line(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text("Resources:\n  Other:\n    Type: AWS::S3::Bucket\n")
    assert not only(bucket({}), replace(VERSIONS, template=str(file))).has_line


def test_a_secret_is_not_shown() -> None:
    key = "AKIA" + "Q3EGR7ZTPLM5NVWX"
    variables = {"Environment": {"Variables": {"AWS_ACCESS_KEY_ID": key}}}
    report = check_live(stack({"Worker": ("AWS::Lambda::Function", variables)}))
    secrets = [finding for finding in report.findings if finding.secret]
    assert secrets
    assert key not in repr(report)


def test_values_that_were_not_read_for_the_same_reason_are_not_the_same_value() -> None:
    """A queue that sends its dead letters to itself is a violation; one whose target is not known is none."""
    silent = Unread("AccessDenied")
    queue = {"RedrivePolicy": {"deadLetterTargetArn": silent, "maxReceiveCount": 3}, "QueueName": silent}
    found = judge_live(stack({"Jobs": ("AWS::SQS::Queue", queue), "More": ("AWS::SQS::Queue", queue)}))
    assert not [finding for finding in found if finding.outcome is Outcome.FAIL and "dlq" in finding.rule]


def test_a_policy_that_names_a_bucket_by_its_arn_is_the_buckets() -> None:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::shop-logs", "arn:aws:s3:::shop-logs/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    template = {
        "Resources": {
            "Logs": {"Type": "AWS::S3::Bucket"},
            "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Logs"}}},
        }
    }
    live = stack(
        {
            "Logs": ("AWS::S3::Bucket", {"BucketName": "shop-logs"}),
            "Policy": ("AWS::S3::BucketPolicy", {"Bucket": "shop-logs", "PolicyDocument": document}),
        },
        template,
    )
    assert "s3-bucket-ssl-requests-only" not in [finding.rule for finding in judge_live(live)]


QUEUE_FOR_DEAD_LETTERS = {
    "Resources": {
        "Dead": {"Type": "AWS::SQS::Queue"},
        "Worker": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"DeadLetterConfig": {"TargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}}},
        },
    }
}


@pytest.mark.parametrize(
    ("worker", "outcomes"),
    [
        ({"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:eu-west-1:123456789012:dead"}}, []),
        ({}, [Outcome.FAIL]),
        (Unread("AccessDenied: lambda:GetFunction"), [Outcome.UNDECIDED]),
        ({"DeadLetterConfig": Unread("AccessDenied: lambda:GetFunction")}, [Outcome.UNDECIDED]),
    ],
)
def test_a_verdict_that_depends_on_another_resource_that_was_not_read_is_undecided(
    worker: Any,  # noqa: ANN401 - JSON with Unread
    outcomes: list[Outcome],
) -> None:
    dead = ("AWS::SQS::Queue", {"QueueName": "dead"})
    live = stack({"Dead": dead, "Worker": ("AWS::Lambda::Function", worker)}, QUEUE_FOR_DEAD_LETTERS)
    found = check_live(live, LiveRequest(select=("sqs-queue-dlq-check",))).findings
    assert [finding.outcome for finding in found] == outcomes


def test_a_violation_that_only_the_template_shows_is_undecided() -> None:
    """A rule that is silent of what it does not know is not, where the template says what would be wrong."""
    template = {
        "Resources": {
            "Logs": {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": "Suspended"}}}
        }
    }
    finding = only(bucket({"VersioningConfiguration": {"Status": Unread("AccessDenied")}}, template))
    assert finding.outcome is Outcome.UNDECIDED


def test_open_questions_block_where_the_pack_says_so() -> None:
    dead = ("AWS::SQS::Queue", {"QueueName": "dead"})
    live = stack({"Dead": dead, "Worker": ("AWS::Lambda::Function", Unread("x"))}, QUEUE_FOR_DEAD_LETTERS)
    request = LiveRequest(select=("sqs-queue-dlq-check",), undecided=Effect.BLOCK)
    assert check_live(live, request).exit_code() is ExitCode.BLOCKED


def test_what_belongs_to_a_bucket_beside_the_stack_is_judged_with_it() -> None:
    rule = LiveRequest(select=("s3-bucket-ssl-requests-only",))
    live = bucket({"BucketName": "shop-logs"})
    assert only(live, rule).outcome is Outcome.FAIL
    beside = LiveResource(
        logical_id="Logs.BucketPolicy",
        type="AWS::S3::BucketPolicy",
        physical_id="shop-logs",
        stack_id=STACK_ID,
        owner="Logs",
        properties=Unread("AccessDenied: s3:GetBucketPolicy"),
    )
    assert only(replace(live, beside={beside.logical_id: beside}), rule).outcome is Outcome.UNDECIDED
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::shop-logs", "arn:aws:s3:::shop-logs/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"Bucket": "shop-logs", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    found = replace(beside, properties=policy)
    assert check_live(replace(live, beside={found.logical_id: found}), rule).findings == ()


def test_the_stacks_tags_and_parameters_are_given_to_rules() -> None:
    found = stack({"Logs": ("AWS::S3::Bucket", {})}, parameters={"Environment": "development"}, tags={"team": "shop"})
    assert check_live(found, LiveRequest(pack=("production",))).notices == ()


def test_a_stack_in_a_region_that_the_pack_does_not_allow_is_refused(tmp_path: Path) -> None:
    pack = tmp_path / "pack.yaml"
    pack.write_text("name: ours\nextends: [live]\nregions: [us-east-1]\n")
    with pytest.raises(ParameterError, match="AWS::Region cannot be eu-west-1"):
        check_live(bucket(ENABLED), LiveRequest(pack=(str(pack),)))


def test_equal_stacks_give_equal_reports() -> None:
    first, second = (check_live(bucket({"Tags": [{"Key": "a", "Value": "b"}]})) for _ in range(2))
    assert first.findings == second.findings


def test_a_rule_that_asks_who_named_a_resource_judges_templates_only() -> None:
    assert "iam-role-grants-unrelated-resource" in of_templates()
    assert "s3-bucket-has-policy" not in of_templates()  # off by default, and true of what runs
