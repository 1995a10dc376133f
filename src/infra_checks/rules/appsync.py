"""Rules on AppSync APIs and their caches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.table import is_true, one_of, property_rule
from infra_checks.evaluate.view import as_text
from infra_checks.rules.predicates import text_is

if TYPE_CHECKING:
    from infra_checks.core.rule import Context
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

API: Final = "AWS::AppSync::GraphQLApi"
CACHE: Final = "AWS::AppSync::ApiCache"
_GUIDE: Final = "https://docs.aws.amazon.com/appsync/latest/devguide/"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"

logs = property_rule(
    API,
    id="appsync-logging-enabled",
    title="AppSync API logs its requests",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    path=("LogConfig", "FieldLogLevel"),
    holds=one_of("ALL", "DEBUG", "ERROR", "INFO"),
    message="does not log how its fields are resolved",
    rationale="""Logs show who asked for what and which resolver failed. AppSync writes none without LogConfig, and with
    level NONE none on fields.""",
    remedy="Add `LogConfig: {FieldLogLevel: ERROR, CloudWatchLogsRoleArn: !GetAtt Role.Arn}`.",
    source=_CONFIG + "appsync-logging-enabled.html",
    equivalents=("CKV_AWS_193", "CKV_AWS_194"),
)

tracing = property_rule(
    API,
    id="appsync-graphql-api-xray-enabled",
    title="AppSync API is traced by X-Ray",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    path=("XrayEnabled",),
    holds=is_true,
    message="is not traced by X-Ray",
    rationale="""Traces show which resolver of which request took the time or failed. They are off by default.""",
    remedy="Add `XrayEnabled: true`.",
    source=_CONFIG + "appsync-graphql-api-xray-enabled.html",
)


def _asks_who(value: Value[object], _ctx: Context) -> Decision:
    """The main authorization is not an API key."""
    keyed = text_is(as_text(value), "API_KEY")
    return None if keyed is None else not keyed


authorization = property_rule(
    API,
    id="appsync-authorization-check",
    title="AppSync API asks who calls",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    path=("AuthenticationType",),
    holds=_asks_who,
    message="lets in whoever has its API key",
    rationale="""An API key is in every client and says nothing of who uses it. AWS: it is for development and for
    content that everyone may read.""",
    remedy="Set `AuthenticationType` to AMAZON_COGNITO_USER_POOLS, AWS_IAM, AWS_LAMBDA or OPENID_CONNECT.",
    source=_CONFIG + "appsync-authorization-check.html",
)

cache_at_rest = property_rule(
    CACHE,
    id="appsync-cache-ct-encryption-at-rest",
    title="Cache of an AppSync API is encrypted at rest",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("AtRestEncryptionEnabled",),
    holds=is_true,
    message="does not encrypt what it keeps",
    rationale="""A cache holds answers, for some user. At-rest encryption is off unless asked for, and cannot be changed
    once the cache is there.""",
    remedy="Set `AtRestEncryptionEnabled: true`.",
    source=_CONFIG + "appsync-cache-ct-encryption-at-rest.html",
)

cache_in_transit = property_rule(
    CACHE,
    id="appsync-cache-ct-encryption-in-transit",
    title="Cache of an AppSync API is encrypted in transit",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("TransitEncryptionEnabled",),
    holds=is_true,
    message="does not encrypt what goes to and from it",
    rationale="""Answers travel between AppSync and the cache. Encryption in transit is off unless asked for, and cannot
    be changed once the cache is there.""",
    remedy="Set `TransitEncryptionEnabled: true`.",
    source=_CONFIG + "appsync-cache-ct-encryption-in-transit.html",
)
