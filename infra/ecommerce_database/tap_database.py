"""The primary, its replicas, and what they need: parameters, roles, secret, logs."""

from __future__ import annotations

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct
from tap_names import Names
from tap_network import POSTGRES, Network, of_this_account
from tap_sizes import TapStackProps

ENGINE = rds.DatabaseInstanceEngine.postgres(
    version=rds.PostgresEngineVersion.of("17.9", "17", s3_import=True, s3_export=True)
)
USER = "shop_owner"
LOGS = ("postgresql", "upgrade")

# Memory in the units RDS expects: shared_buffers and effective_cache_size count blocks of 8 kB, DBInstanceClassMemory
# is in bytes; so a quarter of the memory is {DBInstanceClassMemory/32768}, and three quarters are three times that.
# maintenance_work_mem and work_mem count kB.
PARAMETERS = {
    "shared_buffers": "{DBInstanceClassMemory/32768}",
    "effective_cache_size": "{DBInstanceClassMemory*3/32768}",
    "maintenance_work_mem": "524288",
    "work_mem": "16384",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "200",
    "default_statistics_target": "200",
    "max_parallel_workers_per_gather": "2",
    "log_min_duration_statement": "1000",
    "log_connections": "1",
    "log_disconnections": "1",
    "hot_standby_feedback": "1",
    "rds.force_ssl": "1",
}


class Database(Construct):
    """A PostgreSQL primary and read replicas in zones in which the primary never is."""

    def __init__(  # noqa: PLR0913 - what it is made of, all but two by keyword
        self,
        scope: Construct,
        name: str,
        *,
        props: TapStackProps,
        names: Names,
        network: Network,
        key: kms.IKey,
        logs_key: kms.IKey,
        bucket: s3.IBucket,
    ) -> None:
        super().__init__(scope, name)
        self._names = names
        self._props, self._network, self._key, self._logs_key = props, network, key, logs_key
        self.secret = self._make_secret()
        self.monitoring_role = self._make_monitoring_role()
        # RDS takes a role for one feature only (AddRoleToDBInstance, DBInstanceRoleAlreadyExists).
        self.import_role = self._make_bucket_role("Import", bucket, "s3:GetObject")
        self.export_role = self._make_bucket_role("Export", bucket, "s3:PutObject", "s3:AbortMultipartUpload")
        self._parameters = rds.ParameterGroup(
            self,
            "Parameters",
            name=names.of("parameters"),
            engine=ENGINE,
            description="PostgreSQL tuned for many reads",
            parameters=PARAMETERS,
        )
        isolated = network.isolated
        first_of_replicas = props.size.primary_zones
        primary_subnets = isolated[: max(2, first_of_replicas)]  # A subnet group needs two zones.
        self.primary = self._make_primary(self._subnets("Primary", primary_subnets))
        replica_subnets = self._subnets("Replica", isolated[-2:])
        self.replicas = [
            self._make_replica(number, subnet, replica_subnets)
            for number, subnet in enumerate(isolated[first_of_replicas : props.size.zones], start=1)
        ]
        self._rotate()

    def _make_secret(self) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            "Secret",
            secret_name=self._names.of("master"),
            description="Master user of the PostgreSQL primary",
            encryption_key=self._key,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=f'{{"username":"{USER}"}}',
                generate_string_key="password",
                password_length=40,
                exclude_characters="\"'/@\\ ",
            ),
            removal_policy=self._props.removal_policy,
        )
        secret.add_to_resource_policy(
            iam.PolicyStatement(
                sid="TlsOnly",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["secretsmanager:*"],
                resources=[secret.secret_arn],
                conditions={"Bool": {"aws:SecureTransport": "false"}},
            )
        )
        policy = cast(secretsmanager.CfnResourcePolicy, secret.node.find_child("Policy").node.default_child)
        policy.block_public_policy = True
        return secret

    def _rotate(self) -> None:
        """RDS itself manages no master password of an instance that has replicas, so a function of AWS's does."""
        self.secret.add_rotation_schedule(
            "Rotation",
            automatically_after=cdk.Duration.days(30),
            hosted_rotation=secretsmanager.HostedRotation.postgre_sql_single_user(
                function_name=self._names.of("rotation"),
                exclude_characters="\"'/@\\ ",
                vpc=self._network.vpc,
                vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
                security_groups=[self._network.rotation],
            ),
        )

    def _make_monitoring_role(self) -> iam.Role:
        policy = "service-role/AmazonRDSEnhancedMonitoringRole"
        return iam.Role(
            self,
            "MonitoringRole",
            role_name=self._names.of("monitoring"),
            description="RDS writes the measurements of enhanced monitoring",
            assumed_by=of_this_account("monitoring.rds.amazonaws.com", "rds", "db:*"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(policy)],
        )

    def _make_bucket_role(self, feature: str, bucket: s3.IBucket, *actions: str) -> iam.Role:
        role = iam.Role(
            self,
            f"{feature}Role",
            role_name=self._names.of(f"bucket-{feature.lower()}"),
            description=f"{feature} of the primary and the data bucket",
            assumed_by=of_this_account("rds.amazonaws.com", "rds", "db:*"),
        )
        role.add_to_policy(iam.PolicyStatement(sid="List", actions=["s3:ListBucket"], resources=[bucket.bucket_arn]))
        role.add_to_policy(
            iam.PolicyStatement(
                sid="Objects",
                actions=[*actions],
                resources=[bucket.arn_for_objects("database/*")],
            )
        )
        role.add_to_policy(
            iam.PolicyStatement(
                sid="Key",
                actions=["kms:Decrypt", *(["kms:GenerateDataKey"] if feature == "Export" else [])],
                resources=[self._key.key_arn],
                conditions={"StringEquals": {"kms:ViaService": f"s3.{cdk.Aws.REGION}.amazonaws.com"}},
            )
        )
        return role

    def _subnets(self, of: str, subnets: list[ec2.ISubnet]) -> rds.SubnetGroup:
        return rds.SubnetGroup(
            self,
            f"{of}Subnets",
            vpc=self._network.vpc,
            subnet_group_name=self._names.of(f"{of.lower()}-subnets"),
            description=f"{of} of the PostgreSQL database",
            vpc_subnets=ec2.SubnetSelection(subnets=subnets),
        )

    def _make_primary(self, subnets: rds.SubnetGroup) -> rds.DatabaseInstance:
        size = self._props.size
        identifier = self._names.of("primary")
        primary = rds.DatabaseInstance(
            self,
            "Primary",
            instance_identifier=identifier,
            engine=ENGINE,
            port=POSTGRES,
            database_name="shop",
            credentials=rds.Credentials.from_secret(self.secret),
            instance_type=ec2.InstanceType(size.instance_class.removeprefix("db.")),
            multi_az=size.standby,
            availability_zone=None if size.standby else cdk.Fn.select(0, cdk.Fn.get_azs()),
            subnet_group=subnets,
            storage_type=rds.StorageType.GP3,
            allocated_storage=size.storage,
            max_allocated_storage=size.most_storage,
            backup_retention=cdk.Duration.days(size.backup_days),
            delete_automated_backups=not self._props.keeps,
            deletion_protection=self._props.keeps,
            preferred_backup_window="07:00-08:00",
            preferred_maintenance_window="sun:08:30-sun:09:30",
            s3_import_role=self.import_role,
            s3_export_role=self.export_role,
            storage_encrypted=True,
            storage_encryption_key=self._key,
            removal_policy=self._props.database_removal_policy,
            **self._common(),
        )
        self._log(primary, "Primary", identifier)
        return primary

    def _make_replica(
        self, number: int, subnet: ec2.ISubnet, subnets: rds.SubnetGroup
    ) -> rds.DatabaseInstanceReadReplica:
        identifier = self._names.of(f"replica-{number}")
        replica = rds.DatabaseInstanceReadReplica(
            self,
            f"Replica{number}",
            instance_identifier=identifier,
            source_database_instance=self.primary,
            instance_type=ec2.InstanceType(self._props.size.replica_class.removeprefix("db.")),
            availability_zone=subnet.availability_zone,
            subnet_group=subnets,
            storage_type=rds.StorageType.GP3,
            deletion_protection=self._props.keeps,
            # It holds nothing of its own, and RDS takes no last snapshot of a replica.
            removal_policy=cdk.RemovalPolicy.DESTROY,
            **self._common(),
        )
        self._log(replica, f"Replica{number}", identifier)
        return replica

    def _common(self) -> dict[str, object]:
        """What holds for primary and replicas alike."""
        return {
            "vpc": self._network.vpc,
            "security_groups": [self._network.database],
            "publicly_accessible": False,
            "parameter_group": self._parameters,
            "iam_authentication": True,
            "ca_certificate": rds.CaCertificate.RDS_CA_RSA2048_G1,
            "auto_minor_version_upgrade": True,
            "copy_tags_to_snapshot": True,
            "monitoring_interval": cdk.Duration.minutes(1),
            "monitoring_role": self.monitoring_role,
            "enable_performance_insights": True,
            "performance_insight_encryption_key": self._key,
            "performance_insight_retention": rds.PerformanceInsightRetention.DEFAULT,
            "cloudwatch_logs_exports": list(LOGS),
        }

    def _log(self, instance: rds.DatabaseInstanceBase, name: str, identifier: str) -> None:
        """RDS makes log groups that keep everything for ever, unless they are there before it."""
        for log in LOGS:
            group = logs.LogGroup(
                self,
                f"{name}{log.capitalize()}Logs",
                log_group_name=f"/aws/rds/instance/{identifier}/{log}",
                encryption_key=self._logs_key,
                retention=self._props.size.log_retention,
                removal_policy=self._props.removal_policy,
            )
            instance.node.add_dependency(group)
