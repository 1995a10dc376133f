"""Readers of types that Cloud Control cannot read, with answers of AWS that moto does not give."""

from __future__ import annotations

from typing import Any

import pytest

from infra_checks.live.reading import Unread
from tests.integration.live.asking_data import ACCOUNT, Answers, Asks, Told
from tests.integration.live.declaring import answer_of

AWS_OWNED: dict[str, Any] = {"KeyMetadata": {"KeyManager": "AWS"}}
NO_PASSWORD = Unread("no API returns a password")


def told(kind: str, physical_id: str, answers: Answers, **declared: Any) -> Any:  # noqa: ANN401 - properties
    return answer_of(Asks(kind, physical_id, Told(answers), declared=declared))


def documents(declared: dict[str, Any] | None = None, **members: Any) -> Any:  # noqa: ANN401 - as above
    answers: Answers = {
        "rds:describe_db_clusters": {
            "DBClusters": [{"DBClusterIdentifier": "docs", "StorageEncrypted": True} | members]
        },
        "kms:describe_key": AWS_OWNED,
    }
    return told("AWS::DocDB::DBCluster", "docs", answers, **(declared or {}))


def test_a_document_database_with_the_key_of_aws_has_no_key_of_its_own() -> None:
    found = documents(KmsKeyId="arn:key", EnabledCloudwatchLogsExports=["audit"])
    assert "KmsKeyId" not in found
    assert found["EnableCloudwatchLogsExports"] == ["audit"]
    assert found["MasterUserPassword"] == NO_PASSWORD


def test_a_document_database_has_a_password_only_where_nobody_else_has_it() -> None:
    managed = documents(MasterUserSecret={"SecretArn": "arn:secret", "KmsKeyId": "arn:key"})
    assert managed["ManageMasterUserPassword"] is True
    assert not {"MasterUserPassword", "MasterUserSecretKmsKeyId"} & managed.keys()
    assert "MasterUserPassword" not in documents(ReplicationSourceIdentifier="arn:other")


def test_the_global_cluster_that_a_template_names_is_not_taken_for_gone() -> None:
    assert "GlobalClusterIdentifier" not in documents({"Port": 27017})
    assert isinstance(documents({"GlobalClusterIdentifier": "all"})["GlobalClusterIdentifier"], Unread)
    read = documents({"GlobalClusterIdentifier": "all"}, GlobalClusterIdentifier="all")
    assert read["GlobalClusterIdentifier"] == "all"


def test_a_document_database_that_is_gone_is_unread() -> None:
    answers: Answers = {"rds:describe_db_clusters": "DBClusterNotFoundFault"}
    assert told("AWS::DocDB::DBCluster", "docs", answers) == Unread("DBClusterNotFoundFault: rds:describe_db_clusters")


def files(declared: dict[str, Any] | None = None, **members: Any) -> Any:  # noqa: ANN401 - as above
    volume = {
        "OpenZFSConfiguration": {
            "ReadOnly": False,
            "NfsExports": [{"ClientConfigurations": [{"Clients": "*", "Options": ["rw"]}]}],
            "VolumePath": "/fsx",
        }
    }
    answers: Answers = {
        "fsx:describe_file_systems": {"FileSystems": [{"FileSystemId": "fs-1"} | members]},
        "fsx:describe_volumes": {"Volumes": [volume]},
        "ec2:describe_network_interfaces": {
            "NetworkInterfaces": [{"Groups": [{"GroupId": "sg-1"}]}, {"Groups": [{"GroupId": "sg-1"}]}]
        },
        "kms:describe_key": AWS_OWNED,
    }
    return told("AWS::FSx::FileSystem", "fs-1", answers, **(declared or {}))


def test_the_security_groups_of_a_file_system_are_those_of_its_network_interfaces() -> None:
    assert files(NetworkInterfaceIds=["eni-1", "eni-2"])["SecurityGroupIds"] == ["sg-1"]
    assert isinstance(files()["SecurityGroupIds"], Unread)


def test_a_lustre_file_system_has_the_repository_it_is_linked_to() -> None:
    repository = {"Lifecycle": "AVAILABLE", "ImportPath": "s3://a", "AutoImportPolicy": "NEW"}
    found = files(
        FileSystemType="LUSTRE",
        LustreConfiguration={
            "DeploymentType": "PERSISTENT_1",
            "MountName": "m",
            "AutomaticBackupRetentionDays": 0,
            "CopyTagsToBackups": False,
            "DataRepositoryConfiguration": repository,
        },
    )
    assert found["LustreConfiguration"] == {
        "DeploymentType": "PERSISTENT_1",
        "AutomaticBackupRetentionDays": 0,
        "CopyTagsToBackups": False,
        "ImportPath": "s3://a",
        "AutoImportPolicy": "NEW",
    }


def test_a_windows_file_system_has_the_aliases_that_are_there_and_its_password_is_not_told() -> None:
    aliases = [{"Name": "a", "Lifecycle": "AVAILABLE"}, {"Name": "b", "Lifecycle": "DELETING"}]
    directory = {"DomainName": "example.com", "UserName": "join", "DnsIps": ["10.0.0.2"]}
    found = files(
        FileSystemType="WINDOWS",
        KmsKeyId="arn:key",
        WindowsConfiguration={
            "DeploymentType": "MULTI_AZ_1",
            "Aliases": aliases,
            "SelfManagedActiveDirectoryConfiguration": directory,
        },
    )
    assert found["WindowsConfiguration"]["Aliases"] == ["a"]
    assert found["WindowsConfiguration"]["SelfManagedActiveDirectoryConfiguration"] == directory | {
        "Password": NO_PASSWORD
    }
    assert "KmsKeyId" not in found


def test_a_directory_joined_with_a_secret_has_no_password() -> None:
    directory = {"DomainName": "example.com", "DomainJoinServiceAccountSecret": "arn:secret"}
    found = files(WindowsConfiguration={"SelfManagedActiveDirectoryConfiguration": directory})
    assert found["WindowsConfiguration"]["SelfManagedActiveDirectoryConfiguration"] == directory


def test_an_ontap_file_system_has_an_unread_password_where_one_was_set() -> None:
    kept = files(OntapConfiguration={"DeploymentType": "SINGLE_AZ_1", "FsxAdminPassword": "*****"})
    assert kept["OntapConfiguration"]["FsxAdminPassword"] == NO_PASSWORD
    none = files(OntapConfiguration={"DeploymentType": "SINGLE_AZ_1"})
    assert none["OntapConfiguration"] == {"DeploymentType": "SINGLE_AZ_1"}


def test_an_openzfs_file_system_has_its_root_volume() -> None:
    system = {"DeploymentType": "MULTI_AZ_1", "RootVolumeId": "fsvol-1"}
    found = files({"OpenZFSConfiguration": {}}, OpenZFSConfiguration=system)
    assert found["OpenZFSConfiguration"] == {
        "DeploymentType": "MULTI_AZ_1",
        "RootVolumeConfiguration": {
            "ReadOnly": False,
            "NfsExports": [{"ClientConfigurations": [{"Clients": "*", "Options": ["rw"]}]}],
        },
    }
    options = {"OpenZFSConfiguration": {"Options": ["DELETE_CHILD_VOLUMES_AND_SNAPSHOTS"]}}
    assert isinstance(files(options, OpenZFSConfiguration=system)["OpenZFSConfiguration"]["Options"], Unread)


KEYS: Answers = {
    "iam:list_access_keys": {
        "AccessKeyMetadata": [
            {"UserName": "ada", "AccessKeyId": "AKIA1", "Status": "Active"},
            {"UserName": "ada", "AccessKeyId": "AKIA2", "Status": "Inactive"},
        ]
    }
}


def test_an_access_key_is_the_one_with_its_id() -> None:
    found = told("AWS::IAM::AccessKey", "AKIA2", KEYS, UserName="ada")
    assert (found["Status"], found["UserName"]) == ("Inactive", "ada")
    gone = told("AWS::IAM::AccessKey", "AKIA3", KEYS, UserName="ada")
    assert gone == Unread("ada has no access key AKIA3 (deleted meanwhile?)")


def test_an_access_key_of_a_user_who_is_not_known_is_unread() -> None:
    assert isinstance(told("AWS::IAM::AccessKey", "AKIA1", KEYS), Unread)
    assert isinstance(told("AWS::IAM::AccessKey", "AKIA1", KEYS, UserName=Unread("imported")), Unread)


def test_a_user_who_left_the_group_is_not_added_any_more() -> None:
    kind = "AWS::IAM::UserToGroupAddition"
    group: Answers = {"iam:get_group": {"Group": {}, "Users": [{"UserName": "ada"}, {"UserName": "eve"}]}}
    assert told(kind, "x", group, GroupName="g", Users=["ada", "bob"]) == {"GroupName": "g", "Users": ["ada"]}
    assert told(kind, "x", group, GroupName="g", Users=["bob"]) == {"GroupName": "g"}
    assert isinstance(told(kind, "x", group, GroupName="g", Users=[Unread("imported")]), Unread)
    assert told(kind, "x", {"iam:get_group": "NoSuchEntity"}, GroupName="g", Users=["bob"]) == Unread(
        "NoSuchEntity: iam:get_group"
    )


def search(**members: Any) -> Any:  # noqa: ANN401 - as above
    answers: Answers = {
        "es:describe_elasticsearch_domain": {"DomainStatus": {"DomainName": "logs", "ARN": "arn:domain"} | members},
        "es:list_tags": {"TagList": [{"Key": "Team", "Value": "shop"}]},
        "kms:describe_key": AWS_OWNED,
    }
    return told("AWS::Elasticsearch::Domain", "logs", answers)


def test_a_search_domain_has_its_options_without_what_is_no_property() -> None:
    log = {"CloudWatchLogsLogGroupArn": "arn:group", "Enabled": True}
    found = search(
        AccessPolicies='{"Statement": []}',
        EncryptionAtRestOptions={"Enabled": True, "KmsKeyId": "arn:key"},
        VPCOptions={"VPCId": "vpc-1", "SubnetIds": ["subnet-1"], "AvailabilityZones": ["us-east-1a"]},
        EBSOptions={"EBSEnabled": True, "Throughput": 125},
        LogPublishingOptions={"AUDIT_LOGS": log},
        AdvancedSecurityOptions={"Enabled": False},
    )
    assert found == {
        "DomainName": "logs",
        "AccessPolicies": {"Statement": []},
        "EncryptionAtRestOptions": {"Enabled": True},
        "VPCOptions": {"SubnetIds": ["subnet-1"]},
        "EBSOptions": {"EBSEnabled": True},
        "LogPublishingOptions": {"AUDIT_LOGS": log},
        "AdvancedSecurityOptions": {"Enabled": False},
        "Tags": [{"Key": "Team", "Value": "shop"}],
    }


def test_the_main_user_of_a_search_domain_is_unread_where_there_is_one() -> None:
    options = search(AdvancedSecurityOptions={"Enabled": True})["AdvancedSecurityOptions"]
    assert isinstance(options["MasterUserOptions"], Unread)


def big_data(declared: dict[str, Any] | None = None, **members: Any) -> Any:  # noqa: ANN401 - as above
    answers: Answers = {"emr:describe_cluster": {"Cluster": {"Id": "j-1", "Name": "jobs"} | members}}
    return told("AWS::EMR::Cluster", "j-1", answers, **(declared or {}))


def test_a_big_data_cluster_without_a_realm_has_no_kerberos() -> None:
    assert "KerberosAttributes" not in big_data(KerberosAttributes={})
    assert big_data(KerberosAttributes={"Realm": "EC2.INTERNAL"})["KerberosAttributes"] == {
        "Realm": "EC2.INTERNAL",
        "ADDomainJoinPassword": NO_PASSWORD,
        "CrossRealmTrustPrincipalPassword": NO_PASSWORD,
        "KdcAdminPassword": NO_PASSWORD,
    }


def test_a_big_data_cluster_has_its_logs_its_security_and_its_network() -> None:
    found = big_data(
        LogUri="s3://logs/",
        SecurityConfiguration="encrypted",
        AutoTerminate=False,
        TerminationProtected=True,
        InstanceCollectionType="INSTANCE_FLEET",
        Ec2InstanceAttributes={"IamInstanceProfile": "nodes", "Ec2SubnetId": "subnet-1"},
        Configurations=[{"Classification": "c", "Properties": {"a": "b"}, "Configurations": []}],
    )
    assert (found["LogUri"], found["SecurityConfiguration"], found["JobFlowRole"]) == (
        "s3://logs/",
        "encrypted",
        "nodes",
    )
    assert found["Configurations"] == [{"Classification": "c", "ConfigurationProperties": {"a": "b"}}]
    not_asked = Unread("ListInstanceFleets is not asked")
    assert found["Instances"] == {
        "Ec2SubnetId": "subnet-1",
        "KeepJobFlowAliveWhenNoSteps": True,
        "TerminationProtected": True,
        "CoreInstanceFleet": not_asked,
        "MasterInstanceFleet": not_asked,
        "TaskInstanceFleets": not_asked,
    }
    assert isinstance(found["Steps"], Unread)


def accelerator(**members: Any) -> Any:  # noqa: ANN401 - as above
    found = {"ClusterName": "fast", "ClusterArn": "arn:cluster", "TotalNodes": 2} | members
    answers: Answers = {"dax:describe_clusters": {"Clusters": [found]}, "dax:list_tags": "AccessDeniedException"}
    return told("AWS::DAX::Cluster", "fast", answers)


def test_an_accelerator_is_in_the_zones_of_its_nodes() -> None:
    nodes = [{"AvailabilityZone": "us-east-1a"}, {"AvailabilityZone": "us-east-1b"}]
    found = accelerator(Nodes=nodes)
    assert (found["ReplicationFactor"], found["AvailabilityZones"]) == (2, ["us-east-1a", "us-east-1b"])
    assert found["Tags"] == Unread("AccessDeniedException: dax:list_tags")
    assert isinstance(accelerator(Nodes=[{"NodeId": "a"}])["AvailabilityZones"], Unread)


@pytest.mark.parametrize(("status", "encrypted"), [("ENABLED", True), ("ENABLING", True), ("DISABLED", False)])
def test_an_accelerator_is_encrypted_as_its_status_says(status: str, encrypted: bool) -> None:
    assert accelerator(SSEDescription={"Status": status})["SSESpecification"] == {"SSEEnabled": encrypted}


def test_an_accelerator_that_says_nothing_of_encryption_has_no_setting() -> None:
    assert "SSESpecification" not in accelerator()


def test_a_replication_instance_is_found_by_its_arn() -> None:
    arn = f"arn:aws:dms:us-east-1:{ACCOUNT}:rep:ABC"
    instance = {
        "ReplicationInstanceArn": arn,
        "MultiAZ": False,
        "PubliclyAccessible": False,
        "KmsKeyId": "arn:key",
        "ReplicationSubnetGroup": {"ReplicationSubnetGroupIdentifier": "subnets"},
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}],
        "PendingModifiedValues": {"MultiAZ": True},
    }
    answers: Answers = {
        "dms:describe_replication_instances": {"ReplicationInstances": [instance]},
        "dms:list_tags_for_resource": {"TagList": []},
        "kms:describe_key": AWS_OWNED,
    }
    assert told("AWS::DMS::ReplicationInstance", arn, answers, MultiAZ=False) == {
        "AllowMajorVersionUpgrade": Unread("no API returns AllowMajorVersionUpgrade of AWS::DMS::ReplicationInstance"),
        "MultiAZ": False,
        "PubliclyAccessible": False,
        "ReplicationSubnetGroupIdentifier": "subnets",
        "VpcSecurityGroupIds": ["sg-1"],
    }
    answers["dms:describe_replication_instances"] = {"ReplicationInstances": []}
    assert told("AWS::DMS::ReplicationInstance", arn, answers) == Unread(f"{arn} was not found")


def vpn(**members: Any) -> Any:  # noqa: ANN401 - as above
    answers: Answers = {"ec2:describe_client_vpn_endpoints": {"ClientVpnEndpoints": [members]}}
    return told("AWS::EC2::ClientVpnEndpoint", "cvpn-endpoint-1", answers)


def test_a_client_vpn_has_its_log_its_tags_and_who_may_connect() -> None:
    found = vpn(
        ConnectionLogOptions={"Enabled": True, "CloudwatchLogGroup": "vpn"},
        AuthenticationOptions=[
            {"Type": "certificate-authentication", "MutualAuthentication": {"ClientRootCertificateChain": "arn:root"}},
            {"Type": "federated-authentication", "FederatedAuthentication": {"SamlProviderArn": "arn:saml"}},
        ],
        ClientConnectOptions={"Enabled": False, "Status": {"Code": "applied"}},
        Tags=[{"Key": "Team", "Value": "shop"}],
    )
    assert found["ConnectionLogOptions"] == {"Enabled": True, "CloudwatchLogGroup": "vpn"}
    assert found["AuthenticationOptions"] == [
        {"Type": "certificate-authentication", "MutualAuthentication": {"ClientRootCertificateChainArn": "arn:root"}},
        {"Type": "federated-authentication", "FederatedAuthentication": {"SAMLProviderArn": "arn:saml"}},
    ]
    assert found["ClientConnectOptions"] == {"Enabled": False}
    assert found["TagSpecifications"] == [
        {"ResourceType": "client-vpn-endpoint", "Tags": [{"Key": "Team", "Value": "shop"}]}
    ]


def test_a_client_vpn_without_the_address_of_a_portal_has_none() -> None:
    assert vpn(VpnPort=443)["SelfServicePortal"] == "disabled"
    assert isinstance(vpn(SelfServicePortalUrl="https://portal")["SelfServicePortal"], Unread)


def test_a_development_endpoint_keeps_its_properties_where_its_tags_are_refused() -> None:
    endpoint = {"EndpointName": "dev", "SecurityConfiguration": "encrypted", "Status": "READY"}
    answers: Answers = {"glue:get_dev_endpoint": {"DevEndpoint": endpoint}, "glue:get_tags": "AccessDeniedException"}
    assert told("AWS::Glue::DevEndpoint", "dev", answers) == {
        "EndpointName": "dev",
        "SecurityConfiguration": "encrypted",
        "Tags": Unread("AccessDeniedException: glue:get_tags"),
    }
