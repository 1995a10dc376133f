"""A baseline: the findings that a project has today, so that later runs report only new ones."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.core.finding import Finding, Outcome
from infra_checks.errors import BaselineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

SCHEMA_ID: Final = "urn:infra-checks:baseline:1"


class Entry(NamedTuple):
    """All by which a finding is told from any other; lines are not among it, so code may move.

    `path`, `when` and `message` are as reports have them, `evidence` is the digest of the judged value: a finding
    on a value that has changed, such as a policy statement that allows more, is a new one.
    """

    template: str
    resource: str
    rule: str
    path: str
    when: str
    outcome: str
    message: str
    evidence: str


_FIELDS: Final = Entry._fields
_COUNTED: Final = (Outcome.FAIL, Outcome.UNDECIDED)


def entry_of(finding: Finding) -> Entry | None:
    """The entry of a finding; None for what a baseline never holds: failures of rules, and what is waived."""
    if finding.outcome not in _COUNTED:
        return None
    return Entry(
        finding.template,
        finding.resource,
        finding.rule,
        finding.path_text,
        finding.when,
        finding.outcome.value,
        finding.message,
        finding.evidence,
    )


class Baseline:
    """Entries, each with the number of findings that it stands for."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._counts: Counter[Entry] = Counter(entries)
        self._left = self._counts.copy()

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Baseline:
        """The baseline of findings."""
        return cls(entry for entry in map(entry_of, findings) if entry is not None)

    def __len__(self) -> int:
        return self._counts.total()

    def hides(self, finding: Finding) -> bool:
        """Whether a finding is one of the baseline's; each entry hides as many findings as it stands for, once."""
        entry = entry_of(finding)
        if entry is None or not self._left[entry]:
            return False
        self._left[entry] -= 1
        return True

    def gone(self, templates: Iterable[str], rules: Iterable[str]) -> Baseline:
        """Entries that hid nothing although their template was judged, or is no more, by rules that ran."""
        judged, ran = set(templates), set(rules)
        return Baseline(
            entry
            for entry in self._left.elements()
            if entry.rule in ran and (entry.template in judged or not Path(entry.template).exists())
        )

    def without(self, other: Baseline) -> Baseline:
        """The baseline less the entries of another."""
        return Baseline((self._counts - other._counts).elements())

    def lines(self) -> Iterator[str]:
        """Its entries in words, sorted."""
        for entry in sorted(self._counts.elements()):
            yield f"{entry.template}: {entry.resource or 'template'}: {entry.rule}: {entry.message}"

    def text(self) -> str:
        """The file's text: JSON with one line for each entry, so that changes can be reviewed and merged."""
        rows = ",\n".join(
            f"    {json.dumps(dict(zip(_FIELDS, entry, strict=True)))}" for entry in sorted(self._counts.elements())
        )
        body = f"[\n{rows}\n  ]" if rows else "[]"
        return f'{{\n  "$schema": "{SCHEMA_ID}",\n  "findings": {body}\n}}\n'


def read_baseline(path: str) -> Baseline:
    """The baseline in a file; raises BaselineError with what is wrong in it."""
    try:
        document = json.loads(Path(path).read_bytes())
    except OSError as error:
        hint = "; write it with `infra-checks baseline`" if isinstance(error, FileNotFoundError) else ""
        raise BaselineError(f"cannot be read: {error.strerror}{hint}", file=path) from None
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"is not JSON: {error}", file=path) from None
    if not isinstance(document, dict) or document.get("$schema") != SCHEMA_ID:
        raise BaselineError(f"is not a baseline of this version: its $schema must be {SCHEMA_ID}", file=path)
    rows = document.get("findings")
    if not isinstance(rows, list):
        raise BaselineError("has no list of findings", file=path)
    return Baseline(_entry(row, number, path) for number, row in enumerate(rows, 1))


def _entry(row: object, number: int, path: str) -> Entry:
    if not isinstance(row, dict) or set(row) != set(_FIELDS) or not all(isinstance(row[name], str) for name in row):
        raise BaselineError(f"finding {number} must have the texts {', '.join(_FIELDS)} and nothing else", file=path)
    fields: Mapping[str, str] = row
    return Entry(**fields)
