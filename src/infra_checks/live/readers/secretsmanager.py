"""AWS::SecretsManager, by the Secrets Manager API reference; no secret's value is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import document, renamed, stated, tag_list

if TYPE_CHECKING:
    from infra_checks.live.reading import Asking, Read


@reader(
    "AWS::SecretsManager::Secret",
    "secretsmanager:describe_secret",
    unreturned=("GenerateSecretString", "SecretString"),
)
def secret(asking: Asking) -> Read:
    """AWS: API_DescribeSecret.html; KmsKeyId is left out where the key is aws/secretsmanager."""
    answer = asking.ask("secretsmanager", "describe_secret", SecretId=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    primary = answer.get("PrimaryRegion") in {None, asking.region}
    replicas = answer.get("ReplicationStatus") or [] if primary else []
    return {
        **renamed(answer, "Description", "KmsKeyId", "Name", "Type", Id="ARN"),
        **stated(
            ReplicaRegions=[renamed(each, "KmsKeyId", "Region") for each in replicas],
            Tags=tag_list(answer.get("Tags") or []),
        ),
    }


@reader("AWS::SecretsManager::ResourcePolicy", "secretsmanager:get_resource_policy", unreturned=("BlockPublicPolicy",))
def resource_policy(asking: Asking) -> Read:
    """AWS: API_GetResourcePolicy.html. BlockPublicPolicy is an option of putting it, which nothing tells later."""
    answer = asking.ask("secretsmanager", "get_resource_policy", SecretId=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    policy = answer.get("ResourcePolicy")
    return stated(SecretId=answer["ARN"], ResourcePolicy=document(policy) if policy else None)


@reader(
    "AWS::SecretsManager::RotationSchedule",
    "secretsmanager:describe_secret",
    unreturned=("HostedRotationLambda", "RotateImmediatelyOnUpdate"),
)
def rotation_schedule(asking: Asking) -> Read:
    """AWS: API_DescribeSecret.html; where rotation was turned off, it still shows the schedule that was.

    A function made by HostedRotationLambda is a RotationLambdaARN as any other.
    """
    answer = asking.ask("secretsmanager", "describe_secret", SecretId=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    names = (
        "ExternalSecretRotationMetadata",
        "ExternalSecretRotationRoleArn",
        "RotationLambdaARN",
        "RotationRules",
    )
    return {"SecretId": answer["ARN"], **(renamed(answer, *names) if answer.get("RotationEnabled") else {})}


@reader(
    "AWS::SecretsManager::SecretTargetAttachment",
    "secretsmanager:describe_secret",
    unreturned=("TargetId", "TargetType"),
)
def target_attachment(asking: Asking) -> Read:
    """AWS: the target is written into the secret's value (aws-resource-secretsmanager-secrettargetattachment.html)."""
    answer = asking.ask("secretsmanager", "describe_secret", SecretId=asking.physical_id)
    return answer if isinstance(answer, Unread) else {"SecretId": answer["ARN"]}
