"""AWS::EMR, by the Amazon EMR API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, renamed, stated, tag_list
from infra_checks.live.shaping import at

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_PASSWORD: Final = Unread("no API returns a password")
_ELSEWHERE: Final = {
    "AutoTerminationPolicy": "GetAutoTerminationPolicy",
    "BootstrapActions": "ListBootstrapActions",
    "ManagedScalingPolicy": "GetManagedScalingPolicy",
    "Steps": "ListSteps",
}
"""What other operations tell, which are not asked."""
_OF_GROUPS: Final = ("CoreInstanceGroup", "MasterInstanceGroup", "TaskInstanceGroups")
_OF_FLEETS: Final = ("CoreInstanceFleet", "MasterInstanceFleet", "TaskInstanceFleets")


@reader("AWS::EMR::Cluster", "emr:describe_cluster", unreturned=("AdditionalInfo",))
def cluster(asking: Asking) -> Read:
    """AWS: API_Cluster.html.

    Its groups or fleets of instances, its steps and its scaling are not asked for: no rule judges them.
    """
    answer = asking.ask("emr", "describe_cluster", ClusterId=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    found = answer["Cluster"]
    names = (
        "AutoScalingRole",
        "CustomAmiId",
        "EbsRootVolumeIops",
        "EbsRootVolumeSize",
        "EbsRootVolumeThroughput",
        "LogEncryptionKmsKeyId",
        "LogUri",
        "Name",
        "OSReleaseLabel",
        "ReleaseLabel",
        "ScaleDownBehavior",
        "SecurityConfiguration",
        "ServiceRole",
        "StepConcurrencyLevel",
        "VisibleToAllUsers",
    )
    return {
        **renamed(found, *names),
        **{name: Unread(f"{operation} is not asked") for name, operation in _ELSEWHERE.items()},
        **stated(
            Applications=[read for each in found.get("Applications") or [] if (read := _application(each))],
            Configurations=[_configuration(each) for each in found.get("Configurations") or []],
            Instances=_instances(asking, found),
            JobFlowRole=(found.get("Ec2InstanceAttributes") or {}).get("IamInstanceProfile"),
            KerberosAttributes=_kerberos(found.get("KerberosAttributes") or {}),
            PlacementGroupConfigs=[
                renamed(each, "InstanceRole", "PlacementStrategy") for each in found.get("PlacementGroups") or []
            ],
            Tags=tag_list(found.get("Tags") or []),
        ),
    }


def _application(found: Answer) -> Properties:
    return renamed(found, "AdditionalInfo", "Args", "Name", "Version")


def _configuration(found: Answer) -> Properties:
    inner = [_configuration(each) for each in found.get("Configurations") or []]
    return {
        **renamed(found, "Classification", ConfigurationProperties="Properties"),
        **stated(Configurations=inner),
    }


def _kerberos(found: Answer) -> Properties:
    """A cluster without Kerberos has no realm; the passwords are not told."""
    read = renamed(found, "ADDomainJoinUser", "Realm")
    if not read:
        return {}
    passwords = ("ADDomainJoinPassword", "CrossRealmTrustPrincipalPassword", "KdcAdminPassword")
    return {**read, **dict.fromkeys(passwords, _PASSWORD)}


def _instances(asking: Asking, found: Answer) -> Properties:
    """AWS: API_Ec2InstanceAttributes.html; a cluster that ends without steps is not kept alive."""
    attributes = found.get("Ec2InstanceAttributes") or {}
    names = (
        "AdditionalMasterSecurityGroups",
        "AdditionalSlaveSecurityGroups",
        "Ec2KeyName",
        "Ec2SubnetId",
        "EmrManagedMasterSecurityGroup",
        "EmrManagedSlaveSecurityGroup",
        "ServiceAccessSecurityGroup",
    )
    read = renamed(attributes, *names, Ec2SubnetIds="RequestedEc2SubnetIds")
    read |= renamed(found, "TerminationProtected", "UnhealthyNodeReplacement")
    if found.get("AutoTerminate") is not None:
        read["KeepJobFlowAliveWhenNoSteps"] = not found["AutoTerminate"]
    if at(asking.declared, "Instances", "HadoopVersion"):
        read["HadoopVersion"] = Unread("DescribeCluster does not tell it")
    zone = renamed(attributes, AvailabilityZone="Ec2AvailabilityZone")
    read |= stated(Placement=zone)
    fleets = found.get("InstanceCollectionType") == "INSTANCE_FLEET"
    operation = "ListInstanceFleets" if fleets else "ListInstanceGroups"
    return read | dict.fromkeys(_OF_FLEETS if fleets else _OF_GROUPS, Unread(f"{operation} is not asked"))
