from __future__ import annotations

import pytest

from infra_checks.core.links import attached_policies, links_from, links_to
from infra_checks.core.resource import Resource, Surroundings
from infra_checks.evaluate.scenario import explore
from infra_checks.evaluate.stack import Stack
from infra_checks.template.load import load_template

TEXT = """
Parameters:
  Env: {Type: String, AllowedValues: [dev, prod]}
  Names: {Type: CommaDelimitedList}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
  Key: {Type: AWS::KMS::Key}
  Spare: {Type: AWS::KMS::Key, Condition: IsProd}
  Files:
    Type: AWS::S3::Bucket
    DependsOn: [Topic]
    Properties:
      BucketName: files
      Key: !If [IsProd, !GetAtt Spare.Arn, !Ref Key]
      Text: !Sub ["${Topic.TopicName} ${Local} ${!Key}", {Local: !Ref AWS::Region}]
  Topic: {Type: AWS::SNS::Topic}
  ByRef: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref Files}}
  ByName: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: files}}
  ByImport: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !ImportValue Name}}
  Other: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: other}}
  OfTopic: {Type: AWS::SNS::TopicPolicy, Properties: {Topics: [!Ref Topic]}}
  Role: {Type: AWS::IAM::Role, Properties: {ManagedPolicyArns: [!Ref Managed]}}
  Managed: {Type: AWS::IAM::ManagedPolicy}
  Inline: {Type: AWS::IAM::Policy, Properties: {Roles: [!Ref Role]}}
  Open: {Type: AWS::IAM::Policy, Properties: {Roles: !Ref Names}}
"""


def in_scenario(name: str, *, prod: bool = False) -> Resource:
    """A resource in the scenario of an environment."""
    stack = Stack(load_template("t.yaml", TEXT.encode()))

    def see(scenario: object) -> Surroundings:
        surroundings = Surroundings(stack, scenario)  # type: ignore[arg-type]
        surroundings.evaluator.condition("IsProd", stack.template.root)
        return surroundings

    for step in explore(see, limit=5):
        assert step is not None
        surroundings = step[1]
        resource = surroundings.get(name)
        if resource is not None and surroundings.parameter_is(["Env"], ["prod"]) is prod:
            return resource
    raise AssertionError(name)


@pytest.mark.parametrize(
    ("prod", "key"), [(False, ("Ref", "Key", "")), (True, ("Fn::GetAtt", "Spare", "Arn"))], ids=["dev", "prod"]
)
def test_links_of_every_kind_are_found_in_the_branch_that_is_taken(prod: bool, key: tuple[str, str, str]) -> None:
    found = [
        (link.kind, link.target.logical_id, link.attribute) for link in links_from(in_scenario("Files", prod=prod))
    ]
    assert found == [("DependsOn", "Topic", ""), key, ("Fn::Sub", "Topic", "TopicName")]


def test_a_link_says_where_it_stands() -> None:
    paths = [link.path for link in links_from(in_scenario("Files"))]
    assert paths == [("DependsOn", 0), ("Properties", "Key"), ("Properties", "Text")]


def test_links_are_followed_back_and_can_be_limited_to_types() -> None:
    topic = in_scenario("Topic")
    assert {link.source.logical_id for link in links_to(topic)} == {"Files", "OfTopic"}
    assert {link.source.logical_id for link in links_to(topic, "AWS::SNS::TopicPolicy")} == {"OfTopic"}


def test_a_resource_that_does_not_exist_in_the_scenario_is_not_linked() -> None:
    assert [link.target.logical_id for link in links_to(in_scenario("Key", prod=True))] == []


@pytest.mark.parametrize(
    ("name", "policies"),
    [
        ("Files", {"ByRef": True, "ByName": True, "ByImport": False}),
        ("Topic", {"OfTopic": True}),
        ("Role", {"Inline": True, "Open": False, "Managed": True}),
    ],
)
def test_policies_are_attached_by_reference_by_name_or_perhaps(name: str, policies: dict[str, bool]) -> None:
    found = {policy.logical_id: sure for policy, sure in attached_policies(in_scenario(name))}
    assert found == policies


@pytest.mark.parametrize(
    ("value", "target"),
    [
        ("!Ref Files", "Files"),
        ("!Sub '${Files.Arn}/*'", "Files"),
        ("!Sub 'arn:aws:s3:::${Files}/*'", "Files"),
        ("!Sub 'prefix-${Files}'", None),
    ],
)
def test_only_a_reference_alone_or_an_arn_names_a_resource(value: str, target: str | None) -> None:
    text = f"Resources:\n  Files: {{Type: AWS::S3::Bucket}}\n  One: {{Type: A::B::C, Properties: {{At: {value}}}}}\n"
    stack = Stack(load_template("t.yaml", text.encode()))
    (step,) = explore(lambda scenario: Surroundings(stack, scenario).get("One"), limit=1)
    assert step is not None
    one = step[1]
    assert one is not None
    found = one.target("At")
    assert (found.logical_id if isinstance(found, Resource) else None) == target


def test_blanks_inside_a_placeholder_do_not_hide_a_mention() -> None:
    text = "Resources:\n  Files: {Type: AWS::S3::Bucket}\n  One: {Type: A::B::C, Properties: {At: !Sub '${ Files }'}}\n"
    stack = Stack(load_template("t.yaml", text.encode()))
    (step,) = explore(lambda scenario: Surroundings(stack, scenario).get("Files"), limit=1)
    assert step is not None
    assert step[1] is not None
    assert [link.source.logical_id for link in links_to(step[1])] == ["One"]
