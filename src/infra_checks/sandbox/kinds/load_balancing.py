"""AWS::ElasticLoadBalancingV2."""

from __future__ import annotations

from typing import Any, Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.rows import retag
from infra_checks.sandbox.shapes import as_text


def _pairs(making: Making, prop: str) -> list[dict[str, str]]:
    return [{"Key": each["Key"], "Value": as_text(each["Value"])} for each in making.get(prop) or []]


def _make_balancer(making: Making) -> Made:
    name = making.name("Name", limit=32)
    only = [each for each in making.properties if each not in {"LoadBalancerAttributes", "Name"}]
    answer = making.send("elbv2", "create_load_balancer", only=only, Name=name)["LoadBalancers"][0]
    arn = answer["LoadBalancerArn"]
    attributes = {
        "Arn": arn,
        "LoadBalancerArn": arn,
        "CanonicalHostedZoneID": answer.get("CanonicalHostedZoneId", ""),
        "DNSName": answer["DNSName"],
        "LoadBalancerFullName": arn.partition(":loadbalancer/")[2],
        "LoadBalancerName": name,
    }
    return Made("AWS::ElasticLoadBalancingV2::LoadBalancer", arn, attributes)


def _configure_balancer(making: Making, made: Made) -> None:
    client = making.api("elbv2")
    if making.changed("LoadBalancerAttributes"):
        pairs = _pairs(making, "LoadBalancerAttributes")
        client.modify_load_balancer_attributes(LoadBalancerArn=made.ref, Attributes=pairs)
    if making.before is None:
        return
    if making.changed("SecurityGroups"):
        client.set_security_groups(LoadBalancerArn=made.ref, SecurityGroups=making.get("SecurityGroups"))
    if making.changed("Subnets"):
        client.set_subnets(LoadBalancerArn=made.ref, Subnets=making.get("Subnets"))
    if making.changed("Tags"):
        retag(making, "elbv2", made.ref)


def _delete_balancer(making: Making, made: Made) -> None:
    making.api("elbv2").delete_load_balancer(LoadBalancerArn=made.ref)


def _make_group(making: Making) -> Made:
    name = making.name("Name", limit=32)
    only = [each for each in making.properties if each not in {"TargetGroupAttributes", "Name", "Targets"}]
    answer = making.send("elbv2", "create_target_group", only=only, Name=name)["TargetGroups"][0]
    arn = answer["TargetGroupArn"]
    attributes = {
        "Arn": arn,
        "TargetGroupArn": arn,
        "TargetGroupFullName": arn.rpartition(":")[2],
        "TargetGroupName": name,
        "LoadBalancerArns": [],
    }
    return Made("AWS::ElasticLoadBalancingV2::TargetGroup", arn, attributes)


def _configure_group(making: Making, made: Made) -> None:
    client = making.api("elbv2")
    if making.changed("TargetGroupAttributes"):
        pairs = _pairs(making, "TargetGroupAttributes")
        client.modify_target_group_attributes(TargetGroupArn=made.ref, Attributes=pairs)
    if making.changed("Targets"):
        making.send("elbv2", "register_targets", only=("Targets",), TargetGroupArn=made.ref)
    if making.before is None:
        return
    changed = [each for each in making.properties if making.properties[each] != making.before.get(each)]
    if making.changed("Tags"):
        retag(making, "elbv2", made.ref)
    checks = [each for each in changed if each.startswith(("HealthCheck", "HealthyT", "UnhealthyT", "Matcher"))]
    if checks:
        making.send("elbv2", "modify_target_group", only=checks, TargetGroupArn=made.ref)


def _delete_group(making: Making, made: Made) -> None:
    making.api("elbv2").delete_target_group(TargetGroupArn=made.ref)


def _make_listener(making: Making) -> Made:
    only = [each for each in making.properties if each != "ListenerAttributes"]
    arn = making.send("elbv2", "create_listener", only=only)["Listeners"][0]["ListenerArn"]
    return Made("AWS::ElasticLoadBalancingV2::Listener", arn, {"ListenerArn": arn})


def _configure_listener(making: Making, made: Made) -> None:
    if making.changed("ListenerAttributes"):
        pairs = _pairs(making, "ListenerAttributes")
        making.api("elbv2").modify_listener_attributes(ListenerArn=made.ref, Attributes=pairs)
    if making.before is None:
        return
    changed = [each for each in making.properties if making.properties[each] != making.before.get(each)]
    wanted = [each for each in changed if each != "ListenerAttributes"]
    if wanted:
        making.send("elbv2", "modify_listener", only=wanted, ListenerArn=made.ref)


def _delete_listener(making: Making, made: Made) -> None:
    making.api("elbv2").delete_listener(ListenerArn=made.ref)


def _make_rule(making: Making) -> Made:
    arn = making.send("elbv2", "create_rule")["Rules"][0]["RuleArn"]
    return Made("AWS::ElasticLoadBalancingV2::ListenerRule", arn, {"RuleArn": arn, "IsDefault": "false"})


def _configure_rule(making: Making, made: Made) -> None:
    if making.before is None:
        return
    wanted: dict[str, Any] = {}
    if making.changed("Actions", "Conditions"):
        making.send("elbv2", "modify_rule", only=("Actions", "Conditions"), RuleArn=made.ref, **wanted)
    if making.changed("Priority"):
        priority = {"RuleArn": made.ref, "Priority": int(making.get("Priority"))}
        making.api("elbv2").set_rule_priorities(RulePriorities=[priority])


def _delete_rule(making: Making, made: Made) -> None:
    making.api("elbv2").delete_rule(RuleArn=made.ref)


KINDS: Final = (
    Kind(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        _make_balancer,
        _delete_balancer,
        _configure_balancer,
        frozenset({"Name", "Scheme", "Type"}),
    ),
    Kind(
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        _make_group,
        _delete_group,
        _configure_group,
        frozenset({"IpAddressType", "Name", "Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId"}),
    ),
    Kind(
        "AWS::ElasticLoadBalancingV2::Listener",
        _make_listener,
        _delete_listener,
        _configure_listener,
        frozenset({"LoadBalancerArn"}),
        None,
    ),
    Kind(
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        _make_rule,
        _delete_rule,
        _configure_rule,
        frozenset({"ListenerArn"}),
        None,
    ),
)
