"""Required tags of a pack, as options of the rule that judges them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.packs.schema import ANY_ENVIRONMENT, TagDemand
from infra_checks.template.nodes import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingType

    from infra_checks.core.rule import Option
    from infra_checks.packs.reading import Reader
    from infra_checks.template.nodes import Node

REQUIRED: Final = "required"
PATTERNS: Final = "patterns"


def read_tags(reader: Reader, node: Node | None) -> dict[str, TagDemand]:
    """What a pack demands of each tag."""
    return {key.text: _demand(reader, key, value) for key, value in reader.entries(node, "tags")}


def _demand(reader: Reader, key: Scalar, node: Node) -> TagDemand:
    if not key.text or "=" in key.text:
        reader.fail(f"{key.text!r} is not the key of a tag: it is empty or has a = in it", key.span)
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return TagDemand(required=node.value)
    if isinstance(node, Mapping):
        if not node.entries:
            reader.fail(f"tag {key.text} says nothing; name an environment and the values the tag may have", node.span)
        what = f"tag {key.text} of "
        return TagDemand(patterns={name: _pattern(reader, what + name, value) for name, value in node.entries.items()})
    return TagDemand(patterns={ANY_ENVIRONMENT: _pattern(reader, f"tag {key.text}", node)})


def _pattern(reader: Reader, what: str, node: Node) -> str:
    if not isinstance(node, (Scalar, Sequence)) or (isinstance(node, Scalar) and not isinstance(node.value, str)):
        reader.fail(f"{what} must be true, a regular expression in quotes or a list of values", node.span)
    if isinstance(node, Scalar):
        return reader.pattern(node, what)
    values = [re.escape(item.literal) for item in reader.scalars(node, what)]
    if not values:
        reader.fail(f"{what} has no values", node.span)
    return "|".join(values)


def with_tags(
    options: MappingType[str, Option], tags: MappingType[str, TagDemand], environment: str
) -> dict[str, Option]:
    """The options of the rule with what a pack demands in an environment; what `tags` names goes before options."""
    required, patterns = _texts(options, REQUIRED), _texts(options, PATTERNS)
    kept = [key for key in required if key not in tags]
    expressions = [text for text in patterns if text.partition("=")[0] not in tags]
    for key, demand in tags.items():
        if demand.required:
            kept.append(key)
            pattern = _holding(demand, environment)
            if pattern:
                expressions.append(f"{key}={pattern}")
    return {**options, REQUIRED: tuple(kept), PATTERNS: tuple(expressions)}


def _holding(demand: TagDemand, environment: str) -> str:
    """The pattern of an environment; when none is named, any of those there are."""
    if environment or ANY_ENVIRONMENT in demand.patterns:
        return demand.patterns.get(environment, demand.patterns.get(ANY_ENVIRONMENT, ""))
    return "|".join(f"(?:{pattern})" for pattern in demand.patterns.values())


def _texts(options: MappingType[str, Option], name: str) -> tuple[str, ...]:
    value = options.get(name, ())
    return value if isinstance(value, tuple) else ()
