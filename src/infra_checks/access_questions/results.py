"""What the questions about access are answered with, in the shape of IAM Access Analyzer's responses where it has one.

Sources, below https://docs.aws.amazon.com/access-analyzer/latest/APIReference/: API_CheckNoNewAccess.html,
API_CheckAccessNotGranted.html, API_CheckNoPublicAccess.html, API_ReasonSummary.html and API_ValidatePolicy.html.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from infra_checks.iam.answers import Certainty
from infra_checks.iam.text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.iam.model import Request
    from infra_checks.template.source import Span

PASS: Final = "PASS"  # noqa: S105 - no password
FAIL: Final = "FAIL"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file as the user named it, and lines and columns counted from 1, if they are known."""

    file: str
    span: Span | None = None

    def __str__(self) -> str:
        return self.file if self.span is None else f"{self.file}:{self.span.line}:{self.span.column}"

    @property
    def data(self) -> dict[str, object]:
        """As JSON."""
        if self.span is None:
            return {"file": self.file}
        return {"file": self.file, "line": self.span.line, "column": self.span.column}


@dataclass(frozen=True, slots=True)
class Reason:
    """One statement that allows what is asked about, in some scenarios.

    subject     whose access it is: a principal, a resource, or a policy, in words
    certainty   DEFINITE; POSSIBLE, which depends on `symbols` or on what `why` says; or UNKNOWN: it could not be proved
    statement   the statement's Sid, or "", and its index in its policy; None where no statement is meant
    entries     the entries of Action that allow it, where the statement lists several
    witness     a request that is allowed
    when        the scenarios in words, "" for all, and values of parameters that lead to one of them
    """

    subject: str
    certainty: Certainty
    description: str
    place: Place
    statement: tuple[str, int] | None = None
    entries: tuple[str, ...] = ()
    witness: Request | None = None
    symbols: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    when: str = ""
    example: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> dict[str, object]:
        """As JSON: the fields of ReasonSummary and our own."""
        found: dict[str, object] = {"description": self.description}
        if self.statement is not None:
            found["statementIndex"] = self.statement[1]
            if self.statement[0]:
                found["statementId"] = self.statement[0]
        found |= {"subject": self.subject, "certainty": self.certainty.value, "location": self.place.data}
        if self.witness is not None:
            found["witness"] = request_data(self.witness)
        optional = {"actions": [*self.entries], "symbols": [*self.symbols], "values": {**self.values}, "why": self.why}
        found |= {name: value for name, value in optional.items() if value}
        return found | {"scenario": {"when": self.when, "example": {**self.example}}}


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a check: PASS only where it is proved that there is no such access.

    `message` says so in a sentence; `notices` what the answer takes for granted; `examined` counts the principals,
    resources and policies that were looked at.
    """

    message: str
    reasons: tuple[Reason, ...] = ()
    notices: tuple[str, ...] = ()
    examined: int = 0

    @property
    def result(self) -> str:
        """PASS or FAIL; what could not be proved fails."""
        return FAIL if self.reasons else PASS

    @property
    def passed(self) -> bool:
        """Whether it is PASS."""
        return not self.reasons

    @property
    def data(self) -> dict[str, object]:
        """As JSON: `result`, `message` and `reasons` as AWS has them, and our own fields."""
        return {
            "result": self.result,
            "message": self.message,
            "reasons": [reason.data for reason in self.reasons],
            "notices": [*self.notices],
            "examined": self.examined,
        }


def request_data(request: Request) -> dict[str, object]:
    """A request as JSON."""
    found: dict[str, object] = {"action": request.action, "resource": request.resource}
    if request.principal is not None:
        found["principal"] = {request.principal.kind: shown(request.principal.name)}
    return found | {"context": {key: [*values] for key, values in sorted(request.context.items())}}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of `validate_policy`, with AWS's names in `data`.

    `path` leads through the document; `holder` is the resource of a template that has the policy, "" for a file that is
    one.
    """

    code: str
    type: str
    details: str
    remedy: str
    place: Place
    path: tuple[str | int, ...] = ()
    offsets: tuple[int, int] | None = None
    holder: str = ""
    link: str = ""
    when: str = ""

    @property
    def data(self) -> dict[str, object]:
        """As JSON: the fields of ValidatePolicyFinding and our own."""
        path = [{"index": step} if isinstance(step, int) else {"value": step} for step in self.path]
        location: dict[str, object] = {"path": path}
        if self.place.span is not None and self.offsets is not None:
            span = self.place.span
            location["span"] = {
                "start": {"line": span.line, "column": span.column - 1, "offset": self.offsets[0]},
                "end": {"line": span.end_line, "column": span.end_column - 1, "offset": self.offsets[1]},
            }
        return {
            "findingDetails": f"{self.details}. {self.remedy}",
            "findingType": self.type,
            "issueCode": self.code,
            "learnMoreLink": self.link,
            "locations": [location],
            "location": self.place.data,
            "resource": self.holder,
            "scenario": {"when": self.when},
        }
