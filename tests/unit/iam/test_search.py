"""The search against the decision of concrete requests, and against policies made to take long."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.iam.fuzz import run
from infra_checks.iam.answers import Certainty
from infra_checks.iam.globs import entry
from infra_checks.iam.intervals import ADDRESSES, NUMBERS, addresses, compared, complement, intersection
from infra_checks.iam.matches import _tokens, arn_like, glob, glob_in_parts
from infra_checks.iam.model import PolicyType
from infra_checks.iam.patterns import Syntax
from infra_checks.iam.questions import granted, new_access
from infra_checks.iam.text import SEGMENT, Symbol
from infra_checks.iam.words import Budget, Exhausted, shared_word
from tests.unit.iam.policies import allow, deny, policy

if TYPE_CHECKING:
    from infra_checks.iam.document import Document
    from infra_checks.iam.text import Text


@pytest.mark.parametrize("seed", [101, 102, 103])
def test_random_pairs_have_no_answer_that_a_concrete_request_contradicts(seed: int) -> None:
    counts = run(500, seed, 15)
    assert not [name for name in counts if name.startswith("FAULT")]
    assert counts["without symbols: definite"] > 50
    assert counts["without symbols: no"] > 50
    assert counts["with symbols: no"] > 10


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


def test_blocks_that_add_up_leave_no_address() -> None:
    assert complement(addresses(["0.0.0.0/1", "128.0.0.0/1", "::/0"]), ADDRESSES) == ()
    assert len(addresses(["10.0.0.0/9", "10.128.0.0/9"])) == 1


def starred(seed: int, size: int) -> Text:
    return "*" + "*".join(random.Random(seed).choices("abc", k=size)) + "*"  # noqa: S311 - patterns, not secrets


HOSTILE: list[tuple[str, list[Document], list[Document], tuple[Certainty, ...]]] = [
    (
        "stars",
        [allow("*", [starred(i, 20) for i in range(6)])],
        [allow("*", [starred(i + 6, 20) for i in range(6)])],
        (Certainty.DEFINITE,),
    ),
    (
        "question marks after stars",
        [allow("*", "*a" + "?" * 60)],
        [allow("*", ["*aa" + "?" * 59, "*ab" + "?" * 59])],
        (Certainty.DEFINITE, Certainty.UNKNOWN),
    ),
    (
        "question marks that add up",
        [allow("*", "*a" + "?" * 30)],
        [allow("*", ["*a?" + "?" * 28 + "a", "*a?" + "?" * 28 + "b", "*b" + "?" * 30])],
        (Certainty.DEFINITE, Certainty.UNKNOWN),
    ),
    ("long stars", [allow("*", "*a" * 3000)], [allow("*", "*a" * 2999)], (Certainty.NO, Certainty.UNKNOWN)),
    (
        "many patterns",
        [allow("*", [f"arn:aws:s3:::b{i}/*" for i in range(2000)])],
        [allow("*", [f"arn:aws:s3:::b{i}*" for i in range(2000)])],
        (Certainty.NO,),
    ),
    (
        "many statements",
        [allow(f"s:{i}", f"r{i}") for i in range(1000)],
        [allow(f"s:{i}", f"r{i}") for i in range(1000)],
        (Certainty.NO,),
    ),
    ("many crossed statements", [allow()], [allow(f"s:{i}*", f"*{i}*") for i in range(60)], (Certainty.DEFINITE,)),
]


@pytest.mark.parametrize(("new", "old", "expected"), [pytest.param(*case[1:], id=case[0]) for case in HOSTILE])
def test_hostile_policies_end_within_the_budget(
    new: list[Document], old: list[Document], expected: tuple[Certainty, ...]
) -> None:
    found = new_access([policy(*new)], [policy(*old)])
    assert found.certainty in expected
    assert (found.certainty is Certainty.UNKNOWN) == ("too large" in found.reason)


def test_a_budget_that_is_used_up_is_no_answer() -> None:
    unions = [[entry("*a*b*c*", Syntax.LIKE).surely], [entry("*c*b*a*", Syntax.LIKE).surely]]
    with pytest.raises(Exhausted):
        shared_word(unions, [entry("*bb*", Syntax.LIKE).surely], Budget(20))


def test_answers_are_the_same_each_time() -> None:
    policies = [policy(allow(), deny("iam:*", "x*"), deny("s3:*", Condition={"Bool": {"k": "true"}}))]
    answers = [granted(policies, ["iam:*", "s3:*"]).witness for _ in range(5)]
    assert len({(one.action, one.resource, tuple(one.context)) for one in answers if one is not None}) == 1


def test_a_second_scp_of_the_same_level_adds_to_the_first() -> None:
    scps = [policy(allow("s3:*"), type=PolicyType.SCP), policy(allow("ec2:*"), type=PolicyType.SCP)]
    assert granted([policy(allow()), *scps], ["ec2:RunInstances"]).certainty is Certainty.DEFINITE
    assert granted([policy(allow()), *scps], ["sqs:SendMessage"]).certainty is Certainty.NO
