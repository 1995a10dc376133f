"""Rules on the template as a whole: what stays unjudged is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import TEMPLATE
from infra_checks.core.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

HARMLESS = frozenset({"AWS::LanguageExtensions", "AWS::CodeDeployBlueGreen"})
"""Transforms that this tool expands itself, or that change no resource's properties."""


@rule(
    TEMPLATE,
    id="template-fully-evaluated",
    title="Everything in the template can be judged",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    remedy="Check the processed template instead (`aws cloudformation get-template --template-stage Processed`), "
    "or pin the parameters a loop depends on.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html",
)
def fully_evaluated(template: Resource, ctx: Context) -> Iterator[Verdict]:
    """A macro may add or change any resource when the stack is deployed, and a loop over an unknown list makes
    resources that nobody sees here. What is judged is the text as written; the rest is an open question.
    """
    for name in template.stack.transforms:
        if name not in HARMLESS:
            yield ctx.undecided(template.value("Transform"), f"the transform {name} may add or change resources")
    for loop in template.stack.unexpanded:
        yield ctx.undecided(template.at().value(), f"{loop.name} is not expanded: {loop.reason}")
