"""A document as the checks see it: as it was written, and beside it the model as far as it could be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra_checks.iam.document import Opaque
from infra_checks.iam.parse import parse
from infra_checks.iam.validate.texts import items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.iam.document import Document, Path
    from infra_checks.iam.model import Patterns, PolicyType, Statement


@dataclass(frozen=True, slots=True)
class Part:
    """One statement: `element` as written, `read` as parsed."""

    element: dict[str, Document]
    path: Path
    read: Statement


@dataclass(frozen=True, slots=True)
class Draft:
    """A document. `resource_type` is the CloudFormation type that has the policy, where that is known.

    `whole` is false where statements are not known, so that nothing can be said of what the policy lacks.
    """

    document: dict[str, Document]
    type: PolicyType
    resource_type: str | None
    parts: tuple[Part, ...]
    whole: bool

    @property
    def version(self) -> Document:
        """Version as written; None where there is none."""
        return self.document.get("Version")


def draft(document: dict[str, Document], type: PolicyType, resource_type: str | None) -> Draft:
    """The document with its statements read."""
    read = {statement.path: statement for statement in parse(document, type).statements}
    parts = tuple(Part(value, path, read[path]) for value, path in _statements(document) if isinstance(value, dict))
    whole = not any(isinstance(value, Opaque | tuple) for value, _ in _statements(document))
    return Draft(document, type, resource_type, parts, whole)


def _statements(document: dict[str, Document]) -> Iterator[tuple[Document, Path]]:
    return items(document.get("Statement"), ("Statement",))


def plain(patterns: Patterns | None) -> Patterns | None:
    """Action or Resource, not their opposites."""
    return None if patterns is None or patterns.negated else patterns
