"""A rule on policies that cannot be read: what all other rules on policies are silent about is told here, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.access.carriers import policies_of
from infra_checks.access.table import CARRIERS
from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.evaluate.values import Absent, Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

_SOURCE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html"


@rule(
    *sorted(CARRIERS),
    id="iam-policy-document-readable",
    title="A policy's statements can be read from the template",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Write the document in the template, as a mapping with `Version` and a list under `Statement`.",
    source=_SOURCE,
)
def readable(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """What a policy grants is judged by its text. A document from a macro, an import or a parameter is not known before
    deployment, so no other rule speaks of it; one that is no object at all is refused by AWS. What is wrong within a
    document is told by iam-policy-syntax-valid.
    """
    for carried in policies_of(resource):
        is_document = isinstance(carried.placed.document, dict)
        for part in carried.policy.unread:
            at = carried.at(part.path)
            match at:
                case Unknown():
                    yield ctx.undecided(at, f"has a policy that is not judged: {part.reason}")
                    break
                case Known() | Absent():
                    if not is_document:
                        yield ctx.violation(at, f"has a policy that is none: {part.reason}")
