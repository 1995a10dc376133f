from __future__ import annotations

import json

import pytest

from infra_checks.template.limits import MAX_DEPTH
from infra_checks.template.nodes import Scalar, Sequence
from tests.unit.template.shapes import at, cut, data, failure, read, spans

ALL_KINDS = '\t{"é\\u00e9": ["b", 1, -1.10, 1e3, true, false, null, {}, [], "\\ud83d\\ude00\\n\\"", "😀"]\r\n}\n'


def test_json_is_read_as_json_reads_it() -> None:
    assert data(read(ALL_KINDS, "t.json")) == json.loads(ALL_KINDS)


def test_every_node_and_key_knows_its_place() -> None:
    text = '{"é😀": [1.10, "b\\"", {}],\r\n "c" : {"Ref": "d"}}'

    assert [cut(text, span) for _, span in spans(read(text, "t.json"))] == [
        text,
        '"é😀"',
        '"c"',
        '[1.10, "b\\"", {}]',
        "1.10",
        '"b\\""',
        "{}",
        '{"Ref": "d"}',
        '"d"',
    ]


def test_line_ends_that_only_unicode_knows_count_as_lines_do_in_the_source() -> None:
    text = '{"a": "\u2028", "b": 1}'

    assert cut(text, at(read(text, "t.json"), "b").span) == "1"


def test_a_number_keeps_its_text() -> None:
    node = at(read('{"a": 1.10}', "t.json"), "a")

    assert isinstance(node, Scalar)
    assert (node.value, node.text, node.plain) == (1.1, "1.10", True)


def test_a_string_is_not_plain() -> None:
    node = at(read('{"a": "true"}', "t.json"), "a")

    assert isinstance(node, Scalar)
    assert (node.value, node.plain) == ("true", False)


def test_lone_surrogates_are_left_as_they_are() -> None:
    assert data(read('{"\\ud800": "\\udc00"}', "t.json")) == {"\ud800": "\udc00"}


def test_long_forms_are_calls() -> None:
    assert data(read('{"a": {"Fn::GetAtt": "B.C.D"}}', "t.json")) == {"a": ("Fn::GetAtt", ["B", "C.D"])}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [('{"Fn::GetAtt": "Bucket.Arn"}', ["Bucket", "Arn"]), ('{"Fn::GetAtt": "B\\u002eC"}', ['"B\\u002eC"'] * 2)],
)
def test_the_parts_of_getatt_have_their_own_places_where_the_point_can_be_seen(text: str, wanted: list[str]) -> None:
    parts = at(read(text, "t.json"), "Fn::GetAtt")

    assert isinstance(parts, Sequence)
    assert [cut(text, part.span) for part in parts.items] == wanted


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ('{"a": 1,\n "a": 2}', 2, 2, "key 'a' is given twice; it is first given at line 1, column 2"),
        ('{"a": 1,}', 1, 8, "a comma stands before }"),
        ('{"a": [1, ]}', 1, 9, "a comma stands before ]"),
        ('{"a": 1 "b": 2}', 1, 9, "'\"' stands where a comma or } should stand"),
        ('{"a": [1}}', 1, 9, "'}' stands where a comma or ] should stand"),
        ('{"a"\n1}', 2, 1, "'1' stands where a colon should stand"),
        ('{"\\n" 1}', 1, 7, "'1' stands where a colon should stand"),
        ("{a: 1}", 1, 2, "'a' stands where a key in double quotes should stand"),
        ("{'a': 1}", 1, 2, "a key in double quotes"),
        ("[,]", 1, 2, "',' stands where a value should stand"),
        ("[01]", 1, 2, "a value should stand"),
        ("[1.]", 1, 2, "a value should stand"),
        ("[.5]", 1, 2, "a value should stand"),
        ("[+1]", 1, 2, "a value should stand"),
        ("[NaN]", 1, 2, "a value should stand"),
        ("[Infinity]", 1, 2, "a value should stand"),
        ("[-Infinity]", 1, 2, "a value should stand"),
        ("[truer]", 1, 2, "a value should stand"),
        ("[1] x", 1, 5, "there is text after the end"),
        ("[1] // x", 1, 5, "there is text after the end"),
        ("[1, // x\n 2]", 1, 5, "a comment; JSON has none"),
        ("[1 # x\n]", 1, 4, "a comment; JSON has none"),
        ('["a', 1, 2, "unterminated string"),
        ('["a\tb"]', 1, 4, "invalid control character"),
        ('["\\x"]', 1, 3, "invalid \\escape"),
        ("[", 1, 2, "the text ends where a value should stand"),
        ('{"a": 1', 1, 8, "the text ends where a comma or } should stand"),
        ("[" * 100_000, 1, MAX_DEPTH + 1, "is nested deeper than 200 levels"),
        ('{"a":' * 100_000, 1, MAX_DEPTH * 5 + 1, "is nested deeper than 200 levels"),
    ],
)
def test_what_is_not_json_is_an_error_with_its_place(text: str, line: int, column: int, words: str) -> None:
    found = failure(text, "t.json")

    assert found[:2] == (line, column)
    assert words in found[2]


def test_nesting_up_to_the_limit_is_read() -> None:
    node = read("[" * MAX_DEPTH + "]" * MAX_DEPTH, "t.json")

    assert str(data(node)).count("[") == MAX_DEPTH
