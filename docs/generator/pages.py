"""One page for each rule, of its own words, its cases and the packs, and an index of them all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import yaml

from docs.generator.reads import reads
from infra_checks.core.finding import Family
from infra_checks.core.rule import ANY_TYPE
from infra_checks.packs.load import load_packs, shipped_packs
from infra_checks.packs.select import resolve_in
from infra_checks.reporters.markdown import escape, prose
from infra_checks.testing import read_cases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from infra_checks.core.rule import Option, Rule
    from infra_checks.packs.schema import Pack
    from infra_checks.testing import Case

GENERATED: Final = "<!-- Written by docs/generate.py of the rule's own words and cases; do not edit. -->"
EVERY_TYPE: Final = "every type"
LONGEST_EXAMPLE: Final = 4000
"""More characters than that say nothing to a reader."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What pages are made of: the rules, the folder of their cases, the packs, and controls by rule id."""

    rules: Sequence[Rule]
    cases: Path
    packs: Mapping[str, Pack]
    controls: Mapping[str, Sequence[str]]

    def cases_of(self, rule: Rule) -> list[Case]:
        """A rule's cases, none if there is no file."""
        file = self.cases / f"{rule.id}.yaml"
        return list(read_cases(file)) if file.exists() else []


def shipped(rules: Sequence[Rule]) -> dict[str, Pack]:
    """The packs that come with the package, by name."""
    return {name: load_packs((name,), catalogue=rules) for name, _ in shipped_packs()}


def pages(sources: Sources) -> dict[str, str]:
    """The text of each file, by its name in the folder of the pages."""
    made = {f"{rule.id}.md": page(rule, sources) for rule in sources.rules}
    return {"README.md": index(sources.rules), **made}


def page(rule: Rule, sources: Sources) -> str:
    """All there is to say of one rule."""
    cases = sources.cases_of(rule)
    facts = "".join(f"- **{name}**: {text}\n" for name, text in _facts(rule, sources) if text)
    parts = [f"# {rule.id}\n\n{GENERATED}\n", f"{prose(rule.title)}.\n", f"{prose(rule.rationale)}\n", facts]
    parts += [f"## Fix\n\n{prose(rule.remedy)}\n"]
    parts += [_options(rule), _reads(rule, cases), _controls(sources.controls.get(rule.id, ()))]
    parts += [_example(cases, "fail", "Fails"), _example(cases, "pass", "Passes")]
    return "\n".join(part for part in parts if part)


def _facts(rule: Rule, sources: Sources) -> Iterator[tuple[str, str]]:
    yield "applies to", ", ".join(EVERY_TYPE if kind == ANY_TYPE else f"`{kind}`" for kind in rule.types)
    yield "severity", rule.severity.label
    yield "family", rule.family.value
    yield "packs", "; ".join(_in_pack(rule, name, pack) for name, pack in sources.packs.items()) or "none"
    yield "source", f"<{rule.source}>" if rule.source else ""
    yield "other names", _codes(rule.aliases)
    yield "the same in other tools", _codes(rule.equivalents)


def _in_pack(rule: Rule, name: str, pack: Pack) -> str:
    """What a pack makes of the rule: its effect, and where it differs from the rule its severity and options."""
    resolved = resolve_in(pack, rule)
    changes = [f"{resolved.severity.label} severity"] if resolved.severity is not rule.severity else []
    changes += [
        f"`{_pack_name(option)}: {_value(value)}`"
        for option, value in resolved.options.items()
        if value != rule.options[option]
    ]
    told = f" ({', '.join(changes)})" if changes else ""
    return f"`{name}` {resolved.effect}{told}"


def _pack_name(option: str) -> str:
    """An option as packs write it."""
    return option.replace("_", "-")


def _value(value: Option) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _options(rule: Rule) -> str:
    if not rule.options:
        return ""
    rows = "".join(f"| `{_pack_name(name)}` | `{_value(value)}` |\n" for name, value in rule.options.items())
    return f"## Options\n\n| Option | Default |\n| --- | --- |\n{rows}"


def _reads(rule: Rule, cases: Iterable[Case]) -> str:
    found = reads(rule, cases)
    if ANY_TYPE in rule.types:
        found = {EVERY_TYPE: tuple(sorted({path for paths in found.values() for path in paths}))} if found else {}
    types: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for kind, paths in found.items():
        types[paths].append(kind if kind == EVERY_TYPE else f"`{kind}`")
    lines = [f"- {', '.join(kinds)}: {_codes(paths)}\n" for paths, kinds in types.items()]
    return f"## Reads\n\n{''.join(lines)}" if lines else ""


def _codes(texts: Iterable[str]) -> str:
    return ", ".join(f"`{text}`" for text in texts)


def _controls(controls: Iterable[str]) -> str:
    """The controls of standards that the rule is evidence for."""
    lines = "".join(f"- {escape(control)}\n" for control in controls)
    return f"## Controls\n\n{lines}" if lines else ""


def _example(cases: Iterable[Case], outcome: str, title: str) -> str:
    fitting = [case for case in cases if case.outcome == outcome and is_shown(case)]
    case = next((case for case in fitting if not case.options), fitting[0] if fitting else None)
    if case is None:
        return ""
    given = [f"{name}={value}" for name, value in case.parameters.items()]
    given += [f"{_pack_name(name)}: {_value(value)}" for name, value in case.options.items()]
    given += [f"the stack's tag {name}={value}" for name, value in case.tags.items()]
    with_given = f", with {_codes(given)}" if given else ""
    return f"## {title}\n\n{escape(case.name).capitalize()}{with_given}:\n\n```yaml\n{as_yaml(case.template)}```\n"


def is_shown(case: Case) -> bool:
    """Whether a case's template is short enough for a page."""
    return len(as_yaml(case.template)) <= LONGEST_EXAMPLE


def as_yaml(template: str | Mapping[str, object]) -> str:
    """A case's template as a user would write it; one that is text already stays as it is."""
    if isinstance(template, str):
        return template.rstrip() + "\n"
    return yaml.safe_dump(_typed(template), sort_keys=False, width=100, default_flow_style=False)


def _typed(data: object) -> object:
    """Texts that say true, false or a number as such; the files of cases are read as texts only."""
    if isinstance(data, dict):
        return {key: _typed(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_typed(value) for value in data]
    text = cast("str", data)
    number = text.removeprefix("-")
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if number.isascii() and number.isdecimal() and str(int(text)) == text else text


def index(rules: Iterable[Rule]) -> str:
    """All rules by family, in each by service."""
    by_family: dict[Family, list[Rule]] = defaultdict(list)
    for rule in rules:
        by_family[rule.family].append(rule)
    number = sum(map(len, by_family.values()))
    parts = [f"# Rules\n\n{GENERATED}\n", f"{number} rules, by family and service.\n"]
    for family in Family:
        if by_family[family]:
            rows = sorted((service(rule), rule.id, rule) for rule in by_family[family])
            lines = "".join(_index_row(kind, rule) for kind, _, rule in rows)
            head = "| Service | Rule | Severity | |\n| --- | --- | --- | --- |\n"
            parts.append(f"## {family.value} ({len(rows)})\n\n{head}{lines}")
    return "\n".join(parts)


def _index_row(kind: str, rule: Rule) -> str:
    return f"| {kind} | [{rule.id}]({rule.id}.md) | {rule.severity.label} | {prose(rule.title)} |\n"


def service(rule: Rule) -> str:
    """The service whose resources a rule judges, such as `S3`; `several` for more than one."""
    services = {kind.split("::")[1] if kind.count("::") > 1 else "any" for kind in rule.types}
    return services.pop() if len(services) == 1 else "several"
