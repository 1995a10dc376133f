"""The sets of strings that scenarios are made of, against sets of a small alphabet and one more string."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from infra_checks.evaluate.choices import ANY_TEXT, Choices

ALPHABET = ["", "a", "b", "c", "d"]
ANYTHING_ELSE = "anything else"
UNIVERSE = {*ALPHABET, ANYTHING_ELSE}

TEXTS = st.lists(st.sampled_from(ALPHABET), unique=True).map(tuple)
CHOICES = st.builds(Choices, TEXTS, others=st.booleans())


def members(choices: Choices) -> set[str]:
    return {text for text in UNIVERSE if text in choices}


@given(CHOICES, CHOICES)
def test_a_union_has_the_strings_of_both(one: Choices, other: Choices) -> None:
    assert members(one.union(other)) == members(one) | members(other)


@given(CHOICES, TEXTS)
def test_without_takes_away_exactly_the_given_strings(choices: Choices, texts: tuple[str, ...]) -> None:
    assert members(choices.without(texts)) == members(choices) - set(texts)


@given(CHOICES, st.sampled_from(ALPHABET))
def test_only_and_without_split_a_set(choices: Choices, text: str) -> None:
    one, rest = choices.only(text), choices.without((text,))
    assert members(one) == {text}
    assert members(rest) == members(choices) - {text}
    assert not one.meets(rest)
    assert (one.union(rest)).same_as(choices) is (text in choices)


@given(CHOICES, CHOICES)
def test_sets_meet_when_they_have_a_string_in_common(one: Choices, other: Choices) -> None:
    assert one.meets(other) is bool(members(one) & members(other))
    assert one.meets(other) is other.meets(one)


@given(CHOICES, CHOICES)
def test_sets_are_the_same_when_their_strings_are(one: Choices, other: Choices) -> None:
    assert one.same_as(other) is (members(one) == members(other))


@given(CHOICES)
def test_a_single_string_is_told(choices: Choices) -> None:
    held = members(choices)
    assert choices.single == (next(iter(held)) if len(held) == 1 and ANYTHING_ELSE not in held else None)


@given(CHOICES)
def test_a_union_with_everything_or_itself_changes_nothing(choices: Choices) -> None:
    assert choices.union(ANY_TEXT).same_as(ANY_TEXT)
    assert choices.union(choices).same_as(choices)
