"""What `iam.validate` finds wrong with the policies of a resource, as verdicts; shared, without rules.

What `validate` says it is sure of; where a rule's question is open because a part of the policy is not known before
deployment, the rule names which parts leave it open, so that one such part is told by the rules that it matters to and
not by all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.access.table import CARRIERS
from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.rules.granting import statement_name
from infra_checks.rules.iam_examined import examined, summary
from infra_checks.rules.iam_problem_codes import CODES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra_checks.access.carriers import Carried
    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Rule, Verdict
    from infra_checks.iam.document import Document, Path
    from infra_checks.rules.iam_examined import Examined, Open

CHECKS: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"


def in_elements(*names: str) -> Callable[[Open], bool]:
    """Open where something in one of the elements is not known, single texts in Resource and the like aside: those are
    as right as what the parameter is given.
    """
    return lambda part: part.element in names and (part.element in _BY_TEXT or not isinstance(part.value, tuple))


_BY_TEXT: Final = frozenset(("Version", "Sid", "Effect", "Action", "NotAction"))


def with_effect(*words: str) -> Callable[[Open], bool]:
    """Open where the Effect of a statement is not known that has one of the words (in lower case) in it."""

    def opens(part: Open) -> bool:
        return part.element == "Effect" and any(_has(part.statement, word) for word in words)

    return opens


def _has(value: Document, word: str) -> bool:
    if isinstance(value, dict):
        return any(word in key.lower() or _has(item, word) for key, item in value.items())
    if isinstance(value, list):
        return any(_has(item, word) for item in value)
    return isinstance(value, str) and word in value.lower()


def document_rule(  # noqa: PLR0913 - a row of a table, all by keyword
    *types: str,
    id: str,
    title: str,
    severity: Severity,
    question: str,
    opens: Callable[[Open], bool],
    rationale: str,
    remedy: str,
    source: str = CHECKS,
    equivalents: tuple[str, ...] = (),
) -> Rule:
    """A rule that policies have none of the problems that CODES gives to its id.

    `question` is what is open where `opens` says so: "whether its actions exist".
    """
    codes = CODES[id]

    def judge(resource: Resource, ctx: Context) -> Iterator[Verdict]:
        whole = summary(resource)
        if whole is not None and codes.isdisjoint(whole.codes) and not any(map(opens, whole.open)):
            return
        for document in examined(resource):
            yield from told(document, codes, ctx)
            for part in document.open:
                if opens(part):
                    message = f"{question} cannot be told: {part.reason}"
                    yield ctx.undecided(document.carried.at(part.path), message)

    judge.__doc__ = rationale
    return rule(
        *(types or sorted(CARRIERS)),
        id=id,
        title=title,
        family=Family.IAM,
        severity=severity,
        remedy=remedy,
        source=source,
        equivalents=equivalents,
    )(judge)


_ONCE: Final = frozenset(("RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL",))
"""What one condition of the statement mends for each of its principals."""


def told(document: Examined, codes: frozenset[str], ctx: Context) -> Iterator[Verdict]:
    """The problems of some codes as violations."""
    said: set[str] = set()
    for problem in document.problems:
        if problem.code in codes:
            where = _statement(document.carried, problem.path)
            if problem.code in _ONCE:
                if where in said:
                    continue
                said.add(where)
            at = document.carried.at(problem.path)
            yield ctx.violation(at, f"{problem.message}{where}", remedy=problem.remedy)


def _statement(carried: Carried, path: Path) -> str:
    """The statement that a path leads into, in words."""
    for statement in carried.policy.statements:
        if len(path) >= len(statement.path) and path[: len(statement.path)] == statement.path:
            return f" ({statement_name(statement)})"
    return ""
