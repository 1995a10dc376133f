from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from infra_checks.access.identities import identities, identity_of
from infra_checks.iam.model import PolicyType
from tests.unit.access.conftest import surroundings

if TYPE_CHECKING:
    from infra_checks.access.identities import Identity

DOCUMENT = "PolicyDocument: {Statement: {Sid: %s, Effect: Allow, Action: 's3:*', Resource: '*'}}"


def of(resources: str, name: str = "Subject", parameters: str = "") -> Identity:
    resource = surroundings(
        f"Parameters: {{P: {{Type: String}}{parameters}}}\nResources:\n{indent(resources, '  ')}"
    ).get(name)
    assert resource is not None
    return identity_of(resource)


def sids(identity: Identity) -> list[str]:
    return [str(statement.sid) for policy in identity.policies for statement in policy.statements]


def reasons(identity: Identity) -> list[str]:
    return [unread.reason for policy in identity.policies for unread in policy.unread]


ATTACHED = {
    "inline": ("AWS::IAM::Role", "Policies: [{PolicyName: a, %s}]" % (DOCUMENT % "it"), ""),
    "by Policy": (
        "AWS::IAM::Role", "Path: /",
        f"Other: {{Type: AWS::IAM::Policy, Properties: {{Roles: [!Ref Subject], {DOCUMENT % 'it'}}}}}",
    ),
    "by RolePolicy": (
        "AWS::IAM::Role", "Path: /",
        f"Other: {{Type: AWS::IAM::RolePolicy, Properties: {{RoleName: !Ref Subject, {DOCUMENT % 'it'}}}}}",
    ),
    "by UserPolicy": (
        "AWS::IAM::User", "Path: /",
        f"Other: {{Type: AWS::IAM::UserPolicy, Properties: {{UserName: !Ref Subject, {DOCUMENT % 'it'}}}}}",
    ),
    "by GroupPolicy": (
        "AWS::IAM::Group", "Path: /",
        f"Other: {{Type: AWS::IAM::GroupPolicy, Properties: {{GroupName: !Ref Subject, {DOCUMENT % 'it'}}}}}",
    ),
    "by ManagedPolicy": (
        "AWS::IAM::Role", "Path: /",
        f"Other: {{Type: AWS::IAM::ManagedPolicy, Properties: {{Roles: [!Ref Subject], {DOCUMENT % 'it'}}}}}",
    ),
    "by ARN": (
        "AWS::IAM::Role", "ManagedPolicyArns: [!Ref Other]",
        f"Other: {{Type: AWS::IAM::ManagedPolicy, Properties: {{{DOCUMENT % 'it'}}}}}",
    ),
    "by ARN put together": (
        "AWS::IAM::Role", "ManagedPolicyArns: [!Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/mine']",
        f"Other: {{Type: AWS::IAM::ManagedPolicy, Properties: {{ManagedPolicyName: mine, {DOCUMENT % 'it'}}}}}",
    ),
    "both ways": (
        "AWS::IAM::Role", "ManagedPolicyArns: [!Ref Other]",
        f"Other: {{Type: AWS::IAM::ManagedPolicy, Properties: {{Roles: [!Ref Subject], {DOCUMENT % 'it'}}}}}",
    ),
    "by literal name": (
        "AWS::IAM::Role", "RoleName: mine",
        f"Other: {{Type: AWS::IAM::Policy, Properties: {{Roles: [mine], {DOCUMENT % 'it'}}}}}",
    ),
    "by the parameter that names it": (
        "AWS::IAM::Role", "RoleName: !Ref P",
        f"Other: {{Type: AWS::IAM::Policy, Properties: {{Roles: [!Ref P], {DOCUMENT % 'it'}}}}}",
    ),
    "of a group": (
        "AWS::IAM::User", "Groups: [!Ref Group]",
        f"Group: {{Type: AWS::IAM::Group, Properties: {{Policies: [{{PolicyName: a, {DOCUMENT % 'it'}}}]}}}}",
    ),
    "of a permission set": ("AWS::SSO::PermissionSet", "InlinePolicy: {Statement: {Sid: it}}", ""),
}  # fmt: skip


@pytest.mark.parametrize("way", ATTACHED)
def test_a_policy_that_is_attached_in_any_way_is_read_once(way: str) -> None:
    kind, properties, other = ATTACHED[way]
    identity = of(f"Subject: {{Type: {kind}, Properties: {{{properties}}}}}\n{other}\n")
    assert sids(identity) == ["it"]
    assert reasons(identity) == []


def test_a_user_added_to_a_group_has_its_policies() -> None:
    identity = of(
        "Subject: {Type: AWS::IAM::User}\n"
        f"Group: {{Type: AWS::IAM::Group, Properties: {{Policies: [{{PolicyName: a, {DOCUMENT % 'it'}}}]}}}}\n"
        "Add: {Type: AWS::IAM::UserToGroupAddition, Properties: {GroupName: !Ref Group, Users: [!Ref Subject]}}\n"
    )
    assert sids(identity) == ["it"]


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ("ManagedPolicyArns: [!ImportValue other]", "the attached policy is not known"),
        ("ManagedPolicyArns: !Ref P", "the attached policy is not known"),
        ("ManagedPolicyArns: ['arn:aws:iam::123456789012:policy/x']", "is not of this stack"),
    ],
)
def test_what_is_attached_but_cannot_be_read_is_said(properties: str, reason: str) -> None:
    identity = of(f"Subject: {{Type: AWS::IAM::Role, Properties: {{{properties}}}}}")
    (found,) = reasons(identity)
    assert reason in found


@pytest.mark.parametrize(
    ("name", "entry", "open_question"),
    [
        ("RoleName: mine", "other", False),
        ("RoleName: mine", "!Ref P", True),
        ("RoleName: !Sub 'a-${P}'", "a-x", True),
        ("RoleName: !Sub 'a-${P}'", "b-x", False),
        ("Path: /", "!Ref P", False),
        ("Path: /", "other", False),
    ],
)
def test_a_policy_that_may_name_the_role_is_an_open_question(name: str, entry: str, *, open_question: bool) -> None:
    identity = of(
        f"Subject: {{Type: AWS::IAM::Role, Properties: {{{name}}}}}\n"
        f"Other: {{Type: AWS::IAM::Policy, Properties: {{Roles: [{entry}], {DOCUMENT % 'it'}}}}}\n"
    )
    assert sids(identity) == []
    assert bool(reasons(identity)) is open_question


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::aws:policy/job-function/Billing",
        "!Sub 'arn:${AWS::Partition}:iam::aws:policy/job-function/Billing'",
    ],
)
def test_a_policy_that_aws_manages_is_known_by_name(arn: str) -> None:
    identity = of(f"Subject: {{Type: AWS::IAM::Role, Properties: {{ManagedPolicyArns: [{arn}]}}}}")
    assert [attachment.managed for attachment in identity.attachments] == ["job-function/Billing"]


def test_what_aws_manages_is_read_from_the_catalogue() -> None:
    identity = of(
        "Subject: {Type: AWS::IAM::Role, Properties: {"
        "ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'], "
        "PermissionsBoundary: 'arn:aws:iam::aws:policy/PowerUserAccess'}}"
    )
    (policy,) = identity.policies
    (statement,) = policy.statements
    assert statement.actions is not None
    assert [pattern.text for pattern in statement.actions.listed] == ["*"]
    assert policy.origin is identity.attachments[0]
    assert identity.attachments[0].at(statement.actions.path).path[-2:] == ("ManagedPolicyArns", 0)
    assert identity.boundary is not None
    assert identity.boundary.policy.type is PolicyType.BOUNDARY
    assert identity.boundary.policy.statements


@pytest.mark.parametrize("name", ["NoSuchPolicy", "aws-service-role/AWSSupportServiceRolePolicy"])
def test_a_policy_that_aws_does_not_let_be_attached_is_not_read(name: str) -> None:
    identity = of(
        f"Subject: {{Type: AWS::IAM::Role, Properties: {{ManagedPolicyArns: ['arn:aws:iam::aws:policy/{name}']}}}}"
    )
    assert sids(identity) == []
    assert name in reasons(identity)[0]


def test_a_managed_policy_of_the_stack_can_be_the_boundary() -> None:
    identity = of(
        "Subject: {Type: AWS::IAM::Role, Properties: {PermissionsBoundary: !Ref Other}}\n"
        f"Other: {{Type: AWS::IAM::ManagedPolicy, Properties: {{{DOCUMENT % 'limit'}}}}}\n"
    )
    assert sids(identity) == []
    assert identity.boundary is not None
    assert identity.boundary.policy.type is PolicyType.BOUNDARY
    assert identity.boundary.policy.statements[0].sid == "limit"


def test_a_boundary_that_is_not_known_is_one_of_which_nothing_is_known() -> None:
    identity = of("Subject: {Type: AWS::IAM::Role, Properties: {PermissionsBoundary: !Ref P}}")
    assert identity.boundary is not None
    assert identity.boundary.policy.unread


def test_an_identity_without_a_boundary_has_none() -> None:
    assert of("Subject: {Type: AWS::IAM::Role}").boundary is None


def test_groups_of_other_stacks_are_said_not_to_be_read() -> None:
    assert "group" in reasons(of("Subject: {Type: AWS::IAM::User, Properties: {Groups: [admins]}}"))[0]


def test_a_role_has_a_trust_policy_and_a_user_has_none() -> None:
    role = of("Subject: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Statement: []}}}")
    assert role.trust is not None
    assert of("Subject: {Type: AWS::IAM::User}").trust is None


def test_a_function_of_sam_is_an_identity_unless_it_names_a_role() -> None:
    stack = surroundings(
        """
        Resources:
          Own: {Type: AWS::Serverless::Function, Properties: {Policies: [AmazonS3ReadOnlyAccess, SQSPollerPolicy: {}]}}
          Given: {Type: AWS::Serverless::Function, Properties: {Role: "arn:aws:iam::123456789012:role/x"}}
        """
    )
    (own,) = identities(stack)
    assert own.resource.logical_id == "Own"
    assert "AmazonS3ReadOnlyAccess" in [attachment.managed for attachment in own.attachments]
    assert any("SQSPollerPolicy" in reason for reason in reasons(own))


def test_an_identity_is_gathered_once_in_a_scenario() -> None:
    stack = surroundings("Resources: {Subject: {Type: AWS::IAM::Role}}")
    assert next(identities(stack)) is next(identities(stack))
