"""Tags of the stack as AWS's tools take them; CloudFormation hands them on to the resources that take tags.

A source is a file or a text. Its form is told by its shape, in YAML as in JSON:

[{"Key": K, "Value": V}]                create-stack --tags
["K=V"]                                 deploy --tags
{"Tags": [...]} or {"Tags": {K: V}}     create-stack --cli-input-json, CodePipeline's template configuration
{K: V}                                  no form of AWS, but a common one
K=V or Key=K,Value=V                    a text instead of a file

AWS: "create-stack" and "deploy" of the CLI reference, "Resource tags" of the template reference: keys have 1 to 128
characters and do not begin with aws:, values have up to 256.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final, NoReturn

from infra_checks.errors import ParameterError, TemplateError
from infra_checks.template.load import parse_document, read_source
from infra_checks.template.nodes import Mapping, Scalar, Sequence
from infra_checks.template.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra_checks.template.nodes import Node
    from infra_checks.template.source import Span

INLINE: Final = "(inline tags)"
"""Stands for a file's name in the errors of a text that was given instead of a file."""

_SHORTHAND: Final = re.compile(r"Key=(?P<key>[^,=]*),Value=(?P<value>.*)", re.DOTALL)
_MAX_KEY: Final = 128
_MAX_VALUE: Final = 256


def read_stack_tags(sources: Iterable[str]) -> dict[str, str]:
    """What files and texts say together; of two values for a key the later source's counts.

    A source is a path, with or without `file://`, or a text with `=` or in JSON. Raises ParameterError.
    """
    tags: dict[str, str] = {}
    for source in sources:
        tags |= _read(source)
    return tags


def _read(source: str) -> dict[str, str]:
    path = source.removeprefix("file://")
    # Unlike Path.is_file this is false for a text that is too long for a path.
    if path == source and not os.path.isfile(path):  # noqa: PTH113
        if source.lstrip()[:1] in {"[", "{"}:
            return _read_document(SourceFile(INLINE, source))
        if "=" in source:
            return _gathered(INLINE, [(*_pair(source, INLINE, None), None)])
    try:
        return _read_document(read_source(path))
    except TemplateError as error:
        raise ParameterError(error.message, file=path, span=error.span) from None


def _read_document(source: SourceFile) -> dict[str, str]:
    try:
        root = parse_document(source)
    except TemplateError as error:
        raise ParameterError(error.message, file=source.name, span=error.span) from None
    return _gathered(source.name, _entries(root, source.name))


Entry = tuple[str, str, "Span | None"]


def _gathered(file: str, entries: Iterable[Entry]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for key, value, span in entries:
        if key in tags:
            _fail(f"tag {key} is given twice", file, span)
        if not 1 <= len(key) <= _MAX_KEY or key.lower().startswith("aws:"):
            _fail(f"the key of a tag has 1 to {_MAX_KEY} characters and does not begin with aws:", file, span)
        if len(value) > _MAX_VALUE:
            _fail(f"the value of tag {key} has more than {_MAX_VALUE} characters", file, span)
        tags[key] = value
    return tags


def _entries(root: Node, file: str) -> Iterator[Entry]:
    """The tags of a document of any form."""
    if isinstance(root, Mapping) and isinstance(tags := root.get("Tags"), (Mapping, Sequence)):
        root = tags
    if isinstance(root, Mapping):
        for key in root.keys.values():
            yield key.text, _text(root.entries[key.text], file), key.span
    elif isinstance(root, Sequence):
        for item in root.items:
            yield (*_item(item, file), item.span)
    else:
        _fail("is neither a list of tags nor a mapping of keys to values", file, root.span)


def _item(item: Node, file: str) -> tuple[str, str]:
    if isinstance(item, Mapping) and set(item.entries) == {"Key", "Value"}:
        return _text(item.entries["Key"], file), _text(item.entries["Value"], file)
    if not isinstance(item, Scalar) or not isinstance(item.value, str):
        _fail("a tag must be Key=Value, or a mapping of Key and Value", file, item.span)
    return _pair(item.value, file, item.span)


def _pair(text: str, file: str, span: Span | None) -> tuple[str, str]:
    shorthand = _SHORTHAND.fullmatch(text)
    if shorthand:
        return shorthand["key"], shorthand["value"]
    key, equals, value = text.partition("=")
    if not equals:
        _fail("a tag must be Key=Value", file, span)
    return key, value


def _text(node: Node, file: str) -> str:
    if not isinstance(node, Scalar) or node.value is None:
        _fail("the key and the value of a tag must be texts", file, node.span)
    return node.literal


def _fail(message: str, file: str, span: Span | None) -> NoReturn:
    raise ParameterError(message, file=file, span=span)
