from __future__ import annotations

import re

import pytest

from infra_checks.iam.catalogue import (
    ActionSet,
    Level,
    Risk,
    all_actions,
    expand,
    expand_all,
    find_action,
    is_undocumented,
    managed_policy,
    may_name,
    of_level,
    of_risk,
    resource_types,
    service,
    services,
    suggest,
    with_one_resource,
    with_resource_level,
)
from infra_checks.iam.catalogue.build.writing import is_one
from infra_checks.iam.catalogue.suggesting import OPERATIONS
from infra_checks.iam.text import Symbol


def every() -> list[str]:
    return list(all_actions())


def named(pattern: str) -> set[str]:
    regular = "".join({"*": ".*", "?": "."}.get(letter) or re.escape(letter) for letter in pattern.lower())
    return {name for name in every() if re.fullmatch(regular, name)}


def test_the_list_has_each_action_of_each_service() -> None:
    names = [action.full_name.lower() for prefix in services() if (one := service(prefix)) for action in one.actions]
    assert every() == sorted(names)


@pytest.mark.parametrize(
    "pattern",
    ["s3:Get*", "s3:getobject", "S3:GetObjec?", "s3:*Object*", "*", "**", "?*", "*:*", "s?:Get*", "iam:*Role*Policy",
     "ec2:Describe*", "*:Get*", "s3:**Object", "nothing:*", "s3", "", "s3*", "s3:GetObject*", "s3:[Gg]*"],
)  # fmt: skip
def test_a_pattern_names_what_it_matches(pattern: str) -> None:
    assert set(expand(pattern)) == named(pattern)


def test_several_patterns_name_the_union() -> None:
    patterns = ["s3:Get*", "s3:GetObject", "ec2:*Instance*", "sqs:SendMessage", "iam:P*", "nothing:*"]
    assert set(expand_all(patterns)) == set().union(*map(named, patterns))
    assert not expand_all([])


def test_read_only_access_names_thousands() -> None:
    document = managed_policy("ReadOnlyAccess")
    assert document is not None
    statements = document["Statement"]
    assert isinstance(statements, list)
    patterns = [entry for one in statements if isinstance(one, dict) for entry in one["Action"]]  # type: ignore[union-attr]
    assert len(expand_all(map(str, patterns))) > 5000


def test_sets_are_combined() -> None:
    get, put = expand("s3:Get*"), expand("s3:Put*")
    assert set(get | put) == set(get) | set(put)
    assert not get & put
    assert get - get == ActionSet()
    assert get <= expand("s3:*")
    assert not expand("s3:*") <= get
    assert set(~get) == set(every()) - set(get)
    assert "S3:GetObject" in get
    assert "s3:PutObject" not in get
    assert 7 not in get
    assert len(get) == len(list(get))
    assert hash(get) == hash(expand("s3:get*"))
    assert repr(expand("sqs:SendMessag?")) == "<1 actions: sqs:sendmessage>"


def test_a_symbol_stands_for_what_it_may_hold() -> None:
    assert may_name(("s3:", Symbol("Verb"), "Object")) == expand("s3:?*Object")
    assert may_name((Symbol("Anything", least=0),)) == all_actions()
    assert may_name("s3:GetObject") == expand("s3:GetObject")


def test_each_action_has_one_level() -> None:
    sets = [of_level(level) for level in Level]
    assert sum(map(len, sets)) == len(all_actions())
    assert all("iam:passrole" not in one for one in sets if one != of_level(Level.PERMISSIONS))


def test_levels_and_resource_support_agree_with_the_slices() -> None:
    for name in [*expand("iam:*"), *expand("ec2:D*"), *expand("elasticloadbalancing:*")]:
        action = find_action(name)
        assert action is not None
        assert name in of_level(action.level)
        assert (name in with_resource_level()) == bool(action.resources)


@pytest.mark.parametrize(
    ("risk", "inside", "outside"),
    [
        (Risk.CREDENTIALS, "iam:CreateAccessKey", "iam:DeleteAccessKey"),
        (Risk.DATA, "s3:GetObject", "s3:ListBucket"),
        (Risk.EXPOSURE, "s3:PutBucketPolicy", "s3:PutObject"),
        (Risk.ESCALATION, "iam:PassRole", "iam:GetRole"),
    ],
)
def test_risks_hold_what_they_say(risk: Risk, inside: str, outside: str) -> None:
    assert inside in of_risk(risk)
    assert outside not in of_risk(risk)


def test_managing_permissions_exposes_resources() -> None:
    assert of_level(Level.PERMISSIONS) <= of_risk(Risk.EXPOSURE)


def test_actions_that_only_managed_policies_know_are_told_from_mistakes() -> None:
    assert is_undocumented("Cloud9:ValidateEnvironmentName")
    assert not is_undocumented("s3:HeadBucket")
    assert not is_undocumented("s3:GetObject")


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("s3:HeadBucket", "s3:ListBucket"),
        ("s3:HeadBuckets", "s3:ListBucket"),
        ("s3:GetObjct", "s3:GetObject"),
        ("S3:ListObjectsV2", "s3:ListBucket"),
        ("dynamo:GetItem", "dynamodb:GetItem"),
        ("lambda:Invoke", "lambda:InvokeFunction"),
        ("ec2:DescribeInstance", "ec2:DescribeInstances"),
    ],
)
def test_the_likeliest_action_is_suggested_first(wrong: str, meant: str) -> None:
    assert suggest(wrong)[0] == meant


def test_what_is_like_nothing_gets_no_suggestion() -> None:
    assert suggest("zzzzzzzzzz:Qqqqqqqq") == ()
    assert len(suggest("s3:GetObjectx", most=2)) == 2


def test_every_suggestion_is_an_action() -> None:
    for wrong, names in OPERATIONS.items():
        assert find_action(wrong) is None
        assert all(find_action(name) for name in names), wrong


def test_actions_on_the_one_resource_of_an_account_are_those_whose_types_all_have_a_single_arn() -> None:
    single = with_one_resource()
    assert {name.partition(":")[0] for name in single} == {"cloudwatch", "securityhub"}
    assert "cloudwatch:PutMetricData" in single
    others = ("cloudwatch:TagResource", "glue:GetResourcePolicies", "account:CloseAccount")
    assert [name for name in others if name in single] == []
    assert single <= with_resource_level()
    for name in single:
        action = find_action(name)
        assert action is not None
        assert not any(resource.required for resource in action.resources)
        assert all(is_one(action.service, kind) for kind in resource_types(action))


def test_every_action_on_the_one_resource_of_an_account_is_in_the_class() -> None:
    for name in expand("securityhub:*") | expand("cloudwatch:*"):
        action = find_action(name)
        assert action is not None
        kinds = resource_types(action)
        optional = bool(kinds) and not any(resource.required for resource in action.resources)
        assert (name in with_one_resource()) == (optional and all(is_one(action.service, kind) for kind in kinds))
