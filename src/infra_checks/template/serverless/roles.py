"""The execution roles that SAM generates for functions and state machines.

AWS: "AWS::Serverless::Function", properties Role, Policies, PermissionsBoundary and RolePath. An entry of Policies is
the name or ARN of a managed policy, a policy document or a policy template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence, is_no_value
from infra_checks.template.serverless.making import (
    Content,
    Entry,
    GetAtt,
    Sub,
    both,
    branches,
    entry_of,
    is_given,
    made,
    made_mapping,
    unexpanded,
)
from infra_checks.template.serverless.policy_templates import granted
from infra_checks.template.serverless.source import tag_list

if TYPE_CHECKING:
    from infra_checks.template.serverless.source import Generated, Renames, Source

_VERSION: Final = "2012-10-17"
_NEGATED: Final = "NOT"


def managed(name: str) -> Sub:
    """The ARN of a policy that AWS manages, in whatever partition the stack is."""
    return Sub(f"arn:${{AWS::Partition}}:iam::aws:policy/{name}")


def trust(service: str) -> Content:
    """A trust policy that lets one service assume the role."""
    statement: Content = {"Effect": "Allow", "Principal": {"Service": [service]}, "Action": ["sts:AssumeRole"]}
    return {"Version": _VERSION, "Statement": [statement]}


def document(action: Content, resource: Content) -> Content:
    """A policy document that allows one action on one resource."""
    return {"Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}


def only_from(principal: Content, queue: Content, sender: Content) -> Content:
    """A queue policy that lets one sender, and nobody else, send."""
    statement: Content = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": sender}},
    }
    return {"Version": _VERSION, "Statement": [statement]}


class Role:
    """What a generated role is made of, in the order in which SAM adds it."""

    def __init__(self, source: Source, service: str) -> None:
        self._source = source
        self._service = service
        self._arns: list[Content] = []
        self._policies: list[Content] = []
        self._renames: Renames = {}
        self._wholes: Renames = {(): ("Role",)}

    def attach(self, *names: str) -> None:
        """Attach policies that AWS manages."""
        self._arns.extend(policy for policy in map(managed, names) if policy not in self._arns)

    def allow(self, name: str, action: Content, resource: Content, at: tuple[str | int, ...]) -> None:
        """Allow one action on one resource, as a property of the source demands."""
        self._wholes["Policies", len(self._policies)] = at
        self._policies.append({"PolicyName": name, "PolicyDocument": document(action, resource)})

    def allow_unknown(self, name: str, key: Scalar, at: tuple[str | int, ...]) -> None:
        """Allow what SAM makes of an event and is not expanded."""
        self._wholes["Policies", len(self._policies)] = at
        opaque = unexpanded("what the role may do for this event is not expanded", Entry(key, key))
        self._policies.append({"PolicyName": name, "PolicyDocument": opaque})

    def grant(self, given: Entry | None) -> None:
        """Add what stands in the source's Policies."""
        if given is None:
            return
        node = given.node
        for index, item in enumerate(node.items if isinstance(node, Sequence) else (node,)):
            at: tuple[str | int, ...] = ("Policies", index) if isinstance(node, Sequence) else ("Policies",)
            if is_given(item):
                self._grant_one(Entry(item, given.key), at, f"{self._source.logical_id}RolePolicy{index}")

    def _grant_one(self, given: Entry, at: tuple[str | int, ...], name: str) -> None:
        if _names_policy(given.node):
            self._wholes["ManagedPolicyArns", len(self._arns)] = at
            self._arns.append(_managed_node(given.node))
            return
        place = ("Policies", len(self._policies))
        self._wholes[place] = at
        if _holds_document(given.node):
            self._renames[(*place, "PolicyDocument")] = at
        self._policies.append(_inline(given, name))

    def add_to(self, generated: Generated, condition: Node | None = None) -> Content:
        """Add the role to what is generated, and give the reference to it."""
        source = self._source
        has_trust = not source.declaration.type.endswith("StateMachine")
        given = source.take("AssumeRolePolicyDocument") if has_trust else None
        properties: dict[str, Content] = {
            "AssumeRolePolicyDocument": given or trust(self._service),
            "ManagedPolicyArns": self._arns or None,
            "Policies": self._policies or None,
            "Path": source.take("RolePath"),
            "PermissionsBoundary": source.take("PermissionsBoundary"),
            "Tags": tags_of(source),
        }
        renames: Renames = {("Path",): ("RolePath",), **self._renames}
        renames |= {(own,): (own,) for own in ("PermissionsBoundary", "Policies", "Tags")}
        if has_trust:
            renames["AssumeRolePolicyDocument",] = ("AssumeRolePolicyDocument",)
        kind, wholes = "AWS::IAM::Role", self._wholes
        name = generated.add(
            source, kind, properties, suffix="Role", renames=renames, wholes=wholes, condition=condition
        )
        return GetAtt(name, "Arn")


def tags_of(source: Source) -> Content:
    """The tags of a function or state machine, which its role has too."""
    maker = "stateMachine:createdBy" if source.declaration.type.endswith("StateMachine") else "lambda:createdBy"
    return tag_list(source.take("Tags"), maker)


def role_of(source: Source, generated: Generated, role: Role, given: Entry | None) -> Content:
    """The role that a function or state machine has: its own, the generated one, or either by a condition."""
    if given is None:
        return role.add_to(generated)
    parts = branches(given.node) if isinstance(given.node, Call) else None
    if parts is None:
        return given
    condition, first, second = parts
    if not is_no_value(first) and not is_no_value(second):
        return given
    if is_no_value(first) and is_no_value(second):
        return role.add_to(generated)
    where = condition if is_no_value(first) else _negated(generated, condition)
    arn = made(role.add_to(generated, condition=where), source.place)
    if not isinstance(given.node, Call):
        return given
    chosen = (arn, second) if is_no_value(first) else (first, arn)
    return Entry(both(given.node, condition, *chosen), given.key)


def _negated(generated: Generated, condition: Node) -> Node:
    """The name of a condition, which SAM adds, that holds when another does not."""
    if not isinstance(condition, Scalar):
        return condition
    name = _NEGATED + condition.text
    call = Call("Condition", condition, condition.start, condition.end)
    listed = Sequence((call,), condition.start, condition.end)
    generated.conditions.setdefault(name, Call("Fn::Not", listed, condition.start, condition.end))
    return Scalar(name, name, condition.start, condition.end)


def _names_policy(node: Node) -> bool:
    """Whether an entry names a managed policy: by its name, its ARN, or a function that gives either."""
    if isinstance(node, Call):
        parts = branches(node)
        return parts is None or all(is_no_value(each) or _names_policy(each) for each in parts[1:])
    return isinstance(node, Scalar)


def _managed_node(node: Node) -> Node:
    if isinstance(node, Call) and (parts := branches(node)):
        return both(node, parts[0], *(each if is_no_value(each) else _managed_node(each) for each in parts[1:]))
    if isinstance(node, Scalar) and node.text and ":" not in node.text:
        # The path of the policy, such as service-role/, is not known here; no rule asks for it.
        return made(managed(node.text), node)
    return node


def _is_document(node: Node) -> bool:
    return isinstance(node, Mapping) and entry_of(node, "Statement") is not None


def _holds_document(node: Node) -> bool:
    """Whether an entry is a policy document, by a condition or not."""
    parts = branches(node) if isinstance(node, Call) else None
    return _is_document(node) if parts is None else any(map(_is_document, parts[1:]))


def _inline(given: Entry, name: str) -> Content:
    """An entry that is a policy document, by a condition or not, or else a policy template."""
    node = given.node
    if isinstance(node, Call) and (parts := branches(node)):
        made_parts = (each if is_no_value(each) else _inline_node(Entry(each, given.key), name) for each in parts[1:])
        return both(node, parts[0], *made_parts)
    return _inline_node(given, name)


def _inline_node(given: Entry, name: str) -> Node:
    node = given.node
    place = Scalar("", "", node.start, node.end)
    if _is_document(node):
        return made_mapping({"PolicyName": name, "PolicyDocument": node}, place)
    if (known := granted(node, place)) is not None:
        return made_mapping({"PolicyName": name, "PolicyDocument": known}, place)
    template = next(iter(node.entries), "") if isinstance(node, Mapping) else ""
    what = f"the policy template {template}" if template else "what it grants"
    opaque = unexpanded(f"{what} is not expanded", given).node
    return made_mapping({"PolicyName": name, "PolicyDocument": opaque}, place)
