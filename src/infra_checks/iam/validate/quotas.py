"""How long policies may be. What is not known counts as nothing, so that only what is surely too long is reported.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html (white space does not count),
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html, and the pages named beside the
resource policies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.iam.document import Opaque
from infra_checks.iam.model import PolicyType
from infra_checks.iam.text import Symbol
from infra_checks.iam.validate.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.iam.document import Document
    from infra_checks.iam.validate.drafts import Draft
    from infra_checks.iam.validate.problems import Problem

MANAGED: Final = 6_144
TRUST: Final = 2_048
ORGANIZATION: Final = 5_120

_INLINE: Final = {
    "AWS::IAM::Group": 5_120,
    "AWS::IAM::GroupPolicy": 5_120,
    "AWS::IAM::Role": 10_240,
    "AWS::IAM::RolePolicy": 10_240,
    "AWS::IAM::User": 2_048,
    "AWS::IAM::UserPolicy": 2_048,
    "AWS::IAM::Policy": 10_240,  # for a role; which identities it is for is not looked at here
}
"""Characters of all inline policies of an identity together, so that one alone cannot have more."""

_OF_RESOURCES: Final = {
    "AWS::S3::BucketPolicy": 20 * 1024,  # AmazonS3/latest/userguide/example-bucket-policies.html
    "AWS::KMS::Key": 32 * 1024,  # kms/latest/developerguide/resource-limits.html
    "AWS::SecretsManager::ResourcePolicy": 20_480,  # secretsmanager/latest/userguide/reference_limits.html
    "AWS::EC2::VPCEndpoint": 20_480,  # vpc/latest/privatelink/vpc-endpoints-access.html
}
"""Characters below https://docs.aws.amazon.com/."""

_TWO_QUOTES: Final = 2


def quota(type: PolicyType, resource_type: str | None) -> tuple[str, int] | None:
    """The code of the problem and the characters that such a policy may have, where that is known."""
    match type:
        case PolicyType.IDENTITY | PolicyType.BOUNDARY:
            if resource_type in (None, "AWS::IAM::ManagedPolicy"):
                return "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", MANAGED
            inline = _INLINE.get(resource_type or "")
            return ("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", inline) if inline else None
        case PolicyType.TRUST:
            return "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", TRUST
        case PolicyType.SCP:
            return "POLICY_SIZE_EXCEEDS_SCP_QUOTA", ORGANIZATION
        case PolicyType.RCP:
            return "POLICY_SIZE_EXCEEDS_RCP_QUOTA", ORGANIZATION
        case PolicyType.RESOURCE | PolicyType.KEY | PolicyType.ENDPOINT:
            limit = _OF_RESOURCES.get(resource_type or "")
            return ("POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA", limit) if limit else None


def check_size(draft: Draft) -> Iterator[Problem]:
    """Whether the document has more characters than AWS takes."""
    limit = quota(draft.type, draft.resource_type)
    if limit is None:
        return
    size = least_size(draft.document)
    if size > limit[1]:
        yield problem(limit[0], (), f"has {size:,} characters without white space, and may have {limit[1]:,}")


def least_size(document: Document) -> int:
    """The characters of the document as JSON without white space, at least."""
    size = 0
    left: list[Document] = [document]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            size += 1 + max(1, 2 * len(value))  # braces, colons and commas
            left.extend(value)
            left.extend(value.values())
        elif isinstance(value, list):
            size += 1 + max(1, len(value))
            left.extend(value)
        else:
            size += _scalar(value)
    return size


def _scalar(value: Document) -> int:
    match value:
        case Opaque() | list() | dict():
            return 0
        case None | bool():
            return 4
        case int() | float():
            return 1
        case str():
            return _TWO_QUOTES + _visible(value)
        case tuple():
            return _TWO_QUOTES + sum(piece.least if isinstance(piece, Symbol) else _visible(piece) for piece in value)


def _visible(text: str) -> int:
    return len("".join(text.split()))
