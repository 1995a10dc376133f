"""Other tools that fail, as only a stand-in can on demand."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from infra_checks import api
from infra_checks.errors import ConfigError
from infra_checks.tools.cfn_lint import CFN_LINT
from infra_checks.tools.checkov import CHECKOV
from infra_checks.tools.process import Ran, Tool, command_of, run
from infra_checks.tools.told import Outcome, Told

SCRIPT = """\
#!{python}
import json, os, sys
files = sys.argv[1:]
if any("crash" in open(file).read() for file in files):
    print("Traceback: something broke", file=sys.stderr)
    sys.exit(1)
print(json.dumps([files, os.getcwd(), os.environ.get("HTTPS_PROXY", "")]))
"""


def _read(ran: Ran, _files: Sequence[str]) -> Outcome:
    files, folder, proxy = json.loads(ran.out)
    return Outcome([Told(check="X1", message=f"{folder} {proxy}", file=file) for file in files])


STAND_IN = Tool("stand-in", "stand-in", list, _read)


@pytest.fixture
def program(tmp_path: Path) -> str:
    file = tmp_path / "stand-in"
    file.write_text(SCRIPT.format(python=sys.executable))
    file.chmod(0o755)
    return str(file)


def files(folder: Path, *texts: str) -> list[str]:
    paths = [folder / f"{number}.yaml" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return [str(path) for path in paths]


def test_a_crash_on_one_file_is_told_and_the_others_are_not_lost(tmp_path: Path, program: str) -> None:
    names = files(tmp_path, "a", "b", "crash", "d", "e")
    outcome = run(STAND_IN, names, configured=program)
    assert [told.file for told in outcome.told] == [*names[:2], *names[3:]]
    assert outcome.failures == [(names[2], "stand-in failed on it: Traceback: something broke")]


def test_the_tool_runs_in_an_empty_folder_and_without_the_network(tmp_path: Path, program: str) -> None:
    (told,) = run(STAND_IN, files(tmp_path, "a"), configured=program).told
    folder, proxy = told.message.split()
    assert Path(folder) != Path.cwd()
    assert proxy == "http://127.0.0.1:9"


def test_a_program_is_found_by_setting_variable_path_or_runner(
    tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command_of(STAND_IN, program) == [program]
    monkeypatch.setenv("INFRA_CHECKS_STAND_IN", program)
    assert command_of(STAND_IN) == [program]
    monkeypatch.delenv("INFRA_CHECKS_STAND_IN")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert command_of(STAND_IN) == [program]
    Path(program).rename(tmp_path / "pipx")
    assert command_of(STAND_IN) == [str(tmp_path / "pipx"), "run", "--spec", "stand-in", "stand-in"]
    (tmp_path / "pipx").rename(tmp_path / "uvx")
    assert command_of(STAND_IN) == [str(tmp_path / "uvx"), "--from", "stand-in", "stand-in"]
    (tmp_path / "uvx").unlink()
    with pytest.raises(ConfigError, match="is not installed: put it on PATH"):
        command_of(STAND_IN)
    with pytest.raises(ConfigError, match="there is no program nowhere"):
        command_of(STAND_IN, "nowhere")


CRASHED = Ran(1, "", "Traceback (most recent call last):\nTypeError: unhashable type: 'dict'\n")


@pytest.mark.parametrize("tool", [CHECKOV, CFN_LINT])
@pytest.mark.parametrize("ran", [CRASHED, Ran(1, "{", ""), Ran(1, '{"a": 1}', ""), Ran(1, "no JSON", "")])
def test_output_that_is_no_report_is_taken_for_a_crash(tool: Tool, ran: Ran) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        tool.read(ran, ["t.yaml"])


def test_a_check_of_checkovs_that_raised_is_a_failure_at_its_file() -> None:
    document = {"results": {"failed_checks": [], "parsing_errors": ["/x/broken.yaml"]}}
    err = "2026-11-21 [MainThread  ] [ERROR]  Failed to run check CKV_AWS_24 on /x/t.yaml:AWS::EC2::SecurityGroup.G\n"
    outcome = CHECKOV.read(Ran(1, f"warning\n{json.dumps(document)}", err + err), ["/x/a.yaml", "/x/t.yaml"])
    assert outcome.failures == [
        ("/x/broken.yaml", "checkov cannot read it"),
        ("/x/t.yaml", "checkov's check CKV_AWS_24 failed on AWS::EC2::SecurityGroup.G"),
    ]


def test_checkovs_summary_without_results_says_nothing() -> None:
    ran = Ran(0, '{"passed": 0, "failed": 0, "checkov_version": "3.3.30"}', "")
    assert CHECKOV.read(ran, ["t.yaml"]) == Outcome()
    assert CFN_LINT.read(Ran(0, "", ""), ["t.yaml"]) == Outcome()


def test_a_tools_crash_is_an_error_of_the_report_and_our_findings_stay(
    tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.yaml").write_text(
        "# crash\nResources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties: {SqsManagedSseEnabled: false}\n"
    )
    request = api.Request(
        paths=("t.yaml",), select=("sqs-queue-encrypted",), beside=("cfn-lint",), tools={"cfn-lint": program}
    )
    report = api.check(request)
    assert [finding.rule for finding in report.findings] == ["sqs-queue-encrypted"]
    assert [(error.file, "cfn-lint failed on it" in error.message) for error in report.errors] == [("t.yaml", True)]
