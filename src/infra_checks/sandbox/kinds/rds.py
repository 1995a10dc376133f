"""AWS::RDS."""

from __future__ import annotations

from typing import Any, Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.rows import retag, row
from infra_checks.sandbox.shapes import as_text

_INSTANCE_NAMES: Final = {"VPCSecurityGroups": "VpcSecurityGroupIds"}
_CLUSTER_NAMES: Final = {"PerformanceInsightsEnabled": "EnablePerformanceInsights"}


def _secret_key(making: Making) -> dict[str, Any]:
    """The key of the secret that RDS manages; its ARN is an attribute of the database."""
    secret = making.get("MasterUserSecret") or {}
    return {"MasterUserSecretKmsKeyId": secret["KmsKeyId"]} if "KmsKeyId" in secret else {}


def _kept_backups(making: Making) -> dict[str, bool]:
    """Whether automated backups go with the database, where the template says so."""
    given = making.get("DeleteAutomatedBackups")
    return {} if given is None else {"DeleteAutomatedBackups": as_text(given) == "true"}


def _make_cluster(making: Making) -> Made:
    name = making.name("DBClusterIdentifier", limit=63, lower=True)
    given = {"DBClusterIdentifier": name, **_secret_key(making)}
    making.get("DeleteAutomatedBackups")
    cluster = making.send("rds", "create_db_cluster", renames=_CLUSTER_NAMES, **given)["DBCluster"]
    attributes = {
        "DBClusterArn": cluster["DBClusterArn"],
        "Arn": cluster["DBClusterArn"],
        "DBClusterResourceId": cluster.get("DbClusterResourceId", ""),
        "Endpoint": cluster["Endpoint"],
        "Endpoint.Address": cluster["Endpoint"],
        "Endpoint.Port": str(cluster.get("Port", "")),
        "ReadEndpoint.Address": cluster.get("ReaderEndpoint", ""),
    }
    secret = cluster.get("MasterUserSecret") or {}
    if secret:
        attributes["MasterUserSecret.SecretArn"] = secret["SecretArn"]
    return Made("AWS::RDS::DBCluster", name, attributes)


def _associate(making: Making, made: Made, word: str) -> None:
    """Bring the roles that a database may take to those of the property."""
    if not making.changed("AssociatedRoles"):
        return
    client, by = making.api("rds"), {f"DB{word}Identifier": made.ref}
    wanted = making.get("AssociatedRoles") or []
    for role in (making.before or {}).get("AssociatedRoles") or []:
        if role not in wanted:
            getattr(client, f"remove_role_from_db_{word.lower()}")(**by, **role)
    for role in wanted:
        getattr(client, f"add_role_to_db_{word.lower()}")(**by, **role)


def _configure_cluster(making: Making, made: Made) -> None:
    _associate(making, made, "Cluster")
    if making.before is None:
        return
    making.changed("DeleteAutomatedBackups")
    changed = [each for each in making.properties if making.properties[each] != making.before.get(each)]
    if making.changed("Tags"):
        retag(making, "rds", made.arn)
    wanted = [each for each in changed if each not in {"Tags", "AssociatedRoles"}]
    if wanted:
        by = {"DBClusterIdentifier": made.ref, "ApplyImmediately": True}
        making.send("rds", "modify_db_cluster", only=wanted, renames=_CLUSTER_NAMES, **by)


def _delete_cluster(making: Making, made: Made) -> None:
    backups = _kept_backups(making)
    making.api("rds").delete_db_cluster(DBClusterIdentifier=made.ref, SkipFinalSnapshot=True, **backups)


def _snapshot_cluster(making: Making, made: Made) -> None:
    name = _snapshot_name(making, made)
    client = making.api("rds")
    client.create_db_cluster_snapshot(DBClusterIdentifier=made.ref, DBClusterSnapshotIdentifier=name)
    _delete_cluster(making, made)


def _snapshot_name(making: Making, made: Made) -> str:
    return f"{making.place.stack}-snapshot-{made.ref}"[:255].lower()


def _make_instance(making: Making) -> Made:
    name = making.name("DBInstanceIdentifier", limit=63, lower=True)
    given: dict[str, Any] = {"DBInstanceIdentifier": name, **_secret_key(making)}
    making.get("DeleteAutomatedBackups")
    operation = "create_db_instance"
    if "SourceDBInstanceIdentifier" in making.properties:
        operation = "create_db_instance_read_replica"
        for inherited in ("Engine", "EngineVersion"):
            making.get(inherited)  # a replica's are those of its source
        if "MultiAZ" not in making.properties:
            given["MultiAZ"] = False  # a replica has a standby when it asks for one; moto's has its source's
    instance = making.send("rds", operation, renames=_INSTANCE_NAMES | _CLUSTER_NAMES, **given)["DBInstance"]
    endpoint = instance.get("Endpoint") or {}
    attributes = {
        "DBInstanceArn": instance["DBInstanceArn"],
        "Arn": instance["DBInstanceArn"],
        "DbiResourceId": instance.get("DbiResourceId", ""),
        "Endpoint.Address": endpoint.get("Address", ""),
        "Endpoint.Port": str(endpoint.get("Port", "")),
    }
    secret = instance.get("MasterUserSecret") or {}
    if secret:
        attributes["MasterUserSecret.SecretArn"] = secret["SecretArn"]
    return Made("AWS::RDS::DBInstance", name, attributes)


def _configure_instance(making: Making, made: Made) -> None:
    _associate(making, made, "Instance")
    if making.before is None:
        return
    making.changed("DeleteAutomatedBackups")
    changed = [each for each in making.properties if making.properties[each] != making.before.get(each)]
    if making.changed("Tags"):
        retag(making, "rds", made.arn)
    wanted = [each for each in changed if each not in {"Tags", "AssociatedRoles"}]
    if wanted:
        by = {"DBInstanceIdentifier": made.ref, "ApplyImmediately": True}
        making.send("rds", "modify_db_instance", only=wanted, renames=_INSTANCE_NAMES | _CLUSTER_NAMES, **by)


def _delete_instance(making: Making, made: Made) -> None:
    backups = _kept_backups(making)
    making.api("rds").delete_db_instance(DBInstanceIdentifier=made.ref, SkipFinalSnapshot=True, **backups)


def _snapshot_instance(making: Making, made: Made) -> None:
    name = _snapshot_name(making, made)
    making.api("rds").create_db_snapshot(DBInstanceIdentifier=made.ref, DBSnapshotIdentifier=name)
    _delete_instance(making, made)


class _ParameterGroup:
    """DBParameterGroup and DBClusterParameterGroup."""

    def __init__(self, word: str) -> None:
        self._operation = "db_parameter_group" if word == "DBParameterGroup" else "db_cluster_parameter_group"
        self._named = f"{word}Name"
        self.type = f"AWS::RDS::{word}"

    def make(self, making: Making) -> Made:
        """Create the group."""
        name = making.name(self._named, limit=255, lower=True)
        renames = {"Family": "DBParameterGroupFamily"}
        only = ("Description", "Family", "Tags")
        given = {self._named: name}
        making.send("rds", f"create_{self._operation}", only=only, renames=renames, **given)
        word = "pg" if self._operation == "db_parameter_group" else "cluster-pg"
        return Made(self.type, name, {self._named: name, "Arn": making.place.arn("rds", f"{word}:{name}")})

    def configure(self, making: Making, made: Made) -> None:
        """Set its parameters, twenty at a time as the API takes them."""
        if making.changed("Parameters"):
            wanted = [
                {"ParameterName": name, "ParameterValue": str(value), "ApplyMethod": "pending-reboot"}
                for name, value in (making.get("Parameters") or {}).items()
            ]
            modify = getattr(making.api("rds"), f"modify_{self._operation}")
            for first in range(0, len(wanted), _MOST_PARAMETERS):
                modify(**{self._named: made.ref}, Parameters=wanted[first : first + _MOST_PARAMETERS])
        if making.before is not None and making.changed("Tags"):
            retag(making, "rds", made.arn)

    def delete(self, making: Making, made: Made) -> None:
        """Remove the group."""
        getattr(making.api("rds"), f"delete_{self._operation}")(**{self._named: made.ref})

    def kind(self) -> Kind:
        """The row of the table."""
        only = frozenset({self._named, "Description", "Family"})
        return Kind(self.type, self.make, self.delete, self.configure, only)


_MOST_PARAMETERS: Final = 20

_CLUSTER_ONLY: Final = frozenset(
    {
        "AvailabilityZones",
        "ClusterScalabilityType",
        "DBClusterIdentifier",
        "DBSubnetGroupName",
        "DBSystemId",
        "DatabaseName",
        "EngineMode",
        "KmsKeyId",
        "PubliclyAccessible",
        "RestoreToTime",
        "RestoreType",
        "SnapshotIdentifier",
        "SourceDBClusterIdentifier",
        "SourceDbClusterResourceId",
        "SourceRegion",
        "StorageEncrypted",
        "UseLatestRestorableTime",
    }
)
_INSTANCE_ONLY: Final = frozenset(
    {
        "BackupTarget",
        "CharacterSetName",
        "CustomIAMInstanceProfile",
        "DBClusterIdentifier",
        "DBInstanceIdentifier",
        "DBName",
        "DBSubnetGroupName",
        "DBSystemId",
        "KmsKeyId",
        "MasterUsername",
        "NcharCharacterSetName",
        "Port",
        "SourceRegion",
        "StorageEncrypted",
        "Timezone",
    }
)

KINDS: Final = (
    Kind(
        "AWS::RDS::DBCluster",
        _make_cluster,
        _delete_cluster,
        _configure_cluster,
        _CLUSTER_ONLY,
        snapshot=_snapshot_cluster,
    ),
    Kind(
        "AWS::RDS::DBInstance",
        _make_instance,
        _delete_instance,
        _configure_instance,
        _INSTANCE_ONLY,
        snapshot=_snapshot_instance,
    ),
    _ParameterGroup("DBParameterGroup").kind(),
    _ParameterGroup("DBClusterParameterGroup").kind(),
    row(
        "AWS::RDS::DBSubnetGroup",
        "rds",
        "create_db_subnet_group",
        name=("DBSubnetGroupName", "DBSubnetGroupName", 255),
        ref="DBSubnetGroup.DBSubnetGroupName",
        attributes={"Arn": "arn:{partition}:rds:{region}:{account}:subgrp:{ref}"},
        delete="delete_db_subnet_group",
        delete_by={"DBSubnetGroupName": "{ref}"},
        update="modify_db_subnet_group",
        update_by={"DBSubnetGroupName": "{ref}"},
        create_only=["DBSubnetGroupName"],
    ),
    row(
        "AWS::RDS::OptionGroup",
        "rds",
        "create_option_group",
        name=("OptionGroupName", "OptionGroupName", 255),
        ref="OptionGroup.OptionGroupName",
        attributes={"Arn": "arn:{partition}:rds:{region}:{account}:og:{ref}"},
        delete="delete_option_group",
        delete_by={"OptionGroupName": "{ref}"},
        create_only=["EngineName", "MajorEngineVersion", "OptionGroupDescription", "OptionGroupName"],
    ),
    row(
        "AWS::RDS::EventSubscription",
        "rds",
        "create_event_subscription",
        name=("SubscriptionName", "SubscriptionName", 255),
        ref="EventSubscription.CustSubscriptionId",
        attributes={"Arn": "arn:{partition}:rds:{region}:{account}:es:{ref}"},
        delete="delete_event_subscription",
        delete_by={"SubscriptionName": "{ref}"},
        create_only=["SnsTopicArn", "SubscriptionName"],
    ),
)
