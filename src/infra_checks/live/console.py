"""Links to the AWS console, where a resource can be looked at by hand.

The console's addresses are no API and in no reference; these are those that it shows itself. For a type that is not
here the link leads to the stack's list of resources, which links each of them. Domains of partitions: "Sign in to the
AWS Management Console" (AWS Sign-In user guide), "Amazon Web Services in China" (Getting started guide), "Service
endpoints" (GovCloud user guide).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from infra_checks.live.stacks import Place

_DOMAINS: Final = {
    "aws": "{region}.console.aws.amazon.com",
    "aws-cn": "{region}.console.amazonaws.cn",
    "aws-us-gov": "{region}.console.amazonaws-us-gov.com",
}
_STACK: Final = "cloudformation/home?region={region}#/stacks/{page}?stackId={id}"
_EC2: Final = "ec2/home?region={region}#"
_VPC: Final = "vpcconsole/home?region={region}#"
_RDS: Final = "rds/home?region={region}#"
_IAM: Final = "iam/home#/"

_PATHS: Final = {
    "AWS::ApiGateway::RestApi": "apigateway/main/apis/{id}/resources?api={id}&region={region}",
    "AWS::AutoScaling::AutoScalingGroup": _EC2 + "AutoScalingGroupDetails:id={id}",
    "AWS::Backup::BackupVault": "backup/home?region={region}#/backupvaults/details/{id}",
    "AWS::CertificateManager::Certificate": "acm/home?region={region}#/certificates/{last}",
    "AWS::CloudTrail::Trail": "cloudtrailv2/home?region={region}#/trails/{arn}",
    "AWS::CloudWatch::Alarm": "cloudwatch/home?region={region}#alarmsV2:alarm/{id}",
    "AWS::CloudWatch::Dashboard": "cloudwatch/home?region={region}#dashboards/dashboard/{id}",
    "AWS::CodeBuild::Project": "codesuite/codebuild/{account}/projects/{id}/details?region={region}",
    "AWS::CodePipeline::Pipeline": "codesuite/codepipeline/pipelines/{id}/view?region={region}",
    "AWS::DynamoDB::Table": "dynamodbv2/home?region={region}#table?name={id}",
    "AWS::EC2::Instance": _EC2 + "InstanceDetails:instanceId={id}",
    "AWS::EC2::InternetGateway": _VPC + "InternetGateway:internetGatewayId={id}",
    "AWS::EC2::LaunchTemplate": _EC2 + "LaunchTemplateDetails:launchTemplateId={id}",
    "AWS::EC2::NatGateway": _VPC + "NatGatewayDetails:natGatewayId={id}",
    "AWS::EC2::NetworkAcl": _VPC + "NetworkAclDetails:networkAclId={id}",
    "AWS::EC2::RouteTable": _VPC + "RouteTableDetails:RouteTableId={id}",
    "AWS::EC2::SecurityGroup": _EC2 + "SecurityGroup:groupId={id}",
    "AWS::EC2::Subnet": _VPC + "SubnetDetails:subnetId={id}",
    "AWS::EC2::VPC": _VPC + "VpcDetails:VpcId={id}",
    "AWS::EC2::VPCEndpoint": _VPC + "EndpointDetails:vpcEndpointId={id}",
    "AWS::EC2::Volume": _EC2 + "VolumeDetails:volumeId={id}",
    "AWS::ECR::Repository": "ecr/repositories/private/{account}/{id}?region={region}",
    "AWS::ECS::Cluster": "ecs/v2/clusters/{id}?region={region}",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _EC2 + "LoadBalancer:loadBalancerArn={id}",
    "AWS::ElasticLoadBalancingV2::TargetGroup": _EC2 + "TargetGroup:targetGroupArn={id}",
    "AWS::Events::EventBus": "events/home?region={region}#/eventbus/{id}",
    "AWS::IAM::Group": _IAM + "groups/details/{id}",
    "AWS::IAM::ManagedPolicy": _IAM + "policies/details/{id}",
    "AWS::IAM::Role": _IAM + "roles/details/{id}",
    "AWS::IAM::User": _IAM + "users/details/{id}",
    "AWS::KMS::Key": "kms/home?region={region}#/kms/keys/{id}",
    "AWS::Kinesis::Stream": "kinesis/home?region={region}#/streams/details/{id}",
    "AWS::Lambda::Function": "lambda/home?region={region}#/functions/{id}",
    "AWS::RDS::DBCluster": _RDS + "database:id={id};is-cluster=true",
    "AWS::RDS::DBInstance": _RDS + "database:id={id};is-cluster=false",
    "AWS::RDS::DBParameterGroup": _RDS + "parameter-groups-details:parameter-group-name={id}",
    "AWS::S3::Bucket": "s3/buckets/{id}?region={region}",
    "AWS::S3::BucketPolicy": "s3/buckets/{id}?region={region}&tab=permissions",
    "AWS::SNS::Topic": "sns/v3/home?region={region}#/topic/{id}",
    "AWS::SQS::Queue": "sqs/v3/home?region={region}#/queues/{whole}",
    "AWS::SSM::Parameter": "systems-manager/parameters/{whole}/description?region={region}",
    "AWS::Scheduler::ScheduleGroup": "scheduler/home?region={region}#schedule-groups/{id}",
    "AWS::SecretsManager::Secret": "secretsmanager/secret?name={id}&region={region}",
    "AWS::StepFunctions::StateMachine": "states/home?region={region}#/statemachines/view/{id}",
}
"""`{id}` is the physical id, `{whole}` that with slashes encoded, `{last}` what stands behind its last slash."""


def console_link(type: str, physical_id: str, stack_id: str, place: Place, *, arn: str = "") -> str:
    """Where the console shows a resource, or else the resources of its stack; empty in an unknown partition."""
    domain = _DOMAINS.get(place.partition)
    if domain is None:
        return ""
    path = _PATHS.get(type)
    if path is None or ("{arn}" in path and not arn):
        return f"https://{domain}/{_STACK}".format(region=place.region, page="resources", id=quote(stack_id, safe=""))
    return f"https://{domain}/{path}".format(
        region=place.region,
        account=place.account,
        id=quote(physical_id, safe=":/"),
        whole=quote(physical_id, safe=""),
        last=quote(physical_id.rpartition("/")[2], safe=""),
        arn=quote(arn, safe=":/"),
    )


def stack_link(stack_id: str, place: Place) -> str:
    """Where the console shows a stack."""
    domain = _DOMAINS.get(place.partition)
    if domain is None:
        return ""
    return f"https://{domain}/{_STACK}".format(region=place.region, page="stackinfo", id=quote(stack_id, safe=""))
