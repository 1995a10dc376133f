"""Rules on EC2 instances, what launches them, volumes and subnets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import rule
from infra_checks.core.table import is_not_true, is_set, property_rule
from infra_checks.evaluate.values import Absent, Known, Unknown, Value
from infra_checks.evaluate.view import View, as_boolean, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict

INSTANCE: Final = "AWS::EC2::Instance"
TEMPLATE: Final = "AWS::EC2::LaunchTemplate"
CONFIGURATION: Final = "AWS::AutoScaling::LaunchConfiguration"
VOLUME: Final = "AWS::EC2::Volume"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_GUIDE: Final = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/"


def _launch(resource: Resource) -> View:
    """Where the properties of the instances to launch stand."""
    return resource.at("LaunchTemplateData") if resource.type == TEMPLATE else resource


def _inherited(instance: Resource, own: Value[object], *path: str) -> Value[object]:
    """A property that the instance lacks, as its launch template has it, at the place where the instance lacks it."""
    found = _of_launch_template(instance, *path)
    match found:
        case Known():
            return Known(found.value, own.node, own.path, own.notes + found.notes)
        case Unknown():
            return Unknown(found.reason, own.node, own.path, own.notes + found.notes, found.parts, found.present)
        case Absent():
            return own


def _of_launch_template(instance: Resource, *path: str) -> Value[object]:
    """A property of the launch template an instance is made from; Absent when it is made from none."""
    template = instance.value("LaunchTemplate")
    if not isinstance(template, Known):
        return template
    for name in ("LaunchTemplateId", "LaunchTemplateName"):
        target = instance.target("LaunchTemplate", name)
        if isinstance(target, Resource) and target.type == TEMPLATE:
            return target.value("LaunchTemplateData", *path)
    return Unknown("its launch template is not of this stack")


@rule(
    VOLUME,
    INSTANCE,
    TEMPLATE,
    CONFIGURATION,
    id="encrypted-volumes",
    title="EBS volumes are encrypted",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    remedy="Set `Encrypted: true` (in `Ebs` of each block device mapping).",
    source="https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html",
    equivalents=(
        "80b7ac3f",
        "CKV_AWS_3",
        "CKV_AWS_8",
        "F1",
        "ENCRYPTED_VOLUMES",
        "EBSVolumeHasSSERule",
        "AwsSolutions-EC26",
        "AWS-0008",
        "AWS-0026",
        "AWS-0131",
        "ec2_ebs_volume_encryption",
    ),
    options={"account_default": False},
)
def encrypted_volumes(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """A volume is only encrypted if the template says so, unless the account encrypts by default in that region (say
    so with the option `account_default`). Volumes of a snapshot, a volume or an image are encrypted if that is. Which
    devices an image has is not in the template: one mapped without a snapshot is taken for a new, empty volume.
    """
    if ctx.option("account_default"):
        return
    if resource.type == VOLUME:
        if not is_set(resource.value("SourceVolumeId"), ctx):
            yield from _judge_volume(resource, ctx, "")
        return
    mappings = _launch(resource).listed("BlockDeviceMappings")
    match mappings:
        case Unknown():
            yield ctx.undecided(mappings, f"its volumes cannot be told: {mappings.reason}")
        case Known(views):
            for view in views:
                yield from _judge_device(view, ctx)
        case Absent() if isinstance(_of_launch_template(resource), Known):
            return  # the launch template is of this stack and is judged itself
        case Absent():
            yield ctx.undecided(mappings, "has the volumes of its image, whose encryption the template does not tell")


def _judge_device(mapping: View, ctx: Context) -> Iterator[Verdict]:
    disk = mapping.mapping("Ebs")
    name = mapping.text("DeviceName")
    device = f" {name.value}" if isinstance(name, Known) else ""
    match disk:
        case Known(view):
            yield from _judge_volume(view, ctx, device)
        case Unknown():
            yield ctx.undecided(disk, f"whether the volume{device} is encrypted cannot be told: {disk.reason}")
        case Absent():
            return


def _judge_volume(volume: View, ctx: Context, device: str) -> Iterator[Verdict]:
    encrypted = volume.boolean("Encrypted")
    snapshot = volume.value("SnapshotId")
    match encrypted:
        case Known(True):
            return
        case Unknown():
            yield ctx.undecided(
                encrypted, f"whether the volume{device} is encrypted cannot be told: {encrypted.reason}"
            )
        case Absent() if is_set(snapshot, ctx) is not False:
            yield ctx.undecided(snapshot, f"the volume{device} is encrypted only if its snapshot is")
        case Known() | Absent():
            yield ctx.violation(encrypted, f"does not encrypt the volume{device}")


@rule(
    INSTANCE,
    TEMPLATE,
    CONFIGURATION,
    id="ec2-imdsv2-check",
    title="Instance metadata needs a session token (IMDSv2)",
    family=Family.NETWORK,
    severity=Severity.HIGH,
    remedy="Add `MetadataOptions: {HttpTokens: required}`.",
    source=_GUIDE + "configuring-instance-metadata-options.html",
    equivalents=(
        "CKV_AWS_79",
        "EC2IMDSv2Enabled",
        "AWS-0028",
        "AWS-0130",
        "ec2_instance_imdsv2_enabled",
        "ec2_launch_template_imdsv2_required",
        "autoscaling_group_launch_configuration_requires_imdsv2",
    ),
    options={"account_default": False},
)
def imdsv2(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """With IMDSv1 a forged request from the instance is enough to read its role's credentials. Where the template does
    not set HttpTokens, its launch template does, then the account's default, then the image; without any of them IMDSv1
    works. The option `account_default` says that the account's default is `required`.
    """
    tokens, endpoint = _metadata(resource, "HttpTokens"), as_text(_metadata(resource, "HttpEndpoint"))
    if isinstance(endpoint, Known) and endpoint.value == "disabled":
        return
    match as_text(tokens):
        case Known("required"):
            return
        case Unknown() as unknown:
            yield ctx.undecided(tokens, f"whether IMDSv2 is required cannot be told: {unknown.reason}")
        case Known():
            yield ctx.violation(tokens, "lets instance metadata be read without a session token")
        case Absent() if not ctx.option("account_default"):
            yield ctx.violation(tokens, "does not require session tokens for instance metadata")
        case Absent():
            return


def _metadata(resource: Resource, name: str) -> Value[object]:
    own = _launch(resource).value("MetadataOptions", name)
    if resource.type == INSTANCE and isinstance(own, Absent):
        return _inherited(resource, own, "MetadataOptions", name)
    return own


@rule(
    INSTANCE,
    TEMPLATE,
    CONFIGURATION,
    id="ec2-instance-no-public-ip",
    title="Instances get no public address",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Set `AssociatePublicIpAddress: false`, or use a subnet that gives no public addresses.",
    source=_CONFIG + "ec2-instance-no-public-ip.html",
    equivalents=(
        "c44c95fc",
        "CKV_AWS_88",
        "EC2_INSTANCE_NO_PUBLIC_IP",
        "AUTOSCALING_LAUNCH_CONFIG_PUBLIC_IP_DISABLED",
        "EC2InstanceNoPublicIp",
        "AutoScalingLaunchConfigPublicIpDisabled",
        "AWS-0009",
        "ec2_instance_public_ip",
        "ec2_launch_template_no_public_ip",
    ),
)
def public_address(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """An instance with a public address can be reached from the internet as far as its security groups allow. Where
    `AssociatePublicIpAddress` is not set, `MapPublicIpOnLaunch` of the subnet decides; a launch template without it
    leaves that to who uses the template, and is not reported.
    """
    interfaces = _launch(resource).listed("NetworkInterfaces")
    match interfaces:
        case Unknown():
            yield ctx.undecided(interfaces, f"its network interfaces cannot be told: {interfaces.reason}")
        case Known(views):
            for view in views:
                yield from _judge_address(resource, view, ctx)
        case Absent() if resource.type != TEMPLATE:
            yield from _judge_address(resource, resource, ctx)
        case Absent():
            return


def _judge_address(resource: Resource, holder: View, ctx: Context) -> Iterator[Verdict]:
    """Judge an interface, or an instance without any."""
    if is_set(holder.value("NetworkInterfaceId"), ctx):
        return
    wanted = holder.boolean("AssociatePublicIpAddress")
    if isinstance(wanted, Absent) and resource.type == TEMPLATE:
        return
    given = _of_subnet(resource, holder) if isinstance(wanted, Absent) else wanted
    place = holder.value("SubnetId") if isinstance(wanted, Absent) else wanted
    match given:
        case Known(True):
            yield ctx.violation(place, "gets a public address")
        case Unknown():
            yield ctx.undecided(place, f"whether it gets a public address cannot be told: {given.reason}")
        case Known() | Absent():
            return


def _of_subnet(resource: Resource, holder: View) -> Value[bool]:
    """Whether the subnet gives public addresses; AWS: not by default, but the subnets of a default VPC do."""
    target = resource.stack.target_of(holder.value("SubnetId"))
    if isinstance(target, Resource):
        given = as_boolean(target.value("MapPublicIpOnLaunch"))
        return Known(False) if isinstance(given, Absent) else given
    return Unknown("its subnet is not of this stack")


@rule(
    INSTANCE,
    id="ec2-instance-detailed-monitoring-enabled",
    title="Instance is monitored every minute",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Set `Monitoring: true`.",
    source=_CONFIG + "ec2-instance-detailed-monitoring-enabled.html",
    equivalents=(
        "EC2_INSTANCE_DETAILED_MONITORING_ENABLED",
        "AwsSolutions-EC28",
        "ec2_instance_detailed_monitoring_enabled",
    ),
)
def detailed_monitoring(instance: Resource, ctx: Context) -> Iterator[Verdict]:
    """By default EC2 sends metrics every five minutes, which is late for alarms and scaling."""
    own = instance.value("Monitoring")
    given = as_boolean(_inherited(instance, own, "Monitoring", "Enabled") if isinstance(own, Absent) else own)
    match given:
        case Known(True):
            return
        case Unknown():
            yield ctx.undecided(given, f"whether it is monitored every minute cannot be told: {given.reason}")
        case Known() | Absent():
            yield ctx.violation(given, "is monitored every five minutes only")


public_subnet = property_rule(
    "AWS::EC2::Subnet",
    id="subnet-auto-assign-public-ip-disabled",
    title="Subnet gives no public addresses by itself",
    family=Family.NETWORK,
    severity=Severity.LOW,
    path=("MapPublicIpOnLaunch",),
    holds=is_not_true,
    message="gives public addresses to everything launched in it",
    rationale="""What is launched in the subnet is on the internet without anyone having asked for it. AWS's default is
    false, except in default VPCs.""",
    remedy="Set `MapPublicIpOnLaunch: false` and ask for a public address where one is needed.",
    source=_CONFIG + "subnet-auto-assign-public-ip-disabled.html",
    equivalents=(
        "b3de4e4c",
        "W33",
        "SUBNET_AUTO_ASSIGN_PUBLIC_IP_DISABLED",
        "VPCSubnetAutoAssignPublicIpDisabled",
        "AWS-0164",
        "vpc_subnet_no_public_ip_by_default",
    ),
)
