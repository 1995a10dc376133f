"""Logical ids and types as people read them."""

from __future__ import annotations

import re
from typing import Final

from infra_checks.diagram.kinds import SERVICES

_HASH: Final = re.compile(r"[0-9A-F]{8}$")
"""What the AWS CDK puts behind each logical id."""
_WORD: Final = re.compile(r"S3|EC2|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


_SHORT: Final = re.compile("ACL|API|CPU|DB|DNS|EIP|IAM|ID|IP|KMS|NAT|RDS|SNS|SQS|SSL|TLS|URL|VPC|VPN|WAF")


def words(name: str) -> str:
    """`OrderDeadLetters` as `Order dead letters`; what the CDK adds is left out."""
    bare = _HASH.sub("", name)
    said = " ".join(map(_word, _WORD.findall(bare or name))) or name
    return said[:1].upper() + said[1:]


def type_words(kind: str) -> str:
    """`AWS::SQS::Queue` as `SQS queue`; the service is left out where the last word says it."""
    parts = kind.split("::")
    last = last_word(kind)
    named = SERVICES.get(kind, SERVICES.get(parts[1], parts[1])) if len(parts) > 2 else parts[0]  # noqa: PLR2004 - AWS::Service::Type
    is_said = not named or last.lower().startswith(named.lower().removesuffix("s"))
    return last[:1].upper() + last[1:] if is_said else f"{named} {last}"


def distinct(names: list[str]) -> tuple[str, list[str]]:
    """The words that all names begin with, and what each has beyond them, which is at least a word."""
    split = [name.split() for name in names]
    shared = 0
    while len(split) > 1 and len({" ".join(each[: shared + 1]) for each in split}) == 1:
        if min(map(len, split)) <= shared + 1:
            break
        shared += 1
    rests = [" ".join(each[shared:]) for each in split]
    return " ".join(split[0][:shared] if split else ()), [rest[:1].upper() + rest[1:] for rest in rests]


def last_word(kind: str) -> str:
    """`AWS::SQS::QueuePolicy` as `queue policy`."""
    return " ".join(map(_word, _WORD.findall(kind.rsplit("::", 1)[-1])))


def _word(part: str) -> str:
    return part.upper() if _SHORT.fullmatch(part.upper()) or part.isupper() else part.lower()
