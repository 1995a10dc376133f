"""The one form in which a template's text is held: immutable by convention, with a place for each node.

Short (`!Ref x`) and long (`{"Ref": "x"}`) forms of an intrinsic are the same `Call` node. The classes
carry marks instead of spans because a template has many nodes and few of them are ever printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.template.source import FixedMark, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.template.source import Mark

ScalarValue = str | int | float | bool | None


class Scalar:
    """A string, number, boolean or null.

    `value` is the typed value, `text` the characters as written (`1.10`, `0777`, `yes`), `plain` is
    true for a YAML scalar without quotes or a JSON literal that is not a string.
    """

    __slots__ = ("end", "plain", "start", "text", "value")

    def __init__(self, value: ScalarValue, text: str, start: Mark, end: Mark, *, plain: bool = False) -> None:
        self.value = value
        self.text = text
        self.start = start
        self.end = end
        self.plain = plain

    def __repr__(self) -> str:
        return f"Scalar({self.value!r})"

    @property
    def span(self) -> Span:
        """Where the scalar stands."""
        return span_between(self.start, self.end)

    @property
    def literal(self) -> str:
        """The value as CloudFormation compares it: a string, with booleans as `true` and `false`."""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return self.text


class Sequence:
    """A list of nodes."""

    __slots__ = ("end", "items", "start")

    def __init__(self, items: tuple[Node, ...], start: Mark, end: Mark) -> None:
        self.items = items
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        return f"Sequence({list(self.items)!r})"

    @property
    def span(self) -> Span:
        """Where the list stands."""
        return span_between(self.start, self.end)


class Mapping:
    """Keys and their nodes, in the order of the text; `keys` holds each key's own node, for its place."""

    __slots__ = ("end", "entries", "keys", "start")

    def __init__(self, entries: dict[str, Node], keys: dict[str, Scalar], start: Mark, end: Mark) -> None:
        self.entries = entries
        self.keys = keys
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        return f"Mapping({self.entries!r})"

    @property
    def span(self) -> Span:
        """Where the mapping stands."""
        return span_between(self.start, self.end)

    def get(self, key: str) -> Node | None:
        """The node under a key, or None."""
        return self.entries.get(key)


class Call:
    """An intrinsic function; `name` is the long form (`Ref`, `Condition`, `Fn::Sub`)."""

    __slots__ = ("argument", "end", "name", "start")

    def __init__(self, name: str, argument: Node, start: Mark, end: Mark) -> None:
        self.name = name
        self.argument = argument
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        return f"Call({self.name!r}, {self.argument!r})"

    @property
    def span(self) -> Span:
        """Where the call stands."""
        return span_between(self.start, self.end)


Node = Scalar | Sequence | Mapping | Call

FUNCTIONS = frozenset(
    {
        "And",
        "Base64",
        "Cidr",
        "Contains",
        "EachMemberEquals",
        "EachMemberIn",
        "Equals",
        "FindInMap",
        "GetAZs",
        "GetAtt",
        "GetStackOutput",
        "If",
        "ImportValue",
        "Join",
        "Length",
        "Not",
        "Or",
        "RefAll",
        "Select",
        "Split",
        "Sub",
        "ToJsonString",
        "Transform",
        "ValueOf",
        "ValueOfAll",
    }
)
"""Names after `Fn::` (AWS: intrinsic function reference, rule-specific functions, language extensions)."""

CALL_KEYS = frozenset({"Ref", *(f"Fn::{name}" for name in FUNCTIONS)})
"""The long forms that make a one-key mapping a call. `Condition` is not among them: as a key it is also
a plain property or resource attribute, so the evaluator reads it where only a condition can stand."""

NO_VALUE = "AWS::NoValue"


def span_between(start: Mark, end: Mark) -> Span:
    """The 1-based span of two 0-based marks."""
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def node_at(span: Span) -> Scalar:
    """An empty node with a place, where only the place is known."""
    start, end = FixedMark(span.line - 1, span.column - 1), FixedMark(span.end_line - 1, span.end_column - 1)
    return Scalar("", "", start, end)


def is_no_value(node: Node) -> bool:
    """Whether the node is `Ref: AWS::NoValue`."""
    return (
        isinstance(node, Call)
        and node.name == "Ref"
        and isinstance(node.argument, Scalar)
        and node.argument.value == NO_VALUE
    )


def walk(node: Node, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Node]]:
    """The node and all below it with their paths, parents first; iterative, so depth is no danger."""
    stack: list[tuple[tuple[str | int, ...], Node]] = [(path, node)]
    while stack:
        where, current = stack.pop()
        yield where, current
        if isinstance(current, Mapping):
            stack.extend(((*where, key), child) for key, child in reversed(current.entries.items()))
        elif isinstance(current, Sequence):
            stack.extend(((*where, index), child) for index, child in reversed(list(enumerate(current.items))))
        elif isinstance(current, Call):
            stack.append(((*where, current.name), current.argument))
