"""Rules on caches of REST APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_true, property_rule, values_or_absent
from infra_checks.evaluate.view import EACH
from infra_checks.rules.apigateway_settings import for_all, makes_no_stage
from infra_checks.rules.predicates import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.view import View

STAGE: Final = "AWS::ApiGateway::Stage"
DEPLOYMENT: Final = "AWS::ApiGateway::Deployment"
_GUIDE: Final = "https://docs.aws.amazon.com/apigateway/latest/developerguide/"
_SETTINGS: Final = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-properties-apigateway-stage-methodsetting.html"
)

cache_enabled = property_rule(
    STAGE,
    id="api-gw-cache-enabled",
    title="REST API stage has a cache",
    family=Family.MULTI_AZ,
    severity=Severity.INFO,
    path=("CacheClusterEnabled",),
    holds=is_true,
    message="has no cache",
    rationale="""A cache answers repeated requests while the backend is slow or away. There is none by default, and it
    is paid for by the hour.""",
    remedy="Add `CacheClusterEnabled: true` and `CacheClusterSize`, and encrypt it in `MethodSettings`.",
    source=_GUIDE + "api-gateway-caching.html",
    equivalents=("CKV_AWS_120", "AWS-0190"),
)


@rule(
    STAGE,
    id="api-gw-cache-encrypted",
    title="Cached responses of a REST API are encrypted",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Set `CacheDataEncrypted: true` in each entry of `MethodSettings` that caches.",
    source=_SETTINGS,
    equivalents=(
        "AWS-0002",
        "AWS-0110",
        "apigateway_restapi_cache_encrypted",
    ),
)
def cache_encrypted(stage: Resource, ctx: Context) -> Iterator[Verdict]:
    """A cache holds what the API answered, for some user. It is not encrypted unless CacheDataEncrypted is true.

    AWS: a method caches when CachingEnabled is true for it and the stage has a cache cluster; with a cluster, GET
    methods cache by default. Settings that ask for caching are judged even where the cluster is not there yet.
    """
    settings = stage.items("MethodSettings")
    cluster = stage.boolean("CacheClusterEnabled")
    if isinstance(settings, Unknown):
        yield ctx.undecided(settings, f"its method settings cannot be told: {settings.reason}")
        return
    views = settings.value if isinstance(settings, Known) else ()
    for view in views:
        yield from _caching(view, ctx)
    general = [view for view in views if for_all(view) is not False]
    if any(_says(view) is not False for view in general):
        return
    match cluster:
        case Known(True):
            yield ctx.violation(cluster, "has a cache, and no settings for all methods that encrypt it")
        case Unknown():
            yield ctx.undecided(cluster, f"whether it has a cache cannot be told: {cluster.reason}")
        case Known() | Absent():
            return


def _says(setting: View) -> bool:
    """Whether an entry says anything of caching; then it is judged as an entry."""
    return any(not isinstance(setting.value(name), Absent) for name in ("CachingEnabled", "CacheDataEncrypted"))


def _caching(setting: View, ctx: Context) -> Iterator[Verdict]:
    caches, encrypted = setting.boolean("CachingEnabled"), setting.boolean("CacheDataEncrypted")
    if isinstance(caches, Absent) or caches == Known(False, caches.node, caches.path, caches.notes):
        return
    match encrypted:
        case Known(True):
            return
        case Unknown():
            yield ctx.undecided(encrypted, f"CacheDataEncrypted cannot be told: {encrypted.reason}")
        case Known() | Absent() if isinstance(caches, Unknown):
            yield ctx.undecided(caches, f"CachingEnabled cannot be told: {caches.reason}")
        case Known() | Absent():
            yield ctx.violation(encrypted, "caches responses unencrypted")


@rule(
    STAGE,
    id="api-gw-cache-enabled-and-encrypted",
    title="Methods of a REST API stage cache, and encrypt what they cache",
    family=Family.ENCRYPTION,
    severity=Severity.INFO,
    remedy="Set `CachingEnabled: true` and `CacheDataEncrypted: true` in `MethodSettings` for `/*` and `*`.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/api-gw-cache-enabled-and-encrypted.html",
    equivalents=("API_GW_CACHE_ENABLED_AND_ENCRYPTED", "APIGWCacheEnabledAndEncrypted"),
)
def cache_enabled_and_encrypted(stage: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS Config asks for both of every method: a cache, and encryption of what it holds. Neither is there by default.
    Who wants no cache, but one that is encrypted where there is one, has another rule for it.
    """
    for name, what in (("CachingEnabled", "caches nothing"), ("CacheDataEncrypted", "does not encrypt its cache")):
        for value in values_or_absent(stage, "MethodSettings", EACH, name):
            kept = is_true(value, ctx)
            if kept is None:
                yield ctx.undecided(value, f"whether {name} is true for all methods is known only at deployment")
            elif not kept:
                yield ctx.violation(value, f"{what}: {name} is not true for all methods")


def _is_off(deployment: Resource, name: str) -> Decision:
    value = deployment.boolean("StageDescription", name)
    match value:
        case Known(truth):
            return not truth
        case Unknown():
            return None
        case Absent():
            return True


def _caches_nothing(deployment: Resource) -> Decision:
    return all_of(_is_off(deployment, name) for name in ("CachingEnabled", "CacheClusterEnabled"))


deployment_cache = property_rule(
    DEPLOYMENT,
    id="api-gw-deployment-cache-encrypted",
    title="Cached responses of a stage made by a deployment are encrypted",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("StageDescription", "CacheDataEncrypted"),
    holds=is_true,
    unless=(makes_no_stage, _caches_nothing),
    message="makes a stage that caches responses unencrypted",
    rationale="""A cache holds what the API answered, for some user. A deployment with StageName makes a stage with the
    settings of its StageDescription, in which CacheDataEncrypted is false unless set.""",
    remedy="Add `StageDescription.CacheDataEncrypted: true`.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-properties-apigateway-deployment-stagedescription.html",
    equivalents=("W87",),
)
