"""`infra-checks live` and `drift` on a stack with another in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra_checks.cli import run
from infra_checks.live import Access, LiveStack, live_stack
from infra_checks.live.reading import Unread
from infra_checks.sandbox.server import Sandbox

REGION = "eu-west-1"
STACK = "AWS::CloudFormation::Stack"
OUTER = f"""
Parameters:
  Days: {{Type: Number, Default: 30}}
Resources:
  Storage:
    Type: {STACK}
    Properties:
      TemplateURL: https://inner.s3.{REGION}.amazonaws.com/storage.yaml
      Parameters: {{Days: !Ref Days, Key: !GetAtt Key.Arn, Word: hunter2}}
      Tags: [{{Key: part, Value: storage}}]
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: "kms:*"
            Resource: "*"
            Principal: {{AWS: !Sub "arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:root"}}
  Place:
    Type: AWS::SSM::Parameter
    Properties: {{Name: /shop/bucket, Type: String, Value: !GetAtt Storage.Outputs.Bucket}}
"""
INNER = """
Parameters:
  Days: {Type: Number}
  Key: {Type: String}
  Word: {Type: String, NoEcho: true}
  Suspended: {Type: String, Default: "no"}
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Enabled}
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {SSEAlgorithm: "aws:kms", KMSMasterKeyID: !Ref Key}
      LifecycleConfiguration:
        Rules: [{Id: old, Status: Enabled, ExpirationInDays: !Ref Days}]
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Data
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: TlsOnly
            Effect: Deny
            Principal: "*"
            Action: "s3:*"
            Resource: [!GetAtt Data.Arn, !Sub "${Data.Arn}/*"]
            Condition: {Bool: {"aws:SecureTransport": "false"}}
Outputs:
  Bucket: {Value: !Ref Data}
"""


class Shop:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.cloudformation = sandbox.client("cloudformation", REGION)
        self.s3 = sandbox.client("s3", REGION)
        self.s3.create_bucket(Bucket="inner", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.s3.put_object(Bucket="inner", Key="storage.yaml", Body=INNER.encode())
        self.cloudformation.create_stack(
            StackName="shop", TemplateBody=OUTER, Tags=[{"Key": "team", "Value": "storage"}]
        )

    def read(self) -> LiveStack:
        return live_stack("shop", Access(region=REGION))

    def turn_versions_off(self) -> None:
        bucket = self.read()["Storage/Data"].physical_id
        self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


@pytest.fixture
def shop(running: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    for name, value in running.environment.items():  # another sandbox may have been started since this one
        monkeypatch.setenv(name, value)
    running.reset()
    yield Shop(running)
    running.reset()


def command(name: str, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    code = run([name, "--stack-name", "shop", "--region", REGION, *more])
    return code, capsys.readouterr().out


def test_what_is_in_a_nested_stack_is_read_with_the_values_of_its_parameters(shop: Shop) -> None:
    stack = shop.read()
    assert set(stack.resources) == {"Key", "Place", "Storage", "Storage/Data", "Storage/Policy"}
    bucket, nested = stack["Storage/Data"].properties, stack["Storage"].properties
    assert not isinstance(bucket, Unread)
    assert not isinstance(nested, Unread)
    assert bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == 30
    assert {tag["Key"]: tag["Value"] for tag in bucket["Tags"]} == {"part": "storage", "team": "storage"}
    hidden = nested["Parameters"].pop("Word")
    assert isinstance(hidden, Unread)
    assert nested["Parameters"] == {"Days": "30", "Key": stack["Key"].arn, "Suspended": "no"}
    declared = stack["Storage/Data"].declared
    assert declared is not None
    assert declared.properties["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == "30"


@pytest.mark.usefixtures("shop")
def test_an_untouched_stack_shows_no_drift_in_what_is_nested(capsys: pytest.CaptureFixture[str]) -> None:
    code, told = command("drift", capsys, "--format", "json")
    assert [each for each in json.loads(told)["differences"] if each["origin"] == "hand"] == []
    assert code == 0


def test_a_change_by_hand_in_a_nested_stack_is_drift_of_the_nested_resource(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.turn_versions_off()
    code, told = command("drift", capsys, "--format", "json", "--pack", "production")
    (found,) = (each for each in json.loads(told)["differences"] if each["origin"] == "hand")
    assert code == 1
    assert (found["resource"], found["type"]) == ("Storage/Data", "AWS::S3::Bucket")
    assert (found["path"], found["declared"], found["live"]) == (
        "VersioningConfiguration.Status",
        "Enabled",
        "Suspended",
    )
    assert "s3-bucket-versioning-enabled" in found["breaks"]


def test_what_is_to_be_an_output_of_a_nested_stack_is_drift_when_it_is_another_value(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.sandbox.client("ssm", REGION).put_parameter(Name="/shop/bucket", Value=shop.read()["Key"].arn, Overwrite=True)
    code, told = command("drift", capsys, "--format", "json")
    found = {(each["resource"], each["path"]) for each in json.loads(told)["differences"] if each["origin"] == "hand"}
    assert (code, found) == (1, {("Place", "Value")})


def test_a_parameter_of_a_nested_stack_that_was_changed_directly_is_drift_of_the_nested_stack(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = shop.read()
    shop.cloudformation.update_stack(
        StackName=stack["Storage"].physical_id,
        UsePreviousTemplate=True,
        Parameters=[
            {"ParameterKey": "Days", "ParameterValue": "5"},
            {"ParameterKey": "Key", "UsePreviousValue": True},
            {"ParameterKey": "Word", "UsePreviousValue": True},
            {"ParameterKey": "Suspended", "ParameterValue": "yes"},
        ],
    )
    code, told = command("drift", capsys, "--format", "json")
    found = {(each["resource"], each["path"]) for each in json.loads(told)["differences"] if each["origin"] == "hand"}
    assert found == {("Storage", "Parameters.Days"), ("Storage", "Parameters.Suspended")}
    assert "hunter2" not in told
    assert code == 1


def test_a_finding_names_the_nested_resource_by_its_path_and_its_arn(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = command("live", capsys, "--select", "s3-bucket-versioning-enabled,s3-bucket-ssl-requests-only")
    assert code == 0, told
    shop.turn_versions_off()
    bucket = shop.read()["Storage/Data"].arn
    code, told = command("live", capsys, "--select", "s3-bucket-versioning-enabled,s3-bucket-ssl-requests-only")
    assert code == 1
    assert "s3-bucket-versioning-enabled  Storage/Data (AWS::S3::Bucket)" in told
    assert bucket in told
    assert "s3-bucket-ssl-requests-only" not in told


def test_settings_of_what_is_deployed_hold_unless_an_option_says_otherwise(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.turn_versions_off()
    monkeypatch.chdir(tmp_path)
    rule = "s3-bucket-versioning-enabled"
    settings = (
        f"pack: development\nlive: {{pack: production, select: {rule}, output: {{json: found.json}}, fail-on: never}}"
    )
    (tmp_path / "infra-checks.yaml").write_text(settings)
    code, _ = command("live", capsys)
    (found,) = json.loads((tmp_path / "found.json").read_text("utf-8"))["findings"]
    assert (code, found["rule"], found["resource"]) == (0, rule, "Storage/Data")
    assert command("live", capsys, "--fail-on", "info")[0] == 1
    assert command("live", capsys, "--select", "s3-bucket-ssl-requests-only", "--fail-on", "info")[0] == 0
    code, told = command("drift", capsys)
    assert rule in told
    code, told = command("drift", capsys, "--no-config", "--pack", "live")
    assert code == 1


def test_a_setting_that_there_is_not_is_unusable_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "infra-checks.yaml").write_text("live: {paths: x}")
    for name in ("live", "drift"):
        assert run([name, "--stack-name", "shop", "--region", REGION]) == 2
        assert "is no setting of `live`" in capsys.readouterr().err


def test_a_deployment_names_what_failed_in_a_nested_stack(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template = tmp_path / "outer.yaml"
    template.write_text(OUTER)
    given = ["--stack-name", "shop", "--region", REGION, "--endpoint-url", shop.sandbox.endpoint, "--yes"]
    assert run(["deploy", str(template), *given, "--parameters", "Days=60"]) == 0
    broken = INNER.replace("Outputs:", "  New: {Type: AWS::SNS::Topic, Properties: {Nothing: 1}}\nOutputs:")
    shop.s3.put_object(Bucket="inner", Key="storage.yaml", Body=broken.encode())
    capsys.readouterr()
    assert run(["deploy", str(template), *given]) == 1
    assert "Storage/New (AWS::SNS::Topic) failed first" in capsys.readouterr().err
