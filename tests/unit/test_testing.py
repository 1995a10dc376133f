from __future__ import annotations

from pathlib import Path

import pytest

from infra_checks.core.finding import Family, Outcome, Severity
from infra_checks.core.table import at_least, property_rule
from infra_checks.errors import TemplateError
from infra_checks.testing import Case, assert_case, assert_cases, findings, outcome_of, read_cases, resource

RULE = property_rule(
    "T",
    id="test-days",
    title="Days",
    family=Family.IAM,
    severity=Severity.HIGH,
    path=("Days",),
    holds=at_least("days"),
    message="too few days",
    rationale="Why.",
    remedy="More.",
    source="",
    options={"days": 7},
)

CASES = """
- name: enough
  outcome: pass
  resource: {Type: T, Properties: {Days: 7}}
- name: too few
  outcome: fail
  path: Properties.Days
  resource: {Type: T, Properties: {Days: 6}}
- name: fewer are enough by option
  outcome: pass
  options: {days: 5}
  resource: {Type: T, Properties: {Days: 6}}
- name: open
  outcome: undecided
  assume_any: true
  template: |
    Parameters: {P: {Type: Number, Default: 1}}
    Resources: {S: {Type: T, Properties: {Days: !Ref P}}}
- name: pinned
  outcome: fail
  when: Env is dev
  parameters: {P: 9}
  template:
    Parameters: {P: {Type: Number}, Env: {Type: String, AllowedValues: [dev, prod]}}
    Conditions: {Dev: {Fn::Equals: [{Ref: Env}, dev]}}
    Resources: {S: {Type: T, Properties: {Days: {Fn::If: [Dev, 1, {Ref: P}]}}}}
"""


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    file = tmp_path / "test-days.yaml"
    file.write_text(CASES, "utf-8")
    return file


def test_the_cases_of_a_file_are_run(cases: Path) -> None:
    assert [case.name for case in read_cases(cases)] == [
        "enough",
        "too few",
        "fewer are enough by option",
        "open",
        "pinned",
    ]
    assert_cases(RULE, cases)


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (Case("c", "pass", resource("T", Days=1)), "test-days: c: expected pass, found"),
        (Case("c", "fail", resource("T", Days=9)), "test-days: c: expected fail, found\n  nothing"),
        (Case("c", "fail", resource("T", Days=1), when="Env is dev"), "test-days: c: no finding when 'Env is dev'"),
        (
            Case("c", "fail", resource("T", Days=1), path="Properties.Hours"),
            "test-days: c: no finding at Properties.Hours",
        ),
    ],
)
def test_a_case_that_does_not_hold_says_what_was_found(case: Case, message: str) -> None:
    with pytest.raises(AssertionError, match="test-days") as caught:
        assert_case(RULE, case)
    assert str(caught.value).startswith(message)


def test_options_have_the_types_that_rules_read(tmp_path: Path) -> None:
    file = tmp_path / "cases.yaml"
    options = "{days: 5, below: -1, names: [a, 1], flag: true, off: false, word: x}"
    file.write_text(f"- {{name: n, outcome: pass, options: {options}, resource: {{Type: T}}}}", "utf-8")
    (case,) = read_cases(file)
    assert case.options == {"days": 5, "below": -1, "names": ("a", "1"), "flag": True, "off": False, "word": "x"}


def test_a_resource_is_a_template_with_one_subject() -> None:
    assert resource("T", attributes={"DeletionPolicy": "Retain"}, A=1) == {
        "Resources": {"Subject": {"Type": "T", "DeletionPolicy": "Retain", "Properties": {"A": 1}}}
    }


def test_a_malformed_template_is_an_error_not_a_pass() -> None:
    with pytest.raises(TemplateError, match="resource S has no Type"):
        findings(RULE, "Resources: {S: {Properties: {}}}")


def test_the_outcome_of_findings_is_the_worst() -> None:
    two = {"Resources": {"A": {"Type": "T"}, "B": {"Type": "T", "Properties": {"Days": {"Ref": "AWS::Region"}}}}}
    found = findings(RULE, two)
    assert [one.outcome for one in found] == [Outcome.FAIL, Outcome.UNDECIDED]
    assert outcome_of(found) == "fail"
    assert outcome_of(found[1:]) == "undecided"
    assert outcome_of([]) == "pass"
