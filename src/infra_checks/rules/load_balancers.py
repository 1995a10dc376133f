"""Rules on load balancers as a whole: logs, protection, and how they treat requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Rule, Unknown, rule
from infra_checks.core.table import is_true, one_of, property_rule, stated
from infra_checks.rules.entries import entry_value
from infra_checks.rules.predicates import text_is

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

BALANCER: Final = "AWS::ElasticLoadBalancingV2::LoadBalancer"
CLASSIC: Final = "AWS::ElasticLoadBalancing::LoadBalancer"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_ELB: Final = "https://docs.aws.amazon.com/elasticloadbalancing/latest/"
_ATTRIBUTE: Final = 'Add `{{Key: {}, Value: "{}"}}` to `LoadBalancerAttributes`.'


def _kind_is(*kinds: str) -> Callable[[Resource], Decision]:
    """Whether a load balancer is of one of some types; AWS: application, unless Type says otherwise."""

    def holds(balancer: Resource) -> Decision:
        kind = stated(balancer.text("Type"))
        return "application" in kinds if isinstance(kind, Absent) else text_is(kind, *kinds)

    return holds


def _attribute(balancer: Resource, key: str) -> Value[object]:
    return entry_value(balancer, "LoadBalancerAttributes", {"Key": key}, "Value")


def _attribute_rule(  # noqa: PLR0913 - a row of a table, all by keyword
    key: str,
    *,
    id: str,
    title: str,
    family: Family,
    severity: Severity,
    holds: Callable[[Value[object], Context], Decision],
    wanted: str,
    message: str,
    rationale: str,
    source: str,
    only: Callable[[Resource], Decision] | None = None,
    equivalents: tuple[str, ...] = (),
) -> Rule:
    """A rule that an attribute of a load balancer (of the types that `only` accepts) keeps a predicate."""

    def judge(balancer: Resource, ctx: Context) -> Iterator[Verdict]:
        value = _attribute(balancer, key)
        kept = holds(value, ctx)
        applies = True if kept or only is None else only(balancer)
        if kept or applies is False:
            return
        if kept is None or applies is None:
            why = value.reason if isinstance(value, Unknown) else "its Type is known only at deployment"
            yield ctx.undecided(value, f"{key} cannot be told: {why}")
        else:
            yield ctx.violation(value, message)

    judge.__doc__ = rationale
    return rule(
        BALANCER,
        id=id,
        title=title,
        family=family,
        severity=severity,
        remedy=_ATTRIBUTE.format(key, wanted),
        source=source,
        equivalents=equivalents,
    )(judge)


invalid_headers = _attribute_rule(
    "routing.http.drop_invalid_header_fields.enabled",
    id="alb-http-drop-invalid-header-enabled",
    title="Application Load Balancer drops invalid HTTP headers",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    holds=is_true,
    wanted="true",
    message="passes HTTP headers with invalid names on to its targets",
    rationale="""Headers whose names are not valid are a means of request smuggling. AWS: an Application Load Balancer
    passes them on unless routing.http.drop_invalid_header_fields.enabled is true.""",
    source=_CONFIG + "alb-http-drop-invalid-header-enabled.html",
    only=_kind_is("application"),
    equivalents=(
        "CKV_AWS_131",
        "ALB_HTTP_DROP_INVALID_HEADER_ENABLED",
        "ALBHttpDropInvalidHeaderEnabled",
        "AWS-0052",
        "elbv2_alb_drop_invalid_header_fields_enabled",
    ),
)


def _is_defensive(value: Value[object], ctx: Context) -> Decision:
    return True if isinstance(value, Absent) else one_of("defensive", "strictest")(value, ctx)


desync = _attribute_rule(
    "routing.http.desync_mitigation_mode",
    id="alb-desync-mode-check",
    title="Application Load Balancer does not let ambiguous requests through",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    holds=_is_defensive,
    wanted="defensive",
    message="lets requests through that its targets may read differently (desync mitigation mode monitor)",
    rationale="""A request that the load balancer and the target read differently can smuggle a second one. AWS's
    default mode, defensive, stops those known to be dangerous; monitor lets all of them through.""",
    source=_CONFIG + "alb-desync-mode-check.html",
    only=_kind_is("application"),
    equivalents=("elbv2_desync_mitigation_mode",),
)

deletion_protection = _attribute_rule(
    "deletion_protection.enabled",
    id="elb-deletion-protection-enabled",
    title="Load balancer is protected from deletion",
    family=Family.DELETION,
    severity=Severity.LOW,
    holds=is_true,
    wanted="true",
    message="can be deleted by any call",
    rationale="""A load balancer that is deleted takes its DNS name and listeners with it, and a new one has another
    name. AWS: deletion protection is off by default.""",
    source=_CONFIG + "elb-deletion-protection-enabled.html",
    equivalents=("ELB_DELETION_PROTECTION_ENABLED", "ELBDeletionProtectionEnabled", "elbv2_deletion_protection"),
)

cross_zone = _attribute_rule(
    "load_balancing.cross_zone.enabled",
    id="nlb-cross-zone-load-balancing-enabled",
    title="Network or Gateway Load Balancer spreads requests over all zones",
    family=Family.MULTI_AZ,
    severity=Severity.LOW,
    holds=is_true,
    wanted="true",
    message="sends what arrives in a zone to the targets of that zone only",
    rationale="""Without cross-zone load balancing a zone with few healthy targets gets as many requests as one with
    many. AWS: off by default for Network and Gateway Load Balancers; always on for Application Load Balancers.""",
    source=_CONFIG + "nlb-cross-zone-load-balancing-enabled.html",
    only=_kind_is("network", "gateway"),
    equivalents=("elbv2_cross_zone_load_balancing_enabled",),
)


@rule(
    BALANCER,
    CLASSIC,
    id="elb-logging-enabled",
    title="Load balancer writes access logs",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy='Add `{Key: access_logs.s3.enabled, Value: "true"}` and `access_logs.s3.bucket` to '
    "`LoadBalancerAttributes`; of a Classic Load Balancer set `AccessLoggingPolicy: {Enabled: true, ...}`.",
    source=_CONFIG + "elb-logging-enabled.html",
    equivalents=(
        "c62e8b7d",
        "CKV_AWS_92",
        "ELB_LOGGING_ENABLED",
        "CKV_AWS_91",
        "W26",
        "W52",
        "ELBV2_ACCESS_LOGGING_RULE",
        "AwsSolutions-ELB2",
        "elbv2_logging_enabled",
    ),
)
def access_logs(balancer: Resource, ctx: Context) -> Iterator[Verdict]:
    """Access logs tell afterwards who asked for what, and how long it took. AWS writes none by default; a Gateway Load
    Balancer has none to write, and a Network Load Balancer logs requests to its TLS listeners.
    """
    key = "access_logs.s3.enabled"
    value = balancer.value("AccessLoggingPolicy", "Enabled") if balancer.type == CLASSIC else _attribute(balancer, key)
    kept = is_true(value, ctx)
    exempt = _kind_is("gateway")(balancer) if balancer.type == BALANCER and not kept else False
    if kept or exempt:
        return
    if kept is None or exempt is None:
        why = value.reason if isinstance(value, Unknown) else "its Type is known only at deployment"
        yield ctx.undecided(value, f"whether it writes access logs cannot be told: {why}")
    else:
        yield ctx.violation(value, "writes no access logs")


@rule(
    BALANCER,
    CLASSIC,
    id="load-balancer-scheme-internal",
    title="Load balancer is not on the internet",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Set `Scheme: internal`.",
    source=_CONFIG + "alb-internal-scheme-check.html",
    equivalents=("AWS-0053", "PublicELBCheckerRule", "elbv2_internet_facing"),
)
def internal(balancer: Resource, ctx: Context) -> Iterator[Verdict]:
    """What only other services use should have no public address. AWS: a load balancer is internet-facing unless Scheme
    is internal. Waive it for those that are meant for the public; a Gateway Load Balancer has no scheme.
    """
    scheme = balancer.text("Scheme")
    match scheme:
        case Known("internal"):
            return
        case Unknown():
            yield ctx.undecided(scheme, f"Scheme cannot be told: {scheme.reason}")
        case Known() | Absent():
            gateway = _kind_is("gateway")(balancer) if balancer.type == BALANCER else False
            if gateway is None:
                yield ctx.undecided(scheme, "whether it is a Gateway Load Balancer is known only at deployment")
            elif not gateway:
                yield ctx.violation(scheme, "is reachable from the internet")


classic_cross_zone = property_rule(
    CLASSIC,
    id="elb-cross-zone-load-balancing-enabled",
    title="Classic Load Balancer spreads requests over all zones",
    family=Family.MULTI_AZ,
    severity=Severity.LOW,
    path=("CrossZone",),
    holds=is_true,
    message="sends what arrives in a zone to the instances of that zone only",
    rationale="""Without it a zone with few healthy instances gets as many requests as one with many. AWS: off by
    default for load balancers made by a template.""",
    remedy="Set `CrossZone: true`.",
    source=_CONFIG + "elb-cross-zone-load-balancing-enabled.html",
    equivalents=(
        "ELB_CROSS_ZONE_LOAD_BALANCING_ENABLED",
        "AwsSolutions-ELB4",
        "elb_cross_zone_load_balancing_enabled",
    ),
)

connection_draining = property_rule(
    CLASSIC,
    id="elb-connection-draining-enabled",
    title="Classic Load Balancer lets requests end before an instance leaves",
    family=Family.MULTI_AZ,
    severity=Severity.LOW,
    path=("ConnectionDrainingPolicy", "Enabled"),
    holds=is_true,
    message="cuts the connections of instances that are taken out of service",
    rationale="""Each deployment and each scaling-in interrupts requests unless the load balancer waits for them. AWS:
    connection draining is off by default for load balancers made by a template.""",
    remedy="Add `ConnectionDrainingPolicy: {Enabled: true, Timeout: 300}`.",
    source=_ELB + "classic/config-conn-drain.html",
    equivalents=("AwsSolutions-ELB3", "elb_connection_draining_enabled"),
)
