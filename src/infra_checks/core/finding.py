"""What a rule has to say of a resource, as data."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Final

from infra_checks.template.source import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.core.waiver import Waiver
    from infra_checks.evaluate.values import Path


NOWHERE: Final = Span(0, 0, 0, 0)
"""The place of a finding on a deployed resource whose template is not known."""


class Severity(IntEnum):
    """How bad it is; the order is that of the numbers."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def label(self) -> str:
        """The name in lower case, as packs and reports write it."""
        return self.name.lower()


class Outcome(StrEnum):
    """What was decided: a violation, nothing (with a reason), a crash, or a violation that is waived."""

    FAIL = "fail"
    UNDECIDED = "undecided"
    ERROR = "error"
    WAIVED = "waived"


class Effect(StrEnum):
    """What a pack makes of a rule's findings."""

    BLOCK = "block"
    WARN = "warn"
    OFF = "off"


class Family(StrEnum):
    """The question a rule belongs to."""

    ENCRYPTION = "encryption"
    IAM = "iam"
    MULTI_AZ = "multi-az"
    TAGGING = "tagging"
    DELETION = "deletion"
    NETWORK = "network"
    OBSERVABILITY = "observability"
    DEPLOYABILITY = "deployability"
    PARAMETERISATION = "parameterisation"
    OTHER = "other"  # what another tool asks; no rule of ours is of this family


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One violation, open question or crash, of one rule on one resource at one place.

    `template` is the file's path as reports show it (relative, with `/`), `span` 1-based.
    `path` is the property path below the resource (`Properties`, ...), `resource` the logical id (empty
    when the template as a whole is meant), `when` the scenario in words (empty: always), `assignment`
    the parameter values that reproduce it, `provenance` how the judged value came about. `evidence` is a digest
    of the judged value (empty when it is missing), `statement` the Sid of the policy statement it stands in,
    `waiver` what hides the finding, or hid it until it ended; `origin` the other tool that found it,
    empty for our own. `secret` is true when the judged value is a secret, whose text stands at the places in
    `hidden`: no report may show it. `construct` is the path of the CDK construct that the resource is of; empty
    when the template names none. Of a deployed resource `arn` is its ARN, or its physical id where that is not known,
    `console` the address at which the AWS console shows it, and `span` NOWHERE unless its template is known.
    """

    rule: str
    family: Family
    severity: Severity
    outcome: Outcome
    effect: Effect
    template: str
    resource: str
    type: str
    path: Path
    span: Span
    message: str
    remedy: str = ""
    when: str = ""
    assignment: Mapping[str, str] = field(default_factory=dict)
    provenance: tuple[str, ...] = ()
    equivalents: tuple[str, ...] = ()
    evidence: str = ""
    statement: str = ""
    waiver: Waiver | None = None
    origin: str = ""
    secret: bool = False
    hidden: tuple[Span, ...] = ()
    construct: str = ""
    arn: str = ""
    console: str = ""

    @property
    def has_line(self) -> bool:
        """Whether it is known where in a template it is."""
        return self.span != NOWHERE

    @property
    def path_text(self) -> str:
        """The path with dots and brackets: `Properties.Tags[0].Key`."""
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
        return text

    @property
    def fingerprint(self) -> str:
        """32 hex digits that stay when lines move: rule, file, resource, path and scenario."""
        identity = f"{self.rule}\n{self.template}\n{self.resource}\n{self.path_text}\n{self.when}"
        return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    @property
    def blocks(self) -> bool:
        """Whether it makes the run fail: a violation or open question of a rule whose effect is block."""
        return self.outcome in {Outcome.FAIL, Outcome.UNDECIDED} and self.effect is Effect.BLOCK

    @property
    def sort_key(self) -> tuple[object, ...]:
        """Order of reports: file, place, rule, then the rest, so that equal input gives equal bytes."""
        return (self.template, self.span, self.rule, self.resource, self.path_text, self.when, self.message)
