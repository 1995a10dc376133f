"""How long the rules on IAM take on a folder of templates: `python benchmarks/iam/templates.py FOLDER [--most MS]`.

Each template is judged in this process with all rules and with all but the IAM family, `--runs` times in turn; what
counts is the difference of the least times (milliseconds).
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from infra_checks.core.finding import Effect, Family
from infra_checks.core.rule import Rule
from infra_checks.engine import Judgement, by_type, judge
from infra_checks.errors import PlacedError
from infra_checks.evaluate.stack import Pins, Stack
from infra_checks.evaluate.transforms import expand
from infra_checks.packs.select import Chosen
from infra_checks.rules import catalogue
from infra_checks.template.discover import load_all
from infra_checks.template.model import Template

PINS = Pins()

Rules = dict[str, tuple[Chosen, ...]]


def chosen(rules: Sequence[Rule]) -> Rules:
    """Rules as a pack without options has them."""
    return by_type(
        [
            Chosen(
                rule=rule,
                effect=Effect.BLOCK,
                severity=rule.severity,
                options=dict(rule.options),
                undecided=Effect.WARN,
            )
            for rule in rules
        ]
    )


def milliseconds(template: Template, rules: Rules) -> float:
    """The time of one judgement."""
    started = time.perf_counter()
    expanded, unexpanded = expand(template, PINS)
    for _ in judge(Stack(expanded, PINS, unexpanded), rules, Judgement(label=template.name)):
        pass
    return (time.perf_counter() - started) * 1000


def difference(
    template: Template, rules: dict[str, tuple[Chosen, ...]], *, others: dict[str, tuple[Chosen, ...]], runs: int
) -> float:
    """What the rules that `others` lacks add."""
    pairs = [(milliseconds(template, rules), milliseconds(template, others)) for _ in range(runs)]
    return max(0.0, min(each for each, _ in pairs) - min(each for _, each in pairs))


def main() -> int:
    """Print median and longest; exit 1 when a template takes longer than `--most`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--most", type=float, default=500)
    given = parser.parse_args()
    gc.set_threshold(100_000, 50, 100)  # as the command does
    everything = chosen(catalogue())
    others = chosen([rule for rule in catalogue() if rule.family is not Family.IAM])
    times: dict[str, float] = {}
    for template in load_all([str(given.folder)]):
        if not isinstance(template, Template):
            continue
        try:
            times[template.name] = difference(template, everything, others=others, runs=given.runs)
        except PlacedError as error:
            sys.stderr.write(f"{error}\n")
    longest = sorted(times, key=times.__getitem__, reverse=True)
    sys.stdout.writelines(f"{times[name]:8.1f} ms  {Path(name).name}\n" for name in longest[:10])
    sys.stdout.write(f"median {median(times.values()):.1f} ms of {len(times)} templates\n")
    return int(times[longest[0]] > given.most)


if __name__ == "__main__":
    sys.exit(main())
