"""The report for people: each finding with its place, its lines, why it matters and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Effect, Outcome, Severity
from infra_checks.reporters.characters import disarmed, first_sentences, visible
from infra_checks.reporters.counts import statistics
from infra_checks.reporters.frame import Frames
from infra_checks.reporters.phrases import place, problem_place, scenario, statement, subject, waiver
from infra_checks.reporters.style import Style
from infra_checks.reporters.tally import plural, tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.finding import Finding
    from infra_checks.core.report import Problem, Report

_WHY: Final = 240
"""How many characters of a rationale are shown; `explain` has all of it."""

_PAINT: Final = {
    "bold": "1",
    "dim": "2",
    "error": "1;31",
    "place": "34",
    "good": "32",
    "undecided": "1;35",
    "underline": "1;33",
}
_SEVERITY_PAINT: Final = {
    Severity.CRITICAL: "1;31",
    Severity.HIGH: "31",
    Severity.MEDIUM: "33",
    Severity.LOW: "36",
    Severity.INFO: "2",
}


def render(report: Report, style: Style | None = None) -> str:
    """The report as text that ends with a line end and is safe to print to a terminal."""
    printer = _Printer(report, style or Style())
    return disarmed("\n".join(printer.lines())) + "\n"


class _Printer:
    """Writes a report's lines; everything from a template goes through `visible`."""

    __slots__ = ("_frames", "_report", "_style")

    def __init__(self, report: Report, style: Style) -> None:
        self._report = report
        self._style = style
        self._frames = Frames(report.sources)

    def lines(self) -> Iterator[str]:
        """All lines of the report."""
        for finding in self._report.findings:
            if finding.outcome is Outcome.WAIVED and not self._style.verbose:
                continue
            if self._style.quiet:
                yield self._short(finding)
            else:
                yield from self._long(finding)
                yield ""
        for problem in self._report.errors:
            yield from self._problem(problem)
        if not self._style.quiet:
            yield from self._remarks()
        yield self._summary()
        if self._style.statistics:
            yield ""
            yield from statistics(self._report, self._style.seconds)

    def _short(self, finding: Finding) -> str:
        where = f" [when {visible(finding.when)}]" if finding.when else ""
        what = f"{visible(finding.rule)} {visible(statement(finding))}{where}"
        if finding.waiver is not None:
            what += f" [waiver {visible(waiver(finding))}]"
        return f"{self._paint('place', visible(place(finding)))}: {self._label(finding)} {what}"

    def _long(self, finding: Finding) -> Iterator[str]:
        kind = f" ({visible(finding.type)})" if finding.type else ""
        yield f"{self._label(finding)}  {self._paint('bold', visible(finding.rule))}  {visible(subject(finding))}{kind}"
        rows = self._frames.frame(finding.template, finding.span)
        gutter = max((len(number) for number, _ in rows), default=3) - 2
        yield f"{' ' * gutter}--> {self._paint('place', visible(place(finding)))}"
        for number, row in rows:
            shown = self._paint("underline", row) if not number.strip(" |") else row
            yield f"{self._paint('dim', number)} {shown}".rstrip()
        yield f"  {visible(statement(finding))}"
        yield from self._details(finding)

    def _details(self, finding: Finding) -> Iterator[str]:
        if finding.construct:
            yield self._detail("construct", finding.construct)
        if finding.arn and finding.has_line:
            yield self._detail("deployed", finding.arn)
        if finding.console:
            yield self._detail("console", finding.console)
        when = scenario(finding)
        if when:
            yield self._detail("when", when)
        for note in finding.provenance:
            yield self._detail("from", note)
        rule = self._report.rules.get(finding.rule)
        if rule is not None and rule.rationale:
            yield self._detail("why", first_sentences(rule.rationale, _WHY))
        if finding.remedy:
            yield self._detail("fix", finding.remedy)
        if finding.waiver is not None:
            yield self._detail("waiver", waiver(finding))

    def _detail(self, name: str, text: str) -> str:
        return f"  {self._paint('dim', f'{name}:')} {visible(text)}"

    def _label(self, finding: Finding) -> str:
        severity = finding.severity.label
        match finding.outcome:
            case Outcome.ERROR:
                return self._paint("error", "rule failed")
            case Outcome.WAIVED:
                return self._paint("dim", f"waived ({severity})")
            case Outcome.UNDECIDED:
                return self._paint("undecided", f"undecided ({severity})")
            case Outcome.FAIL:
                label = severity if finding.effect is Effect.BLOCK else f"{severity} (warning)"
                return self._colored(_SEVERITY_PAINT[finding.severity], label)

    def _problem(self, problem: Problem) -> Iterator[str]:
        where = visible(problem_place(problem))
        if self._style.quiet:
            yield f"{self._paint('place', where)}: {self._paint('error', 'error')} {visible(problem.message)}"
            return
        yield f"{self._paint('error', 'error')}  {visible(problem.message)}"
        yield f" --> {self._paint('place', where)}"
        yield ""

    def _remarks(self) -> Iterator[str]:
        for notice in self._report.notices:
            yield f"note: {visible(notice)}"
        skipped = self._report.skipped
        if self._style.verbose:
            for file in skipped:
                yield f"skipped: {visible(file.name)}: {visible(file.reason)}"
        elif skipped:
            yield f"note: {plural(len(skipped), 'file')} skipped; --verbose lists them"

    def _summary(self) -> str:
        counts = tally(self._report)
        is_clean = not (counts.violations or counts.undecided or counts.failures or counts.errors)
        return self._paint("good" if is_clean else "bold", counts.sentence())

    def _paint(self, name: str, text: str) -> str:
        return self._colored(_PAINT[name], text)

    def _colored(self, codes: str, text: str) -> str:
        return f"\x1b[{codes}m{text}\x1b[0m" if self._style.color else text
