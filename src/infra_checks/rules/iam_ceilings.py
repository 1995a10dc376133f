"""A rule that holds users, roles and groups to what an organisation lets those of their kind do at most."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.access.identities import TYPES, identity_of
from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import PHYSICAL_NAMES
from infra_checks.core.rule import rule
from infra_checks.errors import RuleError
from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.iam.answers import Certainty
from infra_checks.iam.model import PolicyType
from infra_checks.iam.parse import parse
from infra_checks.iam.questions import granted, new_access
from infra_checks.iam.text import shown
from infra_checks.rules.granting import covers, statement_name, taking_away, why

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.access.identities import Attachment, Identity
    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.values import Value
    from infra_checks.iam.answers import Answer
    from infra_checks.iam.document import Document
    from infra_checks.iam.model import Policy


class _Tier(NamedTuple):
    """Identities with names like the pattern, and what they may do at most."""

    pattern: str
    ceiling: tuple[Policy, ...]


@rule(
    *TYPES,
    id="iam-identity-within-ceiling",
    title="Users, roles and groups may do no more than those of their kind",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Take from the policy what is beyond the ceiling, or add a permissions boundary that does.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-custom-policy-checks.html",
    options={"ceilings": ()},
)
def within_ceiling(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Developers, operators and administrators each have a limit; a policy that oversteps it is found here whatever it
    is written like. The option `ceilings` is a list of `NAME=CEILING`: NAME is a pattern for logical ids and physical
    names (`*Developer*`), CEILING names AWS-managed policies or patterns of actions, separated by commas, `!` before
    what is not within it: `*Developer*=ReadOnlyAccess, s3:*, !s3:DeleteBucket`. A boundary counts, as do Denies.
    """
    identity = None
    for tier in map(_tier, ctx.names("ceilings")):
        has_name = _is_named(resource, tier.pattern)
        if has_name is False:
            continue
        identity = identity or identity_of(resource)
        for attachment in identity.attachments:
            answer = _beyond(identity, attachment, tier)
            if answer.certainty is Certainty.NO:
                continue
            at = _place(resource, attachment, answer)
            message = f"may do more than {tier.pattern} may"
            if has_name and answer.certainty is Certainty.DEFINITE:
                yield ctx.violation(at, f"{message}: {_witness(answer, tier)}")
            elif has_name:
                yield ctx.undecided(at, f"it cannot be told whether it {message}: {why(answer)}")
            else:
                yield ctx.undecided(at, f"{message}, if its name is like {tier.pattern}, which is not known")


def _beyond(identity: Identity, attachment: Attachment, tier: _Tier) -> Answer:
    """What one policy grants, less what the others and the boundary take away, and the ceiling does not."""
    return new_access((attachment.policy, *taking_away(identity, attachment.carried)), tier.ceiling)


def _witness(answer: Answer, tier: _Tier) -> str:
    """What is beyond the ceiling, with an action that exists where there is one."""
    if answer.witness is None or not answer.granting:
        return "there is a request that only its policies allow"
    statement = answer.granting[0].statement
    action = answer.witness.action
    for pattern in statement.actions.listed if statement.actions is not None and not statement.actions.negated else ():
        if covers(pattern.text, action):
            action = _example(shown(pattern.text), tier) or shown(pattern.text)
            break
    return f"{action} on {answer.witness.resource} ({statement_name(statement)})"


def _example(pattern: str, tier: _Tier) -> str:
    """An action like the pattern that the ceiling does not allow on anything."""
    from infra_checks.iam.catalogue import expand, find_action  # noqa: PLC0415 - read only where something is found

    for name in sorted(expand(pattern))[:_MOST]:
        if granted(tier.ceiling, [name]).certainty is Certainty.NO:
            action = find_action(name)
            return name if action is None else f"{action.service}:{action.name}"
    return ""


_MOST: Final = 400
"""Actions that are looked at for an example; a service has fewer than 800."""


def _place(resource: Resource, attachment: Attachment, answer: Answer) -> Value[object]:
    """Where the Allow stands; of a policy that is another resource, where it is attached."""
    carried = attachment.carried
    if carried is None or carried.holder != resource or not answer.granting:
        node = attachment.value.node
        return attachment.value if node is None or carried is None else resource.placed(node)
    return attachment.at(answer.granting[0].statement.path)


def _is_named(resource: Resource, pattern: str) -> bool | None:
    """Whether the logical id or the physical name is like a pattern; None where the name is not known."""
    if fnmatchcase(resource.logical_id, pattern):
        return True
    name = resource.text(PHYSICAL_NAMES.get(resource.type, "Name"))
    match name:
        case Known(text):
            return fnmatchcase(text, pattern)
        case Unknown():
            told = "".join(part if isinstance(part, str) else "\0" for part in name.parts)
            return None if "\0" in told or not told else fnmatchcase(told, pattern)
        case Absent():
            return False


@lru_cache(32)
def _tier(text: str) -> _Tier:
    pattern, equals, listed = text.partition("=")
    entries = [entry.strip() for entry in listed.split(",") if entry.strip()]
    if not equals or not entries:
        message = f"option ceilings: {text!r} is not of the form NAME=CEILING"
        raise RuleError(message)
    return _Tier(pattern.strip(), tuple(_policies(entries)))


_ANY: Final = "*"


def _policies(entries: list[str]) -> Iterator[Policy]:
    """The AWS-managed policies, and one of the patterns of actions."""
    managed = [entry for entry in entries if entry.startswith("arn:") or (":" not in entry and entry != _ANY)]
    actions = [entry for entry in entries if entry not in managed]
    statements: list[Document] = []
    for effect, chosen in (
        ("Allow", [entry for entry in actions if not entry.startswith("!")]),
        ("Deny", [entry[1:] for entry in actions if entry.startswith("!")]),
    ):
        if chosen:
            statements.append({"Effect": effect, "Action": list(chosen), "Resource": _ANY})
    if statements:
        yield parse({"Version": "2012-10-17", "Statement": statements}, PolicyType.IDENTITY)
    for name in managed:
        yield parse(_managed(name), PolicyType.IDENTITY)


def _managed(name: str) -> Document:
    from infra_checks.iam.catalogue import managed_policy  # noqa: PLC0415 - read only where the option is set

    document = managed_policy(name)
    if document is None:
        message = f"option ceilings: {shown(name)} is no AWS-managed policy that can be attached"
        raise RuleError(message)
    return document
