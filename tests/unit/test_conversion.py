from __future__ import annotations

import sys
from pathlib import Path

import pytest

from infra_checks.conversion import convert
from infra_checks.errors import ConfigError, ConversionError, TemplateError
from infra_checks.evaluate.symbols import canonical
from infra_checks.template.load import parse
from infra_checks.template.source import SourceFile

YAML = """\
# About the topic
Resources:
  Topic:
    Type: AWS::SNS::Topic # why
    Properties:
      TopicName: !Sub "${AWS::StackName}-#1"
      DisplayName: |
        # no comment
        text
      Tags: !If [A, [{Key: "007", Value: 'yes'}], !Ref AWS::NoValue]
"""


def meaning(text: str) -> str:
    return canonical(parse(SourceFile("x", text)))


@pytest.mark.parametrize("long_form", [False, True])
def test_there_and_back_is_the_same_template(*, long_form: bool) -> None:
    there = convert("t.yaml", YAML.encode())
    assert there.form == "json"
    assert there.text.startswith("{")
    back = convert("t.json", there.text.encode(), long_form=long_form)
    assert back.form == "yaml"
    assert ("!Sub" in back.text) is not long_form
    assert meaning(there.text) == meaning(back.text) == meaning(YAML)


def test_lines_with_comments_are_named_and_a_hash_in_a_text_is_none() -> None:
    assert convert("t.yaml", YAML.encode()).comments == (1, 4)
    assert convert("t.yaml", YAML.encode(), to="yaml").comments == (1, 4)
    assert convert("t.json", b'{"Resources": {"#": {"Type": "AWS::SNS::Topic"}}}').comments == ()


def test_a_condition_within_a_condition_is_the_same_in_both_forms() -> None:
    text = '{"Conditions": {"A": {"Fn::Equals": ["a", "a"]}, "B": {"Fn::Not": [{"Condition": "A"}]}}, "Resources": {}}'
    there = convert("t.json", text.encode())
    assert "!Condition 'A'" in there.text
    assert '"Condition": "A"' in convert("t.yaml", there.text.encode()).text


def test_what_would_change_the_meaning_is_refused_with_its_place() -> None:
    text = "Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties: {DisplayName: 1.10}\n"
    with pytest.raises(ConversionError) as caught:
        convert("t.yaml", text.encode())
    assert str(caught.value).startswith("t.yaml:4:31: 1.10 would get another meaning; write it in quotes")


def test_clean_simplifies_functions() -> None:
    text = 'Resources: {T: {Type: AWS::SNS::Topic, Properties: {TopicName: !Join ["-", [a, !Ref AWS::Region]]}}}'
    assert "!Sub 'a-${AWS::Region}'" in convert("t.yaml", text.encode(), to="yaml", clean=True).text


def test_a_function_of_nothing_keeps_its_meaning() -> None:
    text = "Resources: {T: {Type: AWS::EC2::Subnet, Properties: {AvailabilityZone: !Select [0, !GetAZs ]}}}"
    assert '"Fn::GetAZs": ""' in convert("t.yaml", text.encode()).text


def test_what_is_no_template_is_an_error() -> None:
    with pytest.raises(TemplateError):
        convert("t.yaml", b"a: 1")


def test_without_cfn_flip_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cfn_flip", None)
    with pytest.raises(ConfigError, match=r"infra-checks\[convert\]"):
        convert("t.yaml", YAML.encode())


def test_the_shipped_example_converts(request: pytest.FixtureRequest) -> None:
    example = Path(str(request.config.rootpath)) / "docs" / "examples" / "orders.yaml"
    converted = convert(str(example))
    assert meaning(converted.text) == meaning(example.read_text())
