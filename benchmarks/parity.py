"""Compares verdicts on templates with those on what they deploy: `python benchmarks/parity.py [--rule ID] [--jobs N]`.

Each passing and failing case of the rules that `infra-checks live` may judge by is deployed in the sandbox, read back
and judged by its rule, as it does. The template is judged with the values that parameters had, so both verdicts are
on the same. Cases that leave out what a service requires get it from `completions.yaml` where that changes no
verdict. Types that the sandbox cannot make are kept by their provider schemas and read as by Cloud Control; it
refuses other cases, as AWS would. A difference is explained when what no API returns makes it, which is tried, or by
its reason in `parity_differences.yaml`; others are reported with what was said and what could not be read. `--write`
writes `parity.md`, which has each rule.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import yaml
from botocore.exceptions import ClientError

sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks import parity_report
from benchmarks.parity_deploying import Account, completed, values
from benchmarks.parity_silence import why_silent
from infra_checks.api import catalogue
from infra_checks.core.finding import Effect, Finding
from infra_checks.engine import Judgement, by_type, judge
from infra_checks.errors import InfraChecksError
from infra_checks.evaluate.stack import Pins, Stack
from infra_checks.evaluate.transforms import expand
from infra_checks.live.document import document_of
from infra_checks.live_checks import careful, of_templates
from infra_checks.packs.select import Chosen
from infra_checks.sandbox.testing import running_sandbox
from infra_checks.template.load import load_template
from infra_checks.testing import Case, outcome_of, read_cases
from tests.mutations.data import plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from collections.abc import Mapping as Values

    from infra_checks.core.rule import Rule
    from infra_checks.live.stacks import LiveStack
    from infra_checks.template.model import Template

HERE: Final = Path(__file__).resolve().parent
CASES: Final = HERE.parent / "tests" / "cases"
_DIFFERENCES: Final = HERE / "parity_differences.yaml"
_ERROR: Final = re.compile(
    r"An error occurred \((\S+)\) when calling the (\w+) operation(?: \(reached max retries: \d+\))?: "
    r"|Parameter validation failed:"
)
_RANDOM: Final = re.compile(r"-[A-Z0-9]{12}\b|-[a-z0-9]{12}\b|-[0-9a-f]{8,17}\b|\bline \d+: ")
_MOST_LETTERS: Final = 110
UNDECIDED: Final = "undecided"
_MOST_REASONS: Final = 3


@dataclass(frozen=True, slots=True)
class Compared:
    """One case and both verdicts.

    `live` is empty when there is none, and `left_out` says why. `silent` is what no API returns, where that alone makes
    the difference. `why` is what was said, and what could not be read.
    """

    rule: str
    case: str
    template: str
    live: str = ""
    left_out: str = ""
    silent: str = ""
    why: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether both verdicts are the same."""
        return self.live == self.template


@dataclass(slots=True)
class Result:
    """All cases, and the reasons of differences by rule and case, as they are listed."""

    cases: list[Compared] = field(default_factory=list)
    known: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def compared(self) -> list[Compared]:
        """Those with two verdicts."""
        return [one for one in self.cases if one.live]

    def reason(self, one: Compared) -> str:
        """Why a case differs; empty when nobody has explained it."""
        return self.known.get((one.rule, one.case), "") or one.silent

    @property
    def unexplained(self) -> list[Compared]:
        """The differences without a reason."""
        return [one for one in self.compared if not one.agrees and not self.reason(one)]

    @property
    def outdated(self) -> list[Compared]:
        """The cases that agree, or of which it is known that no API returns what makes them differ, and are listed."""
        listed = [one for one in self.cases if (one.rule, one.case) in self.known]
        return [one for one in listed if one.agrees or one.silent or not one.live]


def judged(rule: Rule, template: Template, pins: Values[str, str], case: Case) -> list[Finding]:
    """The findings of one rule under a case's options."""
    given = Pins({name: (value,) for name, value in pins.items()})
    expanded, unexpanded = expand(template, given)
    options = {**rule.options, **case.options}
    chosen = Chosen(rule=rule, effect=Effect.BLOCK, severity=rule.severity, options=options, undecided=Effect.WARN)
    return list(judge(Stack(expanded, given, unexpanded), by_type([chosen]), Judgement(label="case", tags=case.tags)))


def judged_as(rule: Rule, template: Template, pins: Values[str, str], case: Case) -> str:
    """The verdict of one rule."""
    return outcome_of(judged(rule, template, pins, case))


def judged_live(rule: Rule, stack: LiveStack, case: Case) -> list[Finding]:
    """The findings of one rule on a deployed stack, as `infra-checks live` has them."""
    found = judged(rule, document_of(stack), stack.parameters, case)
    if any(each.unread for each in (*stack, *stack.beside.values())):
        other = judged(rule, document_of(stack, as_declared=True), stack.parameters, case)
        found = list(careful(found, other, {}))
    unseen = {name for name, each in stack.beside.items() if not each.is_read}
    return [finding for finding in found if finding.resource not in unseen]


def compare(account: Account, rules: Iterable[Rule], wanted: str = "") -> list[Compared]:
    """Deploy and judge the cases of rules that have resources of types that begin with `wanted`."""
    return [_compare(account, rule, case, wanted) for rule in rules for case in read_cases(CASES / f"{rule.id}.yaml")]


def _compare(account: Account, rule: Rule, case: Case, wanted: str) -> Compared:
    def left_out(reason: str) -> Compared:
        return Compared(rule.id, case.name, case.outcome, left_out=reason)

    if case.outcome == UNDECIDED:
        return left_out("undecided on the template")
    text = case.text or (case.template if isinstance(case.template, str) else json.dumps(case.template))
    try:
        template = load_template("case", text.encode())
    except InfraChecksError:
        return left_out("no template")
    if not any(each.type.startswith(wanted) for each in template.resources.values()):
        return left_out("of other types")
    chosen = [(judged_as(rule, template, each, case), each) for each in values(template, case)]
    decided = sorted((each for each in chosen if each[0] != UNDECIDED), key=lambda each: each[0] != case.outcome)
    if not decided:
        return left_out("undecided on the template")
    expected, given = decided[0]
    stack = _deployed(account, rule, case, _Deciding(template, given, expected))
    if isinstance(stack, str):
        return left_out(_shortened(stack))
    said = judged_live(rule, stack, case)
    live = outcome_of(said)
    if live == expected:
        return Compared(rule.id, case.name, expected, live)
    silent = ""
    if live == UNDECIDED:
        silent = why_silent(stack, lambda told: outcome_of(judged_live(rule, told, case)) == expected)
    why = tuple(f"{finding.outcome}: {finding.resource} {finding.message}" for finding in said)
    return Compared(rule.id, case.name, expected, live, "", silent, (*why[:_MOST_REASONS], *_unread(stack)))


def _shortened(refusal: str) -> str:
    """Why a case cannot be deployed, in few words that are the same each time."""

    def told(error: re.Match[str]) -> str:
        return f"{error[2]}: {error[1]}: " if error[1] else ""

    words = " ".join(_RANDOM.sub("", _ERROR.sub(told, refusal)).split())
    return words if len(words) <= _MOST_LETTERS else f"{words[:_MOST_LETTERS].rpartition(' ')[0]} ..."


class _Deciding(NamedTuple):
    """A template, the parameters under which it is decided, and the verdict."""

    template: Template
    parameters: dict[str, str]
    verdict: str


def _deployed(account: Account, rule: Rule, case: Case, one: _Deciding) -> LiveStack | str:
    """The stack of a case, completed unless that changes the verdict, or why it cannot be made."""
    for text in (completed(one.template, account.completions), json.dumps(plain(one.template.root))):
        try:
            prepared, _, parameters = account.prepared(f"{text}\n{json.dumps(one.parameters)}").partition("\n")
        except ClientError as error:
            return str(error)
        whole, given = load_template("case", prepared.encode()), json.loads(parameters)
        if judged_as(rule, whole, given, case) == one.verdict:
            return account.deploy(prepared, given, case.tags)
    return "what the service requires decides the verdict"


def _unread(stack: LiveStack) -> tuple[str, ...]:
    return tuple(
        f"unread: {each.type} {path}: {reason}"
        for each in stack
        for path, reason in each.unread.items()
        if not reason.startswith("no API returns")
    )


def known_differences(rules: Collection[str]) -> dict[tuple[str, str], str]:
    """The reason of each listed difference of some rules, by rule and case."""
    listed = yaml.safe_load(_DIFFERENCES.read_text("utf-8"))
    return {
        (name, case): reason
        for reason, named in listed.items()
        for name, cases in named.items()
        for case in cases
        if name in rules
    }


def live_rules() -> list[Rule]:
    """The rules that may judge what is deployed, those that no pack has on too, sorted."""
    return sorted((rule for rule in catalogue() if rule.id not in of_templates()), key=lambda rule: rule.id)


def _compared(names: list[str], wanted: str) -> list[Compared]:
    rules = [rule for rule in live_rules() if rule.id in names]
    return [one for sandbox in running_sandbox(keeps_others=True) for one in compare(Account(sandbox), rules, wanted)]


def main(arguments: list[str] | None = None) -> int:
    """The exit code is 1 when a verdict differs for no known reason, or a reason is no longer needed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rule", action="append", help="only this rule; may be given more than once")
    parser.add_argument("--type", default="", help="only cases with types that begin so: AWS::RDS::")
    parser.add_argument("--jobs", type=int, default=1, help="so many sandboxes at once")
    parser.add_argument("--write", action="store_true", help="write parity.md, which has every rule")
    options = parser.parse_args(arguments)
    names = [rule.id for rule in live_rules() if not options.rule or rule.id in options.rule]
    parts = [(names[index :: options.jobs], options.type) for index in range(options.jobs)]
    if options.jobs == 1:
        cases = _compared(*parts[0])
    else:
        with get_context("spawn").Pool(options.jobs) as pool:
            cases = [one for part in pool.starmap(_compared, parts) for one in part]
    known = {} if options.type else known_differences(names)
    result = Result(sorted(cases, key=lambda one: (one.rule, one.case)), known)
    print("\n".join(parity_report.lines(result)))
    if options.write:
        every = {rule.id for rule in catalogue()}
        (HERE / "parity.md").write_text(parity_report.document(result, every), "utf-8")
    return int(bool(result.unexplained or result.outdated))


if __name__ == "__main__":
    sys.exit(main())
