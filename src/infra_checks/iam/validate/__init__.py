"""Policies checked like IAM Access Analyzer's ValidatePolicy does, but offline.

`validate` takes a raw document and gives every problem it is sure of: what is not known before deployment is never
held against a policy. Which issue codes of Access Analyzer there are, and which are left out and why, is in
docs/iam-codes.md, made from `codes`.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from infra_checks.iam.validate import (
    actions,
    breadth,
    conditions,
    deputies,
    mfa,
    particular,
    principals,
    qualifiers,
    quotas,
    rcps,
    redundancy,
    resources,
    structure,
    tags,
    trust,
    values,
    variables,
)
from infra_checks.iam.validate.drafts import Draft, Part, draft
from infra_checks.iam.validate.problems import Level, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra_checks.iam.document import Document
    from infra_checks.iam.model import PolicyType

__all__ = ["Level", "Problem", "validate"]

_OF_DOCUMENTS: Final[tuple[Callable[[Draft], Iterator[Problem]], ...]] = (
    structure.check_document,
    structure.check_sids,
    quotas.check_size,
    redundancy.check_statements,
)
_OF_STATEMENTS: Final[tuple[Callable[[Draft, Part], Iterator[Problem]], ...]] = (
    structure.check_statement,
    variables.check_variables,
    principals.check_principals,
    rcps.check_rcp,
    trust.check_trust,
    deputies.check_deputies,
    actions.check_actions,
    actions.check_dependents,
    resources.check_resources,
    resources.check_fit,
    breadth.check_breadth,
    conditions.check_conditions,
    conditions.check_keys,
    values.check_values,
    qualifiers.check_qualifiers,
    mfa.check_mfa,
    tags.check_tags,
    particular.check_particular,
    particular.check_if_exists,
    redundancy.check_entries,
    redundancy.check_principals,
)


def validate(document: Document, type: PolicyType, *, resource_type: str | None = None) -> Iterator[Problem]:
    """What is wrong with a policy document, whatever JSON it is.

    `resource_type` is the CloudFormation type of the resource that has the policy; it decides the quota, and for
    resource policies which actions and resources they can be about.
    """
    read = _decoded(document)
    if not isinstance(read, dict):
        yield from structure.not_a_document(read)
        return
    whole = draft(read, type, resource_type)
    for check in _OF_DOCUMENTS:
        yield from check(whole)
    for part in whole.parts:
        for look in _OF_STATEMENTS:
            yield from look(whole, part)


def _decoded(document: Document) -> Document:
    """A document that is JSON in a text, read."""
    if not isinstance(document, str):
        return document
    try:
        read: Document = json.loads(document)
    except (ValueError, RecursionError):
        return document
    return read if isinstance(read, dict) else document
