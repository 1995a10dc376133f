"""What CloudFormation does to a template before it makes resources: loops are unrolled, serverless resources replaced.

AWS: the transform AWS::LanguageExtensions is applied before AWS::Serverless-2016-10-31.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.evaluate import foreach
from infra_checks.template.model import SERVERLESS_TYPE

if TYPE_CHECKING:
    from infra_checks.evaluate.stack import Pins, Unexpanded
    from infra_checks.template.model import Template


def expand(template: Template, pins: Pins) -> tuple[Template, tuple[Unexpanded, ...]]:
    """The template after its transforms, as far as they are known, and the loops whose collection is not."""
    expanded, unexpanded = foreach.expand(template, pins)
    # The resources tell, not the transform: one that is forgotten, or is in the including template, changes nothing.
    if not any(each.type.startswith(SERVERLESS_TYPE) for each in expanded.resources.values()):
        return expanded, unexpanded
    from infra_checks.template.serverless.expansion import expand_serverless  # noqa: PLC0415 - few templates need it

    return expand_serverless(expanded, _values(expanded, pins)), unexpanded


def _values(template: Template, pins: Pins) -> dict[str, str]:
    """The values of parameters: as pinned to one, else the defaults."""
    pinned = {name: values[0] for name, values in pins.values.items() if len(values) == 1}
    defaults = {name: parameter.default for name, parameter in template.parameters.items()}
    return {**{name: value for name, value in defaults.items() if value is not None}, **pinned}
