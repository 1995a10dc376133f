"""AWS::Backup, Logs, CloudWatch, CloudTrail, Config, Budgets, ResourceGroups, ElastiCache."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra_checks.live.reading import Unread
from tests.integration.live.asking_data import ACCOUNT, Deployed, deployed

TEAM = [{"Key": "Team", "Value": "shop"}]


@pytest.fixture(scope="module")
def shop() -> Iterator[Deployed]:
    yield from deployed("operations")


@pytest.fixture(scope="module")
def key(shop: Deployed) -> str:
    arn: str = shop.client("kms").describe_key(KeyId=shop.ids["Key"])["KeyMetadata"]["Arn"]
    return arn


def has(found: Any, **expected: Any) -> bool:
    """Whether all of it was read so; the comparison shows what was not."""
    assert {name: found.get(name) for name in expected} == expected
    return True


def test_a_replication_group_is_read_as_its_template_says_it(shop: Deployed) -> None:
    found = shop.read("Cache")
    assert has(
        found,
        ReplicationGroupId="sessions",
        ReplicationGroupDescription="sessions",
        CacheNodeType="cache.t4g.small",
        NumCacheClusters=2,
        AutomaticFailoverEnabled=True,
        MultiAZEnabled=True,
        AtRestEncryptionEnabled=True,
        TransitEncryptionEnabled=True,
        KmsKeyId=shop.ids["Key"],
        Port=6380,
        SnapshotRetentionLimit=7,
        SnapshotWindow="03:00-04:00",
        EngineVersion="7.1",
        CacheSubnetGroupName="caches",
        SecurityGroupIds=[shop.ids["Around"]],
        Tags=TEAM,
    )
    assert not {"NumNodeGroups", "ReplicasPerNodeGroup", "UserGroupIds"} & found.keys()


def test_a_token_is_unread_where_there_is_one(shop: Deployed) -> None:
    assert shop.read("Cache")["AuthToken"] == Unread("there is a token, and no API returns it")


def test_cache_subnets_are_read_as_the_template_says_them(shop: Deployed) -> None:
    found = shop.read("CacheSubnets")
    assert has(found, CacheSubnetGroupName="caches", Description="private")
    assert sorted(found["SubnetIds"]) == sorted([shop.ids["SubnetA"], shop.ids["SubnetB"]])


def test_a_vault_is_read_with_its_policy_its_lock_and_its_notifications(shop: Deployed, key: str) -> None:
    found = shop.read("Vault")
    assert has(
        found,
        BackupVaultName="shop",
        EncryptionKeyArn=key,
        Notifications={"SNSTopicArn": shop.ids["Topic"], "BackupVaultEvents": ["BACKUP_JOB_FAILED"]},
        BackupVaultTags={"Team": "shop"},
    )
    assert has(found["LockConfiguration"], MinRetentionDays=7, MaxRetentionDays=400)
    assert found["AccessPolicy"]["Statement"][0]["Action"] == "backup:DeleteRecoveryPoint"
    plain = shop.read("PlainVault")
    assert not {"AccessPolicy", "LockConfiguration", "Notifications", "BackupVaultTags"} & plain.keys()


def test_each_refused_call_of_a_vault_makes_only_its_own_property_unread(shop: Deployed) -> None:
    operations = {
        "AccessPolicy": "backup:get_backup_vault_access_policy",
        "Notifications": "backup:get_backup_vault_notifications",
        "BackupVaultTags": "backup:list_tags",
    }
    for name, operation in operations.items():
        found = shop.read("Vault", operation)
        assert {key for key, value in found.items() if isinstance(value, Unread)} == {name}


def test_a_plan_is_read_as_its_template_says_it(shop: Deployed) -> None:
    found = shop.read("Plan")
    plain = f"arn:aws:backup:us-east-1:{ACCOUNT}:backup-vault:plain"
    (rule,) = found["BackupPlan"]["BackupPlanRule"]
    assert has(
        rule,
        RuleName="daily",
        TargetBackupVault="shop",
        ScheduleExpression="cron(0 3 * * ? *)",
        StartWindowMinutes=60,
        CompletionWindowMinutes=180,
        EnableContinuousBackup=True,
        Lifecycle={"DeleteAfterDays": 35},
        CopyActions=[{"DestinationBackupVaultArn": plain, "Lifecycle": {"DeleteAfterDays": 90}}],
    )
    assert found["BackupPlan"]["BackupPlanName"] == "shop"
    assert found["BackupPlanTags"] == {"Team": "shop"}


def test_a_log_group_is_the_one_of_that_very_name(shop: Deployed, key: str) -> None:
    assert has(shop.read("Logs"), LogGroupName="/shop", RetentionInDays=90, KmsKeyId=key, Tags=TEAM)
    others = shop.read("LogsOfOthers")
    assert others["LogGroupClass"] == "INFREQUENT_ACCESS"
    assert not {"RetentionInDays", "KmsKeyId", "Tags", "DataProtectionPolicy", "ResourcePolicyDocument"} & others.keys()


def test_filters_are_read_from_the_log_group_that_the_template_names(shop: Deployed) -> None:
    made = {"MetricName": "Errors", "MetricNamespace": "Shop", "MetricValue": "1", "DefaultValue": 0, "Unit": "Count"}
    errors = shop.read("Errors", LogGroupName="/shop")
    assert has(errors, FilterName="errors", LogGroupName="/shop", FilterPattern="ERROR", MetricTransformations=[made])
    forward = shop.read("Forward", LogGroupName="/shop")
    assert has(forward, FilterName="forward", LogGroupName="/shop", FilterPattern="")
    assert forward["DestinationArn"].endswith(shop.ids["Function"])
    assert isinstance(shop.read("Errors"), Unread)


def test_a_policy_of_logs_is_read_as_a_mapping(shop: Deployed) -> None:
    found = shop.read("LogPolicy")
    assert found["PolicyName"] == "events"
    assert found["PolicyDocument"]["Statement"][0]["Action"] == "logs:PutLogEvents"


def test_an_alarm_is_read_as_its_template_says_it(shop: Deployed) -> None:
    assert has(
        shop.read("Alarm"),
        AlarmName="errors",
        AlarmDescription="too many errors",
        Namespace="Shop",
        MetricName="Errors",
        Dimensions=[{"Name": "Stage", "Value": "live"}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=3,
        DatapointsToAlarm=2,
        Threshold=1.5,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        ActionsEnabled=True,
        AlarmActions=[shop.ids["Topic"]],
        OKActions=[shop.ids["Topic"]],
        Tags=TEAM,
    )
    metrics = shop.read("Rate")["Metrics"]
    assert metrics[0]["Expression"] == "errors / 60"
    assert metrics[1]["MetricStat"]["Metric"]["MetricName"] == "Errors"
    assert shop.read("Alarm", "cloudwatch:list_tags_for_resource")["Tags"] == Unread(
        "AccessDenied: cloudwatch:list_tags_for_resource"
    )


def test_a_dashboard_is_read_as_its_template_says_it(shop: Deployed) -> None:
    assert has(shop.read("Board"), DashboardName="shop", DashboardBody='{"widgets": []}')


def test_a_trail_is_read_with_its_selectors_and_whether_it_logs(shop: Deployed, key: str) -> None:
    found = shop.read("Trail")
    assert has(
        found,
        TrailName="shop",
        S3BucketName=shop.ids["Bucket"],
        S3KeyPrefix="trail",
        IsLogging=True,
        IsMultiRegionTrail=True,
        IncludeGlobalServiceEvents=True,
        EnableLogFileValidation=True,
        KMSKeyId=key,
        InsightSelectors=[{"InsightType": "ApiCallRateInsight"}],
        Tags=TEAM,
    )
    (selector,) = found["EventSelectors"]
    assert has(selector, IncludeManagementEvents=True, ReadWriteType="All")
    assert selector["DataResources"][0]["Type"] == "AWS::S3::Object"


def test_each_refused_call_of_a_trail_makes_only_its_own_properties_unread(shop: Deployed) -> None:
    operations = {
        "get_trail_status": {"IsLogging"},
        "get_event_selectors": {"EventSelectors", "AdvancedEventSelectors"},
        "get_insight_selectors": {"InsightSelectors"},
        "list_tags": {"Tags"},
    }
    for operation, names in operations.items():
        found = shop.read("Trail", f"cloudtrail:{operation}")
        refused = Unread(f"AccessDenied: cloudtrail:{operation}")
        assert {name for name, value in found.items() if value == refused} == names


def test_config_is_read_as_its_template_says_it(shop: Deployed) -> None:
    recorder = shop.read("Recorder")
    assert recorder["RoleARN"].endswith(shop.ids["Role"])
    assert has(recorder["RecordingGroup"], AllSupported=True, IncludeGlobalResourceTypes=True)
    channel = shop.read("Channel")
    assert has(channel, Name="default", S3BucketName=shop.ids["Bucket"], S3KeyPrefix="config")
    assert channel["ConfigSnapshotDeliveryProperties"] == {"DeliveryFrequency": "One_Hour"}
    rule = shop.read("Rule")
    assert has(
        rule,
        ConfigRuleName="tagged",
        Description="tags",
        InputParameters={"tag1Key": "Team"},
        Scope={"ComplianceResourceTypes": ["AWS::S3::Bucket"]},
    )
    assert has(rule["Source"], Owner="AWS", SourceIdentifier="REQUIRED_TAGS")


def test_a_budget_is_read_with_its_alerts(shop: Deployed) -> None:
    found = shop.read("Budget")
    assert has(found["Budget"], BudgetName="shop", BudgetType="COST", TimeUnit="MONTHLY")
    assert found["Budget"]["BudgetLimit"] == {"Amount": 100, "Unit": "USD"}
    (alert,) = found["NotificationsWithSubscribers"]
    assert has(alert["Notification"], NotificationType="ACTUAL", ComparisonOperator="GREATER_THAN", Threshold=80)
    assert alert["Subscribers"] == [{"SubscriptionType": "EMAIL", "Address": "a@example.com"}]
    assert found["ResourceTags"] == TEAM
    refused = shop.read("Budget", "budgets:describe_subscribers_for_notification")
    assert isinstance(refused["NotificationsWithSubscribers"][0]["Subscribers"], Unread)
    assert refused["NotificationsWithSubscribers"][0]["Notification"] == alert["Notification"]


def test_a_group_of_resources_is_read_as_its_template_says_it(shop: Deployed) -> None:
    found = shop.read("Group")
    query = {"ResourceTypeFilters": ["AWS::AllSupported"], "TagFilters": [{"Key": "Team", "Values": ["shop"]}]}
    assert has(
        found,
        Name="shop",
        Description="of the shop",
        ResourceQuery={"Type": "TAG_FILTERS_1_0", "Query": query},
        Tags=TEAM,
    )
    assert not {"Configuration", "Resources"} & found.keys()
