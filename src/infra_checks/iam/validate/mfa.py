"""Requiring multi-factor authentication, and the ways in which it is not required.

aws:MultiFactorAuthPresent is there for temporary credentials only, then true or false; aws:MultiFactorAuthAge only if
there was MFA. Requests with access keys of a user have neither.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.iam.model import Effect
from infra_checks.iam.operators import OPERATORS, Family
from infra_checks.iam.validate.problems import problem
from infra_checks.iam.validate.texts import flat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.iam.model import Condition
    from infra_checks.iam.validate.drafts import Draft, Part
    from infra_checks.iam.validate.problems import Problem

PRESENT: Final = "aws:multifactorauthpresent"
AGE: Final = "aws:multifactorauthage"

_ACCESS_KEYS: Final = "requests with access keys of a user, which lack the key"


def check_mfa(draft: Draft, part: Part) -> Iterator[Problem]:
    """Conditions on MFA in one statement."""
    effect = part.read.effect
    for condition in part.read.conditions:
        key = condition.key.lower()
        if effect is None or key not in (PRESENT, AGE):
            continue
        values = {flat(value.text).lower() for value in condition.values}
        family = OPERATORS[condition.operator].family
        if family is Family.NULL:
            if key == PRESENT:
                yield from _null(draft, part, condition, values)
        elif key == PRESENT and family is not Family.BOOL:
            message = f"compares aws:MultiFactorAuthPresent by {condition.operator}; it is a Boolean"
            yield problem("MFA_NOT_BOOLEAN", condition.path, message)
        elif key == PRESENT:
            yield from _present(draft, effect, condition, values)
        elif family is Family.NUMERIC:
            yield from _age(draft, effect, condition)


def _present(draft: Draft, effect: Effect, condition: Condition, values: set[str]) -> Iterator[Problem]:
    path = condition.path
    if effect is Effect.ALLOW and condition.if_exists and values == {"true"}:
        message = f"asks for MFA by BoolIfExists in an Allow, and so allows {_ACCESS_KEYS}"
        yield problem("MFA_ALLOW_IF_EXISTS", path, message)
    elif effect is Effect.DENY and not condition.if_exists and values == {"false"}:
        if not _denies_without(draft, PRESENT):
            message = f"asks for MFA by Bool in a Deny, and so does not deny {_ACCESS_KEYS}"
            yield problem("MFA_DENY_WITHOUT_IF_EXISTS", path, message)
    elif effect is Effect.DENY and values == {"true"}:
        yield problem("MFA_BACKWARDS", path, "denies requests with MFA, and not those without")
    elif effect is Effect.ALLOW and values == {"false"}:
        yield problem("MFA_BACKWARDS", path, "allows requests without MFA, and not those with it")


def _null(draft: Draft, part: Part, condition: Condition, values: set[str]) -> Iterator[Problem]:
    beside = any(
        one.key.lower() == PRESENT and one is not condition and OPERATORS[one.operator].family is Family.BOOL
        for one in part.read.conditions
    )
    if beside:
        return
    if part.read.effect is Effect.ALLOW and values == {"false"}:
        message = "asks whether aws:MultiFactorAuthPresent is there, which it is in every session, also without MFA"
        yield problem("MFA_NULL_CHECK", condition.path, message)
    elif part.read.effect is Effect.DENY and values == {"true"} and not _denies_false(draft):
        message = "denies requests without aws:MultiFactorAuthPresent, and no session without MFA, where it is false"
        yield problem("MFA_NULL_CHECK", condition.path, message)


def _age(draft: Draft, effect: Effect, condition: Condition) -> Iterator[Problem]:
    if effect is Effect.ALLOW and condition.if_exists and "Less" in condition.operator:
        message = f"asks for recent MFA by {condition.operator}IfExists in an Allow, and so allows requests without MFA"
        yield problem("MFA_ALLOW_IF_EXISTS", condition.path, message, "Use the operator without IfExists in an Allow.")
    elif (
        effect is Effect.DENY
        and not condition.if_exists
        and "Greater" in condition.operator
        and not (_denies_without(draft, AGE) or _denies_without(draft, PRESENT))
    ):
        message = f"asks for recent MFA by {condition.operator} in a Deny, and so does not deny requests without MFA"
        yield problem("MFA_AGE_DENY_WITHOUT_IF_EXISTS", condition.path, message)


def _denies_without(draft: Draft, key: str) -> bool:
    """Whether some statement denies requests that lack the key."""
    for part in draft.parts:
        if part.read.effect is not Effect.DENY:
            continue
        for one in part.read.conditions:
            if one.key.lower() != key:
                continue
            values = {flat(value.text).lower() for value in one.values}
            if (one.operator == "Null" and values == {"true"}) or (one.if_exists and one.operator != "Null"):
                return True
    return False


def _denies_false(draft: Draft) -> bool:
    return any(
        part.read.effect is Effect.DENY
        and one.key.lower() == PRESENT
        and one.operator == "Bool"
        and {flat(value.text).lower() for value in one.values} == {"false"}
        for part in draft.parts
        for one in part.read.conditions
    )
