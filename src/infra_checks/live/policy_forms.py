"""Policy documents in one form: AWS gives back what was sent in another one that means the same.

An element with one value may be a list: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.live.reading import Plain

_LISTED: Final = ("Action", "NotAction", "Resource", "NotResource")
_ACCOUNT_ROOT: Final = re.compile(r"arn:[a-z-]+:iam::(\d{12}):root")


def is_policy(value: Plain) -> bool:
    """Whether a value is a policy document."""
    return isinstance(value, dict) and isinstance(value.get("Statement"), (list, dict))


def canonical_policy(policy: Mapping[str, Plain]) -> dict[str, Plain]:
    """A policy whose statements are a list, and whose elements and values are lists of texts.

    An account may be named by its id or the ARN of its root
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts).
    """
    statements = policy["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    found = {name: value for name, value in policy.items() if name != "Statement"}
    return {**found, "Statement": [_statement(each) if isinstance(each, dict) else each for each in listed]}


def _statement(statement: Mapping[str, Plain]) -> dict[str, Plain]:
    found: dict[str, Plain] = {}
    for name, value in statement.items():
        if name in _LISTED:
            actions = name.endswith("Action")
            found[name] = [each.lower() if actions and isinstance(each, str) else each for each in _list(value)]
        elif name in {"Principal", "NotPrincipal"}:
            found[name] = _principal(value)
        elif name == "Condition" and isinstance(value, dict):
            found[name] = {
                operator: {key: [_scalar(each) for each in _list(values)] for key, values in keys.items()}
                if isinstance(keys, dict)
                else keys
                for operator, keys in value.items()
            }
        else:
            found[name] = value
    return found


def _principal(value: Plain) -> Plain:
    if value == "*":
        return {"AWS": ["*"]}
    if not isinstance(value, dict):
        return value
    return {kind: [_account(each) for each in _list(names)] for kind, names in value.items()}


def _account(name: Plain) -> Plain:
    match = _ACCOUNT_ROOT.fullmatch(name) if isinstance(name, str) else None
    return match[1] if match else name


def _scalar(value: Plain) -> Plain:
    return str(value).lower() if isinstance(value, bool) else value


def _list(value: Plain) -> list[Any]:
    return value if isinstance(value, list) else [value]
