"""Reports to render: a plain one, and ones whose texts are as hostile as a template can make them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import strategies as st

from infra_checks.core.finding import Effect, Family, Finding, Outcome, Severity
from infra_checks.core.report import Problem, Report, Skipped
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Context, Rule, Verdict
from infra_checks.template.source import SourceFile, Span

TEMPLATE = """\
Resources:
  Logs:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Suspended}
"""
STATUS = Span(5, 41, 5, 50)


def _judge(_resource: Resource, _context: Context) -> Iterator[Verdict]:
    """Not called by any reporter."""
    yield from ()


RULE = Rule(
    id="s3-bucket-versioning-enabled",
    title="Bucket keeps object versions",
    family=Family.DELETION,
    severity=Severity.HIGH,
    types=("AWS::S3::Bucket",),
    judge=_judge,
    rationale="An overwritten object cannot be recovered without versions. They are off by default.",
    remedy="Set VersioningConfiguration.Status to `Enabled`.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
    equivalents=("CKV_AWS_21",),
)

FINDING = Finding(
    rule=RULE.id,
    family=RULE.family,
    severity=RULE.severity,
    outcome=Outcome.FAIL,
    effect=Effect.BLOCK,
    template="app.yaml",
    resource="Logs",
    type="AWS::S3::Bucket",
    path=("Properties", "VersioningConfiguration", "Status"),
    span=STATUS,
    message="suspends versioning",
    remedy=RULE.remedy,
    when="EnvironmentName is development or testing",
    assignment={"EnvironmentName": "development"},
    provenance=("default of parameter Status",),
    equivalents=RULE.equivalents,
)


def report_of(*findings: Finding) -> Report:
    return Report(
        findings=tuple(sorted(findings, key=lambda finding: finding.sort_key)),
        templates=("app.yaml",),
        resources=1,
        sources={"app.yaml": SourceFile("app.yaml", TEMPLATE)},
        rules={RULE.id: RULE},
    )


_NASTY = (
    "\x1b]0;title\x07",
    "\x1b[2J",
    "\n::error::injected\n",
    "##[error]injected",
    "##vso[task.complete]",
    "]]>",
    "<script>alert(1)</script>",
    "a | b",
    "`code`",
    "[link](javascript:x)",
    "@everyone",
    "\r",
    "\u2028",
    "\u202e",
    "\ud800",
    "\x00",
    "%0A",
    "\ufffe",
)
hostile = st.one_of(
    st.sampled_from(_NASTY),
    st.text(alphabet=st.characters(exclude_categories=()), max_size=30),
    st.lists(st.sampled_from((*_NASTY, "x", " ", "&", "\\")), max_size=5).map("".join),
)
_numbers = st.integers(1, 12)
spans = st.tuples(_numbers, _numbers, _numbers, _numbers).map(
    lambda four: Span(four[0], four[1], max(four[0], four[2]), four[3])
)


@st.composite
def hostile_findings(draw: st.DrawFn) -> Finding:
    return Finding(
        rule=draw(st.sampled_from((RULE.id, "iam-role-own-rule"))),
        family=draw(st.sampled_from(Family)),
        severity=draw(st.sampled_from(Severity)),
        outcome=draw(st.sampled_from(Outcome)),
        effect=draw(st.sampled_from(Effect)),
        template=draw(hostile),
        resource=draw(hostile),
        type=draw(hostile),
        path=draw(st.lists(st.one_of(hostile, st.integers(0, 9)), max_size=3).map(tuple)),
        span=draw(spans),
        message=draw(hostile),
        remedy=draw(hostile),
        when=draw(hostile),
        assignment=draw(st.dictionaries(hostile, hostile, max_size=2)),
        provenance=draw(st.lists(hostile, max_size=2).map(tuple)),
        equivalents=draw(st.lists(hostile, max_size=2).map(tuple)),
    )


@st.composite
def hostile_reports(draw: st.DrawFn) -> Report:
    findings = draw(st.lists(hostile_findings(), max_size=2))
    names = {finding.template for finding in findings}
    return replace(
        report_of(*findings),
        errors=tuple(draw(st.lists(st.builds(Problem, hostile, hostile, st.none() | spans), max_size=1))),
        skipped=tuple(draw(st.lists(st.builds(Skipped, hostile, hostile), max_size=1))),
        templates=tuple(sorted(names)),
        sources={name: SourceFile(name, draw(st.lists(hostile, max_size=3).map("\n".join))) for name in names},
        notices=tuple(draw(st.lists(hostile, max_size=1))),
    )
