"""Security groups and their rules."""

from __future__ import annotations

from typing import Any, Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.refusal import CannotMakeError
from infra_checks.sandbox.rows import retag
from infra_checks.sandbox.shapes import as_text

_PEERS: Final = {
    "CidrIp": ("IpRanges", "CidrIp"),
    "CidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "DestinationPrefixListId": ("PrefixListIds", "PrefixListId"),
    "DestinationSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    "SourcePrefixListId": ("PrefixListIds", "PrefixListId"),
    "SourceSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    "SourceSecurityGroupName": ("UserIdGroupPairs", "GroupName"),
}
_PLAIN: Final = {"IpProtocol", "FromPort", "ToPort", "Description", "SourceSecurityGroupOwnerId"}


def permission(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule of a template as the API takes it; refuses what it has no place for."""
    unknown = rule.keys() - _PEERS.keys() - _PLAIN
    if unknown:
        raise CannotMakeError(f"the sandbox cannot give {', '.join(sorted(unknown))} of a security group's rule")
    if "IpProtocol" not in rule:
        raise CannotMakeError("Encountered unsupported property value: required key [IpProtocol] not found")
    made: dict[str, Any] = {"IpProtocol": as_text(rule["IpProtocol"])}
    for port in ("FromPort", "ToPort"):
        if port in rule:
            made[port] = int(rule[port])
    for prop, (member, key) in _PEERS.items():
        if prop in rule:
            peer = {key: as_text(rule[prop])}
            if "Description" in rule:
                peer["Description"] = as_text(rule["Description"])
            if "SourceSecurityGroupOwnerId" in rule and member == "UserIdGroupPairs":
                peer["UserId"] = as_text(rule["SourceSecurityGroupOwnerId"])
            made[member] = [peer]
    return made


_EVERYWHERE: Final = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}
"""The rule that AWS gives a group without egress rules."""


def _make_group(making: Making) -> Made:
    client = making.api("ec2")
    given: dict[str, Any] = {"GroupName": making.name("GroupName", limit=255)}
    if making.tags():
        given["TagSpecifications"] = [{"ResourceType": "security-group", "Tags": making.tags()}]
    vpc = making.get("VpcId")
    if vpc:
        given["VpcId"] = vpc
    identity = client.create_security_group(Description=as_text(making.need("GroupDescription")), **given)["GroupId"]
    attributes = {"GroupId": identity, "Id": identity, "VpcId": vpc or ""}
    return Made("AWS::EC2::SecurityGroup", identity, attributes)


def _configure_group(making: Making, made: Made) -> None:
    for direction, default in (("Ingress", []), ("Egress", [_EVERYWHERE])):
        prop = f"SecurityGroup{direction}"
        if making.changed(prop):
            before = (making.before or {}).get(prop) or default
            wanted = making.get(prop) or default
            _bring(making, made.ref, direction.lower(), before, wanted)
    if making.before is not None and making.changed("Tags"):
        retag(making, "ec2", made.ref)


def _bring(
    making: Making, group: str, direction: str, before: list[dict[str, Any]], wanted: list[dict[str, Any]]
) -> None:
    """Take rules away that are no longer wanted and add new ones."""
    client = making.api("ec2")
    gone = [permission(rule) for rule in before if rule not in wanted]
    new = [permission(rule) for rule in wanted if rule not in before]
    if gone:
        making.remove("ec2", f"revoke_security_group_{direction}", GroupId=group, IpPermissions=gone)
    if new:
        getattr(client, f"authorize_security_group_{direction}")(GroupId=group, IpPermissions=new)


def _delete_group(making: Making, made: Made) -> None:
    """Rules that name one another would keep both groups; CloudFormation takes them away before the groups."""
    client = making.api("ec2")
    found = client.describe_security_groups(GroupIds=[made.ref])["SecurityGroups"][0]
    for direction, member in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
        if found[member]:
            making.remove("ec2", f"revoke_security_group_{direction}", GroupId=made.ref, IpPermissions=found[member])
    client.delete_security_group(GroupId=made.ref)


class _Rule:
    """AWS::EC2::SecurityGroupIngress and Egress."""

    def __init__(self, direction: str) -> None:
        self._direction = direction
        self.type = f"AWS::EC2::SecurityGroup{direction.capitalize()}"

    def _rule(self, making: Making) -> tuple[str, dict[str, Any]]:
        rule = {name: making.get(name) for name in making.properties}
        return str(rule.pop("GroupId")), permission(rule)

    def make(self, making: Making) -> Made:
        """Add the rule."""
        group, rule = self._rule(making)
        call = getattr(making.api("ec2"), f"authorize_security_group_{self._direction}")
        answer = call(GroupId=group, IpPermissions=[rule])
        identity = answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        return Made(self.type, identity, {"Id": identity})

    def delete(self, making: Making, _made: Made) -> None:
        """Take the rule away."""
        group, rule = self._rule(making)
        making.remove("ec2", f"revoke_security_group_{self._direction}", GroupId=group, IpPermissions=[rule])

    def kind(self) -> Kind:
        """The row of the table; a change of anything but the description replaces the rule."""
        return Kind(self.type, self.make, self.delete, create_only=frozenset({*_PEERS, *_PLAIN, "GroupId"}), tags=None)


KINDS: Final = (
    Kind(
        "AWS::EC2::SecurityGroup",
        _make_group,
        _delete_group,
        _configure_group,
        frozenset({"GroupDescription", "GroupName", "VpcId"}),
    ),
    _Rule("ingress").kind(),
    _Rule("egress").kind(),
)
