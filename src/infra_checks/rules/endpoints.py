"""Rules on policies of what is reached through a network: VPC endpoints, endpoint services, private APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.access.carriers import policies_of
from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.core.table import is_set
from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.evaluate.view import EACH, as_text
from infra_checks.iam.fresh import limited_context, somewhere
from infra_checks.iam.model import PolicyType, Principal
from infra_checks.iam.questions import FRESH_NAME, granted, public
from infra_checks.rules.granting import openings, verdict
from infra_checks.rules.policies import reason
from infra_checks.rules.predicates import any_of, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

_STRANGER: Final = Principal("AWS", f"arn:aws:iam::999999999999:user/{FRESH_NAME}")
_OF_OTHERS: Final = {
    "aws:principalorgid": ("o-zzfresh",),
    "aws:resourceaccount": ("888888888888",),
    "aws:resourceorgid": ("o-zzfresh",),
}


@rule(
    "AWS::EC2::VPCEndpoint",
    id="vpc-endpoint-policy-limited",
    title="A VPC endpoint is not for everything of everyone",
    family=Family.IAM,
    severity=Severity.LOW,
    remedy="Give `PolicyDocument` with the actions and resources that are needed, or conditions on "
    "`aws:PrincipalOrgID` and `aws:ResourceOrgID`.",
    source="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",
    equivalents=("vpc_endpoint_connections_trust_boundaries",),
)
def endpoint(endpoint: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without a policy an endpoint lets everybody in the VPC do everything with everybody's resources: data can be
    copied to a bucket of another account. Of interface endpoints only policies that are given are judged, as not every
    service takes one.
    """
    policies = list(policies_of(endpoint, PolicyType.ENDPOINT))
    for carried in policies:
        known = limited_context((carried.policy,), _OF_OTHERS)
        answer = granted(
            (carried.policy,),
            [f"zzfresh:{FRESH_NAME}"],
            [somewhere("zzfresh", FRESH_NAME)],
            principal=_STRANGER,
            context=known,
        )
        path = answer.granting[0].statement.path if answer.granting else ()
        message = "lets everyone in its network do everything with the resources of every account"
        yield from verdict(ctx, answer, carried.at(path), message)
    kind = endpoint.text("VpcEndpointType")
    is_gateway = True if isinstance(kind, Absent) else text_is(kind, "Gateway")
    if policies or is_gateway is False:
        return
    value = endpoint.value("PolicyDocument")
    if is_gateway:
        yield ctx.violation(value, "has no policy, so that it is for everything of every account")
    else:
        yield ctx.undecided(kind, f"whether it is a gateway endpoint without a policy cannot be told: {reason(kind)}")


@rule(
    "AWS::EC2::VPCEndpointServicePermissions",
    id="vpc-endpoint-service-principals-limited",
    title="An endpoint service is not for everyone",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="List the ARNs of the accounts, roles or users in `AllowedPrincipals`.",
    source="https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html",
    equivalents=("vpc_endpoint_services_allowed_principals_trust_boundaries",),
)
def service_permissions(permissions: Resource, ctx: Context) -> Iterator[Verdict]:
    """With `*` everybody who learns the service's name can ask for a connection, and gets one unless connections are
    accepted one by one.
    """
    for value in map(as_text, permissions.values("AllowedPrincipals", EACH)):
        match value:
            case Known("*"):
                yield ctx.violation(value, "lets every account connect to the service")
            case Known() | Absent():
                continue
            case Unknown():
                if len(value.parts) <= 1 and not (value.symbol and value.symbol.kind in {"reference", "pseudo"}):
                    yield ctx.undecided(value, f"whether it lets every account connect cannot be told: {value.reason}")


@rule(
    "AWS::ApiGateway::RestApi",
    id="api-gw-private-api-policy",
    title="A private API says who may call it",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Give a `Policy` that allows `execute-api:Invoke` on a condition such as "
    "`StringEquals: {aws:SourceVpce: ...}`.",
    source="https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html",
    equivalents=("apigateway_restapi_public",),
)
def private_api(api: Resource, ctx: Context) -> Iterator[Verdict]:
    """A private API is reached through VPC endpoints of any account. AWS does not deploy one without a policy, and one
    whose policy lets in everyone is open to every VPC in the Region.
    """
    types = [text_is(as_text(value), "PRIVATE") for value in api.values("EndpointConfiguration", "Types", EACH)]
    private = any_of(*types)
    if private is False:
        return
    policy = api.value("Policy")
    given = is_set(policy, ctx)
    if given is False:
        if private:
            yield ctx.violation(policy, "is private and has no policy, so that it cannot be deployed")
        else:
            yield ctx.undecided(policy, "whether it is private, and needs a policy, cannot be told")
        return
    for opening in openings(api, PolicyType.RESOURCE):
        answer, at = opening.ask(public)
        if private:
            yield from verdict(ctx, answer, at, f"is private and open to every network ({opening.name})")
        elif answer.granting:
            yield ctx.undecided(at, "whether it is private, and open to every network, cannot be told")
