"""Policies for tests, written as short as can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.iam.model import PolicyType
from infra_checks.iam.parse import parse

if TYPE_CHECKING:
    from infra_checks.iam.document import Document
    from infra_checks.iam.model import Policy


def policy(*statements: Document, type: PolicyType = PolicyType.IDENTITY) -> Policy:
    return parse({"Version": "2012-10-17", "Statement": [*statements]}, type)


def allow(action: Document = "*", resource: Document = "*", /, **elements: Document) -> Document:
    return {"Effect": "Allow", "Action": action, "Resource": resource} | elements


def deny(action: Document = "*", resource: Document = "*", /, **elements: Document) -> Document:
    return {"Effect": "Deny", "Action": action, "Resource": resource} | elements


def when(operator: str, key: str, *values: Document) -> dict[str, Document]:
    return {operator: {key: [*values]}}
