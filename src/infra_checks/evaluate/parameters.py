"""Parameter values as AWS's tools take them.

A source is a file or a text. Its form is told by its shape, in YAML as in JSON:

[{"ParameterKey": K, "ParameterValue": V}]     create-stack --parameters; UsePreviousValue, ResolvedValue
["K=V"]                                        deploy --parameter-overrides
{"Parameters": {K: V}, "Tags": {K: V}}         CodePipeline's template configuration; its StackPolicy is not read
{"Parameters": [...], "Tags": [...]}           create-stack --cli-input-json
{"Stacks": [{"Parameters": [...]}]}            what describe-stacks prints
{K: V}                                         no form of AWS, but a common one
K=V or ParameterKey=K,ParameterValue=V         a text instead of a file

AWS: "deploy" and "create-stack" of the CLI reference, "CloudFormation artifacts" of the user guide,
"Parameter" of the API reference. Messages name parameters but never show values, which may be secret.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn

from infra_checks.errors import ParameterError, TemplateError
from infra_checks.evaluate.constraints import check_pins
from infra_checks.evaluate.shorthand import FIELDS, ShorthandError, is_shorthand, read_shorthand
from infra_checks.evaluate.stack import PSEUDO_PARAMETERS, RESOLVED
from infra_checks.template.load import parse_document, read_source
from infra_checks.template.nodes import Mapping, Scalar, Sequence
from infra_checks.template.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingType
    from collections.abc import Sequence as SequenceType

    from infra_checks.template.nodes import Node
    from infra_checks.template.source import Span

__all__ = ["ParameterFile", "check_pins", "read_parameters"]

INLINE: Final = "(inline parameters)"
"""Stands for a file's name in the errors of a text that was given instead of a file."""

_NAME: Final = re.compile(rf"[A-Za-z0-9]+(?:{re.escape(RESOLVED)})?|{'|'.join(sorted(PSEUDO_PARAMETERS))}")
_CONFIGURATION: Final = {"Parameters", "Tags", "StackPolicy"}
_KEY, _VALUE, _PREVIOUS, _RESOLVED = FIELDS
# Other messages of the loaders quote a part of the text.
_HARMLESS: Final = ("is ", "does not ", "cannot be read: ", "holds ", "key ", "a key ", "a second document ", "<< ")


@dataclass(frozen=True, slots=True)
class ParameterFile:
    """Values by parameter, the stack's tags, and notices of what was not taken.

    The value behind a Systems Manager parameter has the key `Name.ResolvedValue`.
    """

    values: MappingType[str, str] = field(default_factory=dict, repr=False)
    tags: MappingType[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


def read_parameters(sources: SequenceType[str]) -> ParameterFile:
    """What files and texts say together; of two values for a parameter the later source's counts.

    A source is a path, with or without `file://`, or a text with `=` or in JSON. Raises ParameterError.
    """
    values: dict[str, str] = {}
    tags: dict[str, str] = {}
    notices: list[str] = []
    for source in sources:
        reader = _read(source)
        outdated = {name + RESOLVED for name, value in reader.values.items() if value != values.get(name, value)}
        values = {name: value for name, value in values.items() if name not in outdated} | reader.values
        tags |= reader.tags
        notices += reader.notices
    return ParameterFile(values, tags, tuple(notices))


def _read(source: str) -> _Reader:
    path = source.removeprefix("file://")
    # Unlike Path.is_file this is false for a text that is too long for a path.
    if path == source and not os.path.isfile(path):  # noqa: PTH113
        if source.lstrip()[:1] in {"[", "{"}:
            return _read_document(SourceFile(INLINE, source))
        if "=" in source:
            reader = _Reader(INLINE)
            reader.pair(source, None)
            return reader
    try:
        return _read_document(read_source(path))
    except TemplateError as error:
        raise ParameterError(error.message, file=path, span=error.span) from None


def _read_document(source: SourceFile) -> _Reader:
    try:
        root = parse_document(source)
    except TemplateError as error:
        message = error.message
        if not message.startswith(_HARMLESS):
            message = "cannot be read here; put a value that begins with *, & or ! in quotes"
        raise ParameterError(message, file=source.name, span=error.span) from None
    reader = _Reader(source.name)
    reader.document(root)
    return reader


class _Reader:
    """Gathers what one source says."""

    def __init__(self, file: str) -> None:
        self.values: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.notices: list[str] = []
        self._file = file
        self._places: dict[str, Span | None] = {}

    def document(self, root: Node) -> None:
        """Take the parameters and tags of a document of any form."""
        if isinstance(root, Sequence):
            self._items(root)
        elif not isinstance(root, Mapping):
            self._fail("is no parameter file: it is neither a list nor a mapping", root.span)
        elif "Resources" in root.entries:
            self._fail("is a template, not a parameter file", root.span)
        elif isinstance(stacks := root.get("Stacks"), Sequence):
            self._stacks(stacks)
        elif _is_configuration(root):
            self._configuration(root)
        else:
            self._flat(root)

    def pair(self, text: str, span: Span | None) -> None:
        """Take `Key=Value` or the shorthand of the AWS CLI."""
        if is_shorthand(text):
            try:
                self._entry(read_shorthand(text), span)
            except ShorthandError as error:
                self._fail(f"the shorthand of a parameter cannot be read: {error}", span)
            return
        name, equals, value = text.partition("=")
        if not equals or not _NAME.fullmatch(name):
            self._fail("is neither a file nor of the form Key=Value with the name of a parameter as Key", span)
        self._add(name, value, span)

    def _stacks(self, stacks: Sequence) -> None:
        if len(stacks.items) != 1:
            self._fail(f"describes {len(stacks.items)} stacks; ask describe-stacks for one", stacks.span)
        self._configuration(self._mapping(stacks.items[0], "a stack"), is_described=True)

    def _configuration(self, root: Mapping, *, is_described: bool = False) -> None:
        parameters = root.get("Parameters")
        if isinstance(parameters, Sequence):
            self._items(parameters, is_described=is_described)
        elif parameters is not None:
            self._flat(self._mapping(parameters, "Parameters"))
        tags = root.get("Tags")
        if isinstance(tags, Sequence):
            for item in tags.items:
                self._tag(self._fields(self._mapping(item, "a tag"), ("Key", "Value")), item.span)
        elif tags is not None:
            for key, node in self._mapping(tags, "Tags").entries.items():
                self._tag({"Key": key, "Value": self._text(node, f"tag {key}")}, node.span)

    def _tag(self, fields: MappingType[str, str | None], span: Span) -> None:
        key, value = fields.get("Key"), fields.get("Value")
        if key is None or value is None:
            self._fail("a tag needs a Key and a Value", span)
        if key in self.tags:
            self._fail(f"tag {key} is given twice", span)
        self.tags[key] = value

    def _flat(self, mapping: Mapping) -> None:
        for key in mapping.keys.values():
            value = self._text(mapping.entries[key.text], key.text)
            if value is None:
                self._fail(f'{key.text} has no value; write "" for the empty text', key.span)
            self._add(key.text, value, key.span)

    def _items(self, items: Sequence, *, is_described: bool = False) -> None:
        for item in items.items:
            if isinstance(item, Scalar) and isinstance(item.value, str):
                self.pair(item.value, item.span)
            else:
                mapping = self._mapping(item, "an item that is not Key=Value")
                self._entry(self._fields(mapping, FIELDS), item.span, is_described=is_described)

    def _fields(self, mapping: Mapping, known: tuple[str, ...]) -> dict[str, str | None]:
        for key in mapping.keys.values():
            if key.text not in known:
                self._fail(f"{key.text} is not one of {', '.join(known)}", key.span)
        return {key: self._text(node, key) for key, node in mapping.entries.items()}

    def _entry(self, fields: MappingType[str, str | None], span: Span | None, *, is_described: bool = False) -> None:
        name, value, resolved = fields.get(_KEY), fields.get(_VALUE), fields.get(_RESOLVED)
        if name is None:
            self._fail("a parameter has no ParameterKey", span)
        if (fields.get(_PREVIOUS) or "").lower() == "true":
            if value:
                self._fail(f"{name} has both a ParameterValue and UsePreviousValue; CloudFormation takes one", span)
            self._notice(f"{name} keeps its previous value, which is not known here, so it is not pinned")
        elif is_described and value and not value.strip("*"):
            self._notice(f"{name} is shown as asterisks because of its NoEcho, so it is not pinned")
        elif value is not None:
            self._add(name, value, span)
        elif resolved is None:
            self._fail(f"{name} has no ParameterValue", span)
        if resolved is not None:
            self._add(name + RESOLVED, resolved, span)

    def _add(self, name: str, value: str, span: Span | None) -> None:
        if not _NAME.fullmatch(name):
            self._fail(f"{name} is not the name of a parameter, which is of letters and digits", span)
        if name in self._places:
            first = self._places[name]
            where = f"; it is first given at line {first.line}, column {first.column}" if first else ""
            self._fail(f"parameter {name} is given twice{where}", span)
        self._places[name] = span
        self.values[name] = value

    def _text(self, node: Node, what: str) -> str | None:
        """A value as it is written, the items of a list with commas between them, None for null."""
        items = node.items if isinstance(node, Sequence) else (node,)
        texts = [item.text for item in items if isinstance(item, Scalar) and item.value is not None]
        if len(texts) < len(items) and not isinstance(node, Scalar):
            self._fail(f"the value of {what} must be text or a list of texts", node.span)
        return ",".join(texts) if len(texts) == len(items) else None

    def _mapping(self, node: Node, what: str) -> Mapping:
        if not isinstance(node, Mapping):
            self._fail(f"{what} must be a mapping", node.span)
        return node

    def _notice(self, message: str) -> None:
        self.notices.append(f"{self._file}: {message}")

    def _fail(self, message: str, span: Span | None) -> NoReturn:
        raise ParameterError(message, file=self._file, span=span)


def _is_configuration(root: Mapping) -> bool:
    """Whether it has sections, as against parameters that may be called like them."""
    sections = [node for key, node in root.entries.items() if key in _CONFIGURATION]
    if isinstance(root.get("Parameters"), (Mapping, Sequence)):
        return True
    return len(sections) == len(root.entries) and any(isinstance(node, Mapping) for node in sections)
