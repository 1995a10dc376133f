"""AWS::Serverless::GraphQLApi: the API and the role with which it logs; its data sources are not expanded.

AWS: "AWS::Serverless::GraphQLApi": without Logging, everything is logged, with a role that SAM makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.template.serverless.making import (
    Content,
    Entry,
    GetAtt,
    entry_of,
    made_mapping,
    mapping_of,
    text_of,
    unexpanded,
)
from infra_checks.template.serverless.roles import managed, trust
from infra_checks.template.serverless.source import tag_list

if TYPE_CHECKING:
    from infra_checks.template.serverless.source import Generated, Renames, Source

_SAME: Final = (
    "IntrospectionConfig",
    "OwnerContact",
    "QueryDepthLimit",
    "ResolverCountLimit",
    "Visibility",
    "XrayEnabled",
)
_ROLE_ARN: Final = "CloudWatchLogsRoleArn"
_SETTINGS: Final = ("LambdaAuthorizer", "OpenIDConnect", "UserPool")


def expand_graphql_api(source: Source, generated: Generated) -> None:
    """Add the API."""
    properties = source.take_all(_SAME)
    properties |= {"Name": source.take("Name") or source.logical_id, **_authentication(source)}
    properties["LogConfig"] = _logging(source, generated)
    properties["Tags"] = tag_list(source.take("Tags"), "graphqlapi:createdBy")
    renames: Renames = {
        ("AuthenticationType",): ("Auth", "Type"),
        ("AdditionalAuthenticationProviders",): ("Auth", "Additional"),
        ("LogConfig",): ("Logging",),
        **{(f"{name}Config",): ("Auth", name) for name in _SETTINGS},
    }
    generated.add(source, "AWS::AppSync::GraphQLApi", properties, renames=renames)


def _authentication(source: Source) -> dict[str, Content]:
    given = source.take("Auth")
    auth = mapping_of(given)
    if given is None:
        return {}
    if auth is None:
        return {"AuthenticationType": unexpanded("Auth is not written as a mapping", given)}
    others = entry_of(auth, "Additional")
    return {
        "AuthenticationType": entry_of(auth, "Type"),
        "AdditionalAuthenticationProviders": None if others is None else unexpanded("SAM makes them of Auth", others),
        "LambdaAuthorizerConfig": entry_of(auth, "LambdaAuthorizer"),
        "OpenIDConnectConfig": entry_of(auth, "OpenIDConnect"),
        "UserPoolConfig": entry_of(auth, "UserPool"),
    }


def _logging(source: Source, generated: Generated) -> Content:
    """What is logged: all of it by default, nothing with false, or as a mapping says."""
    given = source.take("Logging")
    config = mapping_of(given)
    text = (text_of(given) or "").lower()
    if text == "false":
        return None
    if given is not None and config is None and text != "true":
        return unexpanded("Logging is not written as a mapping", given)
    if given is not None and config is not None and entry_of(config, _ROLE_ARN) is not None:
        return given
    role: dict[str, Content] = {
        "AssumeRolePolicyDocument": trust("appsync.amazonaws.com"),
        "ManagedPolicyArns": [managed("service-role/AWSAppSyncPushToCloudWatchLogs")],
    }
    whole: Renames = {(): ("Logging", _ROLE_ARN)}
    name = generated.add(source, "AWS::IAM::Role", role, suffix="CloudWatchRole", wholes=whole)
    content: dict[str, Content] = {"FieldLogLevel": "ALL"}
    if config is not None:
        content = {each: entry_of(config, each) for each in config.entries}
    content[_ROLE_ARN] = GetAtt(name, "Arn")
    place = given.key if given is not None else source.place
    return Entry(made_mapping(content, place), place)
