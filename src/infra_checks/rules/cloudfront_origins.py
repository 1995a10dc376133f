"""Rules on CloudFront distributions: how they reach their origins, and what they serve by default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import filled, is_set, property_rule
from infra_checks.evaluate.view import EACH, as_text
from infra_checks.rules.globs import pieces
from infra_checks.rules.predicates import any_of, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.view import View

DISTRIBUTION: Final = "AWS::CloudFront::Distribution"
CONFIG: Final = "DistributionConfig"
CERTIFICATE: Final = (CONFIG, "ViewerCertificate")
_CONFIG_RULES: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_GUIDE: Final = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
_MEMBERS: Final = 2
"""AWS: an origin group has a primary and a secondary origin."""

default_root = property_rule(
    DISTRIBUTION,
    id="cloudfront-default-root-object-configured",
    title="Distribution has a default root object",
    family=Family.NETWORK,
    severity=Severity.LOW,
    path=(CONFIG, "DefaultRootObject"),
    holds=is_set,
    message="has no default root object, so a request for / goes to the origin as it is",
    rationale="""A request for the root of a distribution without a default object is passed on, and a bucket that may
    be listed answers with the list of its objects.""",
    remedy="Set `DistributionConfig.DefaultRootObject: index.html`.",
    source=_CONFIG_RULES + "cloudfront-default-root-object-configured.html",
    equivalents=("CLOUDFRONT_DEFAULT_ROOT_OBJECT_CONFIGURED",),
)


@rule(
    DISTRIBUTION,
    id="cloudfront-origin-failover-enabled",
    title="Distribution fails over to a second origin",
    family=Family.MULTI_AZ,
    severity=Severity.LOW,
    remedy="Add `DistributionConfig.OriginGroups` with a group of two origins, and name the group as a behaviour's "
    "`TargetOriginId`.",
    source=_CONFIG_RULES + "cloudfront-origin-failover-enabled.html",
    equivalents=("CLOUDFRONT_ORIGIN_FAILOVER_ENABLED",),
)
def failover(distribution: Resource, ctx: Context) -> Iterator[Verdict]:
    """With an origin group CloudFront asks the second origin when the first does not answer. A distribution has no
    group by default.
    """
    groups = distribution.items(CONFIG, "OriginGroups", "Items")
    if isinstance(groups, Unknown):
        yield ctx.undecided(groups, f"its origin groups cannot be told: {groups.reason}")
    elif isinstance(groups, Absent) or not groups.value:
        yield ctx.violation(groups, "has no origin group to fail over in")
    else:
        for group in groups.value:
            members = group.items("Members", "Items")
            if isinstance(members, Unknown):
                yield ctx.undecided(members, f"the members of an origin group cannot be told: {members.reason}")
            elif isinstance(members, Absent) or len(filled(members.value)) != _MEMBERS:
                yield ctx.violation(members, "has an origin group without two origins")


@rule(
    DISTRIBUTION,
    id="cloudfront-sni-enabled",
    title="Distribution serves its certificate by SNI",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    remedy="Set `DistributionConfig.ViewerCertificate.SslSupportMethod: sni-only`.",
    source=_CONFIG_RULES + "cloudfront-sni-enabled.html",
    equivalents=("CLOUDFRONT_SNI_ENABLED",),
)
def sni(distribution: Resource, ctx: Context) -> Iterator[Verdict]:
    """Addresses of its own (vip) are for clients older than SNI, which have no modern TLS either, and are paid for by
    the month. A distribution with CloudFront's certificate has no such setting, which another rule asks about.
    """
    default = distribution.boolean(*CERTIFICATE, "CloudFrontDefaultCertificate")
    own = any_of(*(is_set(distribution.value(*CERTIFICATE, n), ctx) for n in ("AcmCertificateArn", "IamCertificateId")))
    if own is False or (isinstance(default, Known) and default.value):
        return
    method = distribution.text(*CERTIFICATE, "SslSupportMethod")
    by_sni = text_is(method, "sni-only")
    if by_sni:
        return
    if by_sni is None or own is None:
        yield ctx.undecided(method, "whether it serves its certificate by SNI is known only at deployment")
    else:
        yield ctx.violation(method, "does not serve its certificate by SNI only")


_PLAIN: Final = "reaches an origin over plain HTTP"


@rule(
    DISTRIBUTION,
    id="cloudfront-traffic-to-origin-encrypted",
    title="Distribution reaches its origins over HTTPS",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Set `CustomOriginConfig.OriginProtocolPolicy: https-only` in each of `Origins`.",
    source=_CONFIG_RULES + "cloudfront-traffic-to-origin-encrypted.html",
    equivalents=("CKV2_AWS_72",),
)
def origin_traffic(distribution: Resource, ctx: Context) -> Iterator[Verdict]:
    """Between the edge and the origin plain HTTP can be read and changed. With match-viewer CloudFront speaks to the
    origin as the viewer speaks to it, which is only HTTPS where no behaviour takes plain HTTP.
    """
    if isinstance(distribution.value(CONFIG, "Origins"), Absent):
        return
    for value in distribution.values(CONFIG, "Origins", EACH, "CustomOriginConfig"):
        if isinstance(value, Absent):
            continue
        if isinstance(value, Unknown):
            yield ctx.undecided(value, f"how it reaches its origins cannot be told: {value.reason}")
    for value in distribution.values(CONFIG, "Origins", EACH, "CustomOriginConfig", "OriginProtocolPolicy"):
        policy = as_text(value)
        match policy:
            case Absent() | Known("https-only"):
                continue
            case Unknown():
                yield ctx.undecided(policy, f"how it reaches an origin cannot be told: {policy.reason}")
            case Known("match-viewer"):
                yield from _matched(distribution, policy, ctx)
            case Known():
                yield ctx.violation(policy, _PLAIN)


def _matched(distribution: Resource, policy: Known[str], ctx: Context) -> Iterator[Verdict]:
    plain = _takes_http(distribution)
    if plain:
        yield ctx.violation(policy, "reaches an origin over plain HTTP when the viewer asks over plain HTTP")
    elif plain is None:
        yield ctx.undecided(policy, "whether viewers may ask over plain HTTP is known only at deployment")


def _takes_http(distribution: Resource) -> Decision:
    """Whether some behaviour takes plain HTTP of viewers."""
    paths = (("DefaultCacheBehavior",), ("CacheBehaviors", EACH))
    given = (path for path in paths if not isinstance(distribution.value(CONFIG, path[0]), Absent))
    policies = (one for path in given for one in distribution.values(CONFIG, *path, "ViewerProtocolPolicy"))
    return any_of(*(text_is(as_text(value), "allow-all") for value in policies))


@rule(
    DISTRIBUTION,
    id="cloudfront-no-origin-access-identity",
    title="Distribution uses origin access control, not an identity",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Set the origin's `OriginAccessControlId` and `S3OriginConfig: {OriginAccessIdentity: ''}`.",
    source=_GUIDE + "private-content-restricting-access-to-s3.html",
    equivalents=("CLOUDFRONT_ORIGIN_ACCESS_IDENTITY_DEPRECATED",),
)
def no_identity(distribution: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS recommends origin access control: identities do not know SSE-KMS, the Regions since December 2022, PUT and
    DELETE.
    """
    legacy = distribution.value(CONFIG, "S3Origin", "OriginAccessIdentity")
    identities = [legacy]
    if not isinstance(distribution.value(CONFIG, "Origins"), Absent):
        identities += distribution.values(CONFIG, "Origins", EACH, "S3OriginConfig", "OriginAccessIdentity")
    for identity in identities:
        used = is_set(identity, ctx)
        if used is None:
            yield ctx.undecided(identity, "whether it uses an origin access identity is known only at deployment")
        elif used:
            yield ctx.violation(identity, "uses an origin access identity, which AWS replaced by origin access control")


@rule(
    DISTRIBUTION,
    id="cloudfront-origin-lambda-url-oac-enabled",
    title="Distribution shows a function URL who it is",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    remedy="Set the origin's `OriginAccessControlId` to an AWS::CloudFront::OriginAccessControl with "
    "`OriginAccessControlOriginType: lambda`, and the URL's `AuthType: AWS_IAM`.",
    source=_GUIDE + "private-content-restricting-access-to-lambda.html",
    equivalents=("CLOUDFRONT_ORIGIN_LAMBDA_URL_OAC_ENABLED",),
)
def function_url(distribution: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without an origin access control CloudFront does not sign its requests, so the function URL has to be open to
    everyone, past whatever the distribution checks. An origin has none by default.
    """
    origins = distribution.items(CONFIG, "Origins")
    if isinstance(origins, Unknown):
        yield ctx.undecided(origins, f"its origins cannot be told: {origins.reason}")
    for origin in origins.value if isinstance(origins, Known) else ():
        signed = is_set(origin.value("OriginAccessControlId"), ctx)
        url = _is_function_url(origin) if not signed else False
        if url is False:
            continue
        if url is None or signed is None:
            yield ctx.undecided(origin, "whether an origin is a function URL without access control cannot be told")
        else:
            yield ctx.violation(origin, "asks a function URL anonymously, so the URL has to be open to everyone")


def _is_function_url(origin: View) -> Decision:
    """AWS: a function URL is `https://<id>.lambda-url.<region>.on.aws`."""
    if not all(isinstance(origin.value(name), Absent) for name in ("S3OriginConfig", "VpcOriginConfig")):
        return False
    parts = pieces(origin.value("DomainName"))
    if not parts:
        return None if isinstance(origin.value("DomainName"), Unknown) else False
    if ".lambda-url." in "".join(part if isinstance(part, str) else "" for part in parts):
        return True
    last = parts[-1]
    if isinstance(last, str):
        return None if len(parts) > 1 and ".on.aws".endswith(last[-len(".on.aws") :]) else False
    if last.kind == "reference":
        return last.name[1] == "FunctionUrl"
    if last.kind == "call" and "Fn::GetAtt" in str(last):
        # Such as the part between the slashes of what Fn::GetAtt gives.
        return '"FunctionUrl"]' in str(last)
    return None
