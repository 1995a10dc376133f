from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from infra_checks.errors import ParameterError
from infra_checks.evaluate.stack_tags import read_stack_tags

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Project=orders", {"Project": "orders"}),
        ("Project=", {"Project": ""}),
        ("Note=a=b,c", {"Note": "a=b,c"}),
        ("Key=Project,Value=orders", {"Project": "orders"}),
        ('[{"Key": "Project", "Value": "orders"}, {"Key": "Cost", "Value": "7"}]', {"Project": "orders", "Cost": "7"}),
        ('{"Project": "orders"}', {"Project": "orders"}),
    ],
)
def test_tags_are_given_as_text(text: str, expected: dict[str, str]) -> None:
    assert read_stack_tags([text]) == expected


@pytest.mark.parametrize(
    "text",
    [
        "- Key: Project\n  Value: orders\n- Key: Cost\n  Value: 7\n",
        "[Project=orders, Cost=7]",
        "{Project: orders, Cost: 7}",
        "Tags: {Project: orders, Cost: 7}",
        '{"Parameters": {"A": "b"}, "Tags": [{"Key": "Project", "Value": "orders"}, {"Key": "Cost", "Value": "7"}]}',
    ],
)
@pytest.mark.parametrize("prefix", ["", "file://"])
def test_tags_are_given_in_a_file_of_any_form(here: Path, text: str, prefix: str) -> None:
    (here / "tags.yaml").write_text(text)
    assert read_stack_tags([f"{prefix}tags.yaml"]) == {"Project": "orders", "Cost": "7"}


def test_a_later_source_goes_before_an_earlier_one(here: Path) -> None:
    (here / "tags.yaml").write_text("{Project: orders, Cost: 7}")
    assert read_stack_tags(["tags.yaml", "Project=shop"]) == {"Project": "shop", "Cost": "7"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[Project]", "tags.yaml:1:2: a tag must be Key=Value"),
        ("[{Key: Project}]", "tags.yaml:1:2: a tag must be Key=Value, or a mapping of Key and Value"),
        ("{Project: [orders]}", "tags.yaml:1:11: the key and the value of a tag must be texts"),
        ("{Project: null}", "tags.yaml:1:11: the key and the value of a tag must be texts"),
        ("[A=1, A=2]", "tags.yaml:1:7: tag A is given twice"),
        ("orders", "tags.yaml:1:1: is neither a list of tags nor a mapping of keys to values"),
        ("{AWS:x: y}", "tags.yaml:1:2: the key of a tag has 1 to 128 characters and does not begin with aws:"),
        ("[=y]", "tags.yaml:1:2: the key of a tag has 1 to 128 characters and does not begin with aws:"),
        (f"{{A: {'x' * 257}}}", "tags.yaml:1:2: the value of tag A has more than 256 characters"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(here: Path, text: str, message: str) -> None:
    (here / "tags.yaml").write_text(text)
    with pytest.raises(ParameterError, match=f"^{re.escape(message)}$"):
        read_stack_tags(["tags.yaml"])


def test_a_file_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ParameterError, match=r"^tags\.json: "):
        read_stack_tags(["tags.json"])


def test_a_text_that_is_no_tag_is_an_error_of_the_text() -> None:
    with pytest.raises(ParameterError, match=r"^\(inline tags\): the key of a tag has 1 to 128"):
        read_stack_tags(["aws:x=y"])
