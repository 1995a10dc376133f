"""Compares verdicts on templates with those on what they deploy: `python benchmarks/parity.py [--rule ID] [--type T]`.

Each passing and failing case of the rules of the pack `live` is deployed in the sandbox, read back and judged by its
rule. The template is judged with the values that parameters had, so both verdicts are on the same. Cases that leave out
what a service requires get it from `completions.yaml` where that changes no verdict. Left out are cases
with types that the sandbox does not make or, unless --all, that have no reader; the sandbox refuses others, as AWS
would. Known differences are listed by reason in `parity_differences.yaml`; others are reported with what was said and
what could not be read.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from infra_checks.api import catalogue
from infra_checks.core.finding import Effect, Finding
from infra_checks.engine import Judgement, by_type, judge
from infra_checks.errors import InfraChecksError
from infra_checks.evaluate.stack import Pins, Stack
from infra_checks.evaluate.transforms import expand
from infra_checks.live.clients import Access, Clients
from infra_checks.live.document import document_of
from infra_checks.live.read_stack import live_stack
from infra_checks.live.reading import reader_of
from infra_checks.packs.load import load_packs
from infra_checks.packs.select import Chosen, choose
from infra_checks.sandbox import kinds
from infra_checks.sandbox.testing import running_sandbox
from infra_checks.template.load import load_template
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence
from infra_checks.testing import Case, outcome_of, read_cases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Mapping as Values

    from infra_checks.core.rule import Rule
    from infra_checks.live.stacks import LiveStack
    from infra_checks.sandbox.server import Sandbox
    from infra_checks.template.model import Template

HERE: Final = Path(__file__).resolve().parent
CASES: Final = HERE.parent / "tests" / "cases"
_SHAPE: Final = re.compile(r"\s+|\d+")
_MOST_LETTERS: Final = 110
REGION: Final = "us-east-1"
UNDECIDED: Final = "undecided"
_MOST_REASONS: Final = 3
_NOT_OF_MEMBERS: Final = ("AllocatedStorage", "MasterUsername", "ManageMasterUserPassword")
"""What an instance of a cluster and a replica have from elsewhere."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One case and both verdicts; `live` is empty and `why` says so when there is none."""

    rule: str
    case: str
    template: str
    live: str = ""
    why: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether both verdicts are the same."""
        return self.live == self.template


@dataclass(slots=True)
class Result:
    """All comparisons and, by reason, how many cases were left out."""

    compared: list[Compared] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def judged(rule: Rule, template: Template, pins: Values[str, str], case: Case) -> list[Finding]:
    """The findings of one rule under a case's options."""
    given = Pins({name: (value,) for name, value in pins.items()})
    expanded, unexpanded = expand(template, given)
    options = {**rule.options, **case.options}
    chosen = Chosen(rule=rule, effect=Effect.BLOCK, severity=rule.severity, options=options, undecided=Effect.WARN)
    return list(judge(Stack(expanded, given, unexpanded), by_type([chosen]), Judgement(label="case", tags=case.tags)))


def values(template: Template, case: Case) -> dict[str, str] | None:
    """What each parameter is when the case is deployed; None when one has no value."""
    found = {name: case.parameters.get(name, each.default) for name, each in template.parameters.items()}
    return None if None in found.values() else {name: str(value) for name, value in found.items()}


def plain(node: Node) -> Any:  # noqa: ANN401 - JSON
    """A node as data with the long forms of intrinsics."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key: plain(child) for key, child in node.entries.items()}
        case Call():
            return {node.name: plain(node.argument)}


def completed(template: Template, completions: Values[str, Values[str, Any]]) -> str:
    """A template with what its resources lack."""
    data = plain(template.root)
    for declaration in (each for each in data["Resources"].values() if isinstance(each, dict)):
        missing = completions.get(declaration.get("Type", ""), {})
        properties = declaration.get("Properties") or {}
        if not missing or not isinstance(properties, dict):
            continue
        elsewhere = {"DBClusterIdentifier", "SourceDBInstanceIdentifier"} & properties.keys()
        known = {"MasterUserPassword"} & properties.keys()
        left_out = (*(_NOT_OF_MEMBERS if elsewhere else ()), *(("ManageMasterUserPassword",) if known else ()))
        added = {name: value for name, value in missing.items() if name not in left_out}
        declaration["Properties"] = {**added, **properties}
    return json.dumps(data)


class Account:
    """A sandbox in which cases are deployed one after another."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._clients = Clients(Access(region=REGION, endpoint_url=sandbox.endpoint, attempts=1))
        self.completions: Values[str, Values[str, Any]] = yaml.safe_load((HERE / "completions.yaml").read_text("utf-8"))

    def deploy(self, text: str, given: Values[str, str], tags: Values[str, str]) -> LiveStack | str:
        """The stack as it is read, or why it cannot be made."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 - an optional dependency

        self._sandbox.reset()
        client = self._clients.get("cloudformation")
        self._clients.get("s3").create_bucket(Bucket="logs")
        try:
            client.create_stack(
                StackName="case",
                TemplateBody=text,
                Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()],
                Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
                Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            )
        except ClientError as error:
            return str(error.response["Error"].get("Message", error))
        stack = client.describe_stacks(StackName="case")["Stacks"][0]
        if stack["StackStatus"] != "CREATE_COMPLETE":
            return _failure(client.describe_stack_events(StackName="case")["StackEvents"])
        return live_stack("case", clients=self._clients)


def _failure(events: list[dict[str, Any]]) -> str:
    failed = [each for each in events if each["ResourceStatus"] == "CREATE_FAILED"]
    return str(failed[-1].get("ResourceStatusReason", "")) if failed else "it failed"


def compare(account: Account, rules: Iterable[Rule], wanted: str, *, every: bool) -> Result:
    """Deploy and judge the cases of rules whose resources are of types that begin with `wanted`."""
    result = Result()
    for rule in rules:
        for case in read_cases(CASES / f"{rule.id}.yaml"):
            found = _compare(account, rule, case, wanted, every=every)
            if isinstance(found, str):
                result.left_out[found] += 1
            else:
                result.compared.append(found)
    return result


def _compare(account: Account, rule: Rule, case: Case, wanted: str, *, every: bool) -> Compared | str:
    text = case.text or (case.template if isinstance(case.template, str) else json.dumps(case.template))
    try:
        template = load_template("case", text.encode())
    except InfraChecksError:
        return "no template"
    types = {each.type for each in template.resources.values()}
    left_out = _not_comparable(case, types, wanted, every=every)
    given = values(template, case)
    if left_out or given is None:
        return left_out or "a parameter without a value"
    expected = outcome_of(judged(rule, template, given, case))
    if expected == UNDECIDED:
        return "undecided on the template"
    text = completed(template, account.completions)
    whole = load_template("case", text.encode())
    if outcome_of(judged(rule, whole, given, case)) != expected:
        return "what the service requires decides the verdict"
    stack = account.deploy(text, given, case.tags)
    if isinstance(stack, str):
        return f"not to be deployed: {_SHAPE.sub(' ', stack)[:_MOST_LETTERS]}"
    said = judged(rule, document_of(stack), stack.parameters, case)
    unseen = {name for name, each in stack.beside.items() if not each.is_read}
    said = [finding for finding in said if finding.resource not in unseen]
    why = tuple(f"{finding.outcome}: {finding.resource} {finding.message}" for finding in said)
    return Compared(rule.id, case.name, expected, outcome_of(said), (*why[:_MOST_REASONS], *_unread(stack)))


def _not_comparable(case: Case, types: set[str], wanted: str, *, every: bool) -> str:
    if case.outcome == UNDECIDED:
        return "undecided on the template"
    if not any(name.startswith(wanted) for name in types):
        return "of other types"
    if not all(kinds.find(name) for name in types):
        return "types that the sandbox does not make"
    readable = every or all(reader_of(name) or _is_record(name) for name in types)
    return "" if readable else "types without a reader"


def _is_record(name: str) -> bool:
    kind = kinds.find(name)
    return kind is not None and kind.is_record


def _unread(stack: LiveStack) -> tuple[str, ...]:
    return tuple(
        f"unread: {each.type} {path}: {reason}"
        for each in stack
        for path, reason in each.unread.items()
        if not reason.startswith("no API returns")
    )


def known_differences() -> dict[tuple[str, str], str]:
    """The reason of each known difference, by rule and case."""
    listed = yaml.safe_load((HERE / "parity_differences.yaml").read_text("utf-8"))
    return {(rule, case): reason for reason, rules in listed.items() for rule, cases in rules.items() for case in cases}


def report(result: Result, known: Values[tuple[str, str], str]) -> Iterator[str]:
    """The lines to print; the last one is the summary."""
    differing = [one for one in result.compared if not one.agrees]
    reasons = Counter(known[one.rule, one.case] for one in differing if (one.rule, one.case) in known)
    for reason, count in sorted(reasons.items()):
        yield f"known to differ: {count} ({reason})"
    for one in unlisted(result, known):
        yield f"{one.template} on the template, {one.live} deployed: {one.rule}: {one.case}"
        yield from (f"    {line}" for line in one.why)
    for one in result.compared:
        if one.agrees and (one.rule, one.case) in known:
            yield f"is listed as a difference and agrees: {one.rule}: {one.case}"
    for reason, count in sorted(result.left_out.items()):
        yield f"left out: {count} ({reason})"
    undecided = sum(one.live == UNDECIDED for one in differing)
    yield (
        f"{len(result.compared) - len(differing)} of {len(result.compared)} cases agree, {undecided} are undecided "
        f"when deployed, {len(differing) - undecided} disagree; {sum(reasons.values())} of these are known"
    )


def unlisted(result: Result, known: Values[tuple[str, str], str]) -> list[Compared]:
    """The differences that nobody has explained."""
    return [one for one in result.compared if not one.agrees and (one.rule, one.case) not in known]


def main(arguments: list[str] | None = None) -> int:
    """The exit code is 1 when a verdict differs for no known reason."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rule", help="only this rule")
    parser.add_argument("--type", default="", help="only cases with types that begin so: AWS::RDS::")
    parser.add_argument("--all", action="store_true", help="also cases with types that have no reader")
    options = parser.parse_args(arguments)
    pack = choose(load_packs(("live",), catalogue=catalogue()), catalogue(), undecided=Effect.WARN)
    rules = [each.rule for each in pack if options.rule in {None, each.rule.id}]
    result = Result()
    for sandbox in running_sandbox():
        result = compare(Account(sandbox), rules, options.type, every=options.all)
    known = known_differences()
    print("\n".join(report(result, known)))
    return int(bool(unlisted(result, known)))


if __name__ == "__main__":
    sys.exit(main())
