"""The condition operators of IAM policies: their spelling, what they negate and what they compare.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple


class Family(Enum):
    """What an operator compares values as."""

    STRING = "string"
    ARN = "ARN"
    NUMERIC = "number"
    DATE = "date"
    BOOL = "Boolean"
    BINARY = "binary value"
    IP = "IP address"
    NULL = "presence"


class Operator(NamedTuple):
    """An operator: `positive` is the comparison it makes, or negates when `negated`."""

    family: Family
    positive: str
    negated: bool = False


def _compared(family: Family, prefix: str) -> dict[str, Operator]:
    orders = ("Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
    return {
        f"{prefix}NotEquals": Operator(family, f"{prefix}Equals", negated=True),
        **{prefix + order: Operator(family, prefix + order) for order in orders},
    }


OPERATORS: Final[dict[str, Operator]] = {
    "StringEquals": Operator(Family.STRING, "StringEquals"),
    "StringNotEquals": Operator(Family.STRING, "StringEquals", negated=True),
    "StringEqualsIgnoreCase": Operator(Family.STRING, "StringEqualsIgnoreCase"),
    "StringNotEqualsIgnoreCase": Operator(Family.STRING, "StringEqualsIgnoreCase", negated=True),
    "StringLike": Operator(Family.STRING, "StringLike"),
    "StringNotLike": Operator(Family.STRING, "StringLike", negated=True),
    "ArnEquals": Operator(Family.ARN, "ArnLike"),
    "ArnLike": Operator(Family.ARN, "ArnLike"),
    "ArnNotEquals": Operator(Family.ARN, "ArnLike", negated=True),
    "ArnNotLike": Operator(Family.ARN, "ArnLike", negated=True),
    "Bool": Operator(Family.BOOL, "Bool"),
    "BinaryEquals": Operator(Family.BINARY, "BinaryEquals"),
    "IpAddress": Operator(Family.IP, "IpAddress"),
    "NotIpAddress": Operator(Family.IP, "IpAddress", negated=True),
    "Null": Operator(Family.NULL, "Null"),
    **_compared(Family.NUMERIC, "Numeric"),
    **_compared(Family.DATE, "Date"),
}

QUALIFIERS: Final = ("ForAllValues", "ForAnyValue")

_IF_EXISTS: Final = "ifexists"
_SPELLINGS: Final = {name.lower(): name for name in OPERATORS}
_QUALIFIER_SPELLINGS: Final = {name.lower(): name for name in QUALIFIERS}


class Spelled(NamedTuple):
    """An operator as a policy writes it, in its parts: `ForAnyValue:StringLikeIfExists`."""

    operator: str
    qualifier: str
    if_exists: bool


def spelled(written: str) -> Spelled | None:
    """The parts in AWS's spelling, whatever the case; None when AWS has no such operator."""
    before, colon, name = written.strip().lower().rpartition(":")
    qualifier = _QUALIFIER_SPELLINGS.get(before, "") if colon else ""
    if_exists = name.endswith(_IF_EXISTS)
    operator = _SPELLINGS.get(name.removesuffix(_IF_EXISTS))
    if operator is None or bool(colon) != bool(qualifier) or (operator == "Null" and if_exists):
        return None
    return Spelled(operator, qualifier, if_exists)
