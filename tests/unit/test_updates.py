"""What an update does to resources: the action, what decides it, and what becomes of the former resource."""

from __future__ import annotations

from typing import Any

import pytest

from infra_checks.core.declared import DeclaredResource
from infra_checks.errors import ConfigError
from infra_checks.updates import Action, Former, Update, provider_schemas, update_types, updates


def resource(name: str, kind: str, attributes: dict[str, Any] | None = None, **properties: Any) -> DeclaredResource:  # noqa: ANN401
    return DeclaredResource(name, kind, properties, attributes or {})


def table(attributes: dict[str, Any] | None = None, **properties: Any) -> DeclaredResource:  # noqa: ANN401
    return resource("Orders", "AWS::DynamoDB::Table", attributes, **properties)


def done(old: list[DeclaredResource], new: list[DeclaredResource]) -> dict[str, Update]:
    before, after = ({each.logical_id: each for each in side} for side in (old, new))
    return {each.logical_id: each for each in updates(before, after)}


class TestActions:
    def test_the_same_resource_is_unchanged(self) -> None:
        assert done([table(TableName="a")], [table(TableName="a")])["Orders"].action is Action.UNCHANGED

    def test_numbers_and_truths_as_texts_are_no_change(self) -> None:
        old = table(DeletionProtectionEnabled="true", BillingMode=5)
        assert (
            done([old], [table(DeletionProtectionEnabled=True, BillingMode="5")])["Orders"].action is Action.UNCHANGED
        )

    def test_a_new_resource_is_added(self) -> None:
        assert done([], [table()])["Orders"].action is Action.ADDED

    def test_a_create_only_property_replaces(self) -> None:
        found = done([table(TableName="a")], [table(TableName="b")])["Orders"]
        assert (found.action, found.properties, found.former) == (Action.REPLACED, ("TableName",), Former.DELETED)

    def test_giving_a_create_only_property_for_the_first_time_replaces(self) -> None:
        assert done([table()], [table(TableName="b")])["Orders"].action is Action.REPLACED

    def test_a_conditionally_create_only_property_may_replace(self) -> None:
        found = done([table(KeySchema=[{"AttributeName": "a"}])], [table(KeySchema=[{"AttributeName": "b"}])])["Orders"]
        assert (found.action, found.properties) == (Action.MAY_BE_REPLACED, ("KeySchema[*].AttributeName",))

    def test_another_property_is_updated_in_place(self) -> None:
        found = done([table(BillingMode="PROVISIONED")], [table(BillingMode="PAY_PER_REQUEST")])["Orders"]
        assert (found.action, found.properties, found.former) == (Action.UPDATED, ("BillingMode",), Former.STAYS)

    def test_an_attribute_alone_is_an_update_in_place(self) -> None:
        found = done([table()], [table({"DeletionPolicy": "Retain"})])["Orders"]
        assert (found.action, found.properties) == (Action.UPDATED, ("DeletionPolicy",))

    def test_an_order_of_creation_alone_is_no_change(self) -> None:
        assert done([table()], [table({"DependsOn": ["Key"]})])["Orders"].action is Action.UNCHANGED

    def test_another_type_is_refused(self) -> None:
        found = done([table()], [resource("Orders", "AWS::S3::Bucket")])["Orders"]
        assert (found.action, found.properties) == (Action.REFUSED, ("Type",))

    @pytest.mark.parametrize("kind", ["Custom::Thing", "AWS::CloudFormation::CustomResource", "Some::Private::Type"])
    def test_what_no_schema_describes_may_be_replaced(self, kind: str) -> None:
        found = done([resource("It", kind, Size=1)], [resource("It", kind, Size=2)])["It"]
        assert (found.action, found.properties) == (Action.MAY_BE_REPLACED, ("Size",))
        assert found.reason

    def test_an_expression_in_place_of_a_name_may_be_the_same(self) -> None:
        found = done([table(TableName="a")], [table(TableName={"Ref": "AWS::StackName"})])["Orders"]
        assert found.action is Action.MAY_BE_REPLACED

    def test_a_block_that_comes_with_a_create_only_part_replaces(self) -> None:
        types = update_types({"createOnlyProperties": ["/properties/Disk/Zone"]})
        old, new = resource("It", "T"), resource("It", "T", Disk={"Zone": "a"})
        assert updates({"It": old}, {"It": new}, lambda _: types)[0].action is Action.REPLACED

    def test_a_block_that_comes_without_its_create_only_part_does_not_replace(self) -> None:
        types = update_types({"createOnlyProperties": ["/properties/Disk/Zone"]})
        old, new = resource("It", "T"), resource("It", "T", Disk={"Size": 1})
        (found,) = updates({"It": old}, {"It": new}, lambda _: types)
        assert (found.action, found.properties) == (Action.UPDATED, ("Disk.Size",))

    def test_one_more_element_with_a_create_only_part_may_replace(self) -> None:
        types = update_types({"createOnlyProperties": ["/properties/Disks/*/Zone"]})
        old, new = (resource("It", "T", Disks=[{"Zone": "a"}] * count) for count in (1, 2))
        assert updates({"It": old}, {"It": new}, lambda _: types)[0].action is Action.MAY_BE_REPLACED

    def test_a_create_only_part_of_list_elements_replaces(self) -> None:
        types = update_types({"createOnlyProperties": ["/properties/Disks/*/Zone"]})
        old, new = (resource("It", "T", Disks=[{"Zone": zone, "Size": 1}]) for zone in "ab")
        (found,) = updates({"It": old}, {"It": new}, lambda _: types)
        assert (found.action, found.properties) == (Action.REPLACED, ("Disks[*].Zone",))

    def test_the_other_parts_of_list_elements_do_not(self) -> None:
        types = update_types({"createOnlyProperties": ["/properties/Disks/*/Zone"]})
        old, new = (resource("It", "T", Disks=[{"Zone": "a", "Size": size}]) for size in (1, 2))
        assert updates({"It": old}, {"It": new}, lambda _: types)[0].action is Action.UPDATED

    def test_the_result_is_sorted_by_logical_id(self) -> None:
        names = [each.logical_id for each in updates({}, {name: resource(name, "AWS::SNS::Topic") for name in "CAB"})]
        assert names == ["A", "B", "C"]


class TestReferences:
    def test_what_refers_to_a_replaced_resource_is_replaced_by_it(self) -> None:
        group = [resource("Group", "AWS::EC2::SecurityGroup", GroupDescription=text, VpcId="v") for text in "ab"]
        rule = resource("Rule", "AWS::EC2::SecurityGroupIngress", GroupId={"Fn::GetAtt": ["Group", "GroupId"]})
        found = done([group[0], rule], [group[1], rule])
        assert (found["Rule"].action, found["Rule"].properties) == (Action.REPLACED, ("GroupId",))

    def test_replacement_goes_through_several_references(self) -> None:
        vpc = [resource("Vpc", "AWS::EC2::VPC", CidrBlock=block) for block in ("10.0.0.0/16", "10.1.0.0/16")]
        subnet = resource("Subnet", "AWS::EC2::Subnet", VpcId={"Ref": "Vpc"})
        routes = resource("Routes", "AWS::EC2::SubnetRouteTableAssociation", SubnetId={"Ref": "Subnet"})
        assert done([vpc[0], subnet, routes], [vpc[1], subnet, routes])["Routes"].action is Action.REPLACED

    def test_a_reference_to_what_may_be_replaced_may_replace(self) -> None:
        tables = [table(KeySchema=[{"AttributeName": name}]) for name in "ab"]
        other = resource("Copy", "AWS::DynamoDB::Table", TableName={"Fn::Join": ["", ["x-", {"Ref": "Orders"}]]})
        assert done([tables[0], other], [tables[1], other])["Copy"].action is Action.MAY_BE_REPLACED

    @pytest.mark.parametrize("text", ["x-${Orders}", "x-${Orders.Arn}", ["x-${Orders}-${Other}", {"Other": "a"}]])
    def test_a_placeholder_is_a_reference(self, text: object) -> None:
        other = resource("Copy", "AWS::DynamoDB::Table", TableName={"Fn::Sub": text})
        assert done([table(TableName="a"), other], [table(TableName="b"), other])["Copy"].action is Action.REPLACED

    def test_a_dynamic_reference_to_a_replaced_secret_changes_with_it(self) -> None:
        secrets = [resource("Token", "AWS::SecretsManager::Secret", Name=name) for name in "ab"]
        other = resource("Copy", "AWS::DynamoDB::Table", TableName="{{resolve:secretsmanager:${Token.Ref}}}")
        assert done([secrets[0], other], [secrets[1], other])["Copy"].action is Action.REPLACED

    @pytest.mark.parametrize("attribute", ["Arn", "KeyId"])
    def test_identities_of_what_is_updated_in_place_stay(self, attribute: str) -> None:
        keys = [resource("Key", "AWS::KMS::Key", Description=text) for text in "ab"]
        other = resource("Store", "AWS::RDS::DBCluster", KmsKeyId={"Fn::GetAtt": ["Key", attribute]})
        assert done([keys[0], other], [keys[1], other])["Store"].action is Action.UNCHANGED

    def test_other_attributes_of_what_is_updated_in_place_may_change(self) -> None:
        keys = [resource("Key", "AWS::KMS::Key", Description=text) for text in "ab"]
        other = resource("Store", "AWS::RDS::DBCluster", KmsKeyId={"Fn::GetAtt": ["Key", "Something"]})
        assert done([keys[0], other], [keys[1], other])["Store"].action is Action.MAY_BE_REPLACED


class TestData:
    @pytest.mark.parametrize(
        ("policy", "former"),
        [
            ("Retain", Former.RETAINED),
            ("RetainExceptOnCreate", Former.RETAINED),
            ("Snapshot", Former.SNAPSHOT),
            ("Delete", Former.DELETED),
        ],
    )
    def test_a_removed_resource_goes_by_its_deletion_policy(self, policy: str, former: Former) -> None:
        found = done([table({"DeletionPolicy": policy})], [])["Orders"]
        assert (found.action, found.former) == (Action.REMOVED, former)

    @pytest.mark.parametrize(
        ("kind", "properties", "former"),
        [
            ("AWS::RDS::DBCluster", {}, Former.SNAPSHOT),
            ("AWS::RDS::DBInstance", {}, Former.SNAPSHOT),
            ("AWS::RDS::DBInstance", {"DBClusterIdentifier": "c"}, Former.DELETED),
            ("AWS::DynamoDB::Table", {}, Former.DELETED),
        ],
    )
    def test_without_a_deletion_policy_only_databases_leave_a_snapshot(
        self, kind: str, properties: dict[str, Any], former: Former
    ) -> None:
        assert done([resource("It", kind, **properties)], [])["It"].former is former

    def test_a_replaced_resource_goes_by_its_update_replace_policy(self) -> None:
        policies = {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Retain"}
        found = done([table(policies, TableName="a")], [table(policies, TableName="b")])["Orders"]
        assert (found.former, found.loses_data) == (Former.RETAINED, False)

    def test_a_deletion_policy_keeps_nothing_that_is_replaced(self) -> None:
        policies = {"DeletionPolicy": "Retain"}
        assert done([table(policies, TableName="a")], [table(policies, TableName="b")])["Orders"].loses_data

    def test_of_two_update_replace_policies_the_one_that_keeps_less_counts(self) -> None:
        old = table({"UpdateReplacePolicy": "Retain"}, TableName="a")
        assert done([old], [table({"UpdateReplacePolicy": "Delete"}, TableName="b")])["Orders"].loses_data


class TestSchemas:
    def test_an_unknown_region_is_named(self) -> None:
        with pytest.raises(ConfigError, match="no schemas of nowhere-1"):
            provider_schemas("nowhere-1")

    def test_a_missing_cfn_lint_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("infra_checks.core.provider_schemas.find_spec", lambda _name: None)
        with pytest.raises(ConfigError, match=r"infra-checks\[schemas\]"):
            provider_schemas()

    def test_a_type_without_a_schema_is_none(self) -> None:
        assert provider_schemas()("No::Such::Type") is None

    def test_a_type_that_is_never_replaced_has_no_paths(self) -> None:
        assert update_types({"createOnlyProperties": None}).create_only == frozenset()
