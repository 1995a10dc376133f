"""Random pairs of policies: the search of the IAM engine against the decision of concrete requests.

    python benchmarks/iam/fuzz.py --pairs 100000 --seed 1

For each pair it asks `new_access` and checks the answer with requests that are decided one by one:

- a definite answer's witness has to be allowed by the one and not by the other, for any text of the symbols;
- for a NO, no sampled request (and no sampled text of a symbol) may show the contrary.

What it prints should be nought in every line but the counts of answers and the answers without confirmation.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from infra_checks.iam.answers import Answer, Certainty
from infra_checks.iam.decide import LIMITS
from infra_checks.iam.matches import applies
from infra_checks.iam.model import Effect, Policy, PolicyType, Principal, Request
from infra_checks.iam.parse import parse
from infra_checks.iam.questions import new_access
from infra_checks.iam.text import SEGMENT, Symbol
from infra_checks.iam.witness import symbols_of, valued

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from infra_checks.iam.document import Document
    from infra_checks.iam.witness import Valuation

FREE: Final = Symbol("Free")
NAME: Final = Symbol("Name", SEGMENT | {"/"})

_TEXTS: Final = ("", "a", "b", "ab", "ba", "a:b", "aa", "*", "B")
_PATTERNS: Final = (*_TEXTS, "a*", "*b", "?", "a?b", "*a*", "??", "?*", "*:*", "a*:b")
_ARNS: Final = ("arn:aws:s:r:1:a", "arn:aws:s:r:2:a", "arn:aws:s::1:b:c", "x")
_ARN_PATTERNS: Final = (*_ARNS, "arn:aws:s:*:1:*", "arn:*:*:*:*:*", "arn:aws:s:r:?:a", "arn:aws:s:r:1:*", "*")
_ADDRESSES: Final = ("10.0.0.1", "10.1.0.0", "11.0.0.0", "2001:db8::1")
_BLOCKS: Final = (
    *_ADDRESSES,
    "10.0.0.0/8",
    "10.0.0.0/16",
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "::/0",
    "2001:db8::/32",
)
_NUMBERS: Final = ("0", "1", "1.5", "2", "-3", "10")
_DATES: Final = ("2020-01-01", "2020-01-01T00:00:00Z", "2021-06-01T12:00:00+02:00", "1590000000", "0")
_ACTIONS: Final = ("s:a", "s:b", "s:ab", "t:a", "s:abb")
_ACTION_PATTERNS: Final = (*_ACTIONS, "s:*", "*", "?:a", "S:A*", "s:?b", "*:*b*", "s:a?")
_ROLES: Final = (
    "arn:aws:iam::111111111111:role/a",
    "arn:aws:iam::111111111111:user/b",
    "arn:aws:iam::222222222222:role/p/a",
    "arn:aws:iam::222222222222:root",
)
_SESSION: Final = "arn:aws:sts::111111111111:assumed-role/a/s"
_PRINCIPALS: Final = tuple(
    Principal(kind, name)
    for kind, name in (
        *(("AWS", role) for role in _ROLES),
        ("AWS", _SESSION),
        ("Service", "s.amazonaws.com"),
        ("Federated", "f.example"),
        ("*", "*"),
    )
)
_ROLE_PATTERNS: Final = (*_ROLES, "arn:aws:iam::*:role/*", "arn:aws:iam::111111111111:*", "arn:*:iam::2*:*", "*")

_OPERATORS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]] = {
    # key: operators, values in policies, values in requests
    "k:text": (
        (
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
        ),
        _PATTERNS,
        _TEXTS,
    ),
    "k:other": (("StringEquals", "StringNotLike", "StringLike"), _PATTERNS, _TEXTS),
    "k:arn": (("ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals", "StringLike"), _ARN_PATTERNS, _ARNS),
    "k:ip": (("IpAddress", "NotIpAddress"), _BLOCKS, _ADDRESSES),
    "k:number": (
        (
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ),
        _NUMBERS,
        _NUMBERS,
    ),
    "k:date": (("DateEquals", "DateNotEquals", "DateLessThan", "DateGreaterThanEquals"), _DATES, _DATES),
    "k:bool": (("Bool",), ("true", "false", "True"), ("true", "false")),
    "k:binary": (("BinaryEquals",), ("YWI=", "YQ=="), ("YWI=", "YQ==")),
}
_PRINCIPAL_KEYS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "aws:PrincipalArn": (("ArnLike", "ArnNotLike", "StringEquals", "StringNotLike"), _ROLE_PATTERNS),
    "aws:PrincipalAccount": (("StringEquals", "StringNotEquals", "StringLike"), ("111111111111", "222222222222", "1*")),
}
_SOME: Final = 0.35  # how often an optional thing is there


class Source:
    """Policies and requests made of few letters, so that they meet often."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - the same pairs for the same seed are the purpose

    def some(self, values: Sequence[str], most: int = 3) -> list[str]:
        """One value or several."""
        return [self.random.choice(values) for _ in range(self.random.randint(1, most))]

    def chance(self, often: float = _SOME) -> bool:
        """True so often."""
        return self.random.random() < often

    def policies(self, *, symbols: bool) -> list[Policy]:
        """A set of policies of one principal, or the policy of one resource."""
        of_resource = self.chance(0.3)
        kind = PolicyType.RESOURCE if of_resource else PolicyType.IDENTITY
        policies = [self.policy(kind, symbols=symbols) for _ in range(self.random.randint(1, 2))]
        if self.chance(0.2):
            policies.append(self.policy(PolicyType.BOUNDARY, symbols=symbols))
        if self.chance(0.1):
            policies.append(self.policy(PolicyType.SCP, symbols=symbols))
        return policies

    def policy(self, type: PolicyType, *, symbols: bool) -> Policy:
        """A policy of one to three statements."""
        statements: list[Document] = [self.statement(type, symbols=symbols) for _ in range(self.random.randint(1, 3))]
        return parse({"Version": "2012-10-17", "Statement": statements}, type)

    def statement(self, type: PolicyType, *, symbols: bool) -> dict[str, Document]:
        """A statement with its elements."""
        found: dict[str, Document] = {"Effect": "Deny" if self.chance() else "Allow"}
        found["NotAction" if self.chance(0.2) else "Action"] = [*self.some(_ACTION_PATTERNS)]
        resources = [self.text(_PATTERNS[1:], symbols=symbols) for _ in range(self.random.randint(1, 2))]
        found["NotResource" if self.chance(0.2) else "Resource"] = "*" if self.chance() else resources
        if type is PolicyType.RESOURCE:
            found["NotPrincipal" if self.chance(0.15) else "Principal"] = self.principal()
        if self.chance(0.6):
            found["Condition"] = self.condition(symbols=symbols)
        return found

    def text(self, patterns: Sequence[str], *, symbols: bool) -> Document:
        """A pattern, with symbols or not."""
        if symbols and self.chance(0.6):
            symbol = FREE if self.chance() else NAME
            return self.random.choice(
                [(symbol,), ("a", symbol), (symbol, "b"), (symbol, "*"), ("a", symbol, "?"), (symbol, ":", NAME)]
            )
        return self.random.choice(patterns)

    def principal(self) -> Document:
        """The value of Principal."""
        choice = self.random.randrange(5)
        if choice == 0:
            return "*"
        if choice == 1:
            return {"Service": "s.amazonaws.com", "AWS": self.random.choice(_ROLES)}
        if choice == 2:  # noqa: PLR2004 - a throw of the die
            return {"AWS": ["111111111111", _SESSION]}
        return {"AWS": [*self.some((*_ROLES, "222222222222", _SESSION))]}

    def condition(self, *, symbols: bool) -> dict[str, Document]:
        """The value of Condition."""
        found: dict[str, Document] = {}
        for _ in range(self.random.randint(1, 2)):
            if self.chance(0.15):
                key = self.random.choice([*_PRINCIPAL_KEYS])
                operators, patterns = _PRINCIPAL_KEYS[key]
                values: Document = [*self.some(patterns, 2)]
            else:
                key = self.random.choice([*_OPERATORS])
                operators, patterns, _ = _OPERATORS[key]
                string = key in ("k:text", "k:other")
                values = [self.text(patterns, symbols=symbols and string) for _ in range(self.random.randint(1, 3))]
            operator = self.random.choice(operators)
            if self.chance(0.1):
                operator, values = "Null", self.random.choice(["true", "false"])
            elif key.startswith("k:"):
                operator = self.random.choice(("", "", "ForAnyValue:", "ForAllValues:")) + operator
            if operator != "Null" and self.chance(0.2):
                operator += "IfExists"
            found[operator] = {key: values}
        return found

    def request(self, sets: frozenset[str] = frozenset()) -> Request:
        """A request in which the keys of `sets` may have several values: the engine takes others to have one."""
        context: dict[str, tuple[str, ...]] = {}
        for key, (_, _, values) in _OPERATORS.items():
            if self.chance(0.7):
                several = 2 if key in sets and self.chance() else 1
                context[key] = tuple(dict.fromkeys(self.some(values, several)))
        principal = self.random.choice(_PRINCIPALS)
        return Request(
            self.random.choice(_ACTIONS),
            self.random.choice((*_TEXTS, "aab", "b:a", "a:a:b", "zz")),
            principal,
            context | identity_keys(principal),
        )

    def valuation(self) -> Valuation:
        """A text for each symbol."""
        return {
            FREE: self.random.choice((*_TEXTS[1:], "*", "?", "a*", "a:b")),
            NAME: self.random.choice(("a", "b", "ab", "zz")),
        }


def identity_keys(principal: Principal) -> dict[str, tuple[str, ...]]:
    """The keys of a request that tell the principal's ARN and account."""
    if principal.kind != "AWS":
        return {}
    name = str(principal.name)
    arn = "arn:aws:iam::111111111111:role/a" if name == _SESSION else name
    return {"aws:principalarn": (arn,), "aws:principalaccount": (name.split(":")[4],)}


def allowed(policies: Sequence[Policy], request: Request) -> bool:
    """Whether the policies allow the request within one account, said as plainly as can be."""
    met = [(policy.type, one.effect) for policy in policies for one in policy.statements if applies(one, request)]
    if any(effect is Effect.DENY for _, effect in met):
        return False
    limits = {policy.type for policy in policies if policy.type in LIMITS}
    granted = {kind for kind, _ in met}
    return bool(granted - set(LIMITS)) and limits <= granted


def with_texts(policies: Sequence[Policy], texts: Valuation) -> list[Policy]:
    """The policies with a text for each symbol."""
    return [
        replace(policy, statements=tuple(valued(statement, texts) for statement in policy.statements))
        for policy in policies
    ]


def faults(source: Source, new: Sequence[Policy], old: Sequence[Policy], answer: Answer, samples: int) -> Iterator[str]:
    """What is wrong with the answer."""
    sets = frozenset(
        condition.key
        for policy in (*new, *old)
        for statement in policy.statements
        for condition in statement.conditions
        if condition.qualifier
    )
    symbolic = any(True for policy in (*new, *old) for statement in policy.statements for _ in symbols_of(statement))
    for _ in range(6 if symbolic else 1):
        texts = source.valuation()
        one, other = (with_texts(new, texts), with_texts(old, texts)) if symbolic else (new, old)
        if answer.certainty is Certainty.DEFINITE:
            witness = answer.witness or source.request()
            request = _filled(witness, texts) if symbolic else witness
            if not allowed(one, request) or allowed(other, request):
                yield "bad witness"
        elif answer.certainty is Certainty.NO:
            for _ in range(samples):
                request = source.request(sets)
                if allowed(one, request) and not allowed(other, request):
                    yield "missed counter-example"
                    break


def _filled(request: Request, texts: Valuation) -> Request:
    def filled(text: str) -> str:
        for symbol, value in texts.items():
            text = text.replace(f"${{{symbol.name}}}", value)
        return text

    context = {key: tuple(map(filled, values)) for key, values in request.context.items()}
    return replace(request, resource=filled(request.resource), context=context)


def run(pairs: int, seed: int, samples: int) -> Counter[str]:
    """Counts of answers and faults, with the total and longest time of a question in microseconds."""
    counts: Counter[str] = Counter()
    times: list[float] = []
    for index in range(pairs):
        source = Source(seed * 1_000_003 + index)
        symbols = index % 3 == 2  # noqa: PLR2004 - every third pair
        new, old = source.policies(symbols=symbols), source.policies(symbols=symbols)
        if source.chance(0.3):
            old = [*new, *old] if source.chance(0.7) else new[:1]
        start = time.perf_counter()
        answer = new_access(new, old)
        times.append(time.perf_counter() - start)
        kind = "with symbols" if symbols else "without symbols"
        counts[f"{kind}: {answer.certainty.value}"] += 1
        if answer.certainty is Certainty.POSSIBLE and not symbols:
            counts["without symbols: possible, " + answer.reason] += 1
        for fault in faults(source, new, old, answer, samples):
            counts[f"FAULT {kind}: {fault}"] += 1
            print(f"{fault}: seed {seed}, pair {index}", file=sys.stderr)
    times.sort()
    counts["median microseconds"] = round(times[len(times) // 2] * 1e6)
    counts["mean microseconds"] = round(sum(times) / len(times) * 1e6)
    counts["longest microseconds"] = round(times[-1] * 1e6)
    return counts


def main() -> None:
    """Run from the command line; the exit code is 1 when there was a fault."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--samples", type=int, default=40, help="requests to try against a NO")
    arguments = parser.parse_args()
    counts = run(arguments.pairs, arguments.seed, arguments.samples)
    for name, count in sorted(counts.items()):
        print(f"{count:>9}  {name}")
    sys.exit(any(name.startswith("FAULT") for name in counts))


if __name__ == "__main__":
    main()
