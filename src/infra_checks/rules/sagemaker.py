"""Rules on SageMaker and Bedrock: keys, networks, metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.core.table import is_customer_key, is_set, is_true, one_of, property_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

NOTEBOOK: Final = "AWS::SageMaker::NotebookInstance"
JOBS: Final = (
    "AWS::SageMaker::DataQualityJobDefinition",
    "AWS::SageMaker::ModelBiasJobDefinition",
    "AWS::SageMaker::ModelExplainabilityJobDefinition",
    "AWS::SageMaker::ModelQualityJobDefinition",
)
"""Monitoring jobs, which have the same properties for their machines and network."""

_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_GUIDE: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg/"
_API: Final = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/"

notebook_key = property_rule(
    NOTEBOOK,
    id="sagemaker-notebook-instance-kms-key-configured",
    title="Volume of a notebook is encrypted with a key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("KmsKeyId",),
    holds=is_set,
    message="names no key of your own for its volume",
    rationale="""Notebooks keep data and code on their volume. SageMaker encrypts it with a key that AWS manages; only
    the policy of a key of one's own says who may read it.""",
    remedy="Set `KmsKeyId: !Ref Key`.",
    source=_CONFIG + "sagemaker-notebook-instance-kms-key-configured.html",
    equivalents=(
        "CKV2_AWS_24",
        "CKV_AWS_187",
        "W1201",
        "SAGEMAKER_NOTEBOOK_INSTANCE_KMS_KEY_CONFIGURED",
    ),
)

notebook_internet = property_rule(
    NOTEBOOK,
    id="sagemaker-notebook-no-direct-internet-access",
    title="Notebook has no internet access of its own",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    path=("DirectInternetAccess",),
    holds=one_of("Disabled"),
    message="reaches the internet past the VPC",
    rationale="""With direct access, the default, data can leave a notebook to anywhere through a network that the
    account does not control.""",
    remedy="Set `DirectInternetAccess: Disabled`, `SubnetId` and `SecurityGroupIds`.",
    source=_CONFIG + "sagemaker-notebook-no-direct-internet-access.html",
    equivalents=("SAGEMAKER_NOTEBOOK_NO_DIRECT_INTERNET_ACCESS",),
)

notebook_root = property_rule(
    NOTEBOOK,
    id="sagemaker-notebook-instance-root-access-check",
    title="Users of a notebook are not root",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    path=("RootAccess",),
    holds=one_of("Disabled"),
    message="lets its users be root",
    rationale="""Root can switch off what protects the machine. It is enabled by default; lifecycle configurations run
    as root in any case.""",
    remedy="Set `RootAccess: Disabled`.",
    source=_CONFIG + "sagemaker-notebook-instance-root-access-check.html",
)

notebook_metadata = property_rule(
    NOTEBOOK,
    id="sagemaker-notebook-instance-imdsv2",
    title="Notebook's metadata needs a session token (IMDSv2)",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    path=("InstanceMetadataServiceConfiguration", "MinimumInstanceMetadataServiceVersion"),
    holds=one_of("2"),
    message="gives out its role's credentials without a session token (IMDSv1)",
    rationale="""With version 1, whoever makes the notebook fetch an address gets the credentials of its role. AWS:
    where no version is given, both 1 and 2 are accepted.""",
    remedy='Add `InstanceMetadataServiceConfiguration: {MinimumInstanceMetadataServiceVersion: "2"}`.',
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/"
    "aws-properties-sagemaker-notebookinstance-instancemetadataserviceconfiguration.html",
    equivalents=("CKV_AWS_371",),
)

model_isolation = property_rule(
    "AWS::SageMaker::Model",
    id="sagemaker-model-isolation-enabled",
    title="Model's containers make no network calls",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    path=("EnableNetworkIsolation",),
    holds=is_true,
    message="lets its containers make network calls",
    rationale="""A container with code from elsewhere could send away the data it is given. Isolation is off by
    default.""",
    remedy="Set `EnableNetworkIsolation: true`.",
    source=_CONFIG + "sagemaker-model-isolation-enabled.html",
    equivalents=("CKV_AWS_370",),
)

job_volume = property_rule(
    *JOBS,
    id="sagemaker-job-volume-key",
    title="Volumes of a monitoring job are encrypted with a key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("JobResources", "ClusterConfig", "VolumeKmsKeyId"),
    holds=is_customer_key,
    message="names no key of your own for the volumes of its machines",
    rationale="""A monitoring job copies captured requests and answers to its machines' volumes. Only the policy of a
    key of one's own says who may read them.""",
    remedy="Set `JobResources.ClusterConfig.VolumeKmsKeyId`.",
    source=_API + "API_MonitoringClusterConfig.html",
    equivalents=("CKV_AWS_368",),
)

job_traffic = property_rule(
    *JOBS,
    id="sagemaker-job-traffic-encrypted",
    title="Machines of a monitoring job talk encrypted",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("NetworkConfig", "EnableInterContainerTrafficEncryption"),
    holds=is_true,
    message="does not encrypt the traffic between its machines",
    rationale="""A job on several machines sends the data between them. Encrypting that is off by default, because it
    takes longer.""",
    remedy="Set `NetworkConfig.EnableInterContainerTrafficEncryption: true`.",
    source=_API + "API_MonitoringNetworkConfig.html",
    equivalents=("CKV_AWS_369",),
)

endpoint_key = property_rule(
    "AWS::SageMaker::EndpointConfig",
    id="sagemaker-endpoint-configuration-kms-key-configured",
    title="Volumes of an endpoint are encrypted with a key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("KmsKeyId",),
    holds=is_set,
    message="names no key of your own for the volumes of its machines",
    rationale="""An endpoint keeps the model and what it is asked on its machines' volumes. Only the policy of a key of
    one's own says who may read them. Machines with local NVMe storage encrypt by themselves and take no key.""",
    remedy="Set `KmsKeyId: !Ref Key`.",
    source=_CONFIG + "sagemaker-endpoint-configuration-kms-key-configured.html",
    equivalents=(
        "SAGEMAKER_ENDPOINT_CONFIGURATION_KMS_KEY_CONFIGURED",
        "W1200",
    ),
)

agent_key = property_rule(
    "AWS::Bedrock::Agent",
    id="bedrock-agent-customer-managed-key",
    title="Bedrock agent is encrypted with a key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("CustomerEncryptionKeyArn",),
    holds=is_set,
    message="is encrypted with a key that AWS owns, not with one of your own",
    rationale="""An agent keeps its instructions and conversations. Bedrock encrypts them with a key that AWS owns; only
    the policy of a key of one's own says who may read them.""",
    remedy="Set `CustomerEncryptionKeyArn: !GetAtt Key.Arn`.",
    source="https://docs.aws.amazon.com/bedrock/latest/userguide/encryption-agents.html",
    equivalents=("CKV_AWS_373",),
)

domain_key = property_rule(
    "AWS::SageMaker::Domain",
    id="sagemaker-domain-customer-key",
    title="File system of a domain is encrypted with a key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("KmsKeyId",),
    holds=is_customer_key,
    message="names no key of your own for its file system",
    rationale="""The domain's file system holds the notebooks and data of all its users. SageMaker encrypts it with a
    key that AWS manages unless the domain names another, which cannot be changed later.""",
    remedy="Set `KmsKeyId: !Ref Key`.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-domain.html",
    equivalents=("CKV_AWS_187",),
)

_OUTPUTS: Final = {
    "AWS::SageMaker::DataQualityJobDefinition": "DataQualityJobOutputConfig",
    "AWS::SageMaker::FlowDefinition": "OutputConfig",
    "AWS::SageMaker::ModelBiasJobDefinition": "ModelBiasJobOutputConfig",
    "AWS::SageMaker::ModelExplainabilityJobDefinition": "ModelExplainabilityJobOutputConfig",
    "AWS::SageMaker::ModelQualityJobDefinition": "ModelQualityJobOutputConfig",
}


@rule(
    *_OUTPUTS,
    id="sagemaker-output-customer-key",
    title="What a job or human review writes is encrypted with a key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    remedy="Set `KmsKeyId` in the output configuration.",
    source=_API + "API_MonitoringOutputConfig.html",
    equivalents=("CKV_AWS_367", "CKV_AWS_372"),
)
def output_key(job: Resource, ctx: Context) -> Iterator[Verdict]:
    """Monitoring jobs and human reviews write captured requests and answers to a bucket. Without a key they are
    encrypted as S3 does by default, with a key that everybody who may read the bucket may use.
    """
    key = job.value(_OUTPUTS[job.type], "KmsKeyId")
    kept = is_customer_key(key, ctx)
    if kept is None:
        yield ctx.undecided(key, "which key encrypts what it writes is known only at deployment")
    elif not kept:
        yield ctx.violation(key, "names no key of your own for what it writes")
