from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_checks.core.finding import Effect, Severity
from infra_checks.errors import ConfigError
from infra_checks.packs.schema import Pack, Setting
from infra_checks.packs.scope import Scope
from infra_checks.packs.select import choose, resolve
from infra_checks.packs.selectors import RuleNames
from tests.unit.packs.catalogue import CATALOGUE, RDS_BACKUP, RDS_ENCRYPTED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.core.rule import Option

NAMES = RuleNames(CATALOGUE)
BLOCK, WARN, OFF = Effect.BLOCK, Effect.WARN, Effect.OFF
WORDS = ["all", "severity:high", "family:encryption", "rds-", "rds-storage-", "rds-storage-encrypted"]
"""All of them name the rule RDS_ENCRYPTED, the later the more exactly."""


def setting(
    word: str,
    effect: Effect | None = None,
    *,
    severity: Severity | None = None,
    options: Mapping[str, Option] | None = None,
) -> Setting:
    return Setting(selector=NAMES.selector(word), effect=effect, severity=severity, options=options or {})


def pack(*settings: Setting, undecided: Effect | None = None) -> Pack:
    return Pack(name="own", settings=settings, undecided={} if undecided is None else {"all": undecided})


def ids(pack: Pack, *, select: tuple[str, ...] = (), ignore: tuple[str, ...] = ()) -> list[str]:
    return [chosen.rule.id for chosen in choose(pack, CATALOGUE, select=select, ignore=ignore)]


@pytest.mark.parametrize("pair", [(less, more) for at, less in enumerate(WORDS) for more in WORDS[at + 1 :]])
def test_the_more_exact_setting_wins_in_either_order(pair: tuple[str, str]) -> None:
    less, more = setting(pair[0], BLOCK), setting(pair[1], WARN)
    assert resolve(RDS_ENCRYPTED, (less, more)).effect is WARN
    assert resolve(RDS_ENCRYPTED, (more, less)).effect is WARN


@pytest.mark.parametrize("word", WORDS)
def test_of_equally_exact_settings_the_later_wins(word: str) -> None:
    assert resolve(RDS_ENCRYPTED, (setting(word, BLOCK), setting(word, OFF))).effect is OFF


def test_effect_severity_and_each_option_are_decided_on_their_own() -> None:
    settings = (
        setting("all", WARN, severity=Severity.INFO, options={"minimum_days": 1, "share": 1}),
        setting("rds-", options={"minimum_days": 30}),
        setting("rds-backup-retention", severity=Severity.CRITICAL, options={"strict": True}),
    )
    resolved = resolve(RDS_BACKUP, settings)
    assert (resolved.effect, resolved.severity) == (WARN, Severity.CRITICAL)
    assert resolved.options == {**RDS_BACKUP.options, "minimum_days": 30, "share": 1, "strict": True}


def test_a_rule_takes_only_the_options_it_has() -> None:
    assert resolve(RDS_ENCRYPTED, (setting("all", options={"minimum_days": 1}),)).options == {}


def test_a_rule_that_is_only_given_a_severity_blocks() -> None:
    assert resolve(RDS_ENCRYPTED, (setting("rds-", severity=Severity.LOW),)).effect is BLOCK


def test_a_pack_selects_by_the_rules_own_severity() -> None:
    settings = (setting("rds-", BLOCK, severity=Severity.LOW), setting("severity:low", OFF))
    assert resolve(RDS_ENCRYPTED, settings).effect is BLOCK


@given(st.permutations([setting(word, effect) for word, effect in zip(WORDS, [OFF, WARN, BLOCK] * 2, strict=True)]))
def test_the_order_of_settings_of_different_exactness_does_not_matter(settings: list[Setting]) -> None:
    assert resolve(RDS_ENCRYPTED, settings)[:3] == (BLOCK, Severity.HIGH, {})


def test_a_rule_that_nothing_mentions_does_not_run() -> None:
    assert ids(pack(setting("s3-", WARN))) == ["s3-bucket-logging"]


def test_rules_come_sorted_whatever_the_order_of_the_catalogue() -> None:
    whole = pack(setting("all", BLOCK))
    expected = sorted(rule.id for rule in CATALOGUE)
    for order in permutations(CATALOGUE):
        assert [chosen.rule.id for chosen in choose(whole, order)] == expected


def test_a_rule_that_is_off_does_not_run() -> None:
    assert ids(pack(setting("all", BLOCK), setting("rds-", OFF))) == ["s3-bucket-logging"]


def test_what_runs_carries_what_the_pack_decides() -> None:
    (chosen,) = choose(pack(setting("rds-backup-", WARN, severity=Severity.HIGH, options={"share": 1})), CATALOGUE)
    assert chosen.rule is RDS_BACKUP
    assert (chosen.effect, chosen.severity, chosen.undecided) == (WARN, Severity.HIGH, WARN)
    assert chosen.options == {**RDS_BACKUP.options, "share": 1}


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        (["rds"], [], ["rds-backup-retention", "rds-storage-encrypted", "rds-storage-tags"]),
        (["high"], [], ["rds-storage-encrypted"]),
        (["severity:info", "tagging"], [], ["rds-storage-tags", "s3-bucket-logging"]),
        (["all"], ["rds-storage"], ["rds-backup-retention", "s3-bucket-logging"]),
        (["rds"], ["rds"], []),
        (["rds-storage-tags"], ["rds-storage"], ["rds-storage-tags"]),
        (["rds"], ["rds-storage-tags"], ["rds-backup-retention", "rds-storage-encrypted"]),
        (["rds", "rds-storage-tags"], ["rds-storage"], ["rds-backup-retention", "rds-storage-tags"]),
        ([], ["rds"], ["s3-bucket-logging"]),
        ([], ["all"], []),
        ([], ["deletion", "s3-bucket-logging", "low"], ["rds-storage-encrypted"]),
        (["iam"], [], []),
    ],
)
def test_the_more_exact_of_select_and_ignore_wins_and_ignore_when_equal(
    select: list[str], ignore: list[str], expected: list[str]
) -> None:
    whole = pack(setting("all", BLOCK))
    assert ids(whole, select=tuple(select), ignore=tuple(ignore)) == expected
    assert ids(whole, select=tuple(reversed(select)), ignore=tuple(reversed(ignore))) == expected


def test_a_selected_rule_runs_and_blocks_though_the_pack_has_it_off() -> None:
    own = pack(setting("rds-", OFF, severity=Severity.CRITICAL), setting("s3-", WARN))
    effects = {c.rule.id: (c.effect, c.severity) for c in choose(own, CATALOGUE, select=["rds-storage", "s3"])}
    assert effects == {
        "rds-storage-encrypted": (BLOCK, Severity.CRITICAL),
        "rds-storage-tags": (BLOCK, Severity.CRITICAL),
        "s3-bucket-logging": (WARN, Severity.INFO),
    }


def test_the_command_line_selects_by_the_severity_the_pack_gives() -> None:
    own = pack(setting("all", BLOCK), setting("s3-", severity=Severity.CRITICAL))
    assert ids(own, select=("critical",)) == ["s3-bucket-logging"]
    assert ids(own, select=("info",)) == []


@pytest.mark.parametrize(
    ("of_pack", "given", "effect", "expected"),
    [
        (None, None, BLOCK, WARN),
        (BLOCK, None, BLOCK, BLOCK),
        (OFF, None, BLOCK, OFF),
        (BLOCK, OFF, BLOCK, OFF),
        (OFF, BLOCK, BLOCK, BLOCK),
        (BLOCK, None, WARN, WARN),
        (OFF, None, WARN, OFF),
    ],
)
def test_an_open_question_is_as_strong_as_asked_but_not_stronger_than_the_rule(
    of_pack: Effect | None, given: Effect | None, effect: Effect, expected: Effect
) -> None:
    (chosen,) = choose(pack(setting("s3-", effect), undecided=of_pack), CATALOGUE, undecided=given)
    assert chosen.undecided is expected


@pytest.mark.parametrize("option", ["select", "ignore"])
def test_a_word_that_names_no_rule_is_an_error(option: str) -> None:
    words = ("rsd-storage-tags",)
    with pytest.raises(ConfigError, match=rf"^{option}: no rule.* 'rsd-storage-tags'; did you mean rds-storage-tags"):
        choose(pack(), CATALOGUE, select=words if option == "select" else (), ignore=words)


@pytest.mark.parametrize(
    ("undecided", "expected"),
    [
        ({"encryption": OFF, "all": BLOCK}, OFF),
        ({"deletion": OFF, "all": BLOCK}, BLOCK),
        ({"encryption": BLOCK}, BLOCK),
        ({"deletion": OFF}, WARN),
    ],
)
def test_the_word_of_a_family_goes_before_the_word_for_all(undecided: dict[str, Effect], expected: Effect) -> None:
    own = Pack(name="own", settings=(setting("rds-storage-encrypted", BLOCK),), undecided=undecided)
    (chosen,) = choose(own, CATALOGUE)
    assert chosen.undecided is expected
    (told,) = choose(own, CATALOGUE, undecided=WARN)
    assert told.undecided is WARN


def test_of_each_kind_of_pattern_the_most_exact_setting_counts() -> None:
    settings = (
        Setting(selector=NAMES.selector("rds-storage-encrypted"), scope=Scope(excepted={"resources": ("A",)})),
        Setting(selector=NAMES.selector("all"), scope=Scope(excepted={"resources": ("B",), "types": ("T",)})),
    )
    assert resolve(RDS_ENCRYPTED, settings).scope == Scope(excepted={"resources": ("A",), "types": ("T",)})


def test_a_rule_runs_where_both_its_own_patterns_and_the_packs_cover() -> None:
    named = Setting(selector=NAMES.selector("rds-storage-encrypted"), scope=Scope(excepted={"resources": ("A",)}))
    own = Pack(name="own", settings=(named,), scope=Scope(only={"templates": ("x/",)}))
    (chosen,) = choose(own, CATALOGUE)
    assert chosen.covers("x/a.yaml", "B", "T")
    assert not chosen.covers("x/a.yaml", "A", "T")
    assert not chosen.covers("y/a.yaml", "B", "T")
    assert not chosen.covers("y/a.yaml")
