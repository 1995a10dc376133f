"""The built-in rules, one module per service, and the catalogue that names them all."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from infra_checks.core.rule import Rule
from infra_checks.errors import RuleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

MODULES: Final = (
    "template",
    "s3",
    "s3_access",
    "s3_transport",
    "rds",
    "rds_storage",
    "rds_placement",
    "dynamodb",
    "ecs",
    "elasticache",
    "kms",
    "logs",
    "deletion",
    "ec2",
    "iam",
    "iam_attachments",
    "iam_trust",
    "login_profiles",
    "lambda_",
    "resource_policies",
    "security_groups",
    "sns",
    "sqs",
    "subnets",
    "tagging",
    "backup",
    "backup_selections",
    "cloudtrail",
    "cloudtrail_bucket",
    "cloudtrail_events",
    "cloudfront",
    "cloudfront_origins",
    "config_service",
    "kinesis",
    "message_brokers",
    "messaging_transport",
    "sns_subscriptions",
    "sqs_redrive",
    "application_services",
    "data_movement",
    "s3_notifications",
    "s3_objects",
    "s3_replication",
    "secrets",
    "secret_parameters",
    "analytics",
    "apigateway",
    "apigateway_caches",
    "apigateway_stages",
    "appsync",
    "cloudwatch_alarms",
    "codebuild",
    "codebuild_sources",
    "cognito",
    "eventbridge",
    "lambda_events",
    "lambda_logs",
    "lambda_permissions",
    "lambda_runtimes",
    "log_groups",
    "certificates",
    "kms_keys",
    "sagemaker",
    "secret_values",
    "secretsmanager",
    "step_functions",
    "waf",
    "hard_coded",
    "unique_names",
    "template_sections",
    "database_users",
    "database_ports",
    "dax",
    "docdb",
    "dynamodb_capacity",
    "efs",
    "elasticache_nodes",
    "emr",
    "fsx",
    "memorydb",
    "neptune",
    "opensearch",
    "opensearch_operations",
    "rds_memory",
    "rds_monitoring",
    "rds_operations",
    "rds_transport",
    "rds_versions",
    "redshift",
    "tag_propagation",
    "load_balancers",
    "listeners",
    "classic_load_balancers",
    "autoscaling",
    "ecs_containers",
    "ecs_services",
    "ecs_sizes",
    "launch_secrets",
    "ecr",
    "eks",
    "beanstalk",
    "batch",
    "vpc",
    "routes",
    "network_acls",
    "security_group_rules",
    "ec2_instances",
    "network_firewall",
    "deployability",
    "managed_policies",
    "property_names",
    "secret_tokens",
)
"""The modules that hold rules. A new module is added here; nothing is found by walking folders."""


@cache
def catalogue() -> tuple[Rule, ...]:
    """All built-in rules, sorted by id. Raises RuleError when two have the same id or alias."""
    modules = (import_module(f"infra_checks.rules.{name}") for name in MODULES)
    return collect(rule for module in modules for rule in rules_of(module))


def rules_of(module: ModuleType) -> Iterator[Rule]:
    """The rules that are attributes of a module, and those in tuples that are."""
    for value in vars(module).values():
        if isinstance(value, Rule):
            yield value
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, Rule))


def collect(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Rules sorted by id; RuleError when a name is taken twice."""
    named: dict[str, Rule] = {}
    for rule in rules:
        for name in (rule.id, *rule.aliases):
            if named.setdefault(name, rule) is not rule:
                message = f"two rules are named {name}: {named[name].location} and {rule.location}"
                raise RuleError(message)
    return tuple(rule for name, rule in sorted(named.items()) if name == rule.id)
