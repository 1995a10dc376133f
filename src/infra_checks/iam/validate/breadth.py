"""iam:PassRole and iam:CreateServiceLinkedRole on more roles than one means.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html and the reference of checks,
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.iam.model import Effect, PolicyType
from infra_checks.iam.operators import OPERATORS, Family
from infra_checks.iam.validate.problems import problem
from infra_checks.iam.validate.texts import HOLE, fields, flat, matches, readable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.iam.model import Pattern, Patterns, Statement
    from infra_checks.iam.validate.drafts import Draft, Part
    from infra_checks.iam.validate.problems import Problem


class _Watched(NamedTuple):
    """An action; `limit` is the condition key that narrows it, `roles` are two that have nothing in common."""

    action: str
    shown: str
    code: str
    limit: str
    roles: tuple[str, str]


_WATCHED: Final = (
    _Watched("iam:passrole", "iam:PassRole", "PASS_ROLE", "iam:passedtoservice", ("role/Q7", "role/zz-fresh")),
    _Watched(
        "iam:createservicelinkedrole",
        "iam:CreateServiceLinkedRole",
        "CREATE_SLR",
        "iam:awsservicename",
        (
            "role/aws-service-role/q7.amazonaws.com/AWSServiceRoleForQ7",
            "role/aws-service-role/zz.amazonaws.com/AWSServiceRoleForZz",
        ),
    ),
)

_FIELDS: Final = 6


def check_breadth(draft: Draft, part: Part) -> Iterator[Problem]:
    """A statement that allows the watched actions on all roles, or on all but some."""
    read = part.read
    if draft.type not in (PolicyType.IDENTITY, PolicyType.BOUNDARY) or read.effect is not Effect.ALLOW:
        return
    if read.incomplete or read.actions is None or read.resources is None:
        return
    for watched in _WATCHED:
        how = _granted(read.actions, watched.action)
        if how is not None and not _is_limited(read, watched) and not _is_denied(draft, watched):
            yield from _on_all(read.resources, how, watched)


class _How(NamedTuple):
    """How an action is granted: the part of the code, and the entry, if it is one."""

    word: str
    entry: Pattern | None


def _granted(actions: Patterns, name: str) -> _How | None:
    taking = [entry for entry in actions.listed if matches(flat(entry.text).lower(), name)]
    if actions.negated:
        return None if taking or actions.partial else _How("NOT_ACTION", None)
    exact = next((entry for entry in taking if flat(entry.text).lower() == name), None)
    if exact is not None:
        return _How("", exact)
    sure = next((entry for entry in taking if HOLE not in flat(entry.text)), None)
    return _How("STAR_IN_ACTION", sure) if sure is not None else None


def _is_limited(read: Statement, watched: _Watched) -> bool:
    for condition in read.conditions:
        operator = OPERATORS[condition.operator]
        if condition.key.lower() == watched.limit and not operator.negated and operator.family is not Family.NULL:
            return not (condition.values and all(flat(value.text) == "*" for value in condition.values))
    return False


def _is_denied(draft: Draft, watched: _Watched) -> bool:
    """Whether another statement denies the action on everything, whatever the request."""
    for part in draft.parts:
        read = part.read
        if read.effect is not Effect.DENY or read.conditions or read.incomplete or read.resources is None:
            continue
        everything = not read.resources.negated and any(flat(one.text) == "*" for one in read.resources.listed)
        if everything and read.actions is not None and _granted(read.actions, watched.action) is not None:
            return True
    return False


def _on_all(resources: Patterns, how: _How, watched: _Watched) -> Iterator[Problem]:
    named = {"": watched.shown, "STAR_IN_ACTION": "actions with wildcards", "NOT_ACTION": "all but NotAction"}[how.word]
    if resources.negated:
        if resources.partial or any(_names_all(entry, watched) for entry in resources.listed):
            return
        code = "_AND_".join(filter(None, (how.word, "NOT_RESOURCE")))
        message = f"allows {named} on all but NotResource, and so {watched.shown} on roles that nobody listed"
        yield problem(f"{watched.code}_WITH_{code}", resources.path, message)
        return
    star = next((entry for entry in resources.listed if _names_all(entry, watched)), None)
    if star is not None:
        code = {
            "": "STAR_IN_RESOURCE",
            "STAR_IN_ACTION": "STAR_IN_ACTION_AND_RESOURCE",
            "NOT_ACTION": "STAR_IN_RESOURCE_AND_NOT_ACTION",
        }[how.word]
        message = f"allows {named} on {readable(flat(star.text))}, and so {watched.shown} on every role"
        yield problem(f"{watched.code}_WITH_{code}", star.path, message)


def _names_all(entry: Pattern, watched: _Watched) -> bool:
    """Whether the pattern surely takes both roles, in whichever account."""
    text = flat(entry.text)
    if text == "*":
        return True
    found = fields(entry.text)
    if not found.complete or len(found.known) < _FIELDS:
        roles = [f"arn:aws:iam::111122223333:{role}" for role in watched.roles]
        return HOLE not in text and all(matches(text, role) for role in roles)
    if not matches(found.known[2], "iam") or HOLE in found.known[2] + found.known[5]:
        return False
    return all(matches(found.known[5], role) for role in watched.roles)
