"""Random pairs of policies: the search of the IAM engine against the SMT solver z3.

    tox -e oracle -- --pairs 2000 --seed 1

Both are asked whether there is a request that the new policies allow and the old ones do not. The policies are said
to z3 in formulas over texts and regular expressions, from the documents themselves, by a reading of AWS's "IAM JSON
policy elements" that shares no code with the engine. Where both decide, they have to agree.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import z3

from infra_checks.iam.answers import Certainty
from infra_checks.iam.model import PolicyType
from infra_checks.iam.parse import parse
from infra_checks.iam.questions import new_access

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from infra_checks.iam.document import Document
    from infra_checks.iam.model import Policy

Formula = Any
"""A z3 expression of truth; z3 has no types."""

Statement = dict[str, Any]
Policies = list[tuple[PolicyType, list[Statement]]]

_ACTIONS: Final = ("s:a", "s:b", "s:ab", "t:a", "s:*", "*", "?:a", "s:?b", "*:*b*", "s:a?", "t:*")
_TEXTS: Final = ("a", "b", "ab", "ba", "aa", "a*", "*b", "?", "a?b", "*a*", "??", "?*", "*", "a*b*a", "*ab*", "?b?")
_NUMBERS: Final = ("0", "1", "1.5", "2", "-3")
_SOME: Final = 0.35  # how often an optional thing is there
_PATIENCE: Final = 3_000  # milliseconds for z3

_TEXT_OPERATORS: Final = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike")
_NUMBER_OPERATORS: Final[dict[str, Callable[[Any, Any], Formula]]] = {
    "NumericEquals": lambda one, other: one == other,
    "NumericNotEquals": lambda one, other: one == other,
    "NumericLessThan": lambda one, other: one < other,
    "NumericLessThanEquals": lambda one, other: one <= other,
    "NumericGreaterThan": lambda one, other: one > other,
    "NumericGreaterThanEquals": lambda one, other: one >= other,
}
_TEXT_KEYS: Final = ("k:one", "k:two")
_NUMBER_KEY: Final = "k:number"
_BOOLEAN_KEY: Final = "k:boolean"

ACTION: Final = z3.String("action")
RESOURCE: Final = z3.String("resource")
VALUES: Final[dict[str, Any]] = {
    **{key: z3.String(key) for key in _TEXT_KEYS},
    _NUMBER_KEY: z3.Real(_NUMBER_KEY),
    _BOOLEAN_KEY: z3.Bool(_BOOLEAN_KEY),
}
THERE: Final = {key: z3.Bool(f"{key} is there") for key in VALUES}


class Source:
    """Policy documents made of few letters, so that they meet often."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - the same pairs for the same seed are the purpose

    def some(self, values: Sequence[str], most: int = 3) -> list[str]:
        """One value or several."""
        return [self.random.choice(values) for _ in range(self.random.randint(1, most))]

    def chance(self, often: float = _SOME) -> bool:
        """True so often."""
        return self.random.random() < often

    def policies(self) -> Policies:
        """A set of policies of one principal."""
        found = [(PolicyType.IDENTITY, self.statements()) for _ in range(self.random.randint(1, 2))]
        for limit, often in ((PolicyType.BOUNDARY, 0.2), (PolicyType.SCP, 0.1)):
            if self.chance(often):
                found.append((limit, self.statements()))
        return found

    def statements(self) -> list[Statement]:
        """One to three statements."""
        return [self.statement() for _ in range(self.random.randint(1, 3))]

    def statement(self) -> Statement:
        """A statement with its elements."""
        found: Statement = {"Effect": "Deny" if self.chance() else "Allow"}
        found["NotAction" if self.chance(0.2) else "Action"] = self.some(_ACTIONS)
        found["NotResource" if self.chance(0.2) else "Resource"] = ["*"] if self.chance() else self.some(_TEXTS)
        if self.chance(0.6):
            found["Condition"] = dict(self.condition() for _ in range(self.random.randint(1, 2)))
        return found

    def condition(self) -> tuple[str, dict[str, list[str]]]:
        """An operator with its key and values."""
        key = self.random.choice((*_TEXT_KEYS, *_TEXT_KEYS, _NUMBER_KEY, _BOOLEAN_KEY))
        if self.chance(0.15):
            return "Null", {key: [self.random.choice(("true", "false"))]}
        if key in _TEXT_KEYS:
            operator, values = self.random.choice(_TEXT_OPERATORS), self.some(_TEXTS)
        elif key == _NUMBER_KEY:
            operator, values = self.random.choice(list(_NUMBER_OPERATORS)), self.some(_NUMBERS)
        else:
            operator, values = "Bool", [self.random.choice(("true", "false"))]
        return operator + ("IfExists" if self.chance(0.25) else ""), {key: values}


def allowed(policies: Policies) -> Formula:
    """That a request of the account itself is allowed (AWS: "Policy evaluation logic")."""
    denied = z3.Or([_applies(one) for _, each in policies for one in each if one["Effect"] == "Deny"])
    granted = {
        kind: z3.Or(
            [_applies(one) for other, each in policies if other is kind for one in each if one["Effect"] == "Allow"]
        )
        for kind, _ in policies
    }
    return z3.And(z3.Not(denied), *granted.values())


def _applies(statement: Statement) -> Formula:
    elements = [
        _element(statement, "Action", ACTION),
        _element(statement, "Resource", RESOURCE),
        *(
            _holds(operator, key, values)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        ),
    ]
    return z3.And(elements)


def _element(statement: Statement, name: str, value: Any) -> Formula:  # noqa: ANN401 - z3 has no types
    if name in statement:
        return _is_like_one(value, statement[name])
    return z3.Not(_is_like_one(value, statement[f"Not{name}"]))


def _is_like_one(value: Any, patterns: Sequence[str]) -> Formula:  # noqa: ANN401 - z3 has no types
    return z3.Or([z3.InRe(value, _expression(pattern)) for pattern in patterns])


def _expression(pattern: str) -> Any:  # noqa: ANN401 - z3 has no types
    """`*` is any text, `?` any one character."""
    texts = z3.ReSort(z3.StringSort())
    parts = [{"*": z3.Full(texts), "?": z3.AllChar(texts)}.get(letter, z3.Re(letter)) for letter in pattern]
    return z3.Concat(*parts) if len(parts) > 1 else parts[0]


def _holds(operator: str, key: str, values: list[str]) -> Formula:
    """That a condition holds; an absent key fails what compares, and passes what negates or says IfExists.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    there, value = THERE[key], VALUES[key]
    if operator == "Null":
        filled = z3.And(there, value != "") if key in _TEXT_KEYS else there
        return filled if values == ["false"] else z3.Not(filled)
    name = operator.removesuffix("IfExists")
    negates = "Not" in name
    met = z3.Or([_is_met(name, value, wanted) for wanted in values])
    held = z3.Not(met) if negates else met
    return z3.Or(z3.Not(there), held) if negates or operator != name else z3.And(there, held)


def _is_met(operator: str, value: Any, wanted: str) -> Formula:  # noqa: ANN401 - z3 has no types
    if operator == "Bool":
        return value == (wanted == "true")
    if operator in _NUMBER_OPERATORS:
        return _NUMBER_OPERATORS[operator](value, z3.RealVal(wanted))
    return z3.InRe(value, _expression(wanted)) if "Like" in operator else value == z3.StringVal(wanted)


def asked_of_z3(new: Policies, old: Policies) -> str:
    """`sat` when there is a request that is allowed anew, `unsat` when there is none, else `unknown`."""
    solver = z3.Solver()
    solver.set("timeout", _PATIENCE)
    solver.add(allowed(new), z3.Not(allowed(old)))
    return str(solver.check())


def asked_of_engine(new: Policies, old: Policies) -> Certainty:
    """What the engine answers."""
    return new_access(map(_parsed, new), map(_parsed, old)).certainty


def _parsed(policy: tuple[PolicyType, list[Statement]]) -> Policy:
    kind, statements = policy
    document: Document = {"Version": "2012-10-17", "Statement": list(statements)}
    return parse(document, kind)


AGREEING: Final = {(Certainty.DEFINITE, "sat"), (Certainty.NO, "unsat")}


def run(pairs: int, seed: int) -> Counter[str]:
    """Counts of answers, and of what both do not agree on; the milliseconds of each."""
    counts: Counter[str] = Counter()
    took = [0.0, 0.0]
    for index in range(pairs):
        source = Source(seed * 1_000_003 + index)
        new, old = source.policies(), source.policies()
        if source.chance(0.4):
            old = [*new, *old] if source.chance(0.6) else new[:1]
        start = time.perf_counter()
        ours = asked_of_engine(new, old)
        between = time.perf_counter()
        theirs = asked_of_z3(new, old)
        took[0] += between - start
        took[1] += time.perf_counter() - between
        counts[f"{ours.value}, z3 {theirs}"] += 1
        if (ours, theirs) not in AGREEING and ours in {Certainty.DEFINITE, Certainty.NO} and theirs != "unknown":
            counts["DISAGREEMENT"] += 1
            print(f"seed {seed}, pair {index}: the engine says {ours.value}, z3 {theirs}", file=sys.stderr)
    counts["milliseconds of the engine"], counts["milliseconds of z3"] = (round(each * 1000) for each in took)
    return counts


def main() -> None:
    """Run from the command line; the exit code is 1 when both do not agree."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    counts = run(arguments.pairs, arguments.seed)
    for name, count in sorted(counts.items()):
        print(f"{count:>9}  {name}")
    sys.exit("DISAGREEMENT" in counts)


if __name__ == "__main__":
    main()
