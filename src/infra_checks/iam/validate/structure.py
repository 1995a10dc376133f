"""The grammar of a document: elements, their types, and which there must be.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html and, for which policies need
Resource and Principal, reference_policies_elements_resource.html and reference_policies_elements_principal.html there.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from infra_checks.iam.document import Opaque
from infra_checks.iam.model import PolicyType
from infra_checks.iam.text import shown
from infra_checks.iam.validate.problems import problem
from infra_checks.iam.validate.texts import flat, items, known, may_be, text_of
from infra_checks.iam.variables import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.iam.document import Document, Path
    from infra_checks.iam.validate.drafts import Draft, Part
    from infra_checks.iam.validate.problems import Problem

ELEMENTS: Final = ("Version", "Id", "Statement")
STATEMENT_ELEMENTS: Final = (
    *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"),
)
OLD_VERSION: Final = "2008-10-17"

OF_IDENTITIES: Final = (PolicyType.IDENTITY, PolicyType.BOUNDARY)
OF_ORGANIZATIONS: Final = (PolicyType.SCP, PolicyType.RCP)
OF_RESOURCES: Final = (PolicyType.RESOURCE, PolicyType.KEY, PolicyType.TRUST)

_NEEDS_RESOURCE: Final = (*OF_IDENTITIES, *OF_ORGANIZATIONS, PolicyType.KEY)
_RESOURCE_POLICIES_WITH_RESOURCE: Final = ("AWS::S3::BucketPolicy",)
"""Resource policies that surely need Resource; those of ECR, for one, do without."""

_SID: Final = re.compile(r"[0-9A-Za-z]*")
_ACCOUNT_DIGITS: Final = 12


def not_a_document(document: Document) -> Iterator[Problem]:
    """What is wrong with a value that should be a document and is no object."""
    if isinstance(document, str):
        yield problem("JSON_SYNTAX_ERROR", (), "is a text that is no JSON object")
    elif not isinstance(document, Opaque | tuple):
        yield problem("DATA_TYPE_MISMATCH", (), f"is {_kind(document)}, not an object")


def check_document(draft: Draft) -> Iterator[Problem]:
    """The elements of the document itself."""
    yield from _names(draft.document, (), ELEMENTS)
    yield from _version(draft)
    identifier = draft.document.get("Id", "")
    if not isinstance(identifier, str | tuple | Opaque):
        yield mistyped(identifier, ("Id",), "a text")
    elif "Id" in draft.document and draft.type in OF_IDENTITIES:
        message = f"has an Id, which AWS allows in policies of resources, not in a {draft.type.value}"
        yield problem("INVALID_POLICY_ELEMENT", ("Id",), message, "Remove it.")
    statements = draft.document.get("Statement")
    if "Statement" not in draft.document:
        yield problem("MISSING_STATEMENT", (), "has no Statement")
    elif statements == []:
        yield problem("MISSING_STATEMENT", ("Statement",), "has no statement")
    for value, path in items(statements, ("Statement",)):
        if "Statement" in draft.document and not isinstance(value, dict | tuple | Opaque):
            yield mistyped(value, path, "an object")


def _names(element: dict[str, Document], path: Path, allowed: tuple[str, ...]) -> Iterator[Problem]:
    for name in element:
        if name not in allowed:
            near = get_close_matches(name.capitalize(), allowed, n=1)
            remedy = f"Write {near[0]}." if near else ""
            yield problem("INVALID_POLICY_ELEMENT", (*path, name), f"has no element {name}", remedy)


def _version(draft: Draft) -> Iterator[Problem]:
    version, path = draft.version, ("Version",)
    text = text_of(version)
    if "Version" not in draft.document:
        yield problem("MISSING_VERSION", (), "has no Version, so that AWS reads it by the rules of 2008")
    elif text is None and not isinstance(version, Opaque):
        yield mistyped(version, path, "a text")
    elif text is not None and not may_be(text, (VERSION, OLD_VERSION)):
        yield problem("INVALID_VERSION", path, f"has Version {shown(text)}, which does not exist")
    elif text == OLD_VERSION and draft.type in OF_ORGANIZATIONS:
        yield problem("INVALID_VERSION", path, f"has Version {OLD_VERSION}, which a {draft.type.value} cannot have")
    elif text == OLD_VERSION:
        yield problem("OLD_VERSION", path, f"has Version {OLD_VERSION}, which knows no policy variables")


def check_statement(draft: Draft, part: Part) -> Iterator[Problem]:
    """The elements of one statement."""
    yield from _names(part.element, part.path, STATEMENT_ELEMENTS)
    yield from _effect(part)
    for name in ("Action", "Resource", "Principal"):
        if name in part.element and f"Not{name}" in part.element:
            path = (*part.path, f"Not{name}")
            yield problem("UNSUPPORTED_ELEMENT_COMBINATION", path, f"has both {name} and Not{name} in one statement")
    yield from _missing(draft, part)
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        if name in part.element:
            yield from _listed(part.element[name], (*part.path, name))
    for name in ("Principal", "NotPrincipal"):
        if name in part.element:
            yield from _principals(part.element[name], (*part.path, name))


def _effect(part: Part) -> Iterator[Problem]:
    path = (*part.path, "Effect")
    if "Effect" not in part.element:
        yield problem("MISSING_EFFECT", part.path, "has a statement without Effect")
        return
    effect = part.element["Effect"]
    text = text_of(effect)
    if text is None and not isinstance(effect, Opaque):
        yield mistyped(effect, path, "a text")
    elif text is not None and not may_be(text, ("Allow", "Deny")):
        yield problem("INVALID_EFFECT", path, f"has Effect {shown(text)}, which is neither Allow nor Deny")


def _missing(draft: Draft, part: Part) -> Iterator[Problem]:
    kind = draft.type.value
    if not _has(part, "Action"):
        yield problem("MISSING_ACTION", part.path, "has a statement with neither Action nor NotAction")
    needed = draft.type in _NEEDS_RESOURCE or draft.resource_type in _RESOURCE_POLICIES_WITH_RESOURCE
    if needed and not _has(part, "Resource"):
        yield problem("MISSING_RESOURCE", part.path, "has a statement with neither Resource nor NotResource")
    if draft.type in (*OF_RESOURCES, PolicyType.RCP) and not _has(part, "Principal"):
        yield problem("MISSING_PRINCIPAL", part.path, f"has a statement without Principal, which a {kind} needs")


def _has(part: Part, name: str) -> bool:
    return name in part.element or f"Not{name}" in part.element


def _listed(value: Document, path: Path) -> Iterator[Problem]:
    name = path[-1]
    if value == []:
        code = f"EMPTY_ARRAY_{str(name).removeprefix('Not').upper()}"
        yield problem(code, path, f"has a statement whose {name} lists nothing")
    for item, where in items(value, path):
        if not isinstance(item, str | tuple | Opaque):
            yield mistyped(item, where, "a text")


def _principals(value: Document, path: Path) -> Iterator[Problem]:
    name = path[-1]
    if isinstance(value, dict):
        if not value:
            yield problem("EMPTY_OBJECT_PRINCIPAL", path, f"has a statement whose {name} names nobody")
        for kind, names in value.items():
            if names == []:
                yield problem("EMPTY_ARRAY_PRINCIPAL", (*path, kind), f"has a statement whose {name} names no {kind}")
            for item, where in items(names, (*path, kind)):
                if not isinstance(item, str | tuple | Opaque) and not _is_account(item):
                    yield mistyped(item, where, "a text")
    elif not isinstance(value, Opaque) and not (isinstance(value, str | tuple) and may_be(value, ("*",))):
        yield problem("INVALID_PRINCIPAL_FORMAT", path, f"has a {name} that is neither an object nor `*`")


def _is_account(value: Document) -> bool:
    """An account written as a number; one that begins with a zero has lost it and is too short."""
    return type(value) is int and len(str(min(abs(value), 10**_ACCOUNT_DIGITS))) == _ACCOUNT_DIGITS


def check_sids(draft: Draft) -> Iterator[Problem]:
    """Statement ids: that they are texts, of the right characters, and each there once."""
    seen: set[str] = set()
    for part in draft.parts:
        if "Sid" not in part.element:
            continue
        value, path = part.element["Sid"], (*part.path, "Sid")
        text = text_of(value)
        if text is None:
            if not isinstance(value, Opaque):
                yield mistyped(value, path, "a text")
            continue
        yield from _characters(draft, flat(text), path)
        sid = known(text)
        if sid in seen:
            code = "UNIQUE_SIDS_REQUIRED" if draft.type in OF_IDENTITIES else "UNIQUE_SIDS_RECOMMENDED"
            yield problem(code, path, f"has another statement with the Sid {sid}")
        if sid:
            seen.add(sid)


def _characters(draft: Draft, sid: str, path: Path) -> Iterator[Problem]:
    if not sid:
        yield problem("EMPTY_SID_VALUE", path, "has an empty Sid")
    elif draft.type in OF_IDENTITIES:
        other = sorted({char for char in sid if not _SID.fullmatch(char) and char.isprintable()})
        if other:
            yield problem("UNSUPPORTED_SID", path, f"has a Sid with {' '.join(map(repr, other))}")


def mistyped(value: Document, path: Path, wanted: str) -> Problem:
    """A value of a wrong JSON type."""
    return problem("DATA_TYPE_MISMATCH", path, f"has {_kind(value)} as {_named(path)}, not {wanted}")


def _named(path: Path) -> str:
    """The key that a value stands under, also in a list."""
    return next((step for step in reversed(path) if isinstance(step, str)), "policy")


def _kind(value: Document) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a Boolean"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case dict():
            return "an object"
        case str() | tuple():
            return "a text"
        case Opaque():
            return "something unknown"
