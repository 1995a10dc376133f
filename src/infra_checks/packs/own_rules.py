"""Rules of a pack without Python: a type, a property, what must hold of it, and what to say when it does not.

own-rules:
  acme-bucket-name:
    type: AWS::S3::Bucket
    path: BucketName
    must: {match: "acme-.*"}
    message: has a name that does not begin with acme-
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import ANY_TYPE, Rule
from infra_checks.core.table import values_or_absent
from infra_checks.evaluate.values import Absent, Known, Unknown, Value
from infra_checks.evaluate.view import EACH, View
from infra_checks.packs.predicates import PREDICATES, Holds, read_predicates
from infra_checks.packs.selectors import FAMILIES, SEVERITIES
from infra_checks.template.nodes import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.packs.reading import Reader
    from infra_checks.template.nodes import Node

KEYS: Final = (
    "type",
    "path",
    "attribute",
    "must",
    "when",
    "message",
    "severity",
    "family",
    "title",
    "why",
    "fix",
    "source",
)
_ID: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")
_TYPE: Final = re.compile(r"[A-Za-z0-9]+(::[A-Za-z0-9]+)+|\*")
_STEP: Final = re.compile(r"[^.\[\]\s]+")
_ATTRIBUTES: Final = (
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "Metadata",
    "CreationPolicy",
    "UpdatePolicy",
    "DependsOn",
)


@dataclass(frozen=True, slots=True)
class _Place:
    """A path below `Properties`, or below one of the keys beside it."""

    path: tuple[str, ...]
    is_attribute: bool = False

    def values(self, resource: Resource) -> tuple[Value[object], ...]:
        """What stands there: one value, or one for each element on the way."""
        if self.is_attribute:
            return (resource.attribute(*self.path),)
        return values_or_absent(resource, *self.path)

    @property
    def text(self) -> str:
        """The path as a pack writes it."""
        return ".".join(self.path).replace(f".{EACH}", "[]")


def read_own_rules(reader: Reader, node: Node) -> Iterator[Rule]:
    """The rules in `own-rules`."""
    for key, value in reader.entries(node, "own-rules"):
        if not _ID.fullmatch(key.text):
            reader.fail(f"rule id {key.text!r} is not of the form words-with-hyphens, two at least", key.span)
        yield _rule(reader, key, reader.mapping(value, key.text, KEYS))


def _rule(reader: Reader, key: Scalar, declared: Mapping) -> Rule:
    types = _types(reader, _needed(reader, key, declared, "type"))
    place = _place(reader, key, declared)
    must = read_predicates(reader, _needed(reader, key, declared, "must"), "must")
    conditions = _conditions(reader, declared.get("when"))
    message = reader.text(_needed(reader, key, declared, "message"))
    texts = {name: _text(reader, declared, name) for name in ("title", "why", "fix", "source")}
    severity, family = declared.get("severity"), declared.get("family")

    def judge(resource: Resource, ctx: Context) -> Iterator[Verdict]:
        yield from _verdicts(resource, ctx, place, must, conditions, message)

    return Rule(
        id=key.text,
        title=texts["title"] or f"{place.text}: {message}",
        family=Family(reader.word(family, FAMILIES, "family")) if family else Family.DEPLOYABILITY,
        severity=Severity[reader.word(severity, SEVERITIES, "severity").upper()] if severity else Severity.MEDIUM,
        types=types,
        judge=judge,
        rationale=texts["why"] or f"The policy demands it: {reader.file}.",
        remedy=texts["fix"] or f"Correct `{place.text}`.",
        source=texts["source"],
        location=f"{reader.file}:{key.span.line}",
    )


def _verdicts(
    resource: Resource,
    ctx: Context,
    place: _Place,
    must: Holds,
    conditions: tuple[tuple[_Place, Holds], ...],
    message: str,
) -> Iterator[Verdict]:
    broken = [(value, kept) for value in place.values(resource) if (kept := must(value)) is not True]
    if not broken:
        return
    applies = [holds(value) for where, holds in conditions for value in where.values(resource)]
    if False in applies:
        return
    for value, kept in broken:
        if kept is None:
            yield ctx.undecided(value, f"{place.text} cannot be told: {_reason(value)}")
        elif None in applies:
            yield ctx.undecided(value, f"it {message}, but whether the rule applies is known only at deployment")
        else:
            yield ctx.violation(value, message)


def _reason(value: Value[object]) -> str:
    match value:
        case Unknown():
            return value.reason
        case Known(View()):
            return "it is a mapping, of which the rule cannot tell anything"
        case Known() | Absent():
            return "its value has an unexpected form"


def _needed(reader: Reader, key: Scalar, declared: Mapping, name: str) -> Node:
    node = declared.get(name)
    if node is None:
        reader.fail(f"rule {key.text} has no {name}", key.span)
    return node


def _text(reader: Reader, declared: Mapping, name: str) -> str:
    node = declared.get(name)
    return "" if node is None else " ".join(reader.text(node).split())


def _types(reader: Reader, node: Node) -> tuple[str, ...]:
    types = reader.texts(node, "type")
    for item in types:
        if not _TYPE.fullmatch(item.text):
            reader.fail(
                f"{item.text!r} is not a resource type such as AWS::S3::Bucket, nor {ANY_TYPE} for all", item.span
            )
    if not types:
        reader.fail("type has no values", node.span)
    return tuple(item.text for item in types)


def _place(reader: Reader, key: Scalar, declared: Mapping) -> _Place:
    path, attribute = declared.get("path"), declared.get("attribute")
    if (path is None) == (attribute is None):
        reader.fail(f"rule {key.text} needs either a path (below Properties) or an attribute (beside them)", key.span)
    if path is not None:
        return _Place(_steps(reader, path, reader.text(path)))
    if attribute is None:  # pragma: no cover - one of the two is there
        raise AssertionError
    steps = _steps(reader, attribute, reader.text(attribute))
    reader.word(attribute if len(steps) == 1 else _first(attribute, steps), _ATTRIBUTES, "attribute")
    if EACH in steps:
        reader.fail("an attribute's path takes no []", attribute.span)
    return _Place(steps, is_attribute=True)


def _first(node: Node, steps: tuple[str, ...]) -> Scalar:
    return Scalar(steps[0], steps[0], node.start, node.end)


def _steps(reader: Reader, node: Node | Scalar, text: str) -> tuple[str, ...]:
    """`Tags[].Key` as the steps Tags, every element, Key."""
    steps: list[str] = []
    for part in text.split("."):
        name = part.removesuffix("[]")
        if not _STEP.fullmatch(name):
            reader.fail(f"{text!r} is not a path such as Tags[].Key", node.span)
        steps += [name, EACH] if part.endswith("[]") else [name]
    return tuple(steps)


def _conditions(reader: Reader, node: Node | None) -> tuple[tuple[_Place, Holds], ...]:
    """What `when` maps properties to; the rule applies when all of it holds."""
    found = []
    for key, value in reader.entries(node, "when"):
        steps = _steps(reader, key, key.text)
        if EACH in steps:
            reader.fail("a path of when takes no []; it speaks of one value", key.span)
        found.append((_Place(steps), read_predicates(reader, value, f"when {key.text}")))
    return tuple(found)


__all__ = ["KEYS", "PREDICATES", "read_own_rules"]
