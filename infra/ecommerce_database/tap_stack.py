"""PostgreSQL for a read-heavy shop: keys, network, database, bucket, bastion, alarms and outputs."""

from __future__ import annotations

from typing import cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct
from tap_alarms import Alarms
from tap_database import Database
from tap_names import Names
from tap_network import Network, of_this_account
from tap_sizes import TapStackProps
from tap_waivers import waive

__all__ = ["TapStack", "TapStackProps"]

AMI = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"


@jsii.implements(ec2.IMachineImage)
class _Image:
    """The image that a parameter of the template names, so that its description and constraint are ours."""

    def __init__(self, parameter: cdk.CfnParameter) -> None:
        self._parameter = parameter

    def get_image(self, scope: Construct) -> ec2.MachineImageConfig:
        """What the CDK asks of an image."""
        del scope
        return ec2.MachineImageConfig(
            image_id=self._parameter.value_as_string,
            os_type=ec2.OperatingSystemType.LINUX,
            user_data=ec2.UserData.for_linux(),
        )


class TapStack(cdk.Stack):
    """The stack of one environment; it needs no bootstrap stack, as it has no assets."""

    def __init__(self, scope: Construct, construct_id: str, *, props: TapStackProps) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=f"ecommerce-database-{props.environment_suffix}",
            description=f"PostgreSQL with read replicas for a read-heavy shop ({props.environment_name}).",
            synthesizer=cdk.LegacyStackSynthesizer(),
        )
        self._props = props
        self._names = Names.declare(self, props.environment_suffix)
        self._describe()
        self._tag()
        self.data_key = self._key("Data", "Storage, Performance Insights, secret and bucket")
        self.operations_key = self._key("Operations", "Logs and alarms")
        self._let_services_use_keys()
        self.network = Network(self, "Network", props=props, names=self._names, key=self.operations_key)
        self.bucket = self._make_bucket()
        self.network.connect(self.bucket)
        self.database = Database(
            self,
            "Database",
            props=props,
            names=self._names,
            network=self.network,
            key=self.data_key,
            logs_key=self.operations_key,
            bucket=self.bucket,
        )
        self.bastion = self._make_bastion()
        self._watch()
        self._tell()

    def _describe(self) -> None:
        self.email = cdk.CfnParameter(
            self,
            "NotificationEmail",
            description="Mail address that alarms go to; it has to confirm the subscription.",
            allowed_pattern="[^\\s@]{1,64}@[^\\s@]{1,180}\\.[a-z]{2,24}",
            constraint_description="A mail address.",
        )
        self.archive = cdk.CfnParameter(
            self,
            "LogArchiveBucketName",
            description="Bucket of the account and region that takes the access logs of the data bucket.",
            allowed_pattern="[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
            constraint_description="The name of an S3 bucket.",
        )
        self.image = cdk.CfnParameter(
            self,
            "BastionImage",
            type="AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
            description="Parameter of Systems Manager with the image of the bastion.",
            default=AMI,
            allowed_pattern="/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-[a-z0-9.]{1,20}-arm64",
            constraint_description="A public parameter with an image of Amazon Linux 2023 for arm64.",
        )
        self.template_options.metadata = {
            "Purpose": "PostgreSQL for 30,000 orders a day and many more reads: a primary and read replicas, reached "
            "by the application and, through Session Manager only, by people.",
            "AWS::CloudFormation::Interface": {
                "ParameterGroups": [
                    {"Label": {"default": "Environment"}, "Parameters": ["EnvironmentSuffix", "BastionImage"]},
                    {
                        "Label": {"default": "Who is told, and where logs go"},
                        "Parameters": ["NotificationEmail", "LogArchiveBucketName"],
                    },
                ],
                "ParameterLabels": {
                    "EnvironmentSuffix": {"default": "Suffix of all names"},
                    "BastionImage": {"default": "Parameter with the bastion's image"},
                    "LogArchiveBucketName": {"default": "Bucket for access logs"},
                    "NotificationEmail": {"default": "Mail address for alarms"},
                },
            },
        }

    def _tag(self) -> None:
        tags = cdk.Tags.of(self)
        tags.add("Project", self._props.project)
        tags.add("Owner", self._props.owner)
        tags.add("CostCenter", self._props.cost_center)
        tags.add("Environment", self._props.environment_name)
        tags.add("ManagedBy", "aws-cdk")

    def _key(self, name: str, purpose: str) -> kms.Key:
        return kms.Key(
            self,
            f"{name}Key",
            description=f"{purpose} of the e-commerce database ({self._names.suffix})",
            alias=f"alias/{self._names.of(name.lower())}",
            enable_key_rotation=True,
            pending_window=cdk.Duration.days(30),
            removal_policy=self._props.removal_policy,
        )

    def _let_services_use_keys(self) -> None:
        """CloudWatch has no role of its own in the account, so key policies name it."""
        arn = f"arn:{cdk.Aws.PARTITION}:logs:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:log-group:*"
        self.operations_key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Logs",
                principals=[iam.ServicePrincipal(f"logs.{cdk.Aws.REGION}.amazonaws.com")],
                actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
                resources=["*"],
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arn}},
            )
        )
        self.operations_key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Alarms",
                principals=[of_this_account("cloudwatch.amazonaws.com", "cloudwatch", "alarm:*")],
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                resources=["*"],
            )
        )

    def _make_bucket(self) -> s3.Bucket:
        archive = s3.Bucket.from_bucket_name(self, "Archive", self.archive.value_as_string)
        bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=f"{self._names.of('data')}-{cdk.Aws.ACCOUNT_ID}-{cdk.Aws.REGION}",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self.data_key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            object_lock_enabled=True,  # For legal holds; without a default retention nothing is locked by itself.
            server_access_logs_bucket=archive,
            server_access_logs_prefix=f"{self._names.of('data')}/",
            removal_policy=self._props.removal_policy,
            lifecycle_rules=[
                s3.LifecycleRule(id="EndUploads", abort_incomplete_multipart_upload_after=cdk.Duration.days(7)),
                s3.LifecycleRule(id="EndOldVersions", noncurrent_version_expiration=cdk.Duration.days(90)),
            ],
        )
        plain = cast(s3.CfnBucket, bucket.node.default_child)
        # The CDK's own switch makes a function of it, though CloudFormation has a property.
        plain.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
        )
        reason = "It holds imports and exports, whose origin is the database or the supplier; docs/adr/0004."
        waive(bucket, "s3-bucket-replication-enabled", reason)
        return bucket

    def _make_bastion(self) -> ec2.Instance:
        role = iam.Role(
            self,
            "BastionRole",
            role_name=self._names.of("bastion"),
            description="Lets Session Manager reach the bastion",
            assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSSMManagedInstanceCore")],
        )
        disk = ec2.BlockDeviceVolume.ebs(
            8, encrypted=True, kms_key=self.data_key, volume_type=ec2.EbsDeviceVolumeType.GP3
        )
        return ec2.Instance(
            self,
            "Bastion",
            instance_name=self._names.of("bastion"),
            vpc=self.network.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            http_tokens=ec2.HttpTokens.REQUIRED,
            instance_type=ec2.InstanceType("t4g.nano"),
            machine_image=_Image(self.image),
            security_group=self.network.bastion,
            role=role,
            detailed_monitoring=True,
            ebs_optimized=True,
            disable_api_termination=self._props.keeps,
            propagate_tags_to_volume_on_creation=True,
            block_devices=[ec2.BlockDevice(device_name="/dev/xvda", volume=disk)],
        )

    def _watch(self) -> None:
        email = self.email.value_as_string
        self.alarms = Alarms(self, "Alarms", props=self._props, names=self._names, key=self.operations_key, email=email)
        self.alarms.watch("Primary", self.database.primary)
        for number, replica in enumerate(self.database.replicas, start=1):
            self.alarms.watch(f"Replica{number}", replica)
            self.alarms.watch_lag(f"Replica{number}", replica)

    def _tell(self) -> None:
        primary, vpc = self.database.primary, self.network.vpc
        self._output("Endpoint", primary.db_instance_endpoint_address, "Host of the primary")
        self._output("Port", primary.db_instance_endpoint_port, "Port of the primary")
        for number, replica in enumerate(self.database.replicas, start=1):
            host = replica.db_instance_endpoint_address
            self._output(f"Replica{number}Endpoint", host, f"Host of read replica {number}")
        self._output("SecretArn", self.database.secret.secret_arn, "Secret with the master user")
        self._output("KmsKeyArn", self.data_key.key_arn, "Key of storage, secret and bucket")
        self._output("BucketName", self.bucket.bucket_name, "Bucket for imports and exports")
        self._output("BastionInstanceId", self.bastion.instance_id, "Instance for port forwarding")
        self._output("VpcId", vpc.vpc_id, "The network")
        for tier, subnets in (
            ("Public", vpc.public_subnets),
            ("Private", vpc.private_subnets),
            ("Isolated", self.network.isolated),
        ):
            ids = cdk.Fn.join(",", [subnet.subnet_id for subnet in subnets])
            self._output(f"{tier}SubnetIds", ids, f"{tier} subnets")
        for name in ("application", "database", "bastion"):
            group: ec2.SecurityGroup = getattr(self.network, name)
            what = f"{name.capitalize()}SecurityGroupId"
            self._output(what, group.security_group_id, f"Security group of the {name}")
        self._output("AlarmTopicArn", self.alarms.topic.topic_arn, "Topic that alarms go to")

    def _output(self, name: str, value: str, description: str) -> None:
        export = f"{self._names.of('database')}-{name}"
        cdk.CfnOutput(self, name, value=value, description=description, export_name=export)
