"""Rules on where EC2 instances run, and on the volumes they use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_customer_key, is_set, is_true, property_rule, stated
from infra_checks.rules.predicates import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

INSTANCE: Final = "AWS::EC2::Instance"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_ASK_FOR: Final = frozenset(
    {
        *("c1.xlarge", "c3.xlarge", "c3.2xlarge", "c3.4xlarge", "g2.2xlarge", "i2.xlarge", "i2.2xlarge", "i2.4xlarge"),
        *("m1.large", "m1.xlarge", "m2.2xlarge", "m2.4xlarge", "m3.xlarge", "m3.2xlarge", "r3.xlarge", "r3.2xlarge"),
        "r3.4xlarge",
    }
)
"""AWS, "EBS-optimized instance types": those that support EBS optimization and do not have it by default."""


def _setting(instance: Resource, *path: str) -> Value[object]:
    """A property of an instance, or of the launch template it is made from, at the place where the instance has it."""
    own = instance.value(*path)
    if not isinstance(own, Absent) or isinstance(instance.value("LaunchTemplate"), Absent):
        return own
    for name in ("LaunchTemplateId", "LaunchTemplateName"):
        template = instance.target("LaunchTemplate", name)
        if isinstance(template, Resource) and template.type == "AWS::EC2::LaunchTemplate":
            found = template.value("LaunchTemplateData", *path)
            match found:
                case Known():
                    return Known(found.value, own.node, own.path, own.notes)
                case Unknown():
                    return Unknown(found.reason, own.node, own.path, own.notes, found.parts, found.present)
                case Absent():
                    return own
    return Unknown("its launch template is not of this stack", own.node, own.path, own.notes)


@rule(
    INSTANCE,
    id="ebs-optimized-instance",
    title="Instance has a connection of its own to its volumes",
    family=Family.DEPLOYABILITY,
    severity=Severity.LOW,
    remedy="Set `EbsOptimized: true`, or use an instance type of the current generation.",
    source="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ebs-optimized.html",
    equivalents=("EBS_OPTIMIZED_INSTANCE", "EC2EBSOptimizedInstance"),
)
def ebs_optimized(instance: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without it volumes share the network with everything else. AWS: current types are EBS-optimized always; only some
    of the previous generation have to be asked for it, and others do not support it.
    """
    value = _setting(instance, "EbsOptimized")
    kept = is_true(value, ctx)
    if kept:
        return
    kind = _setting(instance, "InstanceType")
    match kind:
        case Known(name) if name in _ASK_FOR:
            if kept is None:
                yield ctx.undecided(value, "EbsOptimized is known only at deployment")
            else:
                yield ctx.violation(value, f"is of the type {name}, which is EBS-optimized only if that is asked for")
        case Unknown() if not _is_settled(kind):
            yield ctx.undecided(kind, f"whether its type has to be asked for it cannot be told: {kind.reason}")
        case Known() | Unknown() | Absent():
            return


def _is_settled(kind: Unknown) -> bool:
    """Whether the known beginning of a type is that of none which has to be asked."""
    start = kind.parts[0] if kind.parts else ""
    return isinstance(start, str) and bool(start) and not any(name.startswith(start) for name in _ASK_FOR)


@rule(
    INSTANCE,
    id="ec2-instances-in-vpc",
    title="Instance says in which subnet it runs",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    remedy="Set `SubnetId: !Ref Subnet`, or `NetworkInterfaces`.",
    source=_CONFIG + "ec2-instances-in-vpc.html",
    equivalents=("EC2_INSTANCES_IN_VPC", "EC2InstancesInVPC"),
)
def in_subnet(instance: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS puts an instance that names no subnet into the default VPC, whose subnets are public and give it a public
    address.
    """
    values = [_setting(instance, name) for name in ("SubnetId", "NetworkInterfaces")]
    kept = any_of(*(is_set(value, ctx) for value in values))
    if kept is None:
        yield ctx.undecided(values[0], "in which subnet it runs is known only at deployment")
    elif not kept:
        yield ctx.violation(values[0], "names no subnet, so that it runs in the default VPC")


@rule(
    INSTANCE,
    id="ec2-instance-termination-protection-enabled",
    title="Instance is protected from termination",
    family=Family.DELETION,
    severity=Severity.LOW,
    remedy="Set `DisableApiTermination: true`.",
    source="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_ChangingDisableAPITermination.html",
    equivalents=("AwsSolutions-EC29",),
)
def termination(instance: Resource, ctx: Context) -> Iterator[Verdict]:
    """An instance that is terminated is gone, with the volumes that are deleted with it. AWS: off by default; instances
    of Auto Scaling groups are no resources of the template and are not judged.
    """
    value = _setting(instance, "DisableApiTermination")
    kept = is_true(value, ctx)
    if kept is None:
        yield ctx.undecided(value, "DisableApiTermination is known only at deployment")
    elif not kept:
        yield ctx.violation(value, "can be terminated by any call")


def _is_copy(volume: Resource) -> Decision:
    """Whether it is made of another volume, whose key it has."""
    return not isinstance(stated(volume.value("SourceVolumeId")), Absent)


volume_key = property_rule(
    "AWS::EC2::Volume",
    id="ec2-volume-customer-managed-key",
    title="Volume is encrypted with a key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("KmsKeyId",),
    holds=is_customer_key,
    message="names no key of its own",
    rationale="""With a key of your own, who may decrypt the volume is a matter of a key policy, and its snapshots can
    be shared. AWS uses the key aws/ebs, or the account's default, when none is named.""",
    remedy="Set `KmsKeyId: !GetAtt Key.Arn` beside `Encrypted: true`.",
    source="https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html",
    unless=(_is_copy,),
    equivalents=("b7063015", "W37", "EBS_VOLUME_ENCRYPTION_KEY_RULE", "AWS-0027"),
)


@rule(
    INSTANCE,
    id="ec2-instance-profile-attached",
    title="Instance has an instance profile",
    family=Family.IAM,
    severity=Severity.LOW,
    remedy="Set `IamInstanceProfile: !Ref Profile`.",
    source=_CONFIG + "ec2-instance-profile-attached.html",
    equivalents=("EC2_INSTANCE_PROFILE_ATTACHED", "EC2InstanceProfileAttached", "ec2_instance_profile_attached"),
)
def profile(instance: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without a role for the instance, programs on it need long-lived keys that somebody has to put there; nor can
    Systems Manager reach it.
    """
    value = _setting(instance, "IamInstanceProfile")
    kept = is_set(value, ctx)
    if kept is None:
        yield ctx.undecided(value, "whether it has an instance profile is known only at deployment")
    elif not kept:
        yield ctx.violation(value, "has no instance profile")
