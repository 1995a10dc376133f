"""A graph as a Mermaid flowchart (mermaid.js.org/syntax/flowchart.html)."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from infra_checks.diagram.kinds import CHANNELS, STORES
from infra_checks.diagram.names import distinct, last_word, type_words, words
from infra_checks.evaluate.values import Known
from infra_checks.template.nodes import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.diagram.graph import Graph, Node

_MOST_NAMES: Final = 4
_MOST_PARTS: Final = 4
_DOOR: Final = re.compile(r"AWS::EC2::(VPCEndpoint|VPNGateway)$")
"""Of a VPC; which of them something uses is not told by references, so that they have no edges."""
_QUEUE: Final = "AWS::SQS::Queue"
_SELF_EVIDENT: Final = re.compile(r"Policy$|::Permission$|Association$|Attachment$|LoggingConfiguration$")
"""Parts that an arrow shows or that each such resource has."""
_SHORT: Final = 2
"""Letters of a name that says nothing alone."""
_INIT: Final = '%%{init: {"flowchart": {"subGraphTitleMargin": {"top": -24, "bottom": 40}}}}%%'
_NAMED: Final = re.compile(r"::(SecurityGroup|RouteTable|NetworkAcl|InternetGateway|FlowLog)$")
"""Of a network; the rest are associations and entries of these."""
_UNSAFE: Final = re.compile(r'["<>&#`]')


def flowchart(graph: Graph, *, total: int, absent: list[str], has_list: bool = True) -> str:
    """The flowchart; `total` is the number of resources in it, `absent` those that the parameters leave out.

    `has_list` puts what is connected with nothing into one box.
    """
    starts, ends = ({pair[side] for pair in graph.edges} for side in (0, 1))
    connected = starts | ends
    beside = [
        node
        for node in graph.nodes.values()
        if has_list and (_DOOR.search(node.type) or (not node.frame and node.id not in connected))
    ]
    drawn = [node for node in graph.nodes.values() if node not in beside]
    known = {vpc.logical_id for vpc in graph.vpcs} | {tier.id for tier in graph.tiers}
    lines = [_INIT, "flowchart LR", *_boxes([node for node in drawn if node.frame not in known], "  ")]
    for vpc in graph.vpcs:
        lines += _vpc(graph, vpc)
    listed = _list(graph, beside)
    if listed:
        lines.append(f'  beside["{"<br/>".join(listed)}"]')
        depths = _depths(graph)
        last = min(sorted(ends), key=lambda name: (name in starts, -depths[name]), default="")
        if last:  # behind all others, where no edge leads through it
            lines.append(f"  {_id(last)} ~~~ beside")
    for (start, end), word in sorted(graph.edges.items()):
        arrow = f'-->|"{word}"|' if word else "-->"
        lines.append(f"  {_id(start)} {arrow} {_id(end)}")
    lines += ["  classDef many fill:#f4f4f4,stroke:#999,color:#333", "  classDef sometimes stroke-dasharray:5 4"]
    counted = [_id(node.id) for node in drawn if node.title] + (["beside"] if listed else [])
    if counted:
        lines.append(f"  class {','.join(sorted(counted))} many")
    some = [_id(node.id) for node in drawn if _condition(node)]
    if some:
        lines.append(f"  class {','.join(sorted(some))} sometimes")
    lines.append(f"  %% {total} resources in {len(drawn)} nodes")
    if absent:
        lines.append(f"  %% not with these parameters: {', '.join(absent)}")
    return "\n".join(lines) + "\n"


def _depths(graph: Graph) -> Counter[str]:
    """How many edges lead to a node at most; in a circle as many as there are nodes."""
    depths: Counter[str] = Counter()
    for _ in graph.nodes:
        for start, end in graph.edges:
            depths[end] = min(max(depths[end], depths[start] + 1), len(graph.nodes))
    return depths


def _vpc(graph: Graph, vpc: Resource) -> Iterator[str]:
    range_ = vpc.value("CidrBlock")
    suffix = f" {range_.value}" if isinstance(range_, Known) else ""
    yield f'  subgraph {_id(vpc.logical_id)}["VPC{_safe(suffix)}"]'
    within = [node for node in graph.nodes.values() if node.frame == vpc.logical_id]
    yield from _boxes([node for node in within if not _DOOR.search(node.type)], "    ")
    for tier in graph.tiers:
        if tier.vpc == vpc.logical_id:
            members = [node for node in graph.nodes.values() if node.frame == tier.id]
            yield f'    subgraph {_id(tier.id)}["{_safe(tier.label)}"]'
            yield from _boxes(members, "      ")
            if not members:
                yield f'      {_id(tier.id)}_empty["nothing of this stack"]'
            yield "    end"
    yield "  end"


def _boxes(nodes: list[Node], indent: str) -> list[str]:
    return [f"{indent}{_id(node.id)}{_shape(node)}" for node in sorted(nodes, key=lambda node: node.id)]


def _list(graph: Graph, nodes: list[Node]) -> list[str]:
    """What is connected with nothing or with all, in one box."""
    lines = []
    for node in sorted(nodes, key=lambda node: (not node.title, node.title, node.type, node.id)):
        names = [_safe(words(one.logical_id)) for one in node.members]
        if node.title:
            lines.append(f"<b>{_safe(node.title)}</b>: {', '.join(_counts(node.members, _MOST_PARTS))}")
        else:
            _, rests = distinct(names)
            parts = [one for one in node.parts if not _SELF_EVIDENT.search(one.type)]
            with_ = f" ({', '.join(_counts(parts, _MOST_PARTS))})" if parts else ""
            lines.append(f"<b>{_safe(type_words(node.type))}</b>: {', '.join(rests)}{with_}")
    named = [one for one in graph.network if _NAMED.search(one.type)]
    if named:
        lines.append(f"<b>Network</b>: {', '.join(_counts(named, len(named)))}")
    return lines


def _shape(node: Node) -> str:
    text = "<br/>".join(_lines(node))
    if STORES.match(node.type):
        return f'[("{text}")]'
    return f'(["{text}"])' if CHANNELS.match(node.type) else f'["{text}"]'


def _lines(node: Node) -> Iterator[str]:
    if node.title:
        yield f"<b>{_safe(node.title)}</b>"
        yield from _counts(node.members, _MOST_PARTS)
        return
    yield from _named(node)
    condition = _condition(node)
    if condition:
        yield f"<i>if {_safe(words(condition))}</i>"
    queues = [one for one in node.parts if one.type == _QUEUE]
    parts = [one for one in node.parts if one not in queues and not _SELF_EVIDENT.search(one.type)]
    if queues:
        yield f"dead letters: {', '.join(_safe(words(one.logical_id)) for one in queues)}"
    if parts:
        yield "+ " + ", ".join(_counts(parts, _MOST_PARTS))


def _named(node: Node) -> Iterator[str]:
    """The name and the type, or the type and the names."""
    kind, number = type_words(node.type), len(node.members)
    names = [words(one.logical_id) for one in node.members]
    if number == 1:
        yield f"<b>{_safe(names[0])}</b>"
        yield from [_safe(kind)] if kind.lower() != names[0].lower() else []
        return
    yield f"<b>{_safe(kind)} x{number}</b>"
    shared, rests = distinct(names)
    if max(map(len, rests)) <= _SHORT:
        yield _safe(f"{shared} {', '.join(rests)}".strip())
        return
    yield from map(_safe, rests[:_MOST_NAMES])
    yield from ["…"] if number > _MOST_NAMES else []


def _counts(resources: list[Resource], most: int) -> list[str]:
    counts = Counter(last_word(one.type) for one in resources)
    said = [f"{kind} x{number}" if number > 1 else kind for kind, number in counts.most_common()]
    rest = sum(number for _, number in counts.most_common()[most:])
    return [*said[:most], f"{rest} more"] if rest else said


def _condition(node: Node) -> str:
    """The condition of all members of a node."""
    found = {entry.text for one in node.members if isinstance(entry := one.declaration.node.get("Condition"), Scalar)}
    has_all = all(one.declaration.node.get("Condition") is not None for one in node.members)
    return min(found) if len(found) == 1 and has_all and not node.title else ""


def _id(name: str) -> str:
    return "r_" + re.sub(r"\W", "_", name)


def _safe(text: str) -> str:
    return _UNSAFE.sub(lambda match: f"#{ord(match[0])};", text)
