"""Assertions for tests of one's own stacks.

    from infra_checks.testing import assert_compliant, declared_stack

    def test_orders_can_be_restored():
        stack = declared_stack("orders.yaml", Environment="production")
        assert_compliant(stack["OrdersTable"], "dynamodb-pitr-enabled")

With rules named, each of them has to be kept for certain: a violation, an open question and a rule that judges nothing
of the subject fail, whatever effect the pack gives them. Without, the pack decides, as `infra-checks check` does; what
it only warns of is a ComplianceWarning.
"""

from __future__ import annotations

import os
import warnings
from contextlib import chdir
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from infra_checks import api, config, defaults
from infra_checks.core.declared import DeclaredResource, DeclaredStack, Origin
from infra_checks.core.finding import Effect, Finding, Outcome
from infra_checks.evaluate.transforms import expand
from infra_checks.live.stacks import LiveResource, LiveStack
from infra_checks.reporters.phrases import statement
from infra_checks.reporters.text import render_some
from infra_checks.template.discover import load_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from infra_checks.core.report import Report
    from infra_checks.packs.select import Chosen

__all__ = ["ComplianceWarning", "Subject", "assert_compliant", "assert_not_compliant", "failing", "warnings_of"]

Subject = str | Path | DeclaredStack | DeclaredResource | LiveStack | LiveResource
"""A template's path (or a folder's), a declared stack or a resource of one, a deployed stack or a resource of one."""


class ComplianceWarning(UserWarning):
    """What a pack warns of and does not block for."""


def assert_compliant(
    subject: Subject,
    *rules: str,
    pack: str | None = None,
    parameters: Mapping[str, str] | None = None,
    allow_undecided: bool = False,
) -> None:
    """Fail unless the subject keeps the rules: ids, families or severities, or without any all of the pack.

    `pack` is a name or a path; without it that of the test run or of the settings counts, or else `baseline`, for what
    is deployed that of the test run, or else `live`. A resource is judged in its stack, and only findings on it count.
    A waived finding is none. `parameters` are values for a template that is given by its path. Raises AssertionError,
    and PackError, ConfigError or ParameterError for what cannot be used.
    """
    __tracebackhide__ = True
    judged = _judge(subject, rules, pack, parameters)
    objections = judged.objections(allow_undecided=allow_undecided)
    if objections:
        raise AssertionError(objections)
    for warning in judged.warnings():
        warnings.warn(warning, stacklevel=2)


def assert_not_compliant(
    subject: Subject, *rules: str, pack: str | None = None, parameters: Mapping[str, str] | None = None
) -> None:
    """Fail unless each of the rules has a violation on the subject; an open question is none. As `assert_compliant`."""
    __tracebackhide__ = True
    if not rules:
        raise TypeError("name the rules that are to be violated")
    missing = _judge(subject, rules, pack, parameters).unviolated()
    if missing:
        raise AssertionError(missing)


def failing(findings: Iterable[Finding], *, strict: bool) -> list[Finding]:
    """Those that let a test fail: a failed rule, and what blocks; if `strict`, whatever effect the pack gives it."""
    outcomes = {Outcome.FAIL, Outcome.UNDECIDED} if strict else set()
    return [each for each in findings if each.blocks or each.outcome is Outcome.ERROR or each.outcome in outcomes]


def warnings_of(findings: Iterable[Finding]) -> Iterator[tuple[Finding, ComplianceWarning]]:
    """A warning for each violation and open question."""
    for each in findings:
        if each.outcome in {Outcome.FAIL, Outcome.UNDECIDED}:
            when = f" [when {each.when}]" if each.when else ""
            yield each, ComplianceWarning(f"{each.rule}: {statement(each)}{when}")


class _Resource(NamedTuple):
    """A resource that is asked for, as findings name it."""

    label: str
    logical_id: str
    type: str


class _Target(NamedTuple):
    """What is judged: templates, with values of parameters, and of them some resources, if only those count."""

    name: str
    templates: tuple[Any, ...]
    parameters: Mapping[str, str]
    resources: tuple[_Resource, ...] = ()


def _judge(subject: Subject, rules: tuple[str, ...], pack: str | None, parameters: Mapping[str, str] | None) -> _Judged:
    run = defaults.current()
    here = Path.cwd()
    # What is asked for by name is neither ignored nor known from before.
    strict: dict[str, Any] = {"select": rules, "ignore": (), "baseline": "", "undecided": Effect.BLOCK} if rules else {}
    with chdir(run.root if run else here):
        if isinstance(subject, LiveStack | LiveResource):
            _refuse(parameters)
            packs = (pack,) if pack else (run.packs if run else ())
            return _judge_live(subject, {**({"pack": packs} if packs else {}), **strict}, rules)
        fields = dict(run.request()) if run else _settings()
        fields |= {"paths": (), "beside": (), **({"pack": (pack,)} if pack else {}), **strict}
        setup = api.set_up(api.Request(**fields))
        target = _target(subject, setup, here, parameters or {})
        setup = setup.pinning(target.parameters)
        report = api.check_loaded(setup, target.templates)
        return _Judged(target.name, target.resources, setup, report, rules)


def _judge_live(subject: LiveStack | LiveResource, fields: Mapping[str, Any], rules: tuple[str, ...]) -> _Judged:
    from infra_checks.live_checks import LiveRequest, check_live  # noqa: PLC0415 - not for templates

    stack = subject if isinstance(subject, LiveStack) else subject.stack
    if stack is None:
        raise TypeError("it is not known which stack this is of; take it from the stack: stack[logical_id]")
    request = LiveRequest(**fields)
    setup = api.set_up(api.Request(**{**fields, "paths": (), "pack": request.pack}))
    report = check_live(stack, request)
    if isinstance(subject, LiveStack):
        return _Judged(stack.label, (), setup, report, rules)
    # The policy of a bucket is a resource of its own to rules, though none of the stack.
    own = (each for each in stack.beside.values() if each.owner == subject.logical_id and each.is_read)
    resources = tuple(_Resource(stack.label, each.logical_id, each.type) for each in (subject, *own))
    return _Judged(f"{subject.logical_id} ({subject.type})", resources, setup, report, rules)


def _refuse(parameters: Mapping[str, str] | None) -> None:
    if parameters:
        raise TypeError("the stack has its parameters already; only a template that is given by its path takes some")


def _settings() -> dict[str, Any]:
    found = config.find_config(Path.cwd())
    return config.read_config(found).request() if found else {}


def _target(
    subject: str | Path | DeclaredStack | DeclaredResource,
    setup: api.Setup,
    here: Path,
    parameters: Mapping[str, str],
) -> _Target:
    if isinstance(subject, str | os.PathLike):
        path = here / subject
        name = os.path.relpath(path) if path.exists() else str(subject)
        return _Target(str(subject), tuple(load_all((name,))), parameters)
    _refuse(parameters)
    origin = _origin(subject)
    label = api.label_of(origin.template.name)
    if isinstance(subject, DeclaredStack):
        return _Target(label, (origin.template,), origin.parameters)
    expanded, _ = expand(origin.template, api.pins_of(setup.pinning(origin.parameters)))
    written = expanded.resources[subject.logical_id].written
    resource = _Resource(label, written.logical_id, subject.type)
    return _Target(f"{subject.logical_id} ({subject.type})", (origin.template,), origin.parameters, (resource,))


class _Declared(Protocol):
    @property
    def origin(self) -> Origin | None: ...


def _origin(subject: _Declared) -> Origin:
    if subject.origin is None:
        raise TypeError("it is not known which template this is declared in; take it from declared_stack(...)")
    return subject.origin


@dataclass(frozen=True)
class _Judged:
    """What was found on a target."""

    name: str
    resources: tuple[_Resource, ...]
    setup: api.Setup
    report: Report
    rules: tuple[str, ...]

    @cached_property
    def findings(self) -> list[Finding]:
        """The findings on it; on a resource that something is generated from, those on all of that."""
        names = {each.logical_id for each in self.resources}
        return [each for each in self.report.findings if not names or each.resource in names]

    def objections(self, *, allow_undecided: bool) -> str:
        """Why it is not compliant; empty when it is."""
        found = failing(self.findings, strict=bool(self.rules))
        found = [each for each in found if each.outcome is not Outcome.UNDECIDED or not allow_undecided]
        # Whatever the pack makes of it elsewhere, here it is no mere warning.
        found = [replace(each, effect=Effect.BLOCK) for each in found]
        note = "" if found or self.report.errors else self._unjudged()
        return self._told("does not comply", note, found) if found or self.report.errors or note else ""

    def unviolated(self) -> str:
        """Which rules have no violation; empty when all have one."""
        violated = {each.rule for each in self.findings if each.outcome is Outcome.FAIL}
        words = [word for word in self.rules if not violated & {each.rule.id for each in self._named(word)}]
        if not words and not self.report.errors:
            return ""
        others = [each for each in self.findings if each.outcome is not Outcome.FAIL]
        return self._told(f"does not violate {', '.join(words)}" if words else "", self._unjudged(), others)

    def warnings(self) -> list[ComplianceWarning]:
        """What the pack does not block for; nothing when the rules are named."""
        passed = () if self.rules else (each for each in self.findings if not each.blocks)
        return [warning for _, warning in warnings_of(passed)]

    def _told(self, what: str, note: str, findings: list[Finding]) -> str:
        frames = render_some(self.report, findings, self.report.errors)
        return "\n\n".join(filter(None, (f"{self.name} {what}".strip(), note, frames)))

    def _named(self, word: str) -> list[Chosen]:
        selector = self.setup.names.selector(word)
        return [each for each in self.setup.chosen if selector.matches(each.rule, each.severity)]

    def _unjudged(self) -> str:
        """What was asked for and judges nothing here, which is no proof of anything; empty when all did."""
        named = {word: self._named(word) for word in self.rules} or {self.setup.pack.name: list(self.setup.chosen)}
        return "\n".join(
            f"{word} judges nothing here{self._types(choices)}"
            for word, choices in named.items()
            if not any(map(self._has_judged, choices))
        )

    def _has_judged(self, choice: Chosen) -> bool:
        if not self.resources:
            return any(rule == choice.rule.id for rule, _ in self.report.judged)
        return any(
            api.is_about(choice.rule, kind) and choice.covers(label, logical_id, kind)
            for label, logical_id, kind in self.resources
        )

    def _types(self, choices: list[Chosen]) -> str:
        types = sorted({kind for each in choices for kind in each.rule.types if "::" in kind})
        return f": it is about {', '.join(types)}" if self.rules and 0 < len(types) <= _FEW else ""


_FEW = 5
