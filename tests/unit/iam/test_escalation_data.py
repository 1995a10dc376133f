from __future__ import annotations

import pytest

from infra_checks.iam.answers import Certainty
from infra_checks.iam.arns import fits
from infra_checks.iam.catalogue import find_action, managed_policies, managed_policy
from infra_checks.iam.escalation_data import Category, EscalationPath, contexts, escalation_paths, resource_of
from infra_checks.iam.model import PolicyType
from infra_checks.iam.parse import parse
from infra_checks.iam.questions import FRESH_NAME, granted
from infra_checks.iam.text import shown

PATHS = {path.id: path for path in escalation_paths()}


@pytest.mark.parametrize("path", escalation_paths(), ids=lambda path: path.id)
def test_every_step_is_an_action_on_one_of_its_resource_types(path: EscalationPath) -> None:
    for step in path.steps:
        action = find_action(step.action)
        assert action is not None
        assert action.full_name == step.action
        types = {used.name for used in action.resources}
        assert (step.target in types) if types else step.target == ""
        resource = resource_of(step, "x", partition="aws", region="eu-west-1", account="123456789012")
        assert fits(action, "*" if step.target == "" else resource) is Certainty.DEFINITE
        assert bool(step.services) == (step.action == "iam:PassRole")
    assert path.sources
    assert (path.category is Category.NEW) == ("iam:PassRole" in path.actions)


def test_no_two_ways_are_the_same_and_shorter_ones_come_first() -> None:
    paths = escalation_paths()
    assert len({path.actions for path in paths}) == len(PATHS) == len(paths) == 102
    assert [len(path.steps) for path in paths] == sorted(len(path.steps) for path in paths)


def test_every_service_that_takes_a_role_is_one_that_aws_s_own_policies_name() -> None:
    named = set()
    for known in managed_policies():
        document = managed_policy(known.name)
        for condition in conditions(parse(document, PolicyType.IDENTITY)) if document else ():
            named |= condition
    taken = {service for path in PATHS.values() for step in path.steps for service in step.services}
    unconfirmed = {"gamelift.amazonaws.com", "kinesisanalytics.amazonaws.com", "tasks.apprunner.amazonaws.com"}
    unconfirmed |= {"datapipeline.amazonaws.com"}
    assert taken - named <= unconfirmed


def conditions(policy: object) -> list[set[str]]:
    return [
        {shown(value.text) for value in condition.values}
        for statement in policy.statements  # type: ignore[attr-defined]
        for condition in statement.conditions
        if condition.key.lower() == "iam:passedtoservice"
    ]


def complete(path: EscalationPath, document: dict[str, object]) -> bool:
    """Whether the policy surely grants all steps."""
    policy = parse(document, PolicyType.IDENTITY)  # type: ignore[arg-type]
    place = {"partition": "aws", "region": "eu-west-1", "account": "123456789012"}
    return all(
        any(
            granted([policy], [step.action], [resource_of(step, FRESH_NAME, **place)], context=context).certainty
            is Certainty.DEFINITE
            for context in contexts(step, partition="aws")
        )
        for step in path.steps
    )


def allow(*actions: str, resource: str = "*", **condition: object) -> dict[str, object]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource, **condition}
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_every_way_is_complete_for_an_administrator_and_none_for_a_reader() -> None:
    nothing = allow("s3:GetObject")
    for path in escalation_paths():
        assert complete(path, allow("*")), path.id
        assert complete(path, allow(*path.actions)), path.id
        assert not complete(path, nothing), path.id


@pytest.mark.parametrize(
    ("name", "document", "expected"),
    [
        ("attach-role-policy", allow("iam:Attach*"), True),
        ("attach-role-policy", allow("iam:Attach*", resource="arn:aws:iam::123456789012:role/app-*"), False),
        (
            "attach-role-policy",
            allow("iam:Attach*", Condition={"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}),
            False,
        ),
        (
            "lambda-new-function",
            allow("iam:PassRole", "lambda:*", Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}),
            False,
        ),
        ("cloudformation-new-stack-set", allow("iam:PassRole", "cloudformation:*", resource="arn:aws:*:*:*:*"), False),
        ("cloudformation-new-stack-set", allow("iam:PassRole", "cloudformation:*"), True),
    ],
)
def test_a_way_is_complete_only_on_anything_and_with_what_it_needs(
    name: str, document: dict[str, object], expected: bool
) -> None:
    assert complete(PATHS[name], document) is expected
