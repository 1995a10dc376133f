"""AWS::Budgets and AWS::ResourceGroups."""

from __future__ import annotations

from typing import Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.rows import row


def _make_budget(making: Making) -> Made:
    budget = dict(making.need("Budget"))
    budget.setdefault("BudgetName", making.name("", limit=100))
    fitted = making.fitted("budgets", "create_budget", "Budget", budget)
    account = making.place.account
    making.api("budgets").create_budget(AccountId=account, Budget=fitted)
    return Made("AWS::Budgets::Budget", budget["BudgetName"], {})


def _configure_budget(making: Making, made: Made) -> None:
    """Alerts are calls of their own; a change of either replaces the budget."""
    client, account = making.api("budgets"), making.place.account
    if making.before is None:
        for each in making.get("NotificationsWithSubscribers") or []:
            fitted = making.fitted("budgets", "create_notification", "Notification", each["Notification"])
            subscribers = making.fitted("budgets", "create_notification", "Subscribers", each["Subscribers"])
            client.create_notification(
                AccountId=account, BudgetName=made.ref, Notification=fitted, Subscribers=subscribers
            )
    if making.changed("ResourceTags") and making.tags("ResourceTags"):
        arn = f"arn:{making.place.partition}:budgets::{account}:budget/{made.ref}"
        client.tag_resource(ResourceARN=arn, ResourceTags=making.tags("ResourceTags"))


def _delete_budget(making: Making, made: Made) -> None:
    making.api("budgets").delete_budget(AccountId=making.place.account, BudgetName=made.ref)


KINDS: Final = (
    Kind(
        "AWS::Budgets::Budget",
        _make_budget,
        _delete_budget,
        _configure_budget,
        frozenset({"Budget", "NotificationsWithSubscribers"}),
        tags="ResourceTags",
    ),
    row(
        "AWS::ResourceGroups::Group",
        "resource-groups",
        "create_group",
        ref="Group.Name",
        attributes={"Arn": "Group.GroupArn"},
        delete="delete_group",
        delete_by={"GroupName": "{ref}"},
        create_only=["Name"],
    ),
)
