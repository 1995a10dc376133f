from __future__ import annotations

from pathlib import Path

from infra_checks.diagram import draw

TEMPLATE = """
Parameters: {With: {Type: String, Default: 'no'}}
Conditions: {HasTopic: !Equals [!Ref With, 'yes']}
Resources:
  Role: {Type: AWS::IAM::Role}
  Queue: {Type: AWS::SQS::Queue}
  Topic: {Type: AWS::SNS::Topic, Condition: HasTopic}
  Work: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub '/aws/lambda/${Work}'}}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Work, EventSourceArn: !GetAtt Queue.Arn}
"""


def drawn(folder: Path, *, most: int | None = 25, **values: str) -> str:
    (folder / "t.yaml").write_text(TEMPLATE)
    return draw(str(folder / "t.yaml"), values, most=most)


def test_an_event_source_points_at_its_function(tmp_path: Path) -> None:
    assert "r_Queue -->|event source| r_Work" in drawn(tmp_path)


def test_satellites_are_counted_and_not_drawn(tmp_path: Path) -> None:
    text = drawn(tmp_path)
    assert "r_Logs" not in text
    assert "Lambda (+1 not drawn)" in text
    assert "2 of 5 resources are drawn, 3 are not" in text


def test_all_resources_are_drawn_when_asked_for(tmp_path: Path) -> None:
    assert "r_Logs" in drawn(tmp_path, most=None)


def test_only_what_the_parameters_create_is_drawn(tmp_path: Path) -> None:
    assert "r_Topic" not in drawn(tmp_path)
    assert "r_Topic" in drawn(tmp_path, With="yes")


def test_no_more_nodes_than_asked_for_the_most_connected_first(tmp_path: Path) -> None:
    assert "r_Queue" not in drawn(tmp_path, most=1)
    assert "r_Work[" in drawn(tmp_path, most=1)
