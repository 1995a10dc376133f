from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra_checks.access.carriers import policies_of
from infra_checks.core.resource import Resource, Surroundings
from infra_checks.evaluate.scenario import Scenario, explore
from infra_checks.evaluate.values import Known, Unknown
from infra_checks.iam.model import Effect, PolicyType
from infra_checks.iam.text import shown
from tests.unit.access.conftest import stack_of

if TYPE_CHECKING:
    from infra_checks.access.carriers import Carried
    from tests.unit.access.conftest import Reader

ROLE = """
Parameters: {Free: {Type: String}}
Resources:
  Subject:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: "*", Action: "sts:AssumeRole"}}
      Policies:
        - PolicyName: one
          PolicyDocument: {Statement: {Effect: Allow, Action: "s3:*", Resource: "*"}}
        - PolicyName: two
          PolicyDocument: {Statement: {Effect: Deny, Action: "s3:*", Resource: "*"}}
"""


def test_a_role_carries_its_inline_policies_and_its_trust_policy(read: Reader) -> None:
    found = list(policies_of(read(ROLE)))
    assert [carried.type for carried in found] == [PolicyType.IDENTITY, PolicyType.IDENTITY, PolicyType.TRUST]
    assert [carried.policy.statements[0].effect for carried in found] == [Effect.ALLOW, Effect.DENY, Effect.ALLOW]
    assert all(carried.policy.origin is carried for carried in found)


def test_only_the_wanted_kinds_are_given(read: Reader) -> None:
    (trust,) = policies_of(read(ROLE), PolicyType.TRUST)
    assert trust.value.path == ("Properties", "AssumeRolePolicyDocument")


def test_a_document_that_no_scenario_changes_is_read_once(read: Reader) -> None:
    role = read(ROLE)
    first, second = (next(policies_of(role)).policy for _ in range(2))
    assert first.statements is second.statements


BRANCHES = """
Parameters: {Env: {Type: String}}
Conditions: {Prod: !Equals [!Ref Env, prod]}
Resources:
  Subject:
    Type: AWS::IAM::Role
    Properties:
      Policies: %s
"""


@pytest.mark.parametrize(
    "policies",
    [
        "!If [Prod, [{PolicyDocument: {Statement: {Sid: a}}}], [{PolicyDocument: {Statement: {Sid: b}}}]]",
        "[{PolicyDocument: !If [Prod, {Statement: {Sid: a}}, {Statement: {Sid: b}}]}]",
        "[{PolicyDocument: {Statement: !If [Prod, {Sid: a}, {Sid: b}]}}]",
        "[{PolicyDocument: {Statement: {Sid: !If [Prod, a, b]}}}]",
        "[{PolicyDocument: {Statement: {Sid: !If [Prod, a, b], Resource: !Ref AWS::Region}}}]",
        '[{PolicyDocument: !If [Prod, \'{"Statement": {"Sid": "a"}}\', \'{"Statement": {"Sid": "b"}}\']}]',
    ],
)
def test_what_is_kept_of_one_scenario_is_not_taken_for_another(policies: str) -> None:
    stack = stack_of(BRANCHES % policies)

    def sid(scenario: Scenario) -> object:
        subject = Surroundings(stack, scenario).get("Subject")
        assert subject is not None
        (carried,) = policies_of(subject)
        return carried.policy.statements[0].sid

    for _ in range(2):
        assert [step[1] for step in explore(sid, limit=9) if step] == ["a", "b"]


def test_policies_that_are_not_known_are_one_policy_of_which_nothing_is_known(read: Reader) -> None:
    subject = read("{Parameters: {P: {Type: String}}, Resources: {Subject: {Type: 'AWS::IAM::Role', Properties: "
                   "{Policies: {Fn::Transform: {Name: Macro}}}}}}")  # fmt: skip
    (carried,) = policies_of(subject)
    assert carried.policy.statements == ()
    assert "Macro" in carried.policy.unread[0].reason


def test_a_resource_without_policies_has_none(read: Reader) -> None:
    assert list(policies_of(read("Resources: {Subject: {Type: 'AWS::IAM::User'}}"))) == []
    assert list(policies_of(read("Resources: {Subject: {Type: 'AWS::EC2::VPC'}}"))) == []


@pytest.mark.parametrize(
    ("target", "expected"),
    [("!Ref Bucket", "Bucket"), ("mine", "Bucket"), ("other", None), ("!ImportValue x", Unknown)],
)
def test_what_a_bucket_policy_is_about_is_told_by_reference_and_by_name(
    read: Reader, target: str, expected: object
) -> None:
    subject = read(
        f"""
        Resources:
          Bucket: {{Type: "AWS::S3::Bucket", Properties: {{BucketName: mine}}}}
          Subject: {{Type: "AWS::S3::BucketPolicy", Properties: {{Bucket: {target}, PolicyDocument: {{}}}}}}
        """
    )
    (carried,) = policies_of(subject)
    (about,) = carried.about
    assert (about.logical_id if isinstance(about, Resource) else about and type(about)) == expected
    assert carried.service == "s3"


def test_a_queue_policy_is_about_every_queue_of_its_list(read: Reader) -> None:
    subject = read(
        """
        Resources:
          A: {Type: "AWS::SQS::Queue"}
          B: {Type: "AWS::SQS::Queue"}
          Subject: {Type: "AWS::SQS::QueuePolicy", Properties: {Queues: [!Ref A, !Ref B], PolicyDocument: {}}}
        """
    )
    (carried,) = policies_of(subject)
    assert [about.logical_id for about in carried.about if isinstance(about, Resource)] == ["A", "B"]


def permission(read: Reader, **properties: str) -> Carried:
    given = {"FunctionName": "!Ref Function"} | properties
    lines = "".join(f"      {name}: {value}\n" for name, value in given.items())
    text = f"""
Parameters: {{Who: {{Type: String}}}}
Resources:
  Function: {{Type: "AWS::Lambda::Function"}}
  Bucket: {{Type: "AWS::S3::Bucket"}}
  Role: {{Type: "AWS::IAM::Role"}}
  Subject:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
{lines}"""
    (carried,) = policies_of(read(text))
    return carried


@pytest.mark.parametrize(
    ("principal", "kind"),
    [
        ("s3.amazonaws.com", "Service"), ("alexa-appkit.amazon.com", "Service"), ("'123456789012'", "AWS"),
        ("'*'", "*"), ("arn:aws:iam::123456789012:root", "AWS"), ("!GetAtt Role.Arn", "AWS"),
        ("!Ref AWS::AccountId", "AWS"), ("!Sub 'events.${AWS::URLSuffix}'", "Service"),
    ],
)  # fmt: skip
def test_the_principal_of_a_permission_is_of_the_kind_that_lambda_makes_of_it(
    read: Reader, principal: str, kind: str
) -> None:
    (statement,) = permission(read, Principal=principal).policy.statements
    assert statement.principals is not None
    assert [one.kind for one in statement.principals.listed] == [kind]


def test_a_principal_that_may_be_of_any_kind_is_left_open(read: Reader) -> None:
    (statement,) = permission(read, Principal="!Ref Who").policy.statements
    assert statement.principals is not None
    assert statement.principals.partial


def test_what_limits_a_permission_becomes_its_condition(read: Reader) -> None:
    carried = permission(
        read,
        Principal="s3.amazonaws.com",
        SourceArn="!GetAtt Bucket.Arn",
        SourceAccount="!Ref AWS::AccountId",
        FunctionUrlAuthType="NONE",
    )
    (statement,) = carried.policy.statements
    conditions = {(one.operator, one.key): shown(one.values[0].text) for one in statement.conditions}
    assert conditions == {
        ("StringLike", "aws:SourceArn"): "arn:${AWS::Partition}:s3:::${Bucket}",
        ("StringEquals", "aws:SourceAccount"): "${AWS::AccountId}",
        ("StringEquals", "lambda:FunctionUrlAuthType"): "NONE",
    }
    value = carried.at(statement.conditions[0].values[0].path)
    assert value.path == ("Properties", "SourceArn")


@pytest.mark.parametrize(
    ("name", "arn"),
    [
        ("!Ref Function", "function:${Function}"), ("!GetAtt Function.Arn", "function:${Function}"),
        ("work", "function:work"), ("!Sub '${Function}:live'", "function:${Function}:live"),
    ],
)  # fmt: skip
def test_the_resource_of_a_permission_is_the_function(read: Reader, name: str, arn: str) -> None:
    (statement,) = permission(read, Principal="'*'", FunctionName=name).policy.statements
    assert statement.resources is not None
    (pattern,) = statement.resources.listed
    assert shown(pattern.text) == "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:" + arn


def test_both_forms_of_an_event_bus_policy_are_read(read: Reader) -> None:
    old = read(
        """
        Resources:
          Subject:
            Type: AWS::Events::EventBusPolicy
            Properties:
              StatementId: a
              Action: events:PutEvents
              Principal: "*"
              Condition: {Type: StringEquals, Key: "aws:PrincipalOrgID", Value: o-1}
        """
    )
    new = read(
        """
        Resources:
          Subject:
            Type: AWS::Events::EventBusPolicy
            Properties:
              StatementId: a
              Statement:
                Effect: Allow
                Action: events:PutEvents
                Principal: "*"
                Condition: {StringEquals: {"aws:PrincipalOrgID": o-1}}
        """
    )
    (first,), (second,) = policies_of(old), policies_of(new)
    for carried in first, second:
        (statement,) = carried.policy.statements
        assert statement.principals is not None
        assert statement.principals.listed[0].kind == "*"
        (condition,) = statement.conditions
        assert (condition.operator, condition.key, condition.values[0].text) == (
            "StringEquals", "aws:PrincipalOrgID", "o-1",
        )  # fmt: skip
    assert first.at(("Statement", 0, "Condition", "StringEquals", "aws:PrincipalOrgID")).path[-1] == "Value"
    assert second.at(("Statement", "Principal")).path == ("Properties", "Statement", "Principal")


@pytest.mark.parametrize(
    ("kind", "types"),
    [
        ("SERVICE_CONTROL_POLICY", [PolicyType.SCP]), ("RESOURCE_CONTROL_POLICY", [PolicyType.RCP]), ("TAG_POLICY", []),
    ],
)  # fmt: skip
def test_a_policy_of_an_organization_is_of_the_kind_it_says(read: Reader, kind: str, types: list[PolicyType]) -> None:
    subject = read(
        f"""
        Resources:
          Subject: {{Type: "AWS::Organizations::Policy", Properties: {{Type: {kind}, Content: '{{"Statement": []}}'}}}}
        """
    )
    assert [carried.type for carried in policies_of(subject)] == types


def test_documents_among_the_policies_of_a_function_of_sam_are_read_and_names_are_not(read: Reader) -> None:
    subject = read(
        """
        Transform: AWS::Serverless-2016-10-31
        Resources:
          Subject:
            Type: AWS::Serverless::Function
            Properties:
              Policies:
                - AmazonS3ReadOnlyAccess
                - SQSPollerPolicy: {QueueName: q}
                - Statement: [{Effect: Allow, Action: "s3:*", Resource: "*"}]
        """
    )
    (carried,) = policies_of(subject)
    assert carried.value.path == ("Properties", "Policies", 2)


def test_a_single_document_of_a_function_of_sam_stands_for_a_list(read: Reader) -> None:
    subject = read(
        """
        Resources:
          Subject: {Type: "AWS::Serverless::Function", Properties: {Policies: {Statement: {Effect: Allow}}}}
        """
    )
    (carried,) = policies_of(subject)
    assert carried.policy.statements[0].effect is Effect.ALLOW


def test_what_sam_adds_to_a_resource_policy_is_not_read(read: Reader) -> None:
    subject = read(
        """
        Resources:
          Subject:
            Type: AWS::Serverless::Api
            Properties:
              Auth:
                ResourcePolicy:
                  CustomStatements: [{Effect: Allow, Principal: "*", Action: "execute-api:Invoke", Resource: "*"}]
                  IpRangeBlacklist: [10.0.0.0/8]
        """
    )
    (carried,) = policies_of(subject)
    assert len(carried.policy.statements) == 1
    assert "IpRangeBlacklist" in carried.policy.unread[0].reason


def test_a_managed_policy_can_be_read_as_a_boundary(read: Reader) -> None:
    subject = read(
        """
        Resources:
          Subject: {Type: "AWS::IAM::ManagedPolicy", Properties: {PolicyDocument: {Statement: {Effect: Allow}}}}
        """
    )
    (carried,) = policies_of(subject)
    assert carried.as_type(PolicyType.BOUNDARY).type is PolicyType.BOUNDARY


def test_a_part_of_a_json_text_is_placed_where_the_text_stands(read: Reader) -> None:
    subject = read(
        """
        Resources:
          Subject:
            Type: AWS::ECR::Repository
            Properties: {RepositoryPolicyText: '{"Statement": {"Effect": "Deny"}}'}
        """
    )
    (carried,) = policies_of(subject)
    value = carried.at(("Statement", "Effect"))
    assert isinstance(value, Known)
    assert value.value == "Deny"
    assert value.node is not None
    assert value.node.span.line == 5


BLOCK = """
Parameters: {P: {Type: String}}
Resources:
  Subject:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryPolicyText: %s
        {
          "Statement": {
            "Effect": "Allow",
            "Action": "${P}"
          }
        }
"""


@pytest.mark.parametrize("block", ["|", "|-", "!Sub |", "!Sub\n        |"])
def test_a_part_of_a_json_block_stands_at_its_line(read: Reader, block: str) -> None:
    (carried,) = policies_of(read(BLOCK % block))
    node = carried.at(("Statement", "Action")).node
    assert node is not None
    assert node.span.line == 11 + block.count("\n")


def test_a_part_of_a_json_text_of_one_line_stands_where_the_text_does(read: Reader) -> None:
    text = (
        'Resources:\n {Subject: {Type: "AWS::ECR::Repository",\n Properties: {RepositoryPolicyText: \'{"Id": "a"}\'}}}'
    )
    (carried,) = policies_of(read(text))
    node = carried.at(("Id",)).node
    assert node is not None
    assert node.span.line == 3
    assert node.span.column > 1
