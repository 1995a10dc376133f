"""Baselines and waivers over random findings."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from infra_checks.baseline import Baseline, entry_of, read_baseline
from infra_checks.core.finding import Effect, Family, Finding, Outcome, Severity
from infra_checks.core.waiver import Waiver
from infra_checks.template.source import Span
from infra_checks.waivers.matching import fits_finding

WORDS = st.sampled_from(["", "a", "b", "a.b", "é\ud800"])
PATHS = st.lists(st.one_of(st.sampled_from(["Properties", "A", "B"]), st.integers(0, 2)), max_size=3).map(tuple)

FINDINGS = st.builds(
    Finding,
    rule=st.sampled_from(["rule-one", "rule-two"]),
    family=st.just(Family.IAM),
    severity=st.just(Severity.HIGH),
    outcome=st.sampled_from(list(Outcome)),
    effect=st.just(Effect.BLOCK),
    template=WORDS,
    resource=WORDS,
    type=st.just("T"),
    path=PATHS,
    span=st.builds(Span, st.integers(1, 3), st.just(1), st.integers(4, 5), st.just(1)),
    message=WORDS,
    when=WORDS,
    evidence=WORDS,
)


@given(st.lists(FINDINGS, max_size=8), st.lists(FINDINGS, max_size=8))
def test_a_baseline_that_was_written_and_read_hides_all_and_only_its_findings(
    known: list[Finding], others: list[Finding]
) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "baseline.json"
        file.write_text(Baseline.of(known).text(), "utf-8")
        baseline = read_baseline(str(file))
        json.loads(file.read_bytes())
    hidden = [finding for finding in known if baseline.hides(finding)]
    assert len(hidden) == len(baseline) == sum(entry_of(finding) is not None for finding in known)
    entries = {entry_of(finding) for finding in known}
    again = Baseline.of(known)
    assert all(entry_of(finding) in entries for finding in others if again.hides(finding))


@given(FINDINGS, FINDINGS)
def test_a_waiver_with_a_fingerprint_and_a_value_never_hides_a_second_finding(one: Finding, other: Finding) -> None:
    waiver = Waiver(rules=(one.rule,), reason="r", fingerprint=one.fingerprint, evidence=one.evidence)
    assert fits_finding(waiver, one, [one.rule])
    if fits_finding(waiver, other, [other.rule]):
        assert (other.template, other.resource, other.path, other.when) == (
            one.template,
            one.resource,
            one.path,
            one.when,
        )
        assert one.evidence in {"", other.evidence}
