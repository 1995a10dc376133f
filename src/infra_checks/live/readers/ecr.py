"""AWS::ECR, by the Amazon ECR API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, document, from_answer, only, renamed, stated, tag_list
from infra_checks.live.shaping import shaped

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read


@reader(
    "AWS::ECR::Repository",
    "ecr:describe_repositories",
    "ecr:get_lifecycle_policy",
    "ecr:get_repository_policy",
    "ecr:list_tags_for_resource",
    unreturned=("EmptyOnDelete",),
)
def repository(asking: Asking) -> Read:
    """AWS: API_Repository.html; policies and tags are asked alone."""
    by = {"repositoryNames": [asking.physical_id]}
    found: Any = only(asking.pages("ecr", "describe_repositories", "repositories", **by), asking.physical_id)
    if isinstance(found, Unread):
        return found
    name = {"repositoryName": asking.physical_id}
    lifecycle = asking.ask("ecr", "get_lifecycle_policy", none=("LifecyclePolicyNotFoundException",), **name)
    policy = asking.ask("ecr", "get_repository_policy", none=("RepositoryPolicyNotFoundException",), **name)
    tags = asking.ask("ecr", "list_tags_for_resource", resourceArn=found["repositoryArn"])
    return {
        **_described(found),
        **from_answer(lifecycle, ("LifecyclePolicy",), _lifecycle),
        **from_answer(policy, ("RepositoryPolicyText",), _policy),
        **from_answer(tags, ("Tags",), lambda got: {"Tags": tag_list(got.get("tags", []))}),
    }


def _described(found: Answer) -> Properties:
    names = {
        "Arn": "repositoryArn",
        "EncryptionConfiguration": "encryptionConfiguration",
        "ImageScanningConfiguration": "imageScanningConfiguration",
        "ImageTagMutability": "imageTagMutability",
        "ImageTagMutabilityExclusionFilters": "imageTagMutabilityExclusionFilters",
        "RepositoryName": "repositoryName",
        "RepositoryUri": "repositoryUri",
    }
    renames = {
        "filter": "ImageTagMutabilityExclusionFilterValue",
        "filterType": "ImageTagMutabilityExclusionFilterType",
    }
    return {name: shaped(value, renames) for name, value in renamed(found, **names).items()}


def _lifecycle(answer: Answer) -> Properties:
    return {"LifecyclePolicy": renamed(answer, LifecyclePolicyText="lifecyclePolicyText", RegistryId="registryId")}


def _policy(answer: Answer) -> Properties:
    return stated(RepositoryPolicyText=document(answer["policyText"]) if answer.get("policyText") else None)
