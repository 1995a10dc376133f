"""Instances, launch templates and volumes, by the Amazon EC2 API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.readers.ec2_asked import one, tags, where
from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, from_answer, renamed, stated
from infra_checks.live.shaping import at, shaped

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_SAME: Final = (
    "EbsOptimized",
    "ImageId",
    "InstanceId",
    "InstanceType",
    "KernelId",
    "KeyName",
    "PrivateIpAddress",
    "RamdiskId",
    "SourceDestCheck",
    "SubnetId",
)
_OPTIONS: Final = {
    "CpuOptions": ("CoreCount", "ThreadsPerCore"),
    "EnclaveOptions": ("Enabled",),
    "HibernationOptions": ("Configured",),
    "MetadataOptions": (
        "HttpEndpoint",
        "HttpProtocolIpv6",
        "HttpPutResponseHopLimit",
        "HttpTokens",
        "InstanceMetadataTags",
    ),
    "PrivateDnsNameOptions": ("EnableResourceNameDnsAAAARecord", "EnableResourceNameDnsARecord", "HostnameType"),
}
_ATTRIBUTES: Final = {
    "DisableApiTermination": "disableApiTermination",
    "InstanceInitiatedShutdownBehavior": "instanceInitiatedShutdownBehavior",
    "UserData": "userData",
}
_DISK: Final = ("Encrypted", "Iops", "KmsKeyId", "SnapshotId", "VolumeType")
_AMAZON: Final = "amazon"
_TEMPLATE_ID: Final = "aws:ec2launchtemplate:id"
_TEMPLATE_VERSION: Final = "aws:ec2launchtemplate:version"


@reader(
    "AWS::EC2::Instance",
    "ec2:describe_instances",
    "ec2:describe_instance_attribute",
    "ec2:describe_instance_credit_specifications",
    "ec2:describe_volumes",
    unreturned=("AdditionalInfo", "PropagateTagsToVolumeOnCreation", "SsmAssociations"),
)
def instance(asking: Asking) -> Read:
    """AWS: API_Instance.html; its disks by API_Volume.html, the rest by API_DescribeInstanceAttribute.html.

    UserData is base64, as it is stored.
    """
    reservations = one(asking, "describe_instances", "Reservations", InstanceIds=[asking.physical_id])
    if isinstance(reservations, Unread):
        return reservations
    found = reservations["Instances"][0]
    placement = found.get("Placement") or {}
    return {
        **renamed(found, *_SAME),
        **renamed(placement, "Affinity", "AvailabilityZone", "HostId", "Tenancy", PlacementGroupName="GroupName"),
        **stated(**{name: renamed(found.get(name) or {}, *members) for name, members in _OPTIONS.items()}),
        **stated(
            BlockDeviceMappings=_disks(asking, found),
            IamInstanceProfile=(at(found, "IamInstanceProfile", "Arn") or "").rpartition("/")[2],
            LaunchTemplate=_launched_from(found),
            Monitoring=at(found, "Monitoring", "State") in {"enabled", "pending"},
            NetworkInterfaces=[_interface(each) for each in found.get("NetworkInterfaces") or []],
            SecurityGroupIds=[each["GroupId"] for each in found.get("SecurityGroups") or []],
        ),
        **_attributes(asking),
        **_credits(asking),
        **tags(found),
    }


def _disks(asking: Asking, found: Answer) -> list[Properties]:
    mappings = found.get("BlockDeviceMappings") or []
    by = where(attachment__instance_id=asking.physical_id)
    volumes: Any = asking.pages("ec2", "describe_volumes", "Volumes", Filters=by) if mappings else []
    read = []
    for each in mappings:
        volume_id = at(each, "Ebs", "VolumeId")
        if isinstance(volumes, Unread):
            disk = dict.fromkeys((*_DISK, "VolumeSize"), volumes)
        else:
            of_disk: list[Answer] = [one for one in volumes if one["VolumeId"] == volume_id]
            disk = renamed(of_disk[0], *_DISK, VolumeSize="Size") if of_disk else {}
        disk |= renamed(each.get("Ebs") or {}, "DeleteOnTermination")
        read.append({"DeviceName": each["DeviceName"], **stated(Ebs=disk)})
    return read


def _launched_from(found: Answer) -> Properties:
    """Instances are tagged with the launch template: "Tag instances" of the Amazon EC2 user guide."""
    by_key = {tag["Key"]: tag["Value"] for tag in found.get("Tags") or []}
    return stated(LaunchTemplateId=by_key.get(_TEMPLATE_ID), Version=by_key.get(_TEMPLATE_VERSION))


def _interface(found: Answer) -> Properties:
    """An address of Amazon's own is one that was assigned automatically; those of the account are elastic."""
    index = at(found, "Attachment", "DeviceIndex")
    return {
        "AssociatePublicIpAddress": at(found, "Association", "IpOwnerId") == _AMAZON,
        **renamed(found, "SubnetId"),
        **stated(
            DeviceIndex=None if index is None else str(index),
            GroupSet=[each["GroupId"] for each in found.get("Groups") or []],
        ),
    }


def _attributes(asking: Asking) -> Properties:
    read: Properties = {}
    for name, attribute in _ATTRIBUTES.items():
        by = {"InstanceId": asking.physical_id, "Attribute": attribute}
        answer = asking.ask("ec2", "describe_instance_attribute", **by)
        read |= stated(**{name: answer if isinstance(answer, Unread) else at(answer, name, "Value")})
    return read


def _credits(asking: Asking) -> Properties:
    """Only burstable instances have credits."""
    operation, member = "describe_instance_credit_specifications", "InstanceCreditSpecifications"
    found = asking.pages("ec2", operation, member, InstanceIds=[asking.physical_id])
    if isinstance(found, Unread):
        return {} if found.reason.startswith("Unsupported:") else {"CreditSpecification": found}
    return stated(CreditSpecification=stated(CPUCredits=found[0].get("CpuCredits")) if found else None)


@reader(
    "AWS::EC2::LaunchTemplate",
    "ec2:describe_launch_templates",
    "ec2:describe_launch_template_versions",
)
def launch_template(asking: Asking) -> Read:
    """AWS: API_LaunchTemplateVersion.html: the latest version, which is the one that CloudFormation makes.

    From which version an instance was launched is told by the instance.
    """
    by = {"LaunchTemplateId": asking.physical_id}
    found = one(asking, "describe_launch_templates", "LaunchTemplates", LaunchTemplateIds=[asking.physical_id])
    if isinstance(found, Unread):
        return found
    versions = asking.ask("ec2", "describe_launch_template_versions", Versions=["$Latest"], **by)
    return {
        **renamed(found, "LaunchTemplateId", "LaunchTemplateName"),
        **stated(DefaultVersionNumber=str(found.get("DefaultVersionNumber", ""))),
        **stated(LatestVersionNumber=str(found.get("LatestVersionNumber", ""))),
        **from_answer(versions, ("LaunchTemplateData", "VersionDescription"), _version),
        **stated(TagSpecifications=[{"ResourceType": "launch-template", **tags(found)}] if tags(found) else None),
    }


_NO_PROPERTY: Final = (
    "AvailabilityZoneId",
    "ElasticGpuSpecifications",
    "ElasticInferenceAccelerators",
    "IsPrimaryIpv6",
    "MetricCategoryIds",
    "Operator",
    "RequireEncryptionInTransit",
    "SecondaryInterfaces",
)
"""Of the data of launch templates."""


def _version(answer: Answer) -> Properties:
    versions = answer.get("LaunchTemplateVersions") or []
    if not versions:
        return dict.fromkeys(("LaunchTemplateData", "VersionDescription"), Unread("no version was found"))
    data: Properties = shaped(versions[0].get("LaunchTemplateData", {}), drop=_NO_PROPERTY)
    options = data.get("MetadataOptions") or {}
    read = data | stated(MetadataOptions=renamed(options, *_OPTIONS["MetadataOptions"]))
    return {"LaunchTemplateData": read, **renamed(versions[0], "VersionDescription")}


@reader("AWS::EC2::Volume", "ec2:describe_volumes")
def volume(asking: Asking) -> Read:
    """AWS: API_Volume.html."""
    found = one(asking, "describe_volumes", "Volumes", VolumeIds=[asking.physical_id])
    if isinstance(found, Unread):
        return found
    same = (
        "AvailabilityZone",
        "MultiAttachEnabled",
        "OutpostArn",
        "Size",
        "SourceVolumeId",
        "Throughput",
        "VolumeId",
        "VolumeInitializationRate",
        *_DISK,
    )
    return {
        **renamed(found, *same),
        "AutoEnableIO": Unread("the reader of volumes does not ask for it"),
        **tags(found),
    }
