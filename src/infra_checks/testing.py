"""For tests of one's own stacks: `declared_stack`, `assert_compliant` and `assert_not_compliant`; see docs/pytest.md.

For authors of rules: judge a template text or a single resource with one rule, and run case files.

A case file is a YAML list; each case has `name`, `outcome` (pass, fail or undecided), `template` (text or
mapping) or `resource` (`Type` and the rest of one resource), and may have `parameters`, `options`, `tags`, `when` and
`path` (the property path of the first finding). A line of the template at which there is to be a finding ends with
`# <- fail` or `# <- undecided` (of several with commas); then there must be no finding anywhere else.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from infra_checks.compliance import ComplianceWarning, assert_compliant, assert_not_compliant
from infra_checks.core.declared import DeclaredResource, DeclaredStack, declared_stack
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

    from yaml import MappingNode

    from infra_checks.core.rule import Option, Rule

__all__ = [
    "Case",
    "ComplianceWarning",
    "DeclaredResource",
    "DeclaredStack",
    "assert_case",
    "assert_cases",
    "assert_compliant",
    "assert_not_compliant",
    "declared_stack",
    "findings",
    "outcome_of",
    "problem_with",
    "read_cases",
    "resource",
    "rules_of_pack",
]

_MARK: Final = re.compile(r"[ \t]*# <- ((?:fail|undecided)(?:, *(?:fail|undecided))*)$", re.MULTILINE)

_ALIAS: Final = re.compile(r"(?:[:,[{]|^\s*-) +\*\w", re.MULTILINE)

Mark = tuple[int, str]
"""A line of a template and the outcome of a finding there."""


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
    """One example of a rule: what it says of a template.

    `text` is the template as it stands in the file of cases, if that has one; `marks` are the places of findings in it.
    """

    name: str
    outcome: str
    template: str | Mapping[str, Any]
    parameters: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Option] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    assume_any: bool = False
    when: str | None = None
    path: str | None = None
    text: str = ""
    marks: tuple[Mark, ...] = ()


def read_cases(file: Path) -> Iterator[Case]:
    """The cases of a file."""
    import yaml  # noqa: PLC0415 - only tests need it

    marked = file.read_text("utf-8") + "\n"  # so that a block ends in the line after its last one
    source = _MARK.sub("", marked)
    loader = yaml.BaseLoader(source)  # it makes strings only
    root = loader.get_single_node()
    for node in root.value if root is not None else ():
        data = dict(loader.construct_document(node))
        text, line = _text(node, source)
        marks = tuple(
            (number - line, word.strip())
            for number, each in enumerate(marked.split("\n")[: node.end_mark.line + node.flow_style])
            for words in (_MARK.findall(each) if text and number > line else ())
            for word in words.split(",")
        )
        single = data.pop("resource", None)
        template = data.pop("template", None) or {"Resources": {"Subject": single}}
        options = {name: _option(value) for name, value in data.pop("options", {}).items()}
        assume_any = data.pop("assume_any", "false") == "true"
        yield Case(template=template, options=options, assume_any=assume_any, text=text, marks=marks, **data)


def _text(case: MappingNode, source: str) -> tuple[str, int]:
    """The template of a case as the file has it, and the line before its first one (from 0).

    There is none when it has aliases, and so is nothing alone.
    """
    nodes = {key.value: value for key, value in case.value}
    node = nodes.get("template") or nodes.get("resource")
    if node is None:
        raise ValueError(f"line {case.start_mark.line + 1}: a case has neither template nor resource")
    start = node.start_mark
    if isinstance(node.value, str):
        return node.value, start.line
    indent = 0 if node.flow_style else start.column
    written = " " * indent + source[start.index : node.end_mark.index]
    if _ALIAS.search(written):
        return "", 0
    if "template" in nodes:
        return written, start.line - 1
    head = "Resources:\n  Subject:"
    return (f"{head} {written}", start.line - 2) if node.flow_style else (f"{head}\n{written}", start.line - 3)


def _option(value: object) -> Option:
    if isinstance(value, list):
        return tuple(map(str, value))
    text = str(value)
    return int(text) if text.lstrip("-").isdigit() else {"true": True, "false": False}.get(text, text)


def problem_with(rule: Rule, case: Case) -> str:
    """What the rule says other than the case expects, readable; empty when it says just that."""
    found = findings(
        rule,
        case.text or case.template,
        parameters=case.parameters,
        options=case.options,
        assume_any=case.assume_any,
        tags=case.tags,
    )
    told = (
        "\n".join(
            f"  {f.outcome}: {f.message} at {f.path_text}, line {f.span.line}, when {f.when or 'always'}" for f in found
        )
        or "  nothing"
    )
    if outcome_of(found) != case.outcome:
        return f"{rule.id}: {case.name}: expected {case.outcome}, found\n{told}"
    if case.when is not None and case.when not in [f.when for f in found]:
        return f"{rule.id}: {case.name}: no finding when {case.when!r}\n{told}"
    if case.path is not None and case.path not in [f.path_text for f in found]:
        return f"{rule.id}: {case.name}: no finding at {case.path}\n{told}"
    astray = _astray(case, found)
    return f"{rule.id}: {case.name}: {astray}\n{told}" if astray else ""


def _astray(case: Case, found: list[Finding]) -> str:
    """Where a case with marks has other findings than marked, in words."""
    marked = Counter(case.marks)
    said = Counter((f.span.line, str(f.outcome)) for f in found) if case.marks else marked
    for text, marks in (
        ("no finding where one is marked", marked - said),
        ("a finding where none is marked", said - marked),
    ):
        if marks:
            return f"{text}: {', '.join(f'{outcome} in line {line}' for line, outcome in sorted(marks))}"
    return ""


def assert_case(rule: Rule, case: Case) -> None:
    """Fail with a readable message unless the rule says what the case expects."""
    problem = problem_with(rule, case)
    if problem:  # no assert: pytest would add to the message of one, where it rewrites this module
        raise AssertionError(problem)


def assert_cases(rule: Rule, file: Path) -> None:
    """Run all cases of a file."""
    for case in read_cases(file):
        assert_case(rule, case)


def rules_of_pack(pack: str) -> tuple[Rule, ...]:
    """The rules that a pack, or one it extends, brings along; `pack` is a path, or the name of a shipped pack."""
    from infra_checks.packs.load import load_packs  # noqa: PLC0415 - only for packs with rules of their own
    from infra_checks.rules import catalogue  # noqa: PLC0415 - as above

    return load_packs((pack,), catalogue=catalogue()).rules
