"""Rules on the listeners of Classic Load Balancers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.evaluate.view import as_text
from infra_checks.rules.entries import entry_value
from infra_checks.rules.predicates import all_of, any_of, is_acm, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value
    from infra_checks.evaluate.view import View

CLASSIC: Final = "AWS::ElasticLoadBalancing::LoadBalancer"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_ELB: Final = "https://docs.aws.amazon.com/elasticloadbalancing/latest/"


def _listeners(balancer: Resource) -> Iterator[View | Unknown]:
    listed = balancer.listed("Listeners")
    match listed:
        case Known(views):
            yield from views
        case Unknown():
            yield listed
        case Absent():
            return


def _takes_tls(listener: View) -> Decision:
    return text_is(listener.text("Protocol"), "HTTPS", "SSL")


@rule(
    CLASSIC,
    id="elb-tls-https-listeners-only",
    title="Every listener of a Classic Load Balancer takes HTTPS or SSL",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    remedy="Set `Protocol: HTTPS` (or `SSL`) and `SSLCertificateId` on every listener.",
    source=_CONFIG + "elb-tls-https-listeners-only.html",
    equivalents=("ELB_TLS_HTTPS_LISTENERS_ONLY", "AwsSolutions-ELB5", "elb_ssl_listeners"),
)
def encrypted(balancer: Resource, ctx: Context) -> Iterator[Verdict]:
    """What comes over HTTP or TCP can be read and changed on the way. A Classic Load Balancer cannot redirect, so that
    each listener has to be encrypted itself.
    """
    for listener in _listeners(balancer):
        if isinstance(listener, Unknown):
            yield ctx.undecided(listener, f"its listeners cannot be told: {listener.reason}")
            continue
        protocol = listener.text("Protocol")
        kept = text_is(protocol, "HTTPS", "SSL")
        if isinstance(protocol, Unknown):
            yield ctx.undecided(protocol, f"a listener's Protocol cannot be told: {protocol.reason}")
        elif not kept:
            name = protocol.value if isinstance(protocol, Known) else "no protocol"
            yield ctx.violation(protocol, f"has a listener on {name}, which is not encrypted")


@rule(
    CLASSIC,
    id="elb-acm-certificate-required",
    title="Listeners of a Classic Load Balancer have certificates of AWS Certificate Manager",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Set `SSLCertificateId: !Ref Certificate` of an AWS::CertificateManager::Certificate.",
    source=_CONFIG + "elb-acm-certificate-required.html",
    equivalents=(
        "ELB_ACM_CERTIFICATE_REQUIRED",
        "ELBACMCertificateRequired",
        "elb_ssl_listeners_use_acm_certificate",
    ),
)
def certificates(balancer: Resource, ctx: Context) -> Iterator[Verdict]:
    """Certificate Manager renews its certificates by itself; one that was uploaded to IAM ends one day without notice.
    Listeners without HTTPS or SSL have no certificate and are not judged here.
    """
    for listener in _listeners(balancer):
        if isinstance(listener, Unknown):
            yield ctx.undecided(listener, f"its listeners cannot be told: {listener.reason}")
            continue
        takes = _takes_tls(listener)
        if takes is False:
            continue
        value = listener.value("SSLCertificateId")
        managed = is_acm(balancer.stack.get, value)
        if managed is None or (takes is None and not managed):
            yield ctx.undecided(value, "whether a listener's certificate is one of Certificate Manager cannot be told")
        elif not managed:
            yield ctx.violation(value, "has a listener without a certificate of Certificate Manager")


@rule(
    CLASSIC,
    id="elb-predefined-security-policy-ssl-check",
    title="Listeners of a Classic Load Balancer take TLS 1.2 only",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    remedy="Add to `Policies` `{PolicyName: Tls12, PolicyType: SSLNegotiationPolicyType, Attributes: [{Name: "
    "Reference-Security-Policy, Value: ELBSecurityPolicy-TLS-1-2-2017-01}]}` and to each HTTPS or SSL listener "
    "`PolicyNames: [Tls12]`.",
    source=_ELB + "classic/elb-security-policy-table.html",
    equivalents=("ELB_PREDEFINED_SECURITY_POLICY_SSL_CHECK", "elb_insecure_ssl_ciphers"),
    options={"policies": ("ELBSecurityPolicy-TLS-1-2-2017-01",)},
)
def security_policy(balancer: Resource, ctx: Context) -> Iterator[Verdict]:
    """TLS 1.0 and 1.1 are broken and retired. An HTTPS or SSL listener without a policy gets ELBSecurityPolicy-2016-08,
    which takes both; of the predefined policies only ELBSecurityPolicy-TLS-1-2-2017-01 takes TLS 1.2 alone. As with
    AWS Config, a policy of one's own is none of them, whatever protocols and ciphers it lists.
    """
    for listener in _listeners(balancer):
        if isinstance(listener, Unknown):
            yield ctx.undecided(listener, f"its listeners cannot be told: {listener.reason}")
            continue
        takes = _takes_tls(listener)
        if takes is False:
            continue
        names = listener.value("PolicyNames")
        kept = _has_policy(balancer, listener, ctx.names("policies"))
        if kept is None or (takes is None and not kept):
            yield ctx.undecided(names, "which versions of TLS a listener takes is known only at deployment")
        elif not kept:
            yield ctx.violation(names, "has a listener without a predefined policy that takes TLS 1.2 alone")


def _has_policy(balancer: Resource, listener: View, accepted: tuple[str, ...]) -> Decision:
    """Whether one of the policies of a listener refers to an accepted one."""
    names = listener.listed("PolicyNames")
    if not isinstance(names, Known):
        return None if isinstance(names, Unknown) else False
    found = {_refers(balancer, view.value(), accepted) for view in names.value}
    return True if True in found else None if None in found else False


def _refers(balancer: Resource, name: Value[object], accepted: tuple[str, ...]) -> Decision:
    """Whether a name is that of a policy of the load balancer which refers to an accepted one."""
    policies = balancer.listed("Policies")
    if not isinstance(policies, Known):
        return None if isinstance(policies, Unknown) else False
    found = ((_same(policy.value("PolicyName"), name), _accepts(policy, accepted)) for policy in policies.value)
    return any_of(*map(all_of, found))


def _accepts(policy: View, accepted: tuple[str, ...]) -> Decision:
    return text_is(
        as_text(entry_value(policy, "Attributes", {"Name": "Reference-Security-Policy"}, "Value")), *accepted
    )


def _same(one: Value[object], other: Value[object]) -> Decision:
    """Whether two names are the same, as written or as put together."""
    first, second = as_text(one), as_text(other)
    if isinstance(first, Known) and isinstance(second, Known):
        return first.value == second.value
    if isinstance(first, Unknown) and isinstance(second, Unknown) and first.parts:
        return first.parts == second.parts or None
    return False if isinstance(first, Absent) or isinstance(second, Absent) else None
