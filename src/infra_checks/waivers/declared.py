"""The waivers that a template itself declares, and which of them hold for a resource in a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.closeness import nearest
from infra_checks.core.resource import TEMPLATE
from infra_checks.errors import WaiverError
from infra_checks.evaluate.values import Known
from infra_checks.evaluate.view import View
from infra_checks.template.nodes import Mapping
from infra_checks.waivers.matching import chosen, fits
from infra_checks.waivers.peers import METADATA, items_below, suppressions
from infra_checks.waivers.read import read_waiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Rule, Verdict
    from infra_checks.core.waiver import Waiver
    from infra_checks.template.model import Template
    from infra_checks.template.nodes import Node
    from infra_checks.template.source import Span

OWN: Final = ("infra-checks", "waivers")


class Declared:
    """Reads a template's waivers once; `problems` are those that cannot be read, which hide nothing.

    A waiver of a resource stands in its `Metadata` under `infra-checks`, `waivers`; those of the template's own
    `Metadata` are for findings on the template as a whole.
    """

    def __init__(
        self,
        template: Template,
        *,
        label: str,
        tools: frozenset[str],
        today: date,
        check_rule: Callable[[str], None],
    ) -> None:
        self.problems: list[WaiverError] = []
        self._today = today
        self._label = label
        self._check_rule = check_rule
        self._own: dict[Span, Waiver] = {}
        self._resources: set[str] = set()
        for name, metadata in _metadata(template):
            self._read(name, metadata)
        self._peers = tuple(suppressions(template, label, tools)) if tools else ()
        self._resources |= {waiver.resource for waiver in self._peers}

    @property
    def all(self) -> tuple[Waiver, ...]:
        """Every waiver, whether it ever holds or not."""
        return (*self._own.values(), *self._peers)

    def concerns(self, resource: Resource) -> bool:
        """Whether there is a waiver that may be for findings on a resource."""
        return resource.declaration.written.logical_id in self._resources or "*" in self._resources

    def waive(self, resource: Resource, rule: Rule, verdict: Verdict, evidence: str, statement: str) -> Waiver | None:
        """The waiver of a verdict in a scenario: one that holds rather than one that has ended."""
        names = (rule.id, *rule.aliases, *rule.equivalents)
        present = self._present(resource)
        return chosen((one for one in present if fits(one, names, verdict.path, evidence, statement)), self._today)

    def _read(self, name: str, metadata: Node) -> None:
        for own in items_below(metadata, OWN[:1]):
            for key in own.keys.values() if isinstance(own, Mapping) else ():
                if key.text not in OWN[1:]:
                    message = f"metadata of infra-checks has no key {key.text!r}{nearest(key.text, OWN[1:])}"
                    self.problems.append(WaiverError(message, file=self._label, span=key.span))
        for item in items_below(metadata, OWN):
            try:
                waiver = read_waiver(item, self._label, self._check_rule, origin="metadata")
            except WaiverError as error:
                self.problems.append(error)
            else:
                self._own[item.span] = waiver
                self._resources.add(name)

    def _present(self, resource: Resource) -> Iterator[Waiver]:
        """The waivers whose items stand in the resource's metadata in its scenario, and those of comments."""
        if self._own:
            spans = set(_spans(resource, OWN))
            yield from (waiver for span, waiver in self._own.items() if span in spans)
        for waiver in self._peers:
            if waiver.resource in {"*", resource.declaration.written.logical_id} and _is_present(waiver, resource):
                yield waiver


def _is_present(waiver: Waiver, resource: Resource) -> bool:
    """Whether another tool's suppression stands in a resource's metadata; comments and the template's always do."""
    always = waiver.resource == "*" or waiver.is_comment
    return always or waiver.span in set(_spans(resource, METADATA[waiver.origin].path))


def _metadata(template: Template) -> Iterator[tuple[str, Node]]:
    root = template.root.get("Metadata")
    if root is not None:
        yield "", root
    for declaration in template.resources.values():
        node = declaration.node.get("Metadata")
        if node is not None:
            yield declaration.logical_id, node


def _spans(resource: Resource, path: tuple[str, ...]) -> Iterator[Span]:
    """The places of the items of a list in a resource's metadata, in its scenario."""
    is_template = resource.type == TEMPLATE
    found = resource.value("Metadata", *path) if is_template else resource.attribute("Metadata", *path)
    if isinstance(found, Known) and isinstance(found.value, tuple):
        for item in found.value:
            value = item.value() if isinstance(item, View) else found
            if isinstance(value, Known) and value.node is not None:
                yield value.node.span
