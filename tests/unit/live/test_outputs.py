from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra_checks.errors import ConfigError
from infra_checks.live.outputs import read_outputs

LISTED = [{"OutputKey": "Url", "OutputValue": "https://x"}, {"OutputKey": "Arn", "OutputValue": "arn:y"}]
EXPECTED = {"Arn": "arn:y", "Url": "https://x"}


def written(folder: Path, data: object) -> Path:
    file = folder / "outputs.json"
    file.write_text(json.dumps(data))
    return file


@pytest.mark.parametrize(
    "data",
    [
        EXPECTED,
        LISTED,
        {"Stacks": [{"StackName": "shop", "Outputs": LISTED}]},
        {"Stacks": [{"StackName": "other"}, {"StackName": "shop", "Outputs": LISTED}]},
        {"shop": EXPECTED, "other": {}},
    ],
)
def test_every_form_gives_the_outputs_of_the_stack_that_is_named(tmp_path: Path, data: object) -> None:
    assert list(read_outputs(written(tmp_path, data), "shop").items()) == list(EXPECTED.items())


def test_the_only_stack_of_a_file_need_not_be_named(tmp_path: Path) -> None:
    assert read_outputs(written(tmp_path, {"shop": EXPECTED})) == EXPECTED
    assert read_outputs(written(tmp_path, {"Stacks": [{"StackName": "shop"}]})) == {}


def test_no_outputs_are_none(tmp_path: Path) -> None:
    assert read_outputs(written(tmp_path, {})) == {}


@pytest.mark.parametrize(
    ("data", "stack", "complaint"),
    [
        ({"a": {}, "b": {}}, "", r"tells of 2 stacks \(a, b\); say which by --stack-name"),
        ({"a": {}, "b": {}}, "c", "does not tell of the stack c, but of a, b"),
        ({"Stacks": []}, "c", "does not tell of the stack c, but of none"),
        ({"Stacks": [{"StackName": "a", "Outputs": 3}]}, "", "Outputs has to be a list"),
        ([{"OutputKey": "a"}], "", "each of Outputs needs an OutputKey and an OutputValue"),
        ({"a": 1}, "", "a has to be a text"),
        (7, "", "holds no outputs"),
    ],
)
def test_what_tells_no_outputs_is_refused(tmp_path: Path, data: object, stack: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        read_outputs(written(tmp_path, data), stack)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.json: cannot be read: "):
        read_outputs(tmp_path / "none.json")
    (tmp_path / "text.json").write_text("a: b")
    with pytest.raises(ConfigError, match=r"text\.json: is no JSON: "):
        read_outputs(tmp_path / "text.json")


def test_a_file_that_is_nested_without_end_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "outputs.json"
    file.write_text("[" * 100_000)
    with pytest.raises(ConfigError, match="is nested too deeply"):
        read_outputs(file)
