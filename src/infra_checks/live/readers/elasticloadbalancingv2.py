"""AWS::ElasticLoadBalancingV2, by the Elastic Load Balancing API reference (version 2015-12-01)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.reading import Plain, Unread, reader
from infra_checks.live.renaming import Properties, from_answer, only, renamed, stated, tag_list
from infra_checks.live.shaping import at, shaped

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_MAPS: Final = ("AuthenticationRequestExtraParams",)
_TAGS: Final = "elbv2:describe_tags"
_MAPPED: Final = ("AllocationId", "IPv6Address", "PrivateIPv4Address")


def _one(asking: Asking, operation: str, member: str, **by: Any) -> Answer | Unread:  # noqa: ANN401 - as boto3 has it
    found: Answer | Unread = only(asking.pages("elbv2", operation, member, **by), asking.physical_id)
    return found


def _tags(asking: Asking) -> Properties:
    answer = asking.ask("elbv2", "describe_tags", ResourceArns=[asking.physical_id])
    return from_answer(answer, ("Tags",), _described_tags)


def _described_tags(answer: Answer) -> Properties:
    described = answer.get("TagDescriptions") or [{}]
    return {"Tags": tag_list(described[0].get("Tags") or [])}


def _attributes(asking: Asking, operation: str, property: str, by: str) -> Properties:
    """Those with a value: a load balancer without logs has an empty name of a bucket."""
    answer = asking.ask("elbv2", operation, **{by: asking.physical_id})
    return from_answer(
        answer, (property,), lambda got: {property: [each for each in got.get("Attributes") or [] if each.get("Value")]}
    )


@reader(
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "elbv2:describe_load_balancers",
    "elbv2:describe_load_balancer_attributes",
    _TAGS,
    unreturned=("EnableCapacityReservationProvisionStabilize",),
)
def load_balancer(asking: Asking) -> Read:
    """AWS: API_LoadBalancer.html; subnets are mappings where one has an address of the account."""
    found = _one(asking, "describe_load_balancers", "LoadBalancers", LoadBalancerArns=[asking.physical_id])
    if isinstance(found, Unread):
        return found
    same = (
        "DNSName",
        "EnablePrefixForIpv6SourceNat",
        "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
        "IpAddressType",
        "LoadBalancerArn",
        "LoadBalancerName",
        "Scheme",
        "SecurityGroups",
        "Type",
    )
    pools = found.get("IpamPools") or {}
    attributes = "describe_load_balancer_attributes"
    return {
        "MinimumLoadBalancerCapacity": Unread("the reader of load balancers does not ask for it"),
        **renamed(found, *same, Name="LoadBalancerName", CanonicalHostedZoneID="CanonicalHostedZoneId"),
        **renamed(pools, "Ipv4IpamPoolId"),
        **_subnets(found.get("AvailabilityZones") or []),
        **_attributes(asking, attributes, "LoadBalancerAttributes", "LoadBalancerArn"),
        **_tags(asking),
    }


def _subnets(zones: list[Answer]) -> Properties:
    if not any(address.get(name) for zone in zones for address in _addresses(zone) for name in _MAPPED):
        return stated(Subnets=[zone["SubnetId"] for zone in zones if zone.get("SubnetId")])
    mappings = [
        renamed(zone, "SubnetId") | renamed(address, *_MAPPED) for zone in zones for address in _addresses(zone) or [{}]
    ]
    return {"SubnetMappings": mappings}


def _addresses(zone: Answer) -> list[Answer]:
    found: list[Answer] = zone.get("LoadBalancerAddresses") or []
    return found


@reader(
    "AWS::ElasticLoadBalancingV2::Listener",
    "elbv2:describe_listeners",
    "elbv2:describe_listener_attributes",
    _TAGS,
)
def listener(asking: Asking) -> Read:
    """AWS: API_Listener.html; Certificates is the default one, as CloudFormation has it."""
    found = _one(asking, "describe_listeners", "Listeners", ListenerArns=[asking.physical_id])
    if isinstance(found, Unread):
        return found
    mutual = shaped(found.get("MutualAuthentication") or {}, drop=("TrustStoreAssociationStatus",))
    return {
        **renamed(found, "AlpnPolicy", "ListenerArn", "LoadBalancerArn", "Port", "Protocol", "SslPolicy"),
        **stated(
            Certificates=[renamed(each, "CertificateArn") for each in found.get("Certificates") or []],
            DefaultActions=[_action(each, timeout=str) for each in found.get("DefaultActions") or []],
            MutualAuthentication=mutual,
        ),
        **_attributes(asking, "describe_listener_attributes", "ListenerAttributes", "ListenerArn"),
        **_tags(asking),
    }


def _action(given: Answer, *, timeout: type) -> Plain:
    """CloudFormation has SessionTimeout as a text in listeners and as a number in rules."""
    read = shaped(given, maps=_MAPS)
    for name in ("AuthenticateCognitoConfig", "AuthenticateOidcConfig"):
        if at(read, name, "SessionTimeout") is not None:
            read[name]["SessionTimeout"] = timeout(read[name]["SessionTimeout"])
    if "AuthenticateOidcConfig" in read:
        read["AuthenticateOidcConfig"]["ClientSecret"] = Unread("no API returns a client's secret")
    return read


@reader("AWS::ElasticLoadBalancingV2::ListenerRule", "elbv2:describe_rules", _TAGS)
def listener_rule(asking: Asking) -> Read:
    """AWS: API_Rule.html; its listener is in its ARN: "Actions, resources, and condition keys" of the service."""
    found = _one(asking, "describe_rules", "Rules", RuleArns=[asking.physical_id])
    if isinstance(found, Unread):
        return found
    priority = found.get("Priority", "")
    return {
        "ListenerArn": asking.physical_id.replace(":listener-rule/", ":listener/").rpartition("/")[0],
        **renamed(found, "RuleArn"),
        **stated(
            Actions=[_action(each, timeout=int) for each in found.get("Actions") or []],
            Conditions=shaped(found.get("Conditions")),
            Priority=int(priority) if priority.isdigit() else None,
            Transforms=shaped(found.get("Transforms")),
        ),
        **_tags(asking),
    }


@reader(
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "elbv2:describe_target_groups",
    "elbv2:describe_target_group_attributes",
    _TAGS,
)
def target_group(asking: Asking) -> Read:
    """AWS: API_TargetGroup.html."""
    found = _one(asking, "describe_target_groups", "TargetGroups", TargetGroupArns=[asking.physical_id])
    if isinstance(found, Unread):
        return found
    same = (
        "HealthCheckEnabled",
        "HealthCheckIntervalSeconds",
        "HealthCheckPath",
        "HealthCheckPort",
        "HealthCheckProtocol",
        "HealthCheckTimeoutSeconds",
        "HealthyThresholdCount",
        "IpAddressType",
        "LoadBalancerArns",
        "Matcher",
        "Port",
        "Protocol",
        "ProtocolVersion",
        "TargetControlPort",
        "TargetGroupArn",
        "TargetGroupName",
        "TargetType",
        "UnhealthyThresholdCount",
        "VpcId",
    )
    return {
        "Targets": Unread("the reader of target groups does not ask for it"),
        **renamed(found, *same, Name="TargetGroupName"),
        **_attributes(asking, "describe_target_group_attributes", "TargetGroupAttributes", "TargetGroupArn"),
        **_tags(asking),
    }
