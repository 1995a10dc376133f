from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.evaluate.view import EACH, View, as_boolean, as_number, as_text
from infra_checks.template.nodes import Scalar
from infra_checks.template.source import FixedMark
from tests.unit.evaluate.stacks import PREAMBLE, answers, plain, stack_of, subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra_checks.core.resource import Resource

TEMPLATE = (
    PREAMBLE
    + """
  Subject:
    Type: AWS::Test::Thing
    DeletionPolicy: !If [Always, Retain, Delete]
    Properties:
      Text: plain
      Yes: yes
      QuotedYes: "yes"
      True: true
      QuotedTrue: "True"
      Number: 12
      Fraction: 1.50
      QuotedNumber: "12"
      Octal: 0777
      Null:
      Empty: ""
      List: [a, !If [Always, !Ref 'AWS::NoValue', x], b]
      None: []
      Open: !Ref Open
      OpenList: !Ref OpenNames
      Names: !Ref Names
      Map: {A: {B: 1}, C: !Ref 'AWS::NoValue', D: {B: 2}, E: {}}
      Many:
        - {Inner: [{V: 1}, {V: 2}]}
        - {Inner: []}
        - {}
        - !If [Always, {Inner: [{V: 3}, {W: 4}]}, x]
        - !Ref Open
        - plain
      Macro: {Known: 1, "Fn::Transform": {Name: Mine}}
      Loop: {"Fn::ForEach::L": [X, !Ref OpenNames, {"${X}": 1}]}
      Chosen: !If [Always, {Deep: !If [Always, [z], x]}, {}]
      Flag: !Ref Flag
      Count: !Ref Count
"""
)

STACK = stack_of(TEMPLATE)


def asked(question: Callable[[Resource], object]) -> object:
    (found,) = answers(STACK, lambda around: question(subject(STACK)(around))).values()
    return found


def elements(thing: Resource, name: str) -> tuple[View, ...]:
    value = thing.items(name)
    assert isinstance(value, Known)
    return value.value


def shown(value: object) -> object:
    return plain(value)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("Text",), "plain"),
        (("Missing",), None),
        (("Missing", "Deeper", 0), None),
        (("Null",), None),
        (("List",), ["a", "b"]),
        (("List", 0), "a"),
        (("List", 1), None),
        (("List", 2), "b"),
        (("List", 3), None),
        (("List", -1), None),
        (("List", "A"), "? there is no 'A' in a list"),
        (("Text", "A"), "? there is no 'A' in a value of this kind"),
        (("Text", 0), "? there is no 0 in a value of this kind"),
        (("Names",), ["a", "b"]),
        (("Names", 1), "b"),
        (("Names", 2), None),
        (("Names", "A"), "? there is no 'A' in a value of this kind"),
        (("Open", "A", 0), "? it depends on the parameter Open, which has no default"),
        (("Map", "A", "B"), 1),
        (("Map", "C"), None),
        (("Map", "C", "B"), None),
        (("Macro", "Known"), 1),
        (("Macro", "Other"), "? Fn::Transform may add it"),
        (("Loop", "a"), "? Fn::ForEach::L may add it"),
        (("Chosen", "Deep", 0), "z"),
        (("Chosen", "Other"), None),
        ((), None),
    ],
)
def test_a_value_is_what_stands_at_a_path_or_why_not(path: tuple[str | int, ...], expected: object) -> None:
    if path == ():
        assert isinstance(asked(lambda thing: thing.value()), Known)
    else:
        assert asked(lambda thing: shown(thing.value(*path))) == expected


@pytest.mark.parametrize(
    "path", [("Text",), ("Missing", "Deeper"), ("List", 0), ("Open", "A"), ("Names", 1), ("Text", 0)]
)
def test_a_value_knows_its_path_and_the_nearest_place(path: tuple[str | int, ...]) -> None:
    value = asked(lambda thing: thing.value(*path))

    assert isinstance(value, Known | Unknown | Absent)
    assert value.path == ("Properties", *path)
    assert value.node is not None
    assert value.node.span.line > 1


def test_what_is_missing_points_at_the_nearest_parent_that_exists() -> None:
    parent = asked(lambda thing: thing.value("Map", "A"))
    missing = asked(lambda thing: thing.value("Map", "A", "X", "Y"))

    assert isinstance(parent, Known)
    assert isinstance(missing, Absent)
    assert missing.node is parent.node


def test_what_is_missing_in_a_resource_without_properties_points_at_its_name() -> None:
    stack = stack_of("Resources:\n  Subject: {Type: T}\n")
    (value,) = answers(stack, lambda around: subject(stack)(around).value("A", "B")).values()

    assert isinstance(value, Absent)
    assert value.node is stack.template.resources["Subject"].key


def test_notes_of_all_choices_on_the_way_are_kept() -> None:
    value = asked(lambda thing: thing.value("Chosen", "Deep"))
    assert isinstance(value, Known)
    assert "condition Always is true" in value.notes


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("True", True), ("QuotedTrue", True), ("Yes", True), ("Flag", True), ("Missing", None), ("Null", None),
        ("QuotedYes", "? 'yes' is neither true nor false"), ("Text", "? 'plain' is neither true nor false"),
        ("Number", "? it is neither true nor false"), ("List", "? it is neither true nor false"),
        ("Open", "? it depends on the parameter Open, which has no default"),
    ],
)  # fmt: skip
def test_a_boolean_may_be_written_as_text(path: str, expected: object) -> None:
    assert asked(lambda thing: shown(thing.boolean(path))) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Number", 12), ("Fraction", 1.5), ("QuotedNumber", 12), ("Count", 3), ("Missing", None),
        ("True", "? it is not a number"), ("Map", "? it is not a number"), ("Octal", "? '0777' is not a number"),
        ("Text", "? 'plain' is not a number"), ("Empty", "? '' is not a number"),
        ("Open", "? it depends on the parameter Open, which has no default"),
    ],
)  # fmt: skip
def test_a_number_may_be_written_as_text(path: str, expected: object) -> None:
    assert asked(lambda thing: shown(thing.number(path))) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Text", "plain"), ("Number", "12"), ("Fraction", "1.50"), ("True", "true"), ("Octal", "0777"), ("Empty", ""),
        ("Missing", None), ("List", "? it is not a text"), ("Map", "? it is not a text"), ("Yes", "yes"),
    ],
)  # fmt: skip
def test_a_text_is_what_is_written(path: str, expected: object) -> None:
    assert asked(lambda thing: shown(thing.text(path))) == expected


@pytest.mark.parametrize(
    ("path", "items", "listed"),
    [
        ("List", ["a", "b"], ["a", "b"]),
        ("None", [], []),
        ("Names", ["a", "b"], ["a", "b"]),
        ("Text", "? it is not a list", ["plain"]),
        ("Map", "? it is not a list", [{"A": {"B": 1}, "D": {"B": 2}, "E": {}}]),
        ("Missing", None, None),
        ("OpenList", "? it depends on the parameter OpenNames, which has no default", None),
    ],
)
def test_a_list_is_read_strictly_or_with_a_single_value_as_a_list(path: str, items: object, listed: object) -> None:
    assert asked(lambda thing: shown(thing.items(path))) == items
    assert asked(lambda thing: shown(thing.listed(path))) == (items if listed is None else listed)


@pytest.mark.parametrize(
    ("path", "expected"),
    [("Map", {"A": {"B": 1}, "D": {"B": 2}, "E": {}}), ("List", "? it is not a mapping"), ("Missing", None)],
)
def test_a_mapping_is_a_view(path: str, expected: object) -> None:
    assert asked(lambda thing: shown(thing.mapping(path))) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("Text",), ["plain"]),
        (("List", EACH), ["a", "b"]),
        (("None", EACH), []),
        (("None", EACH, "A"), []),
        (("Missing", EACH, "A"), [None]),
        (("OpenList", EACH), ["? it depends on the parameter OpenNames, which has no default"]),
        (("Text", EACH), ["? it is not a list"]),
        (("Map", EACH, "B"), [1, 2, None]),
        (("Names", EACH), ["a", "b"]),
        (
            ("Many", EACH, "Inner", EACH, "V"),
            [
                1, 2, None, 3, None, "? it depends on the parameter Open, which has no default",
                "? there is no 'Inner' in a value of this kind",
            ],
        ),
    ],
)  # fmt: skip
def test_each_means_every_element_and_what_is_missing_counts_once(
    path: tuple[str | int, ...], expected: list[object]
) -> None:
    assert asked(lambda thing: [shown(value) for value in thing.values(*path)]) == expected


def test_elements_keep_their_index_in_the_text() -> None:
    value = asked(lambda thing: [view.path for view in elements(thing, "List")])
    assert value == [("Properties", "List", 0), ("Properties", "List", 2)]


@pytest.mark.parametrize(
    "path",
    [("Text",), ("Map",), ("Map", "A"), ("List",), ("Names",), ("Missing",), ("Open",), ("Chosen",), ("Many", 0)],
)
def test_a_view_at_a_path_gives_what_the_path_gives(path: tuple[str | int, ...]) -> None:
    direct, viewed = asked(lambda thing: thing.value(*path)), asked(lambda thing: thing.at(*path).value())
    assert isinstance(direct, Known | Unknown | Absent)
    assert isinstance(viewed, Known | Unknown | Absent)
    assert shown(viewed) == shown(direct)
    assert (viewed.path, viewed.node, viewed.notes) == (direct.path, direct.node, direct.notes)


@pytest.mark.parametrize("path", [("Map",), ("List",), ("Names",), ("Missing",), ("Chosen",)])
def test_a_path_may_be_followed_in_steps(path: tuple[str | int, ...]) -> None:
    ends: tuple[str | int, ...] = ("A", "Deep", 0, 1, 7)
    direct = asked(lambda thing: [shown(thing.value(*path, end)) for end in ends])
    assert asked(lambda thing: [shown(thing.at(*path).value(end)) for end in ends]) == direct


def test_keys_are_those_that_have_a_value_in_the_scenario() -> None:
    assert asked(lambda thing: thing.at("Map").keys()) == ("A", "D", "E")
    assert asked(lambda thing: thing.at("List").keys()) == ()
    assert asked(lambda thing: thing.at("Missing").keys()) == ()


def test_an_attribute_is_read_beside_the_properties() -> None:
    assert asked(lambda thing: shown(thing.attribute("DeletionPolicy"))) == "Retain"
    assert asked(lambda thing: shown(thing.attribute("UpdateReplacePolicy"))) is None
    assert asked(lambda thing: thing.attribute("DeletionPolicy").path) == ("DeletionPolicy",)


def test_whole_properties_may_be_chosen_by_a_condition() -> None:
    stack = stack_of(PREAMBLE + "  Subject: {Type: T, Properties: !If [IsProd, {A: 1}, !Ref 'AWS::NoValue']}\n")
    assert answers(stack, lambda around: plain(subject(stack)(around).value("A"))) == {
        "Env is prod": 1,
        "Env is dev or test": None,
    }


def test_a_view_is_shown_by_its_path() -> None:
    assert asked(lambda thing: repr(thing.at("Map", "A"))) == "View(Properties.Map.A)"


def node(text: str, *, plain: bool) -> Scalar:
    return Scalar(text, text, FixedMark(), FixedMark(), plain=plain)


@pytest.mark.parametrize(
    ("text", "expected"), [("yes", True), ("On", True), ("y", True), ("no", False), ("OFF", False), ("n", False)]
)
def test_other_words_of_yaml_are_booleans_only_without_quotes(text: str, expected: bool) -> None:
    assert plain(as_boolean(Known(text, node(text, plain=True)))) is expected
    assert isinstance(as_boolean(Known(text, node(text, plain=False))), Unknown)
    assert isinstance(as_boolean(Known(text, None)), Unknown)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0), ("-0", 0), ("-12", -12), ("1.", 1.0), (".5", 0.5), ("-1.25", -1.25), ("00.5", 0.5),
        ("", None), ("-", None), (".", None), ("--1", None), ("+1", None), ("1e3", None), ("01", None), ("1_000", None),
        ("12:30", None), ("٣", None), ("٣.5", None), ("²", None), ("1" * 5000, None), ("1." + "1" * 5000, None),
        ("nan", None), ("inf", None), (" 1", None), ("1\n", None), ("1.5\n", None),
    ],
)  # fmt: skip
def test_a_number_in_a_text_is_decimal(text: str, expected: float | None) -> None:
    found = as_number(Known(text))
    assert plain(found) == expected if expected is not None else isinstance(found, Unknown)


@pytest.mark.parametrize(("value", "expected"), [(True, "true"), (False, "false"), (3, "3"), (1.5, "1.5"), ("x", "x")])
def test_a_scalar_without_a_node_is_text_too(value: object, expected: str) -> None:
    assert plain(as_text(Known(value))) == expected


def test_a_view_of_a_function_s_list_holds_plain_elements() -> None:
    value = asked(lambda thing: [type(view) for view in elements(thing, "Names")])
    assert value == [View, View]
    assert asked(lambda thing: shown(thing.at("Names").at(0).text())) == "a"
