"""What the template of a deployed stack says, with the stack's own parameters and physical ids put in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from infra_checks.access.arns import REF
from infra_checks.core.declared import DeclaredResource, declared_resource
from infra_checks.core.resource import Surroundings
from infra_checks.errors import PlacedError
from infra_checks.evaluate.scenario import Scenario
from infra_checks.evaluate.stack import RESOLVED, Pins, Stack
from infra_checks.evaluate.transforms import expand
from infra_checks.live.stacks import Deployed
from infra_checks.template.load import load_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra_checks.live.reading import Plain
    from infra_checks.live.stacks import Place
    from infra_checks.template.model import Template


def deployed(body: str | Mapping[str, Any], pins: Mapping[str, str]) -> Deployed:
    """A template as GetTemplate answers, evaluated with the values of parameters and pseudo parameters.

    What a value that is not known decides is left out. A template that cannot be read has a `problem`.
    """
    text = body if isinstance(body, str) else ""
    try:
        template = load_template("deployed template", (text or json.dumps(body)).encode())
        # A value that CloudFormation hides can be anything; it is not the default.
        values = Pins({name: (value,) for name, value in pins.items()}, assume_any=True)
        expanded, unexpanded = expand(template, values)
        stack = Stack(expanded, values, unexpanded)
        declared = dict(_declared(stack, expanded))
    except PlacedError as error:
        return Deployed(text=text, problem=f"the deployed template cannot be evaluated: {error.message}")
    defaults = {name: each.default for name, each in template.parameters.items() if each.default is not None}
    return Deployed(text=text, declared=declared, defaults=defaults)


def _declared(stack: Stack, template: Template) -> Iterator[tuple[str, DeclaredResource]]:
    for name in template.resources:
        scenario = Scenario()
        resource = Surroundings(stack, scenario).get(name)
        if resource is None:
            continue
        found = declared_resource(resource)
        if not scenario.narrowed:
            yield name, found


def pins_of(stack: Mapping[str, Any], place: Place) -> tuple[dict[str, str], frozenset[str]]:
    """The values of a stack's parameters and pseudo parameters, and the names of the parameters that are hidden.

    AWS: "Parameter" of the CloudFormation API reference: a NoEcho value is shown as asterisks.
    """
    values: dict[str, str] = {}
    hidden = set()
    for parameter in stack.get("Parameters") or ():
        name, value = parameter["ParameterKey"], str(parameter.get("ParameterValue", ""))
        if value and not value.strip("*"):
            hidden.add(name)
            continue
        values[name] = value
        if parameter.get("ResolvedValue"):
            values[name + RESOLVED] = parameter["ResolvedValue"]
    pseudo = {
        "AWS::AccountId": place.account,
        "AWS::Partition": place.partition,
        "AWS::Region": place.region,
        "AWS::StackId": stack["StackId"],
        "AWS::StackName": stack["StackName"],
    }
    return values | pseudo, frozenset(hidden)


def located(value: Plain, names: Mapping[tuple[str, str], str]) -> Plain:
    """Plain data in which `Ref` and `Fn::GetAtt` of a resource are what they give, as far as that is known.

    `names` are by logical id and attribute, `Ref` for the physical id.
    """
    if isinstance(value, list):
        return [located(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"Ref": str(name)} if len(value) == 1 and (name, REF) in names:
            return names[name, REF]
        case {"Fn::GetAtt": [str(name), str(attribute)]} if len(value) == 1 and (name, attribute) in names:
            return names[name, attribute]
        case {"Fn::Join": ["", [*pieces]]} if len(value) == 1:
            found = [located(piece, names) for piece in pieces]
            return "".join(found) if all(isinstance(piece, str) for piece in found) else {"Fn::Join": ["", found]}
        case _:
            return {name: located(child, names) for name, child in value.items()}
