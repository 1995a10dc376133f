"""Types that hold data, and what CloudFormation does with them when they are deleted or replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.core.rule import Absent, Known, Unknown
from infra_checks.core.table import given
from infra_checks.evaluate.view import as_text
from infra_checks.rules.predicates import DB_CLUSTER, DB_INSTANCE

if TYPE_CHECKING:
    from infra_checks.core.resource import Resource
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

STATEFUL: Final = (
    "AWS::Backup::BackupVault",
    "AWS::Cassandra::Table",
    "AWS::Cognito::UserPool",
    "AWS::DSQL::Cluster",
    "AWS::DocDB::DBCluster",
    "AWS::DocDBElastic::Cluster",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EC2::Volume",
    "AWS::ECR::Repository",
    "AWS::EFS::FileSystem",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Elasticsearch::Domain",
    "AWS::FSx::FileSystem",
    "AWS::KMS::Key",
    "AWS::Kinesis::Stream",
    "AWS::Logs::LogGroup",
    "AWS::MemoryDB::Cluster",
    "AWS::Neptune::DBCluster",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
    "AWS::S3::Bucket",
    "AWS::SDB::Domain",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
    "AWS::Timestream::Table",
)
"""Types that hold data of their own, or (keys) without which data is lost."""

SNAPSHOTS: Final = frozenset(
    {
        "AWS::DocDB::DBCluster",
        "AWS::EC2::Volume",
        "AWS::ElastiCache::CacheCluster",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::Neptune::DBCluster",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::Redshift::Cluster",
    }
)
"""Types for which CloudFormation takes a snapshot; AWS: "DeletionPolicy attribute", options."""

ONLY_EMPTY: Final = frozenset({"AWS::Backup::BackupVault", "AWS::ECR::Repository", "AWS::S3::Bucket"})
"""Types that AWS deletes only when they are empty; deleting the stack fails otherwise."""

DELETE: Final = "Delete"
SNAPSHOT: Final = "Snapshot"
KEEPING: Final = {
    "DeletionPolicy": ("Retain", "RetainExceptOnCreate"),
    "UpdateReplacePolicy": ("Retain",),
}


class Policy(NamedTuple):
    """What one of the two attributes amounts to: its text, or Unknown; `at` is where it stands or would."""

    name: str
    text: Value[str]
    default: Value[str]

    @property
    def effective(self) -> Value[str]:
        """The text, or what AWS does without one."""
        return self.default if isinstance(self.text, Absent) else self.text


def states_policy(resource: Resource) -> bool:
    """Whether the template may state either attribute at all: most resources do not, and need no closer look."""
    return any(key in KEEPING or key.startswith("Fn::") for key in resource.declaration.node.entries)


def policy_of(resource: Resource, name: str) -> Policy:
    """DeletionPolicy or UpdateReplacePolicy of a resource."""
    return Policy(name, as_text(resource.attribute(name)), _default(resource, name))


def _default(resource: Resource, name: str) -> Value[str]:
    """AWS: Snapshot for RDS clusters and instances without DBClusterIdentifier when deleted, otherwise Delete."""
    if name == "UpdateReplacePolicy" or resource.type not in {DB_CLUSTER, DB_INSTANCE}:
        return Known(DELETE)
    if resource.type == DB_CLUSTER:
        return Known(SNAPSHOT)
    member = given("DBClusterIdentifier")(resource)
    if member is None:
        return Unknown("the default depends on DBClusterIdentifier, which is known only at deployment")
    return Known(DELETE if member else SNAPSHOT)


def keeps(resource: Resource, policy: Policy) -> Decision:
    """Whether the policy keeps the resource's data."""
    match policy.effective:
        case Known(text):
            return text in KEEPING[policy.name] or (text == SNAPSHOT and resource.type in SNAPSHOTS)
        case Unknown():
            return None
        case Absent():
            return False
