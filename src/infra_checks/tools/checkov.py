"""checkov: its command line and its JSON report."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from infra_checks.core.finding import Severity
from infra_checks.template.source import Span
from infra_checks.tools.process import Ran, Tool
from infra_checks.tools.told import Failure, Outcome, Told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

POLICIES: Final = "checkov"
"""The folder of our organisation's policies that checkov has no like of."""

RULES: Final = "checkov_rules"
"""The folder by which checkov loads our rules."""

_PACKAGE: Final = Path(__file__).parent.parent
_CRASH: Final = re.compile(r"\[ERROR\s*\]\s+Failed to run check (?P<check>\S+) on (?P<file>\S+?):(?P<resource>\S+)")


def shipped(name: str) -> Path | None:
    """A folder of checks for checkov, in an installed package or a checkout."""
    folders = (_PACKAGE / "policies" / name, _PACKAGE.parent.parent / "policies" / name)
    return next((folder for folder in folders if folder.is_dir()), None)


def _arguments(files: Sequence[str]) -> list[str]:
    own = shipped(POLICIES)
    external = ["--external-checks-dir", str(own)] if own else []
    quiet = ["--output", "json", "--compact", "--skip-download"]
    return ["--framework", "cloudformation", *quiet, *external, "--file", *files]


def _read(ran: Ran, files: Sequence[str]) -> Outcome:
    start = min((at for at in (ran.out.find("{"), ran.out.find("[")) if at >= 0), default=-1)
    if start < 0:
        raise ValueError("no JSON")
    document = json.loads(ran.out[start:])
    outcome = Outcome()
    for part in document if isinstance(document, list) else [document]:
        results = part.get("results")
        if results is None:  # A summary without results: nothing in the files is checked by anything.
            if "checkov_version" not in part:
                raise ValueError("not checkov's report")
            continue
        outcome.told += _told(results["failed_checks"], suppressed=False)
        outcome.told += _told(results.get("skipped_checks", ()), suppressed=True)
        outcome.failures += [Failure(file, "checkov cannot read it") for file in results.get("parsing_errors", ())]
    outcome.failures += _crashes(ran.err, files)
    return outcome


def _told(checks: Sequence[dict[str, Any]], *, suppressed: bool) -> Iterator[Told]:
    for check in checks:
        result = check["check_result"]
        first, last = check["file_line_range"]
        keys = result.get("evaluated_keys") or ()
        reason = result.get("suppress_comment") or "no reason given"
        yield Told(
            check=check["check_id"],
            message=f"fails checkov's check: {check['check_name']}",
            file=check["file_abs_path"],
            resource=str(check["resource"]).rpartition(".")[2],
            path=_path(keys[0]) if keys else (),
            span=Span(max(1, first), 1, max(1, last), 1),
            severity=_severity(check.get("severity")),
            source=check.get("guideline") or "",
            suppressed=reason if suppressed else None,
        )


def _path(key: str) -> tuple[str | int, ...]:
    """`Properties/Rules/[0]/Port` as a property path."""
    parts = [part for part in key.split("/") if part]
    return tuple(int(part.strip("[]")) if part.strip("[]").isdigit() else part for part in parts)


def _severity(word: object) -> Severity:
    """Checkov knows severities only with an account of its vendor."""
    name = str(word).upper()
    return Severity[name] if name in Severity.__members__ else Severity.MEDIUM


def _crashes(err: str, files: Sequence[str]) -> Iterator[Failure]:
    """Checks that raised, which checkov logs and otherwise takes for neither passed nor failed."""
    for check, named, resource in dict.fromkeys(found.groups() for found in _CRASH.finditer(err)):
        file = next((name for name in files if named.endswith(name) or name.endswith(named)), files[0])
        yield Failure(file, f"checkov's check {check} failed on {resource}")


CHECKOV: Final = Tool("checkov", "checkov", _arguments, _read)
