from __future__ import annotations

import pytest

from infra_checks.iam.catalogue import find_managed_policy, managed_policies, managed_policy
from infra_checks.iam.model import PolicyType
from infra_checks.iam.parse import parse


@pytest.mark.parametrize(
    "name",
    [
        "AdministratorAccess",
        "/AdministratorAccess",
        "arn:aws:iam::aws:policy/AdministratorAccess",
        "arn:aws-cn:iam::aws:policy/AdministratorAccess",
    ],
)
def test_a_document_is_found_by_name_and_by_arn_of_any_partition(name: str) -> None:
    assert managed_policy(name) == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}],
    }


def test_an_arn_needs_the_path() -> None:
    path = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    assert managed_policy(path) == managed_policy("AWSLambdaBasicExecutionRole") is not None
    assert managed_policy("service-role/AWSLambdaBasicExecutionRole") is not None
    assert managed_policy("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole") is None
    assert managed_policy("job-function/AWSLambdaBasicExecutionRole") is None


@pytest.mark.parametrize(
    "name", ["NoSuchPolicy", "", "arn:aws:iam::123456789012:policy/AdministratorAccess", "arn:", "/"]
)
def test_what_aws_does_not_manage_is_none(name: str) -> None:
    assert managed_policy(name) is None
    assert find_managed_policy(name) is None


def test_conditions_and_denies_are_kept() -> None:
    document = managed_policy("PowerUserAccess")
    assert document is not None
    statements = document["Statement"]
    assert isinstance(statements, list)
    assert isinstance(statements[0], dict)
    assert "iam:*" in statements[0]["NotAction"]  # type: ignore[operator]
    resources = statements_of("IAMUserChangePassword")[0]["Resource"]
    assert "arn:aws:iam::*:user/${aws:username}" in resources  # type: ignore[operator]
    assert any("Condition" in one for one in statements_of("AWSLambda_FullAccess"))
    assert any(one["Effect"] == "Deny" for one in statements_of("AWSDenyAll"))


def statements_of(name: str) -> list[dict[str, object]]:
    document = managed_policy(name)
    assert document is not None
    return document["Statement"]  # type: ignore[return-value]


def test_policies_of_service_linked_roles_have_a_name_only() -> None:
    found = find_managed_policy("APIGatewayServiceRolePolicy")
    assert found is not None
    assert not found.attachable
    assert managed_policy(found.name) is None


def test_every_document_is_read_without_a_problem() -> None:
    read = 0
    for known in managed_policies():
        document = managed_policy(known.name)
        if known.attachable:
            assert document is not None
            policy = parse(document, PolicyType.IDENTITY)
            assert policy.statements
            assert not policy.unread
            assert all(one.effect and one.actions and one.resources for one in policy.statements), known.name
            read += 1
    assert read > 1100
    names = [known.name for known in managed_policies()]
    assert len(names) > 1500
    assert names == sorted(set(names))
