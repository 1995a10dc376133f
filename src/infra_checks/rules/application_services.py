"""Rules on WorkSpaces, Kendra and GameLift: one or two properties each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_customer_key, is_set, is_true, one_of, property_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

WORKSPACE: Final = "AWS::WorkSpaces::Workspace"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"

user_volume = property_rule(
    WORKSPACE,
    id="workspaces-user-volume-encryption-enabled",
    title="WorkSpace encrypts the user's volume",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    path=("UserVolumeEncryptionEnabled",),
    holds=is_true,
    message="does not encrypt the user's volume",
    rationale="""The volume D: or /home holds what the user works on. WorkSpaces does not encrypt it by default, and it
    can only be encrypted when the WorkSpace is made.""",
    remedy="Set `UserVolumeEncryptionEnabled: true` and `VolumeEncryptionKey`.",
    source=_CONFIG + "workspaces-user-volume-encryption-enabled.html",
    equivalents=("WORKSPACE_ENCRYPTION_ENABLED", "CKV_AWS_155", "F29"),
)

root_volume = property_rule(
    WORKSPACE,
    id="workspaces-root-volume-encryption-enabled",
    title="WorkSpace encrypts the root volume",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    path=("RootVolumeEncryptionEnabled",),
    holds=is_true,
    message="does not encrypt its root volume",
    rationale="""Programs leave data, passwords and pages of memory on the root volume. WorkSpaces does not encrypt it
    by default, and it can only be encrypted when the WorkSpace is made.""",
    remedy="Set `RootVolumeEncryptionEnabled: true` and `VolumeEncryptionKey`.",
    source=_CONFIG + "workspaces-root-volume-encryption-enabled.html",
    equivalents=("CKV_AWS_156",),
)

index_key = property_rule(
    "AWS::Kendra::Index",
    id="kendra-index-customer-key",
    title="Search index is encrypted with a KMS key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("ServerSideEncryptionConfiguration", "KmsKeyId"),
    holds=is_set,
    message="is not encrypted with a KMS key of your own",
    rationale="""An index holds the text of the documents it finds. Kendra encrypts it with a key that AWS owns by
    default, whose use nobody can limit or see.""",
    remedy="Set `ServerSideEncryptionConfiguration: {KmsKeyId: ...}`.",
    source="https://docs.aws.amazon.com/kendra/latest/dg/encryption-at-rest.html",
    equivalents=(
        "KENDRA_INDEX_ENCRYPTION_KMS_KEY_ID_RULE",
        "W80",
    ),
)


@rule(
    "AWS::GameLift::Fleet",
    id="gamelift-fleet-single-ports",
    title="Fleet opens single ports",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Give each of `EC2InboundPermissions` the same `FromPort` and `ToPort`.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-gamelift-fleet.html",
    equivalents=("GAMELIFT_FLEET_INBOUND_PORT_RANGE_RULE", "W65"),
)
def single_ports(fleet: Resource, ctx: Context) -> Iterator[Verdict]:
    """A range of ports opens more than the game server listens on. By default a fleet opens none."""
    permissions = fleet.items("EC2InboundPermissions")
    match permissions:
        case Unknown():
            yield ctx.undecided(permissions, f"the ports it opens cannot be told: {permissions.reason}")
        case Absent():
            return
        case Known(views):
            for view in views:
                first, last = view.number("FromPort"), view.number("ToPort")
                if isinstance(first, Unknown) or isinstance(last, Unknown):
                    if not (isinstance(first, Unknown) and isinstance(last, Unknown) and first.parts == last.parts):
                        yield ctx.undecided(first, "whether it opens a range of ports is known only at deployment")
                elif isinstance(first, Known) and isinstance(last, Known) and first.value != last.value:
                    yield ctx.violation(first, f"opens the ports {first.value:g} to {last.value:g}")


timestream_key = property_rule(
    "AWS::Timestream::Database",
    id="timestream-database-customer-key",
    title="Time series are encrypted with a KMS key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("KmsKeyId",),
    holds=is_customer_key,
    message="is not encrypted with a KMS key of your own",
    rationale="""Timestream encrypts a database with a key that it keeps in the account unless another is named; only of
    a customer managed key can you set policy, rotation and end.""",
    remedy="Set `KmsKeyId: !GetAtt Key.Arn`.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-resource-timestream-database.html",
    equivalents=("CKV_AWS_160",),
)

transfer_endpoint = property_rule(
    "AWS::Transfer::Server",
    id="transfer-server-endpoint-in-vpc",
    title="File transfer server has its endpoint in a VPC",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    path=("EndpointType",),
    holds=one_of("VPC", "VPC_ENDPOINT"),
    message="has a public endpoint",
    rationale="""A public endpoint, the default, takes connections from every address. In a VPC security groups say who
    may connect, also where the endpoint has Elastic IP addresses.""",
    remedy="Set `EndpointType: VPC` and `EndpointDetails` with subnets and security groups.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-transfer-server.html",
    equivalents=("CKV_AWS_164",),
)
