"""Known ways in which permissions give their holder more than it was given; facts of data/escalation.txt.

A way is complete for a principal that may do all of its steps, each on a resource of the type it names. Ask about a
resource that nothing is called like: what is granted on that is granted on any, a privileged one among them.
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.iam.arns import filled
from infra_checks.iam.text import ACCOUNT, PARTITION, REGION, Symbol, joined, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra_checks.iam.text import Text

_FILE: Final = Path(__file__).with_name("data") / "escalation.txt"
_NO_TARGET: Final = "-"
_STAR: Final[tuple[Symbol]] = (Symbol("*", literal="*"),)
_ATTACHING: Final = frozenset({"iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy"})


class Category(Enum):
    """What the holder becomes."""

    SELF = "self"  # it has more permissions itself: those of the policy it writes, attaches or joins
    OTHER = "other"  # it acts as another user or role
    NEW = "new"  # it runs something new with a role that it passes
    EXISTING = "existing"  # it takes over something that has a role


class Step(NamedTuple):
    """An action, and the resource type of its service that it must be allowed on; "" where it takes none but `*`.

    `services` are those that take the role of iam:PassRole: any one of them.
    """

    action: str
    target: str
    services: tuple[str, ...] = ()


class EscalationPath(NamedTuple):
    """A way: steps that are needed together, all resources of one type being the same one.

    `title` goes on from whoever has the permissions: "invokes a new function with a role of its choice". `sources` are
    the names it has elsewhere, as `catalogue:name`.
    """

    id: str
    title: str
    category: Category
    steps: tuple[Step, ...]
    sources: tuple[str, ...]

    @property
    def actions(self) -> frozenset[str]:
        """The actions of the steps."""
        return frozenset(step.action for step in self.steps)


@cache
def escalation_paths() -> tuple[EscalationPath, ...]:
    """All ways, those with fewer steps first: one with a step more than another adds nothing to it."""
    return tuple(sorted(_read(), key=lambda path: (len(path.steps), path.id)))


def _read() -> Iterator[EscalationPath]:
    head, steps = "", list[Step]()
    for line in _FILE.read_text("ascii").splitlines():
        if line.startswith("#"):
            continue
        words = line.split()
        if not line.startswith(" "):
            head, steps = line, []
        elif words[0] != "=":
            target = "" if words[1] == _NO_TARGET else words[1]
            steps.append(Step(words[0], target, tuple(words[2:])))
        else:
            names, _, title = head.partition(": ")
            name, category = names.split()
            yield EscalationPath(name, title, Category(category), tuple(steps), tuple(words[1:]))


def resource_of(
    step: Step,
    name: str,
    *,
    partition: Text = (PARTITION,),
    region: Text = (REGION,),
    account: Text = (ACCOUNT,),
) -> Text:
    """The resource of a request for the step: the ARN of its target when that is called `name`, or a literal `*`.

    An action without resource-level permissions is granted by `*` only; the text holds it as a character.
    """
    from infra_checks.iam.catalogue.slices import service  # noqa: PLC0415 - reads a file

    found = service(step.action.partition(":")[0])
    target = found.resource_types.get(step.target.lower()) if found and step.target else None
    if target is None:
        return _STAR
    return filled(target.arn, {"Partition": partition, "Region": region, "Account": account}, name)


def contexts(step: Step, *, partition: Text = (PARTITION,)) -> tuple[Mapping[str, tuple[Text, ...]], ...]:
    """The request contexts with any of which the step serves: other keys are the caller's to choose.

    A policy is attached that grants everything; a role is passed to one of the step's services.
    """
    if step.services:
        return tuple({"iam:PassedToService": (service,)} for service in step.services)
    if step.action in _ATTACHING:
        administrator = joined(("arn:", *pieces(partition), ":iam::aws:policy/AdministratorAccess"))
        return ({"iam:PolicyARN": (administrator,)},)
    return ({},)
