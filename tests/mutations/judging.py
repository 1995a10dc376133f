"""What a rule says of a template that was made of one of its cases."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from infra_checks.core.finding import Finding
from infra_checks.core.rule import Rule
from infra_checks.errors import InfraChecksError
from infra_checks.testing import Case, findings, outcome_of
from tests.mutations.data import Data

Template = Data | str | Mapping[str, Any]


class Said(NamedTuple):
    """A finding without its words: the outcome, the resource, the property and the scenario."""

    outcome: str
    resource: str
    path: str
    when: str


def found(rule: Rule, template: Template, case: Case, *, pins: Mapping[str, str] | None = None) -> list[Finding]:
    """The findings on a template under a case's parameters, options and tags."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return findings(
            rule,
            template if isinstance(template, str) else cast("dict[str, Any]", template),
            parameters={**case.parameters, **(pins or {})},
            options=case.options,
            assume_any=case.assume_any,
            tags=case.tags,
        )


def said(rule: Rule, template: Template, case: Case, *, pins: Mapping[str, str] | None = None) -> frozenset[Said]:
    """The findings in a form that can be compared."""
    return frozenset(
        Said(str(one.outcome), one.resource, one.path_text, one.when) for one in found(rule, template, case, pins=pins)
    )


def outcome(rule: Rule, template: Template, case: Case) -> str:
    """The outcome, or `refused` for what is no template any more."""
    try:
        return outcome_of(found(rule, template, case))
    except InfraChecksError:
        return "refused"
