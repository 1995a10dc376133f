"""Questions asked in every scenario, and what they found made few reasons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from infra_checks.access_questions.inputs import TemplateInput
from infra_checks.access_questions.results import Place, Reason
from infra_checks.evaluate.assertions import Restriction
from infra_checks.evaluate.regions import Walked, region
from infra_checks.evaluate.scenario import Leaf, Scenario, Source, explore
from infra_checks.iam.answers import Certainty

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from infra_checks.access_questions.inputs import Input

MAX_SCENARIOS: Final = 1000

_BY_STRENGTH: Final = (Certainty.DEFINITE, Certainty.POSSIBLE, Certainty.UNKNOWN)


@dataclass(slots=True)
class _Found:
    reason: Reason
    holding: list[Leaf]


def in_all_scenarios(
    source: Input, ask: Callable[[Scenario], Iterable[Reason]], within: Leaf | None = None
) -> Iterator[Reason]:
    """What is found in the scenarios of a file, each once and with the scenarios in which it holds."""
    restriction = Restriction(source.stack) if isinstance(source, TemplateInput) and _has_rules(source) else None
    leaves: list[Leaf] = []
    found: dict[object, _Found] = {}
    complete = True
    for step in explore(lambda scenario: [*ask(scenario)], limit=MAX_SCENARIOS, within=within):
        if step is None:
            complete = False
            break
        leaf, reasons = step
        for part in [leaf] if restriction is None else restriction.allowed_parts(leaf):
            leaves.append(part)
            for reason in reasons:
                found.setdefault(_identity(reason), _Found(reason, [])).holding.append(part)
    walked = Walked(leaves, complete=complete)
    for one in found.values():
        yield _placed(one, walked)
    if not complete:
        yield unproved(source, f"there are more than {MAX_SCENARIOS} scenarios; pin parameters with --parameters")
    if isinstance(source, TemplateInput):
        yield from (unproved(source, why) for why in source.open)


def _has_rules(source: TemplateInput) -> bool:
    return bool(source.stack.template.rules)


def _identity(reason: Reason) -> object:
    """Scenarios in which the same statement allows it are one reason, whatever the witness."""
    return (
        reason.subject,
        reason.certainty,
        reason.description,
        reason.place,
        reason.entries,
        reason.symbols,
        reason.why,
    )


def _placed(one: _Found, walked: Walked) -> Reason:
    where = region(one.holding, walked)
    reason = replace(one.reason, when=where.words(), example=where.assignment(concrete=True))
    opaque = any(
        where.variables[key].source is Source.OPAQUE for box in where.boxes for key in box if key in where.variables
    )
    if opaque and reason.certainty is Certainty.DEFINITE and not where.is_everything:
        why = f"only the deployment decides whether {reason.when}"
        return replace(reason, certainty=Certainty.POSSIBLE, why=why)
    return reason


def unproved(source: Input, why: str) -> Reason:
    """A file of which not all is known."""
    description = f"It could not be proved: {why}"
    return Reason(source.name, Certainty.UNKNOWN, description, Place(source.name), why=why)


def in_order(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Sorted by file, place and certainty."""
    return tuple(
        sorted(
            reasons,
            key=lambda one: (
                one.place.file,
                one.place.span or (0, 0, 0, 0),
                _BY_STRENGTH.index(one.certainty),
                one.subject,
                one.description,
                one.when,
            ),
        )
    )
