"""What the sandbox cannot show: answers in the shapes of botocore's service models."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from infra_checks.live.reading import Unread
from tests.integration.live.asking_data import ACCOUNT, Answers, Asks, Told, read

GROUP = {
    "ReplicationGroupId": "sessions",
    "Description": "sessions",
    "ARN": f"arn:aws:elasticache:us-east-1:{ACCOUNT}:replicationgroup:sessions",
    "MemberClusters": ["sessions-0001-001", "sessions-0001-002", "sessions-0002-001", "sessions-0002-002"],
    "ClusterEnabled": True,
    "ClusterMode": "enabled",
    "AutomaticFailover": "enabling",
    "MultiAZ": "disabled",
    "DataTiering": "disabled",
    "AuthTokenEnabled": False,
    "UserGroupIds": ["readers"],
    "ConfigurationEndpoint": {"Address": "a", "Port": 6379},
    "NodeGroups": [
        {"NodeGroupId": "0001", "Slots": "0-8191", "NodeGroupMembers": [{}, {}]},
        {"NodeGroupId": "0002", "Slots": "8192-16383", "NodeGroupMembers": [{}, {}]},
    ],
    "LogDeliveryConfigurations": [
        {
            "LogType": "slow-log",
            "DestinationType": "cloudwatch-logs",
            "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "slow"}},
            "LogFormat": "json",
            "Status": "active",
        }
    ],
}
MEMBER = {
    "CacheClusterId": "sessions-0001-001",
    "EngineVersion": "7.1",
    "CacheSubnetGroupName": "caches",
    "SecurityGroups": [{"SecurityGroupId": "sg-1", "Status": "active"}],
    "CacheParameterGroup": {"CacheParameterGroupName": "own", "ParameterApplyStatus": "in-sync"},
    "NotificationConfiguration": {"TopicArn": "arn:aws:sns:us-east-1:123456789012:told", "TopicStatus": "active"},
    "PreferredMaintenanceWindow": "mon:04:30-mon:05:30",
}


def told(type: str, name: str, answers: Answers, **declared: Any) -> Any:
    return read(Asks(type, name, Told(answers), declared=declared))


def cache(**changes: Any) -> Any:
    answers: Answers = {
        "elasticache:describe_replication_groups": {"ReplicationGroups": [GROUP | changes]},
        "elasticache:describe_cache_clusters": {"CacheClusters": [MEMBER]},
        "elasticache:list_tags_for_resource": {"TagList": []},
    }
    return told("AWS::ElastiCache::ReplicationGroup", "sessions", answers)


def test_a_group_of_shards_is_counted_by_shard_and_replica() -> None:
    found = cache()
    assert (found["NumNodeGroups"], found["ReplicasPerNodeGroup"], found["Port"]) == (2, 1, 6379)
    assert found["NodeGroupConfiguration"][1] == {"NodeGroupId": "0002", "Slots": "8192-16383", "ReplicaCount": 1}
    assert "NumCacheClusters" not in found
    uneven = [*GROUP["NodeGroups"][:1], {"NodeGroupId": "0002", "NodeGroupMembers": [{}]}]  # type: ignore[index]
    assert "ReplicasPerNodeGroup" not in cache(NodeGroups=uneven)


def test_what_only_the_members_of_a_group_tell_is_read_of_the_first() -> None:
    found = cache()
    assert found["SecurityGroupIds"] == ["sg-1"]
    assert (found["CacheSubnetGroupName"], found["EngineVersion"]) == ("caches", "7.1")
    assert found["CacheParameterGroupName"] == "own"
    assert found["NotificationTopicArn"] == "arn:aws:sns:us-east-1:123456789012:told"
    assert isinstance(cache(MemberClusters=[])["SecurityGroupIds"], Unread)


def test_statuses_of_a_group_are_switches_and_users_are_named_while_a_missing_token_is_absent() -> None:
    found = cache()
    assert (found["AutomaticFailoverEnabled"], found["MultiAZEnabled"]) == (True, False)
    assert found["UserGroupIds"] == ["readers"]
    assert "AuthToken" not in found
    (log,) = found["LogDeliveryConfigurations"]
    assert log["DestinationDetails"] == {"CloudWatchLogsDetails": {"LogGroup": "slow"}}
    assert "Status" not in log


def test_a_group_that_is_encrypted_without_being_asked_to_is_encrypted() -> None:
    assert cache(AtRestEncryptionEnabled=False, StorageEncryptionType="none")["AtRestEncryptionEnabled"] is False
    assert cache(AtRestEncryptionEnabled=False, StorageEncryptionType="sse-elasticache")["AtRestEncryptionEnabled"]


def vault(**changes: Any) -> Any:
    described = {"BackupVaultName": "shop", "BackupVaultArn": "arn:vault", "EncryptionKeyArn": "arn:key"} | changes
    answers: Answers = {
        "backup:describe_backup_vault": described,
        "backup:get_backup_vault_access_policy": "ResourceNotFoundException",
        "backup:get_backup_vault_notifications": "ResourceNotFoundException",
        "backup:list_tags": {"Tags": {}},
        "kms:describe_key": {"KeyMetadata": {"KeyManager": "CUSTOMER"}},
    }
    return told("AWS::Backup::BackupVault", "shop", answers)


def test_a_vault_with_a_key_that_aws_owns_has_no_key_of_its_own() -> None:
    assert vault()["EncryptionKeyArn"] == "arn:key"
    assert "EncryptionKeyArn" not in vault(EncryptionKeyType="AWS_OWNED_KMS_KEY")


def test_the_days_until_a_lock_was_final_are_unread_and_there_are_none_without_a_date() -> None:
    lock = vault(Locked=True, MinRetentionDays=7, LockDate=datetime(2026, 1, 1, tzinfo=UTC))["LockConfiguration"]
    assert lock["MinRetentionDays"] == 7
    assert isinstance(lock["ChangeableForDays"], Unread)
    assert vault(Locked=True, MinRetentionDays=7)["LockConfiguration"] == {"MinRetentionDays": 7}
    assert "LockConfiguration" not in vault(Locked=False, MinRetentionDays=7)


def test_policies_of_a_log_group_are_its_own_and_not_the_accounts() -> None:
    arn = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/shop"
    group = {
        "logGroupName": "/shop",
        "arn": arn + ":*",
        "dataProtectionStatus": "ACTIVATED",
        "logGroupClass": "STANDARD",
    }
    own = {"policyScope": "RESOURCE", "resourceArn": arn, "policyDocument": '{"Statement": [1]}'}
    answers: Answers = {
        "logs:describe_log_groups": {"logGroups": [group | {"logGroupName": "/shop-others"}, group]},
        "logs:get_data_protection_policy": {"policyDocument": '{"Name": "cards"}'},
        "logs:describe_index_policies": {
            "indexPolicies": [
                {"source": "ACCOUNT", "policyDocument": '{"Fields": ["a"]}'},
                {"source": "LOG_GROUP", "policyDocument": '{"Fields": ["b"]}'},
            ]
        },
        "logs:describe_resource_policies": {
            "resourcePolicies": [{"policyScope": "ACCOUNT", "policyDocument": "{}"}, own]
        },
        "logs:list_tags_for_resource": {"tags": {}},
    }
    found = told("AWS::Logs::LogGroup", "/shop", answers)
    assert found["DataProtectionPolicy"] == {"Name": "cards"}
    assert found["FieldIndexPolicies"] == [{"Fields": ["b"]}]
    assert found["ResourcePolicyDocument"] == {"Statement": [1]}
    assert found["LogGroupName"] == "/shop"


def test_the_names_of_a_metrics_dimensions_stay_as_they_are() -> None:
    made = {"metricName": "m", "metricNamespace": "n", "metricValue": "1", "dimensions": {"stage": "$.stage"}}
    entry = {"filterName": "f", "logGroupName": "/shop", "filterPattern": "", "metricTransformations": [made]}
    answers: Answers = {"logs:describe_metric_filters": {"metricFilters": [entry]}}
    found = told("AWS::Logs::MetricFilter", "f", answers, LogGroupName="/shop")
    assert found["MetricTransformations"][0]["Dimensions"] == [{"Key": "stage", "Value": "$.stage"}]
    assert found["FilterPattern"] == ""


DETECTOR = {
    "SingleMetricAnomalyDetector": {"Namespace": "n", "MetricName": "m", "Stat": "Average", "Dimensions": []},
    "Configuration": {
        "MetricTimezone": "UTC",
        "ExcludedTimeRanges": [
            {"StartTime": datetime(2026, 1, 1, tzinfo=UTC), "EndTime": datetime(2026, 1, 2, tzinfo=UTC)}
        ],
    },
}


def detector(*detectors: Any, **declared: Any) -> Any:
    answers: Answers = {"cloudwatch:describe_anomaly_detectors": {"AnomalyDetectors": list(detectors)}}
    return told("AWS::CloudWatch::AnomalyDetector", "id-1", answers, **declared)


def test_a_detector_is_found_by_its_id_or_by_its_metric() -> None:
    named = DETECTOR | {"AnomalyDetectorId": "id-1"}
    found = detector(DETECTOR, named)
    assert found["Id"] == "id-1"
    assert found["SingleMetricAnomalyDetector"] == {"Namespace": "n", "MetricName": "m", "Stat": "Average"}
    assert found["Configuration"]["MetricTimeZone"] == "UTC"
    found = detector(DETECTOR, Namespace="n", MetricName="m", Stat="Average")
    assert found["SingleMetricAnomalyDetector"]["MetricName"] == "m"
    assert isinstance(detector(DETECTOR, Namespace="n", MetricName="other", Stat="Average"), Unread)
    assert isinstance(detector(DETECTOR, DETECTOR, Namespace="n", MetricName="m", Stat="Average"), Unread)


def test_the_policy_of_a_config_rule_is_read_where_it_is_one() -> None:
    rule = {
        "ConfigRuleName": "own",
        "ConfigRuleArn": "arn:rule",
        "Source": {"Owner": "CUSTOM_POLICY", "CustomPolicyDetails": {"PolicyRuntime": "guard-2.x.x", "PolicyText": ""}},
    }
    answers: Answers = {
        "config:describe_config_rules": {"ConfigRules": [rule]},
        "config:get_custom_rule_policy": {"PolicyText": "rule a {}"},
    }
    details = told("AWS::Config::ConfigRule", "own", answers)["Source"]["CustomPolicyDetails"]
    assert details == {"PolicyRuntime": "guard-2.x.x", "PolicyText": "rule a {}"}
    answers["config:get_custom_rule_policy"] = "AccessDeniedException"
    details = told("AWS::Config::ConfigRule", "own", answers)["Source"]["CustomPolicyDetails"]
    assert details["PolicyText"] == Unread("AccessDeniedException: config:get_custom_rule_policy")


def test_a_budget_has_its_period_its_plan_and_those_who_are_told() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    budget = {
        "BudgetName": "shop",
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "PlannedBudgetLimits": {"1767225600": {"Amount": "5.0", "Unit": "USD"}},
        "TimePeriod": {"Start": start},
        "CostFilters": {},
        "CalculatedSpend": {"ActualSpend": {"Amount": "1", "Unit": "USD"}},
        "AutoAdjustData": {
            "AutoAdjustType": "HISTORICAL",
            "HistoricalOptions": {"BudgetAdjustmentPeriod": 3, "LookBackAvailablePeriods": 3},
            "LastAutoAdjustTime": start,
        },
    }
    alert = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
    answers: Answers = {
        "budgets:describe_budget": {"Budget": budget},
        "budgets:describe_notifications_for_budget": {"Notifications": [alert | {"NotificationState": "OK"}]},
        "budgets:describe_subscribers_for_notification": {
            "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "a@example.com"}]
        },
        "budgets:list_tags_for_resource": {"ResourceTags": [{"Key": "Team", "Value": "shop"}]},
    }
    found = told("AWS::Budgets::Budget", "shop", answers)
    assert found == {
        "Budget": {
            "BudgetName": "shop",
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "PlannedBudgetLimits": {"1767225600": {"Amount": 5.0, "Unit": "USD"}},
            "TimePeriod": {"Start": "1767225600"},
            "AutoAdjustData": {"AutoAdjustType": "HISTORICAL", "HistoricalOptions": {"BudgetAdjustmentPeriod": 3}},
        },
        "NotificationsWithSubscribers": [
            {"Notification": alert, "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "a@example.com"}]}
        ],
        "ResourceTags": [{"Key": "Team", "Value": "shop"}],
    }


def test_a_group_made_by_a_configuration_has_what_was_put_into_it() -> None:
    configuration = {
        "Configuration": [{"Type": "AWS::EC2::HostManagement", "Parameters": []}],
        "Status": "UPDATE_COMPLETE",
    }
    answers: Answers = {
        "resource-groups:get_group": {"Group": {"Name": "hosts", "GroupArn": "arn:group"}},
        "resource-groups:get_group_query": "BadRequestException",
        "resource-groups:get_group_configuration": {"GroupConfiguration": configuration},
        "resource-groups:list_group_resources": {"Resources": [{"Identifier": {"ResourceArn": "arn:host"}}]},
        "resource-groups:get_tags": {"Tags": {"Team": "shop"}},
    }
    found = told("AWS::ResourceGroups::Group", "hosts", answers)
    assert found == {
        "Name": "hosts",
        "Arn": "arn:group",
        "Configuration": [{"Type": "AWS::EC2::HostManagement"}],
        "Resources": ["arn:host"],
        "Tags": [{"Key": "Team", "Value": "shop"}],
    }
