"""Patterns of ARNs against the templates of resource types, such as `arn:${Partition}:s3:::${BucketName}`."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from infra_checks.iam.catalogue import service, services
from infra_checks.iam.text import Symbol, pieces
from infra_checks.iam.validate.texts import HOLE, fields, flat, has_wildcard, pattern

if TYPE_CHECKING:
    from infra_checks.iam.text import Text

_FIELDS: Final = 6
_REGION, _ACCOUNT, _RESOURCE = 3, 4, 5
_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")

Parts = tuple[str, ...]


@lru_cache(8192)
def template_fields(template: str) -> Parts:
    """The six fields of a template, with `*` for each variable."""
    return tuple(_VARIABLE.sub("*", template).split(":", _FIELDS - 1))


@cache
def arn_templates() -> dict[str, tuple[Parts, ...]]:
    """The templates of all services by the service that stands in them."""
    found: dict[str, set[Parts]] = {}
    for name in services():
        one = service(name)
        for kind in one.resource_types.values() if one else ():
            parts = template_fields(kind.arn)
            if len(parts) == _FIELDS:
                found.setdefault(parts[2], set()).add(parts)
    return {name: tuple(sorted(templates)) for name, templates in found.items()}


def takes(text: Text, template: str) -> bool:
    """Whether some ARN of the template can match the pattern."""
    parts = template_fields(template)
    slashes = _slashes(text)
    if slashes is not None and ":".join(parts).count("/") > slashes:
        return False
    if template.endswith(_BUCKET) and any(isinstance(piece, str) and "/" in piece for piece in pieces(text)):
        return False
    found = fields(text)
    if not found.complete or len(found.known) < _FIELDS or len(parts) < _FIELDS or "*" in parts[2]:
        return share(pattern(flat(text)), ":".join(parts))
    if parts[2] == "s3" and parts[_REGION] and not found.known[_REGION]:
        return False  # a bucket or object: of the types of Amazon S3, those with a Region are others
    return all(share(pattern(one), other) for one, other in zip(found.known, parts, strict=True))


_BUCKET: Final = ":s3:::${BucketName}"
"""A bucket, whose name has no slash (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html)."""


def _slashes(text: Text) -> int | None:
    """How many slashes an ARN has; None for a pattern with wildcards, or when what is not known may hold some."""
    found = 0
    for piece in pieces(text):
        if isinstance(piece, Symbol):
            if "/" not in piece.excluded:
                return None
        elif has_wildcard(piece):
            return None
        else:
            found += piece.count("/")
    return found


def is_typed(text: Text) -> bool:
    """Whether all that the pattern takes is of types that the catalogue has, or of a service without any."""
    found = fields(text)
    if not found.complete or len(found.known) < _FIELDS or HOLE in found.known[2] or "*" in found.known[2]:
        return False
    templates = arn_templates().get(found.known[2], ())
    return any(share(pattern(found.known[_RESOURCE]), one[_RESOURCE]) for one in templates)


@lru_cache(16384)
def share(one: str, other: str) -> bool:
    """Whether some text matches both patterns of `*` and `?`."""
    if "*" not in one and "*" not in other and "?" not in one and "?" not in other:
        return one == other
    reached = {0}
    for position in range(len(one) + 1):
        closed = _closed(reached, other)
        if position == len(one):
            return len(other) in closed
        reached = _after(one[position], closed, other)
        if not reached:
            return False
    return False


def _closed(reached: set[int], other: str) -> set[int]:
    """With the stars of `other` that take nothing."""
    found = set(reached)
    for index in sorted(reached):
        at = index
        while at < len(other) and other[at] == "*":
            at += 1
            found.add(at)
    return found


def _after(char: str, reached: set[int], other: str) -> set[int]:
    """Where in `other` one can be behind a character of the first pattern."""
    if char == "*":
        return set(range(min(reached), len(other) + 1))
    found = set()
    for index in reached:
        if index < len(other):
            if other[index] == "*":
                found.add(index)
            elif char in ("?", other[index]) or other[index] == "?":
                found.add(index + 1)
    return found


_OWNED_BY_ACCOUNTS: Final = frozenset(
    ("dynamodb", "ecs", "firehose", "iam", "kinesis", "kms", "lambda", "logs", "secretsmanager", "sns", "sqs", "states")
)
"""Services that have nothing of AWS's own, whose ARNs lack the account, as public documents of ssm do."""


def _loose(resource: str) -> str:
    """Without what is often mistaken: case, hyphens, and which of `:` and `/` separates."""
    return resource.lower().lstrip(":").replace("-", "").replace("_", "").replace(":", "/")


@lru_cache(8192)
def misfit(parts: Parts) -> tuple[str, str] | None:
    """Why no template takes an ARN of six fields: a code and the rest of a sentence. None when one does, or may."""
    _, _, name, region, account, resource = (pattern(part) for part in parts)
    if "*" in name or "?" in name:
        return None
    templates = arn_templates().get(name)
    if templates is None:
        return None
    fitting = [one for one in templates if share(resource, one[_RESOURCE])]
    if not fitting:
        meant = next((one for one in templates if share(_loose(resource), _loose(one[_RESOURCE]))), None)
        # The reference lacks some types: only what is nearly one of those it has is surely wrong.
        return ("INVALID_ARN_RESOURCE", f"written elsewise than {':'.join(meant)}") if meant else None
    for index, value, code, word in ((_REGION, region, "REGION", "Region"), (_ACCOUNT, account, "ACCOUNT", "account")):
        left = [one for one in fitting if share(value, one[index]) and (bool(value) or not one[index])]
        if not left:
            if value:
                return f"ARN_{code}_NOT_ALLOWED", f"and such ARNs of {name} have no {word}"
            if code == "ACCOUNT" and name not in _OWNED_BY_ACCOUNTS:
                return None
            return f"MISSING_ARN_{code}", f"which lacks the {word}"
        fitting = left
    return None
