"""The policies that the resources of a stack carry, each read once, with what they are about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from infra_checks.access.composed import composed, statements_of_sam
from infra_checks.access.documents import Placed, placed
from infra_checks.access.table import ACCOUNT, CARRIERS, EACH, ITSELF, Carrier, Form
from infra_checks.core.resource import Resource
from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.evaluate.view import View
from infra_checks.iam.document import Opaque
from infra_checks.iam.model import Policy, PolicyType
from infra_checks.iam.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.evaluate.stack import Stack
    from infra_checks.evaluate.values import Value
    from infra_checks.iam.document import Document, Path

_ORGANIZATION: Final = {
    "SERVICE_CONTROL_POLICY": PolicyType.SCP,
    "RESOURCE_CONTROL_POLICY": PolicyType.RCP,
}
"""Types of an AWS::Organizations::Policy that are in the IAM policy language; others are of their own kind."""

_SAM: Final = ("Policies", EACH)
"""Where AWS SAM takes documents beside names; AWS: "AWS::Serverless::Function" of the SAM reference."""


@dataclass(frozen=True, eq=False)
class Carried:
    """A policy that a resource carries, in one scenario.

    `holder` is the resource, `value` where the document stands (of one put together from properties: the resource's
    properties), `type` the kind of policy, `carrier` the row of the table.
    """

    holder: Resource
    carrier: Carrier
    type: PolicyType
    value: Value[object]

    @property
    def service(self) -> str:
        """The prefix of the actions that it is for; "" for any."""
        return self.carrier.service

    @property
    def policy(self) -> Policy:
        """What the document says; its `origin` is this. Reading it evaluates all of the document."""
        return self._read[1]

    @property
    def placed(self) -> Placed:
        """The document before it is parsed, and where its parts stand."""
        return self._read[0]

    def at(self, path: Path) -> Value[object]:
        """The value that stands at a path of the policy: for verdicts."""
        return self.placed.at(path)

    def as_type(self, type: PolicyType) -> Policy:
        """The policy read as another kind: a managed policy that is a boundary."""
        return self.policy if type is self.type else parse(self.placed.document, type, origin=self)

    @cached_property
    def about(self) -> tuple[Resource | Unknown | Absent | None, ...]:
        """The resources that it is about, as `Resource.target` tells them; nothing where it is about the account."""
        if self.carrier.about is ACCOUNT:
            return ()
        if self.carrier.about == ITSELF:
            return (self.holder,)
        values = (value for name in self.carrier.about for value in listed_values(self.holder, name))
        return tuple(self.holder.stack.target_of(value) for value in values if not isinstance(value, Absent))

    @cached_property
    def _read(self) -> tuple[Placed, Policy]:
        document, policy = _read_once(self)
        return document, replace(policy, origin=self)


def policies_of(resource: Resource, *types: PolicyType) -> Iterator[Carried]:
    """The policies that a resource carries (of the types, if given), in the order of the template reference.

    None is read before it is asked for. Where a property that may hold policies is not known, there is one policy of
    which nothing is known.
    """
    for carrier in CARRIERS.get(resource.type, ()):
        if not types or carrier.type is None or carrier.type in types:
            for carried in _carried(resource, carrier):
                if not types or carried.type in types:
                    yield carried


def listed_values(view: View, *path: str) -> Iterator[Value[object]]:
    """The values at a path: a list's elements, or the one that stands there instead."""
    listed = view.listed(*path)
    match listed:
        case Known(items):
            yield from (item.value() for item in items)
        case Unknown() | Absent():
            yield listed


def _carried(resource: Resource, carrier: Carrier) -> Iterator[Carried]:
    kind = carrier.type or _type_in_organization(resource)
    if kind is None:
        return
    for value in values_at(resource, carrier.path):
        match value:
            case Absent():
                continue
            case Known() if carrier.path == _SAM and not _is_document(value.value):
                continue  # the name or ARN of a managed policy, or a policy template
            case Known() | Unknown():
                yield Carried(resource, carrier, kind, value)


def _is_document(value: object) -> bool:
    return isinstance(value, View) and not isinstance(value.value("Statement"), Absent)


def _type_in_organization(resource: Resource) -> PolicyType | None:
    kind = resource.text("Type")
    match kind:
        case Known(text):
            return _ORGANIZATION.get(text)
        case Unknown():
            return PolicyType.SCP  # as most are
        case Absent():
            return None


def values_at(view: View, path: tuple[str, ...]) -> Iterator[Value[object]]:
    """The values at a path with EACH for every element; what is not known on the way is one of them."""
    if EACH not in path:
        yield view.value(*path)
        return
    index = path.index(EACH)
    rest = path[index + 1 :]
    for value in listed_values(view, *path[:index]):
        match value:
            case Known(View() as element) if rest:
                yield from values_at(element, rest)
            case Known() | Unknown() | Absent():
                yield value


_Read = tuple[Placed, Policy]

_OF_STACK: Final[WeakKeyDictionary[Stack, dict[object, tuple[Document, Policy]]]] = WeakKeyDictionary()
"""Documents without their values, which would keep the stack alive."""


def _read_once(carried: Carried) -> _Read:
    """The document and its policy.

    Within a scenario both are kept. A document that reading did not split is the same wherever the same is decided, and
    one that asked nothing is the same everywhere.
    """
    holder, value, scenario = carried.holder, carried.value, carried.holder.evaluator.scenario
    key = (holder.logical_id, carried.carrier, carried.type, value.path, value.node)
    here = holder.stack.kept
    if key not in here:
        decided = frozenset(scenario.taken.items())
        everywhere = _OF_STACK.setdefault(holder.evaluator.stack, {})
        found = everywhere.get(key) or everywhere.get((key, decided))
        if found is not None:
            here[key] = Placed(found[0], value), found[1]
        else:
            asked = scenario.asked
            read = _placed(carried)
            here[key] = read, parse(read.document, carried.type)
            if read.value is value and not read.parts and frozenset(scenario.taken.items()) == decided:
                everywhere[key if scenario.asked == asked else (key, decided)] = read.document, here[key][1]
    known: _Read = here[key]
    return known


def _placed(carried: Carried) -> Placed:
    holder, value = carried.holder, carried.value
    if carried.carrier.form is Form.PROPERTIES:
        return composed(holder)
    if carried.carrier.form is Form.SAM:
        return statements_of_sam(holder, value)
    if carried.carrier.type is None and isinstance(holder.text("Type"), Unknown):
        return Placed(Opaque("whether it is a service control policy is not known"), value)
    return placed(holder, value)
