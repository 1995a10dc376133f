"""What AWS sets where a template says nothing, by type and property: so that it is not taken for a change by hand.

Of each type its page in the CloudFormation template reference says it ("Default:"), or the page of the API's Create
operation where that one does not. A property that is not here has no default that is known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from infra_checks.access.arns import attributes_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.live.reading import Plain

Test = Callable[[Any], bool]


class Chosen:
    """AWS chooses a value, and which one tells nothing: a zone, a window, a name."""


class Nothing:
    """There is none unless somebody gives one."""


CHOSEN: Final = Chosen()
NOTHING: Final = Nothing()

Default = Any
"""A value, a test of values, CHOSEN or NOTHING."""


def one_of(*values: object) -> Test:
    """Any of some values."""
    return lambda live: live in values


def all_of(value: object) -> Test:
    """Each member of a mapping has a value."""
    return lambda live: isinstance(live, dict) and all(each == value for each in live.values())


def _is_aes(live: object) -> bool:
    """SSE-S3, which every bucket has: https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html."""
    rules = live.get("ServerSideEncryptionConfiguration", ()) if isinstance(live, dict) else ()
    found = [rule.get("ServerSideEncryptionByDefault", {}) for rule in rules if isinstance(rule, dict)]
    return len(found) == 1 and found[0] == {"SSEAlgorithm": "AES256"}


_TAGS: Final[Mapping[str, Default]] = {"Tags": NOTHING}

_DATABASE: Final[Mapping[str, Default]] = {
    "AllocatedStorage": CHOSEN,
    "AssociatedRoles": NOTHING,
    "AutoMinorVersionUpgrade": True,
    "AvailabilityZone": CHOSEN,
    "BackupRetentionPeriod": 1,
    "CACertificateIdentifier": CHOSEN,
    "CopyTagsToSnapshot": False,
    "DBClusterIdentifier": CHOSEN,
    "DBClusterParameterGroupName": CHOSEN,
    "DBInstanceIdentifier": CHOSEN,
    "DBParameterGroupName": CHOSEN,
    "DBSubnetGroupName": CHOSEN,
    "DatabaseInsightsMode": "standard",
    "DatabaseName": CHOSEN,
    "DedicatedLogVolume": False,
    "DeletionProtection": False,
    "EnableCloudwatchLogsExports": NOTHING,
    "EnableHttpEndpoint": False,
    "EnableIAMDatabaseAuthentication": False,
    "EnablePerformanceInsights": False,
    "EngineLifecycleSupport": "open-source-rds-extended-support",
    "EngineMode": "provisioned",
    "EngineVersion": CHOSEN,
    "Iops": one_of(0, 3000),
    "KmsKeyId": CHOSEN,
    "LicenseModel": CHOSEN,
    "MasterUsername": CHOSEN,
    "MasterUserSecret": CHOSEN,
    "ManageMasterUserPassword": False,
    "MaxAllocatedStorage": NOTHING,
    "MonitoringInterval": 0,
    "MonitoringRoleArn": NOTHING,
    "MultiAZ": False,
    "NetworkType": "IPV4",
    "OptionGroupName": CHOSEN,
    "PerformanceInsightsEnabled": False,
    "PerformanceInsightsKMSKeyId": CHOSEN,
    "PerformanceInsightsKmsKeyId": CHOSEN,
    "PerformanceInsightsRetentionPeriod": 7,
    "Port": CHOSEN,
    "PreferredBackupWindow": CHOSEN,
    "PreferredMaintenanceWindow": CHOSEN,
    "PromotionTier": 1,
    "PubliclyAccessible": False,
    "ReadReplicaIdentifiers": CHOSEN,
    "StorageEncrypted": False,
    "StorageThroughput": one_of(0, 125),
    "StorageType": one_of("gp2", "gp3", "aurora", "standard"),
    "VPCSecurityGroups": CHOSEN,
    "VpcSecurityGroupIds": CHOSEN,
    **_TAGS,
}
"""https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html and API_CreateDBCluster.html."""

DEFAULTS: Final[Mapping[str, Mapping[str, Default]]] = {
    "AWS::ApiGateway::Method": {
        "ApiKeyRequired": False,
        "AuthorizationScopes": NOTHING,
        "AuthorizerId": NOTHING,
        "Integration.CacheNamespace": CHOSEN,
        "Integration.PassthroughBehavior": "WHEN_NO_MATCH",
        "Integration.ResponseTransferMode": "BUFFERED",
        "Integration.TimeoutInMillis": 29000,
    },
    "AWS::ApiGateway::RestApi": {
        "ApiKeySourceType": "HEADER",
        "DisableExecuteApiEndpoint": False,
        "EndpointConfiguration": {"Types": ["EDGE"]},
        "EndpointConfiguration.IpAddressType": "ipv4",
        "Policy": NOTHING,
        "SecurityPolicy": "TLS_1_0",
        **_TAGS,
    },
    "AWS::ApiGateway::Stage": {
        "CacheClusterEnabled": False,
        "CacheClusterSize": CHOSEN,
        "CacheClusterStatus": CHOSEN,
        "CanarySetting": NOTHING,
        "ClientCertificateId": NOTHING,
        "TracingEnabled": False,
        "Variables": NOTHING,
        **_TAGS,
    },
    "AWS::Backup::BackupPlan": {"BackupPlanTags": NOTHING},
    "AWS::Backup::BackupVault": {
        "AccessPolicy": NOTHING,
        "BackupVaultTags": NOTHING,
        "EncryptionKeyArn": CHOSEN,
        "LockConfiguration": NOTHING,
        "Notifications": NOTHING,
    },
    "AWS::CloudTrail::Trail": {
        "EnableLogFileValidation": False,
        "IncludeGlobalServiceEvents": True,
        "IsMultiRegionTrail": False,
        "IsOrganizationTrail": False,
        "KMSKeyId": NOTHING,
        **_TAGS,
    },
    "AWS::CloudWatch::Alarm": {
        "ActionsEnabled": True,
        "AlarmActions": NOTHING,
        "AlarmName": CHOSEN,
        "InsufficientDataActions": NOTHING,
        "OKActions": NOTHING,
        "TreatMissingData": "missing",
        **_TAGS,
    },
    "AWS::CodeBuild::Project": {
        "Cache": {"Type": "NO_CACHE"},
        "EncryptionKey": CHOSEN,
        "Environment.ImagePullCredentialsType": "CODEBUILD",
        "Environment.PrivilegedMode": False,
        "QueuedTimeoutInMinutes": 480,
        "TimeoutInMinutes": 60,
        "Visibility": "PRIVATE",
        **_TAGS,
    },
    "AWS::CodePipeline::Pipeline": {"ExecutionMode": "SUPERSEDED", "PipelineType": "V1", **_TAGS},
    "AWS::DynamoDB::Table": {
        "BillingMode": "PROVISIONED",
        "ContributorInsightsSpecification": {"Enabled": False},
        "DeletionProtectionEnabled": False,
        "KinesisStreamSpecification": NOTHING,
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": False},
        "PointInTimeRecoverySpecification.RecoveryPeriodInDays": 35,
        "ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0},
        "ResourcePolicy": NOTHING,
        "SSESpecification": {"SSEEnabled": False},
        "SSESpecification.SSEType": "KMS",
        "StreamSpecification": NOTHING,
        "TableClass": "STANDARD",
        "TableName": CHOSEN,
        "TimeToLiveSpecification": {"Enabled": False},
        "WarmThroughput": CHOSEN,
        **_TAGS,
    },
    "AWS::EC2::EIP": {"Domain": "vpc", "NetworkBorderGroup": CHOSEN, "PublicIpv4Pool": "amazon", **_TAGS},
    "AWS::EC2::FlowLog": {"LogFormat": CHOSEN, "MaxAggregationInterval": 600, **_TAGS},
    "AWS::EC2::Instance": {
        "AvailabilityZone": CHOSEN,
        "DisableApiTermination": False,
        "EbsOptimized": False,
        "InstanceInitiatedShutdownBehavior": "stop",
        "KeyName": NOTHING,
        "Monitoring": False,
        "PrivateIpAddress": CHOSEN,
        "SourceDestCheck": True,
        "Tenancy": "default",
        **_TAGS,
    },
    "AWS::EC2::NatGateway": {"ConnectivityType": "public", "PrivateIpAddress": CHOSEN, "VpcId": CHOSEN, **_TAGS},
    "AWS::EC2::RouteTable": {**_TAGS},
    "AWS::EC2::SecurityGroup": {
        "GroupName": CHOSEN,
        # Where a template has no rule, the one that AWS adds; where it has some, there are no others.
        "SecurityGroupEgress": [{"CidrIp": "0.0.0.0/0", "IpProtocol": "-1"}],
        "SecurityGroupEgress[]": NOTHING,
        "SecurityGroupEgress[].DestinationSecurityGroupOwnerId": CHOSEN,
        "SecurityGroupIngress": NOTHING,
        "SecurityGroupIngress[]": NOTHING,
        "SecurityGroupIngress[].SourceSecurityGroupName": CHOSEN,
        "SecurityGroupIngress[].SourceSecurityGroupOwnerId": CHOSEN,
        **_TAGS,
    },
    "AWS::EC2::Subnet": {
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": CHOSEN,
        "AvailabilityZoneId": CHOSEN,
        "EnableDns64": False,
        "Ipv6Native": False,
        "MapPublicIpOnLaunch": False,
        "PrivateDnsNameOptionsOnLaunch": CHOSEN,
        **_TAGS,
    },
    "AWS::EC2::VPC": {"EnableDnsHostnames": False, "EnableDnsSupport": True, "InstanceTenancy": "default", **_TAGS},
    "AWS::EC2::VPCEndpoint": {
        "DnsOptions": CHOSEN,
        "IpAddressType": "ipv4",
        "PolicyDocument": CHOSEN,
        "PrivateDnsEnabled": False,
        "SecurityGroupIds": CHOSEN,
        "VpcEndpointType": "Gateway",
        **_TAGS,
    },
    "AWS::ECR::Repository": {
        "EncryptionConfiguration": {"EncryptionType": "AES256"},
        "ImageScanningConfiguration": {"ScanOnPush": False},
        "ImageTagMutability": "MUTABLE",
        "RepositoryPolicyText": NOTHING,
        **_TAGS,
    },
    "AWS::ECS::Service": {
        "AvailabilityZoneRebalancing": one_of("ENABLED", "DISABLED"),
        "DeploymentController": {"Type": "ECS"},
        "EnableECSManagedTags": False,
        "EnableExecuteCommand": False,
        "HealthCheckGracePeriodSeconds": 0,
        "PlatformVersion": one_of("LATEST", "1.4.0"),
        "PropagateTags": "NONE",
        "Role": CHOSEN,
        "SchedulingStrategy": "REPLICA",
        **_TAGS,
    },
    "AWS::ElastiCache::ReplicationGroup": {
        "AtRestEncryptionEnabled": False,
        "AutoMinorVersionUpgrade": True,
        "AutomaticFailoverEnabled": False,
        "CacheParameterGroupName": CHOSEN,
        "ClusterMode": "disabled",
        "EngineVersion": CHOSEN,
        "IpDiscovery": "ipv4",
        "KmsKeyId": NOTHING,
        "MultiAZEnabled": False,
        "NetworkType": "ipv4",
        "NumNodeGroups": 1,
        "Port": 6379,
        "PreferredMaintenanceWindow": CHOSEN,
        "SnapshotRetentionLimit": 0,
        "SnapshotWindow": CHOSEN,
        "TransitEncryptionEnabled": False,
        "TransitEncryptionMode": "required",
        **_TAGS,
    },
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {
        "IpAddressType": "ipv4",
        "LoadBalancerAttributes[]": CHOSEN,
        "Name": CHOSEN,
        "Scheme": "internet-facing",
        "Type": "application",
        **_TAGS,
    },
    "AWS::ElasticLoadBalancingV2::TargetGroup": {
        "HealthCheckEnabled": True,
        "HealthCheckIntervalSeconds": 30,
        "HealthCheckPath": "/",
        "HealthCheckPort": "traffic-port",
        "HealthCheckProtocol": CHOSEN,
        "HealthCheckTimeoutSeconds": CHOSEN,
        "HealthyThresholdCount": 5,
        "IpAddressType": "ipv4",
        "Matcher": {"HttpCode": "200"},
        "ProtocolVersion": "HTTP1",
        "TargetGroupAttributes[]": CHOSEN,
        "UnhealthyThresholdCount": 2,
        **_TAGS,
    },
    "AWS::Events::Rule": {
        "EventBusName": "default",
        "RoleArn": NOTHING,
        "State": "ENABLED",
        "Targets[]": NOTHING,
        "Targets": NOTHING,
        **_TAGS,
    },
    "AWS::IAM::InstanceProfile": {"Path": "/"},
    "AWS::IAM::ManagedPolicy": {
        "Description": CHOSEN,
        "Groups": NOTHING,
        "Groups[]": NOTHING,
        "Path": "/",
        "PolicyDocument.Statement[]": NOTHING,
        "Roles": NOTHING,
        "Roles[]": NOTHING,
        "Users": NOTHING,
        "Users[]": NOTHING,
    },
    "AWS::IAM::Policy": {"PolicyDocument.Statement[]": NOTHING},
    "AWS::IAM::Role": {
        "ManagedPolicyArns": NOTHING,
        "ManagedPolicyArns[]": NOTHING,
        "MaxSessionDuration": 3600,
        "Path": "/",
        "PermissionsBoundary": NOTHING,
        "Policies": NOTHING,
        "Policies[]": NOTHING,
        "RoleName": CHOSEN,
        **_TAGS,
    },
    "AWS::IAM::User": {
        "Groups": NOTHING,
        "ManagedPolicyArns": NOTHING,
        "Path": "/",
        "Policies": NOTHING,
        **_TAGS,
    },
    "AWS::KMS::Key": {
        "EnableKeyRotation": False,
        "Enabled": True,
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "MultiRegion": False,
        "Origin": "AWS_KMS",
        "RotationPeriodInDays": 365,
        **_TAGS,
    },
    "AWS::Lambda::EventSourceMapping": {
        "BisectBatchOnFunctionError": False,
        "Enabled": True,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "TumblingWindowInSeconds": 0,
        "BatchSize": one_of(10, 100),
        "MaximumBatchingWindowInSeconds": 0,
        **_TAGS,
    },
    "AWS::Lambda::Function": {
        "Architectures": ["x86_64"],
        "CodeSigningConfigArn": NOTHING,
        "DeadLetterConfig": NOTHING,
        "Description": "",
        "Environment": NOTHING,
        "EphemeralStorage": {"Size": 512},
        "FunctionName": CHOSEN,
        "KmsKeyArn": NOTHING,
        "Layers": NOTHING,
        "LoggingConfig": CHOSEN,
        "MemorySize": 128,
        "PackageType": "Zip",
        "RecursiveLoop": "Terminate",
        "ReservedConcurrentExecutions": NOTHING,
        "RuntimeManagementConfig": {"UpdateRuntimeOn": "Auto"},
        "SnapStart": {"ApplyOn": "None"},
        "Timeout": 3,
        "TracingConfig": {"Mode": "PassThrough"},
        "VpcConfig": NOTHING,
        **_TAGS,
    },
    "AWS::Logs::LogGroup": {
        "BearerTokenAuthenticationEnabled": False,
        "DataProtectionPolicy": NOTHING,
        "DeletionProtectionEnabled": False,
        "KmsKeyId": NOTHING,
        "LogGroupClass": "STANDARD",
        "LogGroupName": CHOSEN,
        "RetentionInDays": NOTHING,
        **_TAGS,
    },
    "AWS::RDS::DBCluster": _DATABASE,
    "AWS::RDS::DBInstance": _DATABASE,
    "AWS::S3::Bucket": {
        "AbacStatus": "Disabled",
        "AccelerateConfiguration": {"AccelerationStatus": "Suspended"},
        "BucketEncryption": _is_aes,
        "BucketEncryption.ServerSideEncryptionConfiguration[].BucketKeyEnabled": False,
        "BucketEncryption.ServerSideEncryptionConfiguration[].BlockedEncryptionTypes": CHOSEN,
        "BucketName": CHOSEN,
        "CorsConfiguration": NOTHING,
        "LifecycleConfiguration": NOTHING,
        "LifecycleConfiguration.Rules[]": NOTHING,
        "LifecycleConfiguration.TransitionDefaultMinimumObjectSize": "all_storage_classes_128K",
        "LoggingConfiguration": NOTHING,
        "NotificationConfiguration": NOTHING,
        "ObjectLockEnabled": False,
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": all_of(True),
        "ReplicationConfiguration": NOTHING,
        "VersioningConfiguration": {"Status": "Suspended"},
        "WebsiteConfiguration": NOTHING,
        **_TAGS,
    },
    "AWS::SNS::Topic": {
        "ContentBasedDeduplication": False,
        "FifoTopic": False,
        "KmsMasterKeyId": NOTHING,
        "SignatureVersion": "1",
        "Subscription": CHOSEN,
        "TopicName": CHOSEN,
        "TracingConfig": "PassThrough",
        **_TAGS,
    },
    "AWS::SQS::Queue": {
        "ContentBasedDeduplication": False,
        "DelaySeconds": 0,
        "FifoQueue": False,
        "KmsDataKeyReusePeriodSeconds": 300,
        "KmsMasterKeyId": NOTHING,
        "MaximumMessageSize": one_of(262144, 1048576),
        "MessageRetentionPeriod": 345600,
        "QueueName": CHOSEN,
        "ReceiveMessageWaitTimeSeconds": 0,
        "RedriveAllowPolicy": NOTHING,
        "RedrivePolicy": NOTHING,
        "SqsManagedSseEnabled": one_of(True, False),
        "VisibilityTimeout": 30,
        **_TAGS,
    },
    "AWS::SSM::Parameter": {"DataType": "text", "Name": CHOSEN, "Tier": "Standard", **_TAGS},
    "AWS::SecretsManager::Secret": {"KmsKeyId": CHOSEN, "Name": CHOSEN, "ReplicaRegions": NOTHING, **_TAGS},
}


SHOWN: Final = {"AWS::S3::Bucket": ("OwnershipControls", "PublicAccessBlockConfiguration")}
"""What AWS sets when it makes a resource and shows where it holds: shown no more, somebody took it away.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeletePublicAccessBlock.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketOwnershipControls.html
"""

INHERITED: Final = frozenset(
    {
        "AllocatedStorage",
        "AssociatedRoles",
        "BackupRetentionPeriod",
        "DatabaseInsightsMode",
        "EnableIAMDatabaseAuthentication",
        "Iops",
        "MasterUsername",
        "MaxAllocatedStorage",
        "MultiAZ",
        "StorageEncrypted",
        "StorageThroughput",
        "StorageType",
    }
)
"""What an instance has of its cluster, or of the instance it is a replica of, unless the template says otherwise."""


def default_of(type: str, path: tuple[str | int, ...]) -> Default | None:
    """What AWS sets at a property path of a type; None when that is not known.

    A path in a list is that of any of its entries; entries of lists of tags are nothing by default. Attributes of a
    resource, such as its ARN, are there in any case.
    """
    if len(path) == 1 and path[0] in attributes_of(type):
        return CHOSEN
    name = "".join("[]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
    found = DEFAULTS.get(type, {}).get(name)
    if found is None and name.endswith("Tags[]"):
        return NOTHING
    return NOTHING if found is None and name.endswith("Statement[]") else found


def is_default(default: Default, live: Plain) -> bool:
    """Whether a live value is what AWS sets."""
    if isinstance(default, Chosen):
        return True
    if isinstance(default, Nothing):
        return False
    if callable(default):
        return bool(default(live))
    return bool(_text(default) == _text(live))


def _text(value: Plain) -> Any:  # noqa: ANN401 - JSON
    """A value in which numbers and booleans are the texts that some services answer with."""
    if isinstance(value, dict):
        return {name: _text(child) for name, child in value.items()}
    if isinstance(value, list):
        return [_text(item) for item in value]
    return str(value).lower() if isinstance(value, (bool, int, float)) else value
