from __future__ import annotations

import pytest

from infra_checks.reporters.frame import WIDTH, Frames
from infra_checks.template.source import SourceFile, Span


def _frame(text: str, span: Span) -> list[str]:
    rows = Frames({"t": SourceFile("t", text)}).frame("t", span)
    return [f"{number} {row}".rstrip() for number, row in rows]


def test_the_line_before_and_the_underlined_value_are_shown() -> None:
    assert _frame("a:\n  b: c\n", Span(2, 6, 2, 7)) == ["1 | a:", "2 |   b: c", "  |      ^"]


def test_numbers_are_right_aligned() -> None:
    assert _frame("x\n" * 8 + "yy\nzz", Span(10, 1, 10, 3)) == [" 9 | yy", "10 | zz", "   | ^^"]


def test_a_blank_line_before_is_left_out() -> None:
    assert _frame("\nab", Span(2, 1, 2, 3)) == ["2 | ab", "  | ^^"]


def test_a_value_of_several_lines_is_underlined_on_the_first() -> None:
    assert _frame("a: b  \n   c", Span(1, 4, 2, 5)) == ["1 | a: b", "  |    ^"]


def test_an_empty_place_is_one_mark() -> None:
    assert _frame("a:", Span(1, 3, 1, 3)) == ["1 | a:", "  |   ^"]


def test_tabs_become_spaces() -> None:
    assert _frame("\ta\tb", Span(1, 4, 1, 5)) == ["1 |     a   b", "  |         ^"]


def test_wide_and_combining_characters_are_measured_as_a_terminal_does() -> None:
    assert _frame("日本: e\u0301x", Span(1, 7, 1, 8)) == ["1 | 日本: e\u0301x", "  |        ^"]
    assert _frame("a: 日本", Span(1, 4, 1, 6)) == ["1 | a: 日本", "  |    ^^^^"]


def test_control_characters_are_shown_as_escapes() -> None:
    assert _frame("\x1b[2J x", Span(1, 6, 1, 7)) == [r"1 | \x1b[2J x", "  |         ^"]


@pytest.mark.parametrize(
    ("text", "span"),
    [("", Span(1, 1, 1, 2)), ("a", Span(2, 1, 2, 2)), ("a", Span(0, 1, 0, 2))],
)
def test_a_place_outside_the_text_has_no_frame(text: str, span: Span) -> None:
    assert _frame(text, span) == []


def test_a_template_without_source_has_no_frame() -> None:
    assert Frames({}).frame("t", Span(1, 1, 1, 2)) == []


def test_a_column_beyond_the_line_is_marked_at_its_end() -> None:
    assert _frame("ab", Span(1, 9, 1, 12)) == ["1 | ab", "  |   ^"]


def test_a_long_line_is_clipped_around_the_value() -> None:
    line = "a" * 300 + "VALUE" + "b" * 300
    shown, marks = _frame(line, Span(1, 301, 1, 306))
    assert shown.startswith("1 | ...aaa")
    assert shown.endswith("bbb...")
    assert len(shown) == len("1 | ") + WIDTH + 6
    assert shown[marks.index("^") :][: marks.count("^")] == "VALUE"


def test_a_long_value_is_underlined_as_far_as_it_is_shown() -> None:
    shown, marks = _frame("a: " + "b" * 1000, Span(1, 4, 1, 1004))
    assert shown.endswith("b...")
    assert len(marks) == len(shown) - 3


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("MasterUserPassword: hunter2", "MasterUserPassword: *******"),
        ('"AuthToken" : "a b",', '"AuthToken" : *****,'),
        ("{SecretString: abc, Name: x}", "{SecretString: ***, Name: x}"),
        ("MasterUserPassword: !Ref Password", None),
        ('Password: "{{resolve:secretsmanager:x}}"', None),
        ("TokenValidity: 60", None),
        ("ManageMasterUserPassword: true", None),
        ("SecretString:", None),
        ("Name: password", None),
    ],
)
def test_a_literal_secret_is_hidden_and_columns_stay(line: str, shown: str | None) -> None:
    frame = _frame(f"{line}\nx: y", Span(2, 4, 2, 5))
    assert frame[0] == f"1 | {shown or line}"
