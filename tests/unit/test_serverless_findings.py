"""What a reader of a SAM template sees: the resources, paths and lines of that template."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from infra_checks.api import find_rule
from infra_checks.testing import findings

if TYPE_CHECKING:
    from infra_checks.core.finding import Finding

HEAD = "Transform: AWS::Serverless-2016-10-31\n"


def found(rule: str, resources: str, options: dict[str, tuple[str, ...]] | None = None) -> list[Finding]:
    (chosen,) = find_rule(rule)
    return findings(chosen, HEAD + dedent(resources), options=options)


def test_a_finding_is_of_the_serverless_resource_at_its_own_property() -> None:
    (finding,) = found(
        "lambda-function-xray-enabled",
        """\
        Resources:
          Fn:
            Type: AWS::Serverless::Function
            Properties:
              Tracing: PassThrough
        """,
    )

    assert (finding.resource, finding.type) == ("Fn", "AWS::Serverless::Function")
    assert finding.path_text == "Properties.Tracing"
    assert finding.span.line == 6
    assert finding.provenance == ("Tracing is TracingConfig.Mode of the AWS::Lambda::Function that SAM makes of it",)


def test_a_value_of_globals_is_shown_where_it_stands() -> None:
    (finding,) = found(
        "lambda-function-xray-enabled",
        """\
        Globals:
          Function:
            Tracing: PassThrough
        Resources:
          Fn: {Type: AWS::Serverless::Function}
        """,
    )

    assert finding.span.line == 4
    assert finding.resource == "Fn"


def test_a_finding_on_something_generated_says_what_that_is() -> None:
    (finding,) = found(
        "iam-policy-no-statements-with-admin-access",
        """\
        Resources:
          Fn:
            Type: AWS::Serverless::Function
            Properties:
              Policies:
                - Statement: [{Effect: Allow, Action: '*', Resource: '*'}]
        """,
    )

    assert finding.resource == "Fn"
    assert finding.path_text == "Properties.Policies[0].Statement[0].Action"
    assert finding.span.line == 7
    assert finding.provenance == ("SAM makes the AWS::IAM::Role FnRole of it",)


def test_what_sam_makes_of_a_property_as_a_whole_is_shown_at_that_property() -> None:
    (finding,) = found(
        "sqs-queue-customer-managed-key",
        """\
        Resources:
          Fn:
            Type: AWS::Serverless::Function
            Properties:
              Events:
                Daily:
                  Type: Schedule
                  Properties:
                    Schedule: rate(1 day)
                    DeadLetterConfig: {Type: SQS}
        """,
    )

    assert finding.path_text == "Properties.Events.Daily.Properties.DeadLetterConfig"
    assert finding.span.line == 11


def test_a_property_that_the_serverless_type_lacks_is_said_to_be_one_of_the_other() -> None:
    (finding,) = found(
        "dynamodb-table-deletion-protection-enabled", "Resources: {T: {Type: AWS::Serverless::SimpleTable}}"
    )

    assert finding.provenance == (
        "AWS::Serverless::SimpleTable has no DeletionProtectionEnabled; AWS::DynamoDB::Table has it",
    )


def test_what_is_true_of_several_generated_resources_is_said_once() -> None:
    told = found("required-tags", "Resources: {Fn: {Type: AWS::Serverless::Function}}", {"required": ("Project",)})

    assert [finding.path_text for finding in told] == ["Properties.Tags"]
    assert "`Project: ...`" in told[0].remedy


def test_the_api_that_functions_share_is_shown_at_the_event() -> None:
    told = found(
        "api-gw-xray-enabled",
        """\
        Resources:
          Fn:
            Type: AWS::Serverless::Function
            Properties:
              Events:
                Get: {Type: Api, Properties: {Path: /, Method: get}}
        """,
    )

    assert {(finding.resource, finding.span.line) for finding in told} == {("ServerlessRestApi", 7)}


def test_a_local_path_of_code_is_not_known_and_no_finding() -> None:
    resources = "Resources: {Fn: {Type: AWS::Serverless::Function, Properties: {CodeUri: src/}}}"

    assert found("code-no-secrets", resources) == []


def test_what_is_not_expanded_is_still_read() -> None:
    told = found(
        "account-id-not-hard-coded",
        """\
        Resources:
          Fn:
            Type: AWS::Serverless::Function
            Properties:
              Events: {E: {Type: New, Properties: {Source: 'arn:aws:new:eu-west-1:123456789012:x'}}}
        """,
    )

    assert [finding.path_text for finding in told] == ["Properties.Events.E.Properties.Source"]


def test_what_is_left_over_of_a_resource_is_not_asked_for_tags() -> None:
    properties = "{Tags: {Project: a}, Events: {E: {Type: New}}}"
    resources = f"Resources: {{Fn: {{Type: AWS::Serverless::Function, Properties: {properties}}}}}"

    assert found("required-tags", resources, {"required": ("Project",)}) == []
