"""One scenario of a template as plain values."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra_checks.core.declared import DeclaredStack
from infra_checks.errors import ConfigError
from infra_checks.testing import declared_stack

TEMPLATE = """
Parameters:
  Environment: {Type: String, AllowedValues: [development, production]}
  Suffix: {Type: String}
  Days: {Type: Number, Default: 7}
Conditions:
  IsProduction: !Equals [!Ref Environment, production]
  IsHome: !Equals [!Ref "AWS::Region", us-east-1]
Resources:
  Key: {Type: "AWS::KMS::Key", DeletionPolicy: Retain, Properties: {EnableKeyRotation: true}}
  Topic:
    Type: AWS::SNS::Topic
    DependsOn: Key
    Metadata: {why: alarms}
    Properties:
      TopicName: !Sub "alarms-${Suffix}-${Environment}"
      KmsMasterKeyId: !GetAtt Key.Arn
      DisplayName: !If [IsProduction, Alarms, !Ref "AWS::NoValue"]
      Tags:
      - {Key: Environment, Value: !Ref Environment}
      - !If [IsProduction, {Key: Keep, Value: yes-please}, !Ref "AWS::NoValue"]
  Reader:
    Type: AWS::RDS::DBInstance
    Condition: IsProduction
    Properties:
      AvailabilityZone: !Select [1, !GetAZs ""]
      VPCSecurityGroups: [!ImportValue group]
      MasterUserPassword: "{{resolve:secretsmanager:database}}"
      BackupRetentionPeriod: !Ref Days
Outputs:
  TopicArn: {Value: !Ref Topic, Export: {Name: !Sub "topic-${Environment}"}}
  ReaderEndpoint: {Condition: IsProduction, Value: !GetAtt Reader.Endpoint.Address}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE, "utf-8")
    return path


@pytest.fixture
def production(file: Path) -> DeclaredStack:
    return declared_stack(file, Environment="production")


def test_only_what_exists_in_the_scenario_is_there(file: Path, production: DeclaredStack) -> None:
    development = declared_stack(file, Environment="development")
    assert [each.logical_id for each in production] == ["Key", "Topic", "Reader"]
    assert "Reader" in production
    assert "Reader" not in development
    assert set(development.outputs) == {"TopicArn"}


def test_known_values_are_plain_and_properties_without_value_are_missing(file: Path, production: DeclaredStack) -> None:
    development = declared_stack(file, Environment="development")
    assert production["Key"].properties == {"EnableKeyRotation": True}
    assert production.get("Topic", "Properties.DisplayName") == "Alarms"
    assert "DisplayName" not in development["Topic"].properties
    assert production.get("Topic", "Properties.Tags[1].Value") == "yes-please"
    assert development.get("Topic", "Properties.Tags[1].Value", "none") == "none"
    assert production.get("Reader", "Properties.BackupRetentionPeriod") == "7"


def test_what_only_the_deployment_knows_stays_in_the_long_form(production: DeclaredStack) -> None:
    assert production["Topic"].properties["KmsMasterKeyId"] == {"Fn::GetAtt": ["Key", "Arn"]}
    assert production["Topic"].properties["TopicName"] == {
        "Fn::Join": ["", ["alarms-", {"Ref": "Suffix"}, "-production"]]
    }
    assert production["Reader"].properties["VPCSecurityGroups"] == [{"Fn::ImportValue": "group"}]
    assert production["Reader"].properties["MasterUserPassword"] == "{{resolve:secretsmanager:database}}"
    assert production["Reader"].properties["AvailabilityZone"]["Fn::Select"][0] == 1
    assert production.outputs["ReaderEndpoint"] == {"Fn::GetAtt": ["Reader", "Endpoint.Address"]}


def test_attributes_stand_beside_the_properties(production: DeclaredStack) -> None:
    assert (production["Key"].deletion_policy, production["Key"].update_replace_policy) == ("Retain", "")
    assert production["Topic"].depends_on == ["Key"]
    assert production["Topic"].metadata == {"why": "alarms"}


def test_exports_have_their_names(production: DeclaredStack) -> None:
    assert production.exports == {"topic-production": {"Ref": "Topic"}}


def test_resources_are_found_by_type(production: DeclaredStack) -> None:
    assert list(production.of_type("AWS::SNS::Topic", "AWS::KMS::Key")) == ["Key", "Topic"]


def test_a_parameter_that_nobody_gave_has_its_default_or_its_first_value(file: Path) -> None:
    assert declared_stack(file).parameters == {"Environment": "development", "Days": "7"}


def test_what_decides_must_be_given(file: Path) -> None:
    file.write_text(TEMPLATE.replace("Condition: IsProduction", "Condition: IsHome"), "utf-8")
    with pytest.raises(ConfigError, match="depends on AWS::Region; give a value"):
        declared_stack(file)
    assert "Reader" not in declared_stack(file, {"AWS::Region": "eu-west-1"})
