"""What people change by hand in deployed reference systems, each with the difference that it makes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from infra_checks.live.comparing import Kind
from tests.integration.systems.deploying import ECOMMERCE_DATABASE, ORDER_PROCESSING, STAGING_SAAS, Reference
from tests.integration.systems.system import System

ADMINISTRATOR: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
ANYTHING: Final = {"Effect": "Allow", "Action": "*", "Resource": "*"}
OPEN: Final = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]


@dataclass(frozen=True)
class Change:
    """One change, and where it is found; `breaks` is a rule of the production pack that it makes fail."""

    system: Reference
    resource: str
    path: str
    kind: Kind
    make: Callable[[System, str], object]
    breaks: str = ""

    @property
    def name(self) -> str:
        """What it is called in reports of tests."""
        return f"{self.resource}.{self.path or 'gone'} {self.kind}"


def call(service: str, operation: str, by: str = "", **parameters: Any) -> Callable[[System, str], object]:
    """A call of boto3; `by` is the parameter that takes the physical id."""

    def make(system: System, identity: str) -> object:
        return getattr(system.client(service), operation)(**({by: identity} if by else {}), **parameters)

    return make


def sqs(**attributes: str) -> Callable[[System, str], object]:
    """Attributes of a queue."""
    return call("sqs", "set_queue_attributes", "QueueUrl", Attributes=attributes)


def alarm_is_silent(system: System, name: str) -> None:
    """Its actions are disabled."""
    system.client("cloudwatch").disable_alarm_actions(AlarmNames=[name])


def owner_is_untagged(system: System, name: str) -> None:
    """The function has no owner any more."""
    function = system.client("lambda")
    arn = function.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    function.untag_resource(Resource=arn, TagKeys=["Owner"])


def key_is_for_everybody(system: System, key: str) -> None:
    """A statement is added to the key's policy."""
    kms = system.client("kms")
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    everybody = {"Sid": "Everybody", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    policy["Statement"].append(everybody)
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))


def bucket_is_public(system: System, bucket: str) -> None:
    """A statement is added to the bucket's policy."""
    s3 = system.client("s3")
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy["Statement"].append({"Sid": "Public", **public})
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def stranger_is_trusted(system: System, role: str) -> None:
    """Another account may assume the role."""
    iam = system.client("iam")
    policy = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    trusted = {"Effect": "Allow", "Principal": {"AWS": "999999999999"}, "Action": "sts:AssumeRole"}
    policy["Statement"].append(trusted)
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(policy))


def stage_is_not_traced(system: System, stage: str) -> None:
    """Tracing is off."""
    off = [{"op": "replace", "path": "/tracingEnabled", "value": "false"}]
    system.client("apigateway").update_stage(restApiId=system.id("Api"), stageName=stage, patchOperations=off)


def rule_is_revoked(system: System, rule: str) -> None:
    """The rule is taken away."""
    group = system.id("NetworkDatabase9E9EAA0C")
    system.client("ec2").revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[rule])


def _everything() -> Callable[[System, str], object]:
    policy = json.dumps({"Version": "2012-10-17", "Statement": [ANYTHING]})
    return call("iam", "put_role_policy", "RoleName", PolicyName="more", PolicyDocument=policy)


_INGRESS: Final = call("ec2", "authorize_security_group_ingress", "GroupId", IpPermissions=OPEN)
_EGRESS: Final = call("ec2", "authorize_security_group_egress", "GroupId", IpPermissions=OPEN)
_TERMINABLE: Final = call("ec2", "modify_instance_attribute", "InstanceId", DisableApiTermination={"Value": False})
_UNPROTECTED: Final = {"DeletionProtectionEnabled": False}
_ORDERS, _STAGING, _SHOP = ORDER_PROCESSING, STAGING_SAAS, ECOMMERCE_DATABASE
_BASTION_RULE: Final = "NetworkDatabasefromEcommerceDatabaseNetworkBastionE8DD513115432A65DB35F"

CHANGES: Final = (
    Change(
        _ORDERS,
        "OrderTable",
        "DeletionProtectionEnabled",
        Kind.CHANGED,
        call("dynamodb", "update_table", "TableName", **_UNPROTECTED),
        "dynamodb-table-deletion-protection-enabled",
    ),
    Change(
        _ORDERS,
        "OrderQueue",
        "KmsMasterKeyId",
        Kind.CHANGED,
        sqs(KmsMasterKeyId="alias/aws/sqs"),
        "sqs-queue-customer-managed-key",
    ),
    Change(_ORDERS, "OrderDeadLetters", "MessageRetentionPeriod", Kind.CHANGED, sqs(MessageRetentionPeriod="60")),
    Change(
        _ORDERS,
        "FlowLogGroup",
        "RetentionInDays",
        Kind.CHANGED,
        call("logs", "put_retention_policy", "logGroupName", retentionInDays=1),
        "cw-loggroup-retention-period-check",
    ),
    Change(
        _ORDERS,
        "IntakeLogGroup",
        "RetentionInDays",
        Kind.REMOVED,
        call("logs", "delete_retention_policy", "logGroupName"),
        "cw-loggroup-retention-period-check",
    ),
    Change(
        _ORDERS,
        "FunctionSecurityGroup",
        "SecurityGroupEgress[2]",
        Kind.ADDED,
        _EGRESS,
        "security-group-egress-not-open",
    ),
    Change(_ORDERS, "EndpointSecurityGroup", "SecurityGroupIngress[1]", Kind.ADDED, _INGRESS, "restricted-ssh"),
    Change(
        _ORDERS, "IntakeRole", "Policies[1]", Kind.ADDED, _everything(), "iam-policy-no-statements-with-admin-access"
    ),
    Change(
        _ORDERS,
        "ConfirmationRole",
        "ManagedPolicyArns[0]",
        Kind.ADDED,
        call("iam", "attach_role_policy", "RoleName", PolicyArn=ADMINISTRATOR),
        "iam-no-administrator-access-policy",
    ),
    Change(
        _ORDERS,
        "DataKey",
        "EnableKeyRotation",
        Kind.CHANGED,
        call("kms", "disable_key_rotation", "KeyId"),
        "cmk-backing-key-rotation-enabled",
    ),
    Change(_ORDERS, "LogKey", "KeyPolicy.Statement[2]", Kind.ADDED, key_is_for_everybody, "resource-policy-not-public"),
    Change(
        _ORDERS,
        "ConfirmedOrders",
        "KmsMasterKeyId",
        Kind.REMOVED,
        call("sns", "set_topic_attributes", "TopicArn", AttributeName="KmsMasterKeyId", AttributeValue=""),
        "sns-encrypted-kms",
    ),
    Change(
        _ORDERS,
        "IntakeErrorsAlarm",
        "ActionsEnabled",
        Kind.ADDED,
        alarm_is_silent,
        "cloudwatch-alarm-action-enabled-check",
    ),
    Change(
        _ORDERS,
        "IntakeFunction",
        "Timeout",
        Kind.CHANGED,
        call("lambda", "update_function_configuration", "FunctionName", Timeout=900),
    ),
    Change(_ORDERS, "ConfirmationFunction", "Tags", Kind.REMOVED, owner_is_untagged, "required-tags"),
    Change(_ORDERS, "Stage", "TracingEnabled", Kind.CHANGED, stage_is_not_traced, "api-gw-xray-enabled"),
    Change(
        _STAGING,
        "DataBucket",
        "PublicAccessBlockConfiguration",
        Kind.REMOVED,
        call("s3", "delete_public_access_block", "Bucket"),
    ),
    Change(
        _STAGING,
        "DataBucket",
        "VersioningConfiguration.Status",
        Kind.CHANGED,
        call("s3", "put_bucket_versioning", "Bucket", VersioningConfiguration={"Status": "Suspended"}),
        "s3-bucket-versioning-enabled",
    ),
    Change(
        _STAGING,
        "DataBucketPolicy",
        "PolicyDocument.Statement[1]",
        Kind.ADDED,
        bucket_is_public,
        "resource-policy-not-public",
    ),
    Change(
        _STAGING,
        "DatabaseCluster",
        "DeletionProtection",
        Kind.CHANGED,
        call("rds", "modify_db_cluster", "DBClusterIdentifier", DeletionProtection=False),
        "rds-cluster-deletion-protection-enabled",
    ),
    Change(
        _STAGING,
        "DatabaseCluster",
        "BackupRetentionPeriod",
        Kind.CHANGED,
        call("rds", "modify_db_cluster", "DBClusterIdentifier", BackupRetentionPeriod=1),
        "rds-cluster-backup-retention",
    ),
    Change(_STAGING, "CacheSecurityGroup", "SecurityGroupIngress[2]", Kind.ADDED, _INGRESS, "restricted-ssh"),
    Change(
        _STAGING,
        "DeveloperRole",
        "AssumeRolePolicyDocument.Statement[1]",
        Kind.ADDED,
        stranger_is_trusted,
        "iam-role-trust-accounts-listed",
    ),
    Change(
        _STAGING,
        "MaskingFunction",
        "TracingConfig.Mode",
        Kind.CHANGED,
        call("lambda", "update_function_configuration", "FunctionName", TracingConfig={"Mode": "PassThrough"}),
        "lambda-function-xray-enabled",
    ),
    Change(_STAGING, "ExtractArrived", "State", Kind.CHANGED, call("events", "disable_rule", "Name")),
    Change(_STAGING, "MaskingDeadLetters", "", Kind.REMOVED, call("sqs", "delete_queue", "QueueUrl")),
    Change(
        _SHOP,
        "Bastion2B4CEC30",
        "DisableApiTermination",
        Kind.CHANGED,
        _TERMINABLE,
        "ec2-instance-termination-protection-enabled",
    ),
    Change(_SHOP, _BASTION_RULE, "", Kind.REMOVED, rule_is_revoked),
    Change(
        _SHOP,
        "DatabaseSecretRotation31267EF4",
        "RotationRules",
        Kind.REMOVED,
        call("secretsmanager", "cancel_rotate_secret", "SecretId"),
        "secretsmanager-secret-periodic-rotation",
    ),
)
