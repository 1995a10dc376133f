"""The waivers in a pack or in metadata: nodes to data, each mistake with its place."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final, NoReturn

from infra_checks.core.closeness import nearest
from infra_checks.core.waiver import Waiver
from infra_checks.errors import WaiverError
from infra_checks.template.nodes import Mapping, Scalar, Sequence
from infra_checks.waivers.evidence import evidence_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra_checks.template.nodes import Node
    from infra_checks.template.source import Span

KEYS: Final = (
    "rule",
    "reason",
    "owner",
    "expires",
    "since",
    "template",
    "resource",
    "path",
    "statement",
    "fingerprint",
    "value",
)
_REQUIRED: Final = ("rule", "reason", "owner", "expires")
_NARROWING: Final = ("template", "resource", "fingerprint")
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{32}")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_waivers(node: Node, file: str, check_rule: Callable[[str], None], *, origin: str) -> Iterator[Waiver]:
    """The waivers of a list; raises WaiverError at the first mistake.

    `check_rule` raises ValueError, with a text that names what is close, for a word that names no rule.
    """
    if not isinstance(node, Sequence):
        raise WaiverError("waivers must be a list", file=file, span=node.span)
    for item in node.items:
        yield read_waiver(item, file, check_rule, origin=origin)


def read_waiver(node: Node, file: str, check_rule: Callable[[str], None], *, origin: str) -> Waiver:
    """One waiver; raises WaiverError with the place of what is wrong."""
    return _Reader(file, check_rule, origin).waiver(node)


class _Reader:
    def __init__(self, file: str, check_rule: Callable[[str], None], origin: str) -> None:
        self._file = file
        self._check_rule = check_rule
        self._origin = origin

    def waiver(self, node: Node) -> Waiver:
        mapping = self._mapping(node)
        texts = {name: self._text(mapping, name) for name in KEYS if name not in {"rule", "expires", "since", "value"}}
        if self._origin == "pack" and not any(texts[name] for name in _NARROWING):
            self._fail(
                "a waiver names a resource, a template or a fingerprint; to turn a rule off everywhere, "
                "write `off` for it under `rules`",
                node.span,
            )
        self._check_fingerprint(mapping, texts["fingerprint"])
        value = mapping.get("value")
        return Waiver(
            rules=tuple(self._rules(mapping)),
            expires=self._date(mapping, "expires"),
            since=self._date(mapping, "since"),
            evidence=evidence_of(value),
            origin=self._origin,
            file=self._file,
            span=node.span,
            template=texts["template"],
            resource=texts["resource"],
            path=texts["path"],
            statement=texts["statement"],
            fingerprint=texts["fingerprint"],
            reason=texts["reason"],
            owner=texts["owner"],
        )

    def _mapping(self, node: Node) -> Mapping:
        if not isinstance(node, Mapping):
            self._fail(f"a waiver must be a mapping with {', '.join(_REQUIRED)}", node.span)
        for key in node.keys.values():
            if key.text not in KEYS:
                self._fail(f"a waiver has no key {key.text!r}{nearest(key.text, KEYS)}", key.span)
        for name in _REQUIRED:
            if node.get(name) is None:
                self._fail(f"the waiver has no {name}; it needs {', '.join(_REQUIRED)}", node.span)
        return node

    def _rules(self, mapping: Mapping) -> Iterator[str]:
        node = mapping.entries["rule"]
        for item in node.items if isinstance(node, Sequence) else (node,):
            if not isinstance(item, Scalar) or not isinstance(item.value, str) or not item.value:
                self._fail("rule must be a rule's id or a list of ids", item.span)
            try:
                self._check_rule(item.value)
            except ValueError as error:
                self._fail(str(error), item.span)
            yield item.value

    def _text(self, mapping: Mapping, name: str) -> str:
        node = mapping.get(name)
        if node is None:
            return ""
        if not isinstance(node, Scalar) or not isinstance(node.value, str) or not node.value.strip():
            self._fail(f"{name} must be a text that is not empty", node.span)
        return node.value.strip()

    def _date(self, mapping: Mapping, name: str) -> date | None:
        node = mapping.get(name)
        if node is None:
            return None
        text = node.text if isinstance(node, Scalar) else ""
        try:
            return date.fromisoformat(text if _DATE.fullmatch(text) else "")
        except ValueError:
            self._fail(
                f"{name} must be a day of the calendar such as 2027-03-31, not {text or 'a structure'!r}", node.span
            )

    def _check_fingerprint(self, mapping: Mapping, text: str) -> None:
        if text and not _FINGERPRINT.fullmatch(text):
            span = mapping.entries["fingerprint"].span
            self._fail("fingerprint must be the 32 hexadecimal digits that the JSON report gives", span)

    def _fail(self, message: str, span: Span) -> NoReturn:
        raise WaiverError(message, file=self._file, span=span)
