"""How each type of resource is drawn: by itself, as a part of another, or counted with others of its kind.

Properties are those of CloudFormation's resource reference
(docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html).
"""

from __future__ import annotations

import re
from typing import Final

OWNERS: Final[dict[str, tuple[str, ...]]] = {
    "AWS::ApiGateway::Authorizer": ("RestApiId",),
    "AWS::ApiGateway::BasePathMapping": ("RestApiId",),
    "AWS::ApiGateway::Deployment": ("RestApiId",),
    "AWS::ApiGateway::GatewayResponse": ("RestApiId",),
    "AWS::ApiGateway::Method": ("RestApiId",),
    "AWS::ApiGateway::Model": ("RestApiId",),
    "AWS::ApiGateway::RequestValidator": ("RestApiId",),
    "AWS::ApiGateway::Resource": ("RestApiId",),
    "AWS::ApiGateway::Stage": ("RestApiId",),
    "AWS::ApiGateway::UsagePlan": ("ApiStages",),
    "AWS::ApiGateway::UsagePlanKey": ("UsagePlanId",),
    "AWS::ApiGatewayV2::ApiMapping": ("ApiId",),
    "AWS::ApiGatewayV2::Authorizer": ("ApiId",),
    "AWS::ApiGatewayV2::Deployment": ("ApiId",),
    "AWS::ApiGatewayV2::Integration": ("ApiId",),
    "AWS::ApiGatewayV2::Route": ("ApiId",),
    "AWS::ApiGatewayV2::Stage": ("ApiId",),
    "AWS::ApplicationAutoScaling::ScalableTarget": ("ResourceId",),
    "AWS::ApplicationAutoScaling::ScalingPolicy": ("ScalingTargetId", "ResourceId"),
    "AWS::AutoScaling::ScalingPolicy": ("AutoScalingGroupName",),
    "AWS::Backup::BackupPlan": ("BackupPlan",),
    "AWS::Backup::BackupSelection": ("BackupPlanId",),
    "AWS::EC2::CustomerGateway": (),
    "AWS::EC2::EIP": (),
    "AWS::EC2::LaunchTemplate": (),
    "AWS::EC2::VPCGatewayAttachment": ("VpnGatewayId",),
    "AWS::EC2::VPNConnection": ("VpnGatewayId",),
    "AWS::EC2::VPNGatewayRoutePropagation": ("VpnGatewayId",),
    "AWS::ECS::Cluster": (),
    "AWS::ECS::TaskDefinition": (),
    "AWS::EFS::AccessPoint": ("FileSystemId",),
    "AWS::EFS::MountTarget": ("FileSystemId",),
    "AWS::ElastiCache::ParameterGroup": (),
    "AWS::ElastiCache::SubnetGroup": (),
    "AWS::ElastiCache::User": (),
    "AWS::ElastiCache::UserGroup": (),
    "AWS::ElasticBeanstalk::ApplicationVersion": ("ApplicationName",),
    "AWS::ElasticBeanstalk::ConfigurationTemplate": ("ApplicationName",),
    "AWS::ElasticLoadBalancingV2::Listener": ("LoadBalancerArn",),
    "AWS::ElasticLoadBalancingV2::ListenerRule": ("ListenerArn",),
    "AWS::ElasticLoadBalancingV2::TargetGroup": (),
    "AWS::Events::EventBusPolicy": ("EventBusName",),
    "AWS::Lambda::Alias": ("FunctionName",),
    "AWS::Lambda::EventInvokeConfig": ("FunctionName",),
    "AWS::Lambda::EventSourceMapping": ("FunctionName",),
    "AWS::Lambda::Permission": ("FunctionName",),
    "AWS::Lambda::Url": ("TargetFunctionArn",),
    "AWS::Lambda::Version": ("FunctionName",),
    "AWS::RDS::DBClusterParameterGroup": (),
    "AWS::RDS::DBInstance": ("DBClusterIdentifier",),
    "AWS::RDS::DBParameterGroup": (),
    "AWS::RDS::DBSubnetGroup": (),
    "AWS::RDS::OptionGroup": (),
    "AWS::S3::BucketPolicy": ("Bucket",),
    "AWS::S3::Object": ("Target",),
    "AWS::SNS::Subscription": ("TopicArn",),
    "AWS::SNS::TopicPolicy": ("Topics",),
    "AWS::SQS::QueuePolicy": ("Queues",),
    "AWS::SecretsManager::ResourcePolicy": ("SecretId",),
    "AWS::SecretsManager::RotationSchedule": ("SecretId",),
    "AWS::SecretsManager::SecretTargetAttachment": ("SecretId",),
    "AWS::WAFv2::LoggingConfiguration": ("ResourceArn",),
    "AWS::WAFv2::WebACLAssociation": ("WebACLArn",),
}
"""Types that are a part of another resource, and the properties that name it; none where the other one names them."""

TOGETHER: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("IAM", re.compile(r"AWS::IAM::")),
    ("KMS keys", re.compile(r"AWS::KMS::")),
    ("Alarms", re.compile(r"AWS::CloudWatch::\w*Alarm$")),
    ("Monitoring", re.compile(r"AWS::(CloudWatch|ApplicationInsights|XRay)::")),
    ("Log groups", re.compile(r"AWS::Logs::")),
    ("AWS Config", re.compile(r"AWS::Config::")),
    ("API Gateway account", re.compile(r"AWS::ApiGateway::(Account|ClientCertificate)$")),
    ("CDK metadata", re.compile(r"AWS::CDK::")),
    ("Resource group", re.compile(r"AWS::ResourceGroups::")),
)
"""Types of which there are many and of which the picture tells the number: a name for them, and which they are."""

NETWORK: Final = re.compile(
    r"AWS::EC2::(VPC|Subnet|Route|RouteTable|SubnetRouteTableAssociation|SecurityGroup|SecurityGroupIngress|"
    r"SecurityGroupEgress|NetworkAcl|NetworkAclEntry|SubnetNetworkAclAssociation|FlowLog|DHCPOptions|"
    r"VPCDHCPOptionsAssociation|VPCCidrBlock|InternetGateway|VPCGatewayAttachment|EgressOnlyInternetGateway)$"
)
"""What a network consists of: drawn as frames, or counted in them."""

SHARED: Final = re.compile(r"::\w*(Subnet|Parameter|Option)Group$")
"""Parts that several resources may have: to name one is no connection with the other."""

SILENT: Final = re.compile(r"AWS::EC2::VPCEndpoint$|::\w*Policy$")
"""Whose mentions of others are about permission, not about what goes where."""

REVERSED: Final[dict[tuple[str, str], str]] = {
    ("AWS::CodePipeline::Pipeline", "Source"): "",
    ("AWS::ECS::Service", "LoadBalancers"): "",
    ("AWS::Events::Rule", "EventPattern"): "events",
    ("AWS::Lambda::Permission", "SourceArn"): "",
    ("AWS::ElastiCache::ReplicationGroup", "AuthToken"): "login",
    ("AWS::RDS::DBCluster", "MasterUserPassword"): "login",
    ("AWS::RDS::DBInstance", "MasterUserPassword"): "login",
    ("AWS::RDS::DBInstance", "SourceDBInstanceIdentifier"): "replicates",
}
"""Type and property by which a resource names where something comes from, and the word for it."""

WORDS: Final = {
    "AlarmActions": "",
    "AccessLogSetting": "logs",
    "DeadLetterConfig": "dead letters",
    "DestinationConfig": "on failure",
    "LoadBalancerAttributes": "logs",
    "LoggingConfiguration": "logs",
    "LogDestinationConfigs": "logs",
    "RedrivePolicy": "dead letters",
    "ReplicationConfiguration": "replicates",
    "RotationLambdaARN": "rotated by",
    "ArtifactStore": "artifacts",
    "Artifacts": "artifacts",
    "BackupVault": "",
    "Resources": "backs up",
    "WebACLArn": "protects",
}
"""What a mention in a property is called."""

STORES: Final = re.compile(
    r"AWS::(DynamoDB::(Global)?Table|RDS::DB(Cluster|Instance)|S3::Bucket|ElastiCache::\w+|EFS::FileSystem|"
    r"DocDB::DBCluster|Neptune::DBCluster|Redshift::Cluster|OpenSearchService::Domain|Backup::BackupVault|"
    r"SecretsManager::Secret|ECR::Repository)$"
)
CHANNELS: Final = re.compile(
    r"AWS::(SNS::Topic|SQS::Queue|Kinesis::Stream|Events::(Rule|EventBus)|Scheduler::Schedule)$"
)

SERVICES: Final = {
    "ApiGateway": "API Gateway",
    "ApiGatewayV2": "API Gateway",
    "CertificateManager": "ACM",
    "CodeBuild": "CodeBuild",
    "CodePipeline": "CodePipeline",
    "DynamoDB": "DynamoDB",
    "ElastiCache": "ElastiCache",
    "ElasticBeanstalk": "Elastic Beanstalk",
    "AWS::EC2::Instance": "EC2",
    "ElasticLoadBalancingV2": "",
    "EC2": "",
    "Events": "EventBridge",
    "SecretsManager": "Secrets Manager",
    "WAFv2": "WAF",
    "CloudTrail": "CloudTrail",
    "ResourceGroups": "Resource Groups",
}
"""Services whose name in types is not the one in use; empty where the rest of the type says enough."""
