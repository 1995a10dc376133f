from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra_checks.errors import ConfigError
from infra_checks.live.finding_stacks import region_in, stack_of_outputs, stack_of_tag
from tests.unit.live.wire import Wire

SHOP, BLOG = (f"arn:aws:cloudformation:eu-west-1:123456789012:stack/{name}/1" for name in ("shop", "blog"))


def stack(identity: str, outputs: dict[str, str] | None = None, **more: object) -> dict[str, Any]:
    shown = [{"OutputKey": key, "OutputValue": value} for key, value in (outputs or {}).items()]
    return {"StackName": "x", "StackId": identity, "StackStatus": "CREATE_COMPLETE", "Outputs": shown, **more}


def wire(*stacks: dict[str, Any]) -> Wire:
    return Wire({"cloudformation:DescribeStacks": {"Stacks": list(stacks)}})


def file(folder: Path, content: object) -> str:
    path = folder / "outputs.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def test_a_mapping_of_outputs_is_looked_for_in_the_account(tmp_path: Path) -> None:
    account = wire(stack(SHOP, {"Url": "a", "Name": "b"}), stack(BLOG, {"Url": "c"}))
    assert stack_of_outputs(file(tmp_path, {"Url": "a"}), account.clients) == SHOP


def test_outputs_of_two_stacks_name_both(tmp_path: Path) -> None:
    account = wire(stack(SHOP, {"Url": "a"}), stack(BLOG, {"Url": "a"}))
    with pytest.raises(ConfigError, match=rf"several stacks fit: {BLOG}, {SHOP}; choose one with --stack-name"):
        stack_of_outputs(file(tmp_path, {"Url": "a"}), account.clients)


def test_outputs_of_no_stack_say_where_was_looked(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no stack in eu-west-1 has"):
        stack_of_outputs(file(tmp_path, {"Url": "x"}), wire(stack(SHOP, {"Url": "a"})).clients)


def test_a_list_of_outputs_is_a_mapping(tmp_path: Path) -> None:
    written = file(tmp_path, [{"OutputKey": "Url", "OutputValue": "a"}])
    assert stack_of_outputs(written, wire(stack(SHOP, {"Url": "a"})).clients) == SHOP


def test_what_describe_stacks_prints_names_the_stack(tmp_path: Path) -> None:
    assert stack_of_outputs(file(tmp_path, {"Stacks": [stack(SHOP)]}), wire().clients) == SHOP


def test_two_described_stacks_are_ambiguous(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="several stacks fit"):
        stack_of_outputs(file(tmp_path, {"Stacks": [stack(SHOP), stack(BLOG)]}), wire().clients)


def test_the_cdks_file_names_the_stack(tmp_path: Path) -> None:
    assert stack_of_outputs(file(tmp_path, {"ShopStack": {"Url": "a"}}), wire().clients) == "ShopStack"


def test_the_cdks_file_of_two_stacks_is_ambiguous(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="several stacks fit: Blog, Shop"):
        stack_of_outputs(file(tmp_path, {"Shop": {"Url": "a"}, "Blog": {}}), wire().clients)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "is nested too deeply"),
        ({}, "holds no outputs"),
        ("3", "holds no outputs"),
        ({"Url": 3}, "Url has to be a text"),
        ([], "holds no outputs"),
        ({"Stacks": []}, "names no stack"),
        ({"Stacks": [{}]}, "needs a StackName"),
    ],
)
def test_a_file_that_holds_no_outputs_is_an_error(tmp_path: Path, content: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        stack_of_outputs(file(tmp_path, content), wire().clients)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        stack_of_outputs(str(tmp_path / "none.json"), wire().clients)


def test_a_tag_names_the_stack_and_not_those_nested_in_it() -> None:
    tags = [{"Key": "app", "Value": "shop"}]
    account = wire(stack(BLOG), stack(SHOP, Tags=tags), stack("nested", Tags=tags, RootId=SHOP))
    assert stack_of_tag("app=shop", account.clients) == SHOP


def test_a_tag_without_a_value_is_an_error() -> None:
    with pytest.raises(ConfigError, match="write KEY=VALUE"):
        stack_of_tag("app", wire().clients)


def test_an_arn_names_its_region() -> None:
    assert region_in(SHOP) == "eu-west-1"
    assert region_in("shop") is None
