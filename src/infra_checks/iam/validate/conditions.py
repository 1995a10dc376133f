"""Condition operators and keys: that they exist, that they go together, and that the actions have the keys.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and the catalogue.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from infra_checks.iam.catalogue import find_action, global_key, global_keys, resource_types, service, services
from infra_checks.iam.document import Opaque
from infra_checks.iam.model import Effect, PolicyType
from infra_checks.iam.operators import OPERATORS, Family, spelled
from infra_checks.iam.validate.actions import RETIRED
from infra_checks.iam.validate.problems import one_of, problem
from infra_checks.iam.validate.structure import mistyped
from infra_checks.iam.validate.texts import HOLE, flat, has_wildcard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.iam.catalogue import Action, ConditionKey
    from infra_checks.iam.document import Document, Path
    from infra_checks.iam.model import Condition
    from infra_checks.iam.validate.drafts import Draft, Part
    from infra_checks.iam.validate.problems import Problem

TAG_KEYS: Final = ("aws:resourcetag", "aws:requesttag", "aws:principaltag")
_DEPRECATED: Final = "aws:arn"
_FEDERATED: Final = ("saml", "ldap")
"""Prefixes of keys that identity providers have, beside those with a dot."""

_UNDOCUMENTED: Final = frozenset(("aws:principalorgmasteraccountid", "aws:sourceowner", "lakeformation:gluearn"))
"""Keys that AWS uses in its own policies, or SNS in those it makes, and that the references do not have."""

_USED_ELSEWHERE: Final = frozenset(("aws-marketplace:productid",))
"""Keys that AWS's own policies use with more actions than the reference has them for."""

_FITTING: Final = {
    "String": (Family.STRING, Family.ARN),
    "ARN": (Family.ARN, Family.STRING),
    "Bool": (Family.BOOL,),
    "Numeric": (Family.NUMERIC,),
    "Date": (Family.DATE,),
    "IPAddress": (Family.IP,),
    "Binary": (Family.BINARY,),
}


def check_conditions(draft: Draft, part: Part) -> Iterator[Problem]:
    """Condition as written."""
    if "Condition" not in part.element:
        return
    condition, path = part.element["Condition"], (*part.path, "Condition")
    if draft.type is PolicyType.RCP and part.read.effect is Effect.ALLOW and condition != {}:
        yield problem("RCP_SYNTAX_ERROR_ALLOW", path, "has a condition in an Allow, which an RCP cannot have")
    yield from _is_object(condition, path)
    for written, keys in condition.items() if isinstance(condition, dict) else ():
        where = (*path, written)
        yield from _operator(written, where)
        yield from _is_object(keys, where)
        if isinstance(keys, dict):
            yield from _doubled(keys, where)
            for key, values in keys.items():
                yield from _values(written, key, values, (*where, key))


def _is_object(value: Document, path: Path) -> Iterator[Problem]:
    if value == {}:
        yield problem("EMPTY_OBJECT_CONDITION", path, f"has nothing in {path[-1]}")
    elif not isinstance(value, dict | tuple | Opaque):
        yield mistyped(value, path, "an object")


def _operator(written: str, path: Path) -> Iterator[Problem]:
    found = spelled(written)
    if found is not None:
        if found.operator == "Null" and found.qualifier:
            always = "true" if found.qualifier == "ForAllValues" else "false"
            yield problem("NULL_WITH_QUALIFIER", path, f"has {written}, which is always {always}")
    elif written.lower().rpartition(":")[2] == "nullifexists":
        yield problem("NULL_WITH_IF_EXISTS", path, f"has {written}; Null cannot have IfExists")
    else:
        yield problem("INVALID_CONDITION_OPERATOR", path, f"has the condition operator {written}, which does not exist")


def _doubled(keys: dict[str, Document], path: Path) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for key in keys:
        first = seen.setdefault(key.lower(), key)
        if first != key:
            message = f"has the condition keys {first} and {key}, which are one"
            yield problem("DUPLICATE_KEYS_WITH_DIFFERENT_CASE", (*path, key), message)


def _values(written: str, key: str, values: Document, path: Path) -> Iterator[Problem]:
    if values == []:
        found = spelled(written)
        qualifier = found.qualifier.upper() if found else ""
        suffix = qualifier or ("IFEXISTS" if found and found.if_exists else "")
        code = f"EMPTY_ARRAY_CONDITION_{suffix}" if suffix else "EMPTY_ARRAY_CONDITION"
        yield problem(code, path, f"has no values for {key} under {written}")
    kinds = set()
    members = values if isinstance(values, list) else [values]
    for index, value in enumerate(members):
        if value is None or isinstance(value, list | dict):
            yield mistyped(value, (*path, index) if isinstance(values, list) else path, "a text, number or Boolean")
        elif not isinstance(value, tuple | Opaque):
            kinds.add(type(value) if not isinstance(value, float) else int)
    if len(kinds) > 1:
        yield problem("INVALID_CONDITION_DATA_TYPE", path, f"has values of several JSON types for {key}")


def check_keys(draft: Draft, part: Part) -> Iterator[Problem]:
    """Each condition key, and whether its type fits the operator."""
    for condition in part.read.conditions:
        key = condition.key
        prefix, colon, name = key.partition(":")
        if not colon or not prefix or not name:
            if key.lower() in TAG_KEYS:
                continue
            message = f"has the condition key {key or '(empty)'}, which names no service"
            yield problem("INVALID_CONDITION_KEY_FORMAT", condition.path, message)
        elif key.lower().rstrip("/") in TAG_KEYS or (key.endswith("/") and "tag" in name.lower()):
            message = f"has the condition key {key}, without the key of a tag"
            yield problem("MISSING_TAG_KEY_IN_CONDITION", condition.path, message)
        elif "." not in prefix and prefix.lower() not in _FEDERATED and "${" not in key:
            yield from _known(draft, part, condition, prefix)


def _known(draft: Draft, part: Part, condition: Condition, prefix: str) -> Iterator[Problem]:
    found = key_of(condition.key)
    if condition.key.lower() in _UNDOCUMENTED or prefix.lower() in RETIRED:
        return
    if found is not None:
        yield from _type(condition, found)
        if global_key(condition.key) is None and not found.name.lower().startswith("aws:") and "/" not in found.name:
            yield from _of_actions(draft, part, condition)
    elif prefix.lower() == "aws":
        yield from _no_global(condition)
    else:
        yield from _no_service(condition, prefix)


@lru_cache(4096)
def key_of(name: str) -> ConditionKey | None:
    """The condition key of a name, global or of the service that it begins with."""
    found = global_key(name)
    if found is None and not name.lower().startswith("aws:"):
        owner = service(name.partition(":")[0])
        found = (owner.condition_key(name) if owner else None) or _keys_of_others().get(name.lower())
    return found


@cache
def _keys_of_others() -> dict[str, ConditionKey]:
    """Keys that begin with another prefix than that of the service which has them, such as `catalog:ChangeType`."""
    owners = (owner for prefix in services() if (owner := service(prefix)) is not None)
    return {
        name: key
        for owner in owners
        for name, key in owner.condition_keys.items()
        if not name.startswith((f"{owner.prefix}:", "aws:"))
    }


def _no_global(condition: Condition) -> Iterator[Problem]:
    if condition.key.lower() == _DEPRECATED:
        yield problem(
            "DEPRECATED_GLOBAL_CONDITION_KEY", condition.path, "has the condition key aws:ARN, no longer used"
        )
        return
    remedy = _meant(condition.key, {name: key.name for name, key in global_keys().items()})
    message = f"has the global condition key {condition.key}, which does not exist"
    yield problem("INVALID_GLOBAL_CONDITION_KEY", condition.path, message, remedy)


def _no_service(condition: Condition, prefix: str) -> Iterator[Problem]:
    owner = service(prefix)
    if owner is None:
        message = f"has the condition key {condition.key}, of a service that does not exist"
        remedy = _meant(prefix, {name: name for name in services()})
        yield problem("INVALID_SERVICE", condition.path, message, remedy)
        return
    remedy = _meant(condition.key, {name: key.name for name, key in owner.condition_keys.items()})
    message = f"has the condition key {condition.key}, which {owner.title} does not have"
    yield problem("INVALID_SERVICE_CONDITION_KEY", condition.path, message, remedy)


def _meant(name: str, known: dict[str, str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - needed for mistakes only

    near = get_close_matches(name.lower(), known, n=1)
    return f"Did you mean {known[near[0]]}?" if near else ""


def _type(condition: Condition, key: ConditionKey) -> Iterator[Problem]:
    family = OPERATORS[condition.operator].family
    types = (key.type, *key.other_types)
    if family is Family.NULL or any(family in _FITTING[type_.value] for type_ in types):
        return
    wanted = " or ".join(type_.value for type_ in types)
    message = f"compares {condition.key}, of the type {wanted}, by {condition.operator}"
    yield problem("TYPE_MISMATCH", condition.path, message)


def _of_actions(draft: Draft, part: Part, condition: Condition) -> Iterator[Problem]:
    """A key of a service that none of the listed actions has; those with wildcards are not looked at."""
    listed = known_actions(part)
    if draft.type is PolicyType.TRUST or not listed or any(has_key(action, condition.key) for action in listed):
        return
    if condition.key.lower() in _USED_ELSEWHERE or not _is_used(condition.key):
        return  # the reference says of no action, or not of all, that it has the key
    names = one_of([action.full_name for action in listed], 3)
    if condition.if_exists or OPERATORS[condition.operator].negated:
        message = f"has {condition.key} under {condition.operator}, which {names} never has, so that it always holds"
        yield problem("IF_EXISTS_ON_UNSUPPORTED_KEY", condition.path, message)
    elif condition.operator != "Null":
        message = f"has a condition on {condition.key}, which {names} does not have"
        yield problem("UNSUPPORTED_ACTION_FOR_CONDITION_KEY", condition.path, message)


def known_actions(part: Part) -> tuple[Action, ...]:
    """The actions of a statement; none unless all are known and written without wildcards."""
    actions = part.read.actions
    if actions is None or actions.negated or actions.partial:
        return ()
    texts = [flat(entry.text) for entry in actions.listed]
    if any(has_wildcard(text) or HOLE in text for text in texts):
        return ()
    found = [find_action(text) for text in texts]
    return tuple(action for action in found if action is not None) if all(found) else ()


@lru_cache(1024)
def _is_used(key: str) -> bool:
    owner = service(key.partition(":")[0])
    return owner is not None and any(has_key(action, key) for action in owner.actions)


def has_key(action: Action, key: str) -> bool:
    """Whether requests for the action may have the condition key, by itself or with a type of resource."""
    known = key_of(key)
    names = set(action.all_condition_keys).union(*(type_.condition_keys for type_ in resource_types(action)))
    return known is None or known.name in names
