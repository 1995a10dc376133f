"""cfn-lint: its command line and its JSON report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from infra_checks.core.finding import Severity
from infra_checks.template.source import Span
from infra_checks.tools.process import Ran, Tool
from infra_checks.tools.told import Failure, Outcome, Told

if TYPE_CHECKING:
    from collections.abc import Sequence

_SEVERITIES: Final = {"Error": Severity.HIGH, "Warning": Severity.LOW, "Informational": Severity.INFO}
_UNREADABLE: Final = ("E0000", "E0002")
"""cfn-lint: E0000 is a file it cannot parse, E0002 a rule of its own that raised."""


def _arguments(files: Sequence[str]) -> list[str]:
    return ["--format", "json", "--non-zero-exit-code", "none", "--", *files]


def _read(ran: Ran, _files: Sequence[str]) -> Outcome:
    document = json.loads(ran.out or ("[]" if ran.code == 0 else ""))
    if not isinstance(document, list):
        raise ValueError("not cfn-lint's report")  # noqa: TRY004 - as for a text that is no JSON
    outcome = Outcome()
    for match in document:
        rule = match["Rule"]["Id"]
        if rule in _UNREADABLE:
            outcome.failures.append(Failure(match["Filename"], f"cfn-lint {rule}: {match['Message']}"))
        else:
            outcome.told.append(_told(match, rule))
    return outcome


def _told(match: dict[str, Any], rule: str) -> Told:
    start, end = match["Location"]["Start"], match["Location"]["End"]
    path = match["Location"].get("Path") or []
    is_resource = len(path) > 1 and path[0] == "Resources"
    return Told(
        check=rule,
        message=f"fails cfn-lint's rule: {match['Message']}",
        file=match["Filename"],
        resource=str(path[1]) if is_resource else "",
        path=tuple(path[2:] if is_resource else path),
        span=Span(start["LineNumber"], start["ColumnNumber"], end["LineNumber"], end["ColumnNumber"]),
        severity=_SEVERITIES.get(match["Level"], Severity.MEDIUM),
        source=match["Rule"].get("Source") or "",
    )


CFN_LINT: Final = Tool("cfn-lint", "cfn-lint", _arguments, _read)
