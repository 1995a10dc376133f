"""The expansion beside what AWS's own translator makes of the same template."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from infra_checks.template.load import load_template
from infra_checks.template.model import SERVERLESS
from infra_checks.template.serverless.expansion import expand_serverless
from tests.unit.template.serverless.test_expansion import plain

pytest.importorskip("samtranslator", minversion="1.115")
translator = pytest.importorskip("samtranslator.translator.translator")
parser = pytest.importorskip("samtranslator.parser.parser")

TEMPLATE: dict[str, Any] = {
    "Transform": SERVERLESS,
    "Parameters": {"Stage": {"Type": "String", "Default": "prod"}},
    "Conditions": {"C": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
    "Globals": {"Function": {"Runtime": "python3.13", "Tags": {"team": "a"}, "Environment": {"Variables": {"G": "g"}}}},
    "Resources": {
        "Fn": {
            "Type": "AWS::Serverless::Function",
            "Condition": "C",
            "Properties": {
                "Handler": "a.b",
                "CodeUri": "s3://bucket/key",
                "Tracing": "Active",
                "Tags": {"x": "y"},
                "VpcConfig": {"SubnetIds": ["a"], "SecurityGroupIds": ["b"]},
                "DeadLetterQueue": {"Type": "SQS", "TargetArn": {"Fn::GetAtt": ["Queue", "Arn"]}},
                "AutoPublishAlias": "live",
                "FunctionUrlConfig": {"AuthType": "NONE", "Cors": {"AllowOrigins": ["*"]}},
                "EventInvokeConfig": {
                    "MaximumRetryAttempts": 1,
                    "DestinationConfig": {
                        "OnFailure": {"Type": "SQS"},
                        "OnSuccess": {"Type": "SNS", "Destination": {"Ref": "Topic"}},
                    },
                },
                "Policies": [
                    "AWSLambdaExecute",
                    {"Ref": "Managed"},
                    {"Statement": [{"Effect": "Allow", "Action": "a:b", "Resource": "*"}]},
                    {"SQSPollerPolicy": {"QueueName": {"Fn::GetAtt": ["Queue", "QueueName"]}}},
                    {"EFSWriteAccessPolicy": {"FileSystem": "f", "AccessPoint": "p"}},
                ],
                "Events": {
                    "Sqs": {"Type": "SQS", "Properties": {"Queue": {"Fn::GetAtt": ["Queue", "Arn"]}, "Enabled": False}},
                    "Kin": {"Type": "Kinesis", "Properties": {"Stream": "arn:k", "StartingPosition": "LATEST"}},
                    "Sch": {
                        "Type": "Schedule",
                        "Properties": {"Schedule": "rate(1 day)", "Enabled": True, "DeadLetterConfig": {"Type": "SQS"}},
                    },
                    "Sch2": {"Type": "ScheduleV2", "Properties": {"ScheduleExpression": "rate(1 day)"}},
                    "Ev": {"Type": "EventBridgeRule", "Properties": {"Pattern": {"source": ["x"]}}},
                    "Sns": {"Type": "SNS", "Properties": {"Topic": {"Ref": "Topic"}, "SqsSubscription": True}},
                    "Sns2": {"Type": "SNS", "Properties": {"Topic": {"Ref": "Topic"}}},
                    "Alexa": {"Type": "AlexaSkill", "Properties": {"SkillId": "abc"}},
                    "Cog": {"Type": "Cognito", "Properties": {"UserPool": {"Ref": "Pool"}, "Trigger": "PreSignUp"}},
                    "Api": {"Type": "Api", "Properties": {"Path": "/a/{id}", "Method": "get"}},
                    "Http": {"Type": "HttpApi"},
                },
            },
        },
        "MyApi": {
            "Type": "AWS::Serverless::Api",
            "Properties": {"StageName": "v1", "DefinitionUri": "s3://b/k", "TracingEnabled": True, "Tags": {"a": "b"}},
        },
        "MyHttp": {
            "Type": "AWS::Serverless::HttpApi",
            "Properties": {"DefinitionUri": "s3://b/k", "AccessLogSettings": {"DestinationArn": "x"}},
        },
        "Table": {"Type": "AWS::Serverless::SimpleTable", "Properties": {"SSESpecification": {"SSEEnabled": True}}},
        "App": {"Type": "AWS::Serverless::Application", "Properties": {"Location": "https://s3.example/t.yaml"}},
        "Layer": {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "s3://b/k"}},
        "Machine": {
            "Type": "AWS::Serverless::StateMachine",
            "Properties": {
                "DefinitionUri": "s3://b/k",
                "Logging": {"Level": "ALL"},
                "Tracing": {"Enabled": True},
                "Policies": [{"LambdaInvokePolicy": {"FunctionName": {"Ref": "Fn"}}}],
                "Events": {"S": {"Type": "Schedule", "Properties": {"Schedule": "rate(1 day)"}}},
            },
        },
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Pool": {"Type": "AWS::Cognito::UserPool"},
        "Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {}}},
    },
}

IGNORED = {"Body", "DeletionPolicy", "DependsOn", "Description", "Metadata", "PolicyName", "Version"}
"""What differs by design, or says nothing of what is made; the parts of a body are not put together here."""


def base(name: str) -> str:
    return re.sub("[0-9a-f]{10}$", "", name)


def comparable(value: Any) -> Any:  # noqa: ANN401
    """A value without digests, partitions, paths of managed policies, and ways to write the same."""
    if isinstance(value, list):
        listed = sorted((comparable(item) for item in value), key=json.dumps)
        return listed[0] if len(listed) == 1 else listed
    if isinstance(value, str):
        return value.replace("service-role/", "").replace("${AWS::Partition}", "aws").lower()
    if not isinstance(value, dict):
        return value
    if list(value) == ["Fn::Sub"]:
        return substituted(value["Fn::Sub"])
    if list(value) == ["Ref"]:
        return "${AWS::AccountId}" if value["Ref"] == "AWS::AccountId" else f"Ref {base(value['Ref'])}"
    if list(value) == ["Fn::GetAtt"]:
        return f"GetAtt {base(value['Fn::GetAtt'][0])}.{value['Fn::GetAtt'][1]}"
    return {key: comparable(item) for key, item in sorted(value.items()) if key not in IGNORED}


def substituted(argument: Any) -> Any:  # noqa: ANN401
    text, values = argument if isinstance(argument, list) else (argument, {})
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", str(comparable(value)))
    return comparable(text)


def translated() -> dict[str, Any]:
    document = json.loads(json.dumps(TEMPLATE))
    session = pytest.importorskip("boto3").Session(region_name="us-east-1")
    made = translator.Translator({}, parser.Parser(), boto_session=session)
    resources = made.translate(sam_template=document, parameter_values={"Stage": "prod"})["Resources"]
    return {base(name): resource for name, resource in resources.items()}


@pytest.mark.filterwarnings("ignore")
def test_what_is_generated_is_what_the_translator_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    loaded = load_template("t.json", json.dumps(TEMPLATE).encode())
    expanded = expand_serverless(loaded, {"Stage": "prod"})
    ours = {name: plain(each.node) for name, each in expanded.resources.items() if not each.is_rest}
    theirs = translated()

    assert {name: each["Type"] for name, each in ours.items()} == {name: each["Type"] for name, each in theirs.items()}
    # SAM writes the tags of an HTTP API into its definition.
    del ours["ServerlessHttpApi"]["Properties"]["Tags"]
    for name, resource in ours.items():
        assert comparable(resource) == comparable(theirs[name]), name
