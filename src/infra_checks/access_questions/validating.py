"""What is wrong with the policies of files (ValidatePolicy)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from infra_checks.access.carriers import policies_of
from infra_checks.access.table import CARRIERS
from infra_checks.access_questions.inputs import PolicyInput, TemplateInput
from infra_checks.access_questions.results import Finding, Place
from infra_checks.access_questions.walking import MAX_SCENARIOS
from infra_checks.core.resource import Surroundings
from infra_checks.errors import ConfigError
from infra_checks.evaluate.regions import Walked, region
from infra_checks.evaluate.scenario import explore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra_checks.access.documents import Placed
    from infra_checks.access_questions.inputs import Input
    from infra_checks.evaluate.scenario import Leaf, Scenario
    from infra_checks.iam.model import PolicyType
    from infra_checks.iam.validate import Problem
    from infra_checks.template.source import SourceFile, Span

_LINK: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"


def findings_of(sources: Iterable[Input], type: PolicyType | None = None) -> tuple[Finding, ...]:
    """The findings on every policy of the files (of a type, if given), each once; sorted by place."""
    found = [finding for source in sources for finding in _of(source, type)]
    return tuple(sorted(found, key=lambda one: (one.place.file, one.place.span or (0, 0, 0, 0), one.code, one.details)))


def _of(source: Input, type: PolicyType | None) -> Iterator[Finding]:
    from infra_checks.iam.validate import validate  # noqa: PLC0415 - a data file and many modules

    if isinstance(source, PolicyInput):
        for problem in validate(source.document.document, source.type):
            yield _finding(source.source, source.name, source.document, problem)
        return
    leaves: list[Leaf] = []
    found: dict[Finding, list[Leaf]] = {}
    for step in explore(lambda scenario: [*_in_scenario(source, scenario, type)], limit=MAX_SCENARIOS):
        if step is None:
            message = f"{source.name}: there are more than {MAX_SCENARIOS} scenarios; pin parameters with --parameters"
            raise ConfigError(message)
        leaf, findings = step
        leaves.append(leaf)
        for finding in dict.fromkeys(findings):
            found.setdefault(finding, []).append(leaf)
    walked = Walked(leaves)
    for finding, holding in found.items():
        yield replace(finding, when=region(holding, walked).words())


def _in_scenario(source: TemplateInput, scenario: Scenario, type: PolicyType | None) -> Iterator[Finding]:
    from infra_checks.iam.validate import validate  # noqa: PLC0415 - as above

    for resource in Surroundings(source.stack, scenario).of_type(*CARRIERS):
        for carried in policies_of(resource):
            if type is None or carried.type is type:
                for problem in validate(carried.placed.document, carried.type, resource_type=resource.type):
                    yield _finding(source.source, source.name, carried.placed, problem, resource.logical_id)


def _finding(source: SourceFile | None, name: str, document: Placed, problem: Problem, holder: str = "") -> Finding:
    from infra_checks.iam.validate.problems import catalogue  # noqa: PLC0415 - as above

    node = document.at(problem.path).node
    span = None if node is None or source is None else node.span
    return Finding(
        code=problem.code,
        type=problem.level.value,
        details=problem.message,
        remedy=problem.remedy,
        place=Place(name, span),
        path=problem.path,
        offsets=None if span is None or source is None else _offsets(source.text, span),
        holder=holder,
        link="" if catalogue()[problem.code].own else _LINK,
    )


def _offsets(text: str, span: Span) -> tuple[int, int]:
    """Where a span begins and ends, in characters from the text's beginning."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    last = len(starts) - 1
    return (
        starts[min(span.line - 1, last)] + span.column - 1,
        starts[min(span.end_line - 1, last)] + span.end_column - 1,
    )
