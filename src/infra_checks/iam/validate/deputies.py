"""Services that act for others: what keeps one from being used by strangers (the confused deputy problem).

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.iam.model import Effect, PolicyType
from infra_checks.iam.operators import OPERATORS, Family
from infra_checks.iam.validate.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.iam.model import Condition
    from infra_checks.iam.validate.drafts import Draft, Part
    from infra_checks.iam.validate.problems import Problem

SOURCES: Final = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths")
_LESSER: Final = ("aws:referer", "aws:useragent", "aws:sourceip")
_OF_KEYS: Final = ("kms:encryptioncontext:", "kms:calleraccount", "kms:viaservice")
"""Conditions of key policies that say for whom a service calls
(https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html)."""
_OF_IDENTITIES: Final = ("aws:principalorgid", "aws:principalorgpaths", "aws:principalarn", "aws:username")
"""Keys of identities in an account, which services have not."""

_OF_TOPICS: Final = ("AWS::KMS::Key", "AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy")
_SENDS_NO_SOURCE: Final = "events.amazonaws.com"
"""What EventBridge publishes to a topic, and so asks the key of an encrypted one for, has no condition keys
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions)."""


def check_deputies(draft: Draft, part: Part) -> Iterator[Problem]:
    """A statement of a resource policy that lets services in."""
    read = part.read
    if draft.type not in (PolicyType.RESOURCE, PolicyType.KEY) or read.effect is not Effect.ALLOW:
        return
    principals = read.principals
    if principals is None or principals.negated:
        return
    services = [one for one in principals.listed if one.kind == "Service"]
    if services and len(services) == len(principals.listed) and not principals.partial:
        yield from _unsupported(read.conditions)
    if not services or read.incomplete or any("${" in condition.key for condition in read.conditions):
        return
    keys = {condition.key.lower(): condition for condition in read.conditions if _restricts(condition)}
    if any(key in SOURCES or key.startswith(_OF_KEYS) for key in keys):
        return
    lesser = next((keys[key] for key in _LESSER if key in keys), None)
    if lesser is not None:
        message = f"limits a service by {lesser.key}, which does not say for whom it calls"
        yield problem("RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", lesser.path, message)
        return
    for service in services:
        if draft.resource_type in _OF_TOPICS and service.name == _SENDS_NO_SOURCE:
            continue
        message = "lets a service in, whoever it calls for"
        yield problem("RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", service.path, message)


def _restricts(condition: Condition) -> bool:
    operator = OPERATORS[condition.operator]
    return not operator.negated and not condition.if_exists and operator.family is not Family.NULL


def _unsupported(conditions: tuple[Condition, ...]) -> Iterator[Problem]:
    for condition in conditions:
        key = condition.key.lower()
        if _restricts(condition) and (key in _OF_IDENTITIES or key.startswith("aws:principaltag/")):
            message = f"has a condition on {condition.key}, which services have not, so that it lets nobody in"
            yield problem("UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", condition.path, message)
