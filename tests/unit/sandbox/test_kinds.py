"""The rows of the table against CloudFormation's own schemas, as cfn-lint has them, and against the documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from infra_checks.sandbox import kinds

KINDS: Final = kinds.every()
DOCUMENT: Final = Path(__file__).parents[3] / "docs" / "sandbox.md"

STRICTER: Final = {
    "AWS::CertificateManager::Certificate": {"ValidationMethod"},
    "AWS::DynamoDB::Table": {"LocalSecondaryIndexes"},
    "AWS::EC2::EIP": {"Domain"},
    "AWS::EC2::Instance": {"MetadataOptions"},
    "AWS::EC2::SecurityGroupEgress": {"Description"},
    "AWS::EC2::SecurityGroupIngress": {"Description"},
    "AWS::EC2::VPCGatewayAttachment": {"InternetGatewayId", "VpnGatewayId"},
    "AWS::EC2::VPNGatewayRoutePropagation": {"RouteTableIds", "VpnGatewayId"},
    "AWS::EC2::Volume": {"AvailabilityZone", "Encrypted", "KmsKeyId", "OutpostArn", "SnapshotId"},
    "AWS::ElastiCache::ReplicationGroup": {"ReplicasPerNodeGroup"},
    "AWS::IAM::Policy": {"PolicyName"},
    "AWS::KMS::Key": {"KeySpec", "KeyUsage", "MultiRegion", "Origin"},
    "AWS::RDS::DBInstance": {"Port"},
    "AWS::SecretsManager::SecretTargetAttachment": {"TargetId", "TargetType"},
}
"""Properties that replace a resource here and that AWS changes in place, refuses to change, or says nothing of."""


def schema_of(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", name).schema
    return schema


def first_words(schema: dict[str, Any], key: str) -> set[str]:
    return {pointer.split("/")[2] for pointer in schema.get(key, ())}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_property_replaces_a_resource_here_only_if_it_does_on_aws(name: str) -> None:
    schema = schema_of(name)
    replacing = first_words(schema, "createOnlyProperties") | first_words(schema, "conditionalCreateOnlyProperties")
    given = KINDS[name].create_only & set(schema["properties"])
    assert given - replacing == STRICTER.get(name, set())


@pytest.mark.parametrize("name", sorted(KINDS))
def test_tags_go_where_the_type_has_them(name: str) -> None:
    tags = KINDS[name].tags
    assert tags is None or tags in schema_of(name)["properties"]


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_type_is_found_by_its_name_and_is_documented(name: str) -> None:
    assert kinds.find(name) is KINDS[name]
    _, service, word = name.split("::")
    text = DOCUMENT.read_text("utf-8")
    made, recorded = text.split("## Types that are made")[1].split("## Types that are recorded")
    section = recorded if KINDS[name].is_record else made
    entry = section.split(f"`AWS::{service}`:")[1].split("\n- ")[0]
    assert word in entry.replace("\n", " ").replace(",", " ").split()


@pytest.mark.parametrize("name", ["AWS::Braket::QuantumTask", "AWS::S3::Nothing", "Custom::Thing", "", "AWS"])
def test_other_types_are_not_found(name: str) -> None:
    assert kinds.find(name) is None
