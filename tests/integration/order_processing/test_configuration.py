"""What the deployed order API is like: how its parts are set up, and how they belong together."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.systems.system import System

QUEUES = ("OrderQueue", "OrderDeadLetters", "FunctionFailures")
FUNCTIONS = ("IntakeFunction", "ConfirmationFunction")


def queue_attributes(system: System, logical_id: str) -> dict[str, str]:
    found = system.client("sqs").get_queue_attributes(QueueUrl=system.id(logical_id), AttributeNames=["All"])
    attributes: dict[str, str] = found["Attributes"]
    return attributes


def function(system: System, logical_id: str) -> dict[str, Any]:
    found: dict[str, Any] = system.client("lambda").get_function(FunctionName=system.id(logical_id))
    return found


def stage(system: System) -> dict[str, Any]:
    found: dict[str, Any] = system.client("apigateway").get_stage(
        restApiId=system.outputs["ApiId"], stageName=system.outputs["StageName"]
    )
    return found


class TestData:
    def test_the_table_is_encrypted_with_the_stack_s_key_and_can_be_restored(self, system: System) -> None:
        client, name = system.client("dynamodb"), system.outputs["OrderTableName"]
        table = client.describe_table(TableName=name)["Table"]
        assert table["SSEDescription"]["KMSMasterKeyArn"] == system.outputs["DataKeyArn"]
        assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
        assert table["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
        backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
        ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        assert (ttl["AttributeName"], ttl["TimeToLiveStatus"]) == ("expiresAt", "ENABLED")

    def test_the_table_of_an_environment_that_keeps_data_cannot_be_deleted(self, system: System) -> None:
        table = system.client("dynamodb").describe_table(TableName=system.outputs["OrderTableName"])["Table"]
        keeps = system.parameters["EnvironmentName"] in {"staging", "production"}
        assert table["DeletionProtectionEnabled"] is keeps

    def test_orders_are_found_by_customer(self, system: System) -> None:
        table = system.client("dynamodb").describe_table(TableName=system.outputs["OrderTableName"])["Table"]
        (index,) = table["GlobalSecondaryIndexes"]
        assert [each["AttributeName"] for each in index["KeySchema"]] == ["customerId", "placedAt"]

    @pytest.mark.parametrize("logical_id", QUEUES)
    def test_a_queue_is_encrypted_and_reached_by_tls_only(self, system: System, logical_id: str) -> None:
        attributes = queue_attributes(system, logical_id)
        assert attributes["KmsMasterKeyId"] == system.outputs["DataKeyArn"]
        (statement,) = json.loads(attributes["Policy"])["Statement"]
        assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})

    def test_an_order_fails_five_times_before_it_waits_for_somebody(self, system: System) -> None:
        redrive = json.loads(queue_attributes(system, "OrderQueue")["RedrivePolicy"])
        letters = queue_attributes(system, "OrderDeadLetters")
        assert redrive == {"deadLetterTargetArn": letters["QueueArn"], "maxReceiveCount": 5}
        assert letters["MessageRetentionPeriod"] == "1209600"

    def test_a_message_is_hidden_for_longer_than_its_function_may_run(self, system: System) -> None:
        hidden = int(queue_attributes(system, "OrderQueue")["VisibilityTimeout"])
        configuration = function(system, "ConfirmationFunction")["Configuration"]
        assert hidden >= 6 * configuration["Timeout"]

    @pytest.mark.parametrize("topic", ["ConfirmedOrdersArn", "AlarmsArn"])
    def test_a_topic_is_encrypted(self, system: System, topic: str) -> None:
        found = system.client("sns").get_topic_attributes(TopicArn=system.outputs[topic])["Attributes"]
        assert found["KmsMasterKeyId"] == system.outputs["DataKeyArn"]

    @pytest.mark.parametrize("key", ["DataKeyArn", "LogKeyArn"])
    def test_a_key_is_the_customer_s_and_rotates(self, system: System, key: str) -> None:
        kms = system.client("kms")
        assert kms.describe_key(KeyId=system.outputs[key])["KeyMetadata"]["KeyManager"] == "CUSTOMER"
        assert kms.get_key_rotation_status(KeyId=system.outputs[key])["KeyRotationEnabled"] is True
        assert kms.list_aliases(KeyId=system.outputs[key])["Aliases"]

    def test_every_log_group_is_encrypted_and_ends(self, system: System) -> None:
        own = set(system.ids("AWS::Logs::LogGroup"))
        groups = [
            each for each in system.all("logs", "describe_log_groups", "logGroups") if each["logGroupName"] in own
        ]
        assert len(groups) == len(own) == 6
        assert {group["kmsKeyId"] for group in groups} == {system.outputs["LogKeyArn"]}
        assert all(group["retentionInDays"] for group in groups)


class TestFunctions:
    @pytest.mark.parametrize("logical_id", FUNCTIONS)
    def test_a_function_is_traced_encrypted_and_loses_no_event(self, system: System, logical_id: str) -> None:
        configuration = function(system, logical_id)["Configuration"]
        assert configuration["TracingConfig"]["Mode"] == "Active"
        assert configuration["KMSKeyArn"] == system.outputs["DataKeyArn"]
        failures = queue_attributes(system, "FunctionFailures")["QueueArn"]
        assert configuration["DeadLetterConfig"]["TargetArn"] == failures

    def test_the_concurrency_is_what_was_asked_for(self, system: System) -> None:
        found = function(system, "IntakeFunction")["Concurrency"]["ReservedConcurrentExecutions"]
        assert found == int(system.parameters["ReservedConcurrency"])

    def test_the_functions_know_the_table_the_queue_and_the_topic_of_this_stack(self, system: System) -> None:
        intake, confirmation = (
            function(system, logical_id)["Configuration"]["Environment"]["Variables"] for logical_id in FUNCTIONS
        )
        assert intake["TABLE_NAME"] == confirmation["TABLE_NAME"] == system.outputs["OrderTableName"]
        assert intake["QUEUE_URL"] == system.outputs["OrderQueueUrl"]
        assert confirmation["TOPIC_ARN"] == system.outputs["ConfirmedOrdersArn"]

    def test_the_queue_feeds_the_confirmation_and_takes_back_only_what_failed(self, system: System) -> None:
        found = system.client("lambda").list_event_source_mappings(
            FunctionName=system.outputs["ConfirmationFunctionName"]
        )
        (mapping,) = found["EventSourceMappings"]
        assert mapping["EventSourceArn"] == system.outputs["OrderQueueArn"]
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]

    def test_only_this_api_may_invoke_the_intake_and_only_for_orders(self, system: System) -> None:
        found = system.client("lambda").get_policy(FunctionName=system.outputs["IntakeFunctionName"])
        (statement,) = json.loads(found["Policy"])["Statement"]
        assert statement["Principal"] == {"Service": "apigateway.amazonaws.com"}
        source = statement["Condition"]["ArnLike"]["AWS:SourceArn"]
        assert source.endswith(f":{system.outputs['ApiId']}/v1/*/orders*")

    def test_a_role_writes_to_this_stack_s_table_and_no_other(self, system: System) -> None:
        policy = system.client("iam").get_role_policy(RoleName=system.id("IntakeRole"), PolicyName="take-orders")
        statements = {each["Sid"]: each for each in policy["PolicyDocument"]["Statement"]}
        assert statements["KeepAndShowOrders"]["Resource"] == system.outputs["OrderTableArn"]
        assert sorted(statements["KeepAndShowOrders"]["Action"]) == ["dynamodb:GetItem", "dynamodb:PutItem"]

    def test_the_functions_have_no_way_out_to_the_internet(self, system: System) -> None:
        ec2 = system.client("ec2")
        (table,) = ec2.describe_route_tables(RouteTableIds=[system.id("Routes")])["RouteTables"]
        targets = {route.get("GatewayId", "other") for route in table["Routes"]}
        assert targets <= {"local", system.id("TableEndpoint")}
        subnets = {each["SubnetId"] for each in table["Associations"] if "SubnetId" in each}
        for logical_id in FUNCTIONS:
            network = function(system, logical_id)["Configuration"]["VpcConfig"]
            assert set(network["SubnetIds"]) == subnets
        (group,) = ec2.describe_security_groups(GroupIds=[system.id("FunctionSecurityGroup")])["SecurityGroups"]
        assert not [each for rule in group["IpPermissionsEgress"] for each in rule["IpRanges"]]

    def test_the_network_s_traffic_is_logged(self, system: System) -> None:
        (log,) = system.client("ec2").describe_flow_logs(FlowLogIds=[system.id("FlowLog")])["FlowLogs"]
        assert (log["ResourceId"], log["TrafficType"]) == (system.id("Vpc"), "ALL")
        assert log["LogGroupName"] == system.id("FlowLogGroup")


class TestApi:
    def test_the_stage_is_throttled_as_asked_for(self, system: System) -> None:
        (settings,) = stage(system)["methodSettings"].values()
        assert settings["throttlingRateLimit"] == float(system.parameters["ThrottlingRateLimit"])
        assert settings["throttlingBurstLimit"] == int(system.parameters["ThrottlingBurstLimit"])

    def test_each_call_is_traced_and_logged_with_fields(self, system: System) -> None:
        found = stage(system)
        assert found["tracingEnabled"] is True
        settings = found["accessLogSettings"]
        assert f":log-group:{system.id('AccessLogGroup')}" in settings["destinationArn"]
        assert {"requestId", "status", "caller", "error"} <= json.loads(settings["format"]).keys()

    def test_callers_are_known_and_bodies_are_looked_at_before_the_function(self, system: System) -> None:
        client, api = system.client("apigateway"), system.outputs["ApiId"]
        paths = {each["path"]: each["id"] for each in client.get_resources(restApiId=api, limit=500)["items"]}
        method = client.get_method(restApiId=api, resourceId=paths["/orders"], httpMethod="POST")
        assert method["authorizationType"] == "AWS_IAM"
        validator = client.get_request_validator(restApiId=api, requestValidatorId=method["requestValidatorId"])
        assert (validator["validateRequestBody"], validator["validateRequestParameters"]) == (True, True)
        model = client.get_model(restApiId=api, modelName=method["requestModels"]["application/json"])
        assert json.loads(model["schema"])["required"] == ["customerId", "currency", "items"]
        assert system.outputs["IntakeFunctionArn"] in method["methodIntegration"]["uri"]

    def test_only_modern_tls_is_taken(self, system: System) -> None:
        api = system.client("apigateway").get_rest_api(restApiId=system.outputs["ApiId"])
        assert "TLS13_1_2" in api["securityPolicy"]

    def test_the_web_acl_stands_before_the_stage_and_limits_an_address(self, system: System) -> None:
        waf = system.client("wafv2")
        arn = f"arn:aws:apigateway:{system.region}::/restapis/{system.outputs['ApiId']}/stages/v1"
        acl = waf.get_web_acl_for_resource(ResourceArn=arn)["WebACL"]
        assert acl["ARN"] == system.outputs["WebAclArn"]
        rates = [rule["Statement"]["RateBasedStatement"] for rule in acl["Rules"] if "Action" in rule]
        assert [rate["Limit"] for rate in rates] == [int(system.parameters["WafRateLimit"])]
        groups = [rule["Statement"]["ManagedRuleGroupStatement"] for rule in acl["Rules"] if "Action" not in rule]
        assert {group["VendorName"] for group in groups} == {"AWS"}


class TestAlarms:
    def test_every_alarm_tells_the_topic_that_it_began_and_that_it_ended(self, system: System) -> None:
        alarms = system.alarms()
        assert len(alarms) == len(system.ids("AWS::CloudWatch::Alarm"))
        for alarm in alarms:
            assert alarm["AlarmActions"] == alarm["OKActions"] == [system.outputs["AlarmsArn"]]
            assert alarm["ActionsEnabled"] is True

    @pytest.mark.parametrize(
        ("namespace", "metric"),
        [
            ("AWS/Lambda", "Errors"),
            ("AWS/Lambda", "Duration"),
            ("AWS/Lambda", "Throttles"),
            ("AWS/DynamoDB", "ThrottledRequests"),
            ("AWS/DynamoDB", "SystemErrors"),
            ("AWS/ApiGateway", "4XXError"),
            ("AWS/ApiGateway", "5XXError"),
            ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
        ],
    )
    def test_what_can_go_wrong_has_an_alarm_on_this_stack_s_own_resource(
        self, system: System, namespace: str, metric: str
    ) -> None:
        own = {*system.outputs.values(), *(queue_name(system, each) for each in QUEUES)}
        own |= {system.id("Api"), f"order-processing-{system.parameters['EnvironmentSuffix']}"}
        found = [each for each in system.watched() if (each["Namespace"], each["MetricName"]) == (namespace, metric)]
        assert found
        assert all({dimension["Value"] for dimension in each["Dimensions"]} & own for each in found)

    def test_somebody_is_told_by_mail(self, system: System) -> None:
        found = system.client("sns").list_subscriptions_by_topic(TopicArn=system.outputs["AlarmsArn"])
        mails = [each["Endpoint"] for each in found["Subscriptions"] if each["Protocol"] == "email"]
        assert mails == [system.parameters["NotificationEmail"]]

    def test_cloudwatch_may_publish_alarms_of_this_stack(self, system: System) -> None:
        attributes = system.client("sns").get_topic_attributes(TopicArn=system.outputs["AlarmsArn"])["Attributes"]
        statements = {each["Sid"]: each for each in json.loads(attributes["Policy"])["Statement"]}
        allowed = statements["AlarmsOfThisStack"]
        assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        assert allowed["Condition"]["StringEquals"] == {"aws:SourceAccount": system.account}


def queue_name(system: System, logical_id: str) -> str:
    return system.id(logical_id).rpartition("/")[2]
