from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra_checks.core.finding import Family, Outcome, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import ANY_TYPE, Context, Rule, Verdict, rule
from infra_checks.errors import RuleError
from infra_checks.evaluate.values import Known
from infra_checks.template.nodes import Scalar
from infra_checks.template.source import FixedMark
from infra_checks.testing import findings, resource


def made(id: str = "test-rule", *types: str) -> Rule:
    @rule(*types or ("T",), id=id, title="Title", family=Family.IAM, severity=Severity.LOW, remedy="Do it.")
    def judge(subject: Resource, ctx: Context) -> Iterator[Verdict]:
        """Why it
        matters.
        """
        yield ctx.violation(subject, "is wrong")

    return judge


def test_a_rule_is_a_record_with_its_docstring_as_rationale() -> None:
    found = made()
    assert found.rationale == "Why it matters."
    assert found.location.startswith(f"{__name__}:")
    assert (found.title, found.remedy, found.options, found.aliases) == ("Title", "Do it.", {}, ())


@pytest.mark.parametrize(
    "id", ["Rule", "rule", "rule_one", "-rule", "rule-", "rule--one", "1-rule", "rule-One", "", "a-b\n"]
)
def test_an_id_must_be_words_with_hyphens(id: str) -> None:
    with pytest.raises(RuleError, match="is not of the form service-resource-practice"):
        made(id)


@pytest.mark.parametrize("id", ["a-b", "s3-bucket-2-x", "rds-storage-encrypted"])
def test_an_id_of_words_with_hyphens_is_taken(id: str) -> None:
    assert made(id).id == id


def test_a_rule_without_a_rationale_is_refused() -> None:
    def judge(subject: Resource, ctx: Context) -> Iterator[Verdict]:
        yield ctx.violation(subject, "is wrong")

    with pytest.raises(RuleError, match="needs a docstring that says why it matters"):
        rule("T", id="a-b", title="", family=Family.IAM, severity=Severity.LOW, remedy="")(judge)


@pytest.mark.parametrize(
    ("types", "kind", "expected"),
    [(("A", "B"), "B", True), (("A",), "B", False), ((ANY_TYPE,), "B", True)],
)
def test_a_rule_applies_to_its_types(types: tuple[str, ...], kind: str, expected: bool) -> None:
    assert made("a-b", *types).applies_to(kind) is expected


NODE = Scalar("x", "x", FixedMark(), FixedMark())


def test_a_verdict_has_the_place_path_and_notes_of_its_value() -> None:
    ctx = Context({})
    value = Known("x", NODE, ("Properties", "P"), ("a note",))
    assert ctx.violation(value, "is wrong", remedy="Undo.") == Verdict(
        Outcome.FAIL, "is wrong", NODE, ("Properties", "P"), ("a note",), "Undo."
    )
    assert ctx.undecided(value, "may be wrong").outcome is Outcome.UNDECIDED
    assert ctx.violation(value, "is wrong").notes == ("a note",)


def test_verdicts_that_differ_in_notes_only_are_equal() -> None:
    assert Verdict(Outcome.FAIL, "m", NODE, (), ("a",)) == Verdict(Outcome.FAIL, "m", NODE, (), ("b",))
    assert Verdict(Outcome.FAIL, "m", NODE, ()) != Verdict(Outcome.FAIL, "n", NODE, ())


def test_a_verdict_on_a_resource_stands_at_its_name() -> None:
    (found,) = findings(made(), resource("T"))
    assert (found.resource, found.path, found.span.line) == ("Subject", (), 3)


def test_a_verdict_on_a_view_stands_at_its_value() -> None:
    @rule("T", id="a-b", title="", family=Family.IAM, severity=Severity.LOW, remedy="")
    def judge(subject: Resource, ctx: Context) -> Iterator[Verdict]:
        """To be tested."""
        yield ctx.violation(subject.at("List", 0), "is wrong")

    (found,) = findings(judge, resource("T", List=["a"]))
    assert found.path_text == "Properties.List[0]"


def test_options_are_read_by_their_type() -> None:
    ctx = Context({"days": 7, "names": ("a",), "word": "x"})
    assert (ctx.number("days"), ctx.names("names"), ctx.option("word")) == (7, ("a",), "x")
    with pytest.raises(RuleError, match="option word must be a number, not 'x'"):
        ctx.number("word")
    with pytest.raises(RuleError, match="option days must be a list, not 7"):
        ctx.names("days")
