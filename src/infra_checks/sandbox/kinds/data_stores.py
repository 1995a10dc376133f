"""AWS::DAX, AWS::DMS, AWS::DocDB, AWS::EMR, AWS::Elasticsearch, AWS::FSx and AWS::Glue: one type of each."""

from __future__ import annotations

from typing import Any, Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.rows import row

_ROLES: Final = ("Master", "Core", "Task")


def _make_emr(making: Making) -> Made:
    """AWS: RunJobFlow of the Amazon EMR API; it has the groups and fleets of a template in one list each."""
    instances = _for_api(dict(making.need("Instances")))
    for word, kind in (("Group", "InstanceRole"), ("Fleet", "InstanceFleetType")):
        listed = [
            {kind: role.upper(), **each} for role in _ROLES for each in _of_role(instances, f"{role}Instance{word}")
        ]
        if listed:
            instances[f"Instance{word}s"] = listed
    given = {"Instances": making.fitted("emr", "run_job_flow", "Instances", instances)}
    if "Configurations" in making.properties:
        configurations = _for_api(making.get("Configurations"))
        given["Configurations"] = making.fitted("emr", "run_job_flow", "Configurations", configurations)
    made = making.send("emr", "run_job_flow", **given)
    return Made("AWS::EMR::Cluster", made["JobFlowId"], {"Arn": made["ClusterArn"]})


def _of_role(instances: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """What a property and its plural say of the nodes of one role."""
    one = instances.pop(name, None)
    return [*([one] if one else []), *instances.pop(f"{name}s", [])]


def _for_api(value: Any) -> Any:  # noqa: ANN401 - JSON
    """A value in which settings are called as the API calls them."""
    if isinstance(value, dict):
        names = {"ConfigurationProperties": "Properties"}
        return {names.get(name, name): _for_api(each) for name, each in value.items()}
    return [_for_api(each) for each in value] if isinstance(value, list) else value


def _delete_emr(making: Making, made: Made) -> None:
    making.api("emr").terminate_job_flows(JobFlowIds=[made.ref])


_OF_EMR: Final = frozenset(
    {
        "AdditionalInfo",
        "Applications",
        "AutoScalingRole",
        "BootstrapActions",
        "Configurations",
        "CustomAmiId",
        "EbsRootVolumeIops",
        "EbsRootVolumeSize",
        "EbsRootVolumeThroughput",
        "JobFlowRole",
        "KerberosAttributes",
        "LogEncryptionKmsKeyId",
        "LogUri",
        "Name",
        "OSReleaseLabel",
        "PlacementGroupConfigs",
        "ReleaseLabel",
        "ScaleDownBehavior",
        "SecurityConfiguration",
        "ServiceRole",
        "Steps",
    }
)

KINDS: Final = (
    row(
        "AWS::DAX::Cluster",
        "dax",
        "create_cluster",
        name=("ClusterName", "ClusterName", 20),
        lower=True,
        renames={"SSESpecification.SSEEnabled": "Enabled"},
        ref="{p[ClusterName]}",
        attributes={
            "Arn": "Cluster.ClusterArn",
            "ClusterDiscoveryEndpoint": "{ref}.dax-clusters.{region}.{suffix}:8111",
            "ClusterDiscoveryEndpointURL": "dax://{ref}.dax-clusters.{region}.{suffix}",
        },
        delete="delete_cluster",
        delete_by={"ClusterName": "{ref}"},
        create_only=[
            "ClusterEndpointEncryptionType",
            "ClusterName",
            "IAMRoleARN",
            "NetworkType",
            "NodeType",
            "SSESpecification",
            "SubnetGroupName",
        ],
        tags_form="map",
    ),
    row(
        "AWS::DMS::ReplicationInstance",
        "dms",
        "create_replication_instance",
        name=("ReplicationInstanceIdentifier", "ReplicationInstanceIdentifier", 63),
        lower=True,
        ref="ReplicationInstance.ReplicationInstanceArn",
        attributes={"Arn": "ReplicationInstance.ReplicationInstanceArn"},
        delete="delete_replication_instance",
        delete_by={"ReplicationInstanceArn": "{ref}"},
        create_only=[
            "DnsNameServers",
            "KmsKeyId",
            "PubliclyAccessible",
            "ReplicationSubnetGroupIdentifier",
            "ResourceIdentifier",
        ],
    ),
    row(
        "AWS::DocDB::DBCluster",
        "docdb",
        "create_db_cluster",
        name=("DBClusterIdentifier", "DBClusterIdentifier", 63),
        lower=True,
        fixed={"Engine": "docdb"},
        ref="{p[DBClusterIdentifier]}",
        attributes={
            "Arn": "DBCluster.DBClusterArn",
            "ClusterResourceId": "DBCluster.DbClusterResourceId",
            "Endpoint": "DBCluster.Endpoint",
            "ReadEndpoint": "DBCluster.ReaderEndpoint",
        },
        delete="delete_db_cluster",
        delete_by={"DBClusterIdentifier": "{ref}"},
        update="modify_db_cluster",
        update_by={"DBClusterIdentifier": "{ref}"},
        create_only=[
            "AvailabilityZones",
            "DBClusterIdentifier",
            "DBSubnetGroupName",
            "KmsKeyId",
            "MasterUsername",
            "StorageEncrypted",
        ],
    ),
    Kind("AWS::EMR::Cluster", _make_emr, _delete_emr, create_only=_OF_EMR),
    row(
        "AWS::Elasticsearch::Domain",
        "es",
        "create_elasticsearch_domain",
        renames={"Tags": "TagList"},
        name=("DomainName", "DomainName", 28),
        lower=True,
        ref="{p[DomainName]}",
        attributes={
            "Arn": "DomainStatus.ARN",
            "DomainArn": "DomainStatus.ARN",
            "DomainEndpoint": "search-{ref}.{region}.es.{suffix}",
        },
        delete="delete_elasticsearch_domain",
        delete_by={"DomainName": "{ref}"},
        create_only=["DomainName"],
    ),
    row(
        "AWS::FSx::FileSystem",
        "fsx",
        "create_file_system",
        ref="FileSystem.FileSystemId",
        attributes={
            "Arn": "FileSystem.ResourceARN",
            "DNSName": "FileSystem.DNSName",
            "ResourceARN": "FileSystem.ResourceARN",
        },
        delete="delete_file_system",
        delete_by={"FileSystemId": "{ref}"},
        create_only=["FileSystemType", "KmsKeyId", "SecurityGroupIds", "SubnetIds"],
    ),
    row(
        "AWS::Glue::DevEndpoint",
        "glue",
        "create_dev_endpoint",
        name=("EndpointName", "EndpointName", 255),
        ref="{p[EndpointName]}",
        delete="delete_dev_endpoint",
        delete_by={"EndpointName": "{ref}"},
        create_only=["EndpointName"],
        tags_form="map",
    ),
)
