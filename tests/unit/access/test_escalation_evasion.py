"""Every known way of privilege escalation is found however it is spelled, and not where something takes it away."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra_checks.access.identities import identity_of
from infra_checks.core.resource import Resource, Surroundings
from infra_checks.evaluate.scenario import Scenario
from infra_checks.evaluate.stack import Pins, Stack
from infra_checks.iam.answers import Certainty
from infra_checks.iam.escalation import Escalation, escalations
from infra_checks.iam.escalation_data import EscalationPath, escalation_paths
from infra_checks.rules.granting import all_of
from infra_checks.template.load import load_template

Document = dict[str, Any]
Resources = dict[str, Any]
PATHS = escalation_paths()
TRUST = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]}


def found(resources: Resources) -> list[Escalation]:
    """The ways that are open to the role of the template."""
    document = {"Parameters": PARAMETERS, "Conditions": CONDITIONS, "Resources": resources}
    template = load_template("t.json", json.dumps(document).encode())
    stack = Surroundings(Stack(template, Pins({})), Scenario(()))
    role = stack.get("Role")
    assert isinstance(role, Resource)
    return [one for one in escalations(all_of(identity_of(role))) if one.certainty is Certainty.DEFINITE]


def is_open(path: EscalationPath, ways: list[Escalation]) -> bool:
    """Whether the way, or one that needs less, is among those found."""
    return any(one.path.actions <= path.actions for one in ways)


def statement(actions: object, resources: object = "*", effect: str = "Allow", **more: object) -> Document:
    return {"Effect": effect, "Action": actions, "Resource": resources, **more}


def role(*statements: Document, **properties: object) -> Resources:
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}
    own = {"AssumeRolePolicyDocument": TRUST, **({"Policies": [policy]} if statements else {}), **properties}
    return {"Role": {"Type": "AWS::IAM::Role", "Properties": own}}


def attached(kind: str, *statements: Document, **properties: object) -> Resources:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return {"Type": kind, "Properties": {"PolicyDocument": document, **properties}}


def wild(action: str) -> str:
    """The action by a wildcard that names it among few others."""
    return f"{action[:-2]}*"


def questioned(action: str) -> str:
    """The action with a letter left open."""
    return f"{action[:-1]}?"


def actions(path: EscalationPath) -> list[str]:
    return sorted(path.actions)


def split_over_policies(path: EscalationPath) -> Resources:
    first, *rest = actions(path)
    resources = role(statement(first))
    ref = {"Ref": "Role"}
    kinds: list[Callable[[Document], Resources]] = [
        lambda one: attached("AWS::IAM::RolePolicy", one, PolicyName="r", RoleName=ref),
        lambda one: attached("AWS::IAM::Policy", one, PolicyName="q", Roles=[ref]),
        lambda one: attached("AWS::IAM::ManagedPolicy", one, Roles=[ref]),
    ]
    for number, action in enumerate(rest):
        resources[f"More{number}"] = kinds[number % 3](statement(action))
    return resources


def by_managed_policy(path: EscalationPath) -> Resources:
    resources = role(ManagedPolicyArns=[{"Ref": "Managed"}])
    return resources | {"Managed": attached("AWS::IAM::ManagedPolicy", statement(actions(path)))}


SPELLINGS: dict[str, Callable[[EscalationPath], Resources]] = {
    "as they are": lambda path: role(statement(actions(path))),
    "a statement for each": lambda path: role(*map(statement, actions(path))),
    "spread over policies": split_over_policies,
    "in a managed policy": by_managed_policy,
    "by wildcards": lambda path: role(statement([wild(each) for each in actions(path)])),
    "by question marks": lambda path: role(statement([questioned(each) for each in actions(path)])),
    "in another case": lambda path: role(statement([each.swapcase() for each in actions(path)])),
    "by what NotAction leaves": lambda _: role({"Effect": "Allow", "NotAction": ["zz:*"], "Resource": "*"}),
    "by what NotResource leaves": lambda path: role(
        {"Effect": "Allow", "Action": actions(path), "NotResource": ["arn:aws:s3:::bucket"]}
    ),
    "with resources that are as good as any": lambda path: role(statement(actions(path), ["arn:*:*:*:*:*", "**"])),
    "with a condition that limits nothing": lambda path: role(
        statement(actions(path), Condition={"StringLike": {"aws:RequestedRegion": "*"}})
    ),
    "by Fn::Sub": lambda path: role(statement([{"Fn::Sub": each} for each in actions(path)])),
    "by Fn::Join": lambda path: role(statement([{"Fn::Join": [":", each.split(":")]} for each in actions(path)])),
    "by Fn::If": lambda path: role(
        statement({"Fn::If": ["Always", actions(path), []]}, {"Fn::If": ["Always", "*", "x"]})
    ),
    "by the default of a parameter": lambda path: role(statement(actions(path), {"Ref": "Wanted"})),
    "with a Deny for something else": lambda path: role(
        statement(actions(path)), statement("*", "arn:aws:s3:::bucket/*", "Deny")
    ),
    "with a Deny under a condition": lambda path: role(
        statement(actions(path)), statement("*", "*", "Deny", Condition={"StringEquals": {"aws:username": "nobody"}})
    ),
}
PARAMETERS = {"Wanted": {"Type": "String", "Default": "*"}}
CONDITIONS = {"Always": {"Fn::Equals": ["a", "a"]}}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.id)
def test_a_way_is_found_however_it_is_written(path: EscalationPath, spelling: str) -> None:
    assert is_open(path, found(SPELLINGS[spelling](path)))


def boundary(*statements: Document) -> Resources:
    return {"Boundary": attached("AWS::IAM::ManagedPolicy", *statements)}


def denied_elsewhere(path: EscalationPath) -> Resources:
    deny = attached("AWS::IAM::Policy", statement("*", "*", "Deny"), PolicyName="d", Roles=[{"Ref": "Role"}])
    return role(statement(actions(path))) | {"Deny": deny}


def one_resource(action: str) -> str:
    return f"arn:aws:{action.partition(':')[0]}:us-east-1:111122223333:one/this"


CLOSED: dict[str, Callable[[EscalationPath], Resources]] = {
    "a Deny": lambda path: role(statement(actions(path)), statement(actions(path), "*", "Deny")),
    "a Deny in another spelling": lambda path: role(
        statement(actions(path)), statement([wild(each).upper() for each in actions(path)], "*", "Deny")
    ),
    "a Deny in another policy": denied_elsewhere,
    "a permissions boundary": lambda path: (
        role(statement(actions(path)), PermissionsBoundary={"Ref": "Boundary"}) | boundary(statement("zz:*"))
    ),
    "one step missing": lambda path: role(statement([*actions(path)[1:], "zz:Nothing"])),
    "named resources": lambda path: role(statement(actions(path), [one_resource(each) for each in path.actions])),
}


@pytest.mark.parametrize("closing", CLOSED)
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.id)
def test_a_way_that_something_closes_is_not_told(path: EscalationPath, closing: str) -> None:
    told = [one.path.id for one in found(CLOSED[closing](path)) if one.path.actions == path.actions]
    assert told == []


def test_a_role_that_may_be_passed_to_another_service_only_is_no_way() -> None:
    condition = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    passing = statement("iam:PassRole", Condition=condition)
    assert found(role(passing, statement("ec2:RunInstances"))) == []
    condition["StringEquals"]["iam:PassedToService"] = "ec2.amazonaws.com"
    assert [one.path.actions for one in found(role(passing, statement("ec2:RunInstances")))] != []


def test_an_attached_policy_that_is_no_administrators_is_no_way() -> None:
    condition = {"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}
    assert found(role(statement("iam:AttachRolePolicy", Condition=condition))) == []


def test_what_needs_a_boundary_on_the_target_is_no_way() -> None:
    condition = {"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/boundary"}}
    assert found(role(statement("iam:PutRolePolicy", Condition=condition))) == []


def test_all_the_sets_of_the_catalogues_are_among_the_ways() -> None:
    assert len({path.actions for path in PATHS}) >= 100
