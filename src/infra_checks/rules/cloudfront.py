"""Rules on CloudFront distributions: TLS to viewers, access to origins, logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_set
from infra_checks.evaluate.values import Symbol
from infra_checks.evaluate.view import EACH, View, as_text
from infra_checks.rules.globs import pieces
from infra_checks.rules.predicates import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision

DISTRIBUTION: Final = "AWS::CloudFront::Distribution"
CONFIG: Final = "DistributionConfig"
CERTIFICATE: Final = (CONFIG, "ViewerCertificate")
_GUIDE: Final = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
_RULES: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"


@rule(
    DISTRIBUTION,
    id="cloudfront-accesslogs-enabled",
    title="Distribution writes access logs",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Add `DistributionConfig.Logging: {Bucket: !GetAtt LogBucket.DomainName}`, or an AWS::Logs::DeliverySource "
    "for the distribution.",
    source=_RULES + "cloudfront-accesslogs-enabled.html",
    equivalents=(
        "CKV_AWS_86",
        "W10",
        "CLOUDFRONT_ACCESSLOGS_ENABLED",
    ),
)
def logs(distribution: Resource, ctx: Context) -> Iterator[Verdict]:
    """Access logs are the only record of who asked for what at the edge; CloudFront writes none by default. Logs may
    go to S3 by `Logging`, or by a delivery source of CloudWatch Logs.
    """
    bucket = distribution.value(CONFIG, "Logging", "Bucket")
    if is_set(bucket, ctx) or any(True for _ in distribution.referrers("AWS::Logs::DeliverySource")):
        return
    if isinstance(bucket, Unknown):
        yield ctx.undecided(bucket, f"whether it writes access logs cannot be told: {bucket.reason}")
    else:
        yield ctx.violation(bucket, "writes no access logs")


def _custom(distribution: Resource, ctx: Context) -> Decision:
    """Whether the distribution has a certificate of its own."""
    default = distribution.boolean(*CERTIFICATE, "CloudFrontDefaultCertificate")
    if isinstance(default, Known) and default.value:
        return False
    return any_of(
        *(is_set(distribution.value(*CERTIFICATE, n), ctx) for n in ("AcmCertificateArn", "IamCertificateId"))
    )


@rule(
    DISTRIBUTION,
    id="cloudfront-custom-ssl-certificate",
    title="Distribution has a certificate of its own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    remedy="Set `DistributionConfig.ViewerCertificate: {AcmCertificateArn: ..., SslSupportMethod: sni-only}`.",
    source=_RULES + "cloudfront-custom-ssl-certificate.html",
    equivalents=("CLOUDFRONT_CUSTOM_SSL_CERTIFICATE", "CLOUDFRONT_SNI_ENABLED"),
)
def certificate(distribution: Resource, ctx: Context) -> Iterator[Verdict]:
    """With CloudFront's own certificate, the default, viewers use a name under cloudfront.net, and the owner cannot say
    which version of TLS they need.
    """
    own = _custom(distribution, ctx)
    place = distribution.value(*CERTIFICATE)
    if own is None:
        yield ctx.undecided(place, "whether it has a certificate of its own is known only at deployment")
    elif not own:
        yield ctx.violation(place, "has no certificate of its own")


_NEW: Final = ("TLSv1.2", "TLSv1.3")


@rule(
    DISTRIBUTION,
    id="cloudfront-minimum-protocol-version",
    title="Distribution takes TLS 1.2 or newer only",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Give the distribution a certificate of its own and `MinimumProtocolVersion: TLSv1.2_2021`.",
    source=_GUIDE + "secure-connections-supported-viewer-protocols-ciphers.html",
    equivalents=("CKV_AWS_174", "CLOUDFRONT_MINIMUM_PROTOCOL_VERSION_RULE", "W70"),
)
def protocol(distribution: Resource, ctx: Context) -> Iterator[Verdict]:
    """TLS 1.0 and 1.1 are broken. With CloudFront's own certificate it takes TLS 1.0 whatever
    `MinimumProtocolVersion` says, and TLSv1 is also the default with another certificate.
    """
    version = distribution.text(*CERTIFICATE, "MinimumProtocolVersion")
    own = _custom(distribution, ctx)
    if own is False:
        yield ctx.violation(version, "takes TLS 1.0, as CloudFront does with its own certificate")
        return
    match version:
        case Unknown():
            yield ctx.undecided(version, f"MinimumProtocolVersion cannot be told: {version.reason}")
        case Absent():
            yield ctx.violation(version, "states no MinimumProtocolVersion, so it takes TLS 1.0")
        case Known(name):
            if not name.startswith(_NEW):
                yield ctx.violation(version, f"takes viewers with {name}")
            elif own is None:
                yield ctx.undecided(version, "whether it has a certificate of its own is known only at deployment")


@rule(
    DISTRIBUTION,
    id="cloudfront-viewer-policy-https",
    title="Distribution answers viewers over HTTPS only",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Set `ViewerProtocolPolicy: redirect-to-https` (or https-only) in `DefaultCacheBehavior` and each of "
    "`CacheBehaviors`.",
    source=_RULES + "cloudfront-viewer-policy-https.html",
    equivalents=(
        "CKV_AWS_34",
        "CLOUDFRONT_VIEWER_POLICY_HTTPS",
    ),
)
def https(distribution: Resource, ctx: Context) -> Iterator[Verdict]:
    """With allow-all CloudFront answers plain HTTP, which anybody on the way can read and change. Each cache behaviour
    says for itself what it takes.
    """
    paths = (("DefaultCacheBehavior",), ("CacheBehaviors", EACH))
    given = (path for path in paths if not isinstance(distribution.value(CONFIG, path[0]), Absent))
    for value in (one for path in given for one in distribution.values(CONFIG, *path, "ViewerProtocolPolicy")):
        policy = as_text(value)
        match policy:
            case Unknown():
                yield ctx.undecided(policy, f"ViewerProtocolPolicy cannot be told: {policy.reason}")
            case Absent():
                yield ctx.violation(policy, "does not say that viewers need HTTPS")
            case Known(name):
                if name not in {"https-only", "redirect-to-https"}:
                    yield ctx.violation(policy, "answers viewers over plain HTTP")


_ANONYMOUS: Final = "asks its bucket anonymously, so the bucket has to be public"


@rule(
    DISTRIBUTION,
    id="cloudfront-s3-origin-access-control-enabled",
    title="Distribution shows its bucket who it is",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    remedy="Set the origin's `OriginAccessControlId` to an AWS::CloudFront::OriginAccessControl, with `S3OriginConfig: "
    "{}`, and let only the distribution read the bucket.",
    source=_RULES + "cloudfront-s3-origin-access-control-enabled.html",
    equivalents=("CLOUDFRONT_ORIGIN_ACCESS_IDENTITY_ENABLED",),
)
def origin_access(distribution: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without an origin access control, or the older identity, CloudFront asks the bucket anonymously, so the bucket
    has to be public and can be read past CloudFront. An origin has neither by default; website endpoints cannot have
    one.
    """
    legacy = distribution.at(CONFIG, "S3Origin")
    if isinstance(legacy.value(), Known) and is_set(legacy.value("OriginAccessIdentity"), ctx) is False:
        yield ctx.violation(legacy, _ANONYMOUS)
    origins = distribution.items(CONFIG, "Origins")
    if isinstance(origins, Unknown):
        yield ctx.undecided(origins, f"its origins cannot be told: {origins.reason}")
    for origin in origins.value if isinstance(origins, Known) else ():
        bucket = _is_bucket(distribution, origin)
        signed = any_of(
            is_set(origin.value("OriginAccessControlId"), ctx),
            is_set(origin.value("S3OriginConfig", "OriginAccessIdentity"), ctx),
        )
        if bucket is False or signed:
            continue
        if bucket is None or signed is None:
            yield ctx.undecided(origin, "whether an origin is a bucket without access control cannot be told")
        else:
            yield ctx.violation(origin, _ANONYMOUS)


def _is_bucket(distribution: Resource, origin: View) -> Decision:
    """Whether an origin is a bucket, not by its website endpoint."""
    if not all(isinstance(origin.value(name), Absent) for name in ("CustomOriginConfig", "VpcOriginConfig")):
        return False
    if not isinstance(origin.value("S3OriginConfig"), Absent):
        return True
    domain = origin.value("DomainName")
    if isinstance(domain, Absent):
        return False
    parts = pieces(domain)
    if any(isinstance(part, Symbol) and str(part.name[-1]).endswith("DomainName") for part in parts):
        target = distribution.stack.target_of(domain)
        return isinstance(target, Resource) and target.type == "AWS::S3::Bucket"
    text = "".join(part if isinstance(part, str) else "" for part in parts)
    return ".s3." in text or ".s3-" in text if text else None
