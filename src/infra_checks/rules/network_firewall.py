"""Rules on AWS Network Firewall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Rule, Unknown, rule
from infra_checks.core.table import is_not_false, is_set, property_rule
from infra_checks.evaluate.view import EACH, as_text
from infra_checks.rules.predicates import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

FIREWALL: Final = "AWS::NetworkFirewall::Firewall"
POLICY: Final = "AWS::NetworkFirewall::FirewallPolicy"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"


@rule(
    FIREWALL,
    id="netfw-logging-enabled",
    title="Firewall writes logs",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Add an AWS::NetworkFirewall::LoggingConfiguration with `FirewallArn: !Ref` this firewall.",
    source=_CONFIG + "netfw-logging-enabled.html",
)
def logs(firewall: Resource, ctx: Context) -> Iterator[Verdict]:
    """Logs tell what the firewall stopped, and what it let through. AWS writes none without a logging configuration."""
    configurations = firewall.stack.of_type("AWS::NetworkFirewall::LoggingConfiguration")
    logged = any_of(*(_names(one, firewall) for one in configurations))
    if logged:
        return
    if logged is None or firewall.stack.unexpanded:
        yield ctx.undecided(firewall, "whether a logging configuration is for it is known only at deployment")
    else:
        yield ctx.violation(firewall, "writes no logs")


def _names(configuration: Resource, firewall: Resource) -> Decision:
    target = configuration.target("FirewallArn")
    match target:
        case Resource():
            return target == firewall
        case Unknown():
            return False if target.symbol is not None and target.symbol.kind in {"parameter", "import"} else None
        case Absent() | None:
            return False


def _default_action(name: str, which: str, *, id: str, title: str) -> Rule:
    """A rule that a stateless default action does not just let packets through."""

    def judge(policy: Resource, ctx: Context) -> Iterator[Verdict]:
        for value in policy.values("FirewallPolicy", name, EACH):
            text = as_text(value)
            match text:
                case Known("aws:pass"):
                    yield ctx.violation(value, f"lets {which} that no rule matches through")
                case Unknown():
                    yield ctx.undecided(value, f"what it does with {which} cannot be told: {text.reason}")
                case Known() | Absent():
                    continue

    judge.__doc__ = f"""What no stateless rule matches is judged by the default action. With aws:pass, {which} go
    through unseen; aws:drop stops them, and aws:forward_to_sfe hands them to the stateful rules."""
    return rule(
        POLICY,
        id=id,
        title=title,
        family=Family.NETWORK,
        severity=Severity.MEDIUM,
        remedy=f"Set `FirewallPolicy.{name}` to `[aws:forward_to_sfe]` or `[aws:drop]`.",
        source=_CONFIG + f"{id}.html",
    )(judge)


full_packets = _default_action(
    "StatelessDefaultActions",
    "packets",
    id="netfw-policy-default-action-full-packets",
    title="Firewall does not let packets through that no rule matches",
)

fragments = _default_action(
    "StatelessFragmentDefaultActions",
    "fragments of packets",
    id="netfw-policy-default-action-fragment-packets",
    title="Firewall does not let fragments through that no rule matches",
)


@rule(
    POLICY,
    id="netfw-policy-rule-group-associated",
    title="Firewall policy has rule groups",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    remedy="Add rule groups to `StatefulRuleGroupReferences` or `StatelessRuleGroupReferences`.",
    source=_CONFIG + "netfw-policy-rule-group-associated.html",
)
def rule_groups(policy: Resource, ctx: Context) -> Iterator[Verdict]:
    """A policy without rule groups does with everything what its default actions say, and filters nothing."""
    names = ("StatefulRuleGroupReferences", "StatelessRuleGroupReferences")
    values = [policy.value("FirewallPolicy", name) for name in names]
    kept = any_of(*(is_set(value, ctx) for value in values))
    if kept is None:
        yield ctx.undecided(values[0], "whether it has rule groups is known only at deployment")
    elif not kept:
        yield ctx.violation(values[0], "has no rule group")


deletion_protection = property_rule(
    FIREWALL,
    id="netfw-deletion-protection-enabled",
    title="Firewall is protected from deletion",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    path=("DeleteProtection",),
    holds=is_not_false,
    message="can be deleted by any call",
    rationale="""A firewall that is deleted filters nothing, or takes all traffic with it. AWS: the flag is initialized
    to true when a firewall is created, so only false is reported.""",
    remedy="Set `DeleteProtection: true`.",
    source=_CONFIG + "netfw-deletion-protection-enabled.html",
)

subnet_protection = property_rule(
    FIREWALL,
    id="netfw-subnet-change-protection-enabled",
    title="Subnets of a firewall are protected from changes",
    family=Family.NETWORK,
    severity=Severity.LOW,
    path=("SubnetChangeProtection",),
    holds=is_not_false,
    message="lets its subnets be taken away by any call",
    rationale="""A zone whose subnet is taken from the firewall is no longer filtered. AWS: the flag is initialized to
    true when a firewall is created, so only false is reported.""",
    remedy="Set `SubnetChangeProtection: true`.",
    source=_CONFIG + "netfw-subnet-change-protection-enabled.html",
)
