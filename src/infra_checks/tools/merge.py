"""Other tools' results beside our findings: each mistake is told once, and who told it is marked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Effect, Family, Finding, Severity
from infra_checks.core.finding import Outcome as Decided
from infra_checks.core.report import Problem
from infra_checks.core.waiver import Waiver
from infra_checks.template.source import Span
from infra_checks.tools.cfn_lint import CFN_LINT
from infra_checks.tools.checkov import CHECKOV
from infra_checks.tools.process import Tool, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from infra_checks.core.rule import Rule
    from infra_checks.template.model import Template
    from infra_checks.tools.told import Told

TOOLS: Final[dict[str, Tool]] = {tool.name: tool for tool in (CHECKOV, CFN_LINT)}
_START: Final = Span(1, 1, 1, 1)


class Beside:
    """Runs tools over the templates of a report.

    `templates` are those judged, by the label that reports name them with. Where a rule of ours is equivalent to a
    tool's check and judges the resource, ours decides, as it knows every scenario: the tool's result is left out.
    `differing` counts those of them where ours found nothing.
    """

    def __init__(self, templates: Mapping[str, Template], rules: Mapping[str, Rule], found: Iterable[Finding]) -> None:
        self._templates = templates
        self._files = {os.path.realpath(template.name): label for label, template in templates.items()}
        self._ours = {(finding.template, finding.resource, finding.rule) for finding in found}
        self._by_check: dict[str, list[Rule]] = {}
        for rule in rules.values():
            for check in rule.equivalents:
                self._by_check.setdefault(check.casefold(), []).append(rule)
        self.problems: list[Problem] = []
        self.differing: dict[str, int] = {}

    def findings(self, name: str, configured: str = "") -> Iterator[Finding]:
        """What a tool adds to the report; its failures are added to `problems`."""
        outcome = run(TOOLS[name], sorted(self._files), configured=configured)
        for file, message in outcome.failures:
            self.problems.append(Problem(self._label(file) or name, message))
        for told in outcome.told:
            label = self._label(told.file)
            if label and not self._is_decided(told, label, name):
                yield self._finding(told, label, name)

    def _label(self, file: str) -> str:
        return self._files.get(os.path.realpath(file), "")

    def _is_decided(self, told: Told, label: str, tool: str) -> bool:
        declaration = self._templates[label].resources.get(told.resource)
        kind = declaration.type if declaration else "Template"
        ours = [rule for rule in self._by_check.get(told.check.casefold(), ()) if rule.applies_to(kind)]
        if ours and told.suppressed is None and not any((label, told.resource, rule.id) in self._ours for rule in ours):
            self.differing[tool] = self.differing.get(tool, 0) + 1
        return bool(ours)

    def _finding(self, told: Told, label: str, tool: str) -> Finding:
        declaration = self._templates[label].resources.get(told.resource)
        waiver = None
        if told.suppressed is not None:
            waiver = Waiver(rules=(told.check,), reason=told.suppressed, origin=tool, file=label, span=told.span)
        return Finding(
            rule=f"{tool}:{told.check}",
            family=Family.OTHER,
            severity=told.severity,
            outcome=Decided.FAIL if waiver is None else Decided.WAIVED,
            effect=Effect.BLOCK if told.severity >= Severity.MEDIUM else Effect.WARN,
            template=label,
            resource=told.resource if declaration else "",
            type=declaration.type if declaration else "",
            path=told.path,
            span=told.span or _START,
            message=told.message,
            remedy=f"See {told.source}" if told.source else "",
            equivalents=(told.check,),
            origin=tool,
            waiver=waiver,
            construct=declaration.construct if declaration else "",
        )
