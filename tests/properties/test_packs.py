"""What packs promise of their order, whatever they say."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from infra_checks.core.finding import Effect, Family, Severity
from infra_checks.packs.load import load_packs
from infra_checks.packs.schema import Pack, Setting, TagDemand, merged
from infra_checks.packs.scope import Scope
from infra_checks.packs.select import choose
from infra_checks.packs.selectors import RuleNames
from tests.unit.packs.catalogue import CATALOGUE

if TYPE_CHECKING:
    from infra_checks.packs.selectors import Selector

NAMES = RuleNames(CATALOGUE)
WORDS = ["all", "severity:high", "severity:low", "encryption", "tagging", "rds-", "rds-storage-"]
WORDS += [rule.id for rule in CATALOGUE]

effects = st.sampled_from(list(Effect))
patterns = st.dictionaries(
    st.sampled_from(["templates", "resources", "types"]), st.tuples(st.sampled_from(["A", "B*"])), max_size=2
)
scopes = st.builds(Scope, only=patterns, excepted=patterns)
selectors: st.SearchStrategy[Selector] = st.sampled_from(WORDS).map(NAMES.selector)
entries = st.builds(
    Setting,
    selector=selectors,
    effect=st.none() | effects,
    severity=st.none() | st.sampled_from(list(Severity)),
    options=st.dictionaries(st.sampled_from(["minimum_days", "share"]), st.integers(0, 9), max_size=2),
    scope=scopes,
)
values = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, unique=True).map(tuple)
packs = st.builds(
    Pack,
    name=st.just("own"),
    environment=st.sampled_from(["", "dev", "prod"]),
    settings=st.lists(entries, max_size=4).map(tuple),
    pins=st.dictionaries(st.sampled_from(["A", "B"]), values),
    limits=st.dictionaries(st.just("AWS::Region"), values),
    undecided=st.dictionaries(st.sampled_from(["all", *Family]), effects, max_size=3),
    tags=st.dictionaries(
        st.sampled_from(["Owner", "Cost"]),
        st.builds(
            TagDemand, required=st.booleans(), patterns=st.dictionaries(st.sampled_from(["", "dev"]), st.just("x"))
        ),
    ),
    scope=scopes,
)


@given(packs, packs, packs)
def test_packs_compose_associatively(one: Pack, two: Pack, three: Pack) -> None:
    assert merged(merged(one, two), three) == merged(one, merged(two, three))


@given(packs)
def test_a_pack_that_says_nothing_changes_nothing_before_or_after(pack: Pack) -> None:
    nothing = Pack(name="own")
    assert merged(nothing, pack) == merged(pack, nothing) == pack


@given(st.lists(packs, min_size=1, max_size=4))
def test_a_pack_that_is_applied_twice_in_a_row_decides_no_more_than_once(several: list[Pack]) -> None:
    once = reduce(merged, several)
    twice = reduce(merged, [*several, several[-1]])
    assert choose(once, CATALOGUE) == choose(twice, CATALOGUE)


@given(packs, packs)
def test_the_later_pack_has_the_last_word_on_whatever_it_says(one: Pack, later: Pack) -> None:
    both = merged(one, later)
    assert {name: both.pins[name] for name in later.pins} == later.pins
    assert {name: both.tags[name] for name in later.tags} == later.tags
    assert {name: both.undecided[name] for name in later.undecided} == later.undecided
    for setting in later.settings:
        alone = [each for each in later.settings if each.selector == setting.selector]
        if setting.effect is not None and setting is [each for each in alone if each.effect is not None][-1]:
            exact = replace(both, settings=tuple(each for each in both.settings if each.selector == setting.selector))
            found = {each.rule.id: each.effect for each in choose(exact, CATALOGUE)}
            for rule in NAMES.named(setting.selector):
                assert found.get(rule.id, Effect.OFF) is setting.effect


graphs = st.integers(2, 5).flatmap(
    lambda size: st.tuples(
        *(st.lists(st.integers(0, number - 1), unique=True) if number else st.just([]) for number in range(size))
    )
)


@settings(max_examples=60, deadline=None)
@given(graphs, st.data())
def test_extending_a_pack_that_extends_others_is_extending_them_in_its_place(
    graph: tuple[list[int], ...], data: st.DataObject
) -> None:
    """A pack's lineage, named one by one in the order in which it is applied, decides the same as the pack."""
    with TemporaryDirectory() as folder:
        for number, extended in enumerate(graph):
            rules = data.draw(st.dictionaries(st.sampled_from(WORDS), effects, max_size=3))
            lines = [f"name: p{number}", f"extends: [{', '.join(f'./p{each}.yaml' for each in extended)}]", "rules:"]
            lines += [f"  {word}: {effect.value}" for word, effect in rules.items()]
            text = "\n".join(lines) if rules else "\n".join(lines[:-1])
            Path(folder, f"p{number}.yaml").write_text(text)
        last = len(graph) - 1
        whole = load_packs((f"{folder}/p{last}.yaml",), catalogue=CATALOGUE)
        order = lineage(graph, last)
        loose = []
        for number in order:
            path = Path(folder, f"q{number}.yaml")
            rest = Path(folder, f"p{number}.yaml").read_text().split("\n")[2:]
            path.write_text("\n".join([f"name: q{number}", *rest]))
            loose.append(str(path))
        assert choose(whole, CATALOGUE) == choose(load_packs(loose, catalogue=CATALOGUE), CATALOGUE)


def lineage(graph: tuple[list[int], ...], number: int) -> list[int]:
    """The packs below a pack in the order to apply them, each where it is met first, and the pack itself."""
    found: dict[int, None] = {}
    for each in graph[number]:
        found |= dict.fromkeys(lineage(graph, each))
    return [*found, number]
