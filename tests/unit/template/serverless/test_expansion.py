from __future__ import annotations

from textwrap import dedent, indent
from typing import TYPE_CHECKING, Any

import pytest

from infra_checks.template.load import load_template
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence
from infra_checks.template.serverless.expansion import expand_serverless

if TYPE_CHECKING:
    from infra_checks.template.model import Template


def expanded(resources: str, head: str = "", values: dict[str, str] | None = None) -> Template:
    text = f"Transform: AWS::Serverless-2016-10-31\n{dedent(head)}\nResources:\n{indent(dedent(resources), '  ')}"
    return expand_serverless(load_template("t.yaml", text.encode()), values or {})


def plain(node: Node | None) -> Any:  # noqa: ANN401
    match node:
        case None:
            return None
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key: plain(child) for key, child in node.entries.items()}
        case Call():
            return {node.name: plain(node.argument)}


def types(template: Template) -> dict[str, str]:
    return {name: each.type for name, each in template.resources.items() if not each.is_rest}


def properties(template: Template, name: str) -> Any:  # noqa: ANN401
    return plain(template.resources[name].properties)


FUNCTION = "Fn: {Type: AWS::Serverless::Function, Properties: {%s}}"


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("CodeUri: .", {}),
        ("AutoPublishAlias: live", {"FnAliaslive": "AWS::Lambda::Alias", "FnVersion": "AWS::Lambda::Version"}),
        ("FunctionUrlConfig: {AuthType: AWS_IAM}", {"FnUrl": "AWS::Lambda::Url"}),
        (
            "FunctionUrlConfig: {AuthType: NONE}",
            {
                "FnUrl": "AWS::Lambda::Url",
                "FnUrlPublicPermissions": "AWS::Lambda::Permission",
                "FnURLInvokeAllowPublicAccess": "AWS::Lambda::Permission",
            },
        ),
        (
            "Events: {Q: {Type: SQS, Properties: {Queue: arn}}}",
            {"FnQ": "AWS::Lambda::EventSourceMapping"},
        ),
        (
            "Events: {E: {Type: Schedule, Properties: {Schedule: rate(1 day)}}}",
            {"FnE": "AWS::Events::Rule", "FnEPermission": "AWS::Lambda::Permission"},
        ),
        (
            "Events: {E: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day)}}}",
            {"FnE": "AWS::Scheduler::Schedule", "FnERole": "AWS::IAM::Role"},
        ),
        (
            "Events: {E: {Type: SNS, Properties: {Topic: arn, SqsSubscription: true}}}",
            {
                "FnE": "AWS::SNS::Subscription",
                "FnEQueue": "AWS::SQS::Queue",
                "FnEQueuePolicy": "AWS::SQS::QueuePolicy",
                "FnEEventSourceMapping": "AWS::Lambda::EventSourceMapping",
            },
        ),
        (
            "Events: {E: {Type: Api, Properties: {Path: /, Method: get}}}",
            {
                "FnEPermissionProd": "AWS::Lambda::Permission",
                "ServerlessRestApi": "AWS::ApiGateway::RestApi",
                "ServerlessRestApiDeployment": "AWS::ApiGateway::Deployment",
                "ServerlessRestApiProdStage": "AWS::ApiGateway::Stage",
            },
        ),
        (
            "Events: {E: {Type: HttpApi}}",
            {
                "FnEPermission": "AWS::Lambda::Permission",
                "ServerlessHttpApi": "AWS::ApiGatewayV2::Api",
                "ServerlessHttpApiApiGatewayDefaultStage": "AWS::ApiGatewayV2::Stage",
            },
        ),
    ],
)
def test_a_function_becomes_what_the_guide_lists(given: str, made: dict[str, str]) -> None:
    always = {"Fn": "AWS::Lambda::Function", "FnRole": "AWS::IAM::Role"}

    assert types(expanded(FUNCTION % given)) == always | made


def test_a_function_with_a_role_gets_none() -> None:
    template = expanded(FUNCTION % "Role: arn:aws:iam::123456789012:role/own")

    assert types(template) == {"Fn": "AWS::Lambda::Function"}
    assert properties(template, "Fn")["Role"] == "arn:aws:iam::123456789012:role/own"


def test_a_role_by_a_condition_is_made_where_none_is_given() -> None:
    role = "Role: !If [Own, arn, !Ref AWS::NoValue]"
    template = expanded(FUNCTION % role, "Conditions: {Own: !Equals [a, b]}")

    assert properties(template, "Fn")["Role"] == {"Fn::If": ["Own", "arn", {"Fn::GetAtt": ["FnRole", "Arn"]}]}
    assert plain(template.resources["FnRole"].node.get("Condition")) == "NOTOwn"
    assert plain(template.conditions["NOTOwn"]) == {"Fn::Not": [{"Condition": "Own"}]}


def test_properties_have_the_names_and_forms_of_the_lambda_function() -> None:
    given = "Tracing: Active, Tags: {a: b}, InlineCode: pass, DeadLetterQueue: {Type: SQS, TargetArn: arn}"
    made = properties(expanded(FUNCTION % given), "Fn")

    assert made["TracingConfig"] == {"Mode": "Active"}
    assert made["Tags"] == [{"Key": "lambda:createdBy", "Value": "SAM"}, {"Key": "a", "Value": "b"}]
    assert made["Code"] == {"ZipFile": "pass"}
    assert made["DeadLetterConfig"] == {"TargetArn": "arn"}


def test_tracing_that_is_disabled_is_none() -> None:
    assert "TracingConfig" not in properties(expanded(FUNCTION % "Tracing: Disabled"), "Fn")


def test_a_generated_role_has_what_its_function_needs_and_asks_for() -> None:
    given = "Tracing: Active, VpcConfig: {SubnetIds: [a]}, Policies: [AmazonS3ReadOnlyAccess, {Statement: [{Sid: x}]}]"
    role = properties(expanded(FUNCTION % given), "FnRole")

    names = [arn["Fn::Sub"].rpartition("/")[2] for arn in role["ManagedPolicyArns"]]
    assert names == [
        "AWSLambdaBasicExecutionRole",
        "AWSXrayWriteOnlyAccess",
        "AWSLambdaVPCAccessExecutionRole",
        "AmazonS3ReadOnlyAccess",
    ]
    assert role["Policies"] == [{"PolicyName": "FnRolePolicy1", "PolicyDocument": {"Statement": [{"Sid": "x"}]}}]


def test_a_policy_template_becomes_its_statements() -> None:
    given = "Policies: [SQSPollerPolicy: {QueueName: orders}]"
    (policy,) = properties(expanded(FUNCTION % given), "FnRole")["Policies"]

    (statement,) = policy["PolicyDocument"]["Statement"]
    assert "sqs:ReceiveMessage" in statement["Action"]
    text, values = statement["Resource"][0]["Fn::Sub"]
    assert text == "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${QueueName}"
    assert values == {"QueueName": "orders"}


@pytest.mark.parametrize("given", ["NewPolicy: {Name: x}", "SQSPollerPolicy: {}", "SQSPollerPolicy: text"])
def test_a_policy_that_is_not_known_is_a_value_with_a_reason(given: str) -> None:
    (policy,) = properties(expanded(FUNCTION % f"Policies: [{{{given}}}]"), "FnRole")["Policies"]

    ((_, (reason, _)),) = policy["PolicyDocument"].items()
    assert reason.endswith("is not expanded")


def test_attributes_go_to_all_that_is_generated_and_the_rest_to_the_function_alone() -> None:
    template = expanded(
        """
        Fn:
          Type: AWS::Serverless::Function
          Condition: C
          DeletionPolicy: Retain
          DependsOn: Other
          Metadata: {a: b}
        """,
        "Conditions: {C: !Equals [a, b]}",
    )

    own = template.resources["Fn"].node
    role = template.resources["FnRole"].node
    assert set(own.entries) - {"Type", "Properties"} == {"Condition", "DeletionPolicy", "DependsOn", "Metadata"}
    assert set(role.entries) - {"Type", "Properties"} == {"Condition", "DeletionPolicy"}


def test_values_keep_the_places_where_the_template_has_them() -> None:
    template = expanded(
        """
        Fn:
          Type: AWS::Serverless::Function
          Properties:
            Tracing: Active
        """
    )
    tracing = template.resources["Fn"].properties
    assert isinstance(tracing, Mapping)
    mode = tracing.entries["TracingConfig"]
    assert isinstance(mode, Mapping)

    assert mode.entries["Mode"].span.line == 8
    assert tracing.keys["TracingConfig"].span.line == 8
    assert template.resources["FnRole"].key.text == "Fn"


def test_the_name_of_a_stage_is_in_the_name_of_its_resource_unless_a_function_gives_it() -> None:
    template = expanded(
        """
        One: {Type: AWS::Serverless::Api, Properties: {StageName: prod}}
        Two: {Type: AWS::Serverless::Api, Properties: {StageName: !Ref Stage}}
        """,
        "Parameters: {Stage: {Type: String, Default: prod}}",
        {"Stage": "prod"},
    )

    assert types(template)["OneprodStage"] == types(template)["TwoStage"] == "AWS::ApiGateway::Stage"


def test_an_alias_takes_its_name_from_a_parameter() -> None:
    template = expanded(FUNCTION % "AutoPublishAlias: !Ref Alias", values={"Alias": "live-1"})

    assert "FnAliasliveD1" in template.resources
    assert template.names["Fn.Alias"] == "FnAliasliveD1"


def test_the_stage_that_sam_adds_goes_with_an_openapi_version() -> None:
    template = expanded(
        """
        Old: {Type: AWS::Serverless::Api, Properties: {StageName: prod}}
        New: {Type: AWS::Serverless::Api, Properties: {StageName: prod, OpenApiVersion: 3.0.1}}
        """
    )

    assert properties(template, "OldDeployment")["StageName"] == "Stage"
    assert "StageName" not in properties(template, "NewDeployment")


def test_apis_that_conditional_functions_share_exist_when_one_of_the_functions_does() -> None:
    event = "Properties: {Events: {E: {Type: HttpApi}}}"
    template = expanded(
        f"""
        A: {{Type: AWS::Serverless::Function, Condition: One, {event}}}
        B: {{Type: AWS::Serverless::Function, Condition: Two, {event}}}
        """
    )

    assert template.resources["ServerlessHttpApi"].condition == "ServerlessHttpApiCondition"
    condition = plain(template.conditions["ServerlessHttpApiCondition"])
    assert condition == {"Fn::Or": [{"Condition": "One"}, {"Condition": "Two"}]}


def test_a_bucket_notifies_the_function_that_listens_to_it() -> None:
    template = expanded(
        """
        Fn:
          Type: AWS::Serverless::Function
          Condition: C
          Properties:
            Events: {Up: {Type: S3, Properties: {Bucket: !Ref Bucket, Events: [a, b]}}}
        Bucket:
          Type: AWS::S3::Bucket
          Properties: {NotificationConfiguration: {LambdaConfigurations: [{Event: own}]}}
        """
    )

    own, first, second = properties(template, "Bucket")["NotificationConfiguration"]["LambdaConfigurations"]
    assert own == {"Event": "own"}
    assert [each["Fn::If"][1]["Event"] for each in (first, second)] == ["a", "b"]


def test_a_simple_table_is_a_table_with_a_key() -> None:
    template = expanded("T: {Type: AWS::Serverless::SimpleTable, Properties: {PrimaryKey: {Name: n, Type: Number}}}")

    assert properties(template, "T") == {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "n", "AttributeType": "N"}],
        "KeySchema": [{"AttributeName": "n", "KeyType": "HASH"}],
    }


def test_a_queue_for_failures_is_made_when_none_is_named() -> None:
    config = "EventInvokeConfig: {DestinationConfig: {OnFailure: {Type: SQS}}}"
    template = expanded(FUNCTION % config)

    queue = "FnEventInvokeConfigOnFailureQueue"
    destination = properties(template, "FnEventInvokeConfig")["DestinationConfig"]["OnFailure"]["Destination"]
    assert destination == {"Fn::GetAtt": [queue, "Arn"]}
    assert types(template)[queue] == "AWS::SQS::Queue"


def test_tags_are_handed_on_when_the_template_says_so() -> None:
    config = "Tags: {a: b}, PropagateTags: true, EventInvokeConfig: {DestinationConfig: {OnFailure: {Type: SQS}}}"
    template = expanded(FUNCTION % config)

    assert properties(template, "FnEventInvokeConfigOnFailureQueue")["Tags"] == [{"Key": "a", "Value": "b"}]


def test_what_nothing_is_made_of_is_kept_beside() -> None:
    template = expanded(FUNCTION % "Handler: a.b, Unheard: of, Events: {E: {Type: New, Properties: {a: 1}}}")

    rest = template.resources["Fn (AWS::Serverless::Function)"]
    assert rest.is_rest
    assert plain(rest.properties) == {"Unheard": "of", "Events": {"E": {"Type": "New", "Properties": {"a": 1}}}}


@pytest.mark.parametrize(
    "resource",
    [
        "Type: AWS::Serverless::Connector, Properties: {}",
        "Type: AWS::Serverless::Function, Properties: !Transform {Name: Own}",
        "Type: AWS::Serverless::Function, Properties: {Handler: a, Fn::Transform: {Name: Own}}",
        "Type: AWS::Serverless::Function, Properties: [a]",
    ],
)
def test_what_cannot_be_expanded_stays_as_it_is(resource: str) -> None:
    template = expanded(f"R: {{{resource}}}")

    assert list(template.resources) == ["R"]
    assert template.resources["R"].origin is None


def test_a_resource_of_the_template_keeps_its_name() -> None:
    template = expanded(
        """
        Fn: {Type: AWS::Serverless::Function}
        FnRole: {Type: AWS::IAM::Role}
        """
    )

    assert template.resources["FnRole"].origin is None
