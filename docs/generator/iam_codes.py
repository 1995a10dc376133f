"""The page of the problems that policy documents can have."""

from __future__ import annotations

from typing import Final

from infra_checks.iam.validate.codes import LEFT_OUT, LOWERED
from infra_checks.iam.validate.problems import Level, catalogue

GENERATED: Final = "<!-- Written by docs/generate.py of infra_checks.iam.validate.codes; do not edit. -->"
REFERENCE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"


def page() -> str:
    """The codes by level, then those of Access Analyzer that are left out."""
    kinds = sorted(catalogue().values())
    own = sum(kind.own for kind in kinds)
    lines = [
        GENERATED,
        "# Problems of policy documents",
        "",
        f"`infra_checks.iam.validate` gives {len(kinds)} codes: {len(kinds) - own} issue codes of",
        f"[IAM Access Analyzer]({REFERENCE})",
        f"and {own} of its own. It needs no account and no network, and says nothing of what a template does not tell.",
        "Each code has a document with the problem and a mended one in `tests/unit/iam/validate`.",
    ]
    for level in Level:
        lines += ["", f"## {level.value}", "", "| code | what to do |", "|---|---|"]
        for kind in kinds:
            if kind.level is level:
                mark = " (own)" if kind.own else ""
                note = f" {LOWERED[kind.name]}" if kind.name in LOWERED else ""
                lines.append(f"| `{kind.name}`{mark} | {kind.remedy}{note} |")
    lines += ["", "## Issue codes that are not given", "", "| code | why |", "|---|---|"]
    lines += [f"| `{name}` | {reason} |" for name, reason in LEFT_OUT.items()]
    return "\n".join(lines) + "\n"
