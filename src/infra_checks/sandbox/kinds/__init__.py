"""The resource types that the sandbox makes, one module for each few services, read when first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from infra_checks.sandbox.refusal import CannotMakeError

if TYPE_CHECKING:
    from infra_checks.sandbox.making import Kind

_MODULES: Final = {
    "ApiGateway": "api_gateway",
    "ApplicationAutoScaling": "containers",
    "ApplicationInsights": "records",
    "AutoScaling": "compute",
    "Backup": "backup",
    "Budgets": "billing",
    "CDK": "records",
    "CertificateManager": "certificates",
    "CloudFormation": "stacks",
    "CloudTrail": "auditing",
    "CloudWatch": "observing",
    "CodeBuild": "delivery",
    "CodeConnections": "records",
    "CodePipeline": "delivery",
    "CodeStarConnections": "records",
    "CodeStarNotifications": "records",
    "Config": "auditing",
    "DAX": "data_stores",
    "DMS": "data_stores",
    "DocDB": "data_stores",
    "DynamoDB": "dynamodb",
    "EC2": "ec2",
    "ECR": "containers",
    "ECS": "containers",
    "EMR": "data_stores",
    "ElastiCache": "elasticache",
    "ElasticBeanstalk": "beanstalk",
    "ElasticLoadBalancingV2": "load_balancing",
    "Elasticsearch": "data_stores",
    "Events": "events",
    "FSx": "data_stores",
    "Glue": "data_stores",
    "IAM": "iam",
    "KMS": "kms",
    "Lambda": "functions",
    "Logs": "logs",
    "RDS": "rds",
    "ResourceGroups": "billing",
    "S3": "s3",
    "SNS": "messaging",
    "SQS": "messaging",
    "SSM": "secrets",
    "Scheduler": "events",
    "SecretsManager": "secrets",
    "WAFv2": "waf",
    "XRay": "records",
}
"""The second word of a type to the module that has it."""

MODULES: Final = tuple(sorted(set(_MODULES.values())))


def find(name: str) -> Kind | None:
    """How a type is made; None for one that the sandbox cannot make."""
    module = _MODULES.get([*name.split("::"), ""][1])
    return _kinds_of(module).get(name) if module else None


def get(name: str) -> Kind:
    """As `find`, but raises CannotMakeError."""
    kind = find(name)
    if kind is None:
        raise CannotMakeError(f"the sandbox cannot make {name}")
    return kind


def every() -> dict[str, Kind]:
    """All types by name."""
    return {name: kind for module in MODULES for name, kind in _kinds_of(module).items()}


def _kinds_of(module: str) -> dict[str, Kind]:
    kinds: tuple[Kind, ...] = import_module(f"{__name__}.{module}").KINDS
    return {kind.type: kind for kind in kinds}
