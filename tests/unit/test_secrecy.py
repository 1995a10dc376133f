"""The text of what is judged to be a secret is in no report, whatever else is reported beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra_checks.api import Request, check
from infra_checks.core.finding import Outcome
from infra_checks.reporters import FORMATS, Style, render

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "q7Vx-Plum9Zebra"  # noqa: S105 - it opens nothing
KEY = "AKIAZ7QPLMK2WXYV3BTN"

TEMPLATES = {
    "a property": f"""
Resources:
  Instance:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: mysql
      MasterUserPassword: {SECRET}
      DBName: {SECRET}
""",
    "a property in quotes": f"""
Resources:
  Instance: {{Type: AWS::RDS::DBInstance, Properties: {{MasterUserPassword: "{SECRET}", StorageEncrypted: false}}}}
""",
    "a default": f"""
Parameters:
  Word:
    Type: String
    Default: {SECRET}
Resources:
  Instance: {{Type: AWS::RDS::DBInstance, Properties: {{MasterUserPassword: !Ref Word}}}}
  Topic: {{Type: AWS::SNS::Topic, Properties: {{TopicName: !Ref Word}}}}
""",
    "a default by Sub, with NoEcho": f"""
Parameters:
  Word: {{Type: String, NoEcho: true, Default: {SECRET}}}
Resources:
  Instance: {{Type: AWS::RDS::DBInstance, Properties: {{MasterUserPassword: !Sub "${{Word}}"}}}}
""",
    "allowed values": f"""
Parameters:
  Word: {{Type: String, AllowedValues: [{SECRET}, other-word]}}
Conditions: {{IsFirst: !Equals [!Ref Word, {SECRET}]}}
Resources:
  Instance:
    Type: AWS::RDS::DBInstance
    Properties: {{MasterUserPassword: !Ref Word, StorageEncrypted: !If [IsFirst, false, true]}}
""",
    "a parameter that nothing takes": f"""
Parameters:
  AdminPassword: {{Type: String, Default: {SECRET}}}
Resources:
  Topic: {{Type: AWS::SNS::Topic}}
""",
    "a mapping": f"""
Mappings:
  Words:
    dev: {{Word: {SECRET}}}
    prod: {{Word: "{{{{resolve:secretsmanager:db}}}}"}}
Parameters: {{Mode: {{Type: String, AllowedValues: [dev, prod]}}}}
Resources:
  Cluster: {{Type: AWS::DocDB::DBCluster, Properties: {{MasterUserPassword: !FindInMap [Words, !Ref Mode, Word]}}}}
""",
    "one branch": f"""
Parameters: {{Mode: {{Type: String, AllowedValues: [dev, prod]}}}}
Conditions: {{IsDev: !Equals [!Ref Mode, dev]}}
Resources:
  Cluster:
    Type: AWS::DocDB::DBCluster
    Properties:
      MasterUserPassword: !If
        - IsDev
        - {SECRET}
        - "{{{{resolve:secretsmanager:db}}}}"
""",
    "a variable": f"""
Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Environment: {{Variables: {{DB_PASSWORD: {SECRET}}}}}
""",
    "a container's variable": f"""
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Environment:
            - Name: DB_PASSWORD
              Value: {SECRET}
""",
    "a build's credentials": f"""
Resources:
  Project:
    Type: AWS::CodeBuild::Project
    Properties:
      Environment:
        EnvironmentVariables:
          - Name: AWS_SECRET_ACCESS_KEY
            Value: {SECRET}
""",
    "user data": f"""
Resources:
  Instance:
    Type: AWS::EC2::Instance
    Properties:
      UserData:
        Fn::Base64: |
          #!/bin/sh
          export DB_PASSWORD={SECRET}
          start
""",
    "code": f"""
Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Code: {{ZipFile: "key = '{KEY}'"}}
""",
    "a token anywhere": f"""
Resources:
  Topic: {{Type: AWS::SNS::Topic, Properties: {{TopicName: {KEY}, DisplayName: "name {KEY}"}}}}
""",
    "an output": f"""
Resources: {{Topic: {{Type: AWS::SNS::Topic}}}}
Outputs: {{Key: {{Value: {KEY}}}}}
""",
    "metadata": f"""
Resources:
  Instance:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Authentication:
        Site: {{type: basic, username: me, password: {SECRET}, uris: [example.com]}}
""",
    "a parameter of Systems Manager": f"""
Resources:
  Parameter: {{Type: AWS::SSM::Parameter, Properties: {{Type: String, Name: /app/db-password, Value: {SECRET}}}}}
""",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in TEMPLATES.items()])
@pytest.mark.parametrize("style", [Style(), Style(quiet=True), Style(verbose=True, statistics=True)])
def test_no_report_has_the_text_of_a_secret(
    text: str, style: Style, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.yaml").write_text(text, "utf-8")
    report = check(Request(paths=("app.yaml",), pack=("production",)))
    assert [finding for finding in report.findings if finding.secret and finding.outcome is Outcome.FAIL]
    for name in FORMATS:
        shown = render(report, name, style)
        assert "app.yaml" in shown or name.startswith("controls")
        for secret in (SECRET, KEY):
            assert secret not in shown, name


def test_lines_and_columns_stay_and_names_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.yaml").write_text(TEMPLATES["a default"], "utf-8")
    report = check(Request(paths=("app.yaml",), select=("secret-property-not-in-plaintext",), pack=("production",)))
    (finding,) = report.findings
    assert (finding.secret, finding.provenance, finding.span.line) == (True, (), 7)
    assert finding.message == "takes MasterUserPassword from the parameter Word, which has no NoEcho"
    lines = report.sources["app.yaml"].text.split("\n")
    assert lines[4] == f"    Default: {'*' * len(SECRET)}"
    assert lines[6] == TEMPLATES["a default"].split("\n")[6]


def test_nothing_is_hidden_where_nothing_is_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = "Resources:\n  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: orders}}\n"
    (tmp_path / "app.yaml").write_text(text, "utf-8")
    report = check(Request(paths=("app.yaml",), pack=("production",)))
    assert report.findings
    assert not any(finding.secret or finding.hidden for finding in report.findings)
    assert report.sources["app.yaml"].text == text
