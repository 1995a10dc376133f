"""Which property of which type holds a policy, of what kind, for the actions of which service, and about what.

Every property of the CloudFormation template reference that takes a document of the IAM policy language is here; what
looks like one and is none is told in tests/unit/access.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

from infra_checks.iam.model import PolicyType

EACH: Final = "*"
"""In a path: every element of a list, or the one value that stands there instead."""

ITSELF: Final = ()
"""The policy is about the resource that holds it."""

ACCOUNT: Final = None
"""The policy is about all of the account's resources of the service, in the Region of the stack."""


class Form(Enum):
    """How a policy is written."""

    DOCUMENT = "a document"
    SAM = "what AWS SAM makes a document of: CustomStatements, and lists of accounts, addresses and VPCs"
    PROPERTIES = "the elements of one statement, as properties of the resource"


class Carrier(NamedTuple):
    """One property that holds policies.

    `path` leads to it; `type` is None where another property tells it. `service` is the prefix of the actions that such
    a policy is for, "" for any. `about` names the properties that say which resources it is for: empty for the resource
    that holds it, None for what the account has of the service. `form` says how it is written.
    """

    path: tuple[str, ...]
    type: PolicyType | None
    service: str = ""
    about: tuple[str, ...] | None = ITSELF
    form: Form = Form.DOCUMENT


def _rows(text: str, type: PolicyType) -> dict[str, tuple[Carrier, ...]]:
    """Lines of type, path, service (`*`: any) and what it is about: a property, `.` for itself, `@` for the account."""
    found: dict[str, tuple[Carrier, ...]] = {}
    for line in text.strip().splitlines():
        kind, path, prefix, about = line.split()
        service = "" if prefix == "*" else prefix
        properties = {".": ITSELF, "@": ACCOUNT}.get(about, tuple(about.split(",")))
        carrier = Carrier(tuple(path.split(".")), type, service, properties)
        found[f"AWS::{kind}"] = (*found.get(f"AWS::{kind}", ()), carrier)
    return found


_RESOURCE: Final = """
AIOps::InvestigationGroup InvestigationGroupPolicy aiops .
APS::ResourcePolicy PolicyDocument aps WorkspaceArn
ApiGateway::DomainNameV2 Policy execute-api .
ApiGateway::RestApi Policy execute-api .
Backup::BackupVault AccessPolicy backup .
Backup::LogicallyAirGappedBackupVault AccessPolicy backup .
Bedrock::KnowledgeBasePolicy PolicyDocument bedrock KnowledgeBaseId
Bedrock::ResourcePolicy PolicyDocument bedrock ResourceArn
BedrockAgentCore::ResourcePolicy Policy bedrock-agentcore ResourceArn
CloudTrail::ResourcePolicy ResourcePolicy cloudtrail ResourceArn
CodeArtifact::Domain PermissionsPolicyDocument codeartifact .
CodeArtifact::Repository PermissionsPolicyDocument codeartifact .
Comprehend::DocumentClassifier ModelPolicy comprehend .
Comprehend::EntityRecognizer ModelPolicy comprehend .
DSQL::Cluster PolicyDocument dsql .
DynamoDB::GlobalTable Replicas.*.ResourcePolicy.PolicyDocument dynamodb .
DynamoDB::GlobalTable Replicas.*.ReplicaStreamSpecification.ResourcePolicy.PolicyDocument dynamodb .
DynamoDB::Table ResourcePolicy.PolicyDocument dynamodb .
DynamoDB::Table StreamSpecification.ResourcePolicy.PolicyDocument dynamodb .
ECR::PublicRepository RepositoryPolicyText ecr-public .
ECR::RegistryPolicy PolicyText ecr @
ECR::Repository RepositoryPolicyText ecr .
ECR::RepositoryCreationTemplate RepositoryPolicy ecr @
EFS::FileSystem FileSystemPolicy elasticfilesystem .
Elasticsearch::Domain AccessPolicies es .
EventSchemas::RegistryPolicy Policy schemas RegistryName
Events::EventBus Policy events .
EventsV2::ResourcePolicy PolicyDocument events EventBusArn
FSx::S3AccessPointAttachment S3AccessPoint.Policy s3 .
Kinesis::ResourcePolicy ResourcePolicy kinesis ResourceArn
Lambda::ResourcePolicy PolicyDocument lambda ResourceArn
Lex::ResourcePolicy Policy lex ResourceArn
Logs::DeliveryDestination DeliveryDestinationPolicy.DeliveryDestinationPolicy logs .
Logs::Destination DestinationPolicy logs .
Logs::LogGroup ResourcePolicyDocument logs .
Logs::ResourcePolicy PolicyDocument logs @
MSK::ClusterPolicy Policy kafka ClusterArn
MediaPackageV2::ChannelPolicy Policy mediapackagev2 ChannelName
MediaPackageV2::OriginEndpointPolicy Policy mediapackagev2 OriginEndpointName
MediaStore::Container Policy mediastore .
MediaTailor::ChannelPolicy Policy mediatailor ChannelName
OSIS::Pipeline ResourcePolicy.Policy osis .
Oam::Sink Policy oam .
Omics::SequenceStore S3AccessPolicy s3 .
OpenSearchService::Domain AccessPolicies es .
Organizations::ResourcePolicy Content organizations @
PaymentCryptography::Key Policy payment-cryptography .
RUM::AppMonitor ResourcePolicy.PolicyDocument rum .
Redshift::Cluster NamespaceResourcePolicy redshift .
RedshiftServerless::Namespace NamespaceResourcePolicy redshift .
S3::AccessPoint Policy s3 .
S3::BucketPolicy PolicyDocument s3 Bucket
S3::MultiRegionAccessPointPolicy Policy s3 MrapName
S3Express::AccessPoint Policy s3express .
S3Express::BucketPolicy PolicyDocument s3express Bucket
S3Files::FileSystemPolicy Policy s3files FileSystemId
S3ObjectLambda::AccessPointPolicy PolicyDocument s3-object-lambda ObjectLambdaAccessPoint
S3Outposts::AccessPoint Policy s3-outposts .
S3Outposts::BucketPolicy PolicyDocument s3-outposts Bucket
S3Tables::TableBucketPolicy ResourcePolicy s3tables TableBucketARN
S3Tables::TablePolicy ResourcePolicy s3tables TableARN
S3Vectors::VectorBucketPolicy Policy s3vectors VectorBucketArn,VectorBucketName
SMSVOICE::ResourcePolicy PolicyDocument sms-voice ResourceArn
SNS::TopicInlinePolicy PolicyDocument sns TopicArn
SNS::TopicPolicy PolicyDocument sns Topics
SQS::QueueInlinePolicy PolicyDocument sqs Queue
SQS::QueuePolicy PolicyDocument sqs Queues
SSM::ResourcePolicy Policy ssm ResourceArn
SageMaker::ModelPackageGroup ModelPackageGroupPolicy sagemaker .
SecretsManager::ResourcePolicy ResourcePolicy secretsmanager SecretId
VpcLattice::AuthPolicy Policy vpc-lattice-svcs ResourceIdentifier
VpcLattice::ResourcePolicy Policy vpc-lattice ResourceArn
XRay::ResourcePolicy PolicyDocument xray @
"""

_IDENTITY: Final = """
IAM::Group Policies.*.PolicyDocument * .
IAM::GroupPolicy PolicyDocument * GroupName
IAM::ManagedPolicy PolicyDocument * Roles,Users,Groups
IAM::Policy PolicyDocument * Roles,Users,Groups
IAM::Role Policies.*.PolicyDocument * .
IAM::RolePolicy PolicyDocument * RoleName
IAM::User Policies.*.PolicyDocument * .
IAM::UserPolicy PolicyDocument * UserName
IoT::Policy PolicyDocument iot .
SSO::PermissionSet InlinePolicy * .
Serverless::Function Policies.* * .
Serverless::StateMachine Policies.* * .
"""

_SESSIONS: Final = """
EKS::PodIdentityAssociation Policy * RoleArn
RolesAnywhere::Profile SessionPolicy * RoleArns
Transfer::User Policy * Role
"""
"""Session policies: they allow nothing by themselves but limit what the role allows, as a boundary does."""

_TRUST: Final = """
IAM::Role AssumeRolePolicyDocument sts .
Serverless::Function AssumeRolePolicyDocument sts .
"""

_KEYS: Final = """
KMS::Key KeyPolicy kms .
KMS::ReplicaKey KeyPolicy kms .
"""

_ENDPOINTS: Final = """
EC2::VPCEndpoint PolicyDocument * .
ODB::OdbNetwork KmsPolicyDocument kms .
ODB::OdbNetwork S3PolicyDocument s3 .
ODB::OdbNetwork StsPolicyDocument sts .
"""
"""What may be reached through a network: of AWS PrivateLink, and of Oracle Database@AWS."""

_COMPOSED: Final[dict[str, tuple[str, str]]] = {
    "AWS::ACMPCA::Permission": ("acm-pca", "CertificateAuthorityArn"),
    "AWS::EntityResolution::PolicyStatement": ("entityresolution", "Arn"),
    "AWS::Events::EventBusPolicy": ("events", "EventBusName"),
    "AWS::Lambda::LayerVersionPermission": ("lambda", "LayerVersionArn"),
    "AWS::Lambda::Permission": ("lambda", "FunctionName"),
    "AWS::QBusiness::Permission": ("qbusiness", "ApplicationId"),
    "AWS::Signer::ProfilePermission": ("signer", "ProfileName"),
}
"""Types that are one statement themselves: the service, and the property that says what it is about."""

_DOCUMENTS: Final[dict[str, tuple[Carrier, ...]]] = {
    "AWS::Organizations::Policy": (Carrier(("Content",), None, "", ("TargetIds",)),),
    "AWS::Serverless::Api": (
        Carrier(("Policy",), PolicyType.RESOURCE, "execute-api"),
        Carrier(("Auth", "ResourcePolicy"), PolicyType.RESOURCE, "execute-api", form=Form.SAM),
    ),
}


def _joined() -> dict[str, tuple[Carrier, ...]]:
    found = dict(_DOCUMENTS)
    for kind, (service, about) in _COMPOSED.items():
        found[kind] = (Carrier((), PolicyType.RESOURCE, service, (about,), Form.PROPERTIES),)
    for text, kind_of_policy in (
        (_RESOURCE, PolicyType.RESOURCE),
        (_IDENTITY, PolicyType.IDENTITY),
        (_SESSIONS, PolicyType.BOUNDARY),
        (_TRUST, PolicyType.TRUST),
        (_KEYS, PolicyType.KEY),
        (_ENDPOINTS, PolicyType.ENDPOINT),
    ):
        for kind, carriers in _rows(text, kind_of_policy).items():
            found[kind] = (*found.get(kind, ()), *carriers)
    return dict(sorted(found.items()))


CARRIERS: Final = _joined()
"""By type, what it carries."""

IDENTITY_TYPES: Final = tuple(kind for kind, each in CARRIERS.items() if each[0].type is PolicyType.IDENTITY)
RESOURCE_TYPES: Final = tuple(
    kind for kind, each in CARRIERS.items() if any(c.type in {PolicyType.RESOURCE, PolicyType.KEY} for c in each)
)
