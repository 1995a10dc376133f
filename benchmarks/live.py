"""Calls and seconds that a live check takes: `python benchmarks/live.py --stack-name shop [--endpoint-url URL]`.

Of a sandbox it measures our work and the sandbox's, of an account ours and the network's. The stack is read and judged
`--times` times; the median counts.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from typing import Any

from infra_checks.live import Access, LiveStack, live_stack
from infra_checks.live_checks import check_live


def main() -> int:
    """Measure, and print the figures as JSON."""
    given = _parser().parse_args()
    access = Access(region=given.region, profile=given.profile, endpoint_url=given.endpoint_url, attempts=6)
    stacks = [live_stack(given.stack_name, access) for _ in range(given.times)]
    judging = [_judged(stack) for stack in stacks]
    json.dump(_figures(stacks, judging), sys.stdout, indent=2)
    print()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stack-name", required=True)
    parser.add_argument("--region")
    parser.add_argument("--profile")
    parser.add_argument("--endpoint-url")
    parser.add_argument("--times", type=int, default=3)
    return parser


def _judged(stack: LiveStack) -> float:
    started = time.perf_counter()
    check_live(stack)
    return time.perf_counter() - started


def _figures(stacks: list[LiveStack], judging: list[float]) -> dict[str, Any]:
    stack = stacks[-1]
    calls = sum(stack.calls.values())
    most = sorted(stack.calls.items(), key=lambda each: (-each[1], each[0]))[:10]
    return {
        "resources": len(stack.resources),
        "not_read": sum(not resource.is_read for resource in stack),
        "calls": calls,
        "calls_per_resource": round(calls / max(1, len(stack.resources)), 2),
        "seconds_to_read": round(statistics.median(each.seconds for each in stacks), 2),
        "seconds_to_judge": round(statistics.median(judging), 2),
        "most_asked": dict(most),
    }


if __name__ == "__main__":
    sys.exit(main())
