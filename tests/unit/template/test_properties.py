from __future__ import annotations

import json
import sys
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from infra_checks.errors import TemplateError
from infra_checks.template import yamltext
from infra_checks.template.load import load_template, parse, read_source
from infra_checks.template.nodes import Node, Scalar
from infra_checks.template.source import SourceFile
from infra_checks.template.yamltext import read_yaml
from tests.unit.template.shapes import cut, data, read, spans

PIECES = [
    *["a", "b: ", "- ", "\n", "\n  ", "  ", "{", "}", "[", "]", ",", ":", "? ", "'", '"', "|\n", ">-\n", "# c\n", "#"],
    *[
        "!Ref ",
        "!GetAtt A.B",
        "!Sub\n",
        "!!str ",
        "!!int ",
        "! ",
        "!Foo ",
        "!<x> ",
        "&a ",
        "*a",
        "*a ",
        "<<: ",
        "'<<': ",
    ],
    *["---", "---\n", "...\n", "%YAML 1.1\n", "\t", "\r\n", "\r", "\x85", "\u2028", "\xa0", "\ufeff", "é", "😀", "\\"],
    *[
        "1",
        "1.5",
        "null",
        "true",
        "Ref: ",
        "Fn::GetAtt: ",
        "Resources:\n",
        '"\\ud800"',
        '"a": ',
        "\ud800",
        "\x07",
        "\0",
    ],
]
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
WORDS = st.one_of(
    # PyYAML writes the line ends of Unicode without escapes and then folds them as it reads them back.
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x85\u2028\u2029"), max_size=12),
    st.sampled_from(["Ref", "Fn::GetAtt", "Fn::Sub", "A.B", "yes", "0777", "<<", "=", "2012-10-17", "1e3", "a\n b\n"]),
)
LEAVES = st.one_of(WORDS, st.booleans(), st.none(), st.integers(), st.floats(allow_nan=False, allow_infinity=False))
DATA = st.recursive(
    LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(WORDS, inner, max_size=4))
)
ROOTS = st.one_of(st.lists(DATA, max_size=4), st.dictionaries(WORDS, DATA, max_size=4))


def loaded(text: str, name: str = "t.yaml") -> Node | None:
    """The root node, or None for a text whose error has a place inside it."""
    try:
        return parse(SourceFile(name, text))
    except TemplateError as error:
        assert str(error).startswith(name)  # noqa: PT017 - that it is of one form is the point
        if error.span is not None:
            assert_inside(text, error.span)
        return None


def assert_inside(text: str, span: tuple[int, int, int, int]) -> None:
    lines = f"{text}|".splitlines()
    line, column, end_line, end_column = span
    assert (1, 1) <= (line, column) <= (end_line, end_column)
    assert end_line <= len(lines)
    assert column <= len(lines[line - 1]) + 1
    assert end_column <= len(lines[end_line - 1]) + 1


def assert_places(text: str, root: Node) -> None:
    for node, span in spans(root):
        assert_inside(text, span)
        written = cut(text, span)
        if isinstance(node, Scalar) and node.plain and span.line == span.end_line and not written.startswith("*"):
            assert written == node.text


@given(TEXTS)
@example("a: &x\n- b\nc: *x")
@example("a:\n  - !Ref\n")
def test_any_text_is_nodes_inside_it_or_an_error_inside_it(text: str) -> None:
    root = loaded(text)
    if root is not None and not text.startswith("\ufeff"):
        assert_places(text, root)


@given(TEXTS)
def test_any_text_is_nodes_or_an_error_for_the_pure_parser_too(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yamltext, "_PARSER", yaml.SafeLoader)
        root = loaded(text)
    if root is not None and "\ufeff" not in text:
        assert_places(text, root)


@given(st.one_of(TEXTS, st.lists(st.sampled_from('{}[],:"\\ \n1-.eatrufls/é'), max_size=20).map("".join)))
@example('{"a": [1, {"Ref": "b"}], "c": {"Fn::GetAtt": ["d", "e"]}}')
@example('{"a": 1, "a": 2}')
@example('{"Fn::GetAtt": "d.e.f"}')
@example("[NaN]")
def test_any_text_is_json_or_an_error(text: str) -> None:
    try:
        wanted = json.loads(text, object_pairs_hook=_distinct, parse_constant=_refuse)
    except ValueError:
        wanted = None
    if isinstance(wanted, dict | list):
        assert plain(data(read(text, "t.json"))) == plain(wanted)
    elif text.lstrip(" \t\r\n")[:1] in {"{", "["}:
        assert loaded(text, "t.json") is None


@given(st.one_of(st.binary(), TEXTS.map(lambda text: text.encode("utf-16", "surrogatepass"))))
@example(b"Resources: {}")
def test_any_bytes_are_a_template_or_an_error(content: bytes) -> None:
    try:
        template = load_template("t", content)
    except TemplateError as error:
        assert str(error)  # noqa: PT017 - that it can be printed is the point
    else:
        assert read_source("t", content) == template.source


@given(ROOTS, st.booleans(), st.booleans(), st.sampled_from([None, 2]))
def test_the_same_data_is_the_same_nodes_in_yaml_and_in_json(
    value: Any,  # noqa: ANN401
    flow: bool,
    wide: bool,
    indent: int | None,
) -> None:
    as_yaml = yaml.safe_dump(
        value, default_flow_style=flow, allow_unicode=wide, width=sys.maxsize if wide else 20, sort_keys=False
    )
    as_json = json.dumps(value, ensure_ascii=not wide, indent=indent)
    from_yaml, from_json = read_yaml(SourceFile("t.yaml", as_yaml)), read(as_json, "t.json")

    assert data(from_yaml) == data(from_json)
    assert plain(data(from_json)) == plain(value)
    assert_places(as_yaml, from_yaml)
    assert_places(as_json, from_json)


def plain(value: Any) -> Any:  # noqa: ANN401
    """Values with calls as the long forms they stand for."""
    if isinstance(value, tuple):
        name, argument = value
        return plain({name: argument})
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"Fn::GetAtt": str(text)} if len(value) == 1 and "." in text:
            return {"Fn::GetAtt": text.split(".", 1)}
    return {key: plain(item) for key, item in value.items()}


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError
    return dict(pairs)


def _refuse(_: str) -> None:
    raise ValueError
