"""AWS::CloudWatch."""

from __future__ import annotations

from typing import Final

from infra_checks.sandbox.rows import record, row

KINDS: Final = (
    row(
        "AWS::CloudWatch::Alarm",
        "cloudwatch",
        "put_metric_alarm",
        name=("AlarmName", "AlarmName", 255),
        ref="{p[AlarmName]}",
        attributes={"Arn": "arn:{partition}:cloudwatch:{region}:{account}:alarm:{ref}"},
        delete="delete_alarms",
        delete_by={"AlarmNames": "[ref]"},
        update="put_metric_alarm",
        update_by={"AlarmName": "{ref}"},
        whole=True,
        create_only=["AlarmName"],
    ),
    record(
        "AWS::CloudWatch::CompositeAlarm",
        ref="@AlarmName",
        attributes={"Arn": "arn:{partition}:cloudwatch:{region}:{account}:alarm:{ref}"},
        create_only=["AlarmName"],
    ),
    row(
        "AWS::CloudWatch::Dashboard",
        "cloudwatch",
        "put_dashboard",
        name=("DashboardName", "DashboardName", 255),
        ref="{p[DashboardName]}",
        delete="delete_dashboards",
        delete_by={"DashboardNames": "[ref]"},
        update="put_dashboard",
        update_by={"DashboardName": "{ref}"},
        whole=True,
        create_only=["DashboardName"],
        tags=None,
    ),
    record(
        "AWS::CloudWatch::AnomalyDetector",
        create_only=[
            "Dimensions",
            "MetricCharacteristics",
            "MetricMathAnomalyDetector",
            "MetricName",
            "Namespace",
            "SingleMetricAnomalyDetector",
            "Stat",
        ],
        tags=None,
    ),
)
