from __future__ import annotations

import pytest
import yaml

from infra_checks.errors import TemplateError
from infra_checks.template import yamltext
from infra_checks.template.limits import MAX_DEPTH
from infra_checks.template.nodes import FUNCTIONS, Call, Mapping, Scalar, Sequence
from infra_checks.template.source import SourceFile
from tests.unit.template.shapes import at, cut, data, failure, read, spans


@pytest.fixture(params=["libyaml", "pure"], autouse=True)
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test runs with both of PyYAML's parsers: libyaml is not there on every machine."""
    if request.param == "pure":
        monkeypatch.setattr(yamltext, "_PARSER", yaml.SafeLoader)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_the_short_and_the_long_form_of_a_function_are_the_same_call(name: str) -> None:
    short = at(read(f"a: !{name} [x, y]"), "a")
    long = at(read(f"a: {{'Fn::{name}': [x, y]}}"), "a")

    assert isinstance(short, Call)
    assert data(short) == data(long) == (f"Fn::{name}", ["x", "y"])


def test_ref_and_condition_have_no_prefix() -> None:
    assert data(read("[!Ref A, {Ref: A}, !Condition B, {Condition: B}]")) == [
        ("Ref", "A"),
        ("Ref", "A"),
        ("Condition", "B"),
        {"Condition": "B"},
    ]


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("!GetAtt A.B", ["A", "B"]),
        ("!GetAtt 'A.B'", ["A", "B"]),
        ("!GetAtt Nested.Outputs.Url", ["Nested", "Outputs.Url"]),
        ("!GetAtt [A, B.C]", ["A", "B.C"]),
        ("{'Fn::GetAtt': A.B}", ["A", "B"]),
        ("{'Fn::GetAtt': [A, B]}", ["A", "B"]),
        ("!GetAtt A", "A"),
        ("!GetAtt 1.5", 1.5),
    ],
)
def test_getatt_is_split_at_its_first_point(written: str, parts: object) -> None:
    assert data(read(f"a: {written}")) == {"a": ("Fn::GetAtt", parts)}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a: !GetAtt Bucket.Outputs.Arn\n", ["Bucket", "Outputs.Arn"]),
        ("a: !GetAtt 'Bucket.Arn'\n", ["Bucket", "Arn"]),
        ('a: !GetAtt "Bucket.\\x41rn"\n', ['"Bucket.\\x41rn"'] * 2),
        ("a: !GetAtt\n  Bucket.A\n  rn\n", ["Bucket.A\n  rn"] * 2),
    ],
)
def test_the_parts_of_getatt_have_their_own_places_where_the_point_can_be_seen(text: str, wanted: list[str]) -> None:
    parts = at(read(text), "a", "Fn::GetAtt")

    assert isinstance(parts, Sequence)
    assert [cut(text, part.span) for part in parts.items] == wanted


@pytest.mark.parametrize(
    ("value", "call", "argument"),
    [
        ("!Ref Bucket", "!Ref Bucket", "Bucket"),
        ("!Sub 'é${A}😀'", "!Sub 'é${A}😀'", "'é${A}😀'"),
        ("!Sub # why\n   text", "!Sub # why\n   text", "text"),
        ("&name !Ref Bucket", "&name !Ref Bucket", "Bucket"),
        ("!Ref &name Bucket", "!Ref &name Bucket", "Bucket"),
        ("!Sub |\n  one\n  two\n", "!Sub |\n  one\n  two\n", "|\n  one\n  two\n"),
        ("!Join ['', [a]]", "!Join ['', [a]]", "['', [a]]"),
        ("!Join\n  - ''\n  - [a]", "!Join\n  - ''\n  - [a]", "- ''\n  - [a]"),
        ("!Join\n- ''\n- b", "!Join\n- ''\n- b", "- ''\n- b"),
        ("!Transform\n  Name: b", "!Transform\n  Name: b", "Name: b"),
        ("!Transform {Name: b}", "!Transform {Name: b}", "{Name: b}"),
        ("{Ref: Bucket}", "{Ref: Bucket}", "Bucket"),
        ("\n  Ref: Bucket", "Ref: Bucket", "Bucket"),
        ("!Ref", "!Ref", ""),
    ],
)
def test_a_call_begins_at_its_tag_and_its_argument_after_it(value: str, call: str, argument: str) -> None:
    text = f"é: {value}"
    node = at(read(text), "é")

    assert isinstance(node, Call)
    assert cut(text, node.span) == call
    assert cut(text, node.argument.span) == argument


def test_every_node_and_key_knows_its_place_in_characters() -> None:
    text = "'é😀':\r\n  - 'b'\r\n  - {c: 1, d: [x, y]}\r\n\r\n# end\r\ne:\r\n"
    found = [cut(text, span) for _, span in spans(read(text))]

    assert found[0] == text[: text.index("\r\n\r\n")] + "\r\n\r\n# end\r\ne:"
    assert found[1:] == [
        "'é😀'",
        "e",
        "- 'b'\r\n  - {c: 1, d: [x, y]}",
        "'b'",
        "{c: 1, d: [x, y]}",
        "c",
        "d",
        "1",
        "[x, y]",
        "x",
        "y",
        "",
    ]


def test_keys_that_are_not_text_are_taken_as_their_text() -> None:
    assert data(read("1: a\ntrue: b\n~: c\n1.10: d\n!!str 7: e\n&k f: g\n'': h\n")) == {
        "1": "a",
        "true": "b",
        "~": "c",
        "1.10": "d",
        "7": "e",
        "f": "g",
        "": "h",
    }


def test_an_alias_can_be_a_key() -> None:
    text = "a: &k b\n*k : c\n"
    root = read(text)

    assert data(root) == {"a": "b", "b": "c"}
    assert isinstance(root, Mapping)
    assert cut(text, root.keys["b"].span) == "*k"


def test_an_aliased_node_is_shared_and_keeps_its_place() -> None:
    text = "a: &x {b: 1}\nc: *x\n"
    root = read(text)

    assert at(root, "a") is at(root, "c")
    assert cut(text, root.span) == text.rstrip()


def test_an_anchor_given_again_names_the_later_node() -> None:
    assert data(read("[&a 1, *a, &a 2, *a]")) == [1, 1, 2, 2]


def test_merged_keys_give_way_to_explicit_ones_and_keep_their_places() -> None:
    text = "base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: 4}\nown:\n  y: 5\n  <<: [*b, *m]\none: {<<: *b}\n"
    root = read(text)
    own = at(root, "own")

    assert data(own) == {"x": 1, "y": 5, "z": 4}
    assert data(at(root, "one")) == {"x": 1, "y": 2}
    assert isinstance(own, Mapping)
    assert own.keys["x"].span.line == 1
    assert own.keys["y"].span.line == 4


def test_a_mapping_that_is_a_long_form_after_merging_is_a_call() -> None:
    assert data(read("a: {<<: {}, Ref: B}")) == {"a": ("Ref", "B")}


def test_a_quoted_merge_sign_is_a_key() -> None:
    assert data(read("{'<<': {a: 1}}")) == {"<<": {"a": 1}}


def test_of_several_merged_mappings_the_first_wins() -> None:
    assert data(read("{<<: [{a: 1}, {a: 2}]}")) == {"a": 1}


@pytest.mark.parametrize("text", ["a: 1\r\n", "a: 1", "---\na: 1\n...\n", "%YAML 1.1\n---\na: 1\n", "# c\n\n  a: 1\n"])
def test_frames_around_a_document_change_nothing(text: str) -> None:
    assert data(read(text)) == {"a": 1}


def test_core_tags_on_collections_change_nothing() -> None:
    assert data(read("!!map\na: !!seq [1]\nb: ! [2]\n")) == {"a": [1], "b": [2]}


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: 1\nb:\n  c: 1\na: 2\n", 4, 1, "key 'a' is given twice; it is first given at line 1, column 1"),
        ("x: {1: a, '1': b}", 1, 11, "key '1' is given twice; it is first given at line 1, column 5"),
        ("x: {<<: {}, <<: {}}", 1, 13, "key '<<' is given twice"),
        ("? [a]\n: b\n", 1, 3, "a key must be text"),
        ("? !Ref a\n: b\n", 1, 3, "a key must be text"),
        ("a: &x [1]\n*x : 2\n", 2, 1, "a key must be text"),
        ("a: *x\n", 1, 4, "alias *x has no anchor &x before it"),
        ("a: &x [*x]\n", 1, 8, "alias *x stands inside the node it names"),
        ("a: &x {<<: *x}\n", 1, 12, "alias *x stands inside the node it names"),
        ("a: {<<: 1}\n", 1, 9, "<< takes a mapping"),
        ("a: {<<: [{}, 1]}\n", 1, 9, "<< takes a mapping"),
        ("a: !!binary aGk=\n", 1, 4, "unknown tag !!binary"),
        ("a: !!python/object/apply:os.system ['true']\n", 1, 4, "unknown tag !!python/object/apply:os.system"),
        ("a: !!python/name:os.system\n", 1, 4, "unknown tag !!python/name:os.system"),
        ("a: !!seq {b: c}\n", 1, 4, "unknown tag !!seq"),
        ("a: !!int b\n", 1, 4, "'b' is not of the type its tag names"),
        ("a: !!int true\n", 1, 4, "'true' is not of the type its tag names"),
        ("a:\n\tb: c\n", 2, 1, "a tab stands where only spaces may indent"),
        ("a: 1\n---\nb: 2\n", 2, 1, "a second document begins here"),
        ("a: b: c\n", 1, 5, "mapping values are not allowed"),
        ("a: 'b", 1, 6, "unexpected end of stream"),
        ("a: {", 1, 5, "flow node"),
        ("a: '\x07'\n", 1, 5, "character U+0007 is not allowed"),
        ("é: \ud800", 1, 4, "character U+D800 is not allowed"),
        ("\nb: \x00", 2, 4, "character U+0000 is not allowed"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_place(text: str, line: int, column: int, words: str) -> None:
    found = failure(text)

    assert found[:2] == (line, column)
    assert words in found[2]


def test_an_escape_beyond_unicode_is_an_error() -> None:
    with pytest.raises(TemplateError, match="is not valid YAML"):
        read('a: "\\UFFFFFFFF"')


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", " "])
def test_an_empty_text_is_an_error(text: str) -> None:
    with pytest.raises(TemplateError, match="is empty"):
        read(text)


def test_nesting_up_to_the_limit_is_read() -> None:
    node = yamltext.read_yaml(SourceFile("t.yaml", "[" * MAX_DEPTH + "]" * MAX_DEPTH))

    assert str(data(node)).count("[") == MAX_DEPTH


@pytest.mark.parametrize("text", ["?", "a: 1\n?", "? a", "- ? b", "---"])
def test_an_empty_value_at_the_end_stands_at_the_end(text: str) -> None:
    last = max(span[2:] for _, span in spans(read(text)))

    assert last == (text.count("\n") + 1, len(text.splitlines()[-1]) + 1)


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "\n".join(" " * i + "a:" for i in range(1000))])
def test_deeper_nesting_is_an_error_at_the_level_that_is_too_deep(text: str) -> None:
    with pytest.raises(TemplateError, match="is nested deeper than 200 levels") as caught:
        yamltext.read_yaml(SourceFile("t.yaml", text))

    assert caught.value.span is not None


def test_aliases_that_stand_for_too_many_nodes_are_an_error_with_a_place() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    line, _, message = failure("\n".join(lines))

    assert message == "the aliases up to here stand for more than 250,000 nodes"
    assert line == 6


def test_merged_mappings_count_as_often_as_they_are_merged() -> None:
    keys = "\n".join(f"  k{i}: 1" for i in range(10_000))
    line, _, message = failure(f"a: &a\n{keys}\nb:\n" + "- <<: *a\n" * 50_000)

    assert "250,000 nodes" in message
    assert line < 10_100


def test_aliases_cannot_nest_deeper_than_brackets() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 300)]
    line, _, message = failure("\n".join(lines))

    assert message == "the aliases up to here nest deeper than 200 levels"
    assert line == MAX_DEPTH


def test_a_scalar_in_an_alias_bomb_is_counted_through_calls_too() -> None:
    assert data(read("[&a !Ref x, *a, &b {c: !Sub d}, *b]"))[3] == {"c": ("Fn::Sub", "d")}


def test_the_plain_flag_tells_quotes() -> None:
    root = read("[a, 'a', \"a\", !Ref a, !Ref 'a']")
    flags = [node.plain for node, _ in spans(root) if isinstance(node, Scalar)]

    assert flags == [True, False, False, True, False]


@pytest.mark.parametrize("argument", ["b", "[b]", "{b: c}"], ids=["text", "list", "mapping"])
@pytest.mark.parametrize("tag", ["!Foo", "!getatt", "!Rain::Embed"])
def test_a_tag_that_is_no_function_is_a_call_with_the_tag_as_its_name(tag: str, argument: str) -> None:
    node = read(f"a: {tag} {argument}\n")
    assert isinstance(node, Mapping)
    found = node.entries["a"]
    assert isinstance(found, Call)
    assert (found.name, found.span.column) == (tag, 4)
