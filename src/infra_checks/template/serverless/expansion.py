"""A template with serverless resources to one with the resources that AWS makes of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from infra_checks.template.model import SERVERLESS_TYPE, Declaration
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence
from infra_checks.template.serverless.apis import expand_api, expand_http_api
from infra_checks.template.serverless.functions import expand_function
from infra_checks.template.serverless.graphql import expand_graphql_api
from infra_checks.template.serverless.machines import expand_machine
from infra_checks.template.serverless.making import unexpanded
from infra_checks.template.serverless.merging import properties_of
from infra_checks.template.serverless.source import Generated, Source
from infra_checks.template.serverless.tables import expand_application, expand_layer, expand_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping as MappingType

    from infra_checks.template.model import Template
    from infra_checks.template.serverless.event import Event

_WITH_EVENTS: Final = {"Function": expand_function, "StateMachine": expand_machine}
_OTHERS: Final = {
    "Api": expand_api,
    "Application": expand_application,
    "GraphQLApi": expand_graphql_api,
    "HttpApi": expand_http_api,
    "LayerVersion": expand_layer,
    "SimpleTable": expand_table,
}
_SHARED: Final = {"ServerlessHttpApi": "HttpApi", "ServerlessRestApi": "Api"}
_STAGE: Final = "Prod"


def expand_serverless(template: Template, values: MappingType[str, str]) -> Template:
    """The template after the transform, as far as it is known; `values` are those of parameters.

    A resource of a type that is not expanded, or whose properties are not written out, stays as it is.
    """
    generated = Generated(template, values)
    # Functions and state machines first: their events decide what the APIs are.
    for table in (_WITH_EVENTS, _OTHERS):
        for declaration in template.resources.values():
            _expand(declaration, generated, table)
    for api in sorted(generated.shared):
        _expand_shared(api, generated)
    for declaration in template.resources.values():
        generated.resources.setdefault(declaration.logical_id, declaration)
    generated.apply_amendments()
    order = {name: index for index, name in enumerate(template.resources)}
    resources = dict(sorted(generated.resources.items(), key=lambda item: order.get(_written(item[1]), len(order))))
    return replace(template, resources=resources, conditions=generated.conditions, names=generated.names)


def _written(declaration: Declaration) -> str:
    return declaration.written.logical_id


def _expand(
    declaration: Declaration, generated: Generated, table: MappingType[str, Callable[[Source, Generated], None]]
) -> None:
    expand = table.get(declaration.type.removeprefix(SERVERLESS_TYPE))
    if expand is None or not declaration.type.startswith(SERVERLESS_TYPE):
        return
    properties = properties_of(generated.template, declaration)
    if properties is None:
        properties = Mapping({}, {}, declaration.key.start, declaration.key.end)
    if not isinstance(properties, Mapping) or any(name.startswith("Fn::") for name in properties.entries):
        return
    source = Source(declaration, properties)
    expand(source, generated)
    generated.hand_on_tags(source)
    generated.keep_rest(source)


def _expand_shared(api: str, generated: Generated) -> None:
    """Expand the API that SAM makes for events which name none, unless the template declares it itself."""
    if api in generated.template.resources:
        return
    events = generated.shared[api]
    place = events[0].key
    key = Scalar(api, api, place.start, place.end)
    node = _shared_node(api, key, events, generated)
    _expand(Declaration(api, SERVERLESS_TYPE + _SHARED[api], node, key), generated, _OTHERS)


def _shared_node(api: str, key: Scalar, events: list[Event], generated: Generated) -> Mapping:
    properties: dict[str, Node] = {}
    if _SHARED[api] == "Api":
        properties["StageName"] = Scalar(_STAGE, _STAGE, key.start, key.end)
    handing_on = next((given for event in events if (given := event.source.take("PropagateTags"))), None)
    if handing_on is not None:
        properties["Tags"] = unexpanded("SAM hands on the tags of functions to it", handing_on).node
    entries: dict[str, Node] = {"Properties": _mapping(properties, key)}
    condition = _condition(api, events, generated)
    if condition is not None:
        entries["Condition"] = condition
    return _mapping(entries, key)


def _mapping(entries: dict[str, Node], key: Scalar) -> Mapping:
    return Mapping(entries, {name: Scalar(name, name, key.start, key.end) for name in entries}, key.start, key.end)


def _condition(api: str, events: list[Event], generated: Generated) -> Node | None:
    """The condition under which any of some events exists; none when one always does."""
    named = [event.source.declaration.condition for event in events]
    names = list(dict.fromkeys(name for name in named if name is not None))
    if None in named or not names:
        return None
    key = events[0].key
    calls = [Call("Condition", Scalar(name, name, key.start, key.end), key.start, key.end) for name in names]
    if len(calls) == 1:
        return calls[0].argument
    any_of = f"{api}Condition"
    generated.conditions.setdefault(
        any_of, Call("Fn::Or", Sequence(tuple(calls), key.start, key.end), key.start, key.end)
    )
    return Scalar(any_of, any_of, key.start, key.end)
