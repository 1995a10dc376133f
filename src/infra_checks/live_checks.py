"""Deployed stacks judged by the rules: what `infra-checks live` and tests call."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from infra_checks import api
from infra_checks.core.finding import NOWHERE, Effect, Family, Finding, Outcome, Severity
from infra_checks.core.secrecy import concealed
from infra_checks.engine import MAX_SCENARIOS
from infra_checks.errors import ParameterError
from infra_checks.evaluate.parameters import ParameterFile
from infra_checks.evaluate.stack import Pins
from infra_checks.evaluate.transforms import expand
from infra_checks.live.beside import NOT_LOOKED_FOR
from infra_checks.live.console import console_link, stack_link
from infra_checks.live.document import document_of
from infra_checks.packs.load import load_packs
from infra_checks.template import nodes
from infra_checks.template.load import load_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from infra_checks.core.report import Report
    from infra_checks.core.waiver import Waiver
    from infra_checks.live.stacks import LiveStack
    from infra_checks.template.model import Template
    from infra_checks.template.source import SourceFile, Span

_ASKS_WHO_NAMED: Final = "iam-role-grants-unrelated-resource"
READER: Final = "live-reader"
"""Stands for a rule in what is reported of a reader that failed."""
_MOST_NAMED: Final = 5
_SILENT: Final = ("no API returns ", NOT_LOOKED_FOR)
"""Reasons that are the same in every run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRequest:
    """How a deployed stack is judged; `template` is the file it was deployed from, for its lines."""

    pack: tuple[str, ...] = ("live",)
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    undecided: Effect | None = None
    frameworks: tuple[str, ...] = ()
    max_scenarios: int = MAX_SCENARIOS
    baseline: str = ""
    template: str = ""
    today: date | None = None


_DEFAULT: Final = LiveRequest()


def check_live(stack: LiveStack, request: LiveRequest = _DEFAULT) -> Report:
    """Judge a deployed stack. Raises as `api.check` does; TemplateError for a template that cannot be read."""
    places = _Places.of(stack, request.template)
    asked = api.Request(
        paths=(stack.label,),
        pack=request.pack,
        select=request.select,
        ignore=(*request.ignore, *of_templates()),
        undecided=request.undecided,
        frameworks=request.frameworks,
        max_scenarios=request.max_scenarios,
        baseline=request.baseline,
        today=request.today,
    )
    # Regions and accounts in the document are pseudo parameters, as in a template that is written for all of them.
    given = ParameterFile(values=dict(stack.parameters), tags=dict(stack.tags))
    _check_limits(stack, request.pack)
    report = api.check_templates(asked, [document_of(stack)], given)
    if any(resource.unread for resource in (*stack, *stack.beside.values())):
        other = api.check_templates(asked, [document_of(stack, as_declared=True)], given)
        report = replace(report, findings=tuple(careful(report.findings, other.findings, api.open_effects(asked))))
    # What belongs to a resource and could not be read is there for the rules on that resource only.
    unseen = {name for name, each in stack.beside.items() if not each.is_read}
    found = [places.placed(finding) for finding in report.findings if finding.resource not in unseen]
    found += _crashes(stack, places)
    sources = {}
    if places.source is not None:
        found, source = concealed(found, places.source)
        sources = {source.name: source}
    told = re.compile(re.escape(stack.label) + r":[0-9]+:[0-9]+")
    return replace(
        report,
        findings=tuple(sorted(found, key=lambda finding: finding.sort_key)),
        errors=tuple(replace(problem, span=None) for problem in report.errors),
        waivers=tuple(replace(use, waiver=_without_place(use.waiver, stack)) for use in report.waivers),
        sources=sources,
        resources=len(stack.resources),
        notices=(*stack.notices, *not_read(stack), *(told.sub(stack.label, notice) for notice in report.notices)),
    )


@cache
def of_templates() -> tuple[str, ...]:
    """The rules on how a template is written, which say nothing of what runs, whichever pack has them on.

    They are those that the pack `live` takes out of `baseline`, all of their families that it leaves out, and one that
    asks whether a template chose a name: what is deployed has one in any case.
    """
    live, baseline = ({each.rule.id for each in api.chosen_of(pack)} for pack in ("live", "baseline"))
    left_out = {Family.PARAMETERISATION, Family.DEPLOYABILITY}
    return tuple(
        rule.id
        for rule in api.catalogue()
        if rule.id not in live and (rule.id in baseline or rule.family in left_out or rule.id == _ASKS_WHO_NAMED)
    )


def _check_limits(stack: LiveStack, packs: tuple[str, ...]) -> None:
    """Refuse a Region or an account that the pack does not allow, as `api.check` refuses one that is given."""
    pack = load_packs(packs, catalogue=api.catalogue())
    for name, value in (("AWS::Region", stack.region), ("AWS::AccountId", stack.account)):
        allowed = pack.limits.get(name)
        if allowed is not None and value not in allowed:
            message = f"{name} cannot be {value}: the pack {pack.name} allows {', '.join(allowed)}"
            raise ParameterError(message, file=pack.file)


def judge_live(stack: LiveStack, *packs: str) -> tuple[Finding, ...]:
    """The findings of packs on a deployed stack, by default those of the pack `live`."""
    return check_live(stack, LiveRequest(pack=packs or _DEFAULT.pack)).findings


def careful(findings: Sequence[Finding], other: Sequence[Finding], effects: Mapping[str, Effect]) -> Iterator[Finding]:
    """Findings on a stack, undecided where `other` differ: those if what was not read were as the template says.

    A rule on a queue asks who sends dead letters to it: that nobody does is not known while a function was not read.
    `effects` are those of undecided findings by rule, WARN where there is none.
    """
    violated = {(each.rule, each.resource): each for each in other if each.outcome is Outcome.FAIL}
    told = {(each.rule, each.resource) for each in findings}
    waived = {(each.rule, each.resource) for each in other if each.outcome is Outcome.WAIVED}
    for finding in findings:
        if finding.outcome is not Outcome.FAIL or (finding.rule, finding.resource) in {*violated, *waived}:
            yield finding
        else:
            yield from _open(finding, effects)
    for key, finding in violated.items():
        if key not in told:
            yield from _open(finding, effects)


def _open(finding: Finding, effects: Mapping[str, Effect]) -> Iterator[Finding]:
    undecided = effects.get(finding.rule, Effect.WARN)
    if undecided is not Effect.OFF:
        effect = finding.effect if undecided is Effect.BLOCK else Effect.WARN
        message = f"whether it {finding.message} depends on what could not be read"
        yield replace(finding, outcome=Outcome.UNDECIDED, effect=effect, message=message)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where findings on deployed resources are: in the account, and in the template if that is known."""

    stack: LiveStack
    template: Template | None
    source: SourceFile | None

    @classmethod
    def of(cls, stack: LiveStack, file: str) -> _Places:
        """With the template of a file, else with the deployed one if its text is known (JSON's is not)."""
        deployed = stack.templates.get(stack.stack_id)
        if file:
            template, label = load_template(file), api.label_of(file)
        elif deployed is not None and deployed.text and not deployed.problem:
            template, label = load_template(stack.label, deployed.text.encode()), stack.label
        else:
            return cls(stack, None, None)
        values = {**stack.parameters, **stack.resolved}
        expanded, _ = expand(template, Pins({name: (value,) for name, value in values.items()}))
        return cls(stack, expanded, template.source._replace(name=label))

    def placed(self, finding: Finding) -> Finding:
        """A finding with ARN, link and line."""
        span, hidden = self._span(finding)
        resource = self.stack.resources.get(finding.resource) or self.stack.beside.get(finding.resource)
        place = self.stack.place
        if resource is None:
            arn, console = self.stack.stack_id, stack_link(self.stack.stack_id, place)
        else:
            arn = resource.arn or resource.physical_id
            console = console_link(resource.type, resource.physical_id, resource.stack_id, place, arn=resource.arn)
        known = self.source is not None and span != NOWHERE
        template = self.source.name if self.source is not None and known else finding.template
        waiver = _without_place(finding.waiver, self.stack) if finding.waiver else None
        return replace(finding, template=template, span=span, hidden=hidden, arn=arn, console=console, waiver=waiver)

    def _span(self, finding: Finding) -> tuple[Span, tuple[Span, ...]]:
        declaration = self.template.resources.get(finding.resource) if self.template else None
        if declaration is None:
            return NOWHERE, ()
        written = declaration.written
        node: nodes.Node | None = written.node
        for part in finding.path:
            node = _child(node, part)
        if node is None or not finding.path:
            return written.key.span, ()
        return node.span, (node.span,) if finding.secret else ()


def _without_place(waiver: Waiver, stack: LiveStack) -> Waiver:
    """A waiver of the deployed template without its line, which is one of the document that was judged."""
    return replace(waiver, span=None) if waiver.file == stack.label else waiver


def _child(node: nodes.Node | None, part: str | int) -> nodes.Node | None:
    if isinstance(node, nodes.Mapping):
        return node.get(str(part))
    if isinstance(node, nodes.Sequence) and isinstance(part, int) and part < len(node.items):
        return node.items[part]
    return None


def _crashes(stack: LiveStack, places: _Places) -> Iterator[Finding]:
    """A reader that failed, as the findings of a rule that failed are."""
    for resource in (*stack, *stack.beside.values()):
        if resource.crash:
            yield places.placed(
                Finding(
                    rule=READER,
                    family=Family.OTHER,
                    severity=Severity.HIGH,
                    outcome=Outcome.ERROR,
                    effect=Effect.BLOCK,
                    template=stack.label,
                    resource=resource.logical_id,
                    type=resource.type,
                    path=(),
                    span=NOWHERE,
                    message=f"{resource.crash}; please report it",
                )
            )


def not_read(stack: LiveStack) -> Iterator[str]:
    """A notice for each reason why something could not be read."""
    reasons: dict[str, dict[str, None]] = {}
    for resource in (*stack, *stack.beside.values()):
        for reason in resource.unread.values():
            if not reason.startswith(_SILENT):
                reasons.setdefault(reason, {})[resource.logical_id] = None
    for reason, names in sorted(reasons.items()):
        shown = ", ".join(list(names)[:_MOST_NAMED])
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        yield f"not read: {reason} ({shown}{more})"
