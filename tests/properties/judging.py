"""Judging a template's text with the test rules, and what remains of a finding when places are left out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from infra_checks.engine import Judgement, by_type, judge
from infra_checks.evaluate.stack import Pins, Stack
from infra_checks.evaluate.transforms import expand
from infra_checks.template.load import load_template
from tests.properties.rules import CHOSEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.core.finding import Finding
    from infra_checks.errors import EvaluationError

_RULES = by_type(CHOSEN)


def judged(
    template: str | Mapping[str, Any], pins: Mapping[str, str] | None = None, *, limit: int = 1000
) -> tuple[list[Finding], list[EvaluationError]]:
    """The findings in order, and what cannot be evaluated; raises InfraChecksError for what cannot be read."""
    text = template if isinstance(template, str) else json.dumps(template)
    chosen = Pins({name: (value,) for name, value in (pins or {}).items()})
    expanded, unexpanded = expand(load_template("template.yaml", text.encode()), chosen)
    stack = Stack(expanded, chosen, unexpanded)
    found = sorted(judge(stack, _RULES, Judgement(label="t", max_scenarios=limit)), key=lambda each: each.sort_key)
    return found, stack.problems


def unplaced(finding: Finding) -> tuple[object, ...]:
    """A finding without line, column and fingerprint."""
    return (
        finding.rule, finding.resource, finding.path_text, str(finding.outcome), finding.message, finding.when,
        tuple(finding.assignment.items()), finding.provenance,
    )  # fmt: skip


def subject(finding: Finding) -> tuple[str, str, str]:
    """What a finding is about."""
    return finding.rule, finding.resource, finding.path_text
