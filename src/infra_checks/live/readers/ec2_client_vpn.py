"""Client VPN endpoints, by the Amazon EC2 API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.live.readers.ec2_asked import one
from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, renamed, stated, tag_list
from infra_checks.live.shaping import at

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read


@reader("AWS::EC2::ClientVpnEndpoint", "ec2:describe_client_vpn_endpoints", unreturned=("AuthorizationPolicy",))
def client_vpn_endpoint(asking: Asking) -> Read:
    """AWS: API_ClientVpnEndpoint.html."""
    by = {"ClientVpnEndpointIds": [asking.physical_id]}
    found = one(asking, "describe_client_vpn_endpoints", "ClientVpnEndpoints", **by)
    if isinstance(found, Unread):
        return found
    names = (
        "ClientCidrBlock",
        "Description",
        "DisconnectOnSessionTimeout",
        "DnsServers",
        "EndpointIpAddressType",
        "SecurityGroupIds",
        "ServerCertificateArn",
        "SessionTimeoutHours",
        "SplitTunnel",
        "TrafficIpAddressType",
        "TransportProtocol",
        "VpcId",
        "VpnPort",
    )
    tags = tag_list(found.get("Tags") or [])
    return {
        **renamed(found, *names),
        **_options(found),
        **stated(
            AuthenticationOptions=[_authentication(each) for each in found.get("AuthenticationOptions") or []],
            SelfServicePortal=_portal(found),
            TagSpecifications=[{"ResourceType": "client-vpn-endpoint", "Tags": tags}] if tags else None,
        ),
    }


def _portal(found: Answer) -> str | Unread:
    """An endpoint without the address of a portal has none; that there is one does not say that it is enabled."""
    if not found.get("SelfServicePortalUrl"):
        return "disabled"
    return Unread("DescribeClientVpnEndpoints tells the portal's address, not whether it is enabled")


def _options(found: Answer) -> Properties:
    parts = {
        "ClientConnectOptions": ("Enabled", "LambdaFunctionArn"),
        "ClientLoginBannerOptions": ("BannerText", "Enabled"),
        "ClientRouteEnforcementOptions": ("Enforced",),
        "ConnectionLogOptions": (
            "CloudwatchLogGroup",
            "CloudwatchLogStream",
            "Enabled",
            "IncludeAuthorizationPolicyContext",
        ),
        "TransitGatewayConfiguration": ("AvailabilityZoneIds", "AvailabilityZones", "TransitGatewayId"),
    }
    read = stated(**{name: renamed(found.get(name) or {}, *names) for name, names in parts.items()})
    providers = at(found, "DevicePostureOptions", "TrustProviders") or []
    names = ("PublicSigningKeyUrl", "TenantId", "TrustProviderType")
    if providers:
        enabled = Unread("DescribeClientVpnEndpoints does not tell whether it is enabled")
        read["DevicePostureOptions"] = {
            "Enabled": enabled,
            "TrustProviders": [renamed(each, *names) for each in providers],
        }
    return read


def _authentication(found: Answer) -> Properties:
    federated = found.get("FederatedAuthentication") or {}
    mutual = found.get("MutualAuthentication") or {}
    return {
        **renamed(found, "Type"),
        **stated(
            ActiveDirectory=renamed(found.get("ActiveDirectory") or {}, "DirectoryId"),
            FederatedAuthentication=renamed(
                federated, SAMLProviderArn="SamlProviderArn", SelfServiceSAMLProviderArn="SelfServiceSamlProviderArn"
            ),
            MutualAuthentication=renamed(mutual, ClientRootCertificateChainArn="ClientRootCertificateChain"),
        ),
    }
