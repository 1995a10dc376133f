"""ARNs as texts, and which types of resources they name.

A resource type has a template such as `arn:${Partition}:s3:::${BucketName}`. What a variable of it can hold is not
published for most; three readings are told apart: those that surely hold neither `/` nor `:`, those that hold paths,
and the rest, which hold neither as far as is known. Whether a pattern names a resource of a type is therefore
DEFINITE, POSSIBLE or NO as any answer is.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.iam.answers import Certainty
from infra_checks.iam.globs import Glob, entry
from infra_checks.iam.patterns import Kind, Syntax, Token
from infra_checks.iam.text import ACCOUNT, PARTITION, REGION, Symbol, joined, pieces
from infra_checks.iam.words import Budget, Exhausted, shared_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from infra_checks.iam.catalogue.kinds import Action, ResourceType
    from infra_checks.iam.text import Text

_COLONS: Final = 5
_STEPS: Final = 200_000
_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}|(\*)")
_NEITHER: Final = frozenset(":/")
_EVERYTHING: Final = "*"
_ORDER: Final = (Certainty.DEFINITE, Certainty.POSSIBLE, Certainty.UNKNOWN, Certainty.NO)

_PLAIN: Final = frozenset(
    {
        "AccessPointName", "Account", "AccountId", "BucketName", "ClusterName", "DistributionId", "FileSystemId",
        "FunctionName", "GroupId", "HostedZoneId", "InstanceId", "KeyId", "Partition", "QueueName", "Region",
        "SecurityGroupId", "StreamName", "SubnetId", "TableName", "TopicName", "UserPoolId", "VolumeId", "VpcId",
    }
)  # fmt: skip
"""Variables whose values surely hold neither `/` nor `:`: ids, and names by the rules of their services (for buckets
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, queues, topics, tables, functions, streams
and clusters likewise in the API reference of each).
"""
_PATHS: Final = frozenset(
    {
        "LogGroupName", "LogStreamName", "ObjectName", "ParameterNameWithoutLeadingSlash", "RepositoryName", "SecretId",
    }
)  # fmt: skip
"""Variables whose values are known to hold `/`, besides those that say so by their name (`…Path`)."""


class Arn(NamedTuple):
    """The parts of an ARN behind `arn:`; the resource is all that follows the fifth colon."""

    partition: Text
    service: Text
    region: Text
    account: Text
    resource: Text


def parse_arn(text: Text) -> Arn | None:
    """The parts; None if the text is no ARN of six parts, or if a symbol among the first five may hold a colon."""
    parts: list[list[str | Symbol]] = [[]]
    for piece in pieces(text):
        if isinstance(piece, Symbol):
            if len(parts) <= _COLONS and ":" not in piece.excluded:
                return None
            parts[-1].append(piece)
            continue
        first, *others = piece.split(":", _COLONS + 1 - len(parts))
        parts[-1].append(first)
        parts.extend([other] for other in others)
    if len(parts) != _COLONS + 1 or joined(parts[0]) != "arn":
        return None
    return Arn(*map(joined, parts[1:]))


@lru_cache(16384)
def names_type(pattern: Text, template: str) -> Certainty:
    """Whether an entry of Resource matches some ARN of a template; UNKNOWN when that takes too long to tell.

    DEFINITE is for every value of the pattern's symbols, POSSIBLE for some, or if a variable holds more than is known.
    The six parts are compared one by one; in a pattern of fewer parts, a last `*` may be all that follow.
    """
    if pattern == _EVERYTHING:
        return Certainty.DEFINITE
    found, known = parse_arn(pattern), template.split(":", _COLONS)[1:]
    if found is None or len(known) != _COLONS:
        return _shared(pattern, template, Syntax.ARN)
    certainty = Certainty.DEFINITE
    for field, other in zip(found[:-1], known[:-1], strict=True):
        certainty = _worse(certainty, _names_field(field, other))
        if certainty is Certainty.NO:
            return certainty
    return _worse(certainty, _shared(found.resource, known[-1], Syntax.LIKE) if found.resource else Certainty.NO)


def _names_field(field: Text, template: str) -> Certainty:
    """Whether a field matches that of a template: any text for a variable.

    It is empty for what AWS owns (`arn:aws:ssm:eu-west-1::document/AWS-RunShellScript`), which templates do not tell.
    """
    if template == _EVERYTHING:
        return Certainty.DEFINITE
    if _VARIABLE.fullmatch(template):
        return Certainty.POSSIBLE if field == "" else Certainty.DEFINITE
    asked = entry(field, Syntax.LIKE)
    if asked.surely.takes(template):
        return Certainty.DEFINITE
    return Certainty.POSSIBLE if asked.possibly.takes(template) else Certainty.NO


def _shared(pattern: Text, template: str, syntax: Syntax) -> Certainty:
    narrow, wide = _globs(template)
    asked = entry(pattern, syntax)
    try:
        if shared_word(((narrow,), (asked.surely,)), (), Budget(_STEPS)) is not None:
            return Certainty.DEFINITE
        found = shared_word(((wide,), (asked.possibly,)), (), Budget(_STEPS))
    except Exhausted:
        return Certainty.UNKNOWN
    return Certainty.NO if found is None else Certainty.POSSIBLE


def _worse(one: Certainty, other: Certainty) -> Certainty:
    return max(one, other, key=_ORDER.index)


def types_named(pattern: Text, types: Iterable[ResourceType]) -> Iterator[tuple[ResourceType, Certainty]]:
    """Which of the types an entry of Resource may name."""
    for one in types:
        certainty = names_type(pattern, one.arn)
        if certainty is not Certainty.NO:
            yield one, certainty


def types_in_catalogue(pattern: Text) -> tuple[tuple[ResourceType, Certainty], ...]:
    """Which resource types of all services an entry of Resource may name; reads the whole catalogue."""
    from infra_checks.iam.catalogue.slices import service, services  # noqa: PLC0415 - few need it

    every = (one for name in services() if (part := service(name)) for one in part.resource_types.values())
    return tuple(types_named(pattern, every))


def fits(action: Action, pattern: Text) -> Certainty:
    """Whether an entry of Resource grants an action anything: it names one of its resources, or is `*`.

    An action without resource-level permissions is granted by `*` only
    (https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).
    """
    from infra_checks.iam.catalogue.slices import resource_types  # noqa: PLC0415 - few need it

    if pattern == _EVERYTHING:
        return Certainty.DEFINITE
    if not action.resources:
        return Certainty.POSSIBLE if _may_be_everything(pattern) else Certainty.NO
    found = {certainty for _, certainty in types_named(pattern, resource_types(action))}
    return min(found, key=_ORDER.index, default=Certainty.NO)


def _may_be_everything(pattern: Text) -> bool:
    """Whether it may turn out to be `*`: it holds nothing but stars and symbols that may hold one."""
    return all(
        "*" not in piece.excluded or not piece.least if isinstance(piece, Symbol) else not piece.strip("*")
        for piece in pieces(pattern)
    )


def narrowed(
    action: Action,
    *,
    partition: Text = (PARTITION,),
    region: Text = (REGION,),
    account: Text = (ACCOUNT,),
    names: Mapping[str, Text] | None = None,
) -> tuple[Text, ...]:
    """The entries of Resource that an action needs at most, for a known partition, region and account.

    `names` gives values of further variables; the others stay `*`. Empty for an action without resource-level
    permissions: it needs `*`.
    """
    from infra_checks.iam.catalogue.slices import resource_types  # noqa: PLC0415 - few need it

    values = {"Partition": partition, "Region": region, "Account": account, "AccountId": account} | dict(names or {})
    return tuple(dict.fromkeys(filled(one.arn, values) for one in resource_types(action)))


def filled(template: str, values: Mapping[str, Text], rest: Text = _EVERYTHING) -> Text:
    """The template with values for its variables, and `rest` for those that have none."""
    found: list[str | Symbol] = []
    end = 0
    for match in _VARIABLE.finditer(template):
        found.append(template[end : match.start()])
        found.extend(pieces(values.get(match[1] or "", rest)))
        end = match.end()
    return joined([*found, template[end:]])


@lru_cache(4096)
def _globs(template: str) -> tuple[Glob, Glob]:
    """A template, or the last part of one, as patterns: its variables with what they can surely hold, and at most."""
    return Glob([*_tokens(template, wide=False)], far=False), Glob([*_tokens(template, wide=True)], far=True)


def _tokens(template: str, *, wide: bool) -> Iterator[Token]:
    end = 0
    for match in _VARIABLE.finditer(template):
        yield from _letters(template[end : match.start()])
        yield Token(Kind.MANY, _excluded(match[1] or "", wide=wide))
        end = match.end()
    yield from _letters(template[end:])


def _letters(text: str) -> Iterator[Token]:
    return (Token(Kind.LETTER, (letter,)) for letter in text)


def _excluded(variable: str, *, wide: bool) -> frozenset[str]:
    if variable in _PLAIN:
        return _NEITHER
    return frozenset() if wide or not variable or variable in _PATHS or variable.endswith("Path") else _NEITHER
