"""For authors of rules: judge a template text or a single resource with one rule, and run case files.

A case file is a YAML list; each case has `name`, `outcome` (pass, fail or undecided), `template` (text or
mapping) or `resource` (`Type` and the rest of one resource), and may have `parameters`, `options`, `when` and
`path` (the property path of the first finding).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from infra_checks.core.finding import Effect, Finding, Outcome
from infra_checks.core.resource import TEMPLATE
from infra_checks.engine import Judgement, by_type, judge
from infra_checks.evaluate.stack import Pins, Stack
from infra_checks.evaluate.transforms import expand
from infra_checks.packs.select import Chosen
from infra_checks.template.load import load_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from infra_checks.core.rule import Option, Rule


def findings(
    rule: Rule,
    template: str | Mapping[str, Any],
    *,
    parameters: Mapping[str, str] | None = None,
    options: Mapping[str, Option] | None = None,
    assume_any: bool = False,
    tags: Mapping[str, str] | None = None,
) -> list[Finding]:
    """The findings of one rule on a template, given as text or as data, sorted by place."""
    text = template if isinstance(template, str) else json.dumps(template, indent=1)
    loaded = load_template("template.yaml", text.encode())
    if loaded.problems and TEMPLATE not in rule.types:
        raise loaded.problems[0]
    pins = Pins({name: (value,) for name, value in (parameters or {}).items()}, assume_any=assume_any)
    expanded, unexpanded = expand(loaded, pins)
    chosen = Chosen(
        rule=rule,
        effect=Effect.BLOCK,
        severity=rule.severity,
        options={**rule.options, **(options or {})},
        undecided=Effect.WARN,
    )
    judgement = Judgement(label="template.yaml", tags=tags or {})
    found = judge(Stack(expanded, pins, unexpanded), by_type([chosen]), judgement)
    return sorted(found, key=lambda finding: finding.sort_key)


def resource(kind: str, *, attributes: Mapping[str, Any] | None = None, **properties: Any) -> dict[str, Any]:  # noqa: ANN401
    """A template with the one resource `Subject` of a type."""
    return {"Resources": {"Subject": {"Type": kind, **(attributes or {}), "Properties": properties}}}


def outcome_of(found: list[Finding]) -> str:
    """`pass`, or the worst outcome among findings: error, fail, undecided."""
    order = (Outcome.ERROR, Outcome.FAIL, Outcome.UNDECIDED)
    return next((str(outcome) for outcome in order if any(f.outcome is outcome for f in found)), "pass")


@dataclass(frozen=True, slots=True)
class Case:
    """One example of a rule: what it says of a template."""

    name: str
    outcome: str
    template: str | Mapping[str, Any]
    parameters: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Option] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    assume_any: bool = False
    when: str | None = None
    path: str | None = None


def read_cases(file: Path) -> Iterator[Case]:
    """The cases of a file."""
    import yaml  # noqa: PLC0415 - only tests need it

    for entry in yaml.load(file.read_text("utf-8"), Loader=yaml.BaseLoader):  # noqa: S506 - BaseLoader makes strings only
        data = dict(entry)
        single = data.pop("resource", None)
        template = data.pop("template", None) or {"Resources": {"Subject": single}}
        options = {name: _option(value) for name, value in data.pop("options", {}).items()}
        assume_any = data.pop("assume_any", "false") == "true"
        yield Case(template=template, options=options, assume_any=assume_any, **data)


def _option(value: object) -> Option:
    if isinstance(value, list):
        return tuple(map(str, value))
    text = str(value)
    return int(text) if text.lstrip("-").isdigit() else {"true": True, "false": False}.get(text, text)


def problem_with(rule: Rule, case: Case) -> str:
    """What the rule says other than the case expects, readable; empty when it says just that."""
    found = findings(
        rule,
        case.template,
        parameters=case.parameters,
        options=case.options,
        assume_any=case.assume_any,
        tags=case.tags,
    )
    told = (
        "\n".join(f"  {f.outcome}: {f.message} at {f.path_text} when {f.when or 'always'}" for f in found)
        or "  nothing"
    )
    if outcome_of(found) != case.outcome:
        return f"{rule.id}: {case.name}: expected {case.outcome}, found\n{told}"
    if case.when is not None and case.when not in [f.when for f in found]:
        return f"{rule.id}: {case.name}: no finding when {case.when!r}\n{told}"
    if case.path is not None and case.path not in [f.path_text for f in found]:
        return f"{rule.id}: {case.name}: no finding at {case.path}\n{told}"
    return ""


def assert_case(rule: Rule, case: Case) -> None:
    """Fail with a readable message unless the rule says what the case expects."""
    problem = problem_with(rule, case)
    assert not problem, problem


def assert_cases(rule: Rule, file: Path) -> None:
    """Run all cases of a file."""
    for case in read_cases(file):
        assert_case(rule, case)


def rules_of_pack(pack: str) -> tuple[Rule, ...]:
    """The rules that a pack, or one it extends, brings along; `pack` is a path, or the name of a shipped pack."""
    from infra_checks.packs.load import load_packs  # noqa: PLC0415 - only for packs with rules of their own
    from infra_checks.rules import catalogue  # noqa: PLC0415 - as above

    return load_packs((pack,), catalogue=catalogue()).rules
