from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra_checks.errors import ConfigError, InfraChecksError
from infra_checks.live.requests import MOST_BYTES, Wanted, wanted
from infra_checks.live.settings import Code, Settings

TEMPLATE = """
Parameters:
  Bucket: {Type: String}
  Key: {Type: String}
  Size: {Type: Number, Default: '3', MaxValue: 9}
Resources:
  Topic: {Type: AWS::SNS::Topic}
"""
Ask = Callable[..., Wanted]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    file, code = tmp_path / "template.yaml", tmp_path / "code"
    file.write_text(TEMPLATE)
    code.mkdir()
    (code / "handler.py").write_text("")

    def asked(given: dict[str, str], *, more: str = "", **options: Any) -> Wanted:  # noqa: ANN401
        file.write_text(TEMPLATE + more)
        settings = Settings(file, ("CAPABILITY_IAM",), (Code("Key", "Bucket", code),))
        return wanted(settings, given, {}, **{"before": {}, **options})

    return asked


def test_the_key_of_the_code_overrides_a_given_one(ask: Ask) -> None:
    found = ask({"Bucket": "b", "Key": "old.zip"})
    assert found.values["Key"] == found.code[0].key
    assert found.code[0].bucket == "b"


def test_what_the_deployed_stack_has_is_kept_and_the_bucket_known_from_it(ask: Ask) -> None:
    found = ask({}, before={"Bucket": "b", "Key": "old", "Gone": "1"})
    assert found.kept == ("Bucket",)
    assert {"ParameterKey": "Bucket", "UsePreviousValue": True} in found.fields("https://s3", None)["Parameters"]


@pytest.mark.parametrize(
    ("given", "more", "message"),
    [
        ({"Bucket": "b", "Size": "10"}, "", "is more than its MaxValue"),
        ({"Bucket": "b", "Other": "1"}, "", "has no parameter Other"),
        ({"Bucket": "b"}, "  Other: {}\n", "Other"),
    ],
)
def test_what_cloudformation_would_refuse_is_refused(ask: Ask, given: dict[str, str], more: str, message: str) -> None:
    with pytest.raises(InfraChecksError, match=message):
        ask(given, more=more)


def test_parameters_without_a_value_are_all_named(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    with pytest.raises(ConfigError, match=r"no value for Bucket, Key; give --parameters Bucket=VALUE"):
        wanted(Settings(tmp_path / "t.yaml"), {}, {}, before={})


def test_a_large_template_goes_to_the_bucket_of_the_code(ask: Ask) -> None:
    found = ask({"Bucket": "b"}, more="#" * MOST_BYTES)
    assert found.stored is not None
    assert found.fields("https://s3", None)["TemplateURL"] == f"https://s3/b/{found.stored.key}"
    other = ask({"Bucket": "b"}, more="#" * MOST_BYTES, bucket="other")
    assert other.source("https://s3")["TemplateURL"].startswith("https://s3/other/templates/")


def test_a_role_is_named_and_nested_stacks_are_included_only_where_there_are_some(ask: Ask) -> None:
    plain = ask({"Bucket": "b"}).fields("", None)
    assert not {"RoleARN", "IncludeNestedStacks", "Tags"} & plain.keys()
    nested = ask({"Bucket": "b"}, more="  Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: u}}\n")
    fields = nested.fields("", "arn:role")
    assert (fields["RoleARN"], fields["IncludeNestedStacks"]) == ("arn:role", True)
    assert fields["Capabilities"] == ["CAPABILITY_IAM"]
