"""AWS::Budgets, by the AWS Budgets API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, from_answer, pruned, renamed, stated, tag_list

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read


@reader(
    "AWS::Budgets::Budget",
    "budgets:describe_budget",
    "budgets:describe_notifications_for_budget",
    "budgets:describe_subscribers_for_notification",
    "budgets:list_tags_for_resource",
)
def budget(asking: Asking) -> Read:
    """AWS: API_budgets_Budget.html, API_budgets_DescribeNotificationsForBudget.html."""
    by: dict[str, Any] = {"AccountId": asking.account, "BudgetName": asking.physical_id}
    answer = asking.ask("budgets", "describe_budget", **by, ShowFilterExpression=True)
    if isinstance(answer, Unread):
        return answer
    alerts = asking.pages("budgets", "describe_notifications_for_budget", "Notifications", **by)
    arn = f"arn:{asking.partition}:budgets::{asking.account}:budget/{asking.physical_id}"
    tags = asking.ask("budgets", "list_tags_for_resource", ResourceARN=arn)
    return {
        "Budget": _described(answer["Budget"]),
        **from_answer(
            alerts,
            ("NotificationsWithSubscribers",),
            lambda found: {"NotificationsWithSubscribers": [_alert(asking, by, each) for each in found]},
        ),
        **from_answer(
            tags, ("ResourceTags",), lambda found: {"ResourceTags": tag_list(found.get("ResourceTags") or [])}
        ),
    }


def _described(found: Answer) -> Properties:
    names = ("BillingViewArn", "BudgetName", "BudgetType", "CostFilters", "CostTypes", "FilterExpression", "Metrics")
    read: Properties = pruned(renamed(found, *names, "TimeUnit"))
    adjusted = found.get("AutoAdjustData") or {}
    history = renamed(adjusted.get("HistoricalOptions") or {}, "BudgetAdjustmentPeriod")
    planned = found.get("PlannedBudgetLimits") or {}
    return read | stated(
        AutoAdjustData=renamed(adjusted, "AutoAdjustType") | stated(HistoricalOptions=history),
        BudgetLimit=_spend(found.get("BudgetLimit") or {}),
        PlannedBudgetLimits={start: _spend(each) for start, each in planned.items()},
        TimePeriod={name: _moment(each) for name, each in (found.get("TimePeriod") or {}).items()},
    )


def _spend(found: Answer) -> Properties:
    """Amounts are texts in answers."""
    amount = {"Amount": float(found["Amount"])} if found.get("Amount") else {}
    return {**amount, **renamed(found, "Unit")}


def _moment(moment: Any) -> str:  # noqa: ANN401 - a datetime
    """Seconds since 1970, as CloudFormation takes them."""
    return str(int(moment.timestamp()))


def _alert(asking: Asking, by: dict[str, Any], found: Answer) -> Properties:
    notification = renamed(found, "ComparisonOperator", "NotificationType", "Threshold", "ThresholdType")
    told = asking.pages(
        "budgets", "describe_subscribers_for_notification", "Subscribers", **by, Notification=notification
    )
    subscribers = from_answer(
        told,
        ("Subscribers",),
        lambda entries: {"Subscribers": [renamed(each, "Address", "SubscriptionType") for each in entries]},
    )
    return {"Notification": notification, **subscribers}
