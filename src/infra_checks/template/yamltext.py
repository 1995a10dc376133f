"""YAML text to nodes, straight from the parser's events.

PyYAML's own construction is not used: it turns `yes`, dates and octal modes into other values than
CloudFormation does, keeps no places, and takes three times as long.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from infra_checks.errors import TemplateError
from infra_checks.template.anchors import AliasError, Anchors
from infra_checks.template.calls import TAGS, call, call_or_mapping
from infra_checks.template.limits import MAX_DEPTH
from infra_checks.template.nodes import Mapping, Node, Scalar, Sequence, span_between
from infra_checks.template.offsets import Lines
from infra_checks.template.scalars import plain_value
from infra_checks.template.source import FixedMark
from infra_checks.template.syntax import duplicate_key, syntax_error

if TYPE_CHECKING:
    from infra_checks.template.nodes import ScalarValue
    from infra_checks.template.source import Mark, SourceFile, Span

# The events of both parsers are the same; PyYAML's stubs leave their fields untyped.
_Event = Any

_PARSER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE: Final = "tag:yaml.org,2002:"
_VALUE_TYPES: Final[dict[str, tuple[type, ...]]] = {
    f"{_CORE}bool": (bool,),
    f"{_CORE}int": (int,),
    f"{_CORE}float": (int, float),
    f"{_CORE}null": (type(None),),
}
_TEXT_TAGS: Final = frozenset({"!", f"{_CORE}str"})
# Tags, anchors and comments may stand between the place of an event and the text of its value.
_PROPERTIES: Final = re.compile("(?:[!&][^ \t{0}]*(?:[ \t{0}]+|#[^{0}]*)*)+".format("\n\r\x85\u2028\u2029"))


def read_yaml(source: SourceFile) -> Node:
    """The root node of a YAML text with one document; raises TemplateError with the place."""
    try:
        return _Builder(source).document()
    # The others: the parsers let some malformed escapes and lone surrogates through to Python's own functions.
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise syntax_error(source, error) from None


class _Builder:
    """Builds nodes from events, one method for each kind; recursion goes no deeper than MAX_DEPTH."""

    __slots__ = ("_anchors", "_lines", "_source", "_take")

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._lines = Lines(source.text)
        self._anchors = Anchors()
        self._take = _PARSER(source.text).get_event

    def document(self) -> Node:
        take = self._take
        take()  # The stream's start.
        if take().__class__ is StreamEndEvent:
            raise TemplateError("is empty", file=self._source.name)
        root = self._node(take(), 0)
        take()  # The document's end.
        event = take()
        if event.__class__ is DocumentStartEvent:
            self._fail("a second document begins here; a template is one document", _event_span(event))
        return root

    def _node(self, event: _Event, depth: int) -> Node:
        kind = event.__class__
        if kind is ScalarEvent:
            if event.tag is None and event.anchor is None:
                text = event.value
                if not text:
                    return self._empty(event)
                if event.implicit[0]:
                    return Scalar(plain_value(text), text, event.start_mark, event.end_mark, plain=True)
                return Scalar(text, text, event.start_mark, event.end_mark)
            return self._marked_scalar(event)
        if kind is AliasEvent:
            return self._alias(event, depth)
        if depth >= MAX_DEPTH:
            self._fail(f"is nested deeper than {MAX_DEPTH} levels", _event_span(event))
        build = self._mapping if kind is MappingStartEvent else self._sequence
        if event.tag is None and event.anchor is None:
            return build(event.start_mark, depth + 1, flow=event.flow_style)
        return self._marked_collection(event, depth)

    def _sequence(self, start: Mark, depth: int, *, flow: bool) -> Sequence:
        take, node = self._take, self._node
        items: list[Node] = []
        last = event = take()
        while event.__class__ is not SequenceEndEvent:
            items.append(node(event, depth))
            last = event
            event = take()
        return Sequence(tuple(items), start, _end(event, last, items[-1] if items else None, flow=flow))

    def _mapping(self, start: Mark, depth: int, *, flow: bool) -> Node:
        take, node = self._take, self._node
        entries: dict[str, Node] = {}
        keys: dict[str, Scalar] = {}
        merges: list[Mapping] = []
        value: Node | None = None
        last = event = take()
        while event.__class__ is not MappingEndEvent:
            key = self._key(event)
            if key.text in keys:
                raise duplicate_key(self._source, key, keys[key.text])
            keys[key.text] = key
            last = take()
            value = node(last, depth)
            if key.text == "<<" and key.plain:
                merges = self._merges(value, last)
            else:
                entries[key.text] = value
            event = take()
        end = _end(event, last, value, flow=flow)
        if "<<" in keys and "<<" not in entries:
            entries, keys = _merged(entries, keys, merges)
        return call_or_mapping(Mapping(entries, keys, start, end))

    def _key(self, event: _Event) -> Scalar:
        kind = event.__class__
        if kind is ScalarEvent and event.tag is None and event.anchor is None and event.value:
            text = event.value
            return Scalar(text, text, event.start_mark, event.end_mark, plain=event.implicit[0])
        node = self._node(event, 0) if kind in {ScalarEvent, AliasEvent} else None
        if not isinstance(node, Scalar):
            self._fail("a key must be text, not a list, a mapping or an intrinsic function", _event_span(event))
        start, end = (event.start_mark, event.end_mark) if kind is AliasEvent else (node.start, node.end)
        return Scalar(node.text, node.text, start, end, plain=node.plain)

    def _merges(self, value: Node, event: _Event) -> list[Mapping]:
        sources = value.items if isinstance(value, Sequence) else (value,)
        found = [source for source in sources if isinstance(source, Mapping)]
        if len(found) < len(sources):
            self._fail("<< takes a mapping or a list of mappings", _event_span(event))
        return found

    def _empty(self, event: _Event) -> Scalar:
        """A value, with or without quotes, that has no text."""
        start, end, is_plain = event.start_mark, event.end_mark, event.implicit[0]
        if end.index >= len(self._source.text) and is_plain:
            # libyaml puts the end of a text without a last line end on a line of its own.
            start = end = self._lines.mark(len(self._source.text))
        return Scalar(None if is_plain else "", "", start, end, plain=is_plain)

    def _alias(self, event: _Event, depth: int) -> Node:
        try:
            return self._anchors.resolve(event.anchor, depth)
        except AliasError as error:
            self._fail(str(error), _event_span(event))

    def _marked_scalar(self, event: _Event) -> Node:
        tag = event.tag
        is_plain = not event.style and tag not in _TEXT_TAGS
        value = plain_value(event.value) if is_plain else event.value
        function = _function(tag)
        if not (tag is None or function or tag in _TEXT_TAGS):
            value = self._core_value(event)
        node: Node = Scalar(value, event.value, self._content_start(event), event.end_mark, plain=is_plain)
        if function:
            node = call(function, node, event.start_mark, event.end_mark)
        if event.anchor is not None:
            self._anchors.close(event.anchor, node)
        return node

    def _core_value(self, event: _Event) -> ScalarValue:
        """The value of a scalar whose type is written as a tag, which YAML lets even quotes have."""
        types = _VALUE_TYPES.get(event.tag)
        if types is None:
            self._fail_tag(event)
        value = plain_value(event.value)
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            self._fail(f"{event.value!r} is not of the type its tag names", _event_span(event))
        return value

    def _marked_collection(self, event: _Event, depth: int) -> Node:
        is_mapping = event.__class__ is MappingStartEvent
        function = _function(event.tag)
        if not function and event.tag not in {None, "!", f"{_CORE}{'map' if is_mapping else 'seq'}"}:
            self._fail_tag(event)
        if event.anchor is not None:
            self._anchors.open(event.anchor)
        build = self._mapping if is_mapping else self._sequence
        node = build(self._opening(event), depth + 1, flow=event.flow_style)
        if function:
            node = call(function, node, event.start_mark, node.end)
        if event.anchor is not None:
            self._anchors.close(event.anchor, node)
        return node

    def _opening(self, event: _Event) -> Mark:
        """Where a collection with a tag or an anchor begins itself."""
        end = event.end_mark
        # The event ends before the first item, or after the sign that opens the collection.
        return FixedMark(end.line, end.column - (self._source.text[end.index - 1] in "[{-"))

    def _content_start(self, event: _Event) -> Mark:
        """Where a scalar with a tag or an anchor begins itself."""
        start, end = event.start_mark, event.end_mark
        found = _PROPERTIES.match(self._source.text, start.index, end.index)
        lines = f"{found[0] if found else ''}|".splitlines()
        column = len(lines[-1]) - 1
        return FixedMark(start.line + len(lines) - 1, column + (start.column if len(lines) == 1 else 0))

    def _fail_tag(self, event: _Event) -> NoReturn:
        tag = event.tag.replace(_CORE, "!!")
        self._fail(f"unknown tag {tag}; CloudFormation has no such type", _event_span(event))

    def _fail(self, message: str, span: Span) -> NoReturn:
        raise TemplateError(message, file=self._source.name, span=span)


def _function(tag: str | None) -> str | None:
    """The function a tag names; one that CloudFormation does not have keeps the tag as its name."""
    if tag is None or tag == "!" or not tag.startswith("!"):
        return None
    return TAGS.get(tag, tag)


def _event_span(event: _Event) -> Span:
    return span_between(event.start_mark, event.end_mark)


def _end(closing: _Event, last: _Event, node: Node | None, *, flow: bool) -> Mark:
    """Where a collection ends: at its bracket, or with its last item, as no sign ends a block."""
    # The node of an alias ends where its anchor stands, so the alias's own event is asked.
    event = closing if flow else last
    return event.end_mark if flow or node is None or isinstance(event, AliasEvent) else node.end


def _merged(
    entries: dict[str, Node], keys: dict[str, Scalar], merges: list[Mapping]
) -> tuple[dict[str, Node], dict[str, Scalar]]:
    """The keys of `<<` before a mapping's own, which win; of several sources the first wins."""
    all_entries: dict[str, Node] = {}
    all_keys: dict[str, Scalar] = {}
    for source in reversed(merges):
        all_entries |= source.entries
        all_keys |= source.keys
    del keys["<<"]
    return all_entries | entries, all_keys | keys
