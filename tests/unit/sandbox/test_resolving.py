from __future__ import annotations

from typing import Any

import pytest

from infra_checks.errors import InfraChecksError
from infra_checks.evaluate.stack import Stack
from infra_checks.sandbox.refusal import CannotMakeError
from infra_checks.sandbox.resolving import NOTHING, Resolver
from infra_checks.template.load import load_template

HEAD = """
Parameters: {Zone: {Type: String}, Ports: {Type: CommaDelimitedList}, Password: {Type: String, NoEcho: true}}
Resources: {Queue: {Type: 'AWS::SQS::Queue'}}
Metadata:
  It: """


class Surroundings:
    def zones(self, region: str) -> list[str]:
        return [f"{region}a", f"{region}b"]

    def exported(self, name: str) -> str:
        return f"export of {name}"

    def dynamic(self, service: str, reference: str) -> str:
        return f"<{service} {reference}>"


def resolved(text: str) -> Any:  # noqa: ANN401 - JSON
    template = load_template("template.yaml", (HEAD + text).encode())
    values: dict[str, str | tuple[str, ...]] = {
        "Zone": "z",
        "Ports": ("1", "2"),
        "Password": "hunter2",
        "AWS::Region": "eu-west-1",
    }
    attributes = {("Queue", "Ref"): "url", ("Queue", "Arn"): "arn"}
    resolver = Resolver(Stack(template), values, lambda name, word: attributes[name, word], Surroundings())
    metadata = template.root.get("Metadata")
    assert metadata is not None
    return resolver.plain(metadata)["It"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!Ref Queue", "url"),
        ("!GetAtt Queue.Arn", "arn"),
        ("{'Fn::GetAtt': [Queue, Arn]}", "arn"),
        ("!Sub '${Queue}/${Queue.Arn}/${Zone}/${!kept}'", "url/arn/z/${kept}"),
        ("!Sub ['${Own}-${Queue}', {Own: !Ref Zone}]", "z-url"),
        ("!Ref Ports", ["1", "2"]),
        ("!Join ['-', !Ref Ports]", "1-2"),
        ("!Select [1, !Split ['/', !Sub 'a/${Queue}']]", "url"),
        ("!Select [1, !GetAZs '']", "eu-west-1b"),
        ("!GetAZs us-east-1", ["us-east-1a", "us-east-1b"]),
        ("!ImportValue {'Fn::Sub': '${Zone}-name'}", "export of z-name"),
        ("!Base64 {Ref: Queue}", "dXJs"),
        ("!Ref Password", "hunter2"),
        ("'{{resolve:ssm:/a}}'", "<ssm /a>"),
        ("!Sub 'x{{resolve:secretsmanager:${Queue}:SecretString:k}}y'", "x<secretsmanager url:SecretString:k>y"),
        ("{a: !Ref AWS::NoValue, b: [!Ref AWS::NoValue, 1]}", {"b": [1]}),
    ],
)
def test_functions_have_the_values_of_a_deployment(text: str, value: object) -> None:
    assert resolved(text) == value


@pytest.mark.parametrize("text", ["!GetAtt Queue", "!Select [5, !Ref Ports]", "{'Fn::Colour': red}", "!Ref Nothing"])
def test_what_has_no_value_is_an_error_and_never_left_out(text: str) -> None:
    with pytest.raises(InfraChecksError):
        resolved(text)


def test_an_attribute_that_does_not_exist_is_no_value() -> None:
    with pytest.raises((CannotMakeError, KeyError)):
        resolved("!GetAtt Queue.Colour")
    assert NOTHING is not None
