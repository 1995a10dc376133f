"""Answers of AWS that moto does not give."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from infra_checks.live.readers.s3_rules import acl, lifecycle, logging, notifications, replication
from infra_checks.live.reading import Unread
from tests.integration.live.asking_data import ACCOUNT, Answers, Asks, Told
from tests.integration.live.declaring import answer_of

ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"


def read(kind: str, physical_id: str, answers: Answers, **declared: Any) -> Any:  # noqa: ANN401 - properties
    return answer_of(Asks(kind, physical_id, Told(answers), declared=declared))


def grant(uri: str, permission: str) -> dict[str, Any]:
    return {"Grantee": {"Type": "Group", "URI": f"http://acs.amazonaws.com/groups/{uri}"}, "Permission": permission}


OWNER = {"Grantee": {"ID": "me"}, "Permission": "FULL_CONTROL"}


@pytest.mark.parametrize(
    ("grants", "canned"),
    [
        ([], "Private"),
        ([grant("global/AllUsers", "READ")], "PublicRead"),
        ([grant("global/AllUsers", "READ"), grant("global/AllUsers", "WRITE")], "PublicReadWrite"),
        ([grant("global/AuthenticatedUsers", "READ")], "AuthenticatedRead"),
        ([grant("s3/LogDelivery", "WRITE"), grant("s3/LogDelivery", "READ_ACP")], "LogDeliveryWrite"),
    ],
)
def test_an_acl_is_the_canned_one_with_the_same_grants(grants: list[dict[str, Any]], canned: str) -> None:
    assert acl({"Owner": {"ID": "me"}, "Grants": [OWNER, *grants]}) == canned


def test_an_acl_that_no_canned_one_has_is_unread_and_not_private() -> None:
    found = acl({"Owner": {"ID": "me"}, "Grants": [OWNER, grant("global/AllUsers", "WRITE_ACP")]})
    assert found == Unread("no canned ACL grants what this one does: all WRITE_ACP")
    other = {"Grantee": {"ID": "other"}, "Permission": "READ"}
    assert isinstance(acl({"Owner": {"ID": "me"}, "Grants": [OWNER, other]}), Unread)


def test_lifecycle_filters_and_dates_are_in_cloudformations_shape() -> None:
    tag = {"Key": "a", "Value": "b"}
    every = {"Prefix": "x/", "Tags": [tag], "ObjectSizeGreaterThan": 5}
    rules = [
        {"ID": "one", "Status": "Enabled", "Filter": {"And": every}, "Expiration": {"Days": 3}},
        {"ID": "two", "Status": "Enabled", "Filter": {"Tag": tag}},
        {
            "ID": "three",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "Expiration": {"Date": datetime(2030, 1, 1, tzinfo=UTC)},
            "NoncurrentVersionTransitions": [{"NoncurrentDays": 9, "StorageClass": "GLACIER"}],
        },
    ]
    assert lifecycle({"Rules": rules})["Rules"] == [
        {
            "Id": "one",
            "Status": "Enabled",
            "Prefix": "x/",
            "TagFilters": [tag],
            "ObjectSizeGreaterThan": "5",
            "ExpirationInDays": 3,
        },
        {"Id": "two", "Status": "Enabled", "TagFilters": [tag]},
        {
            "Id": "three",
            "Status": "Enabled",
            "ExpirationDate": "2030-01-01T00:00:00Z",
            "NoncurrentVersionTransitions": [{"TransitionInDays": 9, "StorageClass": "GLACIER"}],
        },
    ]


def test_each_event_of_a_notification_is_one_configuration() -> None:
    key = {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}]}}
    answer = {
        "LambdaFunctionConfigurations": [{"LambdaFunctionArn": "arn", "Events": ["a", "b"], "Filter": key}],
        "EventBridgeConfiguration": {},
    }
    filtered = {"Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": "in/"}]}}}
    assert notifications(answer) == {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True},
        "LambdaConfigurations": [
            {"Event": "a", "Function": "arn", **filtered},
            {"Event": "b", "Function": "arn", **filtered},
        ],
    }


def test_replication_of_everything_keeps_its_filter_and_logs_their_partitioning() -> None:
    rule = {"ID": "all", "Status": "Enabled", "Filter": {}, "Destination": {"Bucket": "arn"}}
    found = replication({"ReplicationConfiguration": {"Role": ROLE, "Rules": [rule]}})
    assert found["Rules"] == [
        {"Id": "all", "Status": "Enabled", "Filter": {"Prefix": ""}, "Destination": {"Bucket": "arn"}}
    ]
    key: dict[str, Any] = {"SimplePrefix": {}}
    assert logging({"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "", "TargetObjectKeyFormat": key}}) == {
        "DestinationBucketName": "logs",
        "TargetObjectKeyFormat": key,
    }


def test_a_bucket_that_is_gone_is_unread_as_a_whole() -> None:
    answers: Answers = {"s3:get_bucket_accelerate_configuration": "NoSuchBucket"}
    found = read("AWS::S3::Bucket", "gone", answers)
    assert found == Unread("NoSuchBucket: s3:get_bucket_accelerate_configuration")


def test_a_bucket_whose_policy_was_deleted_has_none() -> None:
    answers: Answers = {"s3:get_bucket_policy": "NoSuchBucketPolicy"}
    assert read("AWS::S3::BucketPolicy", "data", answers) == {"Bucket": "data"}


def test_a_key_without_rotation_of_its_own_has_none_and_its_waiting_period_is_only_the_templates() -> None:
    key = {"KeyId": "1", "Arn": "arn", "KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY", "Enabled": True}
    answers: Answers = {
        "kms:describe_key": {"KeyMetadata": key},
        "kms:get_key_policy": {"Policy": "{}"},
        "kms:get_key_rotation_status": "UnsupportedOperationException",
        "kms:list_resource_tags": {"Tags": [{"TagKey": "aws:cloudformation:stack-name", "TagValue": "shop"}]},
    }
    found = read("AWS::KMS::Key", "1", answers, KeyPolicy={})
    assert not {"EnableKeyRotation", "Tags", "PendingWindowInDays"} & found.keys()
    assert isinstance(read("AWS::KMS::Key", "1", answers, PendingWindowInDays=30)["PendingWindowInDays"], Unread)
    assert isinstance(read("AWS::KMS::Key", "1", answers)["PendingWindowInDays"], Unread)


def test_an_inline_policy_without_its_holders_known_is_unread_and_one_that_differs_is_not_guessed() -> None:
    kind = "AWS::IAM::Policy"
    assert isinstance(read(kind, "x", {}), Unread)
    assert isinstance(read(kind, "x", {}, PolicyName="p", Roles=[Unread("imported")]), Unread)
    gone: Answers = {"iam:get_role_policy": "NoSuchEntity"}
    nobody = Unread("nobody whom the template names has this policy (any more)")
    assert read(kind, "x", gone, PolicyName="p", Roles=["a"]) == {"PolicyName": "p", "PolicyDocument": nobody}
    differing: Answers = {
        "iam:get_role_policy": {"PolicyDocument": {"Statement": []}},
        "iam:get_user_policy": {"PolicyDocument": {"Statement": [{}]}},
    }
    found = read(kind, "x", differing, PolicyName="p", Roles=["a"], Users=["b"])
    assert isinstance(found["PolicyDocument"], Unread)
    assert (found["Roles"], found["Users"]) == (["a"], ["b"])


def test_a_user_who_signs_in_has_a_login_profile_with_a_password_that_nobody_tells() -> None:
    answers: Answers = {
        "iam:get_user": {"User": {"UserName": "a", "Path": "/"}},
        "iam:list_groups_for_user": {"Groups": []},
        "iam:get_login_profile": {"LoginProfile": {"UserName": "a", "PasswordResetRequired": False}},
        "iam:list_user_policies": {"PolicyNames": []},
        "iam:list_attached_user_policies": {"AttachedPolicies": []},
    }
    profile = read("AWS::IAM::User", "a", answers)["LoginProfile"]
    assert profile == {"Password": Unread("no API returns a password"), "PasswordResetRequired": False}


def test_rules_of_groups_are_one_for_each_peer_and_no_egress_is_an_empty_list() -> None:
    permission = {
        "IpProtocol": "tcp",
        "FromPort": 22,
        "ToPort": 22,
        "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "in"}],
        "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
        "PrefixListIds": [{"PrefixListId": "pl-1"}],
        "UserIdGroupPairs": [{"GroupId": "sg-2", "UserId": ACCOUNT}],
    }
    group = {"GroupId": "sg-1", "Description": "Web", "IpPermissions": [permission], "IpPermissionsEgress": []}
    found = read("AWS::EC2::SecurityGroup", "sg-1", {"ec2:describe_security_groups": {"SecurityGroups": [group]}})
    common = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    assert found["SecurityGroupIngress"] == [
        {**common, "CidrIp": "10.0.0.0/8", "Description": "in"},
        {**common, "CidrIpv6": "::/0"},
        {**common, "SourcePrefixListId": "pl-1"},
        {**common, "SourceSecurityGroupId": "sg-2", "SourceSecurityGroupOwnerId": ACCOUNT},
    ]
    assert found["SecurityGroupEgress"] == []


def test_a_rule_of_an_older_stack_is_that_with_the_templates_ports_and_peer() -> None:
    rule = {"GroupId": "sg-1", "IsEgress": False, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    rules = [{**rule, "CidrIpv4": "10.0.0.0/8"}, {**rule, "CidrIpv4": "0.0.0.0/0"}]
    answers: Answers = {"ec2:describe_security_group_rules": {"SecurityGroupRules": rules}}
    kind = "AWS::EC2::SecurityGroupIngress"
    declared = {"GroupId": "sg-1", "IpProtocol": "tcp", "FromPort": "22", "ToPort": "22"}
    assert read(kind, "Rule", answers, **declared, CidrIp="0.0.0.0/0")["CidrIp"] == "0.0.0.0/0"
    assert read(kind, "Rule", answers, **declared, CidrIp="192.0.2.0/24") == Unread(
        "sg-1 has 0 rules like the template's"
    )
    assert isinstance(read(kind, "Rule", answers), Unread)


@pytest.mark.parametrize(
    ("physical_id", "declared"),
    [
        ("rtb-1|0.0.0.0/0", {}),
        ("shop-Out-1", {"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0"}),
    ],
)
def test_a_route_is_found_by_its_destination(physical_id: str, declared: dict[str, str]) -> None:
    routes = [
        {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"},
        {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "vpce-1"},
    ]
    answers: Answers = {"ec2:describe_route_tables": {"RouteTables": [{"RouteTableId": "rtb-1", "Routes": routes}]}}
    assert read("AWS::EC2::Route", physical_id, answers, **declared) == {
        "RouteTableId": "rtb-1",
        "DestinationCidrBlock": "0.0.0.0/0",
        "VpcEndpointId": "vpce-1",
    }


def test_a_route_that_is_gone_or_not_known_is_unread() -> None:
    answers: Answers = {"ec2:describe_route_tables": {"RouteTables": [{"RouteTableId": "rtb-1", "Routes": []}]}}
    gone = read("AWS::EC2::Route", "rtb-1|0.0.0.0/0", answers)
    assert gone == Unread("rtb-1 has no route to 0.0.0.0/0 (deleted meanwhile?)")
    assert isinstance(read("AWS::EC2::Route", "shop-Out-1", answers), Unread)


def test_an_instance_has_the_disks_the_launch_template_and_the_public_address_it_really_has() -> None:
    instance = {
        "InstanceId": "i-1",
        "Monitoring": {"State": "disabled"},
        "MetadataOptions": {"State": "applied", "HttpTokens": "optional", "HttpEndpoint": "enabled"},
        "IamInstanceProfile": {"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/shop/host"},
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "vol-1", "DeleteOnTermination": True}}],
        "NetworkInterfaces": [
            {
                "Attachment": {"DeviceIndex": 0},
                "Association": {"IpOwnerId": "amazon", "PublicIp": "203.0.113.1"},
                "Groups": [{"GroupId": "sg-1"}],
                "SubnetId": "subnet-1",
            }
        ],
        "Tags": [
            {"Key": "aws:ec2launchtemplate:id", "Value": "lt-1"},
            {"Key": "aws:ec2launchtemplate:version", "Value": "3"},
        ],
    }
    volume = {"VolumeId": "vol-1", "Encrypted": False, "Size": 8, "VolumeType": "gp3"}
    answers: Answers = {
        "ec2:describe_instances": {"Reservations": [{"Instances": [instance]}]},
        "ec2:describe_volumes": {"Volumes": [volume]},
        "ec2:describe_instance_attribute": {"DisableApiTermination": {"Value": True}, "UserData": {}},
        "ec2:describe_instance_credit_specifications": {"InstanceCreditSpecifications": [{"CpuCredits": "unlimited"}]},
    }
    found = read("AWS::EC2::Instance", "i-1", answers)
    disk = {"Encrypted": False, "VolumeSize": 8, "VolumeType": "gp3", "DeleteOnTermination": True}
    expected = {
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": disk}],
        "CreditSpecification": {"CPUCredits": "unlimited"},
        "DisableApiTermination": True,
        "IamInstanceProfile": "host",
        "LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "3"},
        "MetadataOptions": {"HttpTokens": "optional", "HttpEndpoint": "enabled"},
        "Monitoring": False,
        "NetworkInterfaces": [
            {"AssociatePublicIpAddress": True, "DeviceIndex": "0", "GroupSet": ["sg-1"], "SubnetId": "subnet-1"}
        ],
    }
    assert {name: found.get(name) for name in expected} == expected
    assert not {"Tags", "UserData"} & found.keys()
    refused = read("AWS::EC2::Instance", "i-1", answers | {"ec2:describe_volumes": "UnauthorizedOperation"})
    assert refused["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] == Unread(
        "UnauthorizedOperation: ec2:describe_volumes"
    )


def test_keys_of_tunnels_are_never_read() -> None:
    tunnel = {"PreSharedKey": "secret", "OutsideIpAddress": "192.0.2.1", "IkeVersions": [{"Value": "ikev2"}]}
    connection = {"VpnConnectionId": "vpn-1", "Options": {"StaticRoutesOnly": False, "TunnelOptions": [tunnel]}}
    answers: Answers = {"ec2:describe_vpn_connections": {"VpnConnections": [connection]}}
    found = read("AWS::EC2::VPNConnection", "vpn-1", answers)
    assert found["VpnTunnelOptionsSpecifications"] == [
        {"IKEVersions": [{"Value": "ikev2"}], "PreSharedKey": Unread("a secret is not read")}
    ]
    assert found["StaticRoutesOnly"] is False


def test_a_permission_has_what_its_statement_demands() -> None:
    function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:orders"
    statement = {
        "Sid": "shop-Permission",
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": function,
        "Condition": {
            "StringEquals": {"AWS:SourceAccount": ACCOUNT, "aws:PrincipalOrgID": "o-1"},
            "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::data"},
            "Bool": {"lambda:InvokedViaFunctionUrl": "true"},
        },
    }
    policy = json.dumps({"Statement": [{"Sid": "other"}, statement]})
    kind = "AWS::Lambda::Permission"
    found = read(kind, "shop-Permission", {"lambda:get_policy": {"Policy": policy}}, FunctionName="orders")
    assert found == {
        "FunctionName": function,
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
        "SourceAccount": ACCOUNT,
        "SourceArn": "arn:aws:s3:::data",
        "PrincipalOrgID": "o-1",
        "InvokedViaFunctionUrl": True,
    }
    gone = read(kind, "gone", {"lambda:get_policy": {"Policy": policy}}, FunctionName="orders")
    assert gone == Unread("orders has no permission gone (deleted meanwhile?)")
    assert isinstance(read(kind, "shop-Permission", {}), Unread)


def test_a_function_of_an_image_a_weighted_alias_and_variables_that_cannot_be_decrypted() -> None:
    configuration = {
        "FunctionName": "f",
        "PackageType": "Image",
        "Environment": {"Error": {"ErrorCode": "AccessDeniedException"}},
        "ImageConfigResponse": {"ImageConfig": {"Command": ["run"]}},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": ""},
    }
    answer = {"Configuration": configuration, "Code": {"ImageUri": "repository:1", "Location": "https://signed"}}
    found = read("AWS::Lambda::Function", "f", {"lambda:get_function": answer})
    assert found["Code"] == {"ImageUri": "repository:1"}
    assert found["Environment"] == Unread("AccessDeniedException: lambda:GetFunction: Environment")
    assert found["ImageConfig"] == {"Command": ["run"]}
    assert found["SnapStart"] == {"ApplyOn": "None"}
    assert "VpcConfig" not in found
    answers: Answers = {
        "lambda:get_alias": {"Name": "live", "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.1}}},
        "lambda:get_provisioned_concurrency_config": {"RequestedProvisionedConcurrentExecutions": 5},
    }
    alias = read("AWS::Lambda::Alias", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f:live", answers)
    weights = [{"FunctionVersion": "2", "FunctionWeight": 0.1}]
    assert alias["RoutingConfig"] == {"AdditionalVersionWeights": weights}
    assert alias["ProvisionedConcurrencyConfig"] == {"ProvisionedConcurrentExecutions": 5}


def test_a_task_with_a_file_system_is_written_as_cloudformation_writes_it() -> None:
    task = {
        "family": "shop",
        "containerDefinitions": [
            {
                "name": "app",
                "dockerLabels": {"com.example": "x"},
                "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g"}},
                "environment": [],
            }
        ],
        "volumes": [
            {
                "name": "data",
                "efsVolumeConfiguration": {
                    "fileSystemId": "fs-1",
                    "transitEncryption": "ENABLED",
                    "authorizationConfig": {"iam": "ENABLED"},
                },
            }
        ],
        "proxyConfiguration": {"containerName": "envoy", "properties": [{"name": "a", "value": "b"}]},
        "status": "ACTIVE",
    }
    found = read("AWS::ECS::TaskDefinition", "arn", {"ecs:describe_task_definition": {"taskDefinition": task}})
    assert found == {
        "Family": "shop",
        "ContainerDefinitions": [
            {
                "Name": "app",
                "DockerLabels": {"com.example": "x"},
                "LogConfiguration": {"LogDriver": "awslogs", "Options": {"awslogs-group": "g"}},
            }
        ],
        "Volumes": [
            {
                "Name": "data",
                "EFSVolumeConfiguration": {
                    "FilesystemId": "fs-1",
                    "TransitEncryption": "ENABLED",
                    "AuthorizationConfig": {"IAM": "ENABLED"},
                },
            }
        ],
        "ProxyConfiguration": {
            "ContainerName": "envoy",
            "ProxyConfigurationProperties": [{"Name": "a", "Value": "b"}],
        },
    }


def test_a_listener_that_authenticates_keeps_its_clients_secret_to_itself() -> None:
    action = {
        "Type": "authenticate-oidc",
        "AuthenticateOidcConfig": {"Issuer": "https://i", "SessionTimeout": 60, "ClientId": "c"},
    }
    listener = {
        "ListenerArn": "arn",
        "Port": 443,
        "Certificates": [{"CertificateArn": "c"}],
        "DefaultActions": [action],
    }
    answers: Answers = {
        "elbv2:describe_listeners": {"Listeners": [listener]},
        "elbv2:describe_listener_attributes": {"Attributes": []},
        "elbv2:describe_tags": {"TagDescriptions": [{"Tags": []}]},
    }
    config = read("AWS::ElasticLoadBalancingV2::Listener", "arn", answers)["DefaultActions"][0]
    assert config["AuthenticateOidcConfig"]["SessionTimeout"] == "60"
    assert isinstance(config["AuthenticateOidcConfig"]["ClientSecret"], Unread)


def test_an_apis_policy_with_escaped_quotes_is_a_mapping_and_its_body_is_not_said_to_be_missing() -> None:
    text = '{\\"Version\\":\\"2012-10-17\\",\\"Statement\\":[]}'
    answers: Answers = {"apigateway:get_rest_api": {"id": "a", "name": "shop", "policy": text}}
    found = read("AWS::ApiGateway::RestApi", "a", answers, Name="shop")
    assert found["Policy"] == {"Version": "2012-10-17", "Statement": []}
    assert "Body" not in found
    assert isinstance(read("AWS::ApiGateway::RestApi", "a", answers, Body={})["Body"], Unread)
    assert isinstance(read("AWS::ApiGateway::RestApi", "a", answers)["Body"], Unread)


def test_settings_of_methods_have_path_and_method_apart() -> None:
    settings = {"*/*": {"loggingLevel": "INFO"}, "~1orders~1{id}/GET": {"cachingEnabled": True}}
    answers: Answers = {"apigateway:get_stage": {"stageName": "v1", "methodSettings": settings}}
    found = read("AWS::ApiGateway::Stage", "v1", answers, RestApiId="a")
    assert found["MethodSettings"] == [
        {"HttpMethod": "*", "ResourcePath": "/*", "LoggingLevel": "INFO"},
        {"HttpMethod": "GET", "ResourcePath": "/orders/{id}", "CachingEnabled": True},
    ]
    assert isinstance(read("AWS::ApiGateway::Stage", "v1", answers), Unread)


def test_what_a_web_acl_looks_for_is_text_and_sets_are_named_by_arn() -> None:
    text = {"SearchString": b"bot", "FieldToMatch": {"SingleHeader": {"Name": "user-agent"}}}
    statements = [{"ByteMatchStatement": text}, {"IPSetReferenceStatement": {"ARN": "arn:set"}}]
    rule = {
        "Name": "r",
        "Priority": 1,
        "Action": {"Block": {}},
        "Statement": {"OrStatement": {"Statements": statements}},
    }
    answers: Answers = {
        "wafv2:get_web_acl": {"WebACL": {"Name": "n", "Id": "i", "ARN": "arn", "Rules": [rule]}},
        "wafv2:list_tags_for_resource": {},
    }
    found = read("AWS::WAFv2::WebACL", "n|i|REGIONAL", answers)
    inner = found["Rules"][0]["Statement"]["OrStatement"]["Statements"]
    assert inner[0]["ByteMatchStatement"]["SearchString"] == "bot"
    assert inner[1]["IPSetReferenceStatement"] == {"Arn": "arn:set"}
    assert found["Rules"][0]["Action"] == {"Block": {}}
    nothing: Answers = {"wafv2:get_web_acl_for_resource": {}}
    assert read("AWS::WAFv2::WebACLAssociation", "arn:lb|arn:acl", nothing) == {}


def test_a_project_with_a_webhook_has_triggers() -> None:
    project = {
        "name": "build",
        "source": {"type": "GITHUB", "buildspec": "build.yml"},
        "badge": {"badgeEnabled": False},
        "webhook": {"url": "https://x", "filterGroups": [[{"type": "EVENT", "pattern": "PUSH"}]]},
        "logsConfig": {"s3Logs": {"status": "DISABLED", "bucketOwnerAccess": "FULL"}},
    }
    found = read("AWS::CodeBuild::Project", "build", {"codebuild:batch_get_projects": {"projects": [project]}})
    assert found["Triggers"] == {"Webhook": True, "FilterGroups": [[{"Type": "EVENT", "Pattern": "PUSH"}]]}
    assert found["Source"] == {"Type": "GITHUB", "BuildSpec": "build.yml"}
    assert found["BadgeEnabled"] is False
    assert found["LogsConfig"] == {"S3Logs": {"Status": "DISABLED"}}


def test_an_environment_has_all_options_that_hold_and_a_template_is_found_in_its_application() -> None:
    option = {"Namespace": "aws:elasticbeanstalk:environment", "OptionName": "EnvironmentType", "Value": "LoadBalanced"}
    settings = {"ApplicationName": "web", "OptionSettings": [option, {"Namespace": "n", "OptionName": "unset"}]}
    environment = {
        "ApplicationName": "web",
        "EnvironmentName": "web-prod",
        "CNAME": "shop.us-east-1.elasticbeanstalk.com",
        "Tier": {"Name": "WebServer", "Type": "Standard", "Version": " "},
    }
    answers: Answers = {
        "elasticbeanstalk:describe_environments": {"Environments": [environment]},
        "elasticbeanstalk:describe_configuration_settings": {"ConfigurationSettings": [settings]},
        "elasticbeanstalk:list_tags_for_resource": {"ResourceTags": []},
    }
    found = read("AWS::ElasticBeanstalk::Environment", "web-prod", answers)
    assert found["OptionSettings"] == [option]
    assert (found["CNAMEPrefix"], found["Tier"]) == ("shop", {"Name": "WebServer", "Type": "Standard"})
    kind = "AWS::ElasticBeanstalk::ConfigurationTemplate"
    assert read(kind, "saved", answers, ApplicationName="web")["OptionSettings"] == [option]
    assert isinstance(read(kind, "saved", answers), Unread)


def test_a_group_has_texts_for_sizes_and_lists_for_its_subnets() -> None:
    mixed = {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "n", "Version": "1"},
            "Overrides": [{"InstanceType": "t3.micro"}],
        }
    }
    metrics = [{"Metric": "B", "Granularity": "1Minute"}, {"Metric": "A", "Granularity": "1Minute"}]
    group = {
        "AutoScalingGroupName": "g",
        "MinSize": 0,
        "MaxSize": 4,
        "VPCZoneIdentifier": "subnet-1,subnet-2",
        "EnabledMetrics": metrics,
        "MixedInstancesPolicy": mixed,
        "Tags": [{"Key": "a", "Value": "b", "PropagateAtLaunch": True, "ResourceId": "g"}],
    }
    answers: Answers = {"autoscaling:describe_auto_scaling_groups": {"AutoScalingGroups": [group]}}
    found = read("AWS::AutoScaling::AutoScalingGroup", "g", answers)
    assert (found["MinSize"], found["MaxSize"]) == ("0", "4")
    assert found["VPCZoneIdentifier"] == ["subnet-1", "subnet-2"]
    assert found["MetricsCollection"] == [{"Granularity": "1Minute", "Metrics": ["A", "B"]}]
    assert found["Tags"] == [{"Key": "a", "Value": "b", "PropagateAtLaunch": True}]
    specification = found["MixedInstancesPolicy"]["LaunchTemplate"]["LaunchTemplateSpecification"]
    assert specification == {"LaunchTemplateId": "lt-1", "Version": "1"}


def test_a_rule_on_a_bus_and_its_containers_are_in_cloudformations_words() -> None:
    ecs = {
        "TaskDefinitionArn": "t",
        "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": ["s"], "AssignPublicIp": "DISABLED"}},
        "PlacementStrategy": [{"type": "spread", "field": "host"}],
    }
    target = {"Id": "1", "Arn": "c", "EcsParameters": ecs, "InputTransformer": {"InputPathsMap": {"a": "$.b"}}}
    answers: Answers = {
        "events:describe_rule": {"Name": "r", "Arn": "arn", "EventBusName": "bus", "EventPattern": '{"source": ["x"]}'},
        "events:list_targets_by_rule": {"Targets": [target]},
        "events:list_tags_for_resource": {"Tags": []},
    }
    found = read("AWS::Events::Rule", "bus|r", answers)
    assert found["EventPattern"] == {"source": ["x"]}
    parameters = found["Targets"][0]["EcsParameters"]
    assert parameters["NetworkConfiguration"]["AwsVpcConfiguration"]["Subnets"] == ["s"]
    assert parameters["PlacementStrategies"] == [{"Type": "spread", "Field": "host"}]
    assert found["Targets"][0]["InputTransformer"] == {"InputPathsMap": {"a": "$.b"}}


def test_a_certificates_key_algorithm_is_written_with_underscores() -> None:
    answers: Answers = {
        "acm:describe_certificate": {"Certificate": {"DomainName": "d", "KeyAlgorithm": "RSA-2048"}},
        "acm:list_tags_for_certificate": {"Tags": []},
    }
    assert read("AWS::CertificateManager::Certificate", "arn", answers)["KeyAlgorithm"] == "RSA_2048"


def test_a_schedule_is_asked_in_the_templates_group_and_a_scaling_target_by_the_parts_of_its_id() -> None:
    schedule = {"Name": "s", "StartDate": datetime(2030, 1, 1, tzinfo=UTC), "Target": {"Arn": "a", "RoleArn": ROLE}}
    found = read("AWS::Scheduler::Schedule", "s", {"scheduler:get_schedule": schedule}, GroupName="g")
    assert found["StartDate"] == "2030-01-01T00:00:00Z"
    assert found["Target"] == {"Arn": "a", "RoleArn": ROLE}
    wrong = read("AWS::ApplicationAutoScaling::ScalableTarget", "service/a/b", {})
    assert wrong == Unread("service/a/b is not of the form resource|dimension|namespace")
