"""Rules on names, certificates, networks and buses: what a control of AWS Security Hub asks of a single resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_filled, is_true, values_or_absent
from infra_checks.evaluate.values import Symbol
from infra_checks.evaluate.view import EACH, View, as_text
from infra_checks.rules.entries import entry_value
from infra_checks.rules.predicates import any_of, is_enabled, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict

_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_FULL: Final = "policy/AWSCloudShellFullAccess"


@rule(
    "AWS::CertificateManager::Certificate",
    id="acm-certificate-rsa-check",
    title="RSA key of a certificate has 2,048 bits at least",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    remedy="Remove `KeyAlgorithm: RSA_1024`.",
    source=_CONFIG + "acm-certificate-rsa-check.html",
    equivalents=("ACM_CERTIFICATE_RSA_CHECK",),
)
def rsa_key(certificate: Resource, ctx: Context) -> Iterator[Verdict]:
    """Keys of 1,024 bits can be broken. ACM makes RSA keys of 2,048 bits by default."""
    algorithm = certificate.text("KeyAlgorithm")
    match algorithm:
        case Known("RSA_1024"):
            yield ctx.violation(algorithm, "has an RSA key of 1,024 bits")
        case Known() | Absent():
            return
        case Unknown():
            yield ctx.undecided(algorithm, f"the size of its key cannot be told: {algorithm.reason}")


@rule(
    "AWS::CloudFront::Distribution",
    id="cloudfront-no-deprecated-ssl-protocols",
    title="Distribution does not use SSLv3 towards its origins",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Set `CustomOriginConfig.OriginSSLProtocols: [TLSv1.2]`.",
    source=_CONFIG + "cloudfront-no-deprecated-ssl-protocols.html",
    equivalents=("CLOUDFRONT_NO_DEPRECATED_SSL_PROTOCOLS",),
)
def no_ssl3(distribution: Resource, ctx: Context) -> Iterator[Verdict]:
    """SSLv3 has been broken since 2014; what passes between the edge and the origin can be read. The schema that AWS
    publishes of the type states `[TLSv1, SSLv3]` as the default of OriginSSLProtocols, so that an origin which is not
    asked by plain HTTP alone has to state its protocols.
    """
    for config in distribution.values("DistributionConfig", "Origins", EACH, "CustomOriginConfig"):
        match config:
            case Known(View() as custom):
                yield from _protocols(custom, ctx)
            case Unknown():
                yield ctx.undecided(
                    config, f"which protocols it uses towards an origin cannot be told: {config.reason}"
                )
            case Known() | Absent():
                continue


def _protocols(custom: View, ctx: Context) -> Iterator[Verdict]:
    stated = custom.value("OriginSSLProtocols")
    if is_filled(stated) is False:
        plain = text_is(custom.text("OriginProtocolPolicy"), "http-only")
        if plain is False:
            yield ctx.violation(stated, "leaves the protocols towards an origin to the default, which has SSLv3 in it")
        elif plain is None:
            yield ctx.undecided(stated, "whether it reaches an origin over HTTPS is known only at deployment")
        return
    for value in values_or_absent(custom, "OriginSSLProtocols", EACH):
        old = text_is(as_text(value), "SSLv3")
        if old:
            yield ctx.violation(value, "uses SSLv3 towards an origin")
        elif old is None:
            yield ctx.undecided(value, "which protocols it uses towards an origin is known only at deployment")


@rule(
    "AWS::EC2::Instance",
    id="ec2-instance-multiple-eni-check",
    title="Instance has one network interface",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Remove all but one of `NetworkInterfaces`, unless the instance joins networks on purpose.",
    source=_CONFIG + "ec2-instance-multiple-eni-check.html",
    equivalents=("EC2_INSTANCE_MULTIPLE_ENI_CHECK",),
)
def one_interface(instance: Resource, ctx: Context) -> Iterator[Verdict]:
    """An instance in two networks is a way around the rules between them."""
    interfaces = instance.items("NetworkInterfaces")
    match interfaces:
        case Unknown():
            yield ctx.undecided(interfaces, f"its network interfaces cannot be told: {interfaces.reason}")
        case Absent():
            return
        case Known(views) if len([view for view in views if is_filled(view.value()) is not False]) > 1:
            yield ctx.violation(interfaces, "has several network interfaces")
        case Known():
            return


@rule(
    "AWS::EFS::MountTarget",
    id="efs-mount-target-public-accessible",
    title="Mount target is in a subnet that gives no public addresses",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    remedy="Set `SubnetId` to a subnet without `MapPublicIpOnLaunch`.",
    source=_CONFIG + "efs-mount-target-public-accessible.html",
    equivalents=("EFS_MOUNT_TARGET_PUBLIC_ACCESSIBLE",),
)
def private_mount(mount: Resource, ctx: Context) -> Iterator[Verdict]:
    """A subnet that gives out public addresses is for what the internet reaches; a file system is not."""
    place = mount.value("SubnetId")
    subnet = mount.target("SubnetId")
    public = is_enabled(subnet, "MapPublicIpOnLaunch") if isinstance(subnet, Resource) else None
    if public:
        yield ctx.violation(place, "is in a subnet that gives out public addresses")
    elif public is None:
        yield ctx.undecided(place, "whether its subnet gives out public addresses is known only at deployment")


@rule(
    "AWS::RedshiftServerless::Workgroup",
    id="redshift-serverless-workgroup-encrypted-in-transit",
    title="Workgroup does not take connections without TLS",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Set `ConfigParameters: [{ParameterKey: require_ssl, ParameterValue: 'true'}]`.",
    source=_CONFIG + "redshift-serverless-workgroup-encrypted-in-transit.html",
    equivalents=("REDSHIFT_SERVERLESS_WORKGROUP_ENCRYPTED_IN_TRANSIT",),
)
def workgroup_tls(workgroup: Resource, ctx: Context) -> Iterator[Verdict]:
    """Queries and results can be read on the way unless `require_ssl` is true; which value a workgroup has that states
    none depends on when it was made.
    """
    value = entry_value(workgroup, "ConfigParameters", {"ParameterKey": "require_ssl"}, "ParameterValue")
    required = is_true(value, ctx)
    if isinstance(value, Absent) or is_filled(value) is False:
        yield ctx.undecided(value, "the template does not say whether it takes connections without TLS")
    elif required is None:
        yield ctx.undecided(value, "whether it takes connections without TLS is known only at deployment")
    elif not required:
        yield ctx.violation(value, "takes connections without TLS")


@rule(
    "AWS::EC2::SpotFleet",
    id="ec2-spot-fleet-request-ct-encryption-at-rest",
    title="Spot Fleet encrypts the volumes it makes",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Set `Ebs.Encrypted: true` in `BlockDeviceMappings`.",
    source=_CONFIG + "ec2-spot-fleet-request-ct-encryption-at-rest.html",
    equivalents=("EC2_SPOT_FLEET_REQUEST_CT_ENCRYPTION_AT_REST",),
)
def fleet_volumes(fleet: Resource, ctx: Context) -> Iterator[Verdict]:
    """A volume that says nothing is encrypted only if its snapshot is, or the account encrypts by default."""
    path = ("SpotFleetRequestConfigData", "LaunchSpecifications", EACH, "BlockDeviceMappings", EACH, "Ebs")
    for value in values_or_absent(fleet, *path):
        if isinstance(value, Unknown):
            yield ctx.undecided(value, f"whether its volumes are encrypted cannot be told: {value.reason}")
        if not isinstance(value, Known) or not isinstance(value.value, View):
            continue
        encrypted = value.value.value("Encrypted")
        kept = is_true(encrypted, ctx)
        restored = isinstance(encrypted, Absent) and is_filled(value.value.value("SnapshotId")) is not False
        if kept is None or restored:
            yield ctx.undecided(encrypted, "whether a volume is encrypted is known only at deployment")
        elif not kept:
            yield ctx.violation(encrypted, "does not encrypt a volume it makes")


@rule(
    "AWS::Events::EventBus",
    id="custom-eventbus-policy-attached",
    title="Event bus has a policy",
    family=Family.IAM,
    severity=Severity.LOW,
    remedy="Set `Policy`, or add an AWS::Events::EventBusPolicy with `EventBusName: !Ref` of the bus.",
    source=_CONFIG + "custom-eventbus-policy-attached.html",
    equivalents=("CUSTOM_EVENTBUS_POLICY_ATTACHED",),
)
def bus_policy(bus: Resource, ctx: Context) -> Iterator[Verdict]:
    """A policy says who may put events on a bus. A bus without one takes events of its account only, from everyone in
    it who may call PutEvents.
    """
    policy = bus.value("Policy")
    own = is_filled(policy)
    if own or any(True for _ in bus.referrers("AWS::Events::EventBusPolicy")):
        return
    if own is None:
        yield ctx.undecided(policy, "whether it has a policy is known only at deployment")
    else:
        yield ctx.violation(bus, "has no policy")


@rule(
    "AWS::RDS::DBCluster",
    id="rds-aurora-mysql-audit-logging-enabled",
    title="Aurora MySQL sends its audit log to CloudWatch Logs",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Add audit to `EnableCloudwatchLogsExports`.",
    source=_CONFIG + "rds-aurora-mysql-audit-logging-enabled.html",
    equivalents=("RDS_AURORA_MYSQL_AUDIT_LOGGING_ENABLED",),
)
def aurora_audit(cluster: Resource, ctx: Context) -> Iterator[Verdict]:
    """The audit log tells who signed in and what was asked. It is exported only where the list names it."""
    mysql = text_is(cluster.text("Engine"), "aurora-mysql")
    if mysql is False:
        return
    logs = values_or_absent(cluster, "EnableCloudwatchLogsExports", EACH)
    named = any_of(*(text_is(as_text(log), "audit") for log in logs))
    if named:
        return
    place = cluster.value("EnableCloudwatchLogsExports")
    if mysql is None or named is None:
        yield ctx.undecided(place, "whether it exports an audit log is known only at deployment")
    else:
        yield ctx.violation(place, "does not export its audit log")


@rule(
    "AWS::Route53::HostedZone",
    id="route53-zone-dnssec-signing",
    title="Public hosted zone is signed",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Add an AWS::Route53::KeySigningKey and an AWS::Route53::DNSSEC for the zone.",
    source="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-configuring-dnssec.html",
)
def signed_zone(zone: Resource, ctx: Context) -> Iterator[Verdict]:
    """With DNSSEC a resolver can tell an answer of the zone from a forged one. Private zones cannot be signed."""
    networks = zone.value("VPCs")
    private = is_filled(networks)
    if private or any(True for _ in zone.referrers("AWS::Route53::DNSSEC")):
        return
    if private is None:
        yield ctx.undecided(networks, "whether the zone is public is known only at deployment")
    else:
        yield ctx.violation(zone, "is not signed with DNSSEC")


@rule(
    "AWS::IAM::Role",
    "AWS::IAM::User",
    "AWS::IAM::Group",
    "AWS::SSO::PermissionSet",
    id="iam-no-cloudshell-full-access",
    title="Nobody has full access to CloudShell",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Remove AWSCloudShellFullAccess.",
    source="https://docs.aws.amazon.com/cloudshell/latest/userguide/sec-auth-with-identities.html",
)
def no_cloudshell(identity: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWSCloudShellFullAccess lets people move files between their machine and an environment with internet access."""
    name = "ManagedPolicies" if identity.type == "AWS::SSO::PermissionSet" else "ManagedPolicyArns"
    for value in values_or_absent(identity, name, EACH):
        text = as_text(value)
        match text:
            case Known(arn):
                full = arn.endswith(_FULL)
            case Unknown():
                last = text.parts[-1] if text.parts else None
                if isinstance(last, Symbol) and last.kind == "reference":
                    continue  # a policy of this stack
                if not isinstance(last, str):
                    yield ctx.undecided(value, f"a policy of it cannot be told: {text.reason}")
                    continue
                full = last.endswith(_FULL)
            case Absent():
                continue
        if full:
            yield ctx.violation(value, "has full access to CloudShell")
