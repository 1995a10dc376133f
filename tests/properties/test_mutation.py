"""Rules report what is broken in their passing cases, and say the same of a template that is written differently.

One in SAMPLED of the rewritings is tried here; `python benchmarks/mutation.py` tries all.
"""

from __future__ import annotations

import pytest

from infra_checks.core.rule import Rule
from infra_checks.rules import catalogue
from tests.mutations.survivors import changed_verdicts, read, surviving_breaks

SAMPLED = 10
EXPLAINED = read()

each_rule = pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in catalogue()])


@each_rule
def test_what_breaks_a_passing_case_is_reported_in_every_form(rule: Rule) -> None:
    assert surviving_breaks(rule) == {one for one in EXPLAINED.breaks if one.rule == rule.id}


@each_rule
def test_another_way_to_write_a_template_changes_no_verdict(rule: Rule) -> None:
    excused = [one for one in EXPLAINED.rewritings if rule.id in one.rules]
    changed = changed_verdicts(rule, one_of=SAMPLED, always=excused)

    unexplained = [one for one in changed if not any(each.covers(one) for each in excused)]
    assert not unexplained, "\n".join(f"{one.case.name}: {one.name}" for one in unexplained)
    for each in excused:
        assert any(each.covers(one) for one in changed), f"no longer true: {each.reason}"


def test_every_survivor_has_a_reason_and_a_rule() -> None:
    known = {rule.id for rule in catalogue()}
    assert all(len(reason.split()) > 3 for reason in EXPLAINED.breaks.values())
    assert {one.rule for one in EXPLAINED.breaks} <= known
    assert all(len(one.reason.split()) > 3 and known.issuperset(one.rules) for one in EXPLAINED.rewritings)
