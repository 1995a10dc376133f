"""Condition keys with a snag of their own.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, and the reference of
checks, https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.iam.model import Effect, PolicyType
from infra_checks.iam.operators import OPERATORS, Family
from infra_checks.iam.validate.conditions import key_of
from infra_checks.iam.validate.problems import one_of, problem
from infra_checks.iam.validate.texts import HOLE, flat, has_wildcard, matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.iam.model import Condition
    from infra_checks.iam.validate.drafts import Draft, Part
    from infra_checks.iam.validate.problems import Problem

_PAIRED: Final = {
    "aws:vpcsourceip": ("aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn"),
    "aws:ec2instancesourceprivateipv4": ("aws:ec2instancesourcevpc",),
}
"""Private addresses, which are the same in many networks, and what says which network is meant."""
_UNTRUSTWORTHY: Final = ("aws:referer", "aws:useragent")
_READS: Final = ("dynamodb:getitem", "dynamodb:batchgetitem", "dynamodb:query", "dynamodb:scan")
_OF_OTHER_SIDE: Final = ("s3:resourceaccount", "aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths")
_ARN_KEYS: Final = "ARN"
_RCP_PRINCIPAL: Final = ("aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn")
_RCP_SOURCE: Final = ("aws:sourceorgid", "aws:sourceorgpaths")


_NETWORK: Final = frozenset(("aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip"))
"""Where a request comes from: each way has some of these and lacks the others."""
_ABSENT_FOR_STRANGERS: Final = frozenset(
    (
        *("aws:principalorgid", "aws:principalorgpaths"),  # accounts without an organization
        *("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid"),  # whoever is no service
    )
)


def check_if_exists(draft: Draft, part: Part) -> Iterator[Problem]:
    """An Allow that asks for a key only of those who have it."""
    read = part.read
    if read.effect is not Effect.ALLOW or read.incomplete:
        return
    asked = [one for one in read.conditions if one.if_exists and not OPERATORS[one.operator].negated]
    network = [one for one in asked if one.key.lower() in _NETWORK - {"aws:sourceip"}]
    of_resource = draft.type in (PolicyType.RESOURCE, PolicyType.KEY, PolicyType.TRUST)
    for condition in asked:
        key = condition.key.lower()
        alone = condition in network and not any(one.key.lower() in _NETWORK for one in asked if one is not condition)
        if alone or (of_resource and key in _ABSENT_FOR_STRANGERS):
            message = f"allows by {condition.operator}IfExists every request that lacks {condition.key}"
            yield problem("IF_EXISTS_IN_ALLOW", condition.path, message)


def check_particular(draft: Draft, part: Part) -> Iterator[Problem]:
    """Keys that say less than they seem to."""
    keys = {condition.key.lower() for condition in part.read.conditions}
    for condition in part.read.conditions:
        key, path = condition.key.lower(), condition.path
        if key in _PAIRED and keys.isdisjoint(_PAIRED[key]):
            message = f"has a condition on {condition.key} without {one_of([*_PAIRED[key]])}"
            yield problem("MISSING_PAIRED_CONDITION_KEYS", path, message)
        elif key in _UNTRUSTWORTHY:
            message = f"has a condition on {condition.key}, which the caller can set to anything"
            yield problem("UNTRUSTWORTHY_CONDITION_KEY", path, message)
        elif key == "s3:prefix":
            yield from _prefix(part, condition)
        elif key == "dynamodb:attributes":
            yield from _attributes(part, condition, keys)
        elif key in _OF_OTHER_SIDE and draft.type in (PolicyType.RESOURCE, PolicyType.KEY):
            message = f"has a condition on {condition.key}, which is the same for every request for this resource"
            yield problem("IRRELEVANT_CONDITION_KEY_IN_POLICY", path, message)
        yield from _like_for_arn(condition)
    if draft.type is PolicyType.RCP and part.read.effect is Effect.DENY:
        yield from _rcp(part)


def _prefix(part: Part, condition: Condition) -> Iterator[Problem]:
    operator = OPERATORS[condition.operator]
    denies = part.read.effect is Effect.DENY
    if part.read.effect is not None and operator.family is Family.STRING and denies is not operator.negated:
        message = f"has s3:prefix under {condition.operator} where a request with a shorter prefix gets by"
        yield problem("S3_PREFIX_IN_NEGATIVE_CONTEXT", condition.path, message)


def _attributes(part: Part, condition: Condition, keys: set[str]) -> Iterator[Problem]:
    actions = part.read.actions
    if part.read.effect is not Effect.ALLOW or "dynamodb:select" in keys or actions is None or part.read.incomplete:
        return
    patterns = [flat(entry.text).lower() for entry in actions.listed]
    reads = any(matches(pattern, name) for pattern in patterns for name in _READS)
    if reads is not actions.negated:
        message = "limits dynamodb:Attributes and not dynamodb:Select, so that a read without a projection gets all"
        yield problem("DYNAMODB_ATTRIBUTES_WITHOUT_SELECT", condition.path, message)


def _like_for_arn(condition: Condition) -> Iterator[Problem]:
    if condition.operator not in ("StringLike", "StringNotLike"):
        return
    key = key_of(condition.key)
    if key is None or key.other_types or key.type.value != _ARN_KEYS:
        return
    crossing = [value for value in condition.values if _crosses(flat(value.text))]
    if crossing:
        message = f"compares {condition.key} by {condition.operator}, whose wildcards run over the parts of an ARN"
        yield problem("STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS", condition.path, message)


def _crosses(text: str) -> bool:
    """Whether a wildcard stands before the last part, which is where the operators differ."""
    head = ":".join(text.split(":")[:5])
    return has_wildcard(head) and HOLE not in text


def _rcp(part: Part) -> Iterator[Problem]:
    """What an RCP denies to services by mistake: they are principals, too."""
    conditions = part.read.conditions
    keys = {condition.key.lower(): condition for condition in conditions}
    service = keys.get("aws:principalisawsservice")
    for name in _RCP_PRINCIPAL:
        if name in keys and service is None and OPERATORS[keys[name].operator].negated:
            message = f"denies by {keys[name].key}, which services that call for you do not have"
            yield problem("RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY", keys[name].path, message)
    for name in _RCP_SOURCE:
        if name not in keys or not OPERATORS[keys[name].operator].negated:
            continue
        if service is None:
            message = f"denies by {keys[name].key}, which only services have that call for somebody"
            yield problem("RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY", keys[name].path, message)
        if not any(one.operator == "Null" and one.key.lower().startswith("aws:source") for one in conditions):
            message = f"denies by {keys[name].key}, which some calls of services do not have"
            yield problem("RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK", keys[name].path, message)
