"""What benchmarks/parity.py tells: lines for people, and parity.md with every rule."""

from __future__ import annotations

from collections import Counter, defaultdict
from textwrap import fill
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from benchmarks.parity import Compared, Result

_OUTCOMES: Final = ("pass", "fail")
_MOST_REASONS: Final = 3
_WIDTH: Final = 120


def lines(result: Result) -> Iterator[str]:
    """The lines to print; the last one is the summary."""
    yield from _left_out(result)
    for reason, count in sorted(Counter(map(result.reason, _differing(result))).items()):
        if reason:
            yield f"explained: {count} ({reason})"
    for one in result.unexplained:
        yield f"{one.template} on the template, {one.live} deployed: {one.rule}: {one.case}"
        yield from (f"    {line}" for line in one.why)
    for one in result.outdated:
        how = "was not deployed" if not one.live else "agrees" if one.agrees else f"differs because {one.silent}"
        yield f"is listed as a difference and {how}: {one.rule}: {one.case}" + f" ({one.left_out})" * bool(one.left_out)
    yield _summary(result)


def _left_out(result: Result) -> Iterator[str]:
    for reason, count in sorted(Counter(one.left_out for one in result.cases if not one.live).items()):
        yield f"left out: {count} ({reason})"


def _differing(result: Result) -> list[Compared]:
    return [one for one in result.compared if not one.agrees]


def _summary(result: Result) -> str:
    differing = _differing(result)
    undecided = sum(one.live == "undecided" for one in differing)
    explained = len(differing) - len(result.unexplained)
    return (
        f"{len(result.compared) - len(differing)} of {len(result.compared)} cases agree, {undecided} are undecided "
        f"when deployed, {len(differing) - undecided} disagree; {explained} of these are explained"
    )


def document(result: Result, every: Collection[str]) -> str:
    """parity.md: each of the rules `every` once."""
    by_rule: dict[str, list[Compared]] = defaultdict(list)
    for one in result.cases:
        by_rule[one.rule].append(one)
    kinds: dict[str, list[str]] = defaultdict(list)
    for rule, cases in sorted(by_rule.items()):
        kinds[_kind(result, cases)].append(_told(rule, cases))
    kinds[_ELSEWHERE] = [f"`{rule}`" for rule in sorted(set(every) - by_rule.keys())]
    text = [_HEAD, _summary(result) + ".", "", "| rules | |", "|---|---|"]
    text += [f"| {len(kinds[kind])} | {kind} |" for kind in _KINDS]
    text += [f"| {sum(map(len, kinds.values()))} | together |", "", *_reasons(result)]
    for kind in _KINDS:
        text += ["", f"## {len(kinds[kind])} {kind}", "", *_listed(kinds[kind])]
    return "\n".join(text) + "\n"


_HEAD: Final = """# Verdicts on templates and on what they deploy

Written by `python benchmarks/parity.py --jobs 2 --write`; [docs/live.md](../docs/live.md) says what it proves.
"""
_BOTH: Final = "compared with passing and failing cases"
_PASSING: Final = "compared with passing cases only"
_FAILING: Final = "compared with failing cases only"
_NEVER: Final = "deployed and always undecided there, because Cloud Control cannot read the type and no reader does"
_NO_API: Final = "deployed and not read there, because the sandbox has no API of the type; its reader is tested apart"
_NONE: Final = "not compared"
_ELSEWHERE: Final = "left out of every live run: how a template is written, and what AWS would refuse to deploy"
_KINDS: Final = (_BOTH, _PASSING, _FAILING, _NEVER, _NO_API, _NONE, _ELSEWHERE)


def _kind(result: Result, cases: list[Compared]) -> str:
    compared = [one for one in cases if one.live]
    for kind, reason in ((_NEVER, "Cloud Control cannot read"), (_NO_API, "the sandbox has no API of")):
        if compared and all(_differs_for(result, one, reason) for one in compared):
            return kind
    match [outcome for outcome in _OUTCOMES if any(one.template == outcome for one in compared)]:
        case ["pass", "fail"]:
            return _BOTH
        case ["pass"]:
            return _PASSING
        case ["fail"]:
            return _FAILING
        case _:
            return _NONE


def _differs_for(result: Result, one: Compared, reason: str) -> bool:
    return not one.agrees and result.reason(one).startswith(reason)


def _told(rule: str, cases: list[Compared]) -> str:
    """A rule, and why its passing or failing cases were not deployed where none was."""
    missing = [each for each in _OUTCOMES if not any(one.live and one.template == each for one in cases)]
    reasons: Counter[str] = Counter()
    for outcome in missing:
        own = [one.left_out for one in cases if one.template == outcome]
        reasons.update(own or [f"it has no case with {outcome}"])
    told = "; ".join(f"{reason} ({count})" for reason, count in reasons.most_common(_MOST_REASONS))
    return f"`{rule}`" + (f": {told}" if told else "")


def _listed(rules: list[str]) -> Iterable[str]:
    plain = [each for each in rules if ": " not in each]
    if plain:
        yield fill(", ".join(plain), _WIDTH, break_on_hyphens=False, break_long_words=False)
    if plain and len(plain) < len(rules):
        yield ""
    yield from (f"- {each}" for each in rules if ": " in each)


def _reasons(result: Result) -> Iterator[str]:
    yield "## Differences by reason"
    yield ""
    yield "| cases | template | deployed | reason |"
    yield "|---|---|---|---|"
    counted = Counter((result.reason(one) or "not explained", one.template, one.live) for one in _differing(result))
    for (reason, template, live), count in sorted(counted.items()):
        yield f"| {count} | {template} | {live} | {reason} |"
