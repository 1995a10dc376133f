from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from infra_checks.core.declared import DeclaredResource
from infra_checks.drift_checks import check_drift
from infra_checks.live.comparing import Kind
from infra_checks.live.drift import Drift, Origin, drift_of
from infra_checks.live.reading import Plain, Unread
from infra_checks.live.stacks import Deployed, LiveResource, LiveStack, Place

PLACE = Place("aws", "eu-west-1", "111122223333")
DEPLOYED = "the stack"


def resource(name: str, type: str, declared: dict[str, Any], live: Plain, physical_id: str = "") -> LiveResource:
    return LiveResource(
        logical_id=name,
        type=type,
        physical_id=physical_id or name.lower(),
        stack_id=DEPLOYED,
        properties=live,
        declared=DeclaredResource(name, type, declared, {}),
    )


def stack(*resources: LiveResource, tags: dict[str, str] | None = None) -> LiveStack:
    return LiveStack(
        name="shop",
        stack_id=DEPLOYED,
        place=PLACE,
        status="CREATE_COMPLETE",
        tags=tags or {},
        resources={each.logical_id: each for each in resources},
    )


def found(*resources: LiveResource, tags: dict[str, str] | None = None) -> list[tuple[str, str, str]]:
    return [(each.path_text, each.kind.value, each.origin.name) for each in drift_of(stack(*resources, tags=tags))]


def queue(declared: dict[str, Any], live: Plain) -> LiveResource:
    return resource("Orders", "AWS::SQS::Queue", declared, live)


def test_an_untouched_resource_has_no_drift() -> None:
    assert found(queue({"VisibilityTimeout": 60}, {"VisibilityTimeout": "60"})) == []


@pytest.mark.parametrize(
    ("declared", "live", "expected"),
    [
        ({"VisibilityTimeout": 60}, {"VisibilityTimeout": 61}, ("VisibilityTimeout", "changed", "HAND")),
        ({"KmsMasterKeyId": "k"}, {}, ("KmsMasterKeyId", "removed", "HAND")),
        ({}, {"KmsMasterKeyId": "k"}, ("KmsMasterKeyId", "added", "HAND")),
        ({}, {"VisibilityTimeout": 30}, ("VisibilityTimeout", "added", "AWS")),
        ({}, {"VisibilityTimeout": "31"}, ("VisibilityTimeout", "added", "HAND")),
        ({}, {"SqsManagedSseEnabled": True}, ("SqsManagedSseEnabled", "added", "AWS")),
        ({}, {"SqsManagedSseEnabled": False}, ("SqsManagedSseEnabled", "added", "HAND")),
        ({}, {"QueueName": "shop-Orders-1A2B"}, ("QueueName", "added", "AWS")),
        ({}, {"Unheard": 1}, ("Unheard", "added", "OPEN")),
        ({"FifoQueue": True}, {"FifoQueue": Unread("no answer")}, ("FifoQueue", "unread", "OPEN")),
        ({"Unheard": False}, {}, ("Unheard", "unread", "OPEN")),
    ],
)
def test_who_made_a_difference_is_told(
    declared: dict[str, Any], live: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    assert found(queue(declared, live)) == [expected]


def test_a_queue_with_a_key_shows_no_other_encryption() -> None:
    key = {"KmsMasterKeyId": "k"}
    assert found(queue(key, {**key, "SqsManagedSseEnabled": False})) == [("SqsManagedSseEnabled", "added", "AWS")]


def test_a_variable_that_the_template_does_not_set_was_added_by_hand() -> None:
    live = {"Environment": {"Variables": {"TABLE": "orders", "DEBUG": "1"}}}
    declared = {"Environment": {"Variables": {"TABLE": "orders"}}}
    function = resource("Intake", "AWS::Lambda::Function", declared, live)
    assert found(function) == [("Environment.Variables.DEBUG", "added", "HAND")]


def test_a_subscription_that_the_stack_has_is_no_drift_but_one_by_hand_is() -> None:
    own = {"Protocol": "email", "Endpoint": "team@example.com"}
    subscription = resource("Own", "AWS::SNS::Subscription", {"TopicArn": {"Ref": "Topic"}, **own}, {})
    unread = replace(subscription, properties=Unread("not asked"))
    other = {"Protocol": "email", "Endpoint": "else@example.com"}
    topic = resource("Topic", "AWS::SNS::Topic", {}, {"Subscription": [own, other]})
    drift = [each for each in drift_of(stack(topic, unread)) if each.origin is Origin.HAND]
    assert [each.live for each in drift] == [other]


def test_a_declared_default_that_the_api_does_not_show_is_no_drift() -> None:
    assert found(queue({"DelaySeconds": 0, "VisibilityTimeout": 30}, {})) == []


def test_a_resource_that_is_gone_is_removed() -> None:
    gone = queue({}, Unread("NonExistentQueue: sqs:GetQueueAttributes (deleted meanwhile?)"))
    assert found(gone) == [("", "removed", "HAND")]


def test_a_resource_that_cannot_be_read_is_not_told() -> None:
    assert found(queue({}, Unread("AccessDenied: sqs:GetQueueAttributes"))) == [("", "unread", "OPEN")]


def test_without_the_template_nothing_is_told() -> None:
    assert found(replace(queue({}, {"VisibilityTimeout": 9}), declared=None)) == [("", "unread", "OPEN")]


def test_tags_of_the_stack_and_of_cloudformation_are_no_drift_but_others_are() -> None:
    live = [
        {"Key": "aws:cloudformation:stack-name", "Value": "shop"},
        {"Key": "Owner", "Value": "team"},
        {"Key": "Project", "Value": "other"},
        {"Key": "Purpose", "Value": "play"},
    ]
    tags = {"Owner": "team", "Project": "shop"}
    assert found(queue({}, {"Tags": live}), tags=tags) == [("Tags[2]", "added", "HAND"), ("Tags[3]", "added", "HAND")]


def test_tags_of_the_stack_are_none_in_a_map_of_tags_either() -> None:
    setting = resource("Setting", "AWS::SSM::Parameter", {}, {"Tags": {"team": "a", "aws:x": "y", "own": "b"}})
    assert found(setting, tags={"team": "a"}) == [("Tags.own", "added", "HAND")]


def test_resources_of_a_nested_stack_have_its_tags_too() -> None:
    live = [{"Key": "team", "Value": "a"}, {"Key": "part", "Value": "b"}, {"Key": "own", "Value": "c"}]
    outer = resource("Inner", "AWS::CloudFormation::Stack", {"Tags": live[:2]}, {"Tags": live[:2]})
    jobs = resource("Inner/Jobs", "AWS::SQS::Queue", {}, {"Tags": live})
    assert found(outer, jobs, tags={"team": "a"}) == [("Tags[2]", "added", "HAND")]
    beside = resource("Jobs", "AWS::SQS::Queue", {}, {"Tags": live[1:2]})
    assert found(outer, beside, tags={"team": "a"}) == [("Tags[0]", "added", "HAND")]


def role(live: dict[str, Any], **declared: Plain) -> LiveResource:
    return resource("Role", "AWS::IAM::Role", declared, live)


def document(action: str) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}


def test_a_policy_that_another_resource_attaches_is_no_drift_but_one_by_hand_is() -> None:
    declared = {"PolicyName": "own", "PolicyDocument": document("s3:GetObject"), "Roles": [{"Ref": "Role"}]}
    policy = resource("Own", "AWS::IAM::Policy", declared, {**declared, "Roles": ["role"]})
    own = {"PolicyName": "own", "PolicyDocument": document("s3:GetObject")}
    other = {"PolicyName": "more", "PolicyDocument": document("iam:*")}
    assert found(role({"Policies": [own]}), policy) == []
    assert found(role({"Policies": [own, other]}), policy) == [("Policies[1]", "added", "HAND")]
    assert found(role({"Policies": [{**own, "PolicyDocument": document("s3:*")}]}), policy) == [
        ("Policies[0]", "added", "HAND")
    ]


def test_a_rule_that_another_resource_adds_is_no_drift_but_one_by_hand_is() -> None:
    inside = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": "10.0.0.0/16"}
    opened = {**inside, "CidrIp": "0.0.0.0/0"}
    declared = {"GroupId": {"Fn::GetAtt": ["Group", "GroupId"]}, **inside}
    rule = resource("Rule", "AWS::EC2::SecurityGroupIngress", declared, {})
    group = resource("Group", "AWS::EC2::SecurityGroup", {}, {"SecurityGroupIngress": [inside, opened]}, "sg-1")
    unread = replace(rule, properties=Unread("not asked"))
    drift = [each for each in drift_of(stack(group, unread)) if each.origin is Origin.HAND]
    assert [(each.path_text, each.live["CidrIp"]) for each in drift] == [("SecurityGroupIngress[1]", "0.0.0.0/0")]


def test_the_rule_that_every_group_begins_with_is_set_by_aws() -> None:
    everywhere = {"CidrIp": "0.0.0.0/0", "IpProtocol": "-1"}
    group = resource("Group", "AWS::EC2::SecurityGroup", {}, {"SecurityGroupEgress": [everywhere]}, "sg-1")
    assert found(group) == [("SecurityGroupEgress", "added", "AWS")]


def test_a_later_minor_version_is_no_drift() -> None:
    engine = resource("Data", "AWS::RDS::DBInstance", {"EngineVersion": "17"}, {"EngineVersion": "17.5"})
    assert found(engine) == []


def test_what_scaling_changes_is_set_by_aws() -> None:
    service = resource("App", "AWS::ECS::Service", {"DesiredCount": 2}, {"DesiredCount": 5})
    target = resource("Target", "AWS::ApplicationAutoScaling::ScalableTarget", {}, {})
    assert found(service) == [("DesiredCount", "changed", "HAND")]
    assert found(service, target) == [("DesiredCount", "changed", "AWS")]


def test_what_was_changed_names_the_rules_that_it_makes_fail() -> None:
    group = resource(
        "Group",
        "AWS::EC2::SecurityGroup",
        {"GroupDescription": "of the shop"},
        {
            "GroupDescription": "of the shop",
            "SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}],
        },
        "sg-0123456789abcdef0",
    )
    (drift,) = check_drift(stack(group))
    assert (drift.path_text, drift.kind, drift.origin) == ("SecurityGroupIngress[0]", Kind.ADDED, Origin.HAND)
    assert "restricted-ssh" in drift.breaks


def test_the_path_of_a_whole_resource_is_empty() -> None:
    drift = Drift(logical_id="A", type="T", arn="", path=(), kind=Kind.REMOVED, origin=Origin.HAND)
    assert drift.path_text == ""


def group(live: dict[str, Any], **declared: Plain) -> LiveResource:
    return resource("Targets", "AWS::ElasticLoadBalancingV2::TargetGroup", declared, live | declared)


@pytest.mark.parametrize(
    ("target", "seconds", "origin"),
    [("ip", 30, "AWS"), ("ip", 35, "HAND"), ("lambda", 35, "AWS"), ("lambda", 30, "HAND")],
)
def test_a_default_can_depend_on_another_property(target: str, seconds: int, origin: str) -> None:
    targets = group({"HealthCheckIntervalSeconds": seconds}, TargetType=target)
    assert found(targets) == [("HealthCheckIntervalSeconds", "added", origin)]


def test_a_default_can_depend_on_two_other_properties() -> None:
    targets = group({"HealthCheckIntervalSeconds": 10}, TargetType="ip", Protocol="GENEVE")
    assert found(targets) == [("HealthCheckIntervalSeconds", "added", "AWS")]


@pytest.mark.parametrize("kind", ["V1", "V2"])
def test_what_no_page_calls_a_default_is_not_told(kind: str) -> None:
    pipeline = resource("Pipeline", "AWS::CodePipeline::Pipeline", {}, {"PipelineType": kind})
    assert found(pipeline) == [("PipelineType", "added", "OPEN")]


@pytest.mark.parametrize(("kind", "expected"), [("V1", ("unread", "OPEN")), ("V2", ("removed", "HAND"))])
def test_what_may_be_a_default_may_be_there_although_it_is_not_shown(kind: str, expected: tuple[str, str]) -> None:
    pipeline = resource("Pipeline", "AWS::CodePipeline::Pipeline", {"PipelineType": kind}, {})
    assert found(pipeline) == [("PipelineType", *expected)]


@pytest.mark.parametrize(
    ("live", "origin"),
    [
        ({"Types": ["EDGE"]}, "AWS"),
        ({"Types": ["EDGE"], "IpAddressType": "ipv4"}, "AWS"),
        ({"Types": ["EDGE"], "IpAddressType": "dualstack"}, "HAND"),
        ({"Types": ["REGIONAL"], "IpAddressType": "ipv4"}, "HAND"),
    ],
)
def test_an_api_is_edge_optimized_over_ipv4_unless_somebody_says_otherwise(live: dict[str, Any], origin: str) -> None:
    api = resource("Api", "AWS::ApiGateway::RestApi", {}, {"EndpointConfiguration": live})
    assert found(api) == [("EndpointConfiguration", "added", origin)]


@pytest.mark.parametrize(
    ("subnets", "public", "origin"),
    [("own", False, "AWS"), ("own", True, "HAND"), ("default", True, "AWS"), ("default", False, "AWS")],
)
def test_whether_a_database_is_public_by_default_depends_on_its_subnets(
    subnets: str, public: bool, origin: str
) -> None:
    live = {"PubliclyAccessible": public, "DBSubnetGroupName": subnets}
    database = resource("Db", "AWS::RDS::DBInstance", {"DBSubnetGroupName": subnets}, live)
    assert found(database) == [("PubliclyAccessible", "added", origin)]


def attribute(name: str, key: str, value: str, **declared: Plain) -> LiveResource:
    live = {**declared, f"{name}Attributes": [{"Key": key, "Value": value}]}
    return resource("It", f"AWS::ElasticLoadBalancingV2::{name}", declared, live)


@pytest.mark.parametrize(
    ("key", "value", "declared", "origin"),
    [
        ("deletion_protection.enabled", "false", {}, "AWS"),
        ("deletion_protection.enabled", "true", {}, "HAND"),
        ("access_logs.s3.bucket", "logs", {}, "HAND"),
        ("load_balancing.cross_zone.enabled", "true", {"Type": "application"}, "AWS"),
        ("load_balancing.cross_zone.enabled", "true", {"Type": "network"}, "HAND"),
        ("dns_record.client_routing_policy", "any_availability_zone", {"Type": "network"}, "OPEN"),
    ],
)
def test_attributes_of_load_balancers_have_defaults_by_key(
    key: str, value: str, declared: dict[str, Any], origin: str
) -> None:
    it = attribute("LoadBalancer", key, value, **declared)
    assert found(it) == [("LoadBalancerAttributes[0]", "added", origin)]


@pytest.mark.parametrize(
    ("target", "protocol", "value", "origin"),
    [("ip", "TCP", "false", "AWS"), ("ip", "UDP", "true", "AWS"), ("instance", "TCP", "false", "HAND")],
)
def test_attributes_of_target_groups_have_defaults_by_key(target: str, protocol: str, value: str, origin: str) -> None:
    it = attribute("TargetGroup", "preserve_client_ip.enabled", value, TargetType=target, Protocol=protocol)
    assert found(it) == [("TargetGroupAttributes[0]", "added", origin)]


EVERYTHING = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


@pytest.mark.parametrize(
    ("statements", "origin"),
    [
        ([{**EVERYTHING, "Sid": ""}], "AWS"),
        ([EVERYTHING], "AWS"),
        ([{**EVERYTHING, "Action": "s3:GetObject"}], "HAND"),
        ([EVERYTHING, {**EVERYTHING, "Effect": "Deny"}], "HAND"),
    ],
)
def test_an_endpoint_without_a_policy_lets_everything_through(statements: list[Plain], origin: str) -> None:
    policy = {"Version": "2008-10-17", "Statement": statements}
    endpoint = resource("Endpoint", "AWS::EC2::VPCEndpoint", {}, {"PolicyDocument": policy})
    assert found(endpoint) == [("PolicyDocument", "added", origin)]


def test_a_key_that_a_secret_has_not_from_its_template_was_given_to_it() -> None:
    secret = resource("Secret", "AWS::SecretsManager::Secret", {}, {"KmsKeyId": "alias/other"})
    assert found(secret) == [("KmsKeyId", "added", "HAND")]


@pytest.mark.parametrize(
    ("declared", "live", "expected"),
    [
        ({}, {"Parameters": {"Days": "30"}}, ("Parameters.Days", "added", "AWS")),
        ({}, {"Parameters": {"Days": "31"}}, ("Parameters.Days", "added", "HAND")),
        ({}, {"Parameters": {"Name": "x"}}, ("Parameters.Name", "added", "OPEN")),
        ({}, {"Parameters": {"Name": Unread("hidden")}}, ("Parameters.Name", "unread", "OPEN")),
        (
            {"Parameters": {"Name": "x"}},
            {"Parameters": {"Name": "x", "Days": "31"}},
            ("Parameters.Days", "added", "HAND"),
        ),
        (
            {"Parameters": {"Name": "x"}},
            {"Parameters": {"Name": Unread("hidden")}},
            ("Parameters.Name", "unread", "OPEN"),
        ),
    ],
)
def test_what_a_nested_stack_is_not_given_is_the_default_of_its_template(
    declared: dict[str, Any], live: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    inner = resource("Inner", "AWS::CloudFormation::Stack", declared, live, "inner id")
    outer = replace(stack(inner), templates={"inner id": Deployed(defaults={"Days": "30"})})
    assert [(each.path_text, each.kind.value, each.origin.name) for each in drift_of(outer)] == [expected]
