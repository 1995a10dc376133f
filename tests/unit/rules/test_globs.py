from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_checks.evaluate.values import Known, Symbol, Unknown
from infra_checks.rules.globs import ANY_ACTION, covers, covers_service, matches

patterns = st.text(alphabet="ab*?", max_size=8)
texts = st.text(alphabet="abc", max_size=8)


@given(pattern=patterns, text=texts)
def test_a_pattern_matches_as_the_regular_expression_does(pattern: str, text: str) -> None:
    expression = "".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in pattern)
    assert matches(pattern, text) is (re.fullmatch(expression, text) is not None)


def test_no_pattern_takes_long() -> None:
    started = time.perf_counter()
    assert not matches("*a" * 200 + "b", "a" * 2000)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("pattern", ["*", "**", "*:*", "?*:*", "*?", "z*:*"])
def test_every_action_is_covered_by_wildcards(pattern: str) -> None:
    assert covers(Known(pattern), ANY_ACTION, fold=True) is True


@pytest.mark.parametrize("pattern", ["s3:*", "*:Get*", "", "?"])
def test_some_actions_are_not_every_action(pattern: str) -> None:
    assert covers(Known(pattern), ANY_ACTION, fold=True) is False


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((Symbol("parameter", ("Action",)),), None),
        ((Symbol("reference", ("Topic", "Ref")),), False),
        (("s3:", Symbol("parameter", ("Name",))), False),
        ((Symbol("parameter", ("Service",)), "*"), None),
        ((), None),
    ],
)
def test_what_is_not_known_is_not_guessed(parts: tuple[str | Symbol, ...], expected: bool | None) -> None:
    assert covers(Unknown("open", parts=parts), ANY_ACTION) is expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("s3:", Symbol("parameter", ("Name",))), None),
        ((Symbol("parameter", ("Service",)), ":*"), True),
        ((Symbol("parameter", ("Service",)), ":Get*"), False),
        ((Symbol("parameter", ("Action",)),), None),
    ],
)
def test_a_whole_service_is_told_by_what_follows_the_colon(
    parts: tuple[str | Symbol, ...], expected: bool | None
) -> None:
    assert covers_service(Unknown("open", parts=parts)) is expected
