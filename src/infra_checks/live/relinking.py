"""Values that name a resource of the stack become references to it again.

A live policy names a bucket by its ARN where the template had `!GetAtt Bucket.Arn`; rules that ask what belongs
together ask for references. A text becomes one when it is an ARN or an id that AWS made up, wherever it stands, or a
name that somebody chose, where the deployed template has a reference to that resource in the same resource. In ARNs the
stack's own partition, region and account become pseudo parameters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.access.arns import REF
from infra_checks.live.names import names_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.live.names import Name
    from infra_checks.live.stacks import LiveResource, LiveStack, Place

_ARN: Final = re.compile(r"arn:[a-z-]+:")
_MADE: Final = re.compile(r"https?://\S+|[a-z]+(-[a-z]+)*-[0-9a-f]{8,32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""An id that AWS made up: `subnet-0a1b2c3d`, a UUID, the URL of a queue."""
_END: Final = re.compile(r"(?![\w.+=@-])")
"""Behind an ARN: what cannot be a part of the last name in it."""
_HEAD: Final = re.compile(r"arn:([a-z-]+):([a-z0-9-]*):([a-z0-9-]*):([0-9]*)(?=:)")
"""The first five fields of an ARN."""


class Reference(NamedTuple):
    """A reference to a resource: `Ref`, or an attribute of it."""

    logical_id: str
    attribute: str


class Pseudo(NamedTuple):
    """A pseudo parameter."""

    name: str


Piece = str | Reference | Pseudo
Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Links:
    """The names of all resources of a stack; `chosen` are those that somebody may have chosen."""

    place: Place
    unmistakable: dict[str, Reference]
    chosen: dict[str, tuple[Reference, ...]]
    arns: re.Pattern[str] | None
    mentions: dict[str, frozenset[str]]

    @classmethod
    def of(cls, stack: LiveStack) -> Links:
        """Those of a stack."""
        unmistakable: dict[str, Reference] = {}
        chosen: dict[str, tuple[Reference, ...]] = {}
        names = [name for resource in stack for name in names_of(resource, stack.place) if name.attribute]
        for name in sorted(names, key=_precedence):
            reference = Reference(name.logical_id, name.attribute)
            if _ARN.match(name.text) or _MADE.fullmatch(name.text):
                unmistakable.setdefault(name.text, reference)
            else:
                chosen[name.text] = (*chosen.get(name.text, ()), reference)
        arns = sorted((text for text in unmistakable if _ARN.match(text)), key=lambda text: (-len(text), text))
        pattern = re.compile(f"(?:{'|'.join(map(re.escape, arns))}){_END.pattern}") if arns else None
        return cls(stack.place, unmistakable, chosen, pattern, _mentions(stack))

    def pieces(self, text: str, resource: LiveResource) -> Pieces:
        """A text of a resource, with references in it; the text alone when it has none."""
        found = self.unmistakable.get(text) or self._chosen(text, resource)
        if found is not None and found.logical_id != resource.logical_id:
            return (found,)
        if text == self.place.account:
            return (Pseudo("AWS::AccountId"),)
        if _ARN.search(text) is None:
            return (text,)
        return tuple(piece for piece in self._within(text, resource) if piece)

    def _chosen(self, text: str, resource: LiveResource) -> Reference | None:
        mentioned = self.mentions.get(resource.logical_id, frozenset())
        found = [each for each in self.chosen.get(text, ()) if each.logical_id in mentioned]
        return found[0] if found else None

    def _within(self, text: str, resource: LiveResource) -> Iterator[Piece]:
        end = 0
        for match in self.arns.finditer(text) if self.arns else ():
            reference = self.unmistakable[match[0]]
            if reference.logical_id == resource.logical_id:
                continue
            yield from self._owned(text[end : match.start()])
            yield reference
            end = match.end()
        yield from self._owned(text[end:])

    def _owned(self, text: str) -> Iterator[Piece]:
        """The stack's own partition, region and account in the ARNs of a text as pseudo parameters."""
        end = 0
        for match in _HEAD.finditer(text):
            partition, service, region, account = match.groups()
            pseudo = [
                (partition == self.place.partition, "AWS::Partition", partition),
                (region == self.place.region, "AWS::Region", region),
                (account == self.place.account, "AWS::AccountId", account),
            ]
            # An ARN that is in neither is the same in every stack, such as that of a policy of AWS.
            if not (pseudo[1][0] or pseudo[2][0]):
                continue
            own, own_region, own_account = (Pseudo(name) if is_own else written for is_own, name, written in pseudo)
            yield from (text[end : match.start()] + "arn:", own, f":{service}:", own_region, ":", own_account)
            end = match.end()
        yield text[end:]


def _precedence(name: Name) -> tuple[bool, bool, str, str]:
    """Ref first, but an attribute before the Ref of a resource that is only something of another one."""
    return (name.attribute != REF, name.attribute != "Arn", name.logical_id, name.attribute)


def _mentions(stack: LiveStack) -> dict[str, frozenset[str]]:
    """By logical id the resources that the deployed template has it mention."""
    found = {}
    for resource in stack:
        prefix, _, own = resource.logical_id.rpartition("/")
        template = stack.templates.get(resource.stack_id)
        names = template.mentions.get(own, frozenset()) if template else frozenset()
        found[resource.logical_id] = frozenset(f"{prefix}/{name}" if prefix else name for name in names)
    return found | {name: frozenset((each.owner,)) for name, each in stack.beside.items()}
