"""The search against the decision of concrete requests, and against policies made to take long."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from benchmarks.iam.fuzz import run
from infra_checks.iam.answers import Certainty
from infra_checks.iam.globs import entry
from infra_checks.iam.intervals import ADDRESSES, addresses, compared, complement, sample_number
from infra_checks.iam.model import PolicyType
from infra_checks.iam.patterns import Syntax
from infra_checks.iam.questions import granted, new_access
from infra_checks.iam.words import Budget, Exhausted, shared_word
from tests.unit.iam.policies import allow, deny, policy

if TYPE_CHECKING:
    from infra_checks.iam.document import Document
    from infra_checks.iam.text import Text


@pytest.mark.parametrize("seed", [101, 102, 103])
def test_random_pairs_have_no_answer_that_a_concrete_request_contradicts(seed: int) -> None:
    counts = run(500, seed, 15)
    assert not [name for name in counts if name.startswith("FAULT")]
    assert counts["without symbols: definite"] > 50
    assert counts["without symbols: no"] > 50
    assert counts["with symbols: no"] > 10


def test_blocks_that_add_up_leave_no_address() -> None:
    assert complement(addresses(["0.0.0.0/1", "128.0.0.0/1", "::/0"]), ADDRESSES) == ()
    assert len(addresses(["10.0.0.0/9", "10.128.0.0/9"])) == 1


@pytest.mark.parametrize(
    ("order", "limit", "number"),
    [("LessThan", "-3", "-4"), ("GreaterThan", "5", "6"), ("GreaterThan", "-1", "0"), ("Equals", "2.50", "2.5")],
)
def test_a_sample_of_numbers_is_short(order: str, limit: str, number: str) -> None:
    assert sample_number(compared(order, [limit], dates=False)) == number


def starred(seed: int, size: int) -> Text:
    return "*" + "*".join(random.Random(seed).choices("abc", k=size)) + "*"  # noqa: S311 - patterns, not secrets


HOSTILE: list[tuple[str, list[Document], list[Document], tuple[Certainty, ...]]] = [
    (
        "stars",
        [allow("*", [starred(i, 20) for i in range(6)])],
        [allow("*", [starred(i + 6, 20) for i in range(6)])],
        (Certainty.DEFINITE,),
    ),
    (
        "question marks after stars",
        [allow("*", "*a" + "?" * 60)],
        [allow("*", ["*aa" + "?" * 59, "*ab" + "?" * 59])],
        (Certainty.DEFINITE, Certainty.UNKNOWN),
    ),
    (
        "question marks that add up",
        [allow("*", "*a" + "?" * 30)],
        [allow("*", ["*a?" + "?" * 28 + "a", "*a?" + "?" * 28 + "b", "*b" + "?" * 30])],
        (Certainty.DEFINITE, Certainty.UNKNOWN),
    ),
    ("long stars", [allow("*", "*a" * 3000)], [allow("*", "*a" * 2999)], (Certainty.NO, Certainty.UNKNOWN)),
    (
        "many patterns",
        [allow("*", [f"arn:aws:s3:::b{i}/*" for i in range(2000)])],
        [allow("*", [f"arn:aws:s3:::b{i}*" for i in range(2000)])],
        (Certainty.NO,),
    ),
    (
        "many statements",
        [allow(f"s:{i}", f"r{i}") for i in range(1000)],
        [allow(f"s:{i}", f"r{i}") for i in range(1000)],
        (Certainty.NO,),
    ),
    ("many crossed statements", [allow()], [allow(f"s:{i}*", f"*{i}*") for i in range(60)], (Certainty.DEFINITE,)),
]


@pytest.mark.parametrize(("new", "old", "expected"), [pytest.param(*case[1:], id=case[0]) for case in HOSTILE])
def test_hostile_policies_end_within_the_budget(
    new: list[Document], old: list[Document], expected: tuple[Certainty, ...]
) -> None:
    found = new_access([policy(*new)], [policy(*old)])
    assert found.certainty in expected
    assert (found.certainty is Certainty.UNKNOWN) == ("too large" in found.reason)


def test_a_budget_that_is_used_up_is_no_answer() -> None:
    unions = [[entry("*a*b*c*", Syntax.LIKE).surely], [entry("*c*b*a*", Syntax.LIKE).surely]]
    with pytest.raises(Exhausted):
        shared_word(unions, [entry("*bb*", Syntax.LIKE).surely], Budget(20))


def test_answers_are_the_same_each_time() -> None:
    policies = [policy(allow(), deny("iam:*", "x*"), deny("s3:*", Condition={"Bool": {"k": "true"}}))]
    answers = [granted(policies, ["iam:*", "s3:*"]).witness for _ in range(5)]
    assert len({(one.action, one.resource, tuple(one.context)) for one in answers if one is not None}) == 1


def test_a_second_scp_of_the_same_level_adds_to_the_first() -> None:
    scps = [policy(allow("s3:*"), type=PolicyType.SCP), policy(allow("ec2:*"), type=PolicyType.SCP)]
    assert granted([policy(allow()), *scps], ["ec2:RunInstances"]).certainty is Certainty.DEFINITE
    assert granted([policy(allow()), *scps], ["sqs:SendMessage"]).certainty is Certainty.NO
