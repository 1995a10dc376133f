"""Whether a name is that of a resource, and whether an ARN is that of a policy that AWS manages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.access.symbols import reference_to, text_at
from infra_checks.core.resource import PHYSICAL_NAMES, Resource
from infra_checks.evaluate.values import Absent
from infra_checks.iam.text import PARTITION, Symbol, pieces

if TYPE_CHECKING:
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value
    from infra_checks.iam.text import Text

_POLICY: Final = ":iam::aws:policy/"


def names(value: Value[object], resource: Resource) -> Decision:
    """Whether a value is the resource's name: yes, no, or not to be told.

    A name that AWS makes up at deployment is known to nothing that is written before.
    """
    target = resource.stack.target_of(value)
    if isinstance(target, Resource):
        return target == resource
    if isinstance(value, Absent):
        return False
    own = reference_to(resource)
    text = text_at(resource.stack, value)
    if text is not None and text == own:
        return True
    if isinstance(resource.value(PHYSICAL_NAMES.get(resource.type, "")), Absent):
        return False
    if text is None:
        return None
    return None if _may_be_equal(text, own) else False


def _may_be_equal(one: Text, other: Text) -> bool:
    """Whether two texts can be equal for some values of their symbols, as far as their ends tell."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    first, second = pieces(one), pieces(other)
    return _agree(first[0], second[0], forwards=True) and _agree(first[-1], second[-1], forwards=False)


def _agree(one: str | Symbol, other: str | Symbol, *, forwards: bool) -> bool:
    if not (isinstance(one, str) and isinstance(other, str)):
        return True
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared] if forwards else one[len(one) - shared :] == other[len(other) - shared :]


def managed_policy_name(text: Text, *, alone: bool = False) -> str | None:
    """The name in the ARN of a policy that AWS manages, with its path below `policy/`; None for other texts.

    `alone` takes a name without an ARN as well, as AWS SAM does.
    """
    parts = ["aws" if piece == PARTITION else piece for piece in pieces(text)]
    if not all(isinstance(part, str) for part in parts):
        return None
    start, found, name = "".join(map(str, parts)).partition(_POLICY)
    if alone and not found and ":" not in start:
        return start
    return name if found and start.startswith("arn:") else None
