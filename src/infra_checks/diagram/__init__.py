"""A template as a Mermaid flowchart: what there is, where in the network, and what connects it.

Drawn is one scenario: of parameters that are not given, their default or first allowed value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.core.resource import Surroundings
from infra_checks.diagram.graph import graph_of
from infra_checks.diagram.mermaid import flowchart
from infra_checks.errors import ConfigError
from infra_checks.evaluate.constraints import check_pins
from infra_checks.evaluate.foreach import expand
from infra_checks.evaluate.scenario import Scenario
from infra_checks.evaluate.stack import Pins, Stack
from infra_checks.template.load import parse, read_source, template_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.template.model import Template

__all__ = ["draw"]


def draw(name: str, values: Mapping[str, str], *, is_whole: bool = False) -> str:
    """The flowchart of a template file with values of parameters; `is_whole` draws each resource by itself.

    Raises TemplateError for what cannot be read, ParameterError or ConfigError for values that the template does not
    take.
    """
    source = read_source(name)
    template = template_of(source, parse(source))
    _check(template, values)
    chosen = {key: each.default or next(iter(each.allowed), None) for key, each in template.parameters.items()}
    pins = Pins({key: (value,) for key, value in {**chosen, **values}.items() if value is not None})
    expanded, unexpanded = expand(template, pins)
    surroundings = Surroundings(Stack(expanded, pins, unexpanded), Scenario())
    found = {logical_id: surroundings.get(logical_id) for logical_id in expanded.resources}
    resources = {key: one for key, one in found.items() if one is not None}
    absent = sorted(key for key, one in found.items() if one is None)
    graph = graph_of(resources, is_whole=is_whole)
    return flowchart(graph, total=len(resources), absent=absent, has_list=not is_whole)


def _check(template: Template, values: Mapping[str, str]) -> None:
    """Raise for what would leave something out of the diagram, or draw what cannot be."""
    for problem in (*template.problems, *check_pins(template, values)):
        raise problem
    unknown = sorted(set(values) - set(template.parameters))
    if unknown:
        raise ConfigError(f"{template.name}: has no parameter {unknown[0]}")
