"""What Ref and Fn::GetAtt of a resource look like: names, ids and ARNs, with holes for what the resource is called.

A form is text with `{Property}` for the resource's name, path and the like, `{Partition}`, `{Region}` and `{Account}`.
Sources: "Return values" of each type in the CloudFormation template reference, ARN formats in the Service
Authorization Reference (https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html).
"""

from __future__ import annotations

import re
from typing import Final

from infra_checks.access.other_arns import other_forms

REF: Final = "Ref"

_SHORT: Final = re.compile(r"([a-z0-9-]+):(R?):(A?):")


def form_of(kind: str, attribute: str) -> str | None:
    """The form of `Ref` (attribute "Ref") or of an attribute of a type; None where it is not known.

    A form that begins with `arn:` is an ARN, one that is a single hole is a name.
    """
    form = _forms(kind).get(attribute)
    if form is not None and form.startswith("="):
        return form_of(kind, form[1:])
    return None if form is None else _long(form)


def attributes_of(kind: str) -> tuple[str, ...]:
    """The attributes of a type whose form is known, `Ref` among them."""
    return tuple(_forms(kind))


def arn_form(kind: str) -> str | None:
    """The form of a type's own ARN."""
    for attribute in _forms(kind):
        form = form_of(kind, attribute)
        if form is not None and form.startswith("arn:"):
            return form
    return None


def _forms(kind: str) -> dict[str, str]:
    forms = FORMS.get(kind)
    if forms is not None or not kind.startswith("AWS::"):
        return forms or {}
    return other_forms().get(kind, {})


def _long(form: str) -> str:
    """`sqs:R:A:{QueueName}` in full; a form without such letters stays as it is."""
    short = _SHORT.match(form)
    if short is None:
        return form
    service, region, account = short.groups()
    return f"arn:{{Partition}}:{service}:{region and '{Region}'}:{account and '{Account}'}:{form[short.end() :]}"


FORMS: Final[dict[str, dict[str, str]]] = {
    "AWS::ACMPCA::CertificateAuthority": {"Ref": "=Arn", "Arn": "acm-pca:R:A:certificate-authority/{AuthorityId}"},
    "AWS::ApiGateway::RestApi": {"Ref": "{RestApiId}", "RestApiId": "{RestApiId}"},
    "AWS::ApiGatewayV2::Api": {"Ref": "{ApiId}", "ApiId": "{ApiId}"},
    "AWS::AppSync::GraphQLApi": {"Ref": "=Arn", "Arn": "appsync:R:A:apis/{ApiId}", "ApiId": "{ApiId}"},
    "AWS::Athena::WorkGroup": {"Ref": "{Name}", "": "athena:R:A:workgroup/{Name}"},
    "AWS::Backup::BackupVault": {
        "Ref": "{BackupVaultName}",
        "BackupVaultName": "{BackupVaultName}",
        "BackupVaultArn": "backup:R:A:backup-vault:{BackupVaultName}",
    },
    "AWS::Batch::JobQueue": {"Ref": "=JobQueueArn", "JobQueueArn": "batch:R:A:job-queue/{JobQueueName}"},
    "AWS::CertificateManager::Certificate": {"Ref": "acm:R:A:certificate/{CertificateId}"},
    "AWS::CloudFormation::Stack": {"Ref": "cloudformation:R:A:stack/{StackName}/{StackId}"},
    "AWS::CloudFront::Distribution": {
        "Ref": "{DistributionId}",
        "Id": "{DistributionId}",
        "": "cloudfront::A:distribution/{DistributionId}",
    },
    "AWS::CloudTrail::Trail": {"Ref": "{TrailName}", "Arn": "cloudtrail:R:A:trail/{TrailName}"},
    "AWS::CloudWatch::Alarm": {"Ref": "{AlarmName}", "Arn": "cloudwatch:R:A:alarm:{AlarmName}"},
    "AWS::CodeArtifact::Domain": {
        "Ref": "=Arn",
        "Arn": "codeartifact:R:A:domain/{DomainName}",
        "Name": "{DomainName}",
    },
    "AWS::CodeArtifact::Repository": {
        "Ref": "=Arn",
        "Arn": "codeartifact:R:A:repository/{DomainName}/{RepositoryName}",
        "Name": "{RepositoryName}",
    },
    "AWS::CodeBuild::Project": {"Ref": "{Name}", "Arn": "codebuild:R:A:project/{Name}"},
    "AWS::CodeCommit::Repository": {
        "Ref": "{RepositoryId}",
        "Name": "{RepositoryName}",
        "Arn": "codecommit:R:A:{RepositoryName}",
    },
    "AWS::CodePipeline::Pipeline": {"Ref": "{Name}", "": "codepipeline:R:A:{Name}"},
    "AWS::Cognito::IdentityPool": {"Ref": "{IdentityPoolId}", "": "cognito-identity:R:A:identitypool/{IdentityPoolId}"},
    "AWS::Cognito::UserPool": {
        "Ref": "{UserPoolId}",
        "UserPoolId": "{UserPoolId}",
        "Arn": "cognito-idp:R:A:userpool/{UserPoolId}",
    },
    "AWS::DynamoDB::GlobalTable": {
        "Ref": "{TableName}",
        "Arn": "dynamodb:R:A:table/{TableName}",
        "StreamArn": "dynamodb:R:A:table/{TableName}/stream/{StreamLabel}",
    },
    "AWS::DynamoDB::Table": {
        "Ref": "{TableName}",
        "Arn": "dynamodb:R:A:table/{TableName}",
        "StreamArn": "dynamodb:R:A:table/{TableName}/stream/{StreamLabel}",
    },
    "AWS::EC2::Instance": {"Ref": "{InstanceId}", "InstanceId": "{InstanceId}", "": "ec2:R:A:instance/{InstanceId}"},
    "AWS::EC2::SecurityGroup": {"GroupId": "{GroupId}", "": "ec2:R:A:security-group/{GroupId}"},
    "AWS::EC2::Subnet": {"Ref": "{SubnetId}", "SubnetId": "{SubnetId}", "": "ec2:R:A:subnet/{SubnetId}"},
    "AWS::EC2::VPC": {"Ref": "{VpcId}", "VpcId": "{VpcId}", "": "ec2:R:A:vpc/{VpcId}"},
    "AWS::EC2::VPCEndpoint": {"Ref": "{VpcEndpointId}", "Id": "{VpcEndpointId}"},
    "AWS::EC2::Volume": {"Ref": "{VolumeId}", "VolumeId": "{VolumeId}", "": "ec2:R:A:volume/{VolumeId}"},
    "AWS::ECR::PublicRepository": {"Ref": "{RepositoryName}", "Arn": "ecr-public::A:repository/{RepositoryName}"},
    "AWS::ECR::Repository": {"Ref": "{RepositoryName}", "Arn": "ecr:R:A:repository/{RepositoryName}"},
    "AWS::ECS::Cluster": {"Ref": "{ClusterName}", "Arn": "ecs:R:A:cluster/{ClusterName}"},
    "AWS::ECS::Service": {
        "Ref": "=ServiceArn",
        "Name": "{ServiceName}",
        "ServiceArn": "ecs:R:A:service/{ClusterName}/{ServiceName}",
    },
    "AWS::ECS::TaskDefinition": {
        "Ref": "=TaskDefinitionArn",
        "TaskDefinitionArn": "ecs:R:A:task-definition/{Family}:{Revision}",
    },
    "AWS::EFS::AccessPoint": {
        "Ref": "{AccessPointId}",
        "AccessPointId": "{AccessPointId}",
        "Arn": "elasticfilesystem:R:A:access-point/{AccessPointId}",
    },
    "AWS::EFS::FileSystem": {
        "Ref": "{FileSystemId}",
        "FileSystemId": "{FileSystemId}",
        "Arn": "elasticfilesystem:R:A:file-system/{FileSystemId}",
    },
    "AWS::EKS::Cluster": {"Ref": "{Name}", "Arn": "eks:R:A:cluster/{Name}"},
    "AWS::ElasticLoadBalancingV2::TargetGroup": {
        "Ref": "=TargetGroupArn",
        "TargetGroupArn": "elasticloadbalancing:R:A:targetgroup/{Name}/{TargetGroupId}",
        "TargetGroupName": "{Name}",
    },
    "AWS::Elasticsearch::Domain": {
        "Ref": "{DomainName}",
        "Arn": "es:R:A:domain/{DomainName}",
        "DomainArn": "es:R:A:domain/{DomainName}",
    },
    "AWS::Events::EventBus": {"Ref": "{Name}", "Name": "{Name}", "Arn": "events:R:A:event-bus/{Name}"},
    "AWS::Events::Rule": {"Arn": "events:R:A:rule/{RuleName}"},
    "AWS::Glue::Crawler": {"Ref": "{Name}", "": "glue:R:A:crawler/{Name}"},
    "AWS::Glue::Database": {"Ref": "{Name}", "": "glue:R:A:database/{Name}"},
    "AWS::Glue::Job": {"Ref": "{Name}", "": "glue:R:A:job/{Name}"},
    "AWS::IAM::Group": {"Ref": "{GroupName}", "Arn": "iam::A:group{Path}{GroupName}"},
    "AWS::IAM::InstanceProfile": {
        "Ref": "{InstanceProfileName}",
        "Arn": "iam::A:instance-profile{Path}{InstanceProfileName}",
    },
    "AWS::IAM::ManagedPolicy": {"Ref": "=PolicyArn", "PolicyArn": "iam::A:policy{Path}{ManagedPolicyName}"},
    "AWS::IAM::OIDCProvider": {"Ref": "=Arn", "Arn": "iam::A:oidc-provider/{ProviderUrl}"},
    "AWS::IAM::Role": {"Ref": "{RoleName}", "Arn": "iam::A:role{Path}{RoleName}"},
    "AWS::IAM::SAMLProvider": {"Ref": "=Arn", "Arn": "iam::A:saml-provider/{Name}"},
    "AWS::IAM::User": {"Ref": "{UserName}", "Arn": "iam::A:user{Path}{UserName}"},
    "AWS::KMS::Alias": {"Ref": "{AliasName}", "": "kms:R:A:{AliasName}"},
    "AWS::KMS::Key": {"Ref": "{KeyId}", "KeyId": "{KeyId}", "Arn": "kms:R:A:key/{KeyId}"},
    "AWS::KMS::ReplicaKey": {"Ref": "{KeyId}", "KeyId": "{KeyId}", "Arn": "kms:R:A:key/{KeyId}"},
    "AWS::Kinesis::Stream": {"Ref": "{Name}", "Arn": "kinesis:R:A:stream/{Name}"},
    "AWS::Kinesis::StreamConsumer": {
        "Ref": "=ConsumerARN",
        "ConsumerARN": "kinesis:R:A:stream/{StreamName}/consumer/{ConsumerName}:{CreationTimestamp}",
        "ConsumerName": "{ConsumerName}",
    },
    "AWS::KinesisFirehose::DeliveryStream": {
        "Ref": "{DeliveryStreamName}",
        "Arn": "firehose:R:A:deliverystream/{DeliveryStreamName}",
    },
    "AWS::Lambda::Alias": {"Ref": "lambda:R:A:function:{FunctionName}:{Name}"},
    "AWS::Lambda::Function": {"Ref": "{FunctionName}", "Arn": "lambda:R:A:function:{FunctionName}"},
    "AWS::Lambda::LayerVersion": {"Ref": "lambda:R:A:layer:{LayerName}:{Version}"},
    "AWS::Lambda::Version": {"Ref": "lambda:R:A:function:{FunctionName}:{Version}"},
    "AWS::Logs::LogGroup": {"Ref": "{LogGroupName}", "Arn": "logs:R:A:log-group:{LogGroupName}:*"},
    "AWS::Logs::Destination": {"Ref": "{DestinationName}", "Arn": "logs:R:A:destination:{DestinationName}"},
    "AWS::MSK::Cluster": {"Ref": "=Arn", "Arn": "kafka:R:A:cluster/{ClusterName}/{ClusterId}"},
    "AWS::OpenSearchService::Domain": {
        "Ref": "{DomainName}",
        "Arn": "es:R:A:domain/{DomainName}",
        "DomainArn": "es:R:A:domain/{DomainName}",
    },
    "AWS::RDS::DBCluster": {
        "Ref": "{DBClusterIdentifier}",
        "DBClusterArn": "rds:R:A:cluster:{DBClusterIdentifier}",
        "DBClusterResourceId": "{DbClusterResourceId}",
    },
    "AWS::RDS::DBInstance": {
        "Ref": "{DBInstanceIdentifier}",
        "DBInstanceArn": "rds:R:A:db:{DBInstanceIdentifier}",
        "DbiResourceId": "{DbiResourceId}",
    },
    "AWS::S3::AccessPoint": {"Ref": "{Name}", "Name": "{Name}", "Arn": "s3:R:A:accesspoint/{Name}"},
    "AWS::S3::Bucket": {"Ref": "{BucketName}", "Arn": "s3:::{BucketName}"},
    "AWS::S3Express::DirectoryBucket": {"Ref": "{BucketName}", "Arn": "s3express:R:A:bucket/{BucketName}"},
    "AWS::SNS::Topic": {"Ref": "=TopicArn", "TopicArn": "sns:R:A:{TopicName}", "TopicName": "{TopicName}"},
    "AWS::SQS::Queue": {"Arn": "sqs:R:A:{QueueName}", "QueueName": "{QueueName}"},
    "AWS::SSM::Parameter": {"Ref": "{Name}", "": "ssm:R:A:parameter/{/Name}"},
    "AWS::SecretsManager::Secret": {"Ref": "=Id", "Id": "secretsmanager:R:A:secret:{Name}-{Suffix}"},
    "AWS::Serverless::Function": {"Ref": "{FunctionName}", "Arn": "lambda:R:A:function:{FunctionName}"},
    "AWS::Serverless::SimpleTable": {"Ref": "{TableName}", "Arn": "dynamodb:R:A:table/{TableName}"},
    "AWS::Serverless::StateMachine": {
        "Ref": "=Arn",
        "Arn": "states:R:A:stateMachine:{Name}",
        "Name": "{Name}",
    },
    "AWS::StepFunctions::Activity": {"Ref": "=Arn", "Arn": "states:R:A:activity:{Name}", "Name": "{Name}"},
    "AWS::StepFunctions::StateMachine": {
        "Ref": "=Arn",
        "Arn": "states:R:A:stateMachine:{StateMachineName}",
        "Name": "{StateMachineName}",
    },
}
"""By type and attribute; `""` holds an ARN that no attribute gives. `R` and `A` stand for Region and account."""
