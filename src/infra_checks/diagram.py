"""A template as a Mermaid flowchart: the resources that matter, and what connects them.

Drawn is one scenario: of parameters that are not given, their default or first allowed value.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from infra_checks.access.relations import Kind, relations_of
from infra_checks.core.links import links_from
from infra_checks.core.resource import Surroundings
from infra_checks.evaluate.foreach import expand
from infra_checks.evaluate.scenario import Scenario
from infra_checks.evaluate.stack import Pins, Stack
from infra_checks.template.load import parse, read_source, template_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from infra_checks.core.resource import Resource

MOST: Final = 25
"""Nodes of a picture that can be read on one page."""

_SATELLITE: Final = re.compile(
    r"AWS::(IAM|Logs|CloudWatch|KMS)::|ApiGateway::(?!RestApi)|ApiGatewayV2::(?!Api$)|Policy$|Permission$|SubnetGroup$|ParameterGroup$|Association$|Attachment$|Alias$|"
    r"::(Route|RouteTable|EIP|Version|EventSourceMapping|EventInvokeConfig|Account|Method|Deployment|Subnet|FlowLog|"
    r"SecurityGroup|SecurityGroup(In|E)gress|ScalableTarget|RotationSchedule|NetworkAclEntry|BackupSelection|MountTarget)$"
)
"""Types that belong to another resource or only describe it; they are counted, not drawn."""
_INCOMING: Final = frozenset((Kind.EVENT_SOURCE,))
_INTEGRATIONS: Final = frozenset(("AWS::ApiGateway::Method", "AWS::ApiGatewayV2::Integration"))
_APIS: Final = frozenset(("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"))

Edge = tuple[str, str, str]


def draw(name: str, values: Mapping[str, str], *, most: int | None = MOST) -> str:
    """The flowchart of a template file with values of parameters; `most` None draws every resource."""
    source = read_source(name)
    pins = Pins({key: (value,) for key, value in values.items()})
    expanded, unexpanded = expand(template_of(source, parse(source)), pins)
    stack = Stack(expanded, pins, unexpanded)
    surroundings = Surroundings(stack, Scenario())
    found = [surroundings.get(logical_id) for logical_id in stack.template.resources]
    resources = {one.logical_id: one for one in found if one is not None}
    edges = _edges(resources.values())
    shown = set(resources) if most is None else _important(resources, edges, most)
    return _text(resources, shown, edges)


def _edges(resources: Collection[Resource]) -> set[Edge]:
    """Relations with their kind; a mention for each pair of resources that has none."""
    found: set[Edge] = set()
    plain: set[Edge] = set()
    for resource in resources:
        for relation in relations_of(resource):
            if relation.target is not None and relation.kind is not Kind.MENTION:
                ends = (resource.logical_id, relation.target.logical_id)
                start, end = ends[::-1] if relation.kind in _INCOMING else ends
                found.add((start, end, relation.kind.value))
        plain |= {(resource.logical_id, link.target.logical_id, "") for link in links_from(resource)}
    for resource in resources:
        if resource.type in _INTEGRATIONS:
            targets = [link.target for link in links_from(resource)]
            apis = {one.logical_id for one in targets if one.type in _APIS}
            called = {one.logical_id for one in targets if not _SATELLITE.search(one.type)} - apis
            found |= {(api, one, "calls") for api in apis for one in called}
    related = {frozenset(edge[:2]) for edge in found}
    return found | {edge for edge in plain if edge[0] != edge[1] and frozenset(edge[:2]) not in related}


def _important(resources: Mapping[str, Resource], edges: set[Edge], most: int) -> set[str]:
    """Those that are no satellites, the most connected first."""
    degree = Counter(end for edge in edges for end in edge[:2])
    names = [name for name, resource in resources.items() if not _SATELLITE.search(resource.type)]
    return set(sorted(names, key=lambda name: (-degree[name], name))[:most])


def _text(resources: Mapping[str, Resource], shown: set[str], edges: set[Edge]) -> str:
    lines = ["flowchart LR"]
    groups: dict[str, list[Resource]] = {}
    for resource in resources.values():
        groups.setdefault(_service(resource.type), []).append(resource)
    for service, members in sorted(groups.items()):
        drawn = sorted((one for one in members if one.logical_id in shown), key=lambda one: one.logical_id)
        if drawn:
            folded = len(members) - len(drawn)
            more = f" (+{folded} not drawn)" if folded else ""
            lines.append(f'  subgraph group_{service}["{service}{more}"]')
            lines += [f'    r_{one.logical_id}["{one.logical_id}<br/>{_kind(one.type)}"]' for one in drawn]
            lines.append("  end")
    for start, end, label in sorted(edges):
        if start in shown and end in shown:
            arrow = f"-->|{label}|" if label else "-.->"
            lines.append(f"  r_{start} {arrow} r_{end}")
    alone = len(resources) - len(shown)
    lines.append(f"  %% {len(shown)} of {len(resources)} resources are drawn, {alone} are not")
    return "\n".join(lines) + "\n"


def _service(type: str) -> str:
    parts = type.split("::")
    return re.sub(r"\W", "_", parts[1] if len(parts) > 1 else parts[0])


def _kind(type: str) -> str:
    return re.sub(r"\W", " ", type.rsplit("::", maxsplit=1)[-1])
