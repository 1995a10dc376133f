from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from infra_checks import api
from infra_checks.errors import BaselineError
from infra_checks.revisions import Revision, committed_on

RULE = "sqs-queue-encrypted"
OPEN = "{Type: AWS::SQS::Queue, Properties: {SqsManagedSseEnabled: false}}"


def git(*arguments: str) -> None:
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)  # noqa: S603, S607 - git itself


def write(name: str, *resources: str) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text("Resources:\n" + "".join(f"  {key}: {OPEN}\n" for key in resources))


@pytest.fixture(autouse=True)
def _repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    git("init", "-q", "-b", "main")
    write("a.yaml", "A")
    write("sub/b.yaml", "B1", "B2", "B3", "B4")
    git("add", "-A")
    git("commit", "-q", "-m", "first", "--date", "2026-01-02T12:00:00Z")


def found(*paths: str, ref: str = "HEAD") -> list[tuple[str, str]]:
    report = api.check(api.Request(paths=paths or (".",), select=(RULE,), diff=ref))
    assert report.errors == ()
    return [(finding.template, finding.resource) for finding in report.findings]


def test_nothing_is_reported_where_nothing_changed() -> None:
    assert found() == []


def test_only_what_the_change_brought_is_reported() -> None:
    write("a.yaml", "New", "A")
    assert found() == [("a.yaml", "New")]


def test_the_findings_of_a_new_file_are_all_new_tracked_or_not() -> None:
    write("untracked.yaml", "X")
    write("tracked.yaml", "Y", "Z")
    git("add", "tracked.yaml")
    assert found() == [("tracked.yaml", "Y"), ("tracked.yaml", "Z"), ("untracked.yaml", "X")]


def test_a_renamed_file_keeps_its_history() -> None:
    git("mv", "sub/b.yaml", "c.yaml")
    write("c.yaml", "B1", "B2", "B3", "B4", "B5")
    assert found() == [("c.yaml", "B5")]


def test_the_comparison_works_from_a_folder_within_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    write("sub/b.yaml", "B1", "New")
    monkeypatch.chdir("sub")
    assert found("b.yaml") == [("b.yaml", "New")]
    assert found("../a.yaml") == []


def test_a_file_that_could_not_be_read_then_is_all_new() -> None:
    Path("a.yaml").write_text("Resources: [")
    git("commit", "-q", "-a", "-m", "broken")
    write("a.yaml", "A")
    assert found() == [("a.yaml", "A")]


@pytest.mark.parametrize("ref", ["nowhere", "-x", "HEAD~9", "--output=x"])
def test_a_revision_that_is_none_is_an_error(ref: str) -> None:
    with pytest.raises(BaselineError):
        Revision(ref)


def test_a_folder_without_a_repository_is_an_error(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("bare"))
        with pytest.raises(BaselineError, match="git rev-parse failed"):
            Revision("HEAD")


def test_without_git_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BaselineError, match="git is not installed"):
        Revision("HEAD")


def test_a_lines_age_is_that_of_its_commit() -> None:
    assert str(committed_on("a.yaml", 2)) == "2026-01-02"
    write("a.yaml", "New")
    assert committed_on("a.yaml", 2) is None
    assert committed_on("nowhere.yaml", 1) is None
