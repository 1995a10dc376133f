"""`infra-checks baseline` and `infra-checks waivers`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra_checks import cli
from tests.integration.cli.conftest import Result, Run

QUEUE = "{Type: AWS::SQS::Queue, Properties: {SqsManagedSseEnabled: false}}"
PACK = """\
name: own
rules: {sqs-queue-encrypted: block}
waivers:
  - {rule: sqs-queue-encrypted, resource: A, reason: a test, owner: team-a, since: 2026-11-01,
     expires: 2026-12-01}
"""


@pytest.fixture
def run(project: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command line in the project, with all rules of the pack."""
    assert project.is_dir()

    def call(*arguments: str) -> Result:
        code = cli.run([*arguments])
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return call


@pytest.fixture
def queues(project: Path) -> Path:
    (project / "queues.yaml").write_text(f"Resources:\n  A: {QUEUE}\n  B: {QUEUE}\n")
    (project / "own.yaml").write_text(PACK)
    return project


def test_a_legacy_project_is_adopted_by_a_baseline(run: Run, queues: Path) -> None:
    written = run("baseline", "queues.yaml", "--select", "sqs-queue-encrypted")
    assert (written.code, written.out) == (0, "infra-checks-baseline.json: 2 findings\n")
    check = ("check", "queues.yaml", "--select", "sqs-queue-encrypted", "--baseline", "infra-checks-baseline.json")
    assert run(*check).code == 0
    (queues / "queues.yaml").write_text(f"Resources:\n  A: {QUEUE}\n  C: {QUEUE}\n")
    later = run(*check, "-q")
    assert later.code == 1
    assert [line.split()[2] for line in later.out.splitlines()[:-1]] == ["sqs-queue-encrypted"]
    pruned = run("baseline", "queues.yaml", "--select", "sqs-queue-encrypted", "--prune")
    assert (pruned.code, pruned.out) == (0, "infra-checks-baseline.json: 1 finding\n")


def test_the_settings_may_name_the_baseline(run: Run, queues: Path) -> None:
    (queues / "infra-checks.yaml").write_text("paths: queues.yaml\nselect: sqs-queue-encrypted\nbaseline: known.json\n")
    assert run("baseline").out == "known.json: 2 findings\n"
    assert run("check").code == 0


def test_a_baseline_is_not_written_when_a_template_cannot_be_judged(run: Run, queues: Path) -> None:
    (queues / "queues.yaml").write_text("Resources: [")
    result = run("baseline", "queues.yaml")
    assert result.code == 2
    assert "queues.yaml:1:13: " in result.err
    assert not (queues / "infra-checks-baseline.json").exists()


@pytest.mark.usefixtures("queues")
def test_waivers_are_listed_with_age_end_and_what_they_hide(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFRA_CHECKS_TODAY", "2026-11-21")
    result = run("waivers", "queues.yaml", "--pack", "own.yaml", "--within", "5")
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines() == [
        "own.yaml:4:5: sqs-queue-encrypted on A",
        "  active, ends in 10 days (2026-12-01); 20 days old; hides 1 finding",
        "  team-a: a test",
        "1 waiver",
    ]
    soon = run("waivers", "queues.yaml", "--pack", "own.yaml")
    assert "warning: ends in 10 days" in soon.out
    assert soon.out.endswith("1 waiver, 1 ending by 2026-12-21\n")


@pytest.mark.usefixtures("queues")
def test_an_ended_or_unused_waiver_makes_the_listing_fail(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFRA_CHECKS_TODAY", "2027-01-01")
    result = run("waivers", "queues.yaml", "--pack", "own.yaml", "--format", "json")
    assert result.code == 1
    (row,) = json.loads(result.out)
    assert (row["state"], row["findings"], row["expires"]) == ("ended", 1, "2026-12-01")
    assert run("check", "queues.yaml", "--pack", "own.yaml").code == 2


@pytest.mark.usefixtures("queues")
def test_a_day_that_is_none_is_an_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFRA_CHECKS_TODAY", "tomorrow")
    result = run("check", "queues.yaml")
    assert result.code == 2
    assert "INFRA_CHECKS_TODAY must be a day" in result.err


@pytest.mark.usefixtures("queues")
def test_reports_tell_who_waived_and_why(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFRA_CHECKS_TODAY", "2026-11-21")
    check = ("check", "queues.yaml", "--pack", "own.yaml")
    words = "until 2026-12-01, team-a: a test (own.yaml:4:5)"
    assert f"waiver: {words}" in run(*check, "--verbose").out
    assert "waiver" not in run(*check).out
    finding = json.loads(run(*check, "--format", "json").out)["findings"][0]
    assert finding["outcome"] == "waived"
    assert finding["waiver"]["owner"] == "team-a"
    result = json.loads(run(*check, "--format", "sarif").out)["runs"][0]["results"][0]
    assert result["suppressions"] == [{"kind": "external", "justification": words}]
