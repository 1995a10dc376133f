"""Properties that hold a secret, by type: the resource reference asks for a password, key or token there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.template.model import Declaration


_APPFLOW: Final = (
    *("AccessToken", "ApiKey", "ApiSecretKey", "ApiToken", "ClientSecret", "Password", "RefreshToken"),
    *("SecretAccessKey", "SecretKey"),
)
_AGENT_OAUTH: Final = (
    "Atlassian",
    "Custom",
    "Github",
    "Google",
    "Included",
    "Linkedin",
    "Microsoft",
    "Salesforce",
    "Slack",
)

_PATHS: Final[dict[str, tuple[str, ...]]] = {
    "AWS::AmazonMQ::Broker": ("Users.*.Password", "LdapServerMetadata.ServiceAccountPassword"),
    "AWS::Amplify::App": (
        "AccessToken",
        "OauthToken",
        "BasicAuthConfig.Password",
        "AutoBranchCreationConfig.BasicAuthConfig.Password",
    ),
    "AWS::Amplify::Branch": ("BasicAuthConfig.Password",),
    "AWS::AppFabric::AppAuthorization": (
        "Credential.ApiKeyCredential.ApiKey",
        "Credential.Oauth2Credential.ClientSecret",
    ),
    "AWS::AppFlow::ConnectorProfile": tuple(
        f"ConnectorProfileConfig.ConnectorProfileCredentials.*.{name}" for name in _APPFLOW
    ),
    "AWS::AppStream::DirectoryConfig": ("ServiceAccountCredentials.AccountPassword",),
    "AWS::BackupGateway::Hypervisor": ("Password",),
    "AWS::BedrockAgentCore::ApiKeyCredentialProvider": ("ApiKey",),
    "AWS::BedrockAgentCore::OAuth2CredentialProvider": tuple(
        f"Oauth2ProviderConfigInput.{name}Oauth2ProviderConfig.ClientSecret" for name in _AGENT_OAUTH
    ),
    "AWS::CodeBuild::SourceCredential": ("Token",),
    "AWS::CodePipeline::Webhook": ("AuthenticationConfiguration.SecretToken",),
    "AWS::CodeStar::GitHubRepository": ("RepositoryAccessToken",),
    "AWS::Cognito::UserPoolIdentityProvider": ("ProviderDetails.client_secret",),
    "AWS::Connect::User": ("Password",),
    "AWS::DMS::Endpoint": (
        "Password",
        "GcpMySQLSettings.Password",
        "KafkaSettings.SaslPassword",
        "KafkaSettings.SslClientKeyPassword",
        "MicrosoftSqlServerSettings.Password",
        "MongoDbSettings.Password",
        "OracleSettings.AsmPassword",
        "RedisSettings.AuthPassword",
    ),
    "AWS::DataSync::LocationAzureBlob": ("AzureBlobSasConfiguration.AzureBlobSasToken",),
    "AWS::DataSync::LocationFSxONTAP": ("Protocol.SMB.Password",),
    "AWS::DataSync::LocationFSxWindows": ("Password",),
    "AWS::DataSync::LocationObjectStorage": ("SecretKey",),
    "AWS::DataSync::LocationSMB": ("Password",),
    "AWS::DirectConnect::PrivateVirtualInterface": ("BgpPeers.*.AuthKey",),
    "AWS::DirectConnect::PublicVirtualInterface": ("BgpPeers.*.AuthKey",),
    "AWS::DirectConnect::TransitVirtualInterface": ("BgpPeers.*.AuthKey",),
    "AWS::DirectoryService::MicrosoftAD": ("Password",),
    "AWS::DirectoryService::SimpleAD": ("Password",),
    "AWS::DocDB::DBCluster": ("MasterUserPassword",),
    "AWS::DocDBElastic::Cluster": ("AdminUserPassword",),
    "AWS::EC2::VPNConnection": ("VpnTunnelOptionsSpecifications.*.PreSharedKey",),
    "AWS::EC2::VerifiedAccessTrustProvider": ("OidcOptions.ClientSecret", "NativeApplicationOidcOptions.ClientSecret"),
    "AWS::EMR::Cluster": (
        "KerberosAttributes.ADDomainJoinPassword",
        "KerberosAttributes.CrossRealmTrustPrincipalPassword",
        "KerberosAttributes.KdcAdminPassword",
    ),
    "AWS::ElastiCache::ReplicationGroup": ("AuthToken",),
    "AWS::ElastiCache::User": ("Passwords.*", "AuthenticationMode.Passwords.*"),
    "AWS::ElasticLoadBalancingV2::Listener": ("DefaultActions.*.AuthenticateOidcConfig.ClientSecret",),
    "AWS::ElasticLoadBalancingV2::ListenerRule": ("Actions.*.AuthenticateOidcConfig.ClientSecret",),
    "AWS::Elasticsearch::Domain": ("AdvancedSecurityOptions.MasterUserOptions.MasterUserPassword",),
    "AWS::Events::Connection": (
        "AuthParameters.ApiKeyAuthParameters.ApiKeyValue",
        "AuthParameters.BasicAuthParameters.Password",
        "AuthParameters.OAuthParameters.ClientParameters.ClientSecret",
    ),
    "AWS::FSx::FileSystem": (
        "OntapConfiguration.FsxAdminPassword",
        "WindowsConfiguration.SelfManagedActiveDirectoryConfiguration.Password",
    ),
    "AWS::FSx::StorageVirtualMachine": (
        "SvmAdminPassword",
        "ActiveDirectoryConfiguration.SelfManagedActiveDirectoryConfiguration.Password",
    ),
    "AWS::Glue::Connection": (
        "ConnectionInput.ConnectionProperties.PASSWORD",
        "ConnectionInput.AuthenticationConfiguration.BasicAuthenticationCredentials.Password",
    ),
    "AWS::IAM::ServerCertificate": ("PrivateKey",),
    "AWS::IAM::User": ("LoginProfile.Password",),
    "AWS::KinesisFirehose::DeliveryStream": (
        "HttpEndpointDestinationConfiguration.EndpointConfiguration.AccessKey",
        "RedshiftDestinationConfiguration.Password",
        "SnowflakeDestinationConfiguration.KeyPassphrase",
        "SnowflakeDestinationConfiguration.PrivateKey",
        "SplunkDestinationConfiguration.HECToken",
    ),
    "AWS::Lambda::Permission": ("EventSourceToken",),
    "AWS::Lightsail::Database": ("MasterUserPassword",),
    "AWS::ManagedBlockchain::Member": (
        "MemberConfiguration.MemberFrameworkConfiguration.MemberFabricConfiguration.AdminPassword",
    ),
    "AWS::MemoryDB::User": ("AuthenticationMode.Passwords.*",),
    "AWS::OpenSearchService::Domain": ("AdvancedSecurityOptions.MasterUserOptions.MasterUserPassword",),
    "AWS::OpsWorks::App": ("AppSource.Password", "AppSource.SshKey", "SslConfiguration.PrivateKey"),
    "AWS::OpsWorks::Stack": (
        "RdsDbInstances.*.DbPassword",
        "CustomCookbooksSource.Password",
        "CustomCookbooksSource.SshKey",
    ),
    "AWS::Pinpoint::ADMChannel": ("ClientSecret",),
    "AWS::Pinpoint::APNSChannel": ("PrivateKey", "TokenKey"),
    "AWS::Pinpoint::APNSSandboxChannel": ("PrivateKey", "TokenKey"),
    "AWS::Pinpoint::APNSVoipChannel": ("PrivateKey", "TokenKey"),
    "AWS::Pinpoint::APNSVoipSandboxChannel": ("PrivateKey", "TokenKey"),
    "AWS::Pinpoint::BaiduChannel": ("ApiKey", "SecretKey"),
    "AWS::Pinpoint::GCMChannel": ("ApiKey",),
    "AWS::RDS::DBCluster": ("MasterUserPassword",),
    "AWS::RDS::DBInstance": ("MasterUserPassword", "TdeCredentialPassword"),
    "AWS::Redshift::Cluster": ("MasterUserPassword",),
    "AWS::RedshiftServerless::Namespace": ("AdminUserPassword",),
    "AWS::SES::EmailIdentity": ("DkimSigningAttributes.DomainSigningPrivateKey",),
    "AWS::SageMaker::Workforce": ("OidcConfig.ClientSecret",),
    "AWS::SecretsManager::Secret": ("SecretString",),
    "AWS::Timestream::InfluxDBCluster": ("Password",),
    "AWS::Timestream::InfluxDBInstance": ("Password",),
    "AWS::Transfer::Certificate": ("PrivateKey",),
    "Alexa::ASK::Skill": ("AuthenticationConfiguration.ClientSecret", "AuthenticationConfiguration.RefreshToken"),
}

SECRETS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    kind: tuple(tuple(path.split(".")) for path in paths) for kind, paths in _PATHS.items() if paths
}
"""Paths below `Properties`; the star is `EACH` of infra_checks.evaluate.view."""

_MADE_OF_ARGUMENTS: Final = frozenset({"Fn::Base64", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::Sub", "Ref"})
_NAME: Final = re.compile(r"\$\{\s*([A-Za-z0-9]+)\s*\}")


def parameters_in(node: Node | None) -> tuple[str, ...]:
    """The names of what a text is made of: by Ref and in Fn::Sub, also within functions that put texts together."""
    found: list[str] = []
    stack = [node] if node is not None else []
    while stack:
        current = stack.pop()
        if isinstance(current, Sequence):
            stack.extend(current.items)
        elif isinstance(current, Mapping):
            stack.extend(current.entries.values())
        elif isinstance(current, Call) and current.name == "Ref" and isinstance(current.argument, Scalar):
            found.append(current.argument.text)
        elif isinstance(current, Call) and current.name in _MADE_OF_ARGUMENTS:
            stack.append(current.argument)
            found.extend(_NAME.findall(_text_of(current)))
    return tuple(found)


def _text_of(call: Call) -> str:
    """The text of an Fn::Sub; nothing of another function."""
    argument = call.argument
    first = argument.items[0] if isinstance(argument, Sequence) and argument.items else argument
    return first.text if call.name == "Fn::Sub" and isinstance(first, Scalar) else ""


def secret_nodes(declaration: Declaration) -> Iterator[Node]:
    """What stands in a resource's secret properties, in every branch."""
    for path in SECRETS.get(declaration.type, ()):
        yield from _below(declaration.properties, path)


def _below(node: Node | None, path: tuple[str, ...]) -> Iterator[Node]:
    """The nodes at a path; a function on the way is one of them as a whole."""
    if node is None:
        return
    if not path or isinstance(node, (Call, Scalar)):
        yield from _arms(node)
    elif isinstance(node, Mapping):
        keys = list(node.entries) if path[0] == "*" else [path[0]]
        for key in keys:
            yield from _below(node.get(key), path[1:])
    else:
        for item in node.items:
            yield from _below(item, path[1:])


def _arms(node: Node) -> Iterator[Node]:
    """The branches of an Fn::If, or the node itself."""
    if isinstance(node, Call) and node.name == "Fn::If" and isinstance(node.argument, Sequence):
        for arm in node.argument.items[1:]:
            yield from _arms(arm)
    else:
        yield node
