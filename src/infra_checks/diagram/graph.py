"""The resources of a stack as nodes and edges that can be looked at: parts in their owners, kinds counted together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from infra_checks.access.relations import Kind, relations_of
from infra_checks.core.links import links_from
from infra_checks.core.resource import Resource
from infra_checks.diagram.kinds import NETWORK, OWNERS, REVERSED, SHARED, SILENT, TOGETHER, WORDS
from infra_checks.diagram.network import GROUP, SUBNET, VPC, Tier, openings, tiers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_DEAD_LETTERS: Final = "dead letters"
_TOLD: Final = {
    Kind.EVENT_SOURCE: "events",
    Kind.DEAD_LETTERS: _DEAD_LETTERS,
    Kind.DESTINATION: "on failure",
    Kind.TARGET: "",
    Kind.TASK: "runs",
    Kind.FILES: "files",
}
_INTEGRATIONS: Final = frozenset(("AWS::ApiGateway::Method", "AWS::ApiGatewayV2::Integration"))
_ALARMS: Final = "Alarms"
_ENDPOINT: Final = "AWS::EC2::VPCEndpoint"
_TOPIC: Final = "AWS::SNS::Topic"

Ends = tuple[str, str]


@dataclass(slots=True)
class Node:
    """One box: a resource, several that are alike, or a kind of which only the number is told.

    `frame` is a tier's id, a VPC's logical id or empty.
    """

    id: str
    members: list[Resource]
    parts: list[Resource] = field(default_factory=list)
    frame: str = ""
    title: str = ""

    @property
    def type(self) -> str:
        """The type of its members; empty when they are a kind of several types."""
        return "" if self.title else self.members[0].type


@dataclass(frozen=True, slots=True)
class Graph:
    """What is drawn; `edges` are by their ends, with the word at the arrow, `network` is what VPCs consist of."""

    nodes: dict[str, Node]
    edges: dict[Ends, str]
    tiers: list[Tier]
    vpcs: list[Resource]
    network: list[Resource]


def graph_of(resources: Mapping[str, Resource], *, is_whole: bool = False) -> Graph:
    """The graph of the resources of a scenario; `is_whole` has a node for each."""
    if is_whole:
        nodes = {name: Node(name, [one]) for name, one in resources.items()}
        homes_of_all = {name: name for name in resources}
        return Graph(nodes, _edges(resources, homes_of_all, (_related, _called, _linked)), [], [], [])
    homes = {name: _home(resources, one) for name, one in resources.items()}
    nodes = {}
    for name, one in resources.items():
        home, title = homes[name]
        if home == name or title:
            node = nodes.setdefault(home, Node(home, [], title=title))
            node.members.append(one)
    for name, one in resources.items():
        home, title = homes[name]
        if home != name and not title and home in nodes:
            nodes[home].parts.append(one)
    tiers = tiers_of(resources.values())
    vpcs = [one for one in resources.values() if one.type == VPC]
    for node in nodes.values():
        node.frame = "" if node.title else _frame(node, tiers)
    inside = {name: home for name, (home, _) in homes.items() if home in nodes}
    edges = _edges(resources, inside, (_related, _called, _mentioned))
    _add_openings(edges, nodes, resources)
    network = [one for one in resources.values() if NETWORK.match(one.type) and one.type not in {VPC, SUBNET}]
    return _merged(_with_ends_in_place(Graph(nodes, edges, tiers, vpcs, network)))


def _home(resources: Mapping[str, Resource], one: Resource) -> tuple[str, str]:
    """The node a resource is in, and the title of that node when it is a kind."""
    title = _title(one)
    if title:
        return f"all_{title}", title
    owner, seen = one, {one.logical_id}
    while owner.type in OWNERS and (above := _owner(resources, owner)) is not None and above.logical_id not in seen:
        owner = above
        seen.add(owner.logical_id)
    return ("" if NETWORK.match(owner.type) else owner.logical_id), ""


def _owner(resources: Mapping[str, Resource], one: Resource) -> Resource | None:
    """What a part belongs to, when that is of this stack; what is drawn by itself before what is a part too."""
    properties = OWNERS[one.type]
    if properties:
        links = [link for name in properties for link in links_from(one) if link.path[1:2] == (name,)]
        found = [link.target for link in links if not NETWORK.match(link.target.type)]
    else:
        others = [other for other in one.referrers() if other.logical_id in resources and _is_drawn(other)]
        found = [
            other
            for other in sorted(others, key=lambda each: each.logical_id)
            if any(link.target == one and link.kind != "DependsOn" for link in links_from(other))
        ]
    return min(found, key=lambda each: each.type in OWNERS, default=None)


def _is_drawn(one: Resource) -> bool:
    """Whether it is, or is a part of, a node of its own."""
    return not (NETWORK.match(one.type) or SILENT.search(one.type) or _title(one))


def _title(one: Resource) -> str:
    return next((title for title, kinds in TOGETHER if kinds.match(one.type)), "")


def _frame(node: Node, tiers: list[Tier]) -> str:
    """The tier whose subnets a node names; the VPC when there are several tiers or only the VPC is named."""
    named = {link.target for one in node.members for link in links_from(one)}
    shared = [one for one in named if SHARED.search(one.type)]
    named |= {link.target for one in shared for link in links_from(one)}
    subnets = {one.logical_id for one in named if one.type == SUBNET}
    within = [tier for tier in tiers if tier.subnets & subnets]
    if len(within) == 1 and node.type != _ENDPOINT:
        return within[0].id
    attached = {link.target for one in node.parts for link in links_from(one)} if not within else set()
    vpcs = {tier.vpc for tier in within} or {one.logical_id for one in named | attached if one.type == VPC}
    # Parts such as target groups name a VPC too, but what has subnets is told by these.
    return min(vpcs, default="")


def _linked(one: Resource) -> Iterator[tuple[str, str, str]]:
    """Every reference."""
    return ((one.logical_id, link.target.logical_id, "") for link in links_from(one) if link.kind != "DependsOn")


def _edges(
    resources: Mapping[str, Resource],
    homes: Mapping[str, str],
    tellers: tuple[Callable[[Resource], Iterator[tuple[str, str, str]]], ...],
) -> dict[Ends, str]:
    """The edges between nodes, a word for each where there is one; of two between the same nodes the first told."""
    found: dict[Ends, str] = {}
    for told in tellers:
        for name in sorted(resources):
            for start, end, word in told(resources[name]):
                ends = homes.get(start, ""), homes.get(end, "")
                if all(ends) and ends[0] != ends[1] and ends not in found and ends[::-1] not in found:
                    found[ends] = word
    return found


def _related(one: Resource) -> Iterator[tuple[str, str, str]]:
    for relation in relations_of(one):
        if relation.target is not None and relation.kind in _TOLD:
            ends = one.logical_id, relation.target.logical_id
            start, end = ends[::-1] if relation.kind is Kind.EVENT_SOURCE else ends
            yield start, end, _TOLD[relation.kind]


def _called(one: Resource) -> Iterator[tuple[str, str, str]]:
    """What an API hands its requests to."""
    if one.type in _INTEGRATIONS:
        for link in links_from(one):
            if link.path[1:2] in {("Integration",), ("IntegrationUri",)} and link.target.type != one.type:
                yield one.logical_id, link.target.logical_id, "calls"


def _mentioned(one: Resource) -> Iterator[tuple[str, str, str]]:
    title = _title(one)
    if title not in {"", _ALARMS}:
        return
    if NETWORK.match(one.type) or SILENT.search(one.type):
        return
    for link in links_from(one):
        target = link.target
        is_open = _is_drawn(target) and not SHARED.search(target.type)
        if link.kind == "DependsOn" or not is_open or (title and target.type != _TOPIC):
            continue
        properties = [step for step in link.path[1:] if isinstance(step, str)]
        backwards = REVERSED.get((one.type, properties[0] if properties else ""))
        if backwards is not None:
            yield target.logical_id, one.logical_id, backwards
        else:
            word = next((WORDS[step] for step in properties if step in WORDS), "")
            yield one.logical_id, target.logical_id, word


def _add_openings(edges: dict[Ends, str], nodes: Mapping[str, Node], resources: Mapping[str, Resource]) -> None:
    """Between nodes without an edge: who may reach whom by their security groups."""
    holders: dict[str, set[str]] = {}
    for node in nodes.values():
        if not node.title and node.type != _ENDPOINT:
            for link in (link for one in node.members for link in links_from(one)):
                if link.target.type == GROUP:
                    holders.setdefault(link.target.logical_id, set()).add(node.id)
    for start, end, word in sorted(openings(resources.values())):
        for ends in sorted((a, b) for a in holders.get(start, ()) for b in holders.get(end, ())):
            if ends[0] != ends[1] and ends not in edges and ends[::-1] not in edges:
                edges[ends] = word


def _with_ends_in_place(graph: Graph) -> Graph:
    """What only one other leads to, as a queue for its dead letters, or only alarms come from, becomes a part."""
    edges = dict(graph.edges)
    into = {
        end: start
        for (start, end), word in edges.items()
        if word == _DEAD_LETTERS and sum(end in ends for ends in edges) == 1
    }
    alarms = f"all_{_ALARMS}"
    topics = [end for start, end in edges if start == alarms]
    if len(topics) == 1:
        into[alarms] = topics[0]
    for name, owner in into.items():
        graph.nodes[owner].parts += [*graph.nodes[name].members, *graph.nodes[name].parts]
        del graph.nodes[name]
    kept = {ends: word for ends, word in edges.items() if not into.keys() & set(ends)}
    return Graph(graph.nodes, kept, graph.tiers, graph.vpcs, graph.network)


def _merged(graph: Graph) -> Graph:
    """Nodes of the same type at the same place and with the same neighbours become one."""
    alike: dict[tuple[object, ...], list[str]] = {}
    for name, node in graph.nodes.items():
        if not node.title:
            out = frozenset((end, word) for (start, end), word in graph.edges.items() if start == name)
            into = frozenset((start, word) for (start, end), word in graph.edges.items() if end == name)
            is_alone = not out and not into
            alike.setdefault((node.type, node.frame, out, into, is_alone), []).append(name)
    first = {name: names[0] for names in alike.values() for name in names}
    nodes: dict[str, Node] = {}
    for name, node in graph.nodes.items():
        if first.get(name, name) == name:
            nodes[name] = node
        else:
            nodes[first[name]].members += node.members
            nodes[first[name]].parts += node.parts
    edges = {(first.get(a, a), first.get(b, b)): word for (a, b), word in graph.edges.items()}
    return Graph(nodes, edges, graph.tiers, graph.vpcs, graph.network)
