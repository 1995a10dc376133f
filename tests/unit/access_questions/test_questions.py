"""Each question in both directions: what is allowed fails with a witness, what is surely not passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from infra_checks.access_questions import (
    Certainty,
    Wanted,
    check_access_not_granted,
    check_no_new_access,
    check_no_public_access,
    expand_actions,
    explain_access,
    validate_policy,
)
from infra_checks.access_questions.results import Result
from infra_checks.errors import ConfigError, TemplateError

Write = Callable[..., Path]

ROLE = """
Parameters:
  Environment: {{Type: String, AllowedValues: [development, production]}}
  Data: {{Type: String}}
Conditions:
  IsProduction: !Equals [!Ref Environment, production]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: sts:AssumeRole}}]
      {extra}
      Policies:
        - PolicyName: own
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{statements}]
"""


def policy(*statements: dict[str, object]) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": [*statements]}


def allow(actions: object, resources: object = "*", **others: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **others}


def deny(actions: object, resources: object = "*", **others: object) -> dict[str, object]:
    return allow(actions, resources, **others) | {"Effect": "Deny"}


@pytest.fixture
def role(tmp_path: Path) -> Write:
    """Writes a template with a role and gives the file."""
    made = iter(range(100))

    def write(statements: str, extra: str = "") -> Path:
        file = tmp_path / f"{next(made)}.yaml"
        file.write_text(ROLE.format(statements=statements, extra=extra))
        return file

    return write


READ = "{Effect: Allow, Action: s3:GetObject, Resource: !Sub 'arn:aws:s3:::${Data}/*'}"


class TestNewAccess:
    def test_a_wider_action_is_new_and_the_witness_is_an_action_that_exists(self) -> None:
        result = check_no_new_access(policy(allow("sqs:*")), policy(allow("sqs:SendMessage")))
        (reason,) = result.reasons
        assert result.result == "FAIL"
        assert reason.certainty is Certainty.DEFINITE
        assert reason.witness is not None
        assert reason.witness.action == "sqs:AddPermission"

    def test_a_narrower_policy_allows_nothing_new(self) -> None:
        assert check_no_new_access(policy(allow("sqs:SendMessage")), policy(allow("sqs:*"))).passed

    def test_only_the_entry_that_is_new_is_named(self) -> None:
        new, old = policy(allow(["s3:GetObject", "s3:PutObject"])), policy(allow("s3:GetObject"))
        assert check_no_new_access(new, old).reasons[0].entries == ("s3:PutObject",)

    def test_a_deny_that_is_gone_is_new_access(self) -> None:
        old = policy(allow("s3:*"), deny("s3:DeleteBucket"))
        assert not check_no_new_access(policy(allow("s3:*")), old).passed
        assert check_no_new_access(old, policy(allow("s3:*"))).passed

    def test_a_service_control_policy_that_only_denies_has_full_access_beside_it(self) -> None:
        strict, lax = policy(deny(["s3:*", "ec2:*"])), policy(deny("s3:*"))
        assert not check_no_new_access(lax, strict, policy_type="scp").passed
        assert check_no_new_access(strict, lax, policy_type="scp").passed
        assert not check_no_new_access(
            policy(deny("s3:*", Principal="*")), policy(deny("*", Principal="*")), policy_type="rcp"
        ).passed

    def test_access_in_one_environment_is_new_in_that_environment(self, role: Write) -> None:
        old = role("{Effect: Allow, Action: sqs:SendMessage, Resource: '*'}")
        new = role("{Effect: Allow, Action: !If [IsProduction, 'sqs:*', 'sqs:SendMessage'], Resource: '*'}")
        (reason,) = check_no_new_access(new, old).reasons
        assert reason.when == "Environment is production"
        assert reason.example == {"Environment": "production"}
        assert reason.place.span is not None
        assert check_no_new_access(old, new).passed

    def test_the_same_parameter_is_the_same_value_in_both(self, role: Write) -> None:
        assert check_no_new_access(role(READ), role(READ)).passed

    def test_a_parameter_that_may_be_a_wildcard_is_the_same_in_both(self, role: Write) -> None:
        arn = "!Sub 'arn:${AWS::Partition}:logs:*:${AWS::AccountId}:log-group:/aws/lambda/${Data}*'"
        other = "!Sub 'arn:${AWS::Partition}:logs:*:*:log-group:${Data}:*'"
        both = f"{{Effect: Allow, Action: 'logs:*', Resource: [{arn}, {other}]}}"
        allowed = role(both)
        denied = role(f"{both}, {{Effect: Deny, Action: 'logs:DeleteLogGroup', Resource: {other}}}")
        assert check_no_new_access(allowed, role(both)).passed
        assert check_no_new_access(denied, allowed).passed
        assert not check_no_new_access(allowed, denied).passed

    def test_a_region_that_a_later_condition_asks_for_is_the_same_in_both(self, role: Write) -> None:
        logs = "{Effect: Allow, Action: 'logs:*', Resource: !Sub 'arn:aws:logs:${AWS::Region}:*:*'}"
        condition = "IsHome: !Equals [!Ref 'AWS::Region', us-east-1]"
        later = "{Effect: Allow, Action: !If [IsHome, 'sqs:SendMessage', 'sqs:ReceiveMessage'], Resource: '*'}"
        file = role(f"{logs}, {later}")
        file.write_text(file.read_text().replace("Conditions:", f"Conditions:\n  {condition}"))
        assert check_no_new_access(file, file).passed

    def test_another_bucket_is_possibly_new_and_names_the_parameter(self, role: Write) -> None:
        old = role("{Effect: Allow, Action: s3:GetObject, Resource: 'arn:aws:s3:::logs/*'}")
        (reason,) = check_no_new_access(role(READ), old).reasons
        assert reason.certainty is not Certainty.NO
        assert "Data" in (*reason.symbols, str(reason.witness))

    def test_a_principal_that_is_new_is_wholly_new(self, role: Write, tmp_path: Path) -> None:
        empty = tmp_path / "empty.yaml"
        empty.write_text("Resources: {Topic: {Type: 'AWS::SNS::Topic'}}")
        new = role(READ)
        assert {reason.subject for reason in check_no_new_access(new, empty).reasons} == {
            "Role (AWS::IAM::Role)",
            "who may assume Role",
        }
        assert check_no_new_access(empty, new).passed

    def test_a_policy_of_another_stack_that_both_have_is_not_new(self, role: Write) -> None:
        extra = "ManagedPolicyArns: ['arn:aws:iam::111122223333:policy/Other']"
        assert check_no_new_access(role(READ, extra), role(READ, extra)).passed

    def test_a_policy_of_another_stack_that_is_added_cannot_be_proved(self, role: Write) -> None:
        new = role(READ, "ManagedPolicyArns: ['arn:aws:iam::111122223333:policy/Other']")
        (reason,) = check_no_new_access(new, role(READ)).reasons
        assert reason.certainty is Certainty.UNKNOWN
        assert "policy/Other is not of this stack" in reason.why

    def test_a_deny_that_is_gone_beside_a_policy_that_is_not_read_cannot_be_proved(self, role: Write) -> None:
        extra = "ManagedPolicyArns: ['arn:aws:iam::111122223333:policy/Other']"
        old = role(f"{READ}, {{Effect: Deny, Action: 'iam:*', Resource: '*'}}", extra)
        (reason,) = check_no_new_access(role(READ, extra), old).reasons
        assert reason.certainty is Certainty.UNKNOWN

    def test_a_statement_that_is_not_known_is_not_new_where_both_have_it(self, role: Write) -> None:
        unread = "{Effect: Allow, Action: 's3:*', Resource: '*', Condition: !Ref Data}"
        assert check_no_new_access(role(unread), role(unread)).passed
        assert not check_no_new_access(role(unread), role(READ)).passed

    def test_a_boundary_that_is_gone_is_new_access(self, role: Write) -> None:
        bounded = role(
            "{Effect: Allow, Action: '*', Resource: '*'}",
            "PermissionsBoundary: arn:aws:iam::aws:policy/ReadOnlyAccess",
        )
        free = role("{Effect: Allow, Action: '*', Resource: '*'}")
        assert not check_no_new_access(free, bounded).passed
        assert check_no_new_access(bounded, free).passed

    def test_an_endpoint_policy_that_is_gone_is_new_access_and_one_that_comes_is_not(self, tmp_path: Path) -> None:
        without, limited = tmp_path / "without.yaml", tmp_path / "limited.yaml"
        head = "Resources:\n  Endpoint:\n    Type: AWS::EC2::VPCEndpoint\n    Properties:\n      VpcId: vpc-1\n"
        statement = "{Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: '*'}"
        without.write_text(head)
        limited.write_text(f"{head}      PolicyDocument: {{Statement: [{statement}]}}\n")
        assert not check_no_new_access(without, limited).passed
        assert check_no_new_access(limited, without).passed

    def test_a_bucket_policy_under_another_name_is_not_new(self, tmp_path: Path) -> None:
        one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
        text = """
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  NAME:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {AWS: "111122223333"}, Action: s3:GetObject, Resource: !Sub "${Bucket.Arn}/*"}
"""
        one.write_text(text.replace("NAME", "Policy"))
        other.write_text(text.replace("NAME", "BucketPolicy"))
        assert check_no_new_access(one, other).passed

    def test_a_macro_may_add_anything(self, role: Write, tmp_path: Path) -> None:
        plain = role(READ)
        macro = tmp_path / "macro.yaml"
        macro.write_text("Transform: Own\n" + plain.read_text())
        (reason,) = check_no_new_access(macro, plain).reasons
        assert reason.certainty is Certainty.UNKNOWN
        assert "macro Own" in reason.why

    def test_a_template_and_a_policy_cannot_be_compared(self, role: Write) -> None:
        with pytest.raises(ConfigError, match="compare two of a kind"):
            check_no_new_access(role(READ), policy(allow("s3:*")))


class TestAccessNotGranted:
    def test_an_action_that_is_allowed_on_a_resource_is_found_with_its_statement(self) -> None:
        document = policy(allow("sqs:*"), allow("s3:Get*", "arn:aws:s3:::payroll/*", Sid="Payroll"))
        result = check_access_not_granted(document, actions=["s3:GetObject"], resources=["arn:aws:s3:::payroll/x"])
        (reason,) = result.reasons
        assert reason.statement == ("Payroll", 1)
        assert reason.witness is not None
        assert (reason.witness.action, reason.witness.resource) == ("s3:GetObject", "arn:aws:s3:::payroll/x")

    def test_a_deny_takes_it_away(self) -> None:
        document = policy(allow("s3:*"), deny("s3:GetObject", "arn:aws:s3:::payroll/*"))
        assert check_access_not_granted(document, actions=["s3:GetObject"], resources=["arn:aws:s3:::payroll/*"]).passed
        assert not check_access_not_granted(document, actions=["s3:GetObject"]).passed

    def test_only_resources_asks_for_any_action(self) -> None:
        document = policy(allow("s3:ListBucket", "arn:aws:s3:::payroll"))
        assert not check_access_not_granted(document, resources=["arn:aws:s3:::payroll"]).passed
        assert check_access_not_granted(document, resources=["arn:aws:s3:::other"]).passed

    def test_a_parameter_that_may_be_the_resource_is_possible_and_named(self, role: Write) -> None:
        (reason,) = check_access_not_granted(
            role(READ), actions=["s3:GetObject"], resources=["arn:aws:s3:::payroll/*"]
        ).reasons
        assert reason.certainty is Certainty.POSSIBLE
        assert reason.symbols == ("Data",)
        assert reason.values == {"Data": "payroll"}

    def test_a_parameter_that_is_given_is_no_symbol(self, role: Write) -> None:
        def asked(data: str) -> Result:
            return check_access_not_granted(
                role(READ),
                actions=["s3:GetObject"],
                resources=["arn:aws:s3:::payroll/*"],
                parameters=[f"Data={data}"],
            )

        assert asked("logs").passed
        (reason,) = asked("payroll").reasons
        assert reason.certainty is Certainty.DEFINITE

    def test_a_trust_policy_is_about_its_role_alone(self, role: Write) -> None:
        assert check_access_not_granted(role(READ), resources=["arn:aws:sqs:us-east-1:111122223333:queue"]).passed
        assert not check_access_not_granted(role(READ), actions=["sts:AssumeRole"]).passed

    def test_a_question_without_anything_is_refused(self) -> None:
        with pytest.raises(ConfigError, match="name an action"):
            check_access_not_granted(policy(allow("s3:*")))


class TestPublicAccess:
    def test_everyone_is_public_and_one_account_is_not(self) -> None:
        everyone = policy(allow("s3:GetObject", "arn:aws:s3:::b/*", Principal="*"))
        account = policy(allow("s3:GetObject", "arn:aws:s3:::b/*", Principal={"AWS": "111122223333"}))
        assert not check_no_public_access(everyone, resource_type="AWS::S3::Bucket").passed
        assert check_no_public_access(account, resource_type="AWS::S3::Bucket").passed

    def test_an_identity_that_is_trusted_is_not_public(self) -> None:
        condition = {"StringEquals": {"aws:PrincipalOrgID": "o-0123456789"}}
        assert check_no_public_access(policy(allow("sqs:*", "*", Principal="*", Condition=condition))).passed

    def test_the_type_limits_what_is_judged_of_a_template(self, tmp_path: Path) -> None:
        file = tmp_path / "queue.yaml"
        file.write_text(
            "Resources:\n  Policy:\n    Type: AWS::SQS::QueuePolicy\n    Properties:\n      Queues: [q]\n"
            "      PolicyDocument:\n        Statement: "
            "[{Effect: Allow, Principal: '*', Action: 'sqs:*', Resource: '*'}]\n"
        )
        assert not check_no_public_access(file).passed
        assert not check_no_public_access(file, resource_type="AWS::SQS::QueuePolicy").passed
        assert check_no_public_access(file, resource_type="AWS::S3::Bucket").passed

    def test_an_account_that_is_a_parameter_is_not_everyone(self, tmp_path: Path) -> None:
        file = tmp_path / "queue.yaml"
        principal = "{AWS: !Sub 'arn:aws:iam::${Account}:root'}"
        file.write_text(
            "Parameters: {Account: {Type: String}}\n"
            "Resources:\n  Policy:\n    Type: AWS::SQS::QueuePolicy\n    Properties:\n      Queues: [q]\n"
            "      PolicyDocument:\n        Statement: "
            f"[{{Effect: Allow, Principal: {principal}, Action: 'sqs:*', Resource: '*'}}]\n"
        )
        assert check_no_public_access(file).passed


class TestValidation:
    def test_a_problem_has_the_code_of_access_analyzer_and_a_place(self, tmp_path: Path) -> None:
        file = tmp_path / "policy.json"
        file.write_text(
            '{"Version": "2012-10-17",\n "Statement": [{"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*"}]}'
        )
        codes = {finding.code: finding for finding in validate_policy(file)}
        assert "INVALID_ACTION" in codes
        finding = codes["INVALID_ACTION"]
        assert finding.place.span is not None
        assert finding.place.span.line == 2
        assert finding.offsets is not None
        assert file.read_text()[slice(*finding.offsets)].strip('"') == "s3:GetObjekt"

    def test_a_sound_policy_has_none(self) -> None:
        assert validate_policy(policy(allow("s3:GetObject", "arn:aws:s3:::payroll/*")), "identity") == ()

    def test_a_problem_of_one_scenario_is_told_with_it(self, role: Write) -> None:
        file = role("{Effect: Allow, Action: !If [IsProduction, 's3:GetObjekt', 's3:GetObject'], Resource: '*'}")
        found = [one for one in validate_policy(file) if one.code == "INVALID_ACTION"]
        assert [(one.holder, one.when) for one in found] == [("Role", "Environment is production")]


class TestExpansion:
    def test_a_pattern_names_actions_with_level_and_types(self) -> None:
        (action,) = expand_actions(["s3:getobjectacl"]).actions
        assert (action.name, action.level) == ("s3:GetObjectAcl", "Read")
        assert "object" in action.resources

    def test_what_is_left_and_what_is_named_make_all(self) -> None:
        named, left = expand_actions(["s3:*"]), expand_actions(["s3:*"], negated=True)
        everything = expand_actions(["*"])
        assert len(named.actions) + len(left.actions) == len(everything.actions) > 10_000

    def test_a_pattern_that_names_nothing_is_told_with_what_may_be_meant(self) -> None:
        assert expand_actions(["sns:Publsh"]).unknown == (("sns:Publsh", ("sns:Publish",)),)


class TestExplanation:
    def test_an_allow_decides(self, role: Write) -> None:
        (found,) = explain_access(role(READ), Wanted("s3:GetObject", "arn:aws:s3:::x/y", "Role"), parameters=["Data=x"])
        assert found.decision == "allowed"
        assert [step.effect for step in found.steps] == ["Allow"]

    def test_a_deny_goes_before_an_allow(self, role: Write) -> None:
        file = role(f"{READ}, {{Sid: No, Effect: Deny, Action: 's3:*', Resource: '*'}}")
        (found,) = explain_access(file, Wanted("s3:GetObject", "arn:aws:s3:::x/y", "Role"), parameters=["Data=x"])
        assert found.decision == "explicitly denied"
        assert [step.effect for step in found.steps] == ["Deny", "Allow"]
        assert found.steps[0].words.startswith("statement No")

    def test_a_boundary_that_does_not_allow_denies_implicitly(self, role: Write) -> None:
        file = role(
            "{Effect: Allow, Action: '*', Resource: '*'}", "PermissionsBoundary: arn:aws:iam::aws:policy/ReadOnlyAccess"
        )
        (found,) = explain_access(file, Wanted("s3:DeleteBucket", "arn:aws:s3:::x", "Role"))
        assert (found.decision, found.missing) == ("implicitly denied", "permissions boundary")

    def test_what_depends_on_a_parameter_is_not_decided(self, role: Write) -> None:
        (found,) = explain_access(role(READ), Wanted("s3:GetObject", "arn:aws:s3:::x/y", "Role"))
        assert found.decision == "not decided"
        assert "Data" in found.because

    def test_a_key_of_the_context_decides(self) -> None:
        document = policy(allow("s3:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}}))
        without_key = Wanted(action="s3:GetObject", resource="arn:aws:s3:::x/y")
        (without,) = explain_access(document, without_key)
        (found,) = explain_access(document, replace(without_key, context={"aws:PrincipalTag/team": ("blue",)}))
        assert (without.decision, found.decision) == ("implicitly denied", "allowed")
        assert without.absent == ("aws:principaltag/team",)

    def test_scenarios_are_explained_apart(self, role: Write) -> None:
        file = role("{Effect: Allow, Action: !If [IsProduction, 'sqs:*', 'sqs:SendMessage'], Resource: '*'}")
        found = explain_access(file, Wanted("sqs:DeleteQueue", "arn:aws:sqs:us-east-1:111122223333:q", "Role"))
        assert {one.when: one.decision for one in found} == {
            "Environment is production": "allowed",
            "Environment is development": "implicitly denied",
        }

    def test_a_service_may_assume_the_role_that_trusts_it(self, role: Write) -> None:
        file = role(READ)
        (found,) = explain_access(file, Wanted("sts:AssumeRole", "Role", "lambda.amazonaws.com"))
        (other,) = explain_access(file, Wanted("sts:AssumeRole", "Role", "ec2.amazonaws.com"))
        assert (found.decision, other.decision) == ("allowed", "implicitly denied")

    def test_a_principal_that_is_not_there_is_an_error_that_names_those_that_are(self, role: Write) -> None:
        with pytest.raises(ConfigError, match=r"Rolle is no principal of .*; it has Role"):
            explain_access(role(READ), Wanted("s3:GetObject", "*", "Rolle"))


def test_a_file_that_is_neither_template_nor_policy_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "other.yaml"
    file.write_text("a: b")
    with pytest.raises(TemplateError, match="not a CloudFormation template"):
        check_access_not_granted(file, actions=["s3:*"])
