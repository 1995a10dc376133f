"""Nodes of a pack to checked values, each mistake with its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from infra_checks.core.closeness import nearest
from infra_checks.errors import PackError, TemplateError
from infra_checks.template.load import parse_document
from infra_checks.template.nodes import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra_checks.template.nodes import Node
    from infra_checks.template.source import SourceFile, Span


class Reader:
    """Reads one file; every method raises PackError with the place of what is wrong."""

    def __init__(self, source: SourceFile) -> None:
        self.file = source.name
        try:
            self.root = parse_document(source)
        except TemplateError as error:
            raise PackError(error.message, file=self.file, span=error.span) from None

    def fail(self, message: str, span: Span) -> NoReturn:
        """Raise the error."""
        raise PackError(message, file=self.file, span=span)

    def mapping(self, node: Node, what: str, keys: tuple[str, ...] | None = None) -> Mapping:
        """A mapping that has no other keys than these."""
        if not isinstance(node, Mapping):
            self.fail(f"{what} must be a mapping", node.span)
        for key in node.keys.values():
            if keys is not None and key.text not in keys:
                self.fail(f"{what} has no key {key.text!r}{nearest(key.text, keys)}", key.span)
        return node

    def entries(self, node: Node | None, what: str) -> Iterator[tuple[Scalar, Node]]:
        """The keys and values of a mapping, none when there is no node."""
        if node is not None:
            mapping = self.mapping(node, what)
            yield from ((key, mapping.entries[name]) for name, key in mapping.keys.items())

    def scalars(self, node: Node | None, what: str) -> Iterable[Scalar]:
        """The elements of a list, or the one value in its place."""
        items = node.items if isinstance(node, Sequence) else (node,) if node is not None else ()
        for item in items:
            if not isinstance(item, Scalar):
                self.fail(f"{what} must be text or a list of texts", item.span)
            yield item

    def texts(self, node: Node | None, what: str) -> tuple[Scalar, ...]:
        """Like `scalars`, where each is a text and none is given twice."""
        found: dict[str, Scalar] = {}
        for item in self.scalars(node, what):
            if self.text(item) in found:
                self.fail(f"{what} {item.text!r} twice", item.span)
            found[item.text] = item
        return tuple(found.values())

    def text(self, node: Node) -> str:
        """A text."""
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            self.fail("must be text; put numbers and the like in quotes", node.span)
        return node.value

    def word(self, node: Node, words: tuple[str, ...], what: str) -> str:
        """One of some words."""
        if not isinstance(node, Scalar) or node.value not in words:
            given = f", not {node.text!r}" if isinstance(node, Scalar) and node.text else ""
            hint = (
                f"; did you mean {close}?" if isinstance(node, Scalar) and (close := _close(node.text, words)) else ""
            )
            self.fail(f"{what} must be {', '.join(words[:-1])} or {words[-1]}{given}{hint}", node.span)
        return node.text

    def pattern(self, node: Node, what: str) -> str:
        """A regular expression."""
        text = self.text(node)
        try:
            re.compile(text)
        except re.error as error:
            self.fail(f"{what} {text!r} is not a regular expression: {error}", node.span)
        return text


def _close(word: str, words: tuple[str, ...]) -> str:
    """The one of the words that was surely meant; the message lists them all anyway."""
    if not word:
        return ""
    import difflib  # noqa: PLC0415 - slow to import and only needed on the way to an error

    return next(iter(difflib.get_close_matches(word.lower(), words, n=1, cutoff=0.7)), "")
