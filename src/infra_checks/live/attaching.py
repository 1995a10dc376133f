"""What other resources of a stack give to one: a policy to a role, a rule to a security group."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from infra_checks.live.reading import Plain
    from infra_checks.live.stacks import LiveResource, LiveStack

Given = tuple[str, "Plain"]
"""The name of a property that is a list, and an entry of it."""


def attached(resource: LiveResource, stack: LiveStack) -> dict[str, list[Plain]]:
    """Entries that other resources of the stack may have added to lists of a resource, by the list's property."""
    found: dict[str, list[Plain]] = defaultdict(list)
    for other in stack:
        giving = _GIVING.get((other.type, resource.type))
        if giving is not None and other.declared is not None:
            for name, entry in giving(other.declared.properties, other, resource):
                found[name].append(entry)
    return found


def _names(value: Plain, resource: LiveResource) -> bool:
    """Whether a declared value names a resource."""
    own = resource.logical_id.rpartition("/")[2]
    match value:
        case {"Ref": name} | {"Fn::GetAtt": [name, _]}:
            return bool(name == own)
        case list():
            return any(_names(item, resource) for item in value)
        case _:
            return bool(value in (resource.physical_id, resource.arn))


def _own(other: LiveResource) -> dict[str, Plain]:
    return {"Ref": other.logical_id.rpartition("/")[2]}


def _inline(properties: Mapping[str, Any], _other: LiveResource, resource: LiveResource) -> Iterator[Given]:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html."""
    holders = [properties.get(name, []) for name in ("Roles", "Users", "Groups", "RoleName", "UserName", "GroupName")]
    if any(_names(each, resource) for each in holders):
        kept = ("PolicyName", "PolicyDocument")
        yield "Policies", {name: properties[name] for name in kept if name in properties}


def _managed(properties: Mapping[str, Any], other: LiveResource, resource: LiveResource) -> Iterator[Given]:
    if any(_names(properties.get(name, []), resource) for name in ("Roles", "Users", "Groups")):
        yield "ManagedPolicyArns", _own(other)


def _holder(properties: Mapping[str, Any], other: LiveResource, resource: LiveResource) -> Iterator[Given]:
    """A role that attaches a managed policy: the policy shows the role."""
    if _names(properties.get("ManagedPolicyArns", []), resource):
        yield f"{other.type.rpartition('::')[2]}s", _own(other)


def _rule(name: str) -> Callable[[Mapping[str, Any], LiveResource, LiveResource], Iterator[Given]]:
    def rule(properties: Mapping[str, Any], _other: LiveResource, resource: LiveResource) -> Iterator[Given]:
        if _names(properties.get("GroupId"), resource) or _names(properties.get("GroupName"), resource):
            yield name, {key: value for key, value in properties.items() if key not in {"GroupId", "GroupName"}}

    return rule


def _subscription(properties: Mapping[str, Any], _other: LiveResource, resource: LiveResource) -> Iterator[Given]:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html."""
    if _names(properties.get("TopicArn"), resource):
        yield "Subscription", {name: properties[name] for name in ("Endpoint", "Protocol") if name in properties}


_GIVING = {
    **{
        (giver, taker): _inline
        for giver in ("AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy")
        for taker in ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group")
    },
    **{("AWS::IAM::ManagedPolicy", f"AWS::IAM::{taker}"): _managed for taker in ("Role", "User", "Group")},
    **{(f"AWS::IAM::{giver}", "AWS::IAM::ManagedPolicy"): _holder for giver in ("Role", "User", "Group")},
    ("AWS::SNS::Subscription", "AWS::SNS::Topic"): _subscription,
    ("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroup"): _rule("SecurityGroupIngress"),
    ("AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroup"): _rule("SecurityGroupEgress"),
}
"""By type of the giver and of the taker."""
