"""What must hold of serverless resources of any shape."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infra_checks.core.finding import Outcome
from infra_checks.template.load import load_template
from infra_checks.template.nodes import walk
from infra_checks.template.serverless.expansion import expand_serverless
from tests.properties.judging import judged

KINDS = ["Function", "Api", "HttpApi", "SimpleTable", "StateMachine", "LayerVersion", "Application", "GraphQLApi"]
EVENTS = [
    *("Api", "HttpApi", "S3", "SNS", "SQS", "Kinesis", "DynamoDB", "MSK", "MQ", "SelfManagedKafka", "DocumentDB"),
    *("Schedule", "ScheduleV2", "EventBridgeRule", "CloudWatchEvent", "IoTRule", "CloudWatchLogs", "AlexaSkill"),
    *("Cognito", "Unknown"),
]
NAMES = [
    *("Tags", "Role", "Policies", "Tracing", "DeadLetterQueue", "EventInvokeConfig", "FunctionUrlConfig", "CodeUri"),
    *("AutoPublishAlias", "DeploymentPreference", "VpcConfig", "Environment", "InlineCode", "CapacityProviderConfig"),
    *("StageName", "DefinitionBody", "DefinitionUri", "Auth", "Domain", "EndpointConfiguration", "PropagateTags"),
    *("PrimaryKey", "Definition", "Logging", "ContentUri", "Location", "DestinationConfig", "OnFailure", "Type"),
    *("UsagePlan", "CreateUsagePlan", "RestApiId", "Bucket", "Events", "Topic", "SqsSubscription", "Statement"),
    *("SQSPollerPolicy", "QueueName", "UserPool", "Trigger", "Name", "AuthType", "Fn::Transform", "Destination"),
]
TEXTS = st.sampled_from(["", "*", "R0", "R1", "NONE", "SQS", "SNS", "Active", "true", "PER_API", "SHARED", "s3://a/b"])
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-1, 9), TEXTS)
CALLS = st.sampled_from(
    [
        {"Ref": "AWS::NoValue"},
        {"Ref": "R0"},
        {"Ref": "P"},
        {"Ref": ["odd"]},
        {"Fn::GetAtt": ["R1", "Arn"]},
        {"Fn::GetAtt": "R1.Arn"},
        {"Fn::If": ["C", "a", {"Ref": "AWS::NoValue"}]},
        {"Fn::If": ["C", {"Ref": "AWS::NoValue"}, {"Statement": []}]},
        {"Fn::If": ["C"]},
        {"Fn::If": []},
        {"Fn::Sub": "${R0}-x"},
        {"Fn::Transform": {"Name": "Own"}},
    ]
)
ANYTHING = st.recursive(
    LEAVES | CALLS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=8,
)
EVENT = st.one_of(
    ANYTHING,
    st.fixed_dictionaries(
        {"Type": st.sampled_from(EVENTS)},
        optional={"Properties": st.one_of(ANYTHING, st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=4))},
    ),
)
PROPERTIES = st.one_of(
    ANYTHING,
    st.builds(
        lambda given, events: {**given, "Events": events},
        st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=6),
        st.one_of(ANYTHING, st.dictionaries(st.sampled_from(["E", "F"]), EVENT, max_size=2)),
    ),
)


@st.composite
def serverless_templates(draw: st.DrawFn) -> dict[str, Any]:
    resources: dict[str, Any] = {"Plain": {"Type": "AWS::S3::Bucket"}}
    for number in range(draw(st.integers(1, 3))):
        body: dict[str, Any] = {"Type": f"AWS::Serverless::{draw(st.sampled_from(KINDS))}"}
        if draw(st.booleans()):
            body["Condition"] = "C"
        body["Properties"] = draw(PROPERTIES)
        resources[f"R{number}"] = body
    section = draw(st.one_of(ANYTHING, st.dictionaries(st.sampled_from(KINDS), PROPERTIES, max_size=2)))
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {"P": {"Type": "String", "Default": "x"}},
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}},
        "Globals": section,
        "Resources": resources,
    }


@given(serverless_templates())
def test_any_serverless_resource_is_expanded_or_left_alone(template: dict[str, Any]) -> None:
    loaded = load_template("t.yaml", json.dumps(template).encode())
    expanded = expand_serverless(loaded, {})

    assert {each.written.logical_id for each in expanded.resources.values()} >= set(loaded.resources)
    for declaration in expanded.resources.values():
        for _, node in walk(declaration.node):
            assert node.span.line >= 1


@given(serverless_templates())
def test_any_serverless_template_is_judged_and_findings_name_what_is_written(template: dict[str, Any]) -> None:
    found, _ = judged(template)

    named = {*template["Resources"], "", "ServerlessRestApi", "ServerlessHttpApi"}
    for finding in found:
        assert finding.outcome is not Outcome.ERROR, finding.message
        assert finding.resource in named
