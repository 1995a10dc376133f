"""The report as workflow commands of GitHub Actions, which become annotations.

GitHub shows ten annotations of each level for a step, the first that come. So the worst come first, and
what has no room is listed as plain text after them.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.core.finding import Outcome
from infra_checks.reporters.characters import disarmed, visible, well_formed
from infra_checks.reporters.phrases import full_statement, level, place, problem_place, rank
from infra_checks.reporters.tally import plural, tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.report import Report
    from infra_checks.template.source import Span

_MOST: Final = 10
"""How many annotations of one level GitHub shows for a step."""

_COMMANDS: Final = {"error": "error", "warning": "warning", "note": "notice"}


class _Annotation(NamedTuple):
    command: str
    file: str
    span: Span | None
    title: str
    message: str
    place: str

    def command_line(self) -> str:
        """The workflow command."""
        properties = {"file": self.file, "title": self.title} if self.file else {"title": self.title}
        if self.span is not None:
            properties |= {"line": str(self.span.line), "endLine": str(self.span.end_line)}
            # GitHub refuses columns of a place with more than one line.
            if self.span.line == self.span.end_line:
                properties |= {"col": str(self.span.column), "endColumn": str(self.span.end_column)}
        shown = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        return f"::{self.command} {shown}::{_data(self.message)}"

    def plain_line(self) -> str:
        """The same for people; indented, so that it can never be read as a command."""
        return disarmed(f"  {visible(self.place)}: {self.command} {visible(self.title)} {visible(self.message)}")


def render(report: Report) -> str:
    """The workflow commands, then what is not annotated, then the counts."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    annotations = list(_annotations(report))
    room = Counter(annotation.command for annotation in annotations)
    is_cut = any(number > _MOST for number in room.values())
    # The notice that says so takes a place itself.
    most = {"error": _MOST, "warning": _MOST, "notice": _MOST - is_cut}
    shown: Counter[str] = Counter()
    rest: list[_Annotation] = []
    for annotation in annotations:
        if shown[annotation.command] < most[annotation.command]:
            shown[annotation.command] += 1
            yield annotation.command_line()
        else:
            rest.append(annotation)
    if rest:
        counts = Counter(annotation.command for annotation in rest)
        listed = ", ".join(plural(counts[command], command) for command in _COMMANDS.values() if counts[command])
        yield f"::notice title=infra-checks::{listed} more; see the log of this step"
        yield "::group::Not annotated"
        yield from (annotation.plain_line() for annotation in rest)
        yield "::endgroup::"
    yield tally(report).sentence()


def _annotations(report: Report) -> Iterator[_Annotation]:
    for problem in report.errors:
        yield _Annotation(
            "error", problem.file, problem.span, "unusable input", problem.message, problem_place(problem)
        )
    for finding in sorted(report.findings, key=rank):
        if finding.outcome is Outcome.WAIVED:
            continue
        label = "rule failed" if finding.outcome is Outcome.ERROR else finding.severity.label
        yield _Annotation(
            _COMMANDS[level(finding)],
            finding.template if finding.has_line else "",
            finding.span if finding.has_line else None,
            f"{finding.rule} ({label})",
            f"{full_statement(finding)}{f' ({finding.arn})' if finding.arn else ''}",
            place(finding),
        )


def _data(text: str) -> str:
    """A message as GitHub's toolkit escapes it."""
    escaped = well_formed(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return visible(escaped)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
