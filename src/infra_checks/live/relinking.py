"""Values that name a resource of the stack become references to it again.

A live policy names a bucket by its ARN where the template had `!GetAtt Bucket.Arn`; rules that ask what belongs
together ask for references. A text becomes one when it is an ARN or an id that AWS made up, wherever it stands. A name
that somebody chose does, alone or in a larger text, where the deployed template has an expression that gives just this
text, in the same property of the same resource: the tag `production` is not the database `production`. So does one in
an ARN that no attribute gives, such as that of a pipeline or of a method of an API. In ARNs the stack's own partition,
region and account become pseudo parameters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.access.arns import REF, form_of
from infra_checks.live.names import names_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as MappingType
    from collections.abc import Sequence as SequenceType

    from infra_checks.live.names import Name
    from infra_checks.live.reading import Plain
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
_Parts = tuple[str | Reference, ...]


Spot = tuple[str, str, str]
"""Where a text stands: its property, the name of the innermost value, and the text itself."""


@dataclass(frozen=True, slots=True)
class Links:
    """The names of all resources of a stack, and what the deployed template has where by logical id."""

    place: Place
    unmistakable: dict[str, Reference]
    arns: re.Pattern[str] | None
    said: dict[str, dict[Spot, Pieces]]

    @classmethod
    def of(cls, stack: LiveStack) -> Links:
        """Those of a stack."""
        names = [name for resource in stack for name in names_of(resource, stack.place) if name.attribute]
        unmistakable: dict[str, Reference] = {}
        own = {each.logical_id for each in stack if form_of(each.type, REF)}
        for name in sorted(names, key=lambda name: _precedence(name, own)):
            if _ARN.match(name.text) or _MADE.fullmatch(name.text):
                unmistakable.setdefault(name.text, Reference(name.logical_id, name.attribute))
        arns = sorted((text for text in unmistakable if _ARN.match(text)), key=lambda text: (-len(text), text))
        pattern = re.compile(f"(?:{'|'.join(map(re.escape, arns))}){_END.pattern}") if arns else None
        texts = {Reference(name.logical_id, name.attribute): name.text for name in names}
        return cls(stack.place, unmistakable, pattern, {each.logical_id: _said(each, texts) for each in stack})

    def pieces(self, text: str, resource: LiveResource, path: SequenceType[str] = ()) -> Pieces:
        """A text at a path of a resource's properties, with references in it; the text alone when it has none."""
        found = self.unmistakable.get(text)
        if found is not None and found.logical_id != resource.logical_id:
            return (found,)
        if text == self.place.account:
            return (Pseudo("AWS::AccountId"),)
        if resource.owner and text == resource.physical_id:
            return (Reference(resource.owner, REF),)
        said = self.said.get(resource.logical_id, {}).get(_spot(path, text), ())
        if _ARN.search(text) is None:
            return said or (text,)
        pieces = tuple(piece for piece in self._within(text, resource) if piece)
        if _refers(said) and not _refers(pieces):
            return tuple(each for piece in said for each in self._whole(piece) if each)
        return pieces

    def _whole(self, piece: Piece) -> Iterator[Piece]:
        """A piece of an expression, in which ARNs may begin."""
        yield from self._owned(piece) if isinstance(piece, str) else (piece,)

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


def _precedence(name: Name, own: set[str]) -> tuple[bool, bool, bool, str, str]:
    """Resources whose type has a form of its own for Ref first: the physical id of others, such as a secret's rotation
    schedule, may be that of what they belong to. Of one resource Ref comes first.
    """
    is_ref = name.attribute == REF
    return (is_ref and name.logical_id not in own, not is_ref, name.attribute != "Arn", name.logical_id, name.attribute)


def _refers(pieces: Pieces) -> bool:
    return any(isinstance(piece, Reference) for piece in pieces)


def _spot(path: SequenceType[str], text: str) -> Spot:
    names = [name for name in path if not name.isdigit()]
    return (path[0], names[-1], text) if names else ("", "", text)


def _said(resource: LiveResource, texts: MappingType[Reference, str]) -> dict[Spot, Pieces]:
    """The expressions of the deployed template, by where they stand and what they give; where it also has that text
    without an expression nothing is told.
    """
    found: dict[Spot, Pieces] = {}
    prefix, separator, _ = resource.logical_id.rpartition("/")
    properties = resource.declared.properties if resource.declared else {}
    for path, pieces in _expressions(properties, (), prefix + separator):
        known = [piece if isinstance(piece, str) else texts.get(piece) for piece in pieces]
        if None in known:
            continue
        spot = _spot(path, "".join(str(each) for each in known))
        found[spot] = pieces if found.get(spot, pieces) == pieces else (spot[2],)
    return found


def _expressions(value: Plain, path: tuple[str, ...], prefix: str) -> Iterator[tuple[tuple[str, ...], _Parts]]:
    match value:
        case str():
            yield path, (value,)
        case {"Ref": str()} | {"Fn::GetAtt": [str(), str()]} if len(value) == 1:
            yield path, (_reference(value, prefix),)
        case {"Fn::Join": ["", [*pieces]]} if len(value) == 1:
            yield path, tuple(piece if isinstance(piece, str) else _reference(piece, prefix) for piece in pieces)
        case dict():
            for name, child in value.items():
                yield from _expressions(child, (*path, str(name)), prefix)
        case list():
            for index, child in enumerate(value):
                yield from _expressions(child, (*path, str(index)), prefix)
        case _:
            return


def _reference(value: Plain, prefix: str) -> Reference:
    """A reference in long form; one to nothing for any other function."""
    match value:
        case {"Ref": str(name)}:
            return Reference(prefix + name, REF)
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return Reference(prefix + name, attribute)
        case _:
            return Reference("", "")
