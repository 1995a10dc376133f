"""Reading policies of resources: whatever stands there, it is read without an error, and every part has a place."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infra_checks.access.carriers import policies_of
from infra_checks.access.identities import TYPES, identities
from infra_checks.access.relations import relations_of
from infra_checks.access.table import CARRIERS, Form
from infra_checks.access.workloads import ROLES, runs_as
from infra_checks.evaluate.scenario import Scenario, explore
from infra_checks.evaluate.values import Absent, Known, Unknown
from tests.unit.access.conftest import surroundings

_TEXTS = st.sampled_from(
    [
        "*",
        "s3:*",
        "Allow",
        "Deny",
        "arn:aws:s3:::b/*",
        "${aws:username}",
        "2012-10-17",
        "",
        "\0",
        '{"Statement": []}',
        "{",
    ]
)
_CALLS = st.sampled_from(
    [
        {"Ref": "P"}, {"Ref": "L"}, {"Ref": "AWS::NoValue"}, {"Ref": "AWS::AccountId"}, {"Ref": "Other"}, {"Ref": "?"},
        {"Fn::GetAtt": ["Other", "Arn"]}, {"Fn::GetAtt": "Other"}, {"Fn::Sub": "a${P}b${Other.Arn}"}, {"Fn::Sub": 1},
        {"Fn::Sub": '{"Statement": {"Effect": "Allow", "Action": "${P}", "${P}:sub": []}}'}, {"Fn::Nothing": 1},
        {"Fn::If": ["C", {"Ref": "P"}, {"Ref": "AWS::NoValue"}]}, {"Fn::If": ["D", ["a"], {"Sid": "x"}]},
        {"Fn::Split": [",", {"Ref": "P"}]}, {"Fn::ImportValue": "x"}, {"Fn::Transform": {"Name": "M"}},
        "{{resolve:ssm:x}}", {"Fn::Join": ["", ["a", {"Ref": "P"}]]},
    ]
)  # fmt: skip
_SCALARS = st.one_of(
    _TEXTS, _CALLS, st.none(), st.booleans(), st.integers(-5, 5), st.floats(allow_nan=False, allow_infinity=False)
)
_KEYS = st.sampled_from(
    ["Statement", "Effect", "Action", "NotAction", "Resource", "Principal", "AWS", "Service", "Condition", "StringLike",
     "aws:SourceArn", "Version", "PolicyDocument", "PolicyName", "Fn::Transform", "Sid"]
)  # fmt: skip
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=3)),
    max_leaves=12,
)


def template(kind: str, properties: dict[str, Any]) -> str:
    return json.dumps(
        {
            "Parameters": {"P": {"Type": "String"}, "L": {"Type": "CommaDelimitedList"}},
            "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}, "D": {"Fn::Equals": [{"Ref": "P"}, "y"]}},
            "Resources": {
                "Other": {"Type": "AWS::IAM::Role"},
                "Subject": {"Type": kind, "Properties": properties},
            },
        }
    )


@st.composite
def carriers(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(sorted(CARRIERS)))
    properties: dict[str, Any] = {}
    for carrier in CARRIERS[kind]:
        value = draw(_VALUES)
        if carrier.form is Form.PROPERTIES:
            names = ("Action", "Actions", "Principal", "SourceArn", "Condition", "Statement", "FunctionName", "Effect")
            properties |= draw(st.dictionaries(st.sampled_from(names), _VALUES, max_size=5))
            continue
        for step in reversed(carrier.path[1:]):
            value = [value] if step == "*" else {step: value}
        properties[carrier.path[0]] = value
    for name in {name for carrier in CARRIERS[kind] for name in carrier.about or ()}:
        properties[name] = draw(_VALUES)
    return template(kind, properties)


@given(carriers())
def test_every_policy_is_read_and_each_part_of_it_has_a_place(text: str) -> None:
    def read(scenario: Scenario) -> None:
        subject = surroundings(text, scenario=scenario).get("Subject")
        assert subject is not None
        for carried in policies_of(subject):
            assert carried.policy.origin is carried
            assert isinstance(carried.about, tuple)
            paths = [unread.path for unread in carried.policy.unread]
            for statement in carried.policy.statements:
                paths += [statement.path, *(unread.path for unread in statement.unread)]
                paths += [
                    pattern.path for part in (statement.actions, statement.resources) if part for pattern in part.listed
                ]
                paths += [condition.path for condition in statement.conditions]
            for path in paths:
                value = carried.at(path)
                assert isinstance(value, (Known, Unknown, Absent))
                assert value.node is not None

    for _ in explore(read, limit=20):
        pass


@st.composite
def holders(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(sorted({*TYPES, *ROLES})))
    names = ["ManagedPolicyArns", "Policies", "PermissionsBoundary", "Groups", "InlinePolicy", "ManagedPolicies",
             "CustomerManagedPolicyReferences", "Environment", "DeadLetterConfig", "VpcConfig", "FileSystemConfigs",
             "ContainerDefinitions", "RoleName", *(path[0] for path in ROLES.get(kind, ()))]  # fmt: skip
    return template(kind, draw(st.dictionaries(st.sampled_from(names), _VALUES, max_size=5)))


@given(holders())
def test_whatever_is_attached_and_connected_is_told(text: str) -> None:
    def read(scenario: Scenario) -> None:
        stack = surroundings(text, scenario=scenario)
        for identity in identities(stack):
            assert len(identity.policies) == len(identity.attachments)
            for attachment in identity.attachments:
                assert attachment.carried or attachment.managed or attachment.policy.unread[0].reason
        for workload in stack.of_type(*ROLES):
            list(runs_as(workload))
            assert all(relation.value is not None for relation in relations_of(workload))

    for _ in explore(read, limit=20):
        pass
