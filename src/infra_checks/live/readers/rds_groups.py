"""AWS::RDS: groups of subnets, parameters and options, and event subscriptions; by the Amazon RDS API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, from_answer, only, renamed, said, stated, tag_list

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read


def described(asking: Asking, operation: str, member: str, **by: str) -> Any:  # noqa: ANN401 - an entry of an answer
    """The one resource that an operation describes, or why there is none."""
    return only(asking.pages("rds", operation, member, **by), asking.physical_id)


def _tags(asking: Asking, arn: str) -> Properties:
    answer = asking.ask("rds", "list_tags_for_resource", ResourceName=arn)
    return from_answer(answer, ("Tags",), lambda found: {"Tags": tag_list(found.get("TagList") or [])})


@reader("AWS::RDS::DBSubnetGroup", "rds:describe_db_subnet_groups", "rds:list_tags_for_resource")
def subnet_group(asking: Asking) -> Read:
    """AWS: API_DBSubnetGroup.html."""
    found = described(asking, "describe_db_subnet_groups", "DBSubnetGroups", DBSubnetGroupName=asking.physical_id)
    if isinstance(found, Unread):
        return found
    return {
        **renamed(found, "DBSubnetGroupArn", "DBSubnetGroupDescription", "DBSubnetGroupName"),
        **stated(SubnetIds=[each["SubnetIdentifier"] for each in found.get("Subnets") or []]),
        **_tags(asking, found["DBSubnetGroupArn"]),
    }


@reader(
    "AWS::RDS::DBParameterGroup",
    "rds:describe_db_parameter_groups",
    "rds:describe_db_parameters",
    "rds:list_tags_for_resource",
)
def parameter_group(asking: Asking) -> Read:
    """AWS: API_DescribeDBParameters.html; with the source "user" it has the parameters that were changed."""
    by = {"DBParameterGroupName": asking.physical_id}
    found = described(asking, "describe_db_parameter_groups", "DBParameterGroups", **by)
    if isinstance(found, Unread):
        return found
    changed = asking.pages("rds", "describe_db_parameters", "Parameters", **by, Source="user")
    return {
        **renamed(found, "DBParameterGroupArn", "DBParameterGroupName", "Description", Family="DBParameterGroupFamily"),
        **from_answer(changed, ("Parameters",), _parameters),
        **_tags(asking, found["DBParameterGroupArn"]),
    }


@reader(
    "AWS::RDS::DBClusterParameterGroup",
    "rds:describe_db_cluster_parameter_groups",
    "rds:describe_db_cluster_parameters",
    "rds:list_tags_for_resource",
)
def cluster_parameter_group(asking: Asking) -> Read:
    """AWS: API_DescribeDBClusterParameters.html; with the source "user" it has the parameters that were changed."""
    by = {"DBClusterParameterGroupName": asking.physical_id}
    found = described(asking, "describe_db_cluster_parameter_groups", "DBClusterParameterGroups", **by)
    if isinstance(found, Unread):
        return found
    changed = asking.pages("rds", "describe_db_cluster_parameters", "Parameters", **by, Source="user")
    return {
        **renamed(found, "DBClusterParameterGroupName", "Description", Family="DBParameterGroupFamily"),
        **from_answer(changed, ("Parameters",), _parameters),
        **_tags(asking, found["DBClusterParameterGroupArn"]),
    }


def _parameters(changed: list[Answer]) -> Properties:
    values = {each["ParameterName"]: each["ParameterValue"] for each in changed if said(each.get("ParameterValue"))}
    return {"Parameters": values}


@reader("AWS::RDS::OptionGroup", "rds:describe_option_groups", "rds:list_tags_for_resource")
def option_group(asking: Asking) -> Read:
    """AWS: API_OptionGroup.html."""
    found = described(asking, "describe_option_groups", "OptionGroupsList", OptionGroupName=asking.physical_id)
    if isinstance(found, Unread):
        return found
    return {
        **renamed(found, "EngineName", "MajorEngineVersion", "OptionGroupDescription", "OptionGroupName"),
        **stated(OptionConfigurations=[_option(each) for each in found.get("Options") or []]),
        **_tags(asking, found["OptionGroupArn"]),
    }


def _option(found: Answer) -> Properties:
    """One option with those of its settings that differ from the default."""
    settings = [each for each in found.get("OptionSettings") or [] if each.get("Value") != each.get("DefaultValue")]
    return {
        **renamed(found, "OptionName", "OptionVersion", "Port"),
        **stated(
            DBSecurityGroupMemberships=[
                each["DBSecurityGroupName"] for each in found.get("DBSecurityGroupMemberships") or []
            ],
            OptionSettings=[renamed(each, "Name", "Value") for each in settings],
            VpcSecurityGroupMemberships=[
                each["VpcSecurityGroupId"] for each in found.get("VpcSecurityGroupMemberships") or []
            ],
        ),
    }


@reader("AWS::RDS::EventSubscription", "rds:describe_event_subscriptions", "rds:list_tags_for_resource")
def event_subscription(asking: Asking) -> Read:
    """AWS: API_EventSubscription.html."""
    by = {"SubscriptionName": asking.physical_id}
    found = described(asking, "describe_event_subscriptions", "EventSubscriptionsList", **by)
    if isinstance(found, Unread):
        return found
    return {
        **renamed(
            found,
            "Enabled",
            "SnsTopicArn",
            "SourceType",
            EventCategories="EventCategoriesList",
            SourceIds="SourceIdsList",
            SubscriptionName="CustSubscriptionId",
        ),
        **_tags(asking, found["EventSubscriptionArn"]),
    }
