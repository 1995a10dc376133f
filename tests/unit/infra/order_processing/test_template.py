"""What the order API's template asks for, in each environment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from confirmation import handler as confirmation
from orders import handler as intake
from orders.validation import CURRENCIES, MOST_ITEMS, MOST_PIECES, InvalidOrderError, order_of

from infra_checks.template.load import load_template
from infra_checks.testing import DeclaredStack, declared_stack
from tests.unit.infra.order_processing.calls import TEMPLATE, order

FOLDER = Path("infra/order_processing")
ENVIRONMENTS = ("development", "testing", "staging", "production")
KEPT = ("AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::Logs::LogGroup", "AWS::SQS::Queue")
FUNCTIONS = ("IntakeFunction", "ConfirmationFunction")
TAGS = {"Project", "Owner", "CostCenter", "Environment", "ManagedBy"}


def stack_of(environment: str, **more: str) -> DeclaredStack:
    """The stack that an environment's parameter file asks for."""
    entries = json.loads((FOLDER / "parameters" / f"{environment}.json").read_text("utf-8"))
    values = {entry["ParameterKey"]: entry["ParameterValue"] for entry in entries}
    return declared_stack(TEMPLATE, {"AWS::Region": "us-west-2", **values, **more})


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def stack(environment: str) -> DeclaredStack:
    return stack_of(environment)


@pytest.fixture(scope="module")
def production() -> DeclaredStack:
    return stack_of("production")


def statements(stack: DeclaredStack, role: str) -> dict[str, dict[str, Any]]:
    """The statements of a role's own policy, by Sid."""
    (policy,) = stack.get(role, "Properties.Policies")
    return {statement["Sid"]: statement for statement in policy["PolicyDocument"]["Statement"]}


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


class TestParameters:
    def test_each_environment_gives_every_parameter_a_value(self, environment: str) -> None:
        entries = json.loads((FOLDER / "parameters" / f"{environment}.json").read_text("utf-8"))
        assert [entry["ParameterKey"] for entry in entries] == list(load_template(TEMPLATE).parameters)

    def test_a_file_is_for_the_environment_that_it_is_named_after(self, environment: str) -> None:
        assert stack_of(environment).parameters["EnvironmentName"] == environment

    def test_environments_have_networks_that_do_not_overlap(self) -> None:
        assert len({stack_of(each).parameters["VpcCidr"] for each in ENVIRONMENTS}) == len(ENVIRONMENTS)


class TestKeeping:
    def test_staging_and_production_keep_their_data_and_others_leave_nothing(
        self, stack: DeclaredStack, environment: str
    ) -> None:
        expected = "Retain" if environment in {"staging", "production"} else "Delete"
        kept = stack.of_type(*KEPT)
        assert {each.deletion_policy for each in kept.values()} == {expected}
        assert {each.update_replace_policy for each in kept.values()} == {expected}

    def test_the_table_is_protected_where_it_is_kept(self, stack: DeclaredStack) -> None:
        protected = stack["OrderTable"].properties["DeletionProtectionEnabled"]
        assert protected is (stack["OrderTable"].deletion_policy == "Retain")

    def test_the_table_can_be_restored_to_any_second_everywhere(self, stack: DeclaredStack) -> None:
        assert stack.get("OrderTable", "Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled") is True

    @pytest.mark.parametrize(
        ("name", "days"), [("development", 7), ("testing", 7), ("staging", 30), ("production", 365)]
    )
    def test_every_log_group_ends_its_lines_after_the_days_of_its_environment(self, name: str, days: int) -> None:
        groups = stack_of(name).of_type("AWS::Logs::LogGroup")
        assert {int(group.properties["RetentionInDays"]) for group in groups.values()} == {days}

    def test_dead_letters_wait_for_the_longest_time_there_is(self, production: DeclaredStack) -> None:
        for queue in ("OrderDeadLetters", "FunctionFailures"):
            assert production[queue].properties["MessageRetentionPeriod"] == 1_209_600


class TestEncrypting:
    @pytest.mark.parametrize(
        ("resource", "path"),
        [
            ("OrderTable", "Properties.SSESpecification.KMSMasterKeyId"),
            ("OrderQueue", "Properties.KmsMasterKeyId"),
            ("OrderDeadLetters", "Properties.KmsMasterKeyId"),
            ("FunctionFailures", "Properties.KmsMasterKeyId"),
            ("ConfirmedOrders", "Properties.KmsMasterKeyId"),
            ("Alarms", "Properties.KmsMasterKeyId"),
            ("IntakeFunction", "Properties.KmsKeyArn"),
            ("ConfirmationFunction", "Properties.KmsKeyArn"),
        ],
    )
    def test_data_is_encrypted_with_the_key_of_data(self, stack: DeclaredStack, resource: str, path: str) -> None:
        assert stack.get(resource, path) == {"Fn::GetAtt": ["DataKey", "Arn"]}

    def test_logs_are_encrypted_with_the_key_of_logs(self, stack: DeclaredStack) -> None:
        groups = stack.of_type("AWS::Logs::LogGroup").values()
        assert [group.properties["KmsKeyId"] for group in groups] == [{"Fn::GetAtt": ["LogKey", "Arn"]}] * len(groups)

    @pytest.mark.parametrize("key", ["DataKey", "LogKey"])
    def test_a_key_is_rotated_and_has_an_alias(self, stack: DeclaredStack, key: str) -> None:
        assert stack[key].properties["EnableKeyRotation"] is True
        assert stack[f"{key}Alias"].properties["TargetKeyId"] == {"Ref": key}

    @pytest.mark.parametrize("key", ["DataKey", "LogKey"])
    def test_nobody_has_every_right_to_a_key(self, stack: DeclaredStack, key: str) -> None:
        for statement in stack.get(key, "Properties.KeyPolicy.Statement"):
            assert not [action for action in listed(statement["Action"]) if "*" in action]

    @pytest.mark.parametrize("key", ["DataKey", "LogKey"])
    def test_using_a_key_has_a_condition_and_administering_it_includes_no_use(
        self, stack: DeclaredStack, key: str
    ) -> None:
        administration, *use = stack.get(key, "Properties.KeyPolicy.Statement")
        assert not {"kms:Decrypt", "kms:Encrypt", "kms:CreateGrant"} & set(administration["Action"])
        assert all(statement["Condition"] for statement in use)


class TestApi:
    def test_a_stage_takes_500_requests_a_second_and_1000_at_once(self, production: DeclaredStack) -> None:
        (settings,) = production.get("Stage", "Properties.MethodSettings")
        assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == ("500", "1000")
        assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")

    def test_bodies_of_orders_are_in_no_log(self, stack: DeclaredStack) -> None:
        (settings,) = stack.get("Stage", "Properties.MethodSettings")
        assert settings["DataTraceEnabled"] is False
        assert "body" not in stack.get("Stage", "Properties.AccessLogSetting.Format").lower()

    def test_an_access_log_line_is_json_with_what_an_inquiry_needs(self, stack: DeclaredStack) -> None:
        line = json.loads(stack.get("Stage", "Properties.AccessLogSetting.Format"))
        assert {"requestId", "ip", "caller", "path", "status", "error", "trace"} <= line.keys()

    def test_the_stage_is_traced(self, stack: DeclaredStack) -> None:
        assert stack["Stage"].properties["TracingEnabled"] is True

    def test_only_tls_1_2_and_newer_is_taken(self, stack: DeclaredStack) -> None:
        assert stack["Api"].properties["SecurityPolicy"] == "SecurityPolicy_TLS13_1_2_2021_06"
        assert stack["Api"].properties["EndpointAccessMode"] == "STRICT"

    def test_every_method_but_the_preflight_asks_who_calls_and_is_validated(self, stack: DeclaredStack) -> None:
        methods = stack.of_type("AWS::ApiGateway::Method").values()
        asking = [each.properties for each in methods if each.properties["HttpMethod"] != "OPTIONS"]
        assert len(asking) == 3
        assert {each["AuthorizationType"] for each in asking} == {"AWS_IAM"}
        assert [each["RequestValidatorId"] for each in asking] == [{"Ref": "Validator"}] * 3

    def test_placing_an_order_needs_an_idempotency_key(self, stack: DeclaredStack) -> None:
        assert stack["PlaceOrder"].properties["RequestParameters"] == {"method.request.header.Idempotency-Key": True}

    def test_every_method_has_a_route_of_the_function(self, stack: DeclaredStack) -> None:
        event: dict[str, object] = {"headers": None, "body": None, "requestContext": {}}
        paths = {"OrdersResource": "/orders", "OrderResource": "/orders/{orderId}"}
        environment = pytest.MonkeyPatch()
        environment.setenv("ALLOWED_ORIGIN", "https://shop.example.com")
        for method in stack.of_type("AWS::ApiGateway::Method").values():
            if method.properties["HttpMethod"] != "OPTIONS":
                route = paths[method.properties["ResourceId"]["Ref"]]
                called = {**event, "httpMethod": method.properties["HttpMethod"], "resource": route}
                assert intake.handle(called, None)["statusCode"] == 400, "the route is known, the request is bad"
        environment.undo()

    def test_scripts_of_the_website_may_call_every_path(self, stack: DeclaredStack) -> None:
        for name in ("OrdersPreflight", "OrderPreflight"):
            (response,) = stack.get(name, "Properties.Integration.IntegrationResponses")
            headers = response["ResponseParameters"]
            origin = f"'{stack.parameters['AllowedOrigin']}'"
            assert headers["method.response.header.Access-Control-Allow-Origin"] == origin
            allowed = headers["method.response.header.Access-Control-Allow-Headers"]
            assert {"Authorization", "Idempotency-Key"} <= set(allowed.strip("'").split(","))

    def test_what_api_gateway_refuses_itself_can_be_read_by_scripts(self, stack: DeclaredStack) -> None:
        responses = stack.of_type("AWS::ApiGateway::GatewayResponse").values()
        assert {each.properties["ResponseType"] for each in responses} == {
            "BAD_REQUEST_BODY",
            "DEFAULT_4XX",
            "DEFAULT_5XX",
        }
        for each in responses:
            assert "gatewayresponse.header.Access-Control-Allow-Origin" in each.properties["ResponseParameters"]

    def test_the_web_acl_stands_before_the_stage_and_logs(self, stack: DeclaredStack) -> None:
        assert stack["WebAclAssociation"].properties["WebACLArn"] == {"Fn::GetAtt": ["WebAcl", "Arn"]}
        assert stack["WebAclLogs"].properties["ResourceArn"] == {"Fn::GetAtt": ["WebAcl", "Arn"]}
        assert [rule["Name"] for rule in stack.get("WebAcl", "Properties.Rules")] == [
            "rate-of-one-address",
            "known-bad-inputs",
            "common",
        ]

    def test_signatures_are_in_no_log_of_the_web_acl(self, stack: DeclaredStack) -> None:
        redacted = stack.get("WebAclLogs", "Properties.RedactedFields")
        assert {"authorization", "x-amz-security-token"} == {field["SingleHeader"]["Name"] for field in redacted}

    def test_the_role_for_logs_is_set_by_one_stack_of_a_region(self) -> None:
        setting = stack_of("production", ManageApiGatewayAccount="true")
        assert "ApiGatewayAccount" in setting
        assert setting.get("Stage", "Properties.Variables.logsBy") == {"Ref": "ApiGatewayAccount"}, (
            "the stage waits for it"
        )
        assert "ApiGatewayAccount" not in stack_of("production", ManageApiGatewayAccount="false")


class TestModel:
    """API Gateway's model refuses nothing that the function takes."""

    @pytest.fixture
    def schema(self, production: DeclaredStack) -> dict[str, Any]:
        found: dict[str, Any] = production.get("OrderModel", "Properties.Schema")
        return found

    def test_it_asks_for_the_fields_that_the_function_asks_for(self, schema: dict[str, Any]) -> None:
        for name in schema["required"]:
            wanting = {key: value for key, value in order().items() if key != name}
            with pytest.raises(InvalidOrderError, match=name):
                order_of(wanting)

    def test_it_has_the_function_s_limits(self, schema: dict[str, Any]) -> None:
        items = schema["properties"]["items"]
        assert items["maxItems"] == MOST_ITEMS
        assert items["items"]["properties"]["quantity"]["maximum"] == MOST_PIECES
        assert {schema["properties"]["currency"]["maxLength"]} == {len(each) for each in CURRENCIES}


class TestFunctions:
    def test_at_most_100_orders_are_taken_at_the_same_time(self, production: DeclaredStack) -> None:
        assert production["IntakeFunction"].properties["ReservedConcurrentExecutions"] == "100"

    def test_the_queue_asks_for_no_more_concurrency_than_the_function_has(self, stack: DeclaredStack) -> None:
        most = stack.get("ConfirmationSource", "Properties.ScalingConfig.MaximumConcurrency")
        assert most <= stack["ConfirmationFunction"].properties["ReservedConcurrentExecutions"]
        assert most >= 2, "AWS takes no less"

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_a_function_is_traced_and_keeps_its_failures(self, stack: DeclaredStack, function: str) -> None:
        assert stack.get(function, "Properties.TracingConfig.Mode") == "Active"
        failures = {"Fn::GetAtt": ["FunctionFailures", "Arn"]}
        assert stack.get(function, "Properties.DeadLetterConfig.TargetArn") == failures

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_a_function_s_log_group_is_there_before_it(self, stack: DeclaredStack, function: str) -> None:
        (group,) = stack[function].depends_on
        name = stack[function].properties["FunctionName"]
        assert stack[group].properties["LogGroupName"] == f"/aws/lambda/{name}"

    @pytest.mark.parametrize(
        ("function", "module"), [("IntakeFunction", intake), ("ConfirmationFunction", confirmation)]
    )
    def test_a_function_s_handler_is_in_the_packaged_folder(
        self, stack: DeclaredStack, function: str, module: object
    ) -> None:
        path, _, name = stack[function].properties["Handler"].rpartition(".")
        assert (FOLDER / "functions" / f"{path.replace('.', '/')}.py").is_file()
        assert callable(getattr(module, name))

    def test_a_message_is_hidden_for_six_times_the_function_s_timeout(self, stack: DeclaredStack) -> None:
        timeout = stack["ConfirmationFunction"].properties["Timeout"]
        assert stack["OrderQueue"].properties["VisibilityTimeout"] >= 6 * timeout

    def test_a_bad_message_does_not_bring_the_others_of_its_batch_back(self, stack: DeclaredStack) -> None:
        assert stack["ConfirmationSource"].properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]

    def test_an_order_that_fails_five_times_is_put_aside(self, stack: DeclaredStack) -> None:
        assert stack["OrderQueue"].properties["RedrivePolicy"] == {
            "deadLetterTargetArn": {"Fn::GetAtt": ["OrderDeadLetters", "Arn"]},
            "maxReceiveCount": 5,
        }


class TestRights:
    @pytest.mark.parametrize("role", ["IntakeRole", "ConfirmationRole"])
    def test_every_resource_is_named_where_aws_has_resources(self, stack: DeclaredStack, role: str) -> None:
        allowed = {sid: each for sid, each in statements(stack, role).items() if each["Effect"] == "Allow"}
        everywhere = {sid for sid, each in allowed.items() if "*" in listed(each["Resource"])}
        assert everywhere == {"Trace", "LambdaFindsTheNetwork"}

    @pytest.mark.parametrize("role", ["IntakeRole", "ConfirmationRole"])
    def test_no_action_is_a_wildcard(self, stack: DeclaredStack, role: str) -> None:
        actions = [action for each in statements(stack, role).values() for action in listed(each["Action"])]
        assert not [action for action in actions if "*" in action]

    def test_the_api_s_function_neither_changes_nor_deletes_orders(self, stack: DeclaredStack) -> None:
        actions = {action for each in statements(stack, "IntakeRole").values() for action in listed(each["Action"])}
        assert {action for action in actions if action.startswith("dynamodb:")} == {
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
        }

    def test_the_queue_s_function_takes_messages_of_one_queue_only(self, stack: DeclaredStack) -> None:
        taking = statements(stack, "ConfirmationRole")["TakeOrdersFromTheQueue"]
        assert taking["Resource"] == {"Fn::GetAtt": ["OrderQueue", "Arn"]}

    @pytest.mark.parametrize("role", ["IntakeRole", "ConfirmationRole"])
    def test_the_code_itself_may_not_touch_the_network(self, stack: DeclaredStack, role: str) -> None:
        found = statements(stack, role)
        denied = set(found["TheCodeItselfDoesNot"]["Action"])
        sids = ("LambdaAttachesTheFunctionToTheNetwork", "LambdaLooksAfterItsInterfaces", "LambdaFindsTheNetwork")
        lambdas = {action for sid in sids for action in listed(found[sid]["Action"])}
        assert denied == lambdas
        assert found["TheCodeItselfDoesNot"]["Effect"] == "Deny"

    @pytest.mark.parametrize("role", ["IntakeRole", "ConfirmationRole"])
    def test_interfaces_are_made_in_the_two_subnets_and_ended_in_the_network_only(
        self, stack: DeclaredStack, role: str
    ) -> None:
        found = statements(stack, role)
        places = json.dumps(found["LambdaAttachesTheFunctionToTheNetwork"]["Resource"])
        assert [name for name in ("SubnetA", "SubnetB", "FunctionSecurityGroup") if f'"{name}"' not in places] == []
        assert "subnet/*" not in places
        assert '"Vpc"' in json.dumps(found["LambdaLooksAfterItsInterfaces"]["Condition"])

    def test_only_this_api_may_invoke_the_function(self, stack: DeclaredStack) -> None:
        permission = stack["ApiMayInvokeIntake"].properties
        assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}
        assert {"Ref": "Api"} in permission["SourceArn"]["Fn::Join"][1]


class TestNetwork:
    def test_there_is_no_way_to_the_internet(self, stack: DeclaredStack) -> None:
        assert not stack.of_type("AWS::EC2::InternetGateway", "AWS::EC2::NatGateway", "AWS::EC2::Route")

    def test_the_functions_are_in_two_zones(self, stack: DeclaredStack) -> None:
        zones = [subnet.properties["AvailabilityZone"] for subnet in stack.of_type("AWS::EC2::Subnet").values()]
        assert len(zones) == 2
        assert zones[0] != zones[1]
        for function in FUNCTIONS:
            assert len(stack.get(function, "Properties.VpcConfig.SubnetIds")) == 2

    def test_each_endpoint_lets_only_the_functions_reach_only_what_is_ours(self, stack: DeclaredStack) -> None:
        roles = [{"Fn::GetAtt": [role, "Arn"]} for role in ("IntakeRole", "ConfirmationRole")]
        for endpoint in stack.of_type("AWS::EC2::VPCEndpoint").values():
            for statement in endpoint.get("Properties.PolicyDocument.Statement"):
                callers = listed(statement["Condition"]["ArnEquals"]["aws:PrincipalArn"])
                assert all(caller in roles for caller in callers)
                assert "*" not in listed(statement["Resource"])

    def test_the_endpoints_let_the_functions_do_what_their_roles_do_there(self, stack: DeclaredStack) -> None:
        let_through = {
            action
            for endpoint in stack.of_type("AWS::EC2::VPCEndpoint").values()
            for statement in endpoint.get("Properties.PolicyDocument.Statement")
            for action in listed(statement["Action"])
        }
        # The queue is read, and a function's own failures are sent, by Lambda and not from the network.
        done = {
            action
            for role in ("IntakeRole", "ConfirmationRole")
            for each in statements(stack, role).values()
            for action in listed(each["Action"])
            if action.startswith(("dynamodb:", "sns:")) or action == "sqs:SendMessage"
        }
        assert done == let_through

    @pytest.mark.parametrize("region", ["us-east-1", "us-west-2"])
    def test_dynamodb_is_reached_by_the_prefix_list_of_the_region(self, region: str) -> None:
        declared = stack_of("production", **{"AWS::Region": region})
        (rule,) = declared.get("FunctionSecurityGroup", "Properties.SecurityGroupEgress")
        assert rule["DestinationPrefixListId"].startswith("pl-")


class TestAlarms:
    WATCHED = (
        ("AWS/Lambda", "Errors"),
        ("AWS/Lambda", "Duration"),
        ("AWS/Lambda", "Throttles"),
        ("AWS/DynamoDB", "ThrottledRequests"),
        ("AWS/DynamoDB", "SystemErrors"),
        ("AWS/ApiGateway", "4XXError"),
        ("AWS/ApiGateway", "5XXError"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
        ("AWS/SQS", "ApproximateAgeOfOldestMessage"),
    )

    @staticmethod
    def metrics(stack: DeclaredStack) -> set[tuple[str, str]]:
        found = set()
        for alarm in stack.of_type("AWS::CloudWatch::Alarm").values():
            single = [alarm.properties] if "MetricName" in alarm.properties else []
            parts = [
                each["MetricStat"]["Metric"] for each in alarm.properties.get("Metrics", []) if "MetricStat" in each
            ]
            found |= {(each["Namespace"], each["MetricName"]) for each in single + parts}
        return found

    @pytest.mark.parametrize("metric", WATCHED)
    def test_what_can_go_wrong_is_watched(self, stack: DeclaredStack, metric: tuple[str, str]) -> None:
        assert metric in self.metrics(stack)

    def test_every_alarm_tells_by_mail_that_it_began_and_ended(self, stack: DeclaredStack) -> None:
        for alarm in stack.of_type("AWS::CloudWatch::Alarm").values():
            assert alarm.properties["AlarmActions"] == alarm.properties["OKActions"] == [{"Ref": "Alarms"}]
        assert stack["AlarmMail"].properties["Protocol"] == "email"

    def test_alarms_have_the_names_by_which_key_and_topic_know_them(self, stack: DeclaredStack) -> None:
        start = f"order-processing-{stack.parameters['EnvironmentSuffix']}-"
        for alarm in stack.of_type("AWS::CloudWatch::Alarm").values():
            assert alarm.properties["AlarmName"].startswith(start)

    def test_both_queues_of_failures_are_watched(self, stack: DeclaredStack) -> None:
        watched = [
            alarm.get("Properties.Dimensions[0].Value.Fn::GetAtt[0]")
            for alarm in stack.of_type("AWS::CloudWatch::Alarm").values()
            if alarm.properties.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        ]
        assert watched == ["OrderDeadLetters", "FunctionFailures"]

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_a_function_s_duration_is_told_before_it_is_ended(self, stack: DeclaredStack, function: str) -> None:
        (alarm,) = (
            each.properties
            for each in stack.of_type("AWS::CloudWatch::Alarm").values()
            if each.properties.get("MetricName") == "Duration"
            and each.get("Properties.Dimensions[0].Value.Ref") == function
        )
        assert alarm["Threshold"] < stack[function].properties["Timeout"] * 1000


class TestNames:
    NAMED = (
        "TableName",
        "QueueName",
        "TopicName",
        "FunctionName",
        "LogGroupName",
        "RoleName",
        "AliasName",
        "AlarmName",
    )

    def test_every_name_has_the_suffix(self) -> None:
        declared = stack_of("testing", EnvironmentSuffix="zz-suffix")
        for each in declared:
            for name in set(self.NAMED) & each.properties.keys():
                value = each.properties[name]
                if not (isinstance(value, dict) or each.type == "AWS::Lambda::EventSourceMapping"):
                    assert "zz-suffix" in value, each.logical_id

    def test_every_export_has_the_suffix(self) -> None:
        declared = stack_of("testing", EnvironmentSuffix="zz-suffix")
        assert len(declared.exports) == len(declared.outputs) == 19
        assert all(name.startswith("order-processing-zz-suffix-") for name in declared.exports)

    def test_everything_that_takes_tags_has_all_of_them(self, stack: DeclaredStack, environment: str) -> None:
        tagged = [each for each in stack if "Tags" in each.properties]
        assert len(tagged) > 30
        for each in tagged:
            tags = {tag["Key"]: tag["Value"] for tag in each.properties["Tags"]}
            assert tags.keys() == TAGS
            assert tags["Environment"] == environment

    def test_four_findings_at_most_are_waived_each_with_an_end(self, stack: DeclaredStack) -> None:
        waived = [waiver for each in stack for waiver in each.metadata.get("infra-checks", {}).get("waivers", [])]
        skipped = [skip for each in stack for skip in each.metadata.get("checkov", {}).get("skip", [])]
        assert sorted(waiver["rule"] for waiver in waived) == [
            "lambda-code-signing-enabled",
            "lambda-code-signing-enabled",
            "vpc-default-security-group-closed",
        ]
        assert [skip["id"] for skip in skipped] == ["CKV_AWS_120"]
        assert all(waiver["expires"] and waiver["owner"] for waiver in waived)
