"""Compares our verdicts with labels: `python benchmarks/accuracy.py [--labels FILE] [--require 0.98]`.

A label says what another tool's check should find on one resource of a template. Where a rule names that check among
its `equivalents`, the label agrees when the rule reports a violation exactly if the label expects one. Every rule runs
with its default options and every parameter has its default. Labels that AWS's documentation proves wrong are listed
in `adjudicated.yaml`.

A file of labels holds one JSON object a line: `id`, `source` (the tool), `check`, `check_title`, `template` (its path
relative to the file), `resource` (null: the template as a whole), `resource_type`, `expected` (pass or fail), `family`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from infra_checks.api import catalogue
from infra_checks.core.finding import Effect, Finding, Outcome
from infra_checks.engine import Judgement, by_type, judge
from infra_checks.errors import InfraChecksError
from infra_checks.evaluate.stack import Pins, Stack
from infra_checks.evaluate.transforms import expand
from infra_checks.packs.load import load_packs
from infra_checks.packs.select import Chosen, choose
from infra_checks.template.load import load_template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from infra_checks.core.rule import Rule

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent
LABELS: Final = ROOT / "../shared/corpus/labels.jsonl"
ADJUDICATED: Final = HERE / "adjudicated.yaml"
IAM: Final = "iam"

PASS: Final = "pass"  # noqa: S105 - a verdict
UNREADABLE: Final = "unreadable"
_WORST_FIRST: Final = ("error", "fail", "undecided")


@dataclass(frozen=True, slots=True)
class Label:
    """What another tool's check should say of a resource; `resource` is empty for the template as a whole."""

    id: str
    source: str
    check: str
    title: str
    template: Path
    resource: str
    expected: str
    family: str


@dataclass(frozen=True, slots=True)
class Adjudication:
    """Why a label is wrong: our verdict, the reason and the page of AWS's documentation that decides."""

    id: str
    verdict: str
    reason: str
    url: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A label with our verdict and the rules that gave it."""

    label: Label
    verdict: str
    rules: tuple[str, ...]
    said: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether both say the same; what we leave open agrees with nothing."""
        return self.verdict == self.label.expected


@dataclass(frozen=True, slots=True)
class Result:
    """All labels judged, those whose check has no equivalent, and the adjudications."""

    judged: tuple[Judged, ...]
    unmatched: tuple[Label, ...]
    adjudicated: Mapping[str, Adjudication]
    unknown: tuple[str, ...]

    def is_adjudicated(self, one: Judged) -> bool:
        """Whether the label disagrees and is known to be wrong, with the verdict we give."""
        known = self.adjudicated.get(one.label.id)
        return known is not None and not one.agrees and known.verdict == one.verdict

    @property
    def disagreeing(self) -> list[Judged]:
        """The labels that disagree and are not adjudicated."""
        return [one for one in self.judged if not one.agrees and not self.is_adjudicated(one)]

    @property
    def stale(self) -> list[str]:
        """Adjudications that do not apply: of no label, of one that agrees, or of another verdict."""
        verdicts = {one.label.id: one for one in self.judged}
        told = [f"{name}: no such label, or its check has no equivalent" for name in self.unknown]
        for name, known in self.adjudicated.items():
            one = verdicts.get(name)
            if one is not None and not self.is_adjudicated(one):
                now = "the label agrees" if one.agrees else f"the verdict is {one.verdict}, not {known.verdict}"
                told.append(f"{name}: {now}")
        return sorted(told)


def read_labels(file: Path) -> list[Label]:
    """The labels of a file."""
    labels = []
    for line in file.read_text("utf-8").splitlines():
        if line.strip():
            data = json.loads(line)
            labels.append(
                Label(
                    id=data["id"],
                    source=data["source"],
                    check=data["check"],
                    title=data.get("check_title") or "",
                    template=file.parent / data["template"],
                    resource=data.get("resource") or "",
                    expected=data["expected"],
                    family=data.get("family") or "other",
                )
            )
    return labels


def read_adjudications(file: Path) -> dict[str, Adjudication]:
    """The adjudications of a file, by label; each needs its reason and a page of AWS's documentation."""
    found: dict[str, Adjudication] = {}
    for entry in yaml.safe_load(file.read_text("utf-8")) or []:
        known = Adjudication(**entry)
        if not known.reason or not known.url.startswith("https://docs.aws.amazon.com/"):
            raise ValueError(f"{file}: {known.id} needs a reason and a page of https://docs.aws.amazon.com/")
        if known.id in found:
            raise ValueError(f"{file}: {known.id} stands there twice")
        found[known.id] = known
    return found


def all_rules() -> tuple[Chosen, ...]:
    """Every rule with its default options."""
    return tuple(
        Chosen(
            rule=rule,
            effect=Effect.BLOCK,
            severity=rule.severity,
            options=rule.options,
            undecided=Effect.WARN,
        )
        for rule in catalogue()
    )


def rules_of_pack(name: str) -> tuple[Chosen, ...]:
    """The rules of a pack with its options; what it pins does not count."""
    return choose(load_packs((name,), catalogue=catalogue()), catalogue(), undecided=Effect.WARN)


def findings(file: Path, chosen: Iterable[Chosen]) -> list[Finding]:
    """What the rules say of a template whose parameters have their defaults."""
    template = load_template(str(file), file.read_bytes())
    defaults = {
        name: (parameter.default,)
        for name, parameter in template.parameters.items()
        if parameter.default is not None and not parameter.is_ssm
    }
    pins = Pins(defaults)
    expanded, unexpanded = expand(template, pins)
    return list(judge(Stack(expanded, pins, unexpanded), by_type(chosen), Judgement(label=str(file))))


def compare(labels: Sequence[Label], chosen: Sequence[Chosen], adjudicated: Mapping[str, Adjudication]) -> Result:
    """Judge each label's template once and each label by the rules that are equivalent to its check."""
    equivalent: dict[str, list[Rule]] = defaultdict(list)
    for choice in chosen:
        for peer in choice.rule.equivalents:
            equivalent[peer.casefold()].append(choice.rule)
    matched = [label for label in labels if label.check.casefold() in equivalent]
    found: dict[Path, list[Finding] | str] = {}
    judged = []
    for label in matched:
        if label.template not in found:
            found[label.template] = _read(label.template, chosen)
        judged.append(_judged(label, tuple(rule.id for rule in equivalent[label.check.casefold()]), found))
    known = {label.id for label in matched}
    return Result(
        judged=tuple(judged),
        unmatched=tuple(label for label in labels if label.check.casefold() not in equivalent),
        adjudicated=adjudicated,
        unknown=tuple(name for name in adjudicated if name not in known),
    )


def _read(file: Path, chosen: Iterable[Chosen]) -> list[Finding] | str:
    try:
        return findings(file, chosen)
    except (InfraChecksError, OSError) as error:
        return str(error)


def _judged(label: Label, rules: tuple[str, ...], found: Mapping[Path, list[Finding] | str]) -> Judged:
    findings_of_template = found[label.template]
    if isinstance(findings_of_template, str):
        return Judged(label, UNREADABLE, rules, (findings_of_template,))
    said = [
        finding
        for finding in findings_of_template
        if finding.rule in rules and label.resource in {"", finding.resource} and finding.outcome is not Outcome.WAIVED
    ]
    outcomes = {str(finding.outcome) for finding in said}
    verdict = next((outcome for outcome in _WORST_FIRST if outcome in outcomes), PASS)
    return Judged(label, verdict, rules, tuple(_statement(finding) for finding in said))


def _statement(finding: Finding) -> str:
    when = f", when {finding.when}" if finding.when else ""
    return f"{finding.rule}: {finding.outcome}: {finding.resource or 'the template'} {finding.message}{when}"


def report(result: Result) -> Iterator[str]:
    """The lines to print; the last one is the summary."""
    yield from _groups("source", result, lambda one: (one.label.source,))
    yield from _groups("family", result, lambda one: (one.label.family,))
    yield from _groups("rule", result, lambda one: one.rules)
    disagreeing = result.disagreeing
    decided = [one for one in disagreeing if one.verdict in {"fail", PASS}]
    yield from _section("disagreements", map(_told, decided))
    yield from _section("undecided", (_told(one) for one in disagreeing if one.verdict == "undecided"))
    broken = [one for one in disagreeing if one.verdict in {"error", UNREADABLE}]
    yield from _section("rules that failed and templates that cannot be read", map(_told, broken))
    yield from _section("checks without an equivalent", _unmatched(result.unmatched))
    yield from _section("adjudications that do not apply", result.stale)
    yield f"{len(result.unmatched)} labels are not compared, as no rule has their check among its equivalents"
    for name, chosen in (("iam", True), ("the rest", False)):
        part = [one for one in result.judged if (one.label.family == IAM) is chosen]
        wrong = [one for one in disagreeing if (one.label.family == IAM) is chosen]
        if part:
            yield f"{name}: {share(len(part), len(wrong))} of {len(part)} labels"
    yield summary(result)


def _told(one: Judged) -> str:
    said = "".join(f"\n      {text}" for text in one.said)
    return f"{one.label.id}: expected {one.label.expected}, is {one.verdict} ({', '.join(one.rules)}){said}"


def _unmatched(labels: Iterable[Label]) -> Iterator[str]:
    count = Counter((label.source, label.check, label.family, label.title) for label in labels)
    for (source, check, family, title), number in sorted(count.items()):
        yield f"{check} ({source}, {family}, {number} labels): {title}"


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    told = list(lines)
    if told:
        yield f"{title} ({len(told)}):"
        yield from (f"  {line}" for line in told)
        yield ""


def _groups(title: str, result: Result, keys: Callable[[Judged], tuple[str, ...]]) -> Iterator[str]:
    total: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    excused: Counter[str] = Counter()
    for one in result.judged:
        total.update(keys(one))
        if result.is_adjudicated(one):
            excused.update(keys(one))
    for one in result.disagreeing:
        wrong.update(keys(one))
    width = max(map(len, total), default=0)
    rows = (
        f"{key:<{width}}  {share(total[key], wrong[key])}  {total[key]:>4} labels, {wrong[key]} disagree, "
        f"{excused[key]} adjudicated"
        for key in sorted(total)
    )
    yield from _section(f"by {title}", rows)


def share(labels: int, disagreeing: int) -> str:
    """The part that agrees, cut off after three digits, so that it is never shown higher than it is."""
    return f"{(labels - disagreeing) * 1000 // labels / 1000:.3f}" if labels else "1.000"


def summary(result: Result) -> str:
    """The whole in one line. Adjudicated labels are among the labels, and not among those that disagree."""
    labels = len(result.judged)
    adjudicated = sum(map(result.is_adjudicated, result.judged))
    checks = len({label.check.casefold() for label in result.unmatched})
    agreed = share(labels, len(result.disagreeing))
    return f"agreement {agreed} of {labels} labels, {adjudicated} adjudicated, {checks} checks without an equivalent"


def reaches(result: Result, required: float) -> bool:
    """Whether enough labels agree; with nothing to compare there is no agreement."""
    labels = len(result.judged)
    return labels > 0 and labels - len(result.disagreeing) >= required * labels


def as_data(result: Result) -> dict[str, Any]:
    """The result for programs."""
    return {
        "summary": summary(result),
        "labels": [
            {
                **asdict(one.label),
                "template": one.label.template.as_posix(),
                "verdict": one.verdict,
                "rules": one.rules,
                "said": one.said,
                "agrees": one.agrees,
                "adjudicated": result.is_adjudicated(one),
            }
            for one in result.judged
        ],
        "without_equivalent": sorted({label.check for label in result.unmatched}),
        "stale": result.stale,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the comparison; 0 when enough labels agree."""
    parser = argparse.ArgumentParser(description="Compares our verdicts with labels.")
    parser.add_argument("--labels", type=Path, default=LABELS, help="default: ../shared/corpus/labels.jsonl")
    parser.add_argument("--adjudicated", type=Path, default=ADJUDICATED, help="default: benchmarks/adjudicated.yaml")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result as JSON")
    parser.add_argument("--require", type=float, default=0.0, metavar="SHARE", help="exit with 1 below this agreement")
    parser.add_argument("--family", action="append", default=[], help="only labels of this family; repeatable")
    parser.add_argument("--pack", help="the rules and options of a pack instead of all rules with their defaults")
    options = parser.parse_args(arguments)
    labels = [label for label in read_labels(options.labels) if not options.family or label.family in options.family]
    adjudicated = read_adjudications(options.adjudicated)
    if options.family:
        kept = {label.id for label in labels}
        adjudicated = {name: known for name, known in adjudicated.items() if name in kept}
    result = compare(labels, rules_of_pack(options.pack) if options.pack else all_rules(), adjudicated)
    print("\n".join(report(result)))
    if options.json:
        options.json.write_text(json.dumps(as_data(result), indent=1) + "\n", "utf-8")
    return 0 if reaches(result, options.require) else 1


if __name__ == "__main__":
    sys.exit(main())
