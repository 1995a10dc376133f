"""From a policy document to the model: lenient, complete about what it leaves out, and never an exception.

One value stands for a list of one wherever AWS takes both. What is not known (`Opaque`, a symbol where a whole element
is wanted) and what AWS would refuse is recorded as `Unread` at its path, so that an answer can say what it did not see.
Element names are read in AWS's own spelling only; operators without regard to case.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from infra_checks.iam.document import Opaque
from infra_checks.iam.model import (
    Condition,
    Effect,
    Pattern,
    Patterns,
    Policy,
    PolicyType,
    Principal,
    Principals,
    Statement,
    Unread,
)
from infra_checks.iam.operators import OPERATORS, Family, spelled
from infra_checks.iam.text import joined, pieces, shown
from infra_checks.iam.variables import VERSION, with_variables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.iam.document import Document, Path
    from infra_checks.iam.text import Text

_SHOWN: Final = 200  # characters of a text that is told

KINDS: Final = ("AWS", "Service", "Federated", "CanonicalUser")

LONGEST: Final = 32_768
"""Characters: no policy is longer, that of a key included, so that no text in one is
(https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html).
"""

_ELEMENTS: Final = frozenset(
    ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition")
)
_NEEDS_PRINCIPAL: Final = (PolicyType.RESOURCE, PolicyType.TRUST, PolicyType.KEY, PolicyType.RCP)
_NEEDS_RESOURCE: Final = (PolicyType.IDENTITY, PolicyType.BOUNDARY, PolicyType.SCP, PolicyType.RCP)
_MAY_HAVE_VARIABLES: Final = (Family.STRING, Family.ARN)


def parse(document: Document, type: PolicyType, *, origin: object = None) -> Policy:
    """The policy in `document`, as far as it is known. Takes any JSON and never raises."""
    if not isinstance(document, dict):
        return Policy(type, (), unread=(Unread(f"the policy {_not(document, 'an object')}", ()),), origin=origin)
    unread: list[Unread] = []
    written = document.get("Version", "")
    version = written if isinstance(written, str) else ""
    if not isinstance(written, str):
        unread.append(Unread(f"Version {_not(written, 'a text')}", ("Version",)))
    statements = []
    for value, path in _items(document.get("Statement"), ("Statement",)):
        if isinstance(value, dict):
            statements.append(_Reader(value, path, type, variables=version == VERSION).statement())
        else:
            unread.append(Unread(f"the statement {_not(value, 'an object')}", path))
    identifier = _text(document.get("Id", ""))
    return Policy(type, tuple(statements), version, identifier or "", tuple(unread), origin)


@dataclass(slots=True)
class _Reader:
    """Reads one statement, and gathers what it has to leave out."""

    element: dict[str, Document]
    path: Path
    type: PolicyType
    variables: bool
    unread: list[Unread] = field(default_factory=list)
    incomplete: bool = False

    def statement(self) -> Statement:
        for name in self.element:
            if name not in _ELEMENTS:
                self._leave_out(f"{name} is no element of a statement", (*self.path, name))
        actions = self._patterns("Action", variables=False)
        resources = self._patterns("Resource", variables=self.variables)
        principals = self._principals()
        self._miss(actions, "Action", needed=True)
        self._miss(resources, "Resource", needed=self.type in _NEEDS_RESOURCE)
        self._miss(principals, "Principal", needed=self.type in _NEEDS_PRINCIPAL)
        return Statement(
            path=self.path,
            sid=_text(self.element.get("Sid")),
            effect=self._effect(),
            actions=actions,
            resources=resources,
            principals=principals,
            conditions=tuple(self._conditions()),
            unread=tuple(self.unread),
            incomplete=self.incomplete,
        )

    def _leave_out(self, reason: str, path: Path) -> None:
        """A whole condition or element that does not count."""
        self.unread.append(Unread(reason, path))
        self.incomplete = True

    def _miss(self, found: Patterns | Principals | None, name: str, *, needed: bool) -> None:
        if found is None and needed:
            self._leave_out(f"the statement has neither {name} nor Not{name}", self.path)

    def _effect(self) -> Effect | None:
        value = self.element.get("Effect")
        path = (*self.path, "Effect")
        if value == Effect.ALLOW.value:
            return Effect.ALLOW
        if value == Effect.DENY.value:
            return Effect.DENY
        if "Effect" not in self.element:
            self.unread.append(Unread("the statement has no Effect", self.path))
        elif isinstance(value, str):
            self.unread.append(Unread(f"Effect is neither Allow nor Deny but {value!r}", path))
        else:
            self.unread.append(Unread(f"Effect {_not(value, 'a text')}", path))
        return None

    def _chosen(self, name: str) -> tuple[str, bool] | None:
        """The element that is there and whether it is the negated one; both is an error, and the plain one counts."""
        plain, negated = name in self.element, f"Not{name}" in self.element
        if plain and negated:
            self._leave_out(f"a statement cannot have both {name} and Not{name}", (*self.path, f"Not{name}"))
        if plain:
            return name, False
        return (f"Not{name}", True) if negated else None

    def _patterns(self, name: str, *, variables: bool) -> Patterns | None:
        chosen = self._chosen(name)
        if chosen is None:
            return None
        element, negated = chosen
        path = (*self.path, element)
        listed, partial = self._texts(self.element[element], path, variables=variables)
        if negated and not listed and not partial:
            self.unread.append(Unread(f"{element} lists nothing", path))
            partial = True  # AWS does not say whether nothing or everything is meant
        return Patterns(listed, negated, path, partial)

    def _texts(self, value: Document, path: Path, *, variables: bool) -> tuple[tuple[Pattern, ...], bool]:
        """The texts of a list, and whether some of its entries are missing."""
        found: list[Pattern] = []
        partial = False
        for item, where in _items(value, path):
            text = _text(item)
            if text is None:
                self.unread.append(Unread(f"{path[-1]} {_not(item, 'a text')}", where))
                partial = True
            else:
                found.append(Pattern(with_variables(pieces(text)) if variables else text, where))
        return tuple(found), partial

    def _principals(self) -> Principals | None:
        chosen = self._chosen("Principal")
        if chosen is None:
            return None
        element, negated = chosen
        path = (*self.path, element)
        value = self.element[element]
        if value == "*":
            return Principals((Principal("*", "*", path),), negated, path)
        if isinstance(value, (str, tuple)):
            # AWS takes no other text than "*"; what is written there is meant as one of the AWS principals.
            return Principals((Principal("AWS", value, path),), negated, path)
        if not isinstance(value, dict):
            self.unread.append(Unread(f'{element} {_not(value, "an object")} and not "*"', path))
            return Principals((), negated, path, partial=True)
        found: list[Principal] = []
        partial = negated and not value
        for kind, names in value.items():
            if kind not in KINDS:
                self.unread.append(Unread(f"{kind} is no kind of principal", (*path, kind)))
                partial = True
                continue
            listed, some_missing = self._texts(names, (*path, kind), variables=False)
            found.extend(Principal(kind, name.text, name.path) for name in listed)
            partial = partial or some_missing
        return Principals(tuple(found), negated, path, partial)

    def _conditions(self) -> Iterator[Condition]:
        if "Condition" not in self.element:
            return
        path: Path = (*self.path, "Condition")
        for written, keys in self._entries(self.element["Condition"], path, "Condition"):
            operator = spelled(written)
            if operator is None:
                self._leave_out(f"{written} is no condition operator", (*path, written))
                continue
            for key, value in self._entries(keys, (*path, written), written):
                where = (*path, written, key)
                family = OPERATORS[operator.operator].family
                values, partial = self._values(value, where, family)
                yield Condition(*operator, key, values, where, partial)

    def _entries(self, value: Document, path: Path, name: str) -> Iterator[tuple[str, Document]]:
        if isinstance(value, dict):
            yield from value.items()
        else:
            self._leave_out(f"{name} {_not(value, 'an object')}", path)

    def _values(self, value: Document, path: Path, family: Family) -> tuple[tuple[Pattern, ...], bool]:
        found: list[Pattern] = []
        partial = False
        for item, where in _items(value, path):
            text = _scalar(item)
            if text is None:
                self.unread.append(Unread(f"a value of {path[-1]} {_not(item, 'a text, number or Boolean')}", where))
                partial = True
            elif self.variables and family in _MAY_HAVE_VARIABLES:
                found.append(Pattern(with_variables(pieces(text)), where))
            elif family in _MAY_HAVE_VARIABLES or isinstance(text, str):
                found.append(Pattern(text, where))
            else:
                self.unread.append(Unread(f"{shown(text)} is compared as {family.value} and not known", where))
                partial = True
        return tuple(found), partial


def _items(value: Document, path: Path) -> Iterator[tuple[Document, Path]]:
    """The members of a list with their paths, or the one value that stands for a list of one."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield item, (*path, index)
    else:
        yield value, path


def _text(value: Document) -> Text | None:
    if isinstance(value, tuple):
        value = joined(value)
    length = (
        sum(len(piece) for piece in pieces(value) if isinstance(piece, str)) if isinstance(value, str | tuple) else 0
    )
    return value if isinstance(value, str | tuple) and length <= LONGEST else None


def _scalar(value: Document) -> Text | None:
    """The text that AWS compares for a condition value, which may be written as a number or a Boolean."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        try:
            return str(value)
        except ValueError:  # an integer of thousands of digits
            return None
    return _text(value)


def _not(value: Document, wanted: str) -> str:
    """Why `value` is not what was wanted, as the rest of a sentence."""
    if isinstance(value, Opaque):
        return f"is not known: {value.reason}"
    if isinstance(value, tuple):
        return f"is not known: {shown(value)[:_SHOWN]}"
    if isinstance(value, str) and len(value) > LONGEST:
        return f"is longer than any policy: {len(value)} characters"
    return f"is not {wanted}" if value is not None else f"is missing or null, not {wanted}"
