"""What changes of the stack do to data: nothing; AWS Config only where it is asked for; both regions."""

from __future__ import annotations

import pytest

from infra_checks.sandbox.server import Sandbox
from tests.integration.systems.changing import change
from tests.integration.systems.deploying import REGIONS, STAGING_SAAS, Place, create, deploy, prepared
from tests.integration.systems.system import System

pytestmark = pytest.mark.needs("disposable-stack")
STATEFUL = ("Cache", "CacheToken", "DataBucket", "DataKey", "DatabaseCluster", "DatabaseWriter", "BackupVault")


def test_a_changed_parameter_replaces_nothing_and_loses_no_extract(account: Sandbox) -> None:
    system = deploy(account, STAGING_SAAS, "staging")
    s3, bucket = system.client("s3"), system.outputs["DataBucketName"]
    s3.put_object(Bucket=bucket, Key="masked/users/kept.jsonl", Body=b"{}")
    before = {name: each["PhysicalResourceId"] for name, each in system.resources.items()}
    changed = change(system, LogLevel="WARNING", MonthlyBudget="900", MaskingConcurrency="3")
    assert {each["Replacement"] for each in changed.changes.values()} == {"False"}
    assert {"MaskingFunction", "RotationFunction", "Budget"} <= changed.changes.keys()
    assert not changed.changes.keys() & set(STATEFUL)
    assert changed.physical_ids == before
    assert s3.get_object(Bucket=bucket, Key="masked/users/kept.jsonl")["Body"].read() == b"{}"


def test_another_size_of_the_database_changes_it_in_place(account: Sandbox) -> None:
    system = deploy(account, STAGING_SAAS, "staging")
    changed = change(system, DatabaseInstanceClass="db.r6g.xlarge")
    assert changed.changes.keys() == {"DatabaseReader", "DatabaseWriter"}
    assert {each["Replacement"] for each in changed.changes.values()} == {"False"}
    found = system.client("rds").describe_db_instances(DBInstanceIdentifier=system.id("DatabaseWriter"))
    assert found["DBInstances"][0]["DBInstanceClass"] == "db.r6g.xlarge"


def test_aws_config_is_left_alone_unless_asked_for(account: Sandbox) -> None:
    system = deploy(account, STAGING_SAAS, "staging", EnableConfigRecorder="false", EnableConfigRules="false")
    config = system.client("config")
    assert config.describe_configuration_recorders()["ConfigurationRecorders"] == []
    assert config.describe_config_rules()["ConfigRules"] == []


def test_aws_config_records_and_judges_when_asked_for(account: Sandbox) -> None:
    system = deploy(account, STAGING_SAAS, "staging", EnableConfigRecorder="true", EnableConfigRules="true")
    config = system.client("config")
    (recorder,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
    assert recorder["recordingGroup"]["allSupported"] is True
    (channel,) = config.describe_delivery_channels()["DeliveryChannels"]
    assert channel["s3BucketName"] == system.parameters["LogArchiveBucketName"]
    assert channel["snsTopicARN"] == system.outputs["AlarmTopicArn"]
    rules = {rule["Source"]["SourceIdentifier"] for rule in config.describe_config_rules()["ConfigRules"]}
    assert rules == {
        "ENCRYPTED_VOLUMES",
        "INCOMING_SSH_DISABLED",
        "RDS_STORAGE_ENCRYPTED",
        "S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED",
        "VPC_SG_OPEN_ONLY_TO_AUTHORIZED_PORTS",
    }


def test_an_account_that_has_a_recorder_keeps_it(account: Sandbox) -> None:
    config = account.client("config", STAGING_SAAS.region)
    role = "arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    config.put_configuration_recorder(ConfigurationRecorder={"name": "theirs", "roleARN": role})
    deploy(account, STAGING_SAAS, "staging")
    recorders = config.describe_configuration_recorders()["ConfigurationRecorders"]
    assert [recorder["name"] for recorder in recorders] == ["theirs"]


@pytest.mark.parametrize("region", REGIONS)
def test_backups_are_copied_to_whichever_region_is_not_the_stack_s(account: Sandbox, region: str) -> None:
    system = deploy(account, STAGING_SAAS, "staging", region)
    plan = system.client("backup").get_backup_plan(BackupPlanId=system.outputs["BackupPlanId"])["BackupPlan"]
    (arn,) = {copy["DestinationBackupVaultArn"] for rule in plan["Rules"] for copy in rule["CopyActions"]}
    (other,) = {each for each in REGIONS if each != region}
    vault = account.client("backup", other).describe_backup_vault(BackupVaultName=arn.rpartition(":")[2])
    assert vault["BackupVaultArn"] == arn


def test_a_copy_to_the_stack_s_own_region_is_refused(account: Sandbox) -> None:
    place = Place(account, STAGING_SAAS.region, "staging")
    parameters = prepared(place, STAGING_SAAS) | {"BackupCopyRegion": place.region}
    with pytest.raises(Exception, match="Rules of the template"):
        create(place, STAGING_SAAS, parameters)


def test_what_the_stack_of_staging_leaves_can_be_read(account: Sandbox) -> None:
    system = deploy(account, STAGING_SAAS, "staging")
    s3, bucket, token = system.client("s3"), system.outputs["DataBucketName"], system.outputs["CacheTokenArn"]
    s3.put_object(Bucket=bucket, Key="masked/users/kept.jsonl", Body=b"{}")
    unprotect(system)
    system.client("cloudformation").delete_stack(StackName=system.stack["StackId"])
    assert s3.get_object(Bucket=bucket, Key="masked/users/kept.jsonl")["Body"].read() == b"{}"
    assert len(system.client("secretsmanager").get_secret_value(SecretId=token)["SecretString"]) == 64
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())


def unprotect(system: System) -> None:
    name = system.outputs["DatabaseClusterArn"].rpartition(":")[2]
    system.client("rds").modify_db_cluster(DBClusterIdentifier=name, DeletionProtection=False)
