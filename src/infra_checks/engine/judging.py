"""Rules on resources in all scenarios: a generator of findings that nothing but its arguments decides."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from infra_checks.core.finding import Effect, Finding, Outcome
from infra_checks.core.resource import TEMPLATE, Resource, Surroundings
from infra_checks.core.rule import ANY_TYPE, Context, Verdict
from infra_checks.engine.hiding import secret_places
from infra_checks.engine.judgement import Judgement
from infra_checks.engine.merging import Identity, Said, identity_of
from infra_checks.engine.places import origin_notes, owner_key, statement_of, written_path
from infra_checks.errors import EvaluationError, RuleError
from infra_checks.evaluate.assertions import Restriction
from infra_checks.evaluate.regions import Region
from infra_checks.evaluate.scenario import Leaf, Scenario, explore, walk
from infra_checks.template.nodes import Mapping
from infra_checks.waivers.evidence import evidence_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Mapping as MappingType
    from collections.abc import Sequence as SequenceType

    from infra_checks.evaluate.stack import Stack
    from infra_checks.packs.select import Chosen
    from infra_checks.template.model import Declaration
    from infra_checks.template.nodes import Node
    from infra_checks.waivers.declared import Declared


def by_type(chosen: Iterable[Chosen]) -> dict[str, tuple[Chosen, ...]]:
    """The rules for each resource type, those for any type under ANY_TYPE."""
    index: dict[str, list[Chosen]] = {}
    for choice in chosen:
        if choice.effect is not Effect.OFF:
            for kind in choice.rule.types:
                index.setdefault(kind, []).append(choice)
    return {kind: tuple(choices) for kind, choices in index.items()}


def judge(stack: Stack, rules: MappingType[str, SequenceType[Chosen]], judgement: Judgement) -> Iterator[Finding]:
    """All findings on a stack; `rules` as `by_type` indexes them.

    What can never be evaluated, such as conditions that go round in a circle, is kept in `stack.problems`;
    what does not depend on it is still judged.
    """
    everywhere = rules.get(ANY_TYPE, ())
    restriction = Restriction(stack) if stack.template.rules else None
    plan: list[tuple[Declaration | None, SequenceType[Chosen]]] = [(None, rules.get(TEMPLATE, ()))]
    plan += [(each, (*rules.get(each.type, ()), *everywhere)) for each in stack.template.resources.values()]
    said: set[tuple[str, str]] = set()
    for declaration, choices in plan:
        subject = _Subject(stack, declaration, judgement)
        for choice in choices if subject.locate() else ():
            if not subject.is_in_scope_of(choice):
                continue
            judged = _Walk(subject, choice, restriction)
            if not judged.begin():
                continue
            for finding in judged.findings():
                if declaration is None or declaration.origin is None or _is_new(finding, said):
                    yield finding


def _is_new(finding: Finding, said: set[tuple[str, str]]) -> bool:
    """Whether a finding was not yet made of another resource that is generated from the same one."""
    what = (finding.fingerprint, finding.message)
    if what in said:
        return False
    said.add(what)
    return True


class _Start:
    """Scenarios in which the subject exists, as far as its condition decides.

    Most rules never ask what else differs between them. As long as none has, they share the scenario, the
    resource and what hangs on them.
    """

    __slots__ = ("_resource", "_scenario", "_subject", "leaf")

    def __init__(self, subject: _Subject, leaf: Leaf) -> None:
        self._subject = subject
        self.leaf = leaf
        self._scenario: Scenario | None = None
        self._resource: Resource | None = None

    def scenario(self) -> Scenario:
        """A scenario in which nothing more is decided yet."""
        if self._scenario is None or self._scenario.narrowed:
            self._scenario = Scenario((), self.leaf)
            self._resource = None
        return self._scenario

    def resource(self, scenario: Scenario) -> Resource | None:
        """The resource in a scenario."""
        if scenario is not self._scenario:
            return self._subject.resource(scenario)
        if self._resource is None:
            self._resource = self._subject.resource(scenario)
        return self._resource


class _Subject:
    """What is judged: a resource, or (without a declaration) the template.

    `starts` are the scenarios in which it exists, `absent` those in which it does not; `complete` is false when
    they are too many to find them all.
    """

    __slots__ = ("absent", "complete", "declaration", "judgement", "stack", "starts")

    def __init__(self, stack: Stack, declaration: Declaration | None, judgement: Judgement) -> None:
        self.stack = stack
        self.declaration = declaration
        self.judgement = judgement
        self.starts: list[_Start] = []
        self.absent: list[Leaf] = []
        self.complete = True

    def locate(self) -> bool:
        """Find out where it exists; whether that can be told at all."""
        try:
            for step in explore(self.resource, limit=self.judgement.max_scenarios):
                if step is None:
                    self.complete = False
                elif step[1] is None:
                    self.absent.append(step[0])
                else:
                    self.starts.append(_Start(self, step[0]))
        except EvaluationError as error:
            self.stack.note(error)
            return False
        return True

    def is_in_scope_of(self, choice: Chosen) -> bool:
        """Whether the rule speaks of it; both answers go into the record."""
        label, record = self.judgement.label, self.judgement.record
        name = self.declaration.written.logical_id if self.declaration else ""
        kind = self.declaration.type if self.declaration else ""
        if choice.scopes and not choice.covers(label, name, kind):
            record.left_out.add((label, name))
            return False
        if self.starts:
            record.judged.add((choice.rule.id, kind))
        return True

    def note_unsaid(self, choice: Chosen) -> None:
        """An open question of the rule is not reported."""
        kind = self.declaration.type if self.declaration else ""
        self.judgement.record.unsaid.add((choice.rule.id, kind))

    def resource(self, scenario: Scenario) -> Resource | None:
        """The resource in a scenario; None when it does not exist there."""
        surroundings = Surroundings(self.stack, scenario, tags=self.judgement.tags)
        return surroundings.get(self.declaration.logical_id) if self.declaration else surroundings.template()

    @property
    def place(self) -> Node:
        """Where it stands: the resource's name, or the whole template."""
        return self.declaration.key if self.declaration else self.stack.template.root

    def evidence_of(self, verdict: Verdict) -> str:
        """The digest of the judged value; empty when the value is missing, so that the place stands for its owner."""
        return evidence_of(verdict.node) if verdict.path and self.place_of(verdict) is verdict.node else ""

    def statement_of(self, verdict: Verdict) -> str:
        """The Sid of the policy statement that a verdict speaks of."""
        is_policy = self.declaration is not None and any("Statement" in str(part) for part in verdict.path)
        return statement_of(self.declaration, verdict.path, verdict.node) if self.declaration and is_policy else ""

    def place_of(self, verdict: Verdict) -> Node:
        """Where a verdict points: at its value, or, when something is missing, at the name of what lacks it."""
        if verdict.node is None:
            return self.place
        if not isinstance(verdict.node, Mapping) or self.declaration is None or not verdict.path:
            return verdict.node
        return owner_key(self.declaration, verdict.node, verdict.path) or verdict.node


class _Walk:
    """One rule on one subject through all scenarios."""

    __slots__ = ("_begun", "_choice", "_context", "_restriction", "_subject")

    def __init__(self, subject: _Subject, choice: Chosen, restriction: Restriction | None) -> None:
        self._subject = subject
        self._choice = choice
        self._restriction = restriction
        self._context = Context(choice.options)
        self._begun: list[tuple[_Start, Scenario, dict[Identity, Verdict]]] = []

    def begin(self) -> bool:
        """Run the rule once from each start; whether there is more to do, which mostly there is not."""
        try:
            for start in self._subject.starts:
                scenario = start.scenario()
                self._begun.append((start, scenario, self._verdicts(start, scenario)))
        except EvaluationError as error:
            self._subject.stack.note(error)
            return False
        more = any(first or scenario.narrowed for _, scenario, first in self._begun)
        return more or not self._subject.complete

    def findings(self) -> Iterator[Finding]:
        """The findings, merged over scenarios; a meaningless expression is kept as the stack's problem."""
        try:
            yield from self._merged()
        except EvaluationError as error:
            self._subject.stack.note(error)

    def _merged(self) -> Iterator[Finding]:
        said = self._said()
        if not said.complete:
            yield self._finding(self._cut_short(), Region(({},), {}))
        if not said.anything:
            return
        if self._restriction is not None:
            self._restriction.renew()
            said.restrict(self._restriction.allowed_parts)
        for verdict, where in said.settled():
            if verdict.outcome is not Outcome.UNDECIDED or self._choice.undecided is not Effect.OFF:
                yield self._finding(verdict, where)
            else:
                self._subject.note_unsaid(self._choice)

    def _said(self) -> Said:
        """What the rule says in all scenarios, or in as many as may be visited."""
        said = Said(complete=self._subject.complete)
        for leaf in self._subject.absent:
            said.add(leaf, {})
        left = self._subject.judgement.max_scenarios
        for start, scenario, first in self._begun:
            for step in walk(scenario, first, partial(self._verdicts, start), limit=left, within=start.leaf):
                if step is None:
                    said.complete = False
                    return said
                said.add(*step)
                left = max(1, left - 1)
        return said

    def _verdicts(self, start: _Start, scenario: Scenario) -> dict[Identity, Verdict]:
        """What the rule says in one scenario.

        Whatever is raised, by the rule or while a value is evaluated for it, becomes a verdict of its own.
        """
        try:
            resource = start.resource(scenario)
            if resource is None:
                return {}
            verdicts = self._choice.rule.judge(resource, self._context)
            if self._subject.judgement.declared is not None:
                verdicts = map(partial(self._waived, resource, self._subject.judgement.declared), verdicts)
            return {identity_of(verdict): verdict for verdict in verdicts}
        except EvaluationError:
            raise
        except Exception as error:  # noqa: BLE001 - see above
            failure = self._failure(error)
            return {identity_of(failure): failure}

    def _waived(self, resource: Resource, declared: Declared, verdict: Verdict) -> Verdict:
        """The verdict with the waiver that the template declares for it in this scenario, if there is one."""
        if not declared.concerns(resource):
            return verdict
        evidence, statement = self._subject.evidence_of(verdict), self._subject.statement_of(verdict)
        waiver = declared.waive(resource, self._choice.rule, verdict, evidence, statement)
        return verdict if waiver is None else replace(verdict, waiver=waiver)

    def _failure(self, error: Exception) -> Verdict:
        """The rule failed. An error of its own words (a wrong option, say) is told; of any other one only where in
        the code it came from, since the text of an exception may hold values that are secret.
        """
        if isinstance(error, RuleError):
            message = f"the rule cannot run: {error}"
        else:
            message = f"the rule failed with {type(error).__name__} ({_place_of(error)}); please report it"
        return Verdict(Outcome.ERROR, message, self._subject.place, ())

    def _cut_short(self) -> Verdict:
        limit = self._subject.judgement.max_scenarios
        message = f"more than {limit} scenarios; those beyond are not judged (raise --max-scenarios or pin parameters)"
        return Verdict(Outcome.UNDECIDED, message, self._subject.place, ())

    def _finding(self, verdict: Verdict, where: Region) -> Finding:
        choice, declaration = self._choice, self._subject.declaration
        secret = choice.rule.secret and verdict.outcome is Outcome.FAIL
        notes = () if secret else verdict.notes  # Notes on a secret may quote it.
        if declaration is not None:
            notes = (*notes, *origin_notes(declaration, verdict.path))
        effect = choice.effect
        if verdict.outcome is Outcome.UNDECIDED and choice.undecided is not Effect.BLOCK:
            effect = Effect.WARN  # Also where open questions are off: that the walk was cut short is always said.
        hides = verdict.waiver is not None and not verdict.waiver.has_ended(self._subject.judgement.today)
        return Finding(
            rule=choice.rule.id,
            family=choice.rule.family,
            severity=choice.severity,
            outcome=Outcome.WAIVED if hides else verdict.outcome,
            effect=effect,
            template=self._subject.judgement.label,
            resource=declaration.written.logical_id if declaration else "",
            type=declaration.written.type if declaration else "",
            path=written_path(declaration, verdict.path) if declaration else verdict.path,
            span=self._subject.place_of(verdict).span,
            message=verdict.message,
            remedy=verdict.remedy or choice.rule.remedy,
            when=where.words(),
            assignment=where.assignment(concrete=verdict.outcome is Outcome.FAIL),
            provenance=notes,
            equivalents=choice.rule.equivalents,
            evidence=self._subject.evidence_of(verdict),
            statement=self._subject.statement_of(verdict),
            waiver=verdict.waiver,
            secret=secret,
            hidden=secret_places(verdict.secrets, self._subject.stack.template) if secret else (),
            construct=declaration.written.construct if declaration else "",
        )


def _place_of(error: Exception) -> str:
    """The last function and line that the exception came through."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}, line {trace.tb_lineno}" if trace else "unknown place"
