"""Whether values given for parameters keep the constraints that a template declares for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.errors import ParameterError
from infra_checks.template.nodes import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra_checks.template.model import Parameter, Template

_NUMBER: Final = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_MOST_SHOWN: Final = 10


def check_pins(template: Template, pins: Mapping[str, str]) -> tuple[ParameterError, ...]:
    """What CloudFormation would refuse of the values given for a template's parameters.

    Each error has the place of the parameter's definition and never shows the value, which may be secret.
    AllowedPattern is not tried: a pattern of the template could take for ever. Names the template does not
    declare are passed over. AWS: "Parameters" of the user guide.
    """
    return tuple(
        ParameterError(f"the value given for parameter {name} {problem}", file=template.name, span=parameter.node.span)
        for name, parameter in template.parameters.items()
        if name in pins
        for problem in _problems(parameter, pins[name])
    )


def _problems(parameter: Parameter, value: str) -> Iterator[str]:
    is_list = parameter.is_list and not parameter.is_ssm  # Of a Systems Manager parameter the name is given.
    items = [item.strip() for item in value.split(",") if value] if is_list else [value]
    if parameter.allowed and not set(items) <= set(parameter.allowed):
        yield f"is not one of its AllowedValues{_listed(parameter)}"
    if parameter.type in {"Number", "List<Number>"}:
        yield from _problems_of_numbers(parameter, items)
    elif not is_list:
        yield from _problems_of_length(parameter, len(value))


def _listed(parameter: Parameter) -> str:
    if parameter.no_echo:
        return ""
    more = ", ..." if len(parameter.allowed) > _MOST_SHOWN else ""
    return f" ({', '.join(parameter.allowed[:_MOST_SHOWN])}{more})"


def _problems_of_numbers(parameter: Parameter, items: list[str]) -> Iterator[str]:
    if not all(map(_NUMBER.fullmatch, items)):
        yield "is not a number"
        return
    least, most = (_limit(parameter, name) for name in ("MinValue", "MaxValue"))
    if least is not None and any(float(item) < least for item in items):
        yield f"is less than its MinValue {least:g}"
    if most is not None and any(float(item) > most for item in items):
        yield f"is more than its MaxValue {most:g}"


def _limit(parameter: Parameter, name: str) -> float | None:
    node = parameter.node.get(name)
    return float(node.text) if isinstance(node, Scalar) and _NUMBER.fullmatch(node.text) else None


def _problems_of_length(parameter: Parameter, length: int) -> Iterator[str]:
    if parameter.min_length is not None and length < parameter.min_length:
        yield f"is shorter than its MinLength {parameter.min_length}"
    if parameter.max_length is not None and length > parameter.max_length:
        yield f"is longer than its MaxLength {parameter.max_length}"
