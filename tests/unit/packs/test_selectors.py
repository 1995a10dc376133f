from __future__ import annotations

import pytest

from infra_checks.packs.nearest import nearest
from infra_checks.packs.selectors import Kind, RuleNames, Selector, SelectorError
from tests.unit.packs.catalogue import CATALOGUE, a_rule

NAMES = RuleNames(CATALOGUE)


@pytest.mark.parametrize(
    ("word", "selector", "ids"),
    [
        (
            "all",
            Selector(Kind.ALL),
            ["rds-backup-retention", "rds-storage-encrypted", "rds-storage-tags", "s3-bucket-logging"],
        ),
        ("severity:low", Selector(Kind.SEVERITY, "low"), ["rds-storage-tags"]),
        ("high", Selector(Kind.SEVERITY, "high"), ["rds-storage-encrypted"]),
        ("family:encryption", Selector(Kind.FAMILY, "encryption"), ["rds-storage-encrypted"]),
        ("tagging", Selector(Kind.FAMILY, "tagging"), ["rds-storage-tags"]),
        ("rds-storage-", Selector(Kind.PREFIX, "rds-storage-"), ["rds-storage-encrypted", "rds-storage-tags"]),
        ("s3", Selector(Kind.PREFIX, "s3-"), ["s3-bucket-logging"]),
        ("rds-storage-encrypted", Selector(Kind.RULE, "rds-storage-encrypted"), ["rds-storage-encrypted"]),
        ("rds-encrypted", Selector(Kind.RULE, "rds-storage-encrypted"), ["rds-storage-encrypted"]),
    ],
)
def test_a_word_names_rules(word: str, selector: Selector, ids: list[str]) -> None:
    found = NAMES.selector(word)
    assert found == selector
    assert sorted(rule.id for rule in NAMES.named(found)) == ids


@pytest.mark.parametrize("word", ["family:iam", "iam", "severity:critical", "critical"])
def test_a_family_or_severity_without_rules_is_no_mistake(word: str) -> None:
    assert NAMES.named(NAMES.selector(word)) == ()


@pytest.mark.parametrize(
    ("word", "message"),
    [
        (
            "s3-bucket-login",
            "no rule, id prefix, family or severity is called 's3-bucket-login'; did you mean s3-bucket-logging?",
        ),
        ("rd", "no rule, id prefix, family or severity is called 'rd'"),
        ("", "no rule, id prefix, family or severity is called ''"),
        ("-", "no rule, id prefix, family or severity is called '-'"),
        ("family:encription", "there is no family 'encription'; did you mean encryption?"),
        ("severity:bad", "there is no severity 'bad'; known are info, low, medium, high, critical"),
        ("service:rds", "'service:rds' selects by 'service'; only family: and severity: are known"),
    ],
)
def test_a_word_that_names_nothing_says_what_is_close(word: str, message: str) -> None:
    with pytest.raises(SelectorError) as caught:
        NAMES.selector(word)
    assert str(caught.value) == message


def test_a_word_is_a_rule_before_it_is_a_family_and_a_family_before_it_is_a_prefix() -> None:
    names = RuleNames((a_rule("iam-role-wildcard"), a_rule("iam-role"), a_rule("x-y", aliases=("tagging",))))
    assert names.selector("iam").kind is Kind.FAMILY
    assert names.selector("iam-").kind is Kind.PREFIX
    assert names.selector("iam-role").kind is Kind.RULE
    assert names.selector("iam-role-").kind is Kind.PREFIX
    assert names.selector("tagging") == Selector(Kind.RULE, "x-y")


def test_a_rule_is_more_exact_than_a_long_prefix_and_that_than_a_short_one() -> None:
    words = ["all", "severity:low", "encryption", "rds", "rds-storage", "rds-backup-retention"]
    exactness = [NAMES.selector(word).specificity for word in words]
    assert exactness == sorted(set(exactness))


def test_nothing_is_near_when_nothing_is_known() -> None:
    assert nearest("word", ()) == ""
