"""What AWS's services have: actions, resource types, condition keys, and the policies that AWS manages.

Data are read when first asked for, and of services only those that are asked for. Names are found without
regard to case.
"""

from infra_checks.iam.catalogue.actions import (
    ActionSet,
    all_actions,
    expand,
    expand_all,
    is_undocumented,
    may_name,
    of_level,
    of_risk,
    suggest,
    with_one_resource,
    with_resource_level,
)
from infra_checks.iam.catalogue.keys import global_key, global_keys
from infra_checks.iam.catalogue.kinds import (
    Action,
    ActionResource,
    ConditionKey,
    KeyType,
    Level,
    ResourceType,
    Risk,
)
from infra_checks.iam.catalogue.managed import ManagedPolicy, find_managed_policy, managed_policies, managed_policy
from infra_checks.iam.catalogue.slices import (
    Service,
    arn_templates,
    find_action,
    resource_types,
    service,
    services,
)

__all__ = [
    "Action",
    "ActionResource",
    "ActionSet",
    "ConditionKey",
    "KeyType",
    "Level",
    "ManagedPolicy",
    "ResourceType",
    "Risk",
    "Service",
    "all_actions",
    "arn_templates",
    "expand",
    "expand_all",
    "find_action",
    "find_managed_policy",
    "global_key",
    "global_keys",
    "is_undocumented",
    "managed_policies",
    "managed_policy",
    "may_name",
    "of_level",
    "of_risk",
    "resource_types",
    "service",
    "services",
    "suggest",
    "with_one_resource",
    "with_resource_level",
]
