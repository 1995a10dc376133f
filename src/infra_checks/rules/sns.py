"""Rules on SNS topics."""

from __future__ import annotations

from infra_checks.core.finding import Family, Severity
from infra_checks.core.table import is_customer_key, is_set, property_rule

TOPIC = "AWS::SNS::Topic"
SOURCE = "https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html"

encrypted = property_rule(
    TOPIC,
    id="sns-encrypted-kms",
    title="Topic encrypts its messages with KMS",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("KmsMasterKeyId",),
    holds=is_set,
    message="does not encrypt its messages with KMS",
    rationale="""SNS keeps messages until they are delivered. Without `KmsMasterKeyId` a topic has no server-side
    encryption that its owner controls; alias/aws/sns is the key that AWS manages for the account.""",
    remedy="Set `KmsMasterKeyId` to a KMS key, or to alias/aws/sns.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/sns-encrypted-kms.html",
    equivalents=(
        "9d13b150",
        "CKV_AWS_26",
        "W47",
        "SNS_ENCRYPTED_KMS",
        "SNSEncryptedKMS",
        "AWS-0095",
        "sns_topics_kms_encryption_at_rest_enabled",
    ),
)

customer_key = property_rule(
    TOPIC,
    id="sns-topic-customer-managed-key",
    title="Topic encrypts its messages with a customer managed key",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("KmsMasterKeyId",),
    holds=is_customer_key,
    message="is not encrypted with a customer managed KMS key",
    rationale="""The policy of alias/aws/sns cannot be changed, so services such as CloudWatch or S3 cannot be allowed
    to publish to the encrypted topic. A key of one's own can.""",
    remedy="Set `KmsMasterKeyId` to a key of your own whose policy allows the publishing services.",
    source=SOURCE,
    equivalents=("AWS-0136",),
)
