"""Sets of actions against matching each name by itself."""

from __future__ import annotations

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from infra_checks.iam.catalogue import all_actions, expand, expand_all, find_action

NAMES = tuple(all_actions())


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """A name of an action with some of it made wildcards."""
    name = draw(st.sampled_from(NAMES))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(name)))
        end = draw(st.integers(start, len(name)))
        name = name[:start] + draw(st.sampled_from(["*", "?", "**", "?*", ""])) + name[end:]
    return draw(st.sampled_from([name, name.upper(), name.title()]))


@given(patterns())
def test_a_pattern_names_each_action_that_it_matches(pattern: str) -> None:
    assert list(expand(pattern)) == [name for name in NAMES if fnmatchcase(name, pattern.lower())]


@given(st.lists(patterns(), max_size=6))
def test_the_set_of_several_patterns_is_the_union_of_theirs(several: list[str]) -> None:
    union = expand("")
    for pattern in several:
        union |= expand(pattern)
    assert expand_all(several) == union
    assert len(union) == len(list(union))
    assert ~~union == union


@given(st.sampled_from(NAMES))
def test_every_name_in_the_list_is_an_action_in_its_slice(name: str) -> None:
    action = find_action(name)
    assert action is not None
    assert action.full_name.lower() == name
