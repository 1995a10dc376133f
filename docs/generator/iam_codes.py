"""The page of the problems that policy documents can have."""

from __future__ import annotations

from typing import Final

from infra_checks.iam.validate.codes import LEFT_OUT, LOWERED
from infra_checks.iam.validate.problems import Level, catalogue
from infra_checks.rules.iam_problem_codes import CODES, ELSEWHERE

GENERATED: Final = "<!-- Written by docs/generate.py of infra_checks.iam.validate.codes; do not edit. -->"
REFERENCE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"


def page() -> str:
    """The codes by level, then those of Access Analyzer that are left out."""
    kinds = sorted(catalogue().values())
    rules = ELSEWHERE | {code: rule for rule, codes in CODES.items() for code in codes}
    own = sum(kind.own for kind in kinds)
    lines = [
        GENERATED,
        "# Problems of policy documents",
        "",
        f"`infra_checks.iam.validate` gives {len(kinds)} codes: {len(kinds) - own} issue codes of",
        f"[IAM Access Analyzer]({REFERENCE})",
        f"and {own} of its own. It needs no account and no network, and says nothing of what a template does not tell.",
        "A rule tells each; a document with the problem and a mended one are in `tests/unit/iam/validate`.",
    ]
    for level in Level:
        lines += ["", f"## {level.value}", "", "| code | rule | what to do |", "|---|---|---|"]
        for kind in kinds:
            if kind.level is level:
                mark = " (own)" if kind.own else ""
                note = f" {LOWERED[kind.name]}" if kind.name in LOWERED else ""
                rule = rules[kind.name]
                lines.append(f"| `{kind.name}`{mark} | [{rule}](rules/{rule}.md) | {kind.remedy}{note} |")
    lines += ["", "## Issue codes that are not given", "", "| code | why |", "|---|---|"]
    lines += [f"| `{name}` | {reason} |" for name, reason in LEFT_OUT.items()]
    return "\n".join(lines) + "\n"
