"""Instances, launch templates, volumes and VPN connections."""

from __future__ import annotations

from base64 import b64decode
from typing import Any, Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.refusal import CannotMakeError
from infra_checks.sandbox.rows import retag, row
from infra_checks.sandbox.shapes import as_text


def _make_instance(making: Making) -> Made:
    given: dict[str, Any] = {"MinCount": 1, "MaxCount": 1}
    if "IamInstanceProfile" in making.properties:
        given["IamInstanceProfile"] = {"Name": making.get("IamInstanceProfile")}
    if "Monitoring" in making.properties:
        given["Monitoring"] = {"Enabled": as_text(making.get("Monitoring")) == "true"}
    if "UserData" in making.properties:
        given["UserData"] = _decoded(making.get("UserData"))
    place = {
        member: making.get(prop)
        for prop, member in (("AvailabilityZone", "AvailabilityZone"), ("Tenancy", "Tenancy"))
        if prop in making.properties
    }
    if place:
        given["Placement"] = place
    if "LaunchTemplate" in making.properties:
        template = making.get("LaunchTemplate")
        given["LaunchTemplate"] = {key: as_text(value) for key, value in template.items()}
    if making.tags():
        given["TagSpecifications"] = [{"ResourceType": "instance", "Tags": making.tags()}]
    of_template = _data_of_template(making)
    metadata = making.get("MetadataOptions") or of_template.get("MetadataOptions")
    launched = {name: of_template[name] for name in ("EbsOptimized", "Monitoring") if name in of_template}
    given = {name: value for name, value in launched.items() if name not in making.properties} | given
    making.get("PropagateTagsToVolumeOnCreation")
    making.get("SourceDestCheck")
    answer = making.send("ec2", "run_instances", **given)["Instances"][0]
    identity = answer["InstanceId"]
    if metadata:
        making.api("ec2").modify_instance_metadata_options(InstanceId=identity, **metadata)
    _protect(making, of_template, identity)
    return Made("AWS::EC2::Instance", identity, _attributes_of_instance(making, identity))


def _protect(making: Making, of_template: dict[str, Any], identity: str) -> None:
    if of_template.get("DisableApiTermination") and "DisableApiTermination" not in making.properties:
        making.api("ec2").modify_instance_attribute(InstanceId=identity, DisableApiTermination={"Value": True})


def _decoded(text: object) -> bytes:
    """User data is base64 in a template; boto3 encodes what it is given. AWS refuses what is no base64."""
    try:
        return b64decode(as_text(text), validate=True)
    except ValueError:
        raise CannotMakeError("Invalid BASE64 encoding of user data.") from None


def _data_of_template(making: Making) -> dict[str, Any]:
    """What the launch template says, of which moto hands little on to the instance."""
    template = making.properties.get("LaunchTemplate")
    if not template:
        return {}
    by = {key: value for key, value in template.items() if key in {"LaunchTemplateId", "LaunchTemplateName"}}
    versions = making.api("ec2").describe_launch_template_versions(Versions=[as_text(template["Version"])], **by)
    return dict(versions["LaunchTemplateVersions"][0]["LaunchTemplateData"])


def _attributes_of_instance(making: Making, identity: str) -> dict[str, Any]:
    found = making.api("ec2").describe_instances(InstanceIds=[identity])["Reservations"][0]["Instances"][0]
    attributes = {
        "AvailabilityZone": found["Placement"]["AvailabilityZone"],
        "InstanceId": identity,
        "PrivateDnsName": found.get("PrivateDnsName", ""),
        "PrivateIp": found.get("PrivateIpAddress", ""),
        "PublicDnsName": found.get("PublicDnsName", ""),
        "PublicIp": found.get("PublicIpAddress", ""),
        "VpcId": found.get("VpcId", ""),
    }
    return {name: value for name, value in attributes.items() if value}


def _configure_instance(making: Making, made: Made) -> None:
    client = making.api("ec2")
    if making.changed("SourceDestCheck"):
        value = as_text(making.get("SourceDestCheck", default=True)) == "true"
        client.modify_instance_attribute(InstanceId=made.ref, SourceDestCheck={"Value": value})
    if making.changed("DisableApiTermination"):
        value = as_text(making.get("DisableApiTermination", default=False)) == "true"
        client.modify_instance_attribute(InstanceId=made.ref, DisableApiTermination={"Value": value})
    if making.before is None:
        return
    if making.changed("SecurityGroupIds"):
        client.modify_instance_attribute(InstanceId=made.ref, Groups=making.get("SecurityGroupIds"))
    if making.changed("Tags"):
        retag(making, "ec2", made.ref)


def _delete_instance(making: Making, made: Made) -> None:
    making.api("ec2").terminate_instances(InstanceIds=[made.ref])


def _configure_template(making: Making, made: Made) -> None:
    if making.before is None or not making.changed("LaunchTemplateData"):
        return
    client = making.api("ec2")
    answer = making.send(
        "ec2", "create_launch_template_version", only=("LaunchTemplateData",), LaunchTemplateId=made.ref
    )
    number = str(answer["LaunchTemplateVersion"]["VersionNumber"])
    client.modify_launch_template(LaunchTemplateId=made.ref, DefaultVersion=number)
    made.attributes |= {"LatestVersionNumber": number, "DefaultVersionNumber": number}


_TEMPLATE: Final = row(
    "AWS::EC2::LaunchTemplate",
    "ec2",
    "create_launch_template",
    name=("LaunchTemplateName", "LaunchTemplateName", 128),
    ref="LaunchTemplate.LaunchTemplateId",
    attributes={
        "LaunchTemplateId": "LaunchTemplate.LaunchTemplateId",
        "LatestVersionNumber": "LaunchTemplate.LatestVersionNumber",
        "DefaultVersionNumber": "LaunchTemplate.DefaultVersionNumber",
    },
    delete="delete_launch_template",
    delete_by={"LaunchTemplateId": "{ref}"},
    create_only=["LaunchTemplateName"],
    tags=None,
)


def _tunnel(options: dict[str, Any]) -> dict[str, Any]:
    """A tunnel as the API takes it, which has another letter in it than templates."""
    log = dict(options.get("LogOptions") or {})
    if "CloudwatchLogOptions" in log:
        log["CloudWatchLogOptions"] = log.pop("CloudwatchLogOptions")
    return {**options, **({"LogOptions": log} if log else {})}


def _make_vpn_connection(making: Making) -> Made:
    options: dict[str, Any] = {}
    if "StaticRoutesOnly" in making.properties:
        options["StaticRoutesOnly"] = as_text(making.get("StaticRoutesOnly")) == "true"
    if "VpnTunnelOptionsSpecifications" in making.properties:
        options["TunnelOptions"] = [_tunnel(each) for each in making.get("VpnTunnelOptionsSpecifications")]
    given: dict[str, Any] = {"Options": options} if options else {}
    if making.tags():
        given["TagSpecifications"] = [{"ResourceType": "vpn-connection", "Tags": making.tags()}]
    answer = making.send("ec2", "create_vpn_connection", **given)
    identity = answer["VpnConnection"]["VpnConnectionId"]
    return Made("AWS::EC2::VPNConnection", identity, {"VpnConnectionId": identity})


def _configure_tags(making: Making, made: Made) -> None:
    if making.before is not None and making.changed("Tags"):
        retag(making, "ec2", made.ref)


def _delete_vpn_connection(making: Making, made: Made) -> None:
    making.api("ec2").delete_vpn_connection(VpnConnectionId=made.ref)


KINDS: Final = (
    Kind(
        "AWS::EC2::Instance",
        _make_instance,
        _delete_instance,
        _configure_instance,
        frozenset(
            {
                "AvailabilityZone",
                "BlockDeviceMappings",
                "CpuOptions",
                "HibernationOptions",
                "ImageId",
                "KeyName",
                "LaunchTemplate",
                "MetadataOptions",
                "NetworkInterfaces",
                "PrivateIpAddress",
                "SecurityGroups",
                "SubnetId",
            }
        ),
    ),
    Kind(_TEMPLATE.type, _TEMPLATE.make, _TEMPLATE.delete, _configure_template, _TEMPLATE.create_only, None),
    Kind(
        "AWS::EC2::VPNConnection",
        _make_vpn_connection,
        _delete_vpn_connection,
        _configure_tags,
        frozenset(
            {
                "StaticRoutesOnly",
                "Type",
            }
        ),
    ),
    row(
        "AWS::EC2::Volume",
        "ec2",
        "create_volume",
        ref="VolumeId",
        attributes={"VolumeId": "VolumeId"},
        delete="delete_volume",
        delete_by={"VolumeId": "{ref}"},
        create_only=["AvailabilityZone", "Encrypted", "KmsKeyId", "SnapshotId", "OutpostArn"],
        tag_spec="volume",
    ),
)
