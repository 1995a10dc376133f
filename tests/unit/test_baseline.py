from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from infra_checks import api
from infra_checks.baseline import Baseline, read_baseline
from infra_checks.core.finding import Finding, Outcome
from infra_checks.core.report import Report
from infra_checks.errors import BaselineError

RULE = "sqs-queue-encrypted"
OPEN = "{Type: AWS::SQS::Queue, Properties: {SqsManagedSseEnabled: false}}"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, **resources: str) -> None:
    Path(name).write_text("Resources:\n" + "".join(f"  {key}: {body}\n" for key, body in resources.items()))


def check(*paths: str, baseline: str = "", select: str = RULE, pack: str = "baseline") -> Report:
    return api.check(api.Request(paths=paths or (".",), select=(select,), baseline=baseline, pack=(pack,)))


def save(report: Report, file: str = "b.json") -> str:
    Path(file).write_text(Baseline.of(report.findings).text())
    return file


def test_a_baseline_hides_the_findings_it_was_made_of_wherever_they_moved() -> None:
    write("t.yaml", A=OPEN, B=OPEN)
    file = save(check())
    Path("t.yaml").write_text("# moved\n\n" + Path("t.yaml").read_text())
    report = check(baseline=file)
    assert report.findings == ()
    assert report.exit_code() == 0
    assert report.notices == ("2 findings not shown: b.json",)


@pytest.mark.parametrize(
    ("name", "resources"),
    [
        ("other.yaml", {"A": OPEN}),
        ("t.yaml", {"A": OPEN, "B": OPEN}),
    ],
)
def test_a_finding_of_another_file_or_resource_is_new(name: str, resources: dict[str, str]) -> None:
    write("t.yaml", A=OPEN)
    file = save(check())
    write(name, **resources)
    assert len(check(baseline=file).findings) == 1


def test_a_finding_on_another_value_is_new() -> None:
    rule = "cw-loggroup-retention-period-check"
    write("t.yaml", A="{Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 3}}")
    file = save(check(select=rule, pack="production"))
    assert check(select=rule, pack="production", baseline=file).findings == ()
    write("t.yaml", A="{Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 1}}")
    assert len(check(select=rule, pack="production", baseline=file).findings) == 1


def test_a_finding_of_another_scenario_is_new() -> None:
    head = "Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}\nConditions: {Dev: !Equals [!Ref Env, dev]}\n"
    body = "Resources:\n  A: {Type: AWS::SQS::Queue, Properties: {SqsManagedSseEnabled: !If [Dev, false, %s]}}\n"
    Path("t.yaml").write_text(head + body % "true")
    file = save(check())
    Path("t.yaml").write_text(head + body % "false")
    assert [finding.when for finding in check(baseline=file).findings] != []


def test_one_entry_hides_one_finding_and_not_a_second_that_is_equal() -> None:
    write("t.yaml", A=OPEN)
    (finding,) = check().findings
    baseline = Baseline.of([finding])
    assert [baseline.hides(finding), baseline.hides(finding)] == [True, False]


def test_entries_that_no_longer_occur_are_told_and_only_those_of_judged_templates() -> None:
    write("t.yaml", A=OPEN)
    write("u.yaml", A=OPEN)
    file = save(check())
    write("t.yaml", A="{Type: AWS::SQS::Queue}")
    write("u.yaml", A="{Type: AWS::SQS::Queue}")
    assert check("t.yaml", baseline=file).notices == (
        "b.json: 1 is no more; `infra-checks baseline --prune` removes them",
    )
    pruned, _ = api.write_baseline(api.Request(paths=("t.yaml",), select=(RULE,), baseline=file), prune=True)
    assert [line.partition(":")[0] for line in pruned.lines()] == ["u.yaml"]
    Path("u.yaml").unlink()
    pruned, _ = api.write_baseline(api.Request(paths=("t.yaml",), select=(RULE,), baseline=file), prune=True)
    assert len(pruned) == 0


def test_entries_of_rules_that_did_not_run_are_kept() -> None:
    write("t.yaml", A=OPEN)
    file = save(check(select="sqs"))
    write("t.yaml", A="{Type: AWS::SQS::Queue}")
    request = api.Request(paths=("t.yaml",), select=(RULE,), baseline=file)
    pruned, _ = api.write_baseline(request, prune=True)
    assert len(pruned) == len(read_baseline(file)) - 1


def test_the_failure_of_a_rule_and_what_is_waived_are_never_part_of_a_baseline() -> None:
    write("t.yaml", A=OPEN)
    (finding,) = check().findings
    for outcome in (Outcome.ERROR, Outcome.WAIVED):
        other: Finding = replace(finding, outcome=outcome)
        assert len(Baseline.of([other])) == 0
        assert not Baseline.of([finding]).hides(other)


def test_the_file_is_sorted_and_holds_no_line_numbers() -> None:
    write("t.yaml", B=OPEN, A=OPEN)
    text = Path(save(check())).read_text()
    rows = json.loads(text)["findings"]
    assert [row["resource"] for row in rows] == ["A", "B"]
    assert set(rows[0]) == {"template", "resource", "rule", "path", "when", "outcome", "message", "evidence"}
    assert Baseline.of(check().findings).text() == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read: No such file or directory; write it with `infra-checks baseline`"),
        ("[", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("\x00", "is not JSON"),
        ("[]", "is not a baseline of this version"),
        ('{"$schema": "urn:infra-checks:baseline:1"}', "has no list of findings"),
        ('{"$schema": "urn:infra-checks:baseline:1", "findings": [{"rule": "x"}]}', "finding 1 must have the texts"),
        ('{"$schema": "urn:infra-checks:baseline:1", "findings": [[]]}', "finding 1 must have the texts"),
    ],
)
def test_a_file_that_is_no_baseline_is_an_error_with_its_name(text: str | None, message: str) -> None:
    if text is not None:
        Path("b.json").write_text(text)
    with pytest.raises(BaselineError, match=r"b\.json: ") as caught:
        read_baseline("b.json")
    assert message in str(caught.value)
