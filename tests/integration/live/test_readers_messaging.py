"""AWS::SQS and AWS::SNS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra_checks.live.reading import Unread
from tests.integration.live.asking_data import ACCOUNT, Answers, Asks, Deployed, Told, deployed, read

ORDERS = f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders.fifo"
DEAD = f"arn:aws:sqs:us-east-1:{ACCOUNT}:dead.fifo"


@pytest.fixture(scope="module")
def shop() -> Iterator[Deployed]:
    yield from deployed("messaging")


def test_a_queue_is_read_as_its_template_says_it(shop: Deployed) -> None:
    assert shop.read("Orders") == {
        "Arn": ORDERS,
        "QueueUrl": shop.ids["Orders"],
        "QueueName": "orders.fifo",
        "FifoQueue": True,
        "ContentBasedDeduplication": True,
        "DeduplicationScope": "messageGroup",
        "FifoThroughputLimit": "perMessageGroupId",
        "DelaySeconds": 5,
        "KmsMasterKeyId": shop.ids["Key"],
        "KmsDataKeyReusePeriodSeconds": 600,
        "MaximumMessageSize": 65536,
        "MessageRetentionPeriod": 1209600,
        "ReceiveMessageWaitTimeSeconds": 20,
        "VisibilityTimeout": 120,
        "RedrivePolicy": {"deadLetterTargetArn": DEAD, "maxReceiveCount": 3},
        "Tags": [{"Key": "Team", "Value": "shop"}],
    } | {name: value for name, value in shop.read("Orders").items() if name == "SqsManagedSseEnabled"}


def test_who_may_use_a_dead_letter_queue_is_read(shop: Deployed) -> None:
    assert shop.read("Dead")["RedriveAllowPolicy"] == {"redrivePermission": "byQueue", "sourceQueueArns": [ORDERS]}


def test_a_queue_without_settings_has_none_but_defaults(shop: Deployed) -> None:
    found = shop.read("Plain")
    assert not {"KmsMasterKeyId", "RedrivePolicy", "RedriveAllowPolicy", "Tags", "FifoQueue"} & found.keys()
    assert found["VisibilityTimeout"] == 30


def test_texts_in_attributes_become_numbers_and_mappings_where_moto_has_none() -> None:
    attributes = {
        "QueueArn": DEAD,
        "SqsManagedSseEnabled": "false",
        "RedrivePolicy": f'{{"deadLetterTargetArn": "{DEAD}", "maxReceiveCount": "3"}}',
        "RedriveAllowPolicy": '{"redrivePermission": "denyAll"}',
    }
    answers = {"sqs:get_queue_attributes": {"Attributes": attributes}, "sqs:list_queue_tags": {}}
    found = read(Asks("AWS::SQS::Queue", "https://queue", Told(answers)))
    assert isinstance(found, dict)
    assert found["SqsManagedSseEnabled"] is False
    assert found["RedrivePolicy"] == {"deadLetterTargetArn": DEAD, "maxReceiveCount": 3}
    assert found["RedriveAllowPolicy"] == {"redrivePermission": "denyAll"}


def test_a_queue_policy_is_read_from_the_queues_that_the_template_names(shop: Deployed) -> None:
    found = shop.read("OrdersPolicy", Queues=[shop.ids["Orders"]])
    assert found["Queues"] == [shop.ids["Orders"]]
    assert found["PolicyDocument"]["Statement"][0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_queue_that_lost_its_policy_is_not_among_those_that_have_it(shop: Deployed) -> None:
    assert shop.read("OrdersPolicy", Queues=[shop.ids["Plain"]]) == {}
    found = shop.read("OrdersPolicy", Queues=[shop.ids["Plain"], shop.ids["Orders"]])
    assert found["Queues"] == [shop.ids["Orders"]]


def test_policies_that_differ_or_are_attached_to_what_is_not_known_are_unread(shop: Deployed) -> None:
    assert isinstance(shop.read("OrdersPolicy"), Unread)
    assert isinstance(shop.read("OrdersPolicy", Queues=[Unread("it is imported")]), Unread)
    alerts = shop.ids["Alerts"]
    found = shop.read("TopicPolicy", Topics=[shop.ids["Topic"], alerts])
    assert found["PolicyDocument"] == Unread(f"{shop.ids['Topic']}, {alerts} have different policies")


def test_a_refused_policy_is_unread_and_its_queue_is_not_left_out(shop: Deployed) -> None:
    found = shop.read("OrdersPolicy", "sqs:get_queue_attributes", Queues=[shop.ids["Orders"]])
    refused = Unread("AccessDenied: sqs:get_queue_attributes")
    assert found == {"PolicyDocument": refused, "Queues": [shop.ids["Orders"]]}


def test_a_topic_is_read_as_its_template_says_it(shop: Deployed) -> None:
    found = shop.read("Topic")
    expected = {
        "TopicName": "told.fifo",
        "FifoTopic": True,
        "ContentBasedDeduplication": True,
        "DisplayName": "Orders",
        "KmsMasterKeyId": shop.ids["Key"],
        "SignatureVersion": "2",
        "FifoThroughputScope": "MessageGroup",
        "Subscription": [{"Protocol": "sqs", "Endpoint": ORDERS}],
        "Tags": [{"Key": "Team", "Value": "shop"}],
    }
    assert {name: found.get(name) for name in expected} == expected
    assert "DataProtectionPolicy" not in found
    alerts = shop.read("Alerts")
    assert alerts["TracingConfig"] == "Active"
    assert alerts["Subscription"] == [{"Protocol": "email", "Endpoint": "on-call@example.com"}]
    assert not {"KmsMasterKeyId", "FifoTopic", "Tags"} & alerts.keys() - {"FifoTopic"}


def test_each_refused_call_of_a_topic_makes_only_its_own_properties_unread(shop: Deployed) -> None:
    found = shop.read("Topic", "sns:list_tags_for_resource", "sns:list_subscriptions_by_topic")
    assert found["Tags"] == Unread("AccessDenied: sns:list_tags_for_resource")
    assert found["Subscription"] == Unread("AccessDenied: sns:list_subscriptions_by_topic")
    assert found["KmsMasterKeyId"] == shop.ids["Key"]
    assert isinstance(shop.read("Topic", "sns:get_topic_attributes"), Unread)


def test_a_topic_policy_is_read_from_the_topics_that_the_template_names(shop: Deployed) -> None:
    found = shop.read("TopicPolicy", Topics=[shop.ids["Topic"]])
    assert found["Topics"] == [shop.ids["Topic"]]
    assert found["PolicyDocument"]["Statement"][0]["Effect"] == "Deny"


def test_a_subscription_is_read_as_its_template_says_it(shop: Deployed) -> None:
    found = shop.read("Subscription")
    expected = {
        "TopicArn": shop.ids["Topic"],
        "Protocol": "sqs",
        "Endpoint": ORDERS,
        "RawMessageDelivery": True,
        "FilterPolicy": {"kind": ["paid"]},
        "FilterPolicyScope": "MessageBody",
        "RedrivePolicy": {"deadLetterTargetArn": DEAD},
    }
    assert {name: found.get(name) for name in expected} == expected


def test_a_subscription_in_another_region_is_unread() -> None:
    elsewhere = f"arn:aws:sns:eu-west-1:{ACCOUNT}:told:1"
    found = read(Asks("AWS::SNS::Subscription", elsewhere, Told({})))
    assert found == Unread("it is in eu-west-1, and this run reads us-east-1")


def test_where_deliveries_are_logged_is_read_by_protocol_and_data_protection_as_a_mapping() -> None:
    arn = f"arn:aws:sns:us-east-1:{ACCOUNT}:told"
    attributes = {
        "TopicArn": arn,
        "MaximumMessageSize": "2048",
        "HTTPSuccessFeedbackRoleArn": "arn:aws:iam::123456789012:role/logs",
        "HTTPSuccessFeedbackSampleRate": "10",
        "SQSFailureFeedbackRoleArn": "arn:aws:iam::123456789012:role/logs",
    }
    answers: Answers = {
        "sns:get_topic_attributes": {"Attributes": attributes},
        "sns:get_data_protection_policy": {"DataProtectionPolicy": '{"Name": "no cards"}'},
        "sns:list_subscriptions_by_topic": {"Subscriptions": []},
        "sns:list_tags_for_resource": {"Tags": [{"Key": "aws:cloudformation:stack-name", "Value": "shop"}]},
    }
    found = read(Asks("AWS::SNS::Topic", arn, Told(answers)))
    role = "arn:aws:iam::123456789012:role/logs"
    assert found == {
        "TopicArn": arn,
        "TopicName": "told",
        "MaximumMessageSize": 2048,
        "DataProtectionPolicy": {"Name": "no cards"},
        "DeliveryStatusLogging": [
            {"Protocol": "http/s", "SuccessFeedbackRoleArn": role, "SuccessFeedbackSampleRate": "10"},
            {"Protocol": "sqs", "FailureFeedbackRoleArn": role},
        ],
    }
