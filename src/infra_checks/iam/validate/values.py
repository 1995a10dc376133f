"""Values of conditions: that each is of the type that its operator compares, and can be met.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html (what values keys have, and
which are called sensitive).
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from infra_checks.iam.operators import OPERATORS, Family
from infra_checks.iam.validate.principals import check_service
from infra_checks.iam.validate.problems import problem
from infra_checks.iam.validate.resources import REGION
from infra_checks.iam.validate.texts import HOLE, flat, has_wildcard, readable
from infra_checks.iam.values import date, network, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.iam.model import Condition, Pattern
    from infra_checks.iam.validate.drafts import Draft, Part
    from infra_checks.iam.validate.problems import Problem

SENSITIVE: Final = frozenset(
    (
        *("aws:principalaccount", "aws:principalorgid", "aws:resourceaccount", "aws:resourceorgid"),
        *("aws:sourceaccount", "aws:sourceorgid", "aws:sourcevpc", "aws:sourcevpce", "aws:vpceaccount"),
        "aws:vpceorgid",
    )
)
"""Keys for which wildcards have no use."""

_SERVICES: Final = ("aws:principalservicename", "aws:calledviafirst", "aws:calledvialast", "iam:passedtoservice")
_ENCRYPTED_WITH: Final = "s3:x-amz-server-side-encryption-aws-kms-key-id"
_ORDERS: Final = ("LessThan", "GreaterThan")
_VPC: Final = re.compile(r"vpc-([0-9a-z]{8}|[0-9a-z]{17})")
_VPCE: Final = re.compile(r"vpce-([0-9a-z]{8}|[0-9a-z]{17})")
_BOOLEAN: Final = re.compile(r"true|false", re.IGNORECASE)
_IDENTIFIERS: Final = {"aws:sourcevpc": ("VPC", _VPC), "aws:sourcevpce": ("VPCE", _VPCE)}


def check_values(_: Draft, part: Part) -> Iterator[Problem]:
    """The values of each key of a statement."""
    for condition in part.read.conditions:
        family = OPERATORS[condition.operator].family
        for value in condition.values:
            yield from _of_family(condition, family, value)
            yield from _of_key(condition, family, value)
        yield from _together(condition, family)


def _of_family(condition: Condition, family: Family, value: Pattern) -> Iterator[Problem]:
    text = flat(value.text)
    match family:
        case Family.DATE:
            yield from _date(condition, value, text)
        case Family.IP:
            yield from _address(condition, value, text)
        case Family.STRING:
            yield from _string(condition, value, text)
        case Family.BOOL | Family.NULL:
            yield from _checked("BOOLEAN", condition, value, bool(_BOOLEAN.fullmatch(text)))
        case Family.NUMERIC:
            yield from _checked("NUMBER", condition, value, number(text) is not None)
        case Family.BINARY:
            yield from _checked("STRING", condition, value, _is_base64(text))
        case Family.ARN:
            pass


def _checked(kind: str, condition: Condition, value: Pattern, fits: bool) -> Iterator[Problem]:
    if not fits and HOLE not in flat(value.text):
        yield _mistyped(kind, condition, value)


def _mistyped(kind: str, condition: Condition, value: Pattern) -> Problem:
    message = f"compares {condition.key} by {condition.operator} with {flat(value.text) or '(empty)'}"
    return problem(f"TYPE_MISMATCH_{kind}", value.path, message)


def _date(condition: Condition, value: Pattern, text: str) -> Iterator[Problem]:
    if HOLE in text:
        return
    if number(text) is not None and "-" not in text:
        yield problem("INVALID_DATE_VALUE", value.path, f"has {text} for {condition.key}, a date as seconds since 1970")
    elif date(text) is None:
        yield _mistyped("DATE", condition, value)


def _address(condition: Condition, value: Pattern, text: str) -> Iterator[Problem]:
    if HOLE in text or "${" in text:
        return
    if network(text) is None:
        yield _mistyped("IP_RANGE", condition, value)
        return
    import ipaddress  # noqa: PLC0415 - few policies have addresses, and the module is slow to load

    exact = str(ipaddress.ip_network(text, strict=False))
    if "/" in text and ipaddress.ip_interface(text).ip != ipaddress.ip_network(text, strict=False).network_address:
        message = f"has the range {text} for {condition.key}, which is {exact}"
        yield problem("IMPROVE_IP_RANGE", value.path, message, f"Write {exact}.")


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _string(condition: Condition, value: Pattern, text: str) -> Iterator[Problem]:
    if "Like" in condition.operator:
        if has_wildcard(text) and condition.key.lower() in SENSITIVE:
            message = f"compares {condition.key} with {readable(text)}; the wildcard lets strangers in"
            yield problem("WILDCARD_USAGE_TOO_PERMISSIVE", value.path, message)
    elif has_wildcard(_written(value)):
        message = f"compares {condition.key} by {condition.operator} with {text}, where a wildcard stands for itself"
        yield problem("WILDCARD_WITHOUT_LIKE_OPERATOR", value.path, message)


def _written(value: Pattern) -> str:
    """The text without characters that are escaped, as in `${*}`."""
    return value.text if isinstance(value.text, str) else "".join(one for one in value.text if isinstance(one, str))


def _of_key(condition: Condition, family: Family, value: Pattern) -> Iterator[Problem]:
    key, text = condition.key.lower(), flat(value.text)
    if family is not Family.STRING or has_wildcard(text) or HOLE in text:
        return
    if key in _IDENTIFIERS:
        word, pattern = _IDENTIFIERS[key]
        if not pattern.fullmatch(text):
            yield problem(f"INVALID_{word}_FORMAT", value.path, f"has {text or '(empty)'} for {condition.key}")
    elif key == "aws:requestedregion":
        if not REGION.fullmatch(text) and text != "aws-global":
            yield problem("INVALID_REGION", value.path, f"has the Region {text or '(empty)'} for {condition.key}")
    elif key in _SERVICES:
        yield from check_service(text, value.path)
    elif key == _ENCRYPTED_WITH and not text.startswith("arn:"):
        yield problem("INVALID_KMS_KEY_VALUE", value.path, f"has {text or '(empty)'} for {condition.key}")


def _together(condition: Condition, family: Family) -> Iterator[Problem]:
    values = condition.values
    if family is Family.BOOL and len(values) > 1 and not condition.qualifier:
        message = f"has {len(values)} values for {condition.key}, which is true or false"
        yield problem("INVALID_CONDITION_MULTIPLE_BOOLEAN", condition.path, message)
    if (
        family in (Family.NUMERIC, Family.DATE)
        and len(values) > 1
        and any(one in condition.operator for one in _ORDERS)
    ):
        message = f"has {len(values)} values for {condition.key} under {condition.operator}, of which one decides"
        yield problem("REDUNDANT_CONDITION_VALUE_NUM", condition.path, message)
    else:
        seen = set()
        for value in values:
            if value.text in seen:
                message = f"has {readable(flat(value.text))} twice for {condition.key}"
                yield problem("REDUNDANT_CONDITION_VALUE", value.path, message)
            seen.add(value.text)
    if condition.key.lower() == "aws:sourceip" and family is Family.IP and not condition.partial:
        yield from _private(condition)


def _private(condition: Condition) -> Iterator[Problem]:
    texts = [flat(value.text) for value in condition.values]
    private = [text for text in texts if _is_private(text)]
    if not private or any(HOLE in text for text in texts):
        return
    negated = "NOT_" if OPERATORS[condition.operator].negated else ""
    some = "" if len(private) == len(texts) else "_SUBSET"
    message = f"has {', '.join(private)} for aws:SourceIp, which is always a public address"
    yield problem(f"PRIVATE_{negated}IP_ADDRESS{some}", condition.path, message)


_PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")


def _is_private(text: str) -> bool:
    found = network(text)
    if found is None:
        return False
    for one in _PRIVATE:
        private = network(one)
        if private and private.version == found.version and private.first <= found.first and found.last <= private.last:
            return True
    return False
