"""Rules on the listeners and target groups of Application, Network and Gateway Load Balancers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import values_or_absent
from infra_checks.rules.predicates import all_of, any_of, is_acm, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.view import View

LISTENER: Final = "AWS::ElasticLoadBalancingV2::Listener"
TARGETS: Final = "AWS::ElasticLoadBalancingV2::TargetGroup"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_ELB: Final = "https://docs.aws.amazon.com/elasticloadbalancing/latest/"
_MODERN: Final = re.compile(r"ELBSecurityPolicy-(TLS13-1-[23]-|TLS-1-2-|FS-1-2-).+")
"""AWS: the predefined policies whose oldest protocol is TLS 1.2 or 1.3."""
_OLD: Final = re.compile(r"ELBSecurityPolicy-(20\d\d-|TLS-1-[01]-|FS-20|FS-1-1-|TLS13-1-[01]-).+", re.ASCII)
"""AWS: those that take TLS 1.0 or 1.1 too."""


@rule(
    LISTENER,
    id="elbv2-listener-encryption-in-transit",
    title="Listener of an Application Load Balancer takes HTTPS, or redirects to it",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    remedy="Set `Protocol: HTTPS` with `Certificates` and `SslPolicy`, or make the default action "
    '`{Type: redirect, RedirectConfig: {Protocol: HTTPS, Port: "443", StatusCode: HTTP_301}}`.',
    source=_CONFIG + "elbv2-listener-encryption-in-transit.html",
    equivalents=(
        "275a3217",
        "CKV_AWS_103",
        "CKV_AWS_2",
        "W56",
        "ELBV2_LISTENER_PROTOCOL_RULE",
        "ALBHttpToHttpsRedirection",
        "AWS-0054",
        "elbv2_ssl_listeners",
    ),
)
def encrypted(listener: Resource, ctx: Context) -> Iterator[Verdict]:
    """What comes over HTTP can be read and changed on the way, passwords and session cookies too. A listener on HTTP
    is fine when all it does is redirect to HTTPS; the protocol of a redirect is that of the request unless it is set.
    """
    protocol = listener.text("Protocol")
    plain = text_is(protocol, "HTTP")
    if plain is False:
        return
    redirects = _redirects(listener)
    if redirects:
        return
    if isinstance(protocol, Unknown):
        yield ctx.undecided(protocol, f"Protocol cannot be told: {protocol.reason}")
    elif redirects is None:
        yield ctx.undecided(listener.value("DefaultActions"), "whether it only redirects to HTTPS cannot be told")
    else:
        yield ctx.violation(protocol, "takes requests over HTTP and does not redirect them to HTTPS")


def _redirects(listener: Resource) -> Decision:
    actions = listener.listed("DefaultActions")
    match actions:
        case Known(views):
            return any_of(*(_is_redirect(view) for view in views))
        case Unknown():
            return None
        case Absent():
            return False


def _is_redirect(action: View) -> Decision:
    protocol = action.text("RedirectConfig", "Protocol")
    return all_of((text_is(action.text("Type"), "redirect"), text_is(protocol, "HTTPS")))


def _takes_tls(listener: Resource) -> Decision:
    return text_is(listener.text("Protocol"), "HTTPS", "TLS")


@rule(
    LISTENER,
    id="elbv2-predefined-security-policy-ssl-check",
    title="Listener takes TLS 1.2 and newer only",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    remedy="Set `SslPolicy: ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09` (or another that begins at TLS 1.2 or 1.3).",
    source=_ELB + "application/describe-ssl-policies.html",
    equivalents=(
        "CKV_AWS_103",
        "W55",
        "ELBV2_LISTENER_SSL_POLICY_RULE",
        "AWS-0047",
        "elbv2_insecure_ssl_ciphers",
    ),
)
def security_policy(listener: Resource, ctx: Context) -> Iterator[Verdict]:
    """TLS 1.0 and 1.1 are broken and retired. A listener that a template makes without SslPolicy gets
    ELBSecurityPolicy-2016-08, which still takes both; so do the policies of 2015, TLS-1-1, FS-2018-06, FS-1-1 and
    TLS13-1-0 and TLS13-1-1. A name that is of none of AWS's series is left open.
    """
    takes = _takes_tls(listener)
    policy = listener.text("SslPolicy")
    if takes is False or (isinstance(policy, Known) and _MODERN.fullmatch(policy.value)):
        return
    match policy:
        case Unknown():
            yield ctx.undecided(policy, f"which versions of TLS it takes cannot be told: {policy.reason}")
        case Known() | Absent() if takes is None:
            yield ctx.undecided(policy, "whether it takes TLS at all depends on its Protocol, known only at deployment")
        case Known(name) if _OLD.fullmatch(name):
            yield ctx.violation(policy, f"takes versions of TLS before 1.2 ({name})")
        case Known(name):
            yield ctx.undecided(policy, f"which versions of TLS {name} takes is not known")
        case Absent():
            yield ctx.violation(policy, "takes TLS 1.0 and 1.1, as the default policy ELBSecurityPolicy-2016-08 does")


@rule(
    LISTENER,
    id="elbv2-listener-post-quantum-tls",
    title="Listener agrees on keys that quantum computers cannot break",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    remedy="Set `SslPolicy: ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09` (or another with PQ in its name).",
    source=_ELB + "application/describe-ssl-policies.html",
    equivalents=("elbv2_listener_pqc_tls_enabled",),
)
def post_quantum(listener: Resource, ctx: Context) -> Iterator[Verdict]:
    """What is recorded today can be decrypted once quantum computers break today's key exchange. AWS: the policies with
    PQ in their names add a hybrid exchange with ML-KEM; the default for templates, ELBSecurityPolicy-2016-08, does not.
    """
    takes = _takes_tls(listener)
    policy = listener.text("SslPolicy")
    if takes is False or (isinstance(policy, Known) and "-PQ-" in policy.value):
        return
    if isinstance(policy, Unknown) or takes is None:
        yield ctx.undecided(policy, "its Protocol or SslPolicy is known only at deployment")
    else:
        yield ctx.violation(policy, "agrees on keys without a post-quantum algorithm")


@rule(
    LISTENER,
    id="nlb-listener-tls-termination",
    title="Listener of a Network Load Balancer ends TLS itself",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    remedy="Set `Protocol: TLS` with `Certificates` and `SslPolicy`.",
    source=_ELB + "network/create-tls-listener.html",
    equivalents=("elbv2_nlb_tls_termination_enabled",),
)
def tls_termination(listener: Resource, ctx: Context) -> Iterator[Verdict]:
    """A TCP listener passes on whatever comes, so that each target needs its own certificate, or nothing is encrypted
    at all. Waive it where the targets end TLS themselves or what is carried is encrypted otherwise. UDP has no TLS.
    """
    protocol = listener.text("Protocol")
    match protocol:
        case Known("TCP"):
            yield ctx.violation(protocol, "passes TCP on without ending TLS")
        case Unknown():
            yield ctx.undecided(protocol, f"Protocol cannot be told: {protocol.reason}")
        case Known() | Absent():
            return


@rule(
    LISTENER,
    id="elbv2-acm-certificate-required",
    title="Listener has a certificate of AWS Certificate Manager",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Set `Certificates: [{CertificateArn: !Ref Certificate}]` of an AWS::CertificateManager::Certificate.",
    source=_CONFIG + "elbv2-acm-certificate-required.html",
    equivalents=("E3676", "ELBV2_ACM_CERTIFICATE_REQUIRED", "ELBv2ACMCertificateRequired"),
)
def certificates(listener: Resource, ctx: Context) -> Iterator[Verdict]:
    """Certificate Manager renews its certificates by itself; one that was uploaded to IAM ends one day without notice.
    A listener on HTTPS or TLS without any certificate cannot be created.
    """
    takes = _takes_tls(listener)
    if takes is False:
        return
    for value in values_or_absent(listener, "Certificates", "*", "CertificateArn"):
        managed = is_acm(listener.stack.get, value)
        if managed:
            continue
        if takes is None or managed is None:
            why = value.reason if isinstance(value, Unknown) else "its Protocol is known only at deployment"
            yield ctx.undecided(value, f"whether its certificate is one of Certificate Manager cannot be told: {why}")
        elif isinstance(value, Absent):
            yield ctx.violation(value, "has no certificate")
        else:
            yield ctx.violation(value, "has a certificate that is not of Certificate Manager")


def _not_instances(group: Resource) -> Decision:
    """Whether the targets are functions or load balancers, to which the settings of a connection do not apply."""
    return text_is(group.text("TargetType"), "lambda", "alb")


@rule(
    TARGETS,
    id="elbv2-targetgroup-protocol-encrypted",
    title="Load balancer reaches its targets over TLS",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    remedy="Set `Protocol: HTTPS` (`TLS` for a Network Load Balancer).",
    source=_CONFIG + "elbv2-targetgroup-protocol-encrypted.html",
)
def target_protocol(group: Resource, ctx: Context) -> Iterator[Verdict]:
    """TLS that ends at the load balancer leaves the way from there to the targets unencrypted. Groups of functions or
    load balancers, and those of a Gateway Load Balancer (GENEVE), are left out, as is UDP, which has no TLS.
    """
    protocol = group.text("Protocol")
    plain = text_is(protocol, "HTTP", "TCP")
    if plain is False:
        return
    exempt = _not_instances(group)
    if exempt:
        return
    if plain is None or exempt is None:
        yield ctx.undecided(protocol, "its Protocol or TargetType is known only at deployment")
    elif isinstance(protocol, Known):
        yield ctx.violation(protocol, f"is reached over {protocol.value}, which is not encrypted")


@rule(
    TARGETS,
    id="elbv2-targetgroup-healthcheck-protocol-encrypted",
    title="Health checks of targets that speak HTTPS use HTTPS",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    remedy="Set `HealthCheckProtocol: HTTPS`.",
    source=_CONFIG + "elbv2-targetgroup-healthcheck-protocol-encrypted.html",
)
def health_check_protocol(group: Resource, ctx: Context) -> Iterator[Verdict]:
    """A health check over HTTP asks another door than the users do: a target whose certificate has ended still counts
    as healthy, and it has to keep an unencrypted port open. AWS: HTTP is the default for groups with Protocol HTTPS.
    """
    secure = text_is(group.text("Protocol"), "HTTPS")
    if secure is False:
        return
    protocol = group.text("HealthCheckProtocol")
    match protocol:
        case Known("HTTPS"):
            return
        case Unknown():
            yield ctx.undecided(protocol, f"HealthCheckProtocol cannot be told: {protocol.reason}")
        case Known() | Absent() if secure is None:
            yield ctx.undecided(protocol, "its Protocol is known only at deployment")
        case Known() | Absent():
            yield ctx.violation(protocol, "is checked over HTTP though it is used over HTTPS")
