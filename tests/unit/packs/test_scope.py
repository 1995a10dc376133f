from __future__ import annotations

import pytest

from infra_checks.packs.scope import EVERYWHERE, Scope


@pytest.mark.parametrize(
    ("pattern", "template", "matches"),
    [
        ("sandbox/", "sandbox/a.yaml", True),
        ("sandbox/", "stacks/sandbox/a.yaml", True),
        ("sandbox/", "sandbox.yaml", False),
        ("*.test.yaml", "stacks/a.test.yaml", True),
        ("/stacks/*.yaml", "stacks/deep/a.yaml", False),
        ("stacks/**/a.yaml", "stacks/deep/er/a.yaml", True),
    ],
)
def test_a_template_is_named_as_in_a_gitignore_file(pattern: str, template: str, matches: bool) -> None:
    assert Scope(only={"templates": (pattern,)}).covers(template, "R", "T") is matches
    assert Scope(excepted={"templates": (pattern,)}).covers(template, "R", "T") is not matches
    assert Scope(excepted={"templates": (pattern,)}).covers(template) is not matches


def test_a_resource_needs_a_pattern_of_each_kind_that_is_given() -> None:
    scope = Scope(only={"types": ("AWS::S3::*",), "resources": ("Logs*", "Audit")})
    assert scope.covers("a.yaml", "LogsBucket", "AWS::S3::Bucket")
    assert not scope.covers("a.yaml", "LogsBucket", "AWS::SNS::Topic")
    assert not scope.covers("a.yaml", "Bucket", "AWS::S3::Bucket")


def test_patterns_heed_case_because_names_do() -> None:
    assert not Scope(only={"resources": ("logs",)}).covers("a.yaml", "Logs", "T")


def test_a_template_as_a_whole_is_only_limited_by_patterns_of_templates() -> None:
    assert Scope(only={"resources": ("Logs",)}).covers("a.yaml")


def test_a_later_scope_replaces_patterns_kind_by_kind() -> None:
    one = Scope(only={"types": ("A",)}, excepted={"resources": ("B",), "types": ("C",)})
    both = one.under(Scope(excepted={"types": ("D",)}))
    assert both == Scope(only={"types": ("A",)}, excepted={"resources": ("B",), "types": ("D",)})


def test_nothing_is_left_out_without_patterns() -> None:
    assert EVERYWHERE.covers("a.yaml", "R", "T")
    assert not EVERYWHERE
