from __future__ import annotations

from dataclasses import replace

import pytest

from infra_checks.core.framework import Control, Framework
from infra_checks.reporters import FORMATS, Style, render
from infra_checks.reporters.characters import disarmed, first_sentences, visible, well_formed
from tests.unit.reporters.samples import FINDING, report_of


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_renders_an_empty_and_a_full_report(name: str) -> None:
    assert render(report_of(), name).endswith("\n")
    control = Control(id="1", title="One", rules=(FINDING.rule,))
    full = replace(report_of(FINDING), frameworks=(Framework(name="f", title="F", controls=(control,)),))
    assert FINDING.rule in render(full, name)


def test_style_is_for_text() -> None:
    assert render(report_of(FINDING), "text", Style(quiet=True)).count("\n") == 2


def test_invisible_characters_are_shown_as_escapes() -> None:
    assert visible("a\x1b\n\u202e\ud800\U000e0001é") == r"a\x1b\n\u202e\ud800\U000e0001é"


def test_lone_surrogates_are_replaced() -> None:
    assert well_formed("a\ud800b\U0001f600") == "a\ufffdb\U0001f600"


@pytest.mark.parametrize(
    ("line", "harmless"),
    [
        ("x ##[error]y", r"x #\x23[error]y"),
        ("##vso[task]", r"#\x23vso[task]"),
        ("  ::error::x", r"  \x3a:error::x"),
        ("\x1b[34m::error::x", "\x1b[34m\\x3a:error::x"),
        ("a\n::error::x", "a\n\\x3a:error::x"),
        ("AWS::S3::Bucket ## heading", "AWS::S3::Bucket ## heading"),
    ],
)
def test_commands_of_build_servers_are_broken(line: str, harmless: str) -> None:
    assert disarmed(line) == harmless


def test_at_least_one_sentence_is_kept() -> None:
    assert first_sentences("One is long. Two.", 5) == "One is long."
    assert first_sentences("One. Two, e.g. this. Three.", 21) == "One. Two, e.g. this."
    assert first_sentences("", 5) == ""
