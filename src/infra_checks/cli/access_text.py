"""What the `access` commands print for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.iam.answers import Certainty
from infra_checks.iam.text import shown
from infra_checks.reporters.characters import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from infra_checks.access_questions import Expansion, Explanation, Finding, Reason, Result
    from infra_checks.iam.model import Request

_TITLES = {
    Certainty.DEFINITE: "definite",
    Certainty.POSSIBLE: "possible",
    Certainty.UNKNOWN: "could not prove",
}


def result_text(result: Result, *, with_notices: bool = True) -> str:
    """The reasons of a check, each as a block, and the message."""
    blocks = [_joined(_reason(reason)) for reason in result.reasons]
    notices = [f"note: {notice}" for notice in result.notices] if with_notices and result.reasons else []
    return "\n".join([*blocks, _joined([*notices, f"{result.result}: {result.message}"])])


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{visible(line)}\n" for line in lines)


def _reason(reason: Reason) -> Iterator[str]:
    yield f"{_TITLES[reason.certainty]}  {reason.description}"
    yield f"  --> {reason.place}"
    if reason.witness is not None:
        yield f"  request: {request_text(reason.witness)}"
    facts = {
        "entries": ", ".join(reason.entries),
        "when": reason.when + (f" (e.g. {_pairs(reason.example)})" if reason.example else ""),
        "depends on": ", ".join(f"${{{name}}}" for name in reason.symbols)
        + (f" (e.g. {_pairs(reason.values)})" if reason.values else ""),
        "why": reason.why,
    }
    yield from (f"  {name}: {fact}" for name, fact in facts.items() if fact)


def _pairs(values: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in values.items())


def request_text(request: Request) -> str:
    """A request in one line."""
    who = f" by {request.principal.kind} {shown(request.principal.name)}" if request.principal is not None else ""
    keys = ", ".join(f"{key}={' '.join(values)}" for key, values in sorted(request.context.items()))
    return f"{request.action} on {request.resource}{who}{f' with {keys}' if keys else ''}"


def findings_text(findings: Sequence[Finding]) -> str:
    """The findings of `validate`, each in two lines, and their number."""
    lines = []
    for one in findings:
        holder = f" {one.holder}" if one.holder else ""
        lines.append(f"{one.place}: {one.type} {one.code}{holder}: {one.details}")
        lines.append(f"  fix: {one.remedy}{f' (when {one.when})' if one.when else ''}")
    return _joined([*lines, f"{len(findings)} findings" if len(findings) != 1 else "1 finding"])


def expansion_text(expansion: Expansion) -> str:
    """The actions in columns: name, access level, resource types (`*` for none)."""
    rows = [(one.name, one.level, ", ".join(one.resources) or "*") for one in expansion.actions]
    name, level = (max((len(row[index]) for row in rows), default=0) for index in (0, 1))
    return _joined(f"{row[0]:<{name}}  {row[1]:<{level}}  {row[2]}" for row in rows)


def explanations_text(explanations: Sequence[Explanation]) -> str:
    """The decision in each set of scenarios, with the statements that apply."""
    return "\n".join(_joined(_explanation(one)) for one in explanations)


def _explanation(one: Explanation) -> Iterator[str]:
    yield f"{one.decision}: {one.because}" + (f" (when {one.when})" if one.when else "")
    for number, step in enumerate(one.steps, 1):
        surely = "" if step.certainty is Certainty.DEFINITE else f" perhaps ({step.why})"
        yield f"  {number}. {step.effect}{surely} by the {step.policy}, {step.words}"
        yield f"     --> {step.place}"
    if one.absent:
        yield f"  the request has no {', '.join(one.absent)}; add --context KEY=VALUE where it does"
    yield from (f"  not read: {reason}" for reason in one.unread)
