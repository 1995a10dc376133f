"""A policy as the engine sees it: statements of patterns and conditions, each with its path in the document."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.iam.document import Path
    from infra_checks.iam.text import Text


class PolicyType(Enum):
    """What a policy is attached to; it decides which elements it has and how it combines with others."""

    IDENTITY = "identity policy"
    RESOURCE = "resource policy"
    TRUST = "trust policy"  # the resource policy of a role
    KEY = "key policy"  # the resource policy of a KMS key: nobody gets in without it
    BOUNDARY = "permissions boundary"
    SCP = "service control policy"
    RCP = "resource control policy"
    ENDPOINT = "VPC endpoint policy"


class Effect(Enum):
    """What a statement does when it matches."""

    ALLOW = "Allow"
    DENY = "Deny"


class Pattern(NamedTuple):
    """One entry of Action, Resource or their opposites."""

    text: Text
    path: Path


class Patterns(NamedTuple):
    """Action, Resource (`negated` false) or NotAction, NotResource (true).

    `partial` is true where entries are missing from `listed` because they are not known.
    """

    listed: tuple[Pattern, ...]
    negated: bool
    path: Path
    partial: bool = False


class Principal(NamedTuple):
    """One principal: `kind` is AWS, Service, Federated, CanonicalUser, or `*` for a bare `"*"`."""

    kind: str
    name: Text
    path: Path = ()


class Principals(NamedTuple):
    """Principal (`negated` false) or NotPrincipal (true); `partial` as in Patterns."""

    listed: tuple[Principal, ...]
    negated: bool
    path: Path
    partial: bool = False


class Condition(NamedTuple):
    """One key under one operator; statements hold when all of theirs do.

    `operator` is in AWS's spelling without qualifier and IfExists; `qualifier` is "", ForAllValues or ForAnyValue;
    `key` is as written; `partial` as in Patterns.
    """

    operator: str
    qualifier: str
    if_exists: bool
    key: str
    values: tuple[Pattern, ...]
    path: Path
    partial: bool = False


class Unread(NamedTuple):
    """A part of a policy that the engine cannot take into account, and why: unknown before deployment, or malformed."""

    reason: str
    path: Path


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement. `effect` is None where it is not known; `unread` are its conditions and entries that are not known:
    an Allow with them allows at most what the rest says, a Deny with them surely denies nothing.

    Where only entries of a list are missing, the list is `partial` and what it has still counts. `incomplete` is true
    where the rest does not say enough: a condition or an element is not known or not one that AWS takes.
    """

    path: Path
    sid: Text | None
    effect: Effect | None
    actions: Patterns | None
    resources: Patterns | None
    principals: Principals | None
    conditions: tuple[Condition, ...] = ()
    unread: tuple[Unread, ...] = ()
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy; `unread` are whole statements (or the document) that are not known, so that any answer is partial."""

    type: PolicyType
    statements: tuple[Statement, ...]
    version: str = ""  # as written; AWS takes 2008-10-17 when there is none
    id: Text = ""
    unread: tuple[Unread, ...] = ()
    origin: object = None  # whose policy it is; the caller's, never looked at


@dataclass(frozen=True, slots=True)
class Request:
    """One concrete request. Context keys are in lower case; a key with several values is multi-valued."""

    action: str
    resource: str
    principal: Principal | None = None
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
