"""Nodes and spans in forms that tests can compare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra_checks.errors import TemplateError
from infra_checks.template.load import parse
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence, walk
from infra_checks.template.source import SourceFile, Span


def data(node: Node) -> Any:  # noqa: ANN401 - any shape is its purpose
    """A node as plain values; a call as a pair of its name and its argument."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [data(item) for item in node.items]
    if isinstance(node, Mapping):
        return {key: data(item) for key, item in node.entries.items()}
    return (node.name, data(node.argument))


def read(text: str, name: str = "t.yaml") -> Node:
    return parse(SourceFile(name, text))


def at(node: Node, *path: str) -> Node:
    """The node below another one; a call is a step by its name."""
    for step in path:
        if isinstance(node, Call):
            assert node.name == step
            node = node.argument
        else:
            assert isinstance(node, Mapping)
            node = node.entries[step]
    return node


def cut(text: str, span: Span) -> str:
    """What stands in a span."""
    # A place after the last line end is on a line of its own.
    lines = [*text.splitlines(keepends=True), ""]
    rows = lines[span.line - 1 : span.end_line]
    rows[-1] = rows[-1][: span.end_column - 1]
    rows[0] = rows[0][span.column - 1 :]
    return "".join(rows)


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
