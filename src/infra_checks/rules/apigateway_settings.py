"""What method settings of a stage of API Gateway are for, and which deployments make a stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.core.rule import Absent
from infra_checks.core.table import given
from infra_checks.rules.predicates import text_is

if TYPE_CHECKING:
    from infra_checks.core.resource import Resource
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.view import View


def makes_no_stage(resource: Resource) -> Decision:
    """A deployment without StageName makes no stage; the stage is then a resource of its own."""
    named = given("StageName")(resource)
    return None if named is None else not named


def for_all(setting: View) -> Decision:
    """Whether method settings are for all methods: the path `/*` and the method `*`, or none given."""
    decisions = []
    for name, every in (("ResourcePath", "/*"), ("HttpMethod", "*")):
        value = setting.text(name)
        decisions.append(True if isinstance(value, Absent) else text_is(value, every))
    return False if False in decisions else None if None in decisions else True
