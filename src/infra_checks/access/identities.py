"""Users, groups, roles and permission sets with everything that a stack attaches to them, in one scenario.

AWS: "IAM identities", "Managed policies and inline policies" and "Permissions boundaries for IAM entities" of the IAM
user guide.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from infra_checks.access.attaching import managed_policy_name, names
from infra_checks.access.carriers import Carried, listed_values, policies_of
from infra_checks.access.symbols import arn_of, text_at
from infra_checks.core.resource import Resource
from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.evaluate.view import View
from infra_checks.iam.model import Policy, PolicyType, Unread
from infra_checks.iam.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Surroundings
    from infra_checks.evaluate.values import Value
    from infra_checks.iam.document import Path

USER: Final = "AWS::IAM::User"
GROUP: Final = "AWS::IAM::Group"
ROLE: Final = "AWS::IAM::Role"
PERMISSION_SET: Final = "AWS::SSO::PermissionSet"
SAM: Final = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
"""Types for which AWS SAM makes a role, unless they name one."""

TYPES: Final = (USER, GROUP, ROLE, PERMISSION_SET, *SAM)

_ATTACHING: Final = {
    GROUP: {"AWS::IAM::GroupPolicy": "GroupName", "AWS::IAM::ManagedPolicy": "Groups", "AWS::IAM::Policy": "Groups"},
    ROLE: {"AWS::IAM::ManagedPolicy": "Roles", "AWS::IAM::Policy": "Roles", "AWS::IAM::RolePolicy": "RoleName"},
    USER: {"AWS::IAM::ManagedPolicy": "Users", "AWS::IAM::Policy": "Users", "AWS::IAM::UserPolicy": "UserName"},
}
"""By type of identity the types of policies that name what they are attached to, and where."""

_ARNS: Final = {PERMISSION_SET: "ManagedPolicies", **dict.fromkeys(SAM, "Policies")}


@dataclass(frozen=True, eq=False)
class Attachment:
    """One policy of an identity.

    `value` is what attaches it (its document, its ARN, the entry that names the identity). Of a policy that cannot be
    read, such as one of another stack, `reason` says why; its `policy` has no statement then, and says so in `unread`.
    `managed` is the path and name of a policy that AWS manages, which is read from the catalogue.
    """

    type: PolicyType
    value: Value[object]
    carried: Carried | None = None
    reason: str = ""
    managed: str = ""

    @cached_property
    def policy(self) -> Policy:
        """What it says."""
        if self.carried is not None:
            return self.carried.as_type(self.type)
        if self.managed:
            read = _managed_by_aws(self.managed, self.type)
            return replace(read, origin=self)
        return Policy(self.type, (), unread=(Unread(self.reason, ()),), origin=self)

    def at(self, path: Path) -> Value[object]:
        """Where a part of the policy stands; of a policy that is not of this stack, what attaches it."""
        return self.carried.at(path) if self.carried is not None else self.value


@dataclass(frozen=True, eq=False)
class Identity:
    """A user, group, role or permission set, or a function for which AWS SAM makes a role.

    `attachments` are its policies and, of a user, those of its groups; `boundary` limits them, if there is one.
    """

    resource: Resource
    attachments: tuple[Attachment, ...]
    boundary: Attachment | None

    @property
    def policies(self) -> tuple[Policy, ...]:
        """What allows and denies: all identity policies, each read."""
        return tuple(attachment.policy for attachment in self.attachments)

    @cached_property
    def trust(self) -> Carried | None:
        """Who may assume the role; None for what is no role."""
        return next(policies_of(self.resource, PolicyType.TRUST), None)


def identities(stack: Surroundings) -> Iterator[Identity]:
    """All identities that exist in the scenario, in the template's order."""
    for resource in stack.of_type(*TYPES):
        if resource.type not in SAM or isinstance(resource.value("Role"), Absent):
            yield identity_of(resource)


def identity_of(resource: Resource) -> Identity:
    """A resource of one of TYPES with all that is attached to it; gathered once for each scenario."""
    kept = resource.stack.kept
    key = (Identity, resource.logical_id)
    found = kept.get(key)
    if not isinstance(found, Identity):
        found = kept[key] = Identity(resource, tuple(_attachments(resource)), _boundary(resource))
    return found


def _attachments(resource: Resource) -> Iterator[Attachment]:
    for carried in policies_of(resource, PolicyType.IDENTITY):
        yield Attachment(PolicyType.IDENTITY, carried.value, carried)
    yield from _by_policies(resource)
    yield from _by_arns(resource)
    if resource.type == PERMISSION_SET:
        yield from _by_references(resource)
    if resource.type in SAM:
        yield from _by_sam(resource)
    if resource.type == USER:
        yield from _by_groups(resource)


def _by_policies(resource: Resource) -> Iterator[Attachment]:
    """Policies that name the identity."""
    attaching = _ATTACHING.get(resource.type, {})
    for holder in resource.stack.of_type(*attaching):
        for value in listed_values(holder, attaching[holder.type]):
            named = names(value, resource)
            if named:
                for carried in policies_of(holder, PolicyType.IDENTITY):
                    yield Attachment(PolicyType.IDENTITY, value, carried)
                break
            if named is None:
                reason = f"whether {holder.logical_id} is attached to it is not known"
                yield Attachment(PolicyType.IDENTITY, value, reason=reason)


def _by_arns(resource: Resource) -> Iterator[Attachment]:
    """Managed policies that the identity names, but for those of this stack that name the identity as well."""
    for value in listed_values(resource, _ARNS.get(resource.type, "ManagedPolicyArns")):
        if not isinstance(value, Absent) and not (resource.type in SAM and _is_mapping(value)):
            attachment = _managed(resource, value, PolicyType.IDENTITY)
            holder = attachment.carried.holder if attachment.carried else None
            if holder is None or not _names_too(holder, resource):
                yield attachment


def _names_too(holder: Resource, resource: Resource) -> bool:
    path = _ATTACHING.get(resource.type, {}).get(holder.type)
    return path is not None and any(names(value, resource) for value in listed_values(holder, path))


def _is_mapping(value: Value[object]) -> bool:
    return isinstance(value, Known) and isinstance(value.value, View)


def _managed(resource: Resource, value: Value[object], kind: PolicyType) -> Attachment:
    """The policy that an ARN names: of this stack, of AWS, or one that is not known."""
    target = resource.stack.target_of(value)
    if isinstance(target, Resource):
        carried = next(policies_of(target, PolicyType.IDENTITY), None)
        if carried is not None:
            return Attachment(kind, value, carried)
        return Attachment(kind, value, reason=f"{target.logical_id} is no policy that can be read")
    text = text_at(resource.stack, value)
    name = None if text is None else managed_policy_name(text, alone=resource.type in SAM)
    if name is not None:
        return Attachment(kind, value, managed=name)
    for holder in resource.stack.of_type("AWS::IAM::ManagedPolicy") if text is not None else ():
        if arn_of(holder) == text:
            return Attachment(kind, value, next(policies_of(holder, PolicyType.IDENTITY), None))
    if isinstance(value, Unknown):
        return Attachment(kind, value, reason=f"the attached policy is not known: {value.reason}")
    shown = value.value if isinstance(value, Known) and isinstance(value.value, str) else "what is attached"
    return Attachment(kind, value, reason=f"{shown} is not of this stack")


@lru_cache(maxsize=128)
def _managed_by_aws(name: str, kind: PolicyType) -> Policy:
    """The policy that AWS manages, by path and name, or by name alone as AWS SAM takes it."""
    from infra_checks.iam.catalogue import managed_policy  # noqa: PLC0415 - most stacks have none of them

    document = managed_policy(name)
    if document is not None:
        return parse(document, kind)
    return Policy(
        kind, (), unread=(Unread(f"the catalogue has no AWS-managed policy {name} that can be attached", ()),)
    )


def _boundary(resource: Resource) -> Attachment | None:
    value = resource.value("PermissionsBoundary")
    match value:
        case Known(View() as view):  # of a permission set
            arn = view.value("ManagedPolicyArn")
            if not isinstance(arn, Absent):
                return _managed(resource, arn, PolicyType.BOUNDARY)
            return Attachment(PolicyType.BOUNDARY, value, reason="the boundary is a policy of each account")
        case Known() | Unknown():
            return _managed(resource, value, PolicyType.BOUNDARY)
        case Absent():
            return None


def _by_references(resource: Resource) -> Iterator[Attachment]:
    """Policies of the accounts to which a permission set is given."""
    for value in listed_values(resource, "CustomerManagedPolicyReferences"):
        if not isinstance(value, Absent):
            reason = "a customer managed policy of a permission set is in each account"
            yield Attachment(PolicyType.IDENTITY, value, reason=reason)


def _by_sam(resource: Resource) -> Iterator[Attachment]:
    """What AWS SAM adds of its own: so that the function can write logs, for policy templates, events, connectors."""
    if resource.type == SAM[0]:
        yield Attachment(PolicyType.IDENTITY, resource.value(), managed="service-role/AWSLambdaBasicExecutionRole")
    for value in listed_values(resource, "Policies"):
        if isinstance(value, Known) and isinstance(value.value, View) and "Statement" not in value.value.keys():  # noqa: SIM118 - a view is no mapping
            template = ", ".join(value.value.keys())
            yield Attachment(
                PolicyType.IDENTITY, value, reason=f"the policy template {template} of AWS SAM is not read"
            )
    for name in ("Events", "Connectors"):
        value = resource.value(name)
        if not isinstance(value, Absent):
            yield Attachment(PolicyType.IDENTITY, value, reason=f"AWS SAM adds what {name} need")


def _by_groups(user: Resource) -> Iterator[Attachment]:
    """The policies of the groups that a user is in; AWS: a group has no boundary."""
    for value in _groups(user):
        target = user.stack.target_of(value)
        if isinstance(target, Resource) and target.type == GROUP:
            yield from identity_of(target).attachments
        elif not isinstance(value, Absent):
            yield Attachment(PolicyType.IDENTITY, value, reason="the policies of a group that is not of this stack")


def _groups(user: Resource) -> Iterator[Value[object]]:
    yield from listed_values(user, "Groups")
    for addition in user.stack.of_type("AWS::IAM::UserToGroupAddition"):
        for value in listed_values(addition, "Users"):
            named = names(value, user)
            if named:
                yield addition.value("GroupName")
                break
            if named is None:
                yield Unknown("whether it is a member is not known", value.node, value.path, value.notes)
