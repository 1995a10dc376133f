"""AWS::FSx, by the Amazon FSx API reference.

The backup that a file system was made from is no property of the file system that is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.keys import ASKED, chosen_key
from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, from_answer, only, renamed, stated, tag_list
from infra_checks.live.shaping import at

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_PASSWORD: Final = Unread("no API returns a password")
_OF_ALL: Final = (
    "AutomaticBackupRetentionDays",
    "DailyAutomaticBackupStartTime",
    "DeploymentType",
    "ThroughputCapacity",
    "WeeklyMaintenanceStartTime",
)
_ADDRESSES: Final = ("EndpointIpAddressRange", "EndpointIpv6AddressRange", "RouteTableIds")


@reader(
    "AWS::FSx::FileSystem",
    "fsx:describe_file_systems",
    "fsx:describe_volumes",
    "ec2:describe_network_interfaces",
    ASKED,
)
def file_system(asking: Asking) -> Read:
    """AWS: API_FileSystem.html."""
    systems = asking.pages("fsx", "describe_file_systems", "FileSystems", FileSystemIds=[asking.physical_id])
    found = only(systems, asking.physical_id)
    if isinstance(found, Unread):
        return found
    same = ("FileSystemType", "FileSystemTypeVersion", "NetworkType", "StorageCapacity", "StorageType", "SubnetIds")
    return {
        **renamed(found, *same),
        **_security_groups(asking, found),
        **stated(
            KmsKeyId=chosen_key(asking, found.get("KmsKeyId")),
            LustreConfiguration=_lustre(found.get("LustreConfiguration") or {}),
            OntapConfiguration=_ontap(found.get("OntapConfiguration") or {}),
            OpenZFSConfiguration=_openzfs(asking, found.get("OpenZFSConfiguration") or {}),
            Tags=tag_list(found.get("Tags") or []),
            WindowsConfiguration=_windows(found.get("WindowsConfiguration") or {}),
        ),
    }


def _security_groups(asking: Asking, found: Answer) -> Properties:
    """Those of its network interfaces, which alone tell them."""
    interfaces = found.get("NetworkInterfaceIds") or []
    if not interfaces:
        return {"SecurityGroupIds": Unread(f"{asking.physical_id} has no network interfaces that could tell")}
    answer = asking.pages("ec2", "describe_network_interfaces", "NetworkInterfaces", NetworkInterfaceIds=interfaces)
    return from_answer(answer, ("SecurityGroupIds",), _groups)


def _groups(interfaces: list[Answer]) -> Properties:
    groups = dict.fromkeys(group["GroupId"] for each in interfaces for group in each.get("Groups") or [])
    return {"SecurityGroupIds": list(groups)}


def _disks(found: Answer) -> Properties:
    return stated(DiskIopsConfiguration=renamed(found.get("DiskIopsConfiguration") or {}, "Iops", "Mode"))


def _cache(found: Answer, name: str) -> Properties:
    return stated(**{name: renamed(found.get(name) or {}, "SizeGiB", "SizingMode")})


def _lustre(found: Answer) -> Properties:
    repository = found.get("DataRepositoryConfiguration") or {}
    return {
        **renamed(
            found,
            *_OF_ALL,
            "CopyTagsToBackups",
            "DataCompressionType",
            "DriveCacheType",
            "EfaEnabled",
            "PerUnitStorageThroughput",
        ),
        **renamed(repository, "AutoImportPolicy", "ExportPath", "ImportPath", "ImportedFileChunkSize"),
        **_cache(found, "DataReadCacheConfiguration"),
        **stated(
            LogConfiguration=renamed(found.get("LogConfiguration") or {}, "Destination", "Level"),
            MetadataConfiguration=renamed(found.get("MetadataConfiguration") or {}, "Iops", "Mode"),
        ),
    }


def _ontap(found: Answer) -> Properties:
    """AWS: OntapFileSystemConfiguration; a password that was set is redacted."""
    return {
        **renamed(found, *_OF_ALL, *_ADDRESSES, "HAPairs", "PreferredSubnetId", "ThroughputCapacityPerHAPair"),
        **_disks(found),
        **stated(FsxAdminPassword=_PASSWORD if found.get("FsxAdminPassword") else None),
    }


def _openzfs(asking: Asking, found: Answer) -> Properties:
    """AWS: OpenZFSFileSystemConfiguration; Options only say how the file system is deleted."""
    if not found:
        return {}
    options = at(asking.declared, "OpenZFSConfiguration", "Options")
    unread = Unread("no API tells it, the deployed template does") if options or not asking.declared else None
    return {
        **renamed(found, *_OF_ALL, *_ADDRESSES, "CopyTagsToBackups", "CopyTagsToVolumes", "PreferredSubnetId"),
        **_disks(found),
        **_cache(found, "ReadCacheConfiguration"),
        **stated(Options=unread, RootVolumeConfiguration=_root(asking, found.get("RootVolumeId"))),
    }


def _root(asking: Asking, volume: str | None) -> Properties | Unread | None:
    if not volume:
        return Unread(f"no API tells the root volume of {asking.physical_id}")
    found: Any = only(asking.pages("fsx", "describe_volumes", "Volumes", VolumeIds=[volume]), volume)
    if isinstance(found, Unread):
        return found
    root = found.get("OpenZFSConfiguration") or {}
    names = ("CopyTagsToSnapshots", "DataCompressionType", "ReadOnly", "RecordSizeKiB")
    return {
        **renamed(root, *names),
        **stated(
            NfsExports=[_export(each) for each in root.get("NfsExports") or []],
            UserAndGroupQuotas=[
                renamed(each, "Id", "StorageCapacityQuotaGiB", "Type") for each in root.get("UserAndGroupQuotas") or []
            ],
        ),
    }


def _export(found: Answer) -> Properties:
    clients = found.get("ClientConfigurations") or []
    return stated(ClientConfigurations=[renamed(each, "Clients", "Options") for each in clients])


def _windows(found: Answer) -> Properties:
    """AWS: WindowsFileSystemConfiguration; an alias that is being removed or could not be made is none."""
    aliases = [each for each in found.get("Aliases") or [] if each.get("Lifecycle") in {"AVAILABLE", "CREATING"}]
    audit = found.get("AuditLogConfiguration") or {}
    directory = found.get("SelfManagedActiveDirectoryConfiguration") or {}
    resources = found.get("FsrmConfiguration") or {}
    return {
        **renamed(found, *_OF_ALL, "ActiveDirectoryId", "CopyTagsToBackups", "PreferredSubnetId"),
        **_disks(found),
        **stated(
            Aliases=[each["Name"] for each in aliases],
            AuditLogConfiguration=renamed(
                audit, "AuditLogDestination", "FileAccessAuditLogLevel", "FileShareAccessAuditLogLevel"
            ),
            FsrmConfiguration=renamed(resources, "EventLogDestination", "FsrmServiceEnabled"),
            SelfManagedActiveDirectoryConfiguration=_directory(directory),
        ),
    }


def _directory(found: Answer) -> Properties:
    """The directory that it has joined with a password, or with a secret that holds user and password."""
    read = renamed(
        found,
        "DnsIps",
        "DomainJoinServiceAccountSecret",
        "DomainName",
        "FileSystemAdministratorsGroup",
        "OrganizationalUnitDistinguishedName",
        "UserName",
    )
    has_password = bool(read) and "DomainJoinServiceAccountSecret" not in read
    return {**read, **({"Password": _PASSWORD} if has_password else {})}
