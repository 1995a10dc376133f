"""The command line as a process: encodings, colours, signals, pipes, terminals and failures of its own."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from infra_checks import api, cli
from infra_checks.cli.terminal import ProgressLine, wants_color
from tests.integration.cli.conftest import BAD, Run

_COMMAND = (sys.executable, "-m", "infra_checks")


def _process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    inherited = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    return subprocess.run(  # noqa: S603 - it is our own
        [*_COMMAND, *arguments], capture_output=True, check=False, env={**inherited, **environment}
    )


def test_the_module_runs_as_the_command(project: Path) -> None:
    result = _process("check", "bad.yaml", "-q", "--select", "template-structure-valid")
    assert project.is_dir()
    assert (result.returncode, result.stderr) == (1, b"")
    assert result.stdout.startswith(b"bad.yaml:2:3: high")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
@pytest.mark.parametrize("format", ["text", "json", "sarif", "junit", "github", "markdown"])
def test_any_encoding_of_the_terminal_will_do(project: Path, encoding: str, format: str) -> None:
    name = "\u65e5\u672c\U0001f600.yaml"
    (project / name).write_text("# \u65e5\n" + BAD)
    result = _process("check", name, "--format", format, PYTHONIOENCODING=encoding)
    assert result.returncode == 1
    assert result.stderr == b""
    shown = result.stdout.decode(encoding if format == "text" else "utf-8")
    assert re.search(r"\\u65e5|\u65e5|&#26085;|%E6%97%A5", shown)


def test_version_and_help_are_quick_to_say(run: Run) -> None:
    assert run("--version").out.startswith("infra-checks ")
    result = run("--help")
    assert result.code == 0
    for name in ("check", "completion", "explain", "packs", "rules", "schema"):
        assert re.search(rf"^  {name} ", result.out, re.MULTILINE)
    assert "Exit codes:" in result.out
    assert "--fail-on" in run("check", "-h").out


@pytest.mark.parametrize("arguments", [("chekc",), ("check", "--colour", "never"), ("explain",), ()])
def test_a_wrong_command_is_told_on_standard_error(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert "Usage: infra-checks" in result.err


def test_heavy_modules_are_imported_only_when_needed() -> None:
    code = (
        "import sys\n"
        "from infra_checks import cli\n"
        "code = cli.run(['--version'])\n"
        "heavy = {'infra_checks.api', 'yaml', 'json', 'tomllib'} & set(sys.modules)\n"
        "sys.exit(code or ', '.join(heavy) or 0)"
    )
    # Measuring coverage imports some of them itself.
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, env=unmeasured)  # noqa: S603 - our own
    assert (result.returncode, result.stderr) == (0, b"")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_the_shells_script(run: Run, shell: str) -> None:
    result = run("completion", shell)
    assert result.code == 0
    assert "_INFRA_CHECKS_COMPLETE" in result.out


def test_completion_knows_commands_and_options(project: Path) -> None:
    assert project.is_dir()
    words = {"COMP_WORDS": "infra-checks check --fo", "COMP_CWORD": "2", "_INFRA_CHECKS_COMPLETE": "bash_complete"}
    result = _entry_point(**words)
    assert result.stdout == b"plain,--format\n"


def _entry_point(**environment: str) -> subprocess.CompletedProcess[bytes]:
    code = "import sys; sys.argv = ['infra-checks']; from infra_checks.cli import main; main()"
    return subprocess.run(  # noqa: S603 - it is our own
        [sys.executable, "-c", code], capture_output=True, check=False, env={**os.environ, **environment}
    )


def _raiser(error: BaseException) -> object:
    def check(*_arguments: object, **_more: object) -> None:
        raise error

    return check


def test_an_interrupt_ends_with_the_code_of_shells(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "check", _raiser(KeyboardInterrupt()))
    result = run("check", "good.yaml")
    assert result.code == 130
    assert result.err.strip() == "interrupted"


def test_an_abort_ends_with_the_code_of_shells(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "check", _raiser(click.Abort()))
    assert run("check", "good.yaml").code == 130


def test_a_reader_that_stops_listening_is_no_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "check", _raiser(BrokenPipeError()))
    assert run("check", "good.yaml") == (141, "", "")


def test_a_closed_pipe_is_handled_quietly(project: Path) -> None:
    assert project.is_dir()
    with subprocess.Popen(  # noqa: S603 - it is our own
        [*_COMMAND, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait() == 141
        assert process.stderr.read() == b""


def test_a_defect_of_our_own_is_told_without_a_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "check", _raiser(ZeroDivisionError("odd \x1b[2J")))
    result = run("check", "good.yaml")
    assert (result.code, result.out) == (3, "")
    assert result.err.startswith("internal error: ZeroDivisionError: odd \\x1b[2J\nThis is a defect of infra-checks.")
    assert "Traceback" not in result.err


def test_a_defect_of_our_own_is_told_with_a_traceback_on_demand(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "check", _raiser(ZeroDivisionError()))
    assert run("check", "good.yaml", "-v").err.startswith("Traceback (most recent call last):\n")


def test_main_ends_the_process_with_the_exit_code(project: Path) -> None:
    assert project.is_dir()
    with pytest.raises(SystemExit) as ended:
        cli.main(["check", "bad.yaml", "-q"])
    assert ended.value.code == 1


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "environment", "colored"),
    [
        ("auto", {}, True),
        ("auto", {"TERM": "dumb"}, False),
        ("auto", {"NO_COLOR": "1"}, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ("auto", {"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ("auto", {"NO_COLOR": ""}, True),
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colours_follow_the_option_the_environment_and_the_terminal(
    monkeypatch: pytest.MonkeyPatch, choice: str, environment: dict[str, str], *, colored: bool
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_color(choice, _Terminal()) is colored


def test_colours_are_off_in_pipes_and_on_when_forced(project: Path) -> None:
    assert project.is_dir()
    assert b"\x1b" not in _process("check", "bad.yaml").stdout
    assert b"\x1b[1m" in _process("check", "bad.yaml", FORCE_COLOR="1").stdout
    assert b"\x1b[1m" in _process("check", "bad.yaml", "--color", "always").stdout


def test_files_get_colours_only_on_demand(run: Run, project: Path) -> None:
    run("check", "bad.yaml", "--output", "o")
    assert "\x1b" not in (project / "o").read_text()
    run("check", "bad.yaml", "--output", "o", "--color", "always")
    assert "\x1b" in (project / "o").read_text()


def test_progress_is_one_line_of_a_terminal_and_is_erased(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    line = ProgressLine()
    line.erase()
    assert line.callback is not None
    line.callback("a-rather-long-name\x1b.yaml")
    line.erase()
    assert capsys.readouterr().err == "\r\x1b[Kchecking a-rather-l\r\x1b[K"


def test_progress_is_not_shown_in_a_pipe() -> None:
    assert ProgressLine().callback is None


def test_the_version_is_told_without_loading_what_a_check_needs() -> None:
    """How long it takes is measured in benchmarks; what it loads is what decides."""
    code = (
        "import sys, contextlib\n"
        "from infra_checks.cli import main\n"
        "sys.argv = ['infra-checks', '--version']\n"
        "with contextlib.suppress(SystemExit): main()\n"
        "print([name for name in sys.modules if name.startswith(('yaml', 'infra_checks.rules', 'infra_checks.api'))])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603
    assert done.stdout.splitlines()[-1] == "[]"
