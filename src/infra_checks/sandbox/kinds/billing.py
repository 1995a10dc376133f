"""AWS::Budgets and AWS::ResourceGroups."""

from __future__ import annotations

from typing import Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.refusal import CannotMakeError
from infra_checks.sandbox.rows import row


def _make_budget(making: Making, name: str | None = None) -> Made:
    budget = dict(making.need("Budget"))
    budget.setdefault("BudgetName", name or making.name("", limit=100))
    fitted = making.fitted("budgets", "create_budget", "Budget", budget)
    account = making.place.account
    making.api("budgets").create_budget(AccountId=account, Budget=fitted)
    return Made("AWS::Budgets::Budget", budget["BudgetName"], {})


def _configure_budget(making: Making, made: Made) -> None:
    """A changed budget is made anew under its name, because moto has no UpdateBudget; alerts are calls of their own."""
    if making.before is not None and making.changed("Budget"):
        if making.need("Budget").get("BudgetName", made.ref) != made.ref:
            raise CannotMakeError("AWS replaces a budget that gets another name; the sandbox cannot")
        _delete_budget(making, made)
        _make_budget(making, made.ref)
        _make_alerts(making, made)
        _tag(making, made)
    elif making.before is None:
        _make_alerts(making, made)
    if making.changed("ResourceTags"):
        _tag(making, made)


def _tag(making: Making, made: Made) -> None:
    if making.tags("ResourceTags"):
        arn = f"arn:{making.place.partition}:budgets::{making.place.account}:budget/{made.ref}"
        making.api("budgets").tag_resource(ResourceARN=arn, ResourceTags=making.tags("ResourceTags"))


def _make_alerts(making: Making, made: Made) -> None:
    for each in making.get("NotificationsWithSubscribers") or []:
        fitted = making.fitted("budgets", "create_notification", "Notification", each["Notification"])
        subscribers = making.fitted("budgets", "create_notification", "Subscribers", each["Subscribers"])
        making.api("budgets").create_notification(
            AccountId=making.place.account, BudgetName=made.ref, Notification=fitted, Subscribers=subscribers
        )


def _delete_budget(making: Making, made: Made) -> None:
    making.api("budgets").delete_budget(AccountId=making.place.account, BudgetName=made.ref)


KINDS: Final = (
    Kind(
        "AWS::Budgets::Budget",
        _make_budget,
        _delete_budget,
        _configure_budget,
        frozenset({"NotificationsWithSubscribers"}),
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
