"""Nodes and spans in forms that tests can compare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra_checks.errors import TemplateError
from infra_checks.template.load import parse
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence, walk
from infra_checks.template.source import SourceFile, Span


def data(node: Node | None) -> Any:  # noqa: ANN401 - any shape is its purpose
    """A node as plain values; a call as a pair of its name and its argument."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [data(item) for item in node.items]
        case Mapping():
            return {key: data(item) for key, item in node.entries.items()}
        case Call():
            return (node.name, data(node.argument))
        case None:
            raise AssertionError("there is no node")


def read(text: str, name: str = "t.yaml") -> Node:
    return parse(SourceFile(name, text))


def at(node: Node, *path: str | int) -> Node:
    """The node below another one; a call is a step by its name."""
    for step in path:
        match node:
            case Mapping():
                node = node.entries[str(step)]
            case Sequence():
                node = node.items[int(step)]
            case Call():
                assert node.name == step
                node = node.argument
            case Scalar():
                raise AssertionError(step)
    return node


def cut(text: str, span: Span) -> str:
    """What stands in a span."""
    lines = text.splitlines(keepends=True)
    if not span.line or span.line > len(lines):
        return ""
    if span.line == span.end_line:
        return lines[span.line - 1][span.column - 1 : span.end_column - 1]
    last = lines[span.end_line - 1][: span.end_column - 1] if span.end_line <= len(lines) else ""
    return lines[span.line - 1][span.column - 1 :] + "".join(lines[span.line : span.end_line - 1]) + last


def spans(root: Node) -> Iterator[tuple[Node, Span]]:
    """All nodes and keys below a node, itself included, with their spans."""
    for _, node in walk(root):
        yield node, node.span
        if isinstance(node, Mapping):
            yield from ((key, key.span) for key in node.keys.values())


def failure(text: str, name: str = "t.yaml") -> tuple[int, int, str]:
    """Line, column and message of the error of a text that cannot be read."""
    with pytest.raises(TemplateError) as caught:
        read(text, name)
    assert caught.value.file == name
    assert caught.value.span is not None
    return (*caught.value.span[:2], caught.value.message)
