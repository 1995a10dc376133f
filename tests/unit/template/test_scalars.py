from __future__ import annotations

import pytest

from infra_checks.template.nodes import Scalar
from tests.unit.template.shapes import at, data, read


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("True", True),
        ("TRUE", True),
        ("false", False),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-7", -7),
        ("443", 443),
        ("1.10", 1.1),
        ("-0.5", -0.5),
        ("1.5e+3", 1500.0),
    ],
)
def test_a_plain_scalar_that_can_mean_one_thing_only_has_a_type(written: str, value: object) -> None:
    node = at(read(f"a: {written}\n"), "a")

    assert isinstance(node, Scalar)
    assert (node.value, type(node.value), node.text, node.plain) == (value, type(value), written, True)


@pytest.mark.parametrize(
    "written",
    [
        "2012-10-17",
        "2010-09-09",
        "012345678901",
        "0777",
        "0o17",
        "1_000",
        "0x1F",
        "12:30:00",
        "on",
        "yes",
        "No",
        "off",
        "y",
        ".inf",
        ".5",
        "1.",
        "+1",
        "1e3",
        "1.5e3",
        "-",
        "--1",
        "-01",
        "١٢",
        "tRUE",
        "AWS::Region",
    ],
)
def test_any_other_plain_scalar_is_the_text_as_written(written: str) -> None:
    node = at(read(f"a: {written}" if written != "-" else "a: '-'"), "a")

    assert isinstance(node, Scalar)
    assert (node.value, node.text) == (written, written)


@pytest.mark.parametrize("written", ["'true'", '"1"', "'null'", "''", "! true", "!!str 12"])
def test_a_quoted_scalar_is_always_text(written: str) -> None:
    node = at(read(f"a: {written}"), "a")

    assert isinstance(node, Scalar)
    assert isinstance(node.value, str)
    assert not node.plain


@pytest.mark.parametrize("name", ["t.yaml", "t.json"])
@pytest.mark.parametrize("number", ["9" * 5000, "-" + "9" * 5000, "9" * 5000 + ".5", "9" * 641])
def test_a_number_that_python_does_not_hold_stays_text(number: str, name: str) -> None:
    node = at(read(f'{{"a": {number}}}', name), "a")

    assert isinstance(node, Scalar)
    assert (node.value, node.text) == (number, number)


def test_an_account_id_is_a_number_whose_text_is_kept() -> None:
    node = at(read("a: 123456789012"), "a")

    assert isinstance(node, Scalar)
    assert (node.value, node.text) == (123456789012, "123456789012")


@pytest.mark.parametrize(
    ("written", "value"),
    [("!!int 12", 12), ("!!int '12'", 12), ("!!float 1.5", 1.5), ("!!bool true", True), ("!!null ''", None)],
)
def test_a_core_tag_gives_the_type_it_names(written: str, value: object) -> None:
    assert data(read(f"a: {written}")) == {"a": value}
