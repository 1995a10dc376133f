from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra_checks.access.symbols import arn_of, reference_to, text_at
from infra_checks.iam.text import ACCOUNT, PARTITION, REGION, SEGMENT, WILDCARDS, Symbol, pieces, shown

if TYPE_CHECKING:
    from tests.unit.access.conftest import Reader

HEADER = """
Parameters:
  Free: {Type: String}
  Plain: {Type: String, AllowedPattern: "[a-z]+"}
  Long: {Type: String, MinLength: 3}
  Vpc: {Type: "AWS::EC2::VPC::Id"}
  Count: {Type: Number}
  Secret: {Type: String, NoEcho: true, Default: x}
  Names: {Type: CommaDelimitedList}
  Naming: {Type: String}
  Stored: {Type: "AWS::SSM::Parameter::Value<String>", AllowedPattern: "[a-z]+", Default: name}
Resources:
  Bucket: {Type: "AWS::S3::Bucket"}
  Named: {Type: "AWS::S3::Bucket", Properties: {BucketName: mine}}
  Composed: {Type: "AWS::S3::Bucket", Properties: {BucketName: !Sub "${Naming}-x"}}
  Queue: {Type: "AWS::SQS::Queue"}
  Role: {Type: "AWS::IAM::Role", Properties: {Path: /team/, RoleName: worker}}
  Plainrole: {Type: "AWS::IAM::Role"}
  Function: {Type: "AWS::Lambda::Function"}
  Alias: {Type: "AWS::Lambda::Alias", Properties: {Name: live, FunctionName: !GetAtt Function.Arn}}
  Password: {Type: "AWS::SecretsManager::Secret", Properties: {Name: db}}
  Setting: {Type: "AWS::SSM::Parameter", Properties: {Name: /app/x, Type: String, Value: x}}
  Custom: {Type: "Custom::Thing"}
  Nested: {Type: "AWS::CloudFormation::Stack"}
  Balancer: {Type: "AWS::ElasticLoadBalancingV2::LoadBalancer"}
  Subject:
    Type: Custom::Reader
    Properties:
      Text: """


def text_for(read: Reader, expression: str) -> str:
    subject = read(HEADER + expression)
    text = text_at(subject.stack, subject.value("Text"))
    assert text is not None
    return shown(text)


def symbol_for(read: Reader, expression: str) -> Symbol:
    subject = read(HEADER + expression)
    text = text_at(subject.stack, subject.value("Text"))
    assert text is not None
    return next(piece for piece in pieces(text) if isinstance(piece, Symbol))


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("x", "x"),
        ("!Ref Bucket", "${Bucket}"),
        ("!Ref Named", "mine"),
        ("!GetAtt Named.Arn", "arn:${AWS::Partition}:s3:::mine"),
        ("!GetAtt Bucket.Arn", "arn:${AWS::Partition}:s3:::${Bucket}"),
        ("!Sub '${Bucket.Arn}/*'", "arn:${AWS::Partition}:s3:::${Bucket}/*"),
        ("!GetAtt Composed.Arn", "arn:${AWS::Partition}:s3:::${Naming}-x"),
        (
            "!GetAtt Queue.Arn",
            "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${Queue.QueueName}",
        ),
        ("!GetAtt Queue.QueueName", "${Queue.QueueName}"),
        ("!Ref Queue", "${Queue}"),
        ("!GetAtt Role.Arn", "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/team/worker"),
        ("!GetAtt Plainrole.Arn", "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${Plainrole}"),
        (
            "!Ref Alias",
            "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${Function}:live",
        ),
        (
            "!Ref Password",
            "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:db-${Password.Suffix}",
        ),
        ("!ImportValue other", "${Fn::ImportValue other}"),
        ("'{{resolve:ssm:/a}}'", "${resolve:ssm:/a}"),
    ],
)
def test_names_and_arns_are_written_out_as_far_as_they_are_known(read: Reader, expression: str, text: str) -> None:
    assert text_for(read, expression) == text


@pytest.mark.parametrize(
    ("expression", "excluded"),
    [
        ("!Ref Free", ""),
        ("!Ref Plain", "*?:/"),
        ("!Ref Vpc", "*?:/"),
        ("!Ref Count", "*?:/"),
        ("!Ref Naming", "*?:"),
        ("!Ref Queue", "*?"),
        ("!Ref Bucket", "*?:/"),
        ("!Ref Custom", ""),
        ("!GetAtt Custom.Arn", ""),
        ("!GetAtt Nested.Outputs.TopicArn", ""),
        ("!Ref Balancer", "*?"),
        ("!GetAtt Balancer.LoadBalancerArn", "*?"),
        ("!ImportValue other", ""),
        ("!Ref Stored", ""),
        ("!Ref Secret", ""),
    ],
)
def test_a_symbol_excludes_what_its_value_surely_does_not_hold(read: Reader, expression: str, excluded: str) -> None:
    symbol = symbol_for(read, expression)
    assert symbol.excluded & set("*?:/") == set(excluded)


@pytest.mark.parametrize(("expression", "least"), [("!Ref Free", 0), ("!Ref Long", 3), ("!Ref Vpc", 1)])
def test_a_parameter_that_may_be_empty_has_no_character_for_sure(read: Reader, expression: str, least: int) -> None:
    assert symbol_for(read, expression).least == least


@pytest.mark.parametrize(
    ("name", "symbol"), [("AWS::AccountId", ACCOUNT), ("AWS::Region", REGION), ("AWS::Partition", PARTITION)]
)
def test_pseudo_parameters_are_the_engines_own_symbols(read: Reader, name: str, symbol: Symbol) -> None:
    assert symbol_for(read, f"!Ref {name}") == symbol


def test_a_pinned_pseudo_parameter_is_a_literal(read: Reader) -> None:
    subject = read(HEADER + "!Sub 'a-${AWS::Region}'", **{"AWS::Region": "eu-west-1"})
    assert text_at(subject.stack, subject.value("Text")) == "a-eu-west-1"


@pytest.mark.parametrize("expression", ["!Ref Names", "!Split [',', !Ref Free]", "!GetAZs ''"])
def test_a_list_that_is_not_known_is_no_text(read: Reader, expression: str) -> None:
    subject = read(HEADER + expression)
    assert text_at(subject.stack, subject.value("Text")) is None


def test_an_arn_and_the_same_arn_put_together_by_hand_are_equal(read: Reader) -> None:
    by_attribute = read(HEADER + "!GetAtt Bucket.Arn")
    by_hand = read(HEADER + "!Sub 'arn:${AWS::Partition}:s3:::${Bucket}'")
    assert text_at(by_attribute.stack, by_attribute.value("Text")) == text_at(by_hand.stack, by_hand.value("Text"))


def test_the_name_of_a_resource_with_a_condition_splits_nothing(read: Reader) -> None:
    subject = read(
        """
        Parameters: {Env: {Type: String}}
        Conditions: {Prod: !Equals [!Ref Env, prod]}
        Resources:
          Maybe: {Type: "AWS::S3::Bucket", Condition: Prod}
          Subject: {Type: "Custom::Reader", Properties: {Text: !GetAtt Maybe.Arn}}
        """
    )
    text_at(subject.stack, subject.value("Text"))
    assert not subject.evaluator.scenario.narrowed


def test_a_parameter_names_nothing_for_sure_where_the_named_resource_has_a_condition(read: Reader) -> None:
    subject = read(
        """
        Parameters: {Env: {Type: String}, Name: {Type: String}}
        Conditions: {Prod: !Equals [!Ref Env, prod]}
        Resources:
          Maybe: {Type: "AWS::S3::Bucket", Condition: Prod, Properties: {BucketName: !Ref Name}}
          Subject: {Type: "Custom::Reader", Properties: {Text: !Ref Name}}
        """
    )
    assert text_at(subject.stack, subject.value("Text")) == (Symbol("Name", least=0),)


def test_resources_that_name_one_another_end_in_symbols(read: Reader) -> None:
    subject = read(
        """
        Resources:
          A: {Type: "AWS::S3::Bucket", Properties: {BucketName: !Ref B}}
          B: {Type: "AWS::S3::Bucket", Properties: {BucketName: !Ref A}}
          Subject: {Type: "Custom::Reader", Properties: {Text: !Ref A}}
        """
    )
    assert text_at(subject.stack, subject.value("Text")) is not None


def test_the_arn_of_a_resource_is_known_where_no_attribute_gives_it(read: Reader) -> None:
    setting = read(HEADER + "x", "Setting")
    assert shown(arn_of(setting) or "") == "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/app/x"


def test_the_arn_of_a_type_whose_form_is_unknown_is_none(read: Reader) -> None:
    assert arn_of(read(HEADER + "x", "Custom")) is None


def test_a_reference_of_unknown_form_holds_no_wildcard(read: Reader) -> None:
    (symbol,) = pieces(reference_to(read(HEADER + "x", "Balancer")))
    assert isinstance(symbol, Symbol)
    assert symbol.excluded >= WILDCARDS
    assert not symbol.excluded >= SEGMENT
