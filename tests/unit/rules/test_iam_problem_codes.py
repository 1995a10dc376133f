"""Every problem that `iam.validate` can give is told by a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra_checks.iam.document import Opaque
from infra_checks.iam.model import PolicyType
from infra_checks.iam.validate.problems import catalogue as codes
from infra_checks.rules import catalogue
from infra_checks.rules.iam_problem_codes import CODES, ELSEWHERE
from infra_checks.testing import findings
from tests.unit.iam.validate.test_codes import CASES, names

if TYPE_CHECKING:
    from infra_checks.iam.document import Document
    from tests.unit.iam.validate.cases import Case

RULES = {rule.id: rule for rule in catalogue()}

CARRIER = {
    PolicyType.IDENTITY: ("AWS::IAM::ManagedPolicy", "PolicyDocument"),
    PolicyType.RESOURCE: ("AWS::S3::BucketPolicy", "PolicyDocument"),
    PolicyType.TRUST: ("AWS::IAM::Role", "AssumeRolePolicyDocument"),
    PolicyType.KEY: ("AWS::KMS::Key", "KeyPolicy"),
}


def test_every_code_is_told_by_one_rule() -> None:
    told = [code for each in CODES.values() for code in each]
    assert sorted([*told, *ELSEWHERE]) == sorted(codes())


def test_every_rule_of_the_table_is_in_the_catalogue() -> None:
    assert {*CODES, *ELSEWHERE.values()} <= set(RULES)


def is_known(document: Document) -> bool:
    if isinstance(document, dict):
        return all(map(is_known, document.values()))
    if isinstance(document, list):
        return all(map(is_known, document))
    return not isinstance(document, Opaque | tuple)


@pytest.mark.parametrize("case", [each for each in CASES if each.code in ELSEWHERE and is_known(each.wrong)], ids=names)
def test_what_is_told_elsewhere_is_told_there(case: Case) -> None:
    kind, name = CARRIER[case.type]
    template = {"Resources": {"Subject": {"Type": kind, "Properties": {name: case.wrong}}}}
    assert findings(RULES[ELSEWHERE[case.code]], template)
