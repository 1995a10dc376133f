"""Rules on Amazon ECS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.evaluate.values import Absent, Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.view import View


@rule(
    "AWS::ECS::TaskDefinition",
    id="ecs-task-definition-efs-encryption-enabled",
    title="Tasks use their EFS volumes over TLS",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Set `EFSVolumeConfiguration.TransitEncryption: ENABLED` on every EFS volume.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/"
    "aws-properties-ecs-taskdefinition-efsvolumeconfiguration.html",
    equivalents=("CKV_AWS_97", "AWS-0035"),
)
def efs_in_transit(task: Resource, ctx: Context) -> Iterator[Verdict]:
    """What a task reads from and writes to an EFS volume crosses the network. Transit encryption is off unless it is
    set, and it must be on where the volume asks for IAM authorisation. Each volume has its own setting.
    """
    volumes = task.items("Volumes")
    match volumes:
        case Known(items):
            for volume in items:
                yield from _judged(volume, ctx)
        case Unknown(reason):
            yield ctx.undecided(volumes, f"its volumes cannot be told: {reason}")
        case Absent():
            return


def _judged(volume: View, ctx: Context) -> Iterator[Verdict]:
    efs = volume.value("EFSVolumeConfiguration")
    if isinstance(efs, Absent):
        return
    setting = volume.text("EFSVolumeConfiguration", "TransitEncryption")
    match setting:
        case Known("ENABLED"):
            return
        case Unknown(reason):
            yield ctx.undecided(setting, f"whether an EFS volume is used over TLS cannot be told: {reason}")
        case Known() | Absent():
            yield ctx.violation(setting, "uses an EFS volume without TLS")
