"""What an expression evaluates to: Known, Unknown or Absent; never a sentinel, never a guess.

Each value carries the node it was read from, the path at which the resource has it, and notes that say
how it came about ("default of parameter X", "condition IsProd is false").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from infra_checks.template.nodes import Node

T_co = TypeVar("T_co", covariant=True)

Path = tuple[str | int, ...]


class Symbol(NamedTuple):
    """Something that only the deployed stack knows, with an identity of its own.

    kind       name
    reference  (logical id, attribute or "Ref")
    pseudo     ("AWS::Region",)
    zone       (region text, index): an Availability Zone of Fn::GetAZs
    parameter  (parameter name,)
    import     (export name,)
    dynamic    (service, reference): a dynamic reference such as {{resolve:secretsmanager:...}}
    call       (canonical text of the expression,)
    """

    kind: str
    name: tuple[str | int, ...]

    def __str__(self) -> str:
        return ".".join(str(part) for part in self.name)


@dataclass(frozen=True, slots=True)
class Known(Generic[T_co]):
    """A value that is the same in every deployment of this scenario.

    `value` is str, int, float, bool, a View for a mapping, or a tuple of Views for a list.
    """

    value: T_co
    node: Node | None = None
    path: Path = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that is there, or may be, but cannot be told before deployment.

    `parts` is what is known of its text: literal pieces and symbols in order, empty when nothing is.
    `present` is true when the property surely gets a non-empty value (a reference to a resource, an
    import), false when even that is open (a parameter that may be empty, a macro).
    """

    reason: str
    node: Node | None = None
    path: Path = ()
    notes: tuple[str, ...] = ()
    parts: tuple[str | Symbol, ...] = ()
    present: bool = False

    @property
    def symbol(self) -> Symbol | None:
        """The symbol, when the value is exactly one."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Symbol):
            return self.parts[0]
        return None

    @property
    def is_dynamic_reference(self) -> bool:
        """Whether the value comes from Secrets Manager or Systems Manager at deployment."""
        return any(isinstance(part, Symbol) and part.kind == "dynamic" for part in self.parts)


@dataclass(frozen=True, slots=True)
class Absent:
    """Nothing is given; `node` is the nearest parent that exists, `path` where the value would stand."""

    node: Node | None = None
    path: Path = ()
    notes: tuple[str, ...] = ()


Value = Known[T_co] | Unknown | Absent
