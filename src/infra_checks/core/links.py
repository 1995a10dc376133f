"""What connects resources in a scenario: references of every kind, in both directions, and attached policies.

Only what stands in the scenario counts: the branch that an Fn::If takes, not the other one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.core.resource import Resource
from infra_checks.evaluate.values import Known, Unknown
from infra_checks.evaluate.view import EACH
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.evaluate.values import Path

_PLACEHOLDER: Final = re.compile(r"\$\{\s*([A-Za-z0-9]+)\s*(?:\.([A-Za-z0-9.]+))?\s*\}")

_IAM: Final = {"AWS::IAM::Group": "Groups", "AWS::IAM::Role": "Roles", "AWS::IAM::User": "Users"}

ATTACHMENTS: Final[dict[str, dict[str, str]]] = {
    "AWS::IAM::GroupPolicy": {"AWS::IAM::Group": "GroupName"},
    "AWS::IAM::ManagedPolicy": _IAM,
    "AWS::IAM::Policy": _IAM,
    "AWS::IAM::RolePolicy": {"AWS::IAM::Role": "RoleName"},
    "AWS::IAM::UserPolicy": {"AWS::IAM::User": "UserName"},
    "AWS::S3::BucketPolicy": {"AWS::S3::Bucket": "Bucket"},
    "AWS::SNS::TopicInlinePolicy": {"AWS::SNS::Topic": "TopicArn"},
    "AWS::SNS::TopicPolicy": {"AWS::SNS::Topic": "Topics"},
    "AWS::SQS::QueueInlinePolicy": {"AWS::SQS::Queue": "Queue"},
    "AWS::SQS::QueuePolicy": {"AWS::SQS::Queue": "Queues"},
    "AWS::SecretsManager::ResourcePolicy": {"AWS::SecretsManager::Secret": "SecretId"},
}
"""Types that hold a policy for others: of which types, and the property that names them (CloudFormation resource
reference)."""


class Link(NamedTuple):
    """One resource mentions another.

    `kind` is `Ref`, `Fn::GetAtt`, `Fn::Sub` or `DependsOn`; `path` where the mention stands in the source;
    `attribute` is empty but for what `Fn::GetAtt` and `${Name.Attribute}` ask for.
    """

    kind: str
    source: Resource
    path: Path
    target: Resource
    attribute: str = ""


def links_from(resource: Resource) -> Iterator[Link]:
    """The links of a resource to those that exist in the scenario, in the order of the text."""
    for path, kind, name, attribute in _mentions(resource):
        target = resource.stack.get(name)
        if target is not None:
            yield Link(kind, resource, path, target, attribute)


def links_to(resource: Resource, *types: str) -> Iterator[Link]:
    """The links to a resource from others (of the types, if given)."""
    for source in resource.referrers(*types):
        yield from (link for link in links_from(source) if link.target == resource)


def attached_policies(resource: Resource) -> Iterator[tuple[Resource, bool]]:
    """The resources that hold a policy for this one, and whether that is sure (else: it may be).

    Policies name what they are attached to (`Roles`, `Bucket`, ...), or an IAM principal names them in
    `ManagedPolicyArns`. What the resource holds itself (`Policies`, `KeyPolicy`) is not among them.
    """
    found: dict[str, tuple[Resource, bool]] = {}
    types = [kind for kind, attached in ATTACHMENTS.items() if resource.type in attached]
    for policy in resource.stack.of_type(*types):
        named = _names(policy, ATTACHMENTS[policy.type][resource.type], resource)
        if named is not False:
            found[policy.logical_id] = policy, named is True
    for value in resource.values("ManagedPolicyArns", EACH):
        target = resource.stack.target_of(value)
        if isinstance(target, Resource):
            found[target.logical_id] = target, True
    yield from found.values()


def _names(policy: Resource, path: str, resource: Resource) -> bool | None:
    """Whether a policy names a resource, alone or in a list: yes, no, or not to be told."""
    value = policy.value(path)
    is_list = isinstance(value, Known) and isinstance(value.value, tuple)
    targets = [resource.stack.target_of(one) for one in (policy.values(path, EACH) if is_list else (value,))]
    if resource in targets:
        return True
    return None if any(isinstance(target, Unknown) for target in targets) else False


def _mentions(resource: Resource) -> Iterator[tuple[Path, str, str, str]]:
    stack: list[tuple[Path, Node]] = [((), resource.declaration.node)]
    while stack:
        path, node = stack.pop()
        if isinstance(node, Call):
            below = _of_call(path, node)
            yield from (mention for mention in below if mention[2])
            stack.extend(reversed(_within_call(resource, path, node)))
        elif isinstance(node, Mapping):
            stack.extend(((*path, key), child) for key, child in reversed(node.entries.items()))
        elif isinstance(node, Sequence):
            stack.extend(((*path, index), child) for index, child in reversed(list(enumerate(node.items))))
        elif path[:1] == ("DependsOn",):
            yield path, "DependsOn", node.text, ""


def _within_call(resource: Resource, path: Path, call: Call) -> list[tuple[Path, Node]]:
    """What a call holds: of an Fn::If the branch taken (both, when that cannot be told), else its argument."""
    if call.name == "Fn::If" and isinstance(call.argument, Sequence):
        branch = resource.evaluator.branch(call)
        taken = call.argument.items[1:] if isinstance(branch, Unknown) else (branch[0],)
        return [(path, node) for node in taken]
    return [(path, call.argument)]


def _of_call(path: Path, call: Call) -> Iterator[tuple[Path, str, str, str]]:
    items = call.argument.items if isinstance(call.argument, Sequence) else (call.argument,)
    texts = [item.text if isinstance(item, Scalar) else "" for item in items]
    if call.name == "Ref":
        yield path, "Ref", texts[0], ""
    elif call.name == "Fn::GetAtt":
        yield path, "Fn::GetAtt", texts[0], ".".join(texts[1:])
    elif call.name == "Fn::Sub" and texts:
        local = items[1].entries if len(items) > 1 and isinstance(items[1], Mapping) else {}
        for name, attribute in _PLACEHOLDER.findall(texts[0]):
            if name not in local:
                yield path, "Fn::Sub", name, attribute
