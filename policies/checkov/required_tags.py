"""The tags that our organisation asks for on every resource that pays for something; checkov has no such check."""

from __future__ import annotations

from typing import Any

from checkov.cloudformation.checks.resource.base_resource_check import BaseResourceCheck
from checkov.common.models.enums import CheckCategories, CheckResult

REQUIRED = ("Project", "Owner", "CostCenter", "Environment", "ManagedBy")


class RequiredTags(BaseResourceCheck):
    """Each type here takes its tags as a list of Key and Value (AWS: "Resource tag")."""

    def __init__(self) -> None:
        super().__init__(
            name=f"Resource has the tags {', '.join(REQUIRED)}",
            id="INFRA_ORG_TAGS",
            categories=[CheckCategories.CONVENTION],
            supported_resources=[
                "AWS::DynamoDB::Table",
                "AWS::EC2::Instance",
                "AWS::ECS::Service",
                "AWS::ElasticLoadBalancingV2::LoadBalancer",
                "AWS::Lambda::Function",
                "AWS::RDS::DBCluster",
                "AWS::RDS::DBInstance",
                "AWS::S3::Bucket",
                "AWS::SNS::Topic",
                "AWS::SQS::Queue",
            ],
        )

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        """Passed when all keys are there, unknown when a function decides over them."""
        properties = conf.get("Properties")
        tags = properties.get("Tags", []) if isinstance(properties, dict) else []
        if not isinstance(tags, list) or not all(isinstance(tag, dict) for tag in tags):
            return CheckResult.UNKNOWN
        keys = [tag.get("Key") for tag in tags]
        if all(key in keys for key in REQUIRED):
            return CheckResult.PASSED
        return CheckResult.FAILED if all(isinstance(key, str) for key in keys) else CheckResult.UNKNOWN


check = RequiredTags()
