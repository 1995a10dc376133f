"""Properties of the IAM engine's parts: the automata against the plain matcher, and parse against any document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from infra_checks.iam.document import Opaque
from infra_checks.iam.globs import entry
from infra_checks.iam.intervals import NUMBERS, compared, complement, intersection
from infra_checks.iam.matches import _tokens, arn_like, glob, glob_in_parts
from infra_checks.iam.model import PolicyType
from infra_checks.iam.parse import parse
from infra_checks.iam.patterns import Syntax
from infra_checks.iam.text import SEGMENT, Symbol
from infra_checks.iam.words import Budget, shared_word

if TYPE_CHECKING:
    from infra_checks.iam.document import Document

PATTERNS = st.text("ab:*?", max_size=7)
TEXTS = st.text("ab:x", max_size=9)


@given(PATTERNS, TEXTS)
def test_automata_take_what_the_matcher_takes(pattern: str, text: str) -> None:
    read = _tokens(pattern, {})
    assert entry(pattern, Syntax.LIKE).surely.takes(text) == glob(read, text)
    assert entry(pattern, Syntax.RESOURCE_PARTS).surely.takes(text) == glob_in_parts(read, text)
    arn = "arn:" + pattern
    assert entry(arn, Syntax.ARN).surely.takes("arn:" + text) == arn_like(_tokens(arn, {}), "arn:" + text)


@given(PATTERNS, PATTERNS, TEXTS)
def test_a_pattern_includes_another_only_if_it_takes_its_words(one: str, other: str, text: str) -> None:
    wide, narrow = entry(one, Syntax.LIKE).surely, entry(other, Syntax.LIKE).surely
    if wide.includes(narrow) and narrow.takes(text):
        assert wide.takes(text)


@given(
    st.lists(PATTERNS, min_size=1, max_size=3),
    st.lists(PATTERNS, min_size=1, max_size=3),
    st.lists(PATTERNS, max_size=3),
    TEXTS,
)
def test_a_shared_word_is_as_wanted_and_there_is_one_if_any(
    one: list[str], two: list[str], bar: list[str], text: str
) -> None:
    unions = [[entry(pattern, Syntax.LIKE).surely for pattern in patterns] for patterns in (one, two)]
    barred = [entry(pattern, Syntax.LIKE).surely for pattern in bar]

    def is_wanted(word: tuple[str | Symbol, ...]) -> bool:
        return all(any(one.takes(word) for one in union) for union in unions) and not any(
            one.takes(word) for one in barred
        )

    found = shared_word(unions, barred, Budget(1_000_000))
    if found is None:
        assert not is_wanted(tuple(text))
    else:
        assert is_wanted(found)


FREE = Symbol("Free")
NAME = Symbol("Name", SEGMENT | {"/"})
SYMBOLIC = st.lists(st.sampled_from(["a", "b", ":", "*", "?", FREE, NAME]), max_size=5)


def with_texts(pieces: list[str | Symbol], texts: dict[Symbol, str]) -> str:
    return "".join(piece if isinstance(piece, str) else texts[piece] for piece in pieces)


@given(SYMBOLIC, SYMBOLIC, st.sampled_from(["a", "*", "a:b", "?"]), st.sampled_from(["a", "ab", "x"]))
def test_sure_and_possible_readings_hold_what_they_say(
    pattern: list[str | Symbol], word: list[str | Symbol], free: str, name: str
) -> None:
    texts = {FREE: free, NAME: name}
    read = entry(tuple(pattern), Syntax.LIKE)
    asked = [piece for piece in word if piece not in ("*", "?")]
    takes = glob(_tokens(with_texts(pattern, texts), {}), with_texts(asked, texts))
    if read.surely.takes(asked):
        assert takes
    if takes:
        assert read.possibly.takes(asked)


@given(
    st.lists(st.sampled_from(["1", "2", "2.5", "-1"]), max_size=3),
    st.sampled_from(["Equals", "LessThan", "GreaterThanEquals"]),
)
def test_a_set_and_its_complement_share_nothing_and_leave_nothing(values: list[str], order: str) -> None:
    inside = compared(order, values, dates=False)
    outside = complement(inside, NUMBERS)
    assert intersection(inside, outside) == ()
    assert complement(outside, NUMBERS) == inside


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.builds(Opaque, st.just("?"))
NAMES = st.sampled_from(
    ("Version", "Statement", "Effect", "Action", "NotAction", "Resource", "Principal", "AWS", "Condition", "StringLike")
) | st.text(max_size=3)
DOCUMENTS = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=20
)


@settings(max_examples=300, deadline=None)
@given(DOCUMENTS, st.sampled_from(PolicyType))
def test_no_document_raises(document: Document, type: PolicyType) -> None:
    parse(document, type)
    parse({"Statement": document}, type)
    parse({"Statement": [{"Condition": document, "Principal": document, "Action": document}]}, type)
