"""What AWS sets where a template says nothing, by type and property: so that it is not taken for a change by hand.

Above each type stand the pages that say so. "reference" is the type's page in CloudFormation's template reference
(docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-...), "Create..." and the like pages of the
service's API reference, "example" the output, in the AWS CLI reference, of a command that gives nothing for the
property (docs.aws.amazon.com/cli/latest/reference/...). What no page says is Unstated: it is then not told who set it.
A property that is not here has no default that is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.default_attributes import LOAD_BALANCER, TARGET_GROUP
from infra_checks.live.default_databases import CLUSTER, INSTANCE
from infra_checks.live.default_kinds import CHOSEN, NOTHING, By, Default, Unstated, all_of, one_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEFAULTS"]


def _is_aes(live: object) -> bool:
    """SSE-S3, which every bucket has: https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html."""
    rules = live.get("ServerSideEncryptionConfiguration", ()) if isinstance(live, dict) else ()
    found = [rule.get("ServerSideEncryptionByDefault", {}) for rule in rules if isinstance(rule, dict)]
    return len(found) == 1 and found[0] == {"SSEAlgorithm": "AES256"}


def _is_full_access(live: object) -> bool:
    """The policy of an endpoint without one: everything to everybody, as CreateVpcEndpoint of the EC2 API says."""
    statements = live.get("Statement") if isinstance(live, dict) else None
    listed = statements if isinstance(statements, list) else [statements]
    if len(listed) != 1 or not isinstance(listed[0], dict):
        return False
    statement = {name: value for name, value in listed[0].items() if name != "Sid"}
    everybody = statement.pop("Principal", None) in ("*", {"AWS": "*"})
    return everybody and statement == {"Effect": "Allow", "Action": "*", "Resource": "*"}


def _is_edge(live: object) -> bool:
    """An edge-optimized API over IPv4: see AWS::ApiGateway::RestApi."""
    return isinstance(live, dict) and live in ({"Types": ["EDGE"]}, {"Types": ["EDGE"], "IpAddressType": "ipv4"})


_TAGS: Final[Mapping[str, Default]] = {"Tags": NOTHING}

_MATCHER: Final = By(
    "Protocol",
    {name: {"HttpCode": "200-399"} for name in ("TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC", "GENEVE")},
    {"HttpCode": "200"},
)
"""What a health check over HTTP takes for success: of Network and Gateway Load Balancers more."""

DEFAULTS: Final[Mapping[str, Mapping[str, Default]]] = {
    # PutIntegration; ApiKeyRequired, PassthroughBehavior: output in "Set up Lambda proxy integration using the AWS CLI"
    # of the API Gateway developer guide; ResponseTransferMode: "default" in the type's schema.
    "AWS::ApiGateway::Method": {
        "ApiKeyRequired": False,
        "AuthorizationScopes": NOTHING,
        "AuthorizerId": NOTHING,
        "Integration.CacheNamespace": CHOSEN,
        "Integration.PassthroughBehavior": "WHEN_NO_MATCH",
        "Integration.ResponseTransferMode": "BUFFERED",
        "Integration.TimeoutInMillis": 29000,
    },
    # CreateRestApi; EndpointConfiguration: "API endpoint types" and "IP address types for REST APIs" of the API Gateway
    # developer guide.
    "AWS::ApiGateway::RestApi": {
        "ApiKeySourceType": Unstated("HEADER"),
        "DisableExecuteApiEndpoint": False,
        "EndpointConfiguration": _is_edge,
        "EndpointConfiguration.IpAddressType": one_of("ipv4", "dualstack"),  # of private ones dualstack
        "Policy": NOTHING,
        "SecurityPolicy": Unstated("TLS_1_0"),
        **_TAGS,
    },
    "AWS::ApiGateway::Stage": {
        "CacheClusterEnabled": Unstated(False),
        "CacheClusterSize": CHOSEN,
        "CacheClusterStatus": CHOSEN,
        "CanarySetting": NOTHING,
        "ClientCertificateId": NOTHING,
        "TracingEnabled": Unstated(False),
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
    # reference, CreateTrail; IncludeGlobalServiceEvents: example of create-trail.
    "AWS::CloudTrail::Trail": {
        "EnableLogFileValidation": False,
        "IncludeGlobalServiceEvents": True,
        "IsMultiRegionTrail": False,
        "IsOrganizationTrail": False,
        "KMSKeyId": NOTHING,
        **_TAGS,
    },
    # reference, PutMetricAlarm.
    "AWS::CloudWatch::Alarm": {
        "ActionsEnabled": True,
        "AlarmActions": NOTHING,
        "AlarmName": CHOSEN,
        "InsufficientDataActions": NOTHING,
        "OKActions": NOTHING,
        "TreatMissingData": "missing",
        **_TAGS,
    },
    # CreateProject; EncryptionKey: example of create-project; Cache, QueuedTimeoutInMinutes: examples of
    # batch-get-projects show no other, but nothing says so.
    "AWS::CodeBuild::Project": {
        "Cache": Unstated({"Type": "NO_CACHE"}),
        "EncryptionKey": lambda live: str(live).endswith("alias/aws/s3"),
        "Environment.ImagePullCredentialsType": Unstated("CODEBUILD"),
        "Environment.PrivilegedMode": False,
        "QueuedTimeoutInMinutes": Unstated(480),
        "TimeoutInMinutes": 60,
        "Visibility": Unstated("PRIVATE"),
        **_TAGS,
    },
    # reference, CreatePipeline.
    "AWS::CodePipeline::Pipeline": {"ExecutionMode": "SUPERSEDED", "PipelineType": Unstated("V1"), **_TAGS},
    # reference; ProvisionedThroughput: example of create-table, on demand; TableClass: "Table classes" of the DynamoDB
    # developer guide.
    "AWS::DynamoDB::Table": {
        "BillingMode": "PROVISIONED",
        "ContributorInsightsSpecification": Unstated({"Enabled": False}),
        "DeletionProtectionEnabled": False,
        "KinesisStreamSpecification": NOTHING,
        "PointInTimeRecoverySpecification": Unstated({"PointInTimeRecoveryEnabled": False}),
        "PointInTimeRecoverySpecification.RecoveryPeriodInDays": 35,
        "ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0},
        "ResourcePolicy": NOTHING,
        "SSESpecification": {"SSEEnabled": False},
        "SSESpecification.SSEType": "KMS",
        "StreamSpecification": NOTHING,
        "TableClass": "STANDARD",
        "TableName": CHOSEN,
        "TimeToLiveSpecification": Unstated({"Enabled": False}),
        "WarmThroughput": CHOSEN,
        **_TAGS,
    },
    # reference (EIPs are of a VPC); PublicIpv4Pool: example of allocate-address.
    "AWS::EC2::EIP": {"Domain": "vpc", "NetworkBorderGroup": CHOSEN, "PublicIpv4Pool": "amazon", **_TAGS},
    # CreateFlowLogs.
    "AWS::EC2::FlowLog": {"LogFormat": CHOSEN, "MaxAggregationInterval": 600, **_TAGS},
    # reference, RunInstances; Monitoring, Tenancy: example of run-instances.
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
    # reference, CreateNatGateway.
    "AWS::EC2::NatGateway": {"ConnectivityType": "public", "PrivateIpAddress": CHOSEN, "VpcId": CHOSEN, **_TAGS},
    "AWS::EC2::RouteTable": {**_TAGS},
    # reference: "Remove the default rule".
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
    # reference.
    "AWS::EC2::Subnet": {
        "AssignIpv6AddressOnCreation": False,
        "AvailabilityZone": CHOSEN,
        "AvailabilityZoneId": CHOSEN,
        "EnableDns64": Unstated(False),
        "Ipv6Native": Unstated(False),
        "MapPublicIpOnLaunch": False,
        "PrivateDnsNameOptionsOnLaunch": CHOSEN,
        **_TAGS,
    },
    # reference, CreateVpc.
    "AWS::EC2::VPC": {"EnableDnsHostnames": False, "EnableDnsSupport": True, "InstanceTenancy": "default", **_TAGS},
    # reference, CreateVpcEndpoint.
    "AWS::EC2::VPCEndpoint": {
        "DnsOptions": CHOSEN,
        "IpAddressType": Unstated("ipv4"),
        "PolicyDocument": _is_full_access,
        "PrivateDnsEnabled": False,
        "SecurityGroupIds": CHOSEN,
        "VpcEndpointType": "Gateway",
        **_TAGS,
    },
    # reference, CreateRepository.
    "AWS::ECR::Repository": {
        "EncryptionConfiguration": {"EncryptionType": "AES256"},
        "ImageScanningConfiguration": {"ScanOnPush": False},
        "ImageTagMutability": "MUTABLE",
        "RepositoryPolicyText": NOTHING,
        **_TAGS,
    },
    # reference, CreateService; EnableECSManagedTags, SchedulingStrategy: example of create-service.
    "AWS::ECS::Service": {
        "AvailabilityZoneRebalancing": one_of("ENABLED", "DISABLED"),
        "DeploymentController": {"Type": "ECS"},
        "EnableECSManagedTags": False,
        "EnableExecuteCommand": Unstated(False),
        "HealthCheckGracePeriodSeconds": 0,
        "PlatformVersion": one_of("LATEST", "1.4.0"),
        "PropagateTags": "NONE",
        "Role": CHOSEN,
        "SchedulingStrategy": "REPLICA",
        **_TAGS,
    },
    # reference, CreateReplicationGroup; AtRestEncryptionEnabled depends on the engine and cannot be changed afterwards.
    "AWS::ElastiCache::ReplicationGroup": {
        "AtRestEncryptionEnabled": CHOSEN,
        "AutoMinorVersionUpgrade": Unstated(True),
        "AutomaticFailoverEnabled": False,
        "CacheParameterGroupName": CHOSEN,
        "ClusterMode": Unstated("disabled"),
        "EngineVersion": CHOSEN,
        "IpDiscovery": Unstated("ipv4"),
        "KmsKeyId": NOTHING,
        "MultiAZEnabled": Unstated(False),
        "NetworkType": Unstated("ipv4"),
        "NumNodeGroups": 1,
        "Port": Unstated(6379),
        "PreferredMaintenanceWindow": CHOSEN,
        "SnapshotRetentionLimit": 0,
        "SnapshotWindow": CHOSEN,
        "TransitEncryptionEnabled": By("Engine", {"redis": False}, Unstated(True)),
        "TransitEncryptionMode": Unstated("required"),
        **_TAGS,
    },
    # reference; IpAddressType: example of create-load-balancer.
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {
        "IpAddressType": "ipv4",
        "LoadBalancerAttributes[]": LOAD_BALANCER,
        "Name": CHOSEN,
        "Scheme": "internet-facing",
        "Type": "application",
        **_TAGS,
    },
    # CreateTargetGroup, GrpcCode and HttpCode of its Matcher.
    "AWS::ElasticLoadBalancingV2::TargetGroup": {
        "HealthCheckEnabled": By("TargetType", {"lambda": False}, True),
        "HealthCheckIntervalSeconds": By("TargetType", {"lambda": 35}, By("Protocol", {"GENEVE": 10}, 30)),
        "HealthCheckPath": By("ProtocolVersion", {"GRPC": "/AWS.ALB/healthcheck"}, "/"),
        "HealthCheckPort": By("Protocol", {"GENEVE": 80}, "traffic-port"),
        "HealthCheckProtocol": CHOSEN,
        "HealthCheckTimeoutSeconds": CHOSEN,
        "HealthyThresholdCount": 5,
        "IpAddressType": "ipv4",
        "Matcher": By("ProtocolVersion", {"GRPC": {"GrpcCode": "12"}}, _MATCHER),
        "ProtocolVersion": "HTTP1",
        "TargetGroupAttributes[]": TARGET_GROUP,
        "UnhealthyThresholdCount": By("TargetType", {"lambda": 5}, 2),
        **_TAGS,
    },
    # reference, PutRule.
    "AWS::Events::Rule": {
        "EventBusName": "default",
        "RoleArn": NOTHING,
        "State": "ENABLED",
        "Targets[]": NOTHING,
        "Targets": NOTHING,
        **_TAGS,
    },
    # reference, CreateInstanceProfile; so the other types of IAM.
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
    # reference, CreateKey, EnableKeyRotation.
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
    # reference, CreateEventSourceMapping.
    "AWS::Lambda::EventSourceMapping": {
        "BisectBatchOnFunctionError": False,
        "Enabled": True,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "TumblingWindowInSeconds": Unstated(0),
        "BatchSize": one_of(10, 100),
        "MaximumBatchingWindowInSeconds": 0,
        **_TAGS,
    },
    # reference, CreateFunction, PutRuntimeManagementConfig, PutFunctionRecursionConfig; Description, TracingConfig:
    # example of create-function.
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
        "PackageType": Unstated("Zip"),
        "RecursiveLoop": "Terminate",
        "ReservedConcurrentExecutions": NOTHING,
        "RuntimeManagementConfig": {"UpdateRuntimeOn": "Auto"},
        "SnapStart": Unstated({"ApplyOn": "None"}),
        "Timeout": 3,
        "TracingConfig": {"Mode": "PassThrough"},
        "VpcConfig": NOTHING,
        **_TAGS,
    },
    # CreateLogGroup; BearerTokenAuthenticationEnabled: "default" in the type's schema.
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
    # See default_databases.
    "AWS::RDS::DBCluster": CLUSTER,
    "AWS::RDS::DBInstance": INSTANCE,
    # S3 user guide: "Enabling versioning on buckets", "Controlling ownership of objects", "Blocking public access to
    # your Amazon S3 storage"; PutBucketEncryption, PutBucketLifecycleConfiguration.
    "AWS::S3::Bucket": {
        "AbacStatus": Unstated("Disabled"),
        "AccelerateConfiguration": Unstated({"AccelerationStatus": "Suspended"}),
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
        "ObjectLockEnabled": Unstated(False),
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": all_of(True),
        "ReplicationConfiguration": NOTHING,
        "VersioningConfiguration": {"Status": "Suspended"},
        "WebsiteConfiguration": NOTHING,
        **_TAGS,
    },
    # reference, CreateTopic.
    "AWS::SNS::Topic": {
        "ContentBasedDeduplication": False,
        "FifoTopic": Unstated(False),
        "KmsMasterKeyId": NOTHING,
        "SignatureVersion": "1",
        "Subscription": NOTHING,
        "Subscription[]": NOTHING,
        "TopicName": CHOSEN,
        "TracingConfig": "PassThrough",
        **_TAGS,
    },
    # reference, CreateQueue; MaximumMessageSize was 262144 before, as older versions of the reference say.
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
        # With a key of KMS it is shown as false: see INSTEAD.
        "SqsManagedSseEnabled": True,
        "VisibilityTimeout": 30,
        **_TAGS,
    },
    # reference, PutParameter: the tier is the account's default one.
    "AWS::SSM::Parameter": {"DataType": "text", "Name": CHOSEN, "Tier": CHOSEN, **_TAGS},
    # DescribeSecret: the key of AWS is left out.
    "AWS::SecretsManager::Secret": {"KmsKeyId": NOTHING, "Name": CHOSEN, "ReplicaRegions": NOTHING, **_TAGS},
}
