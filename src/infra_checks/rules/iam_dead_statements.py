"""Rules on statements and conditions that decide nothing, asked of the IAM engine."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Final

from infra_checks.access.table import CARRIERS
from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.iam.model import Effect
from infra_checks.iam.operators import OPERATORS
from infra_checks.iam.principals import KEYS
from infra_checks.iam.questions import always_true_conditions, dead_statements
from infra_checks.rules.granting import besides, statement_name
from infra_checks.rules.iam_examined import examined, summary
from infra_checks.rules.iam_problem_codes import CODES
from infra_checks.rules.iam_problems import CHECKS, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.iam.model import Condition, Patterns, Policy, Statement
    from infra_checks.iam.text import Text
    from infra_checks.rules.iam_examined import Examined

_TOLD: Final = CODES["iam-policy-lists-not-empty"] | {"REDUNDANT_STATEMENT"}
"""Problems that say already why a statement changes nothing."""

_LOGIC: Final = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html"
)


@rule(
    *sorted(CARRIERS),
    id="iam-policy-statements-effective",
    title="Every statement changes what is allowed",
    family=Family.IAM,
    severity=Severity.INFO,
    remedy="Remove the statement, or correct what keeps it from having an effect.",
    source=_LOGIC,
)
def effective(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """An Allow whose every request a Deny refuses, a statement with conditions that exclude one another, or one whose
    requests other statements decide alike, changes nothing: it was meant to, or it only makes the policy longer. The
    policies of the same identity in the stack count; what other stacks attach does not.
    """
    for document in examined(resource):
        carried = document.carried
        for statement in _dead(document):
            message = f"{_why(statement, carried.policy, besides(carried))} ({statement_name(statement)})"
            yield ctx.violation(carried.at(statement.path), message)
        for part in document.open:
            if part.element == "Effect":
                message = f"whether a statement changes anything cannot be told: {part.reason}"
                yield ctx.undecided(carried.at(part.path), message)


def _dead(document: Examined) -> Iterator[Statement]:
    """The statements that change nothing for whoever has the policy, those aside of which that is told already."""
    policy = document.carried.policy
    held = besides(document.carried)
    if not any(_may_be_dead(one, (policy, *beside)) for beside in held for one in policy.statements):
        return
    elsewhere = [one.path for one in document.problems if one.code in _TOLD]
    every = [
        set(map(id, dead_statements(policies, may_be=partial(_may_be_dead, policies=policies))))
        for policies in ((policy, *beside) for beside in held)
    ]
    for statement in policy.statements:
        path = statement.path
        if all(id(statement) in each for each in every) and not any(one[: len(path)] == path for one in elsewhere):
            yield statement


def _may_be_dead(statement: Statement, policies: Sequence[Policy]) -> bool:
    """Whether other statements may decide all that a statement does; a quick look before the engine is asked.

    Where an action on a resource is in no other statement, this one decides it, unless its conditions exclude one
    another: two of one key, or two that both speak of who asks. (One that cannot be met by itself has a value that
    iam-policy-condition-values-valid tells.)
    """
    actions, resources = statement.actions, statement.resources
    keys = [condition.key.lower() for condition in statement.conditions]
    subjects = ["who asks" if key in KEYS else key for key in keys]
    if len(set(subjects)) < len(subjects) or actions is None or actions.negated or statement.effect is None:
        return True
    others = [one for policy in policies for one in policy.statements if one is not statement]
    named = ("",) if resources is None or resources.negated else tuple(one.text for one in resources.listed)
    return all(
        any(_may_have(one.actions, action.text, folded=True) and _may_have(one.resources, named[0]) for one in others)
        for action in actions.listed[:_LOOKED_AT]
        if named
    )


_LOOKED_AT: Final = 8


def _may_have(patterns: Patterns | None, text: Text, *, folded: bool = False) -> bool:
    """Whether some pattern may take the text as it is written, its wildcards for characters that nothing else has."""
    if patterns is None or patterns.negated or patterns.partial or not isinstance(text, str) or not text:
        return True
    sample = text.lower() if folded else text
    return any(
        not isinstance(one.text, str) or fnmatchcase(sample, _globbed(one.text.lower() if folded else one.text))
        for one in patterns.listed
    )


def _globbed(pattern: str) -> str:
    return pattern.replace("[", "[[]")


def _why(statement: Statement, policy: Policy, beside: Iterable[tuple[Policy, ...]]) -> str:
    """In which of three ways a dead statement is dead."""
    alone = replace(policy, statements=(statement,))
    if dead_statements((alone,)):
        return "has a statement that no request meets"
    if statement.effect is Effect.DENY:
        return "has a Deny of what other statements deny"
    denies = tuple(one for one in policy.statements if one.effect is Effect.DENY)
    with_denies = replace(policy, statements=(statement, *denies))
    if all(any(one is statement for one in dead_statements((with_denies, *each))) for each in beside):
        return "has an Allow of what is denied altogether"
    return "has an Allow of what other statements allow"


@rule(
    *sorted(CARRIERS),
    id="iam-policy-conditions-decide",
    title="Every condition leaves some requests out",
    family=Family.IAM,
    severity=Severity.LOW,
    remedy="Compare with the values that are meant, or remove the condition.",
    source=CHECKS,
)
def deciding(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """`StringLike: {key: "*"}`, `0.0.0.0/0` and ranges that add up to everything are met by every request with the key:
    the condition looks like a limit and is none. Where only the presence of the key is meant, `Null` says so.
    """
    whole = summary(resource)
    if whole is not None and not whole.has_conditions and not whole.open:
        return
    for document in examined(resource):
        carried = document.carried
        codes = CODES["iam-policy-conditions-decide"]
        yield from told(document, codes, ctx)
        paths = {one.path for one in document.problems if one.code in codes}
        for condition in always_true_conditions((carried.policy,)):
            if condition.path not in paths and condition.values:
                yield ctx.violation(carried.at(condition.path), _met(condition))
        for part in document.open:
            operator = str(part.below[0]) if part.below else ""
            if part.element == "Condition" and "Like" in operator and not isinstance(part.value, tuple):
                message = f"whether a condition leaves any request out cannot be told: {part.reason}"
                yield ctx.undecided(carried.at(part.path), message)


def _met(condition: Condition) -> str:
    operator = OPERATORS[condition.operator]
    always = condition.if_exists or condition.qualifier == "ForAllValues" or operator.negated
    who = "every request" if always and condition.qualifier != "ForAnyValue" else f"every request with {condition.key}"
    return f"has a condition on {condition.key} that {who} meets"
