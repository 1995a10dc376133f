from __future__ import annotations

import pytest

from infra_checks.iam.validate import Level, validate
from infra_checks.iam.validate.codes import LEFT_OUT, LOWERED
from infra_checks.iam.validate.problems import catalogue
from tests.unit.iam.validate import cases, statements
from tests.unit.iam.validate.cases import Case

CASES: tuple[Case, ...] = (
    *cases.STRUCTURE,
    *cases.QUOTAS,
    *cases.VARIABLES,
    *cases.PRINCIPALS,
    *cases.TRUSTS,
    *cases.DEPUTIES,
    *cases.RCPS,
    *statements.ACTIONS,
    *statements.RESOURCES,
    *statements.BREADTH,
    *statements.CONDITIONS,
    *statements.VALUES,
    *statements.PARTICULAR,
)


def names(case: Case) -> str:
    return f"{case.code}-{'.'.join(map(str, case.path))}"


@pytest.mark.parametrize("case", CASES, ids=names)
def test_a_document_has_the_problem_at_its_path_and_no_other(case: Case) -> None:
    found = list(validate(case.wrong, case.type, resource_type=case.resource_type))
    assert (case.code, case.path) in [(one.code, one.path) for one in found]
    assert sorted({one.code for one in found}) == sorted({case.code, *case.also})


@pytest.mark.parametrize("case", CASES, ids=names)
def test_the_mended_document_has_no_problem(case: Case) -> None:
    assert list(validate(case.right, case.type, resource_type=case.resource_type)) == []


def test_every_code_has_a_case() -> None:
    assert {case.code for case in CASES} == set(catalogue())


def test_no_code_is_both_given_and_left_out() -> None:
    assert set(catalogue()).isdisjoint(LEFT_OUT)
    assert set(LOWERED) <= set(catalogue())


@pytest.mark.parametrize("case", CASES, ids=names)
def test_a_problem_says_what_and_what_to_do(case: Case) -> None:
    for one in validate(case.wrong, case.type, resource_type=case.resource_type):
        assert one.message
        assert "\n" not in one.message
        assert not one.message.endswith(".")
        assert one.remedy.endswith((".", "?"))
        assert one.level in Level
