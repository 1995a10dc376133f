"""Requests about what nothing names: whether a grant is limited is seen by asking for what it was not made for."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from infra_checks.iam.answers import Answer, Certainty
from infra_checks.iam.catalogue import arn_templates
from infra_checks.iam.questions import FRESH_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from infra_checks.iam.model import Condition, Policy
    from infra_checks.iam.text import Text

FRESH_VALUES: Final[Mapping[str, tuple[Text, ...]]] = {
    "ec2:subnet": ("arn:aws:ec2:us-east-1:999999999999:subnet/zz-fresh",),
    "ec2:vpc": ("arn:aws:ec2:us-east-1:999999999999:vpc/zz-fresh",),
    "iam:passedtoservice": ("zzfresh.amazonaws.com",),
    "iam:associatedresourcearn": ("arn:aws:zzfresh:us-east-1:999999999999:zz-fresh",),
}
"""Keys that limit to whom or what an action is applied, with values that no policy has."""

_TAGS: Final = ("aws:resourcetag/", ":resourcetag/")
_BOUNDARY: Final = "iam:permissionsboundary"
_ALIASES: Final = "kms:resourcealiases"


def limited_context(
    policies: Iterable[Policy], needs: Mapping[str, tuple[Text, ...]]
) -> dict[str, tuple[Text, ...] | None]:
    """The context of a request for what a policy does not name: its tags and aliases are others, no boundary comes
    with it.

    `needs` gives keys in lower case and the values they have to have. Keys that the caller chooses, such as the Region,
    are left free, so that only what truly limits counts.
    """
    conditions = [one for policy in policies for statement in policy.statements for one in statement.conditions]
    keys = {condition.key.lower() for condition in conditions}
    found: dict[str, tuple[Text, ...] | None] = {}
    for key in sorted(keys):
        if key in needs:
            found[key] = needs[key]
        elif key == _BOUNDARY:
            found[key] = None
        elif key == _ALIASES and _asks_for_an_alias(conditions):
            found[key] = (f"alias/{FRESH_NAME}",)
        elif any(part in key for part in _TAGS):
            found[key] = (FRESH_NAME,)
    return found


def _asks_for_an_alias(conditions: Iterable[Condition]) -> bool:
    """Whether a key without an alias is refused by each condition on aliases: ForAllValues lets it pass.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-resource-aliases
    """
    return all(
        condition.qualifier == "ForAnyValue" and not condition.if_exists
        for condition in conditions
        if condition.key.lower() == _ALIASES
    )


def of_callers(answer: Answer) -> Answer:
    """The answer, or a no where it depends on policy variables alone: `user/${aws:username}` is the caller's own."""
    if answer.certainty is Certainty.POSSIBLE and answer.symbols and not answer.unread:
        return Answer(Certainty.NO) if all(symbol.variable for symbol in answer.symbols) else answer
    return answer


_MADE_IN: Final = {
    "ec2:createnetworkacl": ":vpc/",
    "ec2:createnetworkinterface": ":subnet/",
    "ec2:createroutetable": ":vpc/",
    "ec2:createsubnet": ":vpc/",
}
"""Actions that have to be allowed on what they make and on what they make it in. What is made is new each time, so that
only the place can be limited. Source: service authorization reference, Amazon EC2, required resource types."""


@cache
def fresh_arns(action: str) -> tuple[str, ...]:
    """ARNs of resources that nothing names, one for each type that an action works on; none where it takes `*` only."""
    place = _MADE_IN.get(action.lower(), "")
    return tuple(_fresh(template) for template in arn_templates(action) if place in template)


_ANYWHERE: Final = ("${Partition}", "${Region}", "${Account}")
_VARIABLE: Final = re.compile(r"\$\{[^}]*\}|<[^>]*>")


def _fresh(template: str) -> str:
    for variable in _ANYWHERE:
        template = template.replace(variable, "*")
    return _VARIABLE.sub(FRESH_NAME, template)


def somewhere(service: str, resource: str) -> str:
    """The ARN of a resource in any partition, Region and account: what a policy writes there does not matter."""
    return f"arn:*:{service}:*:*:{resource}"
