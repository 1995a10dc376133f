"""Who is told of what: alarms on the primary and each replica, sent by mail."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct
from tap_names import Names
from tap_sizes import TapStackProps

ABOVE = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
GIB = 1024**3


class Alarms(Construct):
    """Alarms and their topic; a missing measurement counts as an alarm only where silence means trouble."""

    def __init__(
        self, scope: Construct, name: str, *, props: TapStackProps, names: Names, key: kms.IKey, email: str
    ) -> None:
        super().__init__(scope, name)
        self._props, self._names = props, names
        self.topic = sns.Topic(
            self,
            "Topic",
            topic_name=names.of("alarms"),
            display_name="E-commerce database",
            master_key=key,
            enforce_ssl=True,
        )
        self.topic.add_subscription(subscriptions.EmailSubscription(email))

    def watch(self, name: str, instance: rds.IDatabaseInstance) -> None:
        """The alarms that any instance has."""
        size = self._props.size
        self._alarm(name, instance, "CPUUtilization", ABOVE, 80, "uses more than 80 % of its processors")
        room = size.storage * GIB // 10
        self._alarm(name, instance, "FreeStorageSpace", BELOW, room, "has less than a tenth of its storage free")
        many = f"has more than {size.connections} connections"
        self._alarm(name, instance, "DatabaseConnections", ABOVE, size.connections, many)

    def watch_lag(self, name: str, replica: rds.IDatabaseInstance) -> None:
        """The alarm that a replica has beside; one that no longer replicates reports -1 or nothing."""
        self._alarm(name, replica, "ReplicaLag", ABOVE, 60, "lags a minute behind the primary", silence_alarms=True)

    def _alarm(
        self,
        name: str,
        instance: rds.IDatabaseInstance,
        metric: str,
        operator: cloudwatch.ComparisonOperator,
        threshold: float,
        what: str,
        *,
        silence_alarms: bool = False,
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            f"{name}{metric}",
            alarm_name=self._names.of(f"{name.lower()}-{metric}"),
            alarm_description=f"{name} {what}.",
            metric=instance.metric(metric, period=cdk.Duration.minutes(1), statistic="Average"),
            comparison_operator=operator,
            threshold=threshold,
            evaluation_periods=5,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING
            if silence_alarms
            else cloudwatch.TreatMissingData.MISSING,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        alarm.add_ok_action(actions.SnsAction(self.topic))
