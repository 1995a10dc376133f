"""Compares the time and memory of infra-checks with other tools: `python benchmarks/speed/run.py [FOLDER]`.

Each tool is installed in an environment of its own below `.bench/`. In each round every tool runs once, as a new
process, and each round begins with another tool, so that a slow moment of the machine hits all of them. A first round
that is not counted fills the file caches. Needs Linux or macOS.
"""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CACHE = ROOT / ".bench"
SUFFIXES = (".json", ".template", ".yaml", ".yml")
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Tool:
    """Something to measure: its distribution, its command line, and the exit codes of a run that did its work."""

    name: str
    requirement: str
    command: Callable[[Path], list[str]]
    completed: frozenset[int]

    @property
    def folder(self) -> Path:
        """The tool's virtual environment."""
        return CACHE / "environments" / self.name

    def command_line(self, path: Path) -> list[str]:
        """The whole command that makes the tool read a path."""
        program, *arguments = self.command(path)
        return [str(self.folder / "bin" / program), *arguments]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one tool: seconds, bytes, the exit code and whether it printed anything."""

    wall: float
    cpu: float
    memory: int
    code: int
    printed: bool


def checkov_command(path: Path) -> list[str]:
    """Only the CloudFormation checks, nothing from the network."""
    where = "--directory" if path.is_dir() else "--file"
    options = ["--framework", "cloudformation", "--skip-download", "--quiet", "--compact"]
    return ["checkov", where, str(path), *options]


TOOLS = (
    Tool("infra-checks", str(ROOT), lambda path: ["infra-checks", "check", str(path)], frozenset({0, 1})),
    Tool("checkov", "checkov==3.3.30", checkov_command, frozenset({0, 1})),
    Tool(
        "cfn-lint",
        "cfn-lint==1.58.0",
        lambda path: ["cfn-lint", "--", *map(str, templates(path))],
        frozenset(range(0, 16, 2)),
    ),
    Tool(
        "cfn-guard-rs",
        "cfn-guard-rs==0.3.3",
        lambda path: ["python", str(HERE / "peers.py"), "cfn-guard", str(path)],
        frozenset({0}),
    ),
    Tool(
        "PyYAML",
        "pyyaml==6.0.3",
        lambda path: ["python", str(HERE / "peers.py"), "pyyaml", str(path)],
        frozenset({0}),
    ),
)


def templates(path: Path) -> list[Path]:
    """The file, or the template files below the folder."""
    return sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES) if path.is_dir() else [path]


def install(tool: Tool) -> str:
    """Make the tool's environment and return the version that is in it."""
    python = str(tool.folder / "bin" / "python")
    if not Path(python).exists():
        subprocess.run([sys.executable, "-m", "venv", str(tool.folder)], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", tool.requirement], check=True)
    query = f"import importlib.metadata; print(importlib.metadata.version({tool.name!r}))"
    return subprocess.run([python, "-c", query], check=True, capture_output=True, text=True).stdout.strip()


def measure(command: list[str]) -> Run:
    """Run the command once, in an empty folder so that no tool finds settings.

    The memory is that of the largest process of the run. It cannot come out smaller than this script's own, which is
    why the script imports so little.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryDirectory() as nowhere:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, cwd=nowhere)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        printed = output.seek(0, os.SEEK_END) > 0
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * RSS_UNIT, process.returncode, printed)


def compare(path: Path, rounds: int) -> dict[str, list[Run]]:
    """Run every tool on the path, once a round, and return each tool's counted runs in order."""
    runs: dict[str, list[Run]] = {tool.name: [] for tool in TOOLS}
    for number in range(rounds + 1):
        first = number % len(TOOLS)
        for tool in TOOLS[first:] + TOOLS[:first]:
            run = measure(tool.command_line(path))
            print(f"{path.name}, round {number}: {tool.name} {run.wall:.2f} s, exit code {run.code}", file=sys.stderr)
            if number:
                runs[tool.name].append(run)
    return runs


def table(runs: dict[str, list[Run]], versions: dict[str, str]) -> Iterable[str]:
    """The Markdown table of one comparison."""
    yield "| tool | wall time, median | least to most | times infra-checks | CPU time | peak memory | exit code |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    reference = [run.wall for run in runs["infra-checks"]]
    for tool in TOOLS:
        mine = runs[tool.name]
        wall = [run.wall for run in mine]
        ratio = median(one / other for one, other in zip(wall, reference, strict=True))
        cells = (
            f"{tool.name} {versions[tool.name]}",
            f"{median(wall):.2f} s",
            f"{min(wall):.2f} to {max(wall):.2f} s",
            f"{ratio:.2f}",
            f"{median(run.cpu for run in mine):.2f} s",
            f"{median(run.memory for run in mine) / 2**20:.0f} MiB",
            codes(tool, mine),
        )
        yield f"| {' | '.join(cells)} |"


def codes(tool: Tool, runs: list[Run]) -> str:
    """The exit codes seen, with a mark when the tool did not finish its work.

    Python itself ends with 1 after an exception; a tool that ends with 1 because of findings prints them.
    """
    failed = any(run.code not in tool.completed or (run.code and not run.printed) for run in runs)
    return " ".join(map(str, sorted({run.code for run in runs}))) + " (failed)" * failed


def gather(folder: Path, excluded: list[str]) -> Path:
    """Copy the folder's templates to a place of our own, so that every tool sees the same files."""
    target = CACHE / "templates" / "folder"
    shutil.rmtree(target, ignore_errors=True)
    for file in templates(folder):
        if not any(file.match(pattern) for pattern in excluded):
            place = target / file.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)
    return target


def description(path: Path) -> str:
    """How much there is to read."""
    files = templates(path)
    lines = sum(len(file.read_bytes().splitlines()) for file in files)
    return f"{len(files)} template{'s' * (len(files) > 1)}, {lines:,} lines"


def command() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="templates to compare on (default: generated ones)")
    parser.add_argument("--rounds", type=int, default=5, help="counted runs of each tool (default: 5)")
    parser.add_argument("--exclude", action="append", default=[], metavar="GLOB", help="files to leave out")
    return parser.parse_args()


def main() -> None:
    """Install, measure, print the tables and write them to results.md."""
    options = command()
    versions = {tool.name: install(tool) for tool in TOOLS}
    generated = CACHE / "templates" / "generated"
    subprocess.run([sys.executable, str(HERE / "templates.py"), str(generated)], check=True)
    folder = gather(options.folder or generated / "many", options.exclude)
    name = options.folder.name if options.folder else "generated"
    chosen = ["benchmarks/speed/run.py", *([name] if options.folder else []), "--rounds", str(options.rounds)]
    chosen += [f"--exclude={pattern}" for pattern in options.exclude]
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    lines = [
        "# Time and memory",
        "",
        f"`python {shlex.join(chosen)}` on {machine}. What is compared: README.md in this folder.",
    ]
    for title, path in (("One template", generated / "single.yaml"), (f"The folder `{name}`", folder)):
        lines += ["", f"## {title}: {description(path)}", "", *table(compare(path, options.rounds), versions)]
    text = "\n".join(lines) + "\n"
    (HERE / "results.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
