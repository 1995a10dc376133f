"""Checks every policy that AWS manages: `python benchmarks/iam/managed.py [--write]`.

Most of them are right, so that each kind of ERROR and SECURITY_WARNING among them has to be explained; what is found
is in managed.md. The documents are those of moto (the extra `sandbox`), read from AWS by its authors.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "src"))

from infra_checks.iam.model import PolicyType  # noqa: E402 - found from any folder
from infra_checks.iam.validate import Level, validate  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra_checks.iam.document import Document

PAGE: Final = Path(__file__).with_name("managed.md")

JUDGED: Final = {
    "INVALID_ARN_RESOURCE": (
        "right: `statemachine` for `stateMachine`, `vpcconnection` for `vpcConnection`, `vpc-endpoint:` for "
        "`vpc-endpoint/`, `::config-rule` for `:config-rule` and the like; these entries match nothing"
    ),
    "MISSING_ARN_ACCOUNT": "right: `arn:aws:kms:*::*`; every KMS ARN has an account",
    "MISSING_QUALIFIER": (
        "as the reference has it: events:detail-type is an ArrayOfString; AWS names a policy of its own with the same"
    ),
    "FORALLVALUES_WITH_SINGLE_VALUED_KEY": "right: codestar-connections:ProviderAction has one value",
    "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE": "right: policies for administrators; AWS lists two of them itself",
    "PASS_ROLE_WITH_STAR_IN_RESOURCE": "right: iam:PassRole on `*` without a condition; AWS names four of the policies",
    "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS": "right: five of the policies are those that AWS names",
}
"""What was found by looking at every kind of ERROR and SECURITY_WARNING."""


def documents() -> dict[str, Document]:
    """The documents by the name of their policy."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data  # noqa: PLC0415 - one of the extras

    return {name: policy["Document"] for name, policy in json.loads(aws_managed_policies_data).items()}


def page(policies: dict[str, Document]) -> tuple[str, float]:
    """The table of what is found, and the seconds it took."""
    counts: Counter[tuple[Level, str]] = Counter()
    having: dict[str, set[str]] = defaultdict(set)
    start = time.perf_counter()
    for name, document in policies.items():
        for one in validate(document, PolicyType.IDENTITY):
            counts[one.level, one.code] += 1
            having[one.code].add(name)
    took = time.perf_counter() - start
    order = [*Level]
    lines = [
        "# Policies that AWS manages",
        "",
        f"{len(policies):,} documents, checked by `python benchmarks/iam/managed.py --write`.",
        "",
        "| level | code | problems | policies | of the errors and security warnings |",
        "|---|---|---|---|---|",
    ]
    for (level, code), count in sorted(counts.items(), key=lambda one: (order.index(one[0][0]), one[0][1])):
        lines.append(f"| {level.value} | {code} | {count} | {len(having[code])} | {JUDGED.get(code, '')} |")
    return "\n".join(lines) + "\n", took


def main(arguments: Sequence[str] | None = None) -> int:
    """Print or write the table; 1 when a kind of error is new."""
    parser = argparse.ArgumentParser(description="Checks every policy that AWS manages.")
    parser.add_argument("--write", action="store_true", help="write managed.md")
    options = parser.parse_args(arguments)
    text, took = page(documents())
    if options.write:
        PAGE.write_text(text, "utf-8")
    else:
        print(text)
    print(f"{took:.1f} s", file=sys.stderr)
    new = [line for line in text.splitlines() if line.startswith(("| ERROR", "| SECURITY")) and line.endswith("|  |")]
    for line in new:
        print(f"not looked at yet: {line}", file=sys.stderr)
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
