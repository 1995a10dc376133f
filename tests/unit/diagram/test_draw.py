"""What stands in a flowchart, and where."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra_checks.diagram import draw
from infra_checks.errors import InfraChecksError

EVENTS = """
Parameters: {With: {Type: String, Default: 'no'}}
Conditions: {HasTopic: !Equals [!Ref With, 'yes']}
Resources:
  Role: {Type: AWS::IAM::Role}
  Queue:
    Type: AWS::SQS::Queue
    Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt DeadLetters.Arn, maxReceiveCount: 3}}
  DeadLetters: {Type: AWS::SQS::Queue}
  QueuePolicy: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [!Ref Queue], PolicyDocument: {Statement: []}}}
  Topic: {Type: AWS::SNS::Topic, Condition: HasTopic}
  Mail: {Type: AWS::SNS::Subscription, Condition: HasTopic, Properties: {TopicArn: !Ref Topic, Protocol: email}}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Condition: HasTopic
    Properties: {AlarmActions: [!Ref Topic], Dimensions: [{Name: QueueName, Value: !GetAtt Queue.QueueName}]}
  Work:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Role.Arn
      Environment: {Variables: {TABLE: !Ref Orders, TOPIC: !If [HasTopic, !Ref Topic, none]}}
  Orders: {Type: AWS::DynamoDB::Table}
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub '/aws/lambda/${Work}'}}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Work, EventSourceArn: !GetAtt Queue.Arn}
"""
NETWORK = """
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Gateway: {Type: AWS::EC2::InternetGateway}
  Attached: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway}}
  PublicSubnetA: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc}}
  PublicSubnetB: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc}}
  DataSubnetA: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc}}
  Routes: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Out: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Routes, GatewayId: !Ref Gateway}}
  Of:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {RouteTableId: !Ref Routes, SubnetId: !Ref PublicSubnetA}
  Group: {Type: AWS::RDS::DBSubnetGroup, Properties: {SubnetIds: [!Ref DataSubnetA]}}
  Primary: {Type: AWS::RDS::DBInstance, Properties: {DBSubnetGroupName: !Ref Group, MasterUserPassword: !Ref Login}}
  ReplicaA:
    Type: AWS::RDS::DBInstance
    Properties: {SourceDBInstanceIdentifier: !Ref Primary, DBSubnetGroupName: !Ref Group}
  ReplicaB:
    Type: AWS::RDS::DBInstance
    Properties: {SourceDBInstanceIdentifier: !Ref Primary, DBSubnetGroupName: !Ref Group}
  Login: {Type: AWS::SecretsManager::Secret}
  NatA: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: !Ref PublicSubnetA}}
"""


def drawn(folder: Path, template: str = EVENTS, *, is_whole: bool = False, **values: str) -> str:
    (folder / "t.yaml").write_text(template)
    return draw(str(folder / "t.yaml"), values, is_whole=is_whole)


def test_an_event_source_points_at_its_function_and_this_at_what_it_is_told_of(tmp_path: Path) -> None:
    text = drawn(tmp_path)
    assert 'r_Queue -->|"events"| r_Work' in text
    assert "r_Work --> r_Orders" in text


def test_parts_are_named_in_their_owner_and_kinds_counted_in_one_box(tmp_path: Path) -> None:
    text = drawn(tmp_path)
    assert "<b>Work</b><br/>Lambda function<br/>+ event source mapping" in text
    assert "r_QueuePolicy" not in text
    assert 'beside["<b>IAM</b>: role<br/><b>Log groups</b>: log group"]' in text


def test_a_queue_that_only_one_other_fails_into_is_named_in_it(tmp_path: Path) -> None:
    text = drawn(tmp_path)
    assert "<b>Queue</b><br/>SQS queue<br/>dead letters: Dead letters" in text
    assert "r_DeadLetters" not in text


def test_alarms_stand_in_the_topic_they_go_to(tmp_path: Path) -> None:
    text = drawn(tmp_path, With="yes")
    assert "<b>Topic</b><br/>SNS topic<br/><i>if Has topic</i><br/>+ subscription, alarm" in text
    assert "r_Work --> r_Topic" in text
    assert "class r_Topic sometimes" in text


def test_what_the_parameters_do_not_create_is_named_in_a_comment(tmp_path: Path) -> None:
    text = drawn(tmp_path)
    assert "r_Topic" not in text
    assert "%% not with these parameters: Alarm, Mail, Topic\n" in text


def test_all_resources_are_drawn_when_asked_for(tmp_path: Path) -> None:
    text = drawn(tmp_path, is_whole=True)
    assert all(f"r_{name}" in text for name in ("Logs", "Role", "QueuePolicy", "DeadLetters", "Mapping"))


def test_subnets_are_frames_that_tell_their_way_out(tmp_path: Path) -> None:
    text = drawn(tmp_path, NETWORK)
    assert 'subgraph r_Vpc["VPC 10.0.0.0/16"]' in text
    assert '["Public subnet x2 · to the internet"]' in text
    assert '["Data subnet x1 · no route out"]' in text
    assert "<b>Network</b>: internet gateway, route table" in text


def test_a_database_stands_in_the_subnets_of_its_group(tmp_path: Path) -> None:
    inside = drawn(tmp_path, NETWORK).partition('["Data subnet')[2].partition("end\n")[0]
    assert "r_Primary" in inside
    assert "<b>RDS DB instance x2</b><br/>Replica A, B" in inside


def test_a_copy_and_a_login_point_away_from_where_they_come_from(tmp_path: Path) -> None:
    text = drawn(tmp_path, NETWORK)
    assert 'r_Primary -->|"replicates"| r_ReplicaA' in text
    assert 'r_Login -->|"login"| r_Primary' in text


OPENING = """
Resources:
  Vpc: {Type: AWS::EC2::VPC}
  Ours:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !Ref Vpc
      GroupDescription: ours
      SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}]
  Theirs:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !Ref Vpc
      GroupDescription: theirs
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 5432, ToPort: 5432, SourceSecurityGroupId: !Ref Ours}]
  Bastion: {Type: AWS::EC2::Instance, Properties: {SecurityGroupIds: [!Ref Ours]}}
  Database: {Type: AWS::RDS::DBInstance, Properties: {VPCSecurityGroups: [!Ref Theirs]}}
"""
RULE = """
  Back:
    Type: AWS::EC2::SecurityGroupEgress
    Properties: {IpProtocol: tcp, ToPort: 22, GroupId: !Ref Theirs, DestinationSecurityGroupId: !Ref Ours}
"""


def test_who_may_reach_whom_by_security_groups_is_told_with_the_port(tmp_path: Path) -> None:
    assert 'r_Bastion -->|"port 5432"| r_Database' in drawn(tmp_path, OPENING)
    closed = OPENING.replace(", SourceSecurityGroupId: !Ref Ours", ", CidrIp: 10.0.0.0/8")
    assert "port" not in drawn(tmp_path, closed)
    assert 'r_Database -->|"port 22"| r_Bastion' in drawn(tmp_path, closed + RULE)


def test_what_mermaid_would_read_is_escaped(tmp_path: Path) -> None:
    text = drawn(tmp_path, "Resources: {V: {Type: AWS::EC2::VPC, Properties: {CidrBlock: '\"]<b>'}}}")
    assert 'subgraph r_V["VPC #34;]#60;b#62;"]' in text


@pytest.mark.parametrize("template", [EVENTS, NETWORK])
def test_the_same_template_gives_the_same_bytes(tmp_path: Path, template: str) -> None:
    (tmp_path / "t.yaml").write_text(template)
    code = "import sys; from infra_checks.diagram import draw; print(draw(sys.argv[1], {}))"
    command = [sys.executable, "-c", code, str(tmp_path / "t.yaml")]
    runs = [subprocess.check_output(command, env={**os.environ, "PYTHONHASHSEED": seed}) for seed in ("1", "2")]  # noqa: S603
    assert runs[0] == runs[1]


@pytest.mark.parametrize(
    ("resource", "values", "message"),
    [
        ("{}", {}, "resource Jobs has no Type"),
        ("{Type: AWS::SQS::Queue}", {"Size": "large"}, "Size is not one of its AllowedValues"),
        ("{Type: AWS::SQS::Queue}", {"Sise": "small"}, "has no parameter Sise"),
    ],
)
def test_what_would_be_drawn_wrongly_is_refused(
    tmp_path: Path, resource: str, values: dict[str, str], message: str
) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(
        f"Parameters: {{Size: {{Type: String, AllowedValues: [small]}}}}\nResources: {{Jobs: {resource}}}\n"
    )
    with pytest.raises(InfraChecksError, match=message):
        draw(str(file), values)
