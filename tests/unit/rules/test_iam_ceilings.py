from __future__ import annotations

import pytest

from infra_checks.core.finding import Finding, Outcome
from infra_checks.rules import catalogue
from infra_checks.testing import findings

RULE = next(rule for rule in catalogue() if rule.id == "iam-identity-within-ceiling")


def found(ceiling: str, action: str) -> list[Finding]:
    policy = {"PolicyDocument": {"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}}}
    template = {"Resources": {"Developer": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [policy]}}}}
    return findings(RULE, template, options={"ceilings": (ceiling,)})


def test_an_action_that_exists_and_is_beyond_the_ceiling_is_named() -> None:
    (finding,) = found("Dev*=s3:Get*, s3:List*, s3:Put*", "s3:*")
    assert "s3:AbortMultipartUpload on *" in finding.message


def test_an_action_is_named_as_aws_spells_it_whatever_its_case() -> None:
    (finding,) = found("Dev*=s3:Get*", "S3:DELETEBUCKET")
    assert "s3:DeleteBucket on *" in finding.message


@pytest.mark.parametrize(
    "ceiling", ["Developer", "Dev*=", "Dev*=NoSuchPolicyOfAWS", "Dev*=arn:aws:iam::aws:policy/None"]
)
def test_a_ceiling_that_cannot_be_read_is_an_error_and_no_pass(ceiling: str) -> None:
    (finding,) = found(ceiling, "s3:GetObject")
    assert finding.outcome is Outcome.ERROR
    assert "ceilings" in finding.message
