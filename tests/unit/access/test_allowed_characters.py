from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_checks.access.allowed_characters import ASCII, excluded_by


@pytest.mark.parametrize(
    ("pattern", "possible"),
    [
        ("[a-z]+", string.ascii_lowercase),
        ("^[a-z][a-z0-9-]*$", string.ascii_lowercase + string.digits + "-"),
        (r"\d{12}", string.digits),
        (r"arn:aws:\w+", "arn:ws_" + string.ascii_letters + string.digits),
        ("(dev|prod)", "devpro"),
        ("(?:a|b)?", "ab"),
        ("(?i)[a-c]", "abcABC"),
        (r"[\w+=,.@-]+", string.ascii_letters + string.digits + "_+=,.@-"),
        (r"a\.b\*", "a.b*"),
        ("(?!aws)[a-z]+", string.ascii_lowercase),
        ("x{2,3}", "x"),
    ],
)
def test_characters_that_a_pattern_does_not_name_are_excluded(pattern: str, possible: str) -> None:
    assert ASCII - excluded_by(pattern) == set(possible)


@pytest.mark.parametrize("pattern", [".*", "[^:]+", r"\S+", r"\W", "[!-~]*"])
def test_a_pattern_that_takes_a_star_does_not_exclude_it(pattern: str) -> None:
    assert "*" not in excluded_by(pattern)


@pytest.mark.parametrize("pattern", [r"\p{Alnum}+", "[a-z&&[^x]]", r"\Qa\E", "[a", r"\x2a", "(?P=name)", "a\\"])
def test_a_pattern_that_is_not_understood_excludes_nothing(pattern: str) -> None:
    assert excluded_by(pattern) == frozenset()


@given(
    st.lists(
        st.sampled_from(
            ["a", "Z", "9", ".", r"\.", r"\d", r"\w", "[a-f]", "[^a-f]", "[-x]", r"[\d*]", "(a|b)", "(?:q)", "*", "+",
             "{2}", "?", "^", "$", "]", "}", "(?i:k)"]
        )
    ).map("".join),
    st.text(alphabet=string.printable, max_size=4),
)  # fmt: skip
def test_no_text_that_the_pattern_takes_holds_an_excluded_character(pattern: str, text: str) -> None:
    try:
        taken = re.fullmatch(pattern, text)
    except re.error:
        return
    if taken:
        assert not excluded_by(pattern) & set(text)
