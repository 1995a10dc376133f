"""AWS::Logs, by the Amazon CloudWatch Logs API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, capitalized, document, from_answer, renamed, stated, tags_of_map

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_GROUP: Final = {
    "BearerTokenAuthenticationEnabled": "bearerTokenAuthenticationEnabled",
    "DeletionProtectionEnabled": "deletionProtectionEnabled",
    "KmsKeyId": "kmsKeyId",
    "LogGroupClass": "logGroupClass",
    "LogGroupName": "logGroupName",
    "RetentionInDays": "retentionInDays",
}


@reader(
    "AWS::Logs::LogGroup",
    "logs:describe_log_groups",
    "logs:describe_index_policies",
    "logs:describe_resource_policies",
    "logs:get_data_protection_policy",
    "logs:list_tags_for_resource",
)
def log_group(asking: Asking) -> Read:
    """AWS: API_LogGroup.html."""
    name = asking.physical_id
    groups = asking.pages("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=name)
    found = _named(groups, "logGroupName", name)
    if isinstance(found, Unread):
        return found
    arn = found["arn"].removesuffix(":*")
    tags = asking.ask("logs", "list_tags_for_resource", resourceArn=arn)
    return {
        **renamed(found, Arn="arn", **_GROUP),
        **_protection(asking, found),
        **_fields(asking, found),
        **_own_policy(asking, arn),
        **from_answer(tags, ("Tags",), lambda answer: {"Tags": tags_of_map(answer.get("tags") or {})}),
    }


def _named(entries: list[Any] | Unread, member: str, name: str) -> Any:  # noqa: ANN401 - an entry of an answer
    """The entry of that very name; operations search by how names begin."""
    if isinstance(entries, Unread):
        return entries
    return next((each for each in entries if each.get(member) == name), Unread(f"{name} was not found"))


def _protection(asking: Asking, found: Answer) -> Properties:
    """AWS: API_GetDataProtectionPolicy.html; not asked where there is none."""
    if found.get("dataProtectionStatus") != "ACTIVATED":
        return {}
    answer = asking.ask("logs", "get_data_protection_policy", logGroupIdentifier=asking.physical_id)
    return from_answer(answer, ("DataProtectionPolicy",), _protection_policy)


def _protection_policy(answer: Answer) -> Properties:
    return stated(DataProtectionPolicy=document(answer["policyDocument"]) if answer.get("policyDocument") else None)


def _fields(asking: Asking, found: Answer) -> Properties:
    """AWS: API_DescribeIndexPolicies.html; only the Standard class has them, and an account's are not the group's."""
    if found.get("logGroupClass", "STANDARD") != "STANDARD":
        return {}
    by = {"logGroupIdentifiers": [asking.physical_id]}
    policies = asking.pages("logs", "describe_index_policies", "indexPolicies", **by)
    return from_answer(policies, ("FieldIndexPolicies",), _field_policies)


def _field_policies(policies: list[Answer]) -> Properties:
    own = [
        each["policyDocument"] for each in policies if each.get("source") == "LOG_GROUP" and "policyDocument" in each
    ]
    return {"FieldIndexPolicies": [document(each) for each in own]}


def _own_policy(asking: Asking, arn: str) -> Properties:
    """AWS: API_DescribeResourcePolicies.html; those of scope RESOURCE are of one log group."""
    by = {"resourceArn": arn, "policyScope": "RESOURCE"}
    policies = asking.pages("logs", "describe_resource_policies", "resourcePolicies", **by)

    def read(found: list[Answer]) -> Properties:
        own = [each for each in found if each.get("policyScope") == "RESOURCE" and each.get("resourceArn") == arn]
        return stated(ResourcePolicyDocument=document(own[0]["policyDocument"]) if own else None)

    return from_answer(policies, ("ResourcePolicyDocument",), read)


@reader("AWS::Logs::MetricFilter", "logs:describe_metric_filters")
def metric_filter(asking: Asking) -> Read:
    """AWS: API_MetricFilter.html."""
    found = _filter(asking, "describe_metric_filters", "metricFilters")
    if isinstance(found, Unread):
        return found
    read = capitalized({key: value for key, value in found.items() if key not in {"creationTime", "filterPattern"}})
    made = [_transformation(each) for each in found.get("metricTransformations") or []]
    # An empty pattern is a pattern: it matches every event.
    return {**read, "FilterPattern": found.get("filterPattern", ""), "MetricTransformations": made}


def _transformation(found: Answer) -> Properties:
    """The names of dimensions are the user's."""
    dimensions = [{"Key": key, "Value": value} for key, value in sorted((found.get("dimensions") or {}).items())]
    read: Properties = capitalized({key: value for key, value in found.items() if key != "dimensions"})
    return {**read, **stated(Dimensions=dimensions)}


@reader("AWS::Logs::SubscriptionFilter", "logs:describe_subscription_filters")
def subscription_filter(asking: Asking) -> Read:
    """AWS: API_SubscriptionFilter.html."""
    found = _filter(asking, "describe_subscription_filters", "subscriptionFilters")
    if isinstance(found, Unread):
        return found
    read = capitalized({key: value for key, value in found.items() if key not in {"creationTime", "filterPattern"}})
    return {**read, "FilterPattern": found.get("filterPattern", "")}


def _filter(asking: Asking, operation: str, member: str) -> Any:  # noqa: ANN401 - an entry of an answer
    """A filter by its name, which is its own only within the log group that the template names."""
    group, name = asking.declared.get("LogGroupName"), asking.physical_id
    if not isinstance(group, str):
        return Unread(f"the log group of {name} is not known")
    found = asking.pages("logs", operation, member, logGroupName=group, filterNamePrefix=name)
    return _named(found, "filterName", name)


@reader("AWS::Logs::ResourcePolicy", "logs:describe_resource_policies")
def resource_policy(asking: Asking) -> Read:
    """AWS: API_ResourcePolicy.html."""
    policies = asking.pages("logs", "describe_resource_policies", "resourcePolicies")
    found = _named(policies, "policyName", asking.physical_id)
    if isinstance(found, Unread):
        return found
    return stated(PolicyName=found["policyName"], PolicyDocument=document(found["policyDocument"]))
