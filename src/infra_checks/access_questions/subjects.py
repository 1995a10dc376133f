"""Whose access a question is about: principals, resources and policies, with all the policies that bear on each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from infra_checks.access.carriers import Carried, listed_values, policies_of
from infra_checks.access.identities import Attachment, identities
from infra_checks.access.table import CARRIERS
from infra_checks.access_questions.inputs import PolicyInput, TemplateInput
from infra_checks.access_questions.results import Place
from infra_checks.core.resource import Resource, Surroundings
from infra_checks.evaluate.values import Absent
from infra_checks.iam.model import Effect, Pattern, Patterns, Policy, PolicyType, Principal, Principals, Statement
from infra_checks.iam.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra_checks.access.identities import Identity
    from infra_checks.access_questions.inputs import Input
    from infra_checks.evaluate.scenario import Scenario
    from infra_checks.iam.document import Path
    from infra_checks.template.nodes import Node

Key = tuple[str, str]

LIMITING: Final = (PolicyType.SCP, PolicyType.RCP, PolicyType.ENDPOINT, PolicyType.BOUNDARY)
"""Types of policies that grant nothing; without one there is no limit."""

OF_RESOURCES: Final = (PolicyType.RESOURCE, PolicyType.TRUST, PolicyType.KEY)


@dataclass(frozen=True, eq=False)
class Subject:
    """A principal, a resource or a policy, and the policies that decide about its access, in one scenario.

    `key` is what it is called in every version of a template; `title` in words. `about` are the resources that its
    policies are for, `holder` the resource that stands for it in the template, if there is one.
    """

    key: Key
    title: str
    policies: tuple[Policy, ...]
    place: Place
    holder: Resource | None = None
    identity: Identity | None = None
    types: tuple[str, ...] = ()
    source: Input | None = None

    def of_type(self, *types: PolicyType) -> bool:
        """Whether a policy of one of the types is among its own."""
        return any(policy.type in types for policy in self.policies)

    def place_of(self, policy: Policy, path: Path) -> Place:
        """Where a part of one of its policies stands."""
        node = _node_at(policy.origin, path)
        return self.place if node is None else Place(self.place.file, node.span)


def everything(type: PolicyType) -> Policy:
    """A policy that allows all: what holds where no policy of a limiting type is given."""
    anything = Patterns((Pattern("*", ()),), negated=False, path=())
    anyone = Principals((Principal("*", "*"),), negated=False, path=())
    statement = Statement((), "", Effect.ALLOW, anything, anything, anyone)
    return Policy(type, (statement,))


def subjects_of(source: Input, scenario: Scenario) -> Iterator[Subject]:
    """The subjects of a file in a scenario; all of their policies are read."""
    if isinstance(source, PolicyInput):
        yield _of_policy(source)
        return
    surroundings = Surroundings(source.stack, scenario)
    attached: dict[str, int] = {}
    for identity in identities(surroundings):
        for attachment in identity.attachments:
            if attachment.carried is not None:
                name = attachment.carried.holder.logical_id
                attached[name] = attached.get(name, 0) + 1
        yield _of_identity(source, identity)
    grouped: dict[Key, list[Subject]] = {}
    for resource in surroundings.of_type(*CARRIERS):
        for subject in _of_carrier(source, resource, attached):
            grouped.setdefault(subject.key, []).append(subject)
    for members in grouped.values():
        policies = tuple(policy for member in members for policy in member.policies)
        types = tuple(dict.fromkeys(kind for member in members for kind in member.types))
        yield replace(members[0], policies=policies, types=types)


def _of_policy(source: PolicyInput) -> Subject:
    policy = parse(source.document.document, source.type, origin=source)
    return Subject((source.type.value, ""), f"the policy {source.name}", (policy,), Place(source.name), source=source)


def _of_identity(source: TemplateInput, identity: Identity) -> Subject:
    resource = identity.resource
    policies = [*identity.policies, *(() if identity.boundary is None else (identity.boundary.policy,))]
    return Subject(
        ("identity", resource.logical_id),
        f"{resource.logical_id} ({resource.type})",
        tuple(policies),
        Place(source.name, resource.declaration.key.span),
        resource,
        identity,
        (resource.type,),
        source,
    )


def _of_carrier(source: TemplateInput, resource: Resource, attached: dict[str, int]) -> Iterator[Subject]:
    carrieds = [*policies_of(resource)]
    for carried in carrieds:
        if carried.type is PolicyType.IDENTITY:
            if resource.type not in _IDENTITIES and _has_other_holders(resource, attached):
                yield _subject(source, ("policy", resource.logical_id), f"whoever has {resource.logical_id}", carried)
        elif carried.type is PolicyType.TRUST:
            yield _subject(source, ("trust", resource.logical_id), f"who may assume {resource.logical_id}", carried)
        elif carried.type in LIMITING:
            key = (carried.type.value, resource.logical_id)
            yield _subject(source, key, f"what {resource.logical_id} lets through", carried)
        else:
            yield from _of_resource(source, resource, carried)
    for kind in dict.fromkeys(carrier.type for carrier in CARRIERS[resource.type]):
        if kind in LIMITING and all(carried.type is not kind for carried in carrieds):
            yield _unlimited(source, resource, kind)


def _unlimited(source: TemplateInput, resource: Resource, kind: PolicyType) -> Subject:
    """A resource that may have a limiting policy and has none: an endpoint gets one that allows all.

    Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html (default endpoint policy)
    """
    return Subject(
        (kind.value, resource.logical_id),
        f"what {resource.logical_id} lets through",
        (everything(kind),),
        Place(source.name, resource.declaration.key.span),
        resource,
        types=(resource.type,),
        source=source,
    )


_IDENTITIES: Final = (
    "AWS::IAM::Group",
    "AWS::IAM::Role",
    "AWS::IAM::User",
    "AWS::SSO::PermissionSet",
    "AWS::Serverless::Function",
    "AWS::Serverless::StateMachine",
)
_ATTACHING: Final = ("Roles", "Users", "Groups", "RoleName", "UserName", "GroupName")


def _has_other_holders(policy: Resource, attached: dict[str, int]) -> bool:
    """Whether a policy is, or may be, attached to principals that are not of the stack."""
    values = [value for name in _ATTACHING for value in listed_values(policy, name)]
    named = [value for value in values if not isinstance(value, Absent)]
    return not attached.get(policy.logical_id) or any(
        not isinstance(policy.stack.target_of(value), Resource) for value in named
    )


def _of_resource(source: TemplateInput, resource: Resource, carried: Carried) -> Iterator[Subject]:
    """One subject for each resource of the stack that the policy is for, and one for what is not of it."""
    abouts = carried.about
    targets = [about for about in abouts if isinstance(about, Resource)]
    for target in targets:
        subject = _subject(source, ("resource", target.logical_id), f"{target.logical_id} ({target.type})", carried)
        yield replace(subject, types=(target.type, resource.type))
    if len(targets) < len(abouts) or not abouts:
        yield _subject(source, ("holder", resource.logical_id), f"{resource.logical_id} ({resource.type})", carried)


def _subject(source: TemplateInput, key: Key, title: str, carried: Carried) -> Subject:
    place = Place(source.name, carried.holder.declaration.key.span)
    return Subject(key, title, (carried.policy,), place, carried.holder, None, (carried.holder.type,), source)


def _node_at(origin: object, path: Path) -> Node | None:
    match origin:
        case Carried() | Attachment():
            return origin.at(path).node
        case PolicyInput(document=document, source=source) if source is not None:
            return document.at(path).node
        case _:
            return None


def read_all(subjects: Iterable[Subject]) -> dict[Key, Subject]:
    """The subjects by their keys."""
    return {subject.key: subject for subject in subjects}
