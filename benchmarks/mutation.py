"""Breaks and rewrites every case of every rule: `python benchmarks/mutation.py [--write] [RULE...]`.

What a rule protects is broken in its passing cases, directly and behind conditions, parameters, mappings and loops: it
has to be reported. Every passing and failing case is written in other ways: the verdict has to stay. What comes out
differently is listed in `tests/mutations/survivors.yaml` with a reason.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from infra_checks.rules import catalogue  # noqa: E402 - found from any folder
from tests.mutations import survivors  # noqa: E402 - as above
from tests.mutations.breaking import breaks  # noqa: E402 - as above
from tests.mutations.data import cases  # noqa: E402 - as above
from tests.mutations.preserving import rewritings  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra_checks.core.rule import Rule


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what survives; 1 when something is unexplained or explained for nothing."""
    parser = argparse.ArgumentParser(description="Breaks and rewrites every case of every rule.")
    parser.add_argument("rules", nargs="*", metavar="RULE", help="only these rules")
    parser.add_argument("--write", action="store_true", help="bring the list up to date; new entries lack a reason")
    options = parser.parse_args(arguments)
    rules = [rule for rule in catalogue() if not options.rules or rule.id in options.rules]
    explained = survivors.read()
    start = time.monotonic()
    problems = [*_breaks(rules, explained, write=options.write), *_rewritings(rules, explained)]
    print("\n".join(problems))
    made = sum(1 for rule in rules for _ in breaks(rule))
    written = sum(
        1 for rule in rules for case in cases(rule.id) if case.outcome != "undecided" for _ in rewritings(case)
    )
    listed = len(explained.breaks) + sum(len(one.rules) for one in explained.rewritings)
    print(
        f"{len(rules)} rules, {made} breaks, {written} rewritings, {listed} survivors with a reason, "
        f"{len(problems)} problems, {time.monotonic() - start:.0f} seconds"
    )
    return 1 if problems else 0


def _breaks(rules: Sequence[Rule], explained: survivors.Explained, *, write: bool) -> list[str]:
    names = {rule.id for rule in rules}
    surviving = set().union(*map(survivors.surviving_breaks, rules))
    listed = {one for one in explained.breaks if one.rule in names}
    if write:
        kept = {one: reason for one, reason in explained.breaks.items() if one not in listed - surviving}
        survivors.write({**dict.fromkeys(surviving, ""), **kept}, explained.rewritings)
    lines = [(one, "not reported") for one in surviving - listed] + [(one, "stale") for one in listed - surviving]
    return [f"{one.rule}: {one.where}: {one.change}: {told}" for one, told in sorted(lines)]


def _rewritings(rules: Sequence[Rule], explained: survivors.Explained) -> list[str]:
    problems = []
    for rule in rules:
        excused = [one for one in explained.rewritings if rule.id in one.rules]
        changed = survivors.changed_verdicts(rule)
        problems += [
            f"{rule.id}: {one.case.name}: {one.name}: another verdict"
            for one in changed
            if not any(each.covers(one) for each in excused)
        ]
        problems += [
            f"{rule.id}: stale: {each.reason}" for each in excused if not any(each.covers(one) for one in changed)
        ]
    return problems


if __name__ == "__main__":
    sys.exit(main())
