"""Rules on the template as a whole: what cannot be deployed as written, and what stays unjudged, is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import TEMPLATE
from infra_checks.core.rule import rule
from infra_checks.template.calls import similar_tag
from infra_checks.template.model import SERVERLESS, SERVERLESS_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.template.model import Declaration

HARMLESS = frozenset({"AWS::LanguageExtensions", "AWS::CodeDeployBlueGreen", SERVERLESS})
"""Transforms that this tool expands itself, or that change no resource's properties."""

PREPROCESSED = "!Rain::"
"""Tags of preprocessors (Rain), which replace them before CloudFormation reads the template."""


@rule(
    TEMPLATE,
    id="template-fully-evaluated",
    title="Everything in the template can be judged",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    remedy="Check the processed template instead (`aws cloudformation get-template --template-stage Processed`, "
    "`rain pkg`), or pin the parameters a loop depends on.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html",
)
def fully_evaluated(template: Resource, ctx: Context) -> Iterator[Verdict]:
    """A macro may add or change any resource when the stack is deployed, a loop over an unknown list makes
    resources that nobody sees here, and a preprocessor's tag stands for text that is not there yet. What is
    judged is the template as written, and what SAM makes of serverless resources as far as it is known; the rest
    is an open question.
    """
    for name in template.stack.transforms:
        if name not in HARMLESS:
            yield ctx.undecided(template.value("Transform"), f"the transform {name} may add or change resources")
    for declaration in template.evaluator.stack.template.resources.values():
        if declaration.type.startswith(SERVERLESS_TYPE) and declaration.origin is None:
            at = template.placed(declaration.key)
            yield ctx.undecided(at, f"{declaration.logical_id} is not expanded: what SAM makes of it is not judged")
        if declaration.is_rest and declaration.origin is not None and declaration.origin.note:
            at = template.placed(declaration.key)
            said = f"{declaration.written.logical_id}: what SAM makes of {declaration.origin.note} is not judged"
            yield ctx.undecided(at, said)
        connected = declaration.node.entries.get("Connectors")
        if connected is not None:
            said = f"the policies that SAM makes of the connectors of {declaration.logical_id} are not judged"
            yield ctx.undecided(template.placed(connected), said)
    for loop in template.stack.unexpanded:
        yield ctx.undecided(template.placed(loop.node), f"{loop.name} is not expanded: {loop.reason}")
    for call in template.stack.unknown_functions:
        if call.name.startswith(PREPROCESSED):
            yield ctx.undecided(template.placed(call), f"{call.name} is replaced by a preprocessor and not judged")


def _serverless(template: Resource) -> Iterator[Declaration]:
    """The resources of the template, each once, whose types the serverless transform replaces."""
    resources = template.evaluator.stack.template.resources.values()
    written = {each.written.logical_id: each.written for each in resources}
    return (each for each in written.values() if each.type.startswith(SERVERLESS_TYPE))


@rule(
    TEMPLATE,
    id="template-structure-valid",
    title="The template's structure is one that CloudFormation accepts",
    family=Family.DEPLOYABILITY,
    severity=Severity.HIGH,
    remedy="Correct the section as the message says; `aws cloudformation validate-template` confirms it.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html",
)
def structure_valid(template: Resource, ctx: Context) -> Iterator[Verdict]:
    """CloudFormation refuses a template with a malformed section, a resource without a type or a function it
    does not have. The rest of the template is judged all the same, so that nothing is hidden by one mistake.
    """
    for problem in template.stack.problems:
        yield ctx.violation(problem, problem.reason)
    if not any(name not in HARMLESS or name == SERVERLESS for name in template.stack.transforms):
        for declaration in _serverless(template):
            at = template.placed(declaration.key)
            said = f"{declaration.logical_id} is of a type that only the transform {SERVERLESS} knows"
            yield ctx.violation(at, f"{said}; add `Transform: {SERVERLESS}`")
    for call in template.stack.unknown_functions:
        if not call.name.startswith(PREPROCESSED):
            similar = similar_tag(call.name)
            hint = f"; write {similar}" if similar else ""
            yield ctx.violation(template.placed(call), f"CloudFormation has no function {call.name}{hint}")
