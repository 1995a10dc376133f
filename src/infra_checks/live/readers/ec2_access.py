"""Security groups, network ACLs and prefix lists, by the Amazon EC2 API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.readers.ec2_asked import one, tags, where
from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, from_answer, renamed, stated
from infra_checks.live.shaping import at, declared_text

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_SIDES: Final = {False: "Source", True: "Destination"}
_ALL: Final = "-1"


@reader("AWS::EC2::SecurityGroup", "ec2:describe_security_groups")
def security_group(asking: Asking) -> Read:
    """AWS: API_SecurityGroup.html and API_IpPermission.html: all rules, also those that the stack has on their own.

    No egress is an empty list: a template without SecurityGroupEgress has the rule that lets all out.
    """
    found = one(asking, "describe_security_groups", "SecurityGroups", GroupIds=[asking.physical_id])
    if isinstance(found, Unread):
        return found
    return {
        **renamed(found, "GroupId", "GroupName", "VpcId", GroupDescription="Description"),
        **stated(SecurityGroupIngress=_rules(found.get("IpPermissions") or [], is_egress=False)),
        "SecurityGroupEgress": _rules(found.get("IpPermissionsEgress") or [], is_egress=True),
        **tags(found),
    }


def _rules(permissions: list[Answer], *, is_egress: bool) -> list[Properties]:
    """One rule for each peer of a permission."""
    side = _SIDES[is_egress]
    peers = {
        "IpRanges": {"CidrIp": "CidrIp"},
        "Ipv6Ranges": {"CidrIpv6": "CidrIpv6"},
        "PrefixListIds": {f"{side}PrefixListId": "PrefixListId"},
        "UserIdGroupPairs": {f"{side}SecurityGroupId": "GroupId"} | ({} if is_egress else _OWNER),
    }
    found = []
    for permission in permissions:
        common = renamed(permission, "IpProtocol", "FromPort", "ToPort")
        for member, names in peers.items():
            found += [common | renamed(peer, "Description", **names) for peer in permission.get(member) or []]
    return found


_OWNER: Final = {"SourceSecurityGroupOwnerId": "UserId"}


@reader("AWS::EC2::SecurityGroupIngress", "ec2:describe_security_group_rules")
def security_group_ingress(asking: Asking) -> Read:
    """AWS: API_SecurityGroupRule.html."""
    return _rule(asking, is_egress=False)


@reader("AWS::EC2::SecurityGroupEgress", "ec2:describe_security_group_rules")
def security_group_egress(asking: Asking) -> Read:
    """AWS: API_SecurityGroupRule.html."""
    return _rule(asking, is_egress=True)


def _rule(asking: Asking, *, is_egress: bool) -> Read:
    """By its id; in older stacks the physical id is a name, and the rule is that with the template's ports and peer."""
    own_id = asking.physical_id
    if own_id.startswith("sgr-"):
        found = one(asking, "describe_security_group_rules", "SecurityGroupRules", SecurityGroupRuleIds=[own_id])
        return found if isinstance(found, Unread) else _rule_properties(found, is_egress=is_egress)
    group = declared_text(asking, "GroupId")
    if group is None:
        return Unread("no API tells which rule this is, and the template's GroupId is not known")
    by = where(group_id=group)
    rules = asking.pages("ec2", "describe_security_group_rules", "SecurityGroupRules", Filters=by)
    if isinstance(rules, Unread):
        return rules
    own = [_rule_properties(each, is_egress=is_egress) for each in rules if each["IsEgress"] is is_egress]
    alike = [each for each in own if _is_declared(asking, each)]
    return alike[0] if len(alike) == 1 else Unread(f"{group} has {len(alike)} rules like the template's")


def _rule_properties(found: Answer, *, is_egress: bool) -> Properties:
    side = _SIDES[is_egress]
    peer = found.get("ReferencedGroupInfo") or {}
    owner = {} if is_egress else renamed(peer, SourceSecurityGroupOwnerId="UserId")
    names = {f"{side}PrefixListId": "PrefixListId", "CidrIp": "CidrIpv4", "CidrIpv6": "CidrIpv6"}
    read = renamed(found, "Description", "FromPort", "GroupId", "IpProtocol", "ToPort", **names)
    return read | renamed(peer, **{f"{side}SecurityGroupId": "GroupId"}) | owner


def _is_declared(asking: Asking, rule: Properties) -> bool:
    """Whether a rule has the protocol, the ports and the peer that the template gives it."""
    names = {"IpProtocol", "CidrIp", "CidrIpv6"} | {
        f"{side}{peer}" for side in _SIDES.values() for peer in ("PrefixListId", "SecurityGroupId")
    }
    if str(asking.declared.get("IpProtocol")) not in {_ALL, "all"}:
        names |= {"FromPort", "ToPort"}
    return all(str(rule.get(name)) == str(asking.declared.get(name)) for name in names)


@reader("AWS::EC2::NetworkAcl", "ec2:describe_network_acls")
def network_acl(asking: Asking) -> Read:
    """AWS: API_NetworkAcl.html."""
    found = one(asking, "describe_network_acls", "NetworkAcls", NetworkAclIds=[asking.physical_id])
    return found if isinstance(found, Unread) else {**renamed(found, "VpcId", Id="NetworkAclId"), **tags(found)}


@reader("AWS::EC2::NetworkAclEntry", "ec2:describe_network_acls")
def acl_entry(asking: Asking) -> Read:
    """AWS: API_NetworkAclEntry.html; it has no id of its own: list, number and direction are the template's."""
    acl, number = declared_text(asking, "NetworkAclId"), declared_text(asking, "RuleNumber")
    egress = asking.declared.get("Egress", False)
    if acl is None or number is None or isinstance(egress, Unread):
        return Unread("no API tells which entry this is, and the template's list, number or direction is not known")
    is_egress = str(egress).lower() == "true"
    found = one(asking, "describe_network_acls", "NetworkAcls", NetworkAclIds=[acl])
    if isinstance(found, Unread):
        return found
    for each in found.get("Entries") or []:
        if str(each["RuleNumber"]) == number and each["Egress"] is is_egress:
            return {"NetworkAclId": acl, **_entry(each)}
    return Unread(f"{acl} has no entry {number} (deleted meanwhile?)")


def _entry(found: Answer) -> Properties:
    same = ("CidrBlock", "Egress", "Ipv6CidrBlock", "PortRange", "RuleAction", "RuleNumber")
    return {**renamed(found, *same, Icmp="IcmpTypeCode"), "Protocol": int(found["Protocol"])}


@reader("AWS::EC2::SubnetNetworkAclAssociation", "ec2:describe_network_acls")
def acl_association(asking: Asking) -> Read:
    """AWS: API_NetworkAclAssociation.html."""
    own_id = asking.physical_id
    by = where(association__association_id=own_id)
    found = one(asking, "describe_network_acls", "NetworkAcls", Filters=by)
    if isinstance(found, Unread):
        return found
    own = [each for each in found.get("Associations") or [] if each.get("NetworkAclAssociationId") == own_id]
    if not own:
        return Unread(f"{own_id} was not found (deleted meanwhile?)")
    return renamed(own[0], "NetworkAclId", "SubnetId")


@reader("AWS::EC2::PrefixList", "ec2:describe_managed_prefix_lists", "ec2:get_managed_prefix_list_entries")
def prefix_list(asking: Asking) -> Read:
    """AWS: API_ManagedPrefixList.html."""
    own_id = asking.physical_id
    found = one(asking, "describe_managed_prefix_lists", "PrefixLists", PrefixListIds=[own_id])
    if isinstance(found, Unread):
        return found
    entries: Any = asking.pages("ec2", "get_managed_prefix_list_entries", "Entries", PrefixListId=own_id)
    return {
        **renamed(found, "AddressFamily", "MaxEntries", "PrefixListId", "PrefixListName"),
        **from_answer(entries, ("Entries",), _entries),
        **tags(found),
    }


def _entries(entries: list[Answer]) -> Properties:
    return {"Entries": [renamed(each, "Cidr", "Description") for each in entries if at(each, "Cidr")]}
