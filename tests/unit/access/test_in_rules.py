"""A rule that uses this package, through the engine: where its findings stand and when they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.access.identities import identity_of
from infra_checks.core.finding import Family, Outcome, Severity
from infra_checks.core.rule import rule
from infra_checks.iam.model import Effect
from infra_checks.testing import findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict


@rule(
    "AWS::IAM::Role",
    id="test-allows-everything",
    title="A rule of this test",
    family=Family.IAM,
    severity=Severity.LOW,
    remedy="None.",
)
def everything(role: Resource, ctx: Context) -> Iterator[Verdict]:
    """Reports every Allow of `*`."""
    for attachment in identity_of(role).attachments:
        for unread in attachment.policy.unread:
            yield ctx.undecided(attachment.at(unread.path), unread.reason)
        for statement in attachment.policy.statements:
            for action in statement.actions.listed if statement.actions else ():
                if statement.effect is Effect.ALLOW and action.text == "*":
                    yield ctx.violation(attachment.at(action.path), "allows everything")


TEMPLATE = """\
Parameters: {Env: {Type: String}}
Conditions: {Prod: !Equals [!Ref Env, prod]}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: [!ImportValue shared]
  Policy:
    Type: AWS::IAM::Policy
    Properties:
      Roles: [!Ref Role]
      PolicyDocument:
        Statement:
          - Effect: !If [Prod, Deny, Allow]
            Action:
              - s3:*
              - !If [Prod, "s3:Get*", "*"]
            Resource: "*"
"""


def test_a_finding_stands_at_the_entry_of_the_other_resource_and_names_the_scenario() -> None:
    (found,) = [one for one in findings(everything, TEMPLATE) if one.outcome is Outcome.FAIL]
    assert found.resource == "Role"
    assert found.span.line == 17
    assert found.when == "Env is not prod"


def test_an_attachment_that_is_not_known_is_an_open_question_at_its_place() -> None:
    (found,) = [one for one in findings(everything, TEMPLATE) if one.outcome is Outcome.UNDECIDED]
    assert found.span.line == 7
    assert "export shared" in found.message


def test_branches_that_exclude_each_other_are_never_combined() -> None:
    template = TEMPLATE.replace('"s3:Get*", "*"', '"*", "s3:Get*"')
    assert [one for one in findings(everything, template) if one.outcome is Outcome.FAIL] == []
