"""The expected hashes are those of the tests of GitHub's upload action."""

from __future__ import annotations

import pytest

from infra_checks.reporters.linehash import line_hashes

_LINES = ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]


@pytest.mark.parametrize("text", [" a\nb\n  \t\tc\n d", " a\r\nb\r\n  \t\tc\r\n d", " a\rb\r  \t\tc\r d"])
def test_the_hash_ignores_white_space_and_the_kind_of_line_ends(text: str) -> None:
    assert line_hashes(text) == _LINES


def test_an_empty_text_has_one_line() -> None:
    assert line_hashes("") == ["c129715d7a2bc9a3:1"]


def test_equal_lines_are_numbered() -> None:
    long = (
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore"
    )
    first, second, *_ = line_hashes(f"{long} magna\n{long} magna\n{long} magna")
    assert first.split(":")[0] == second.split(":")[0]
    assert (first[-2:], second[-2:]) == (":1", ":2")


def test_lines_before_do_not_matter() -> None:
    tail = "".join(f"line {number}\n" for number in range(30))
    assert line_hashes(f"new\nlines\n{tail}")[2:] == line_hashes(tail)


def test_characters_beyond_the_first_plane_count_twice() -> None:
    assert line_hashes("\U0001f600") == line_hashes("\ud83d\ude00")
