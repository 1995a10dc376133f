"""Rules on tags of what a resource makes: instances, volumes, tasks, recovery points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Known, Unknown, rule
from infra_checks.core.table import is_set, is_true, one_of, property_rule, stated
from infra_checks.evaluate.view import EACH, as_boolean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.values import Value
    from infra_checks.evaluate.view import View

_LOW: Final = Severity.LOW

volumes = property_rule(
    "AWS::EC2::Instance",
    id="ec2-instance-tags-volumes",
    title="Volumes get the tags of their instance",
    family=Family.TAGGING,
    severity=_LOW,
    path=("PropagateTagsToVolumeOnCreation",),
    holds=is_true,
    message="does not hand its tags on to its volumes",
    rationale="""Volumes cost money of their own and stay when an instance goes. CloudFormation tags the instance only;
    volumes of block device mappings, the root volume too, get no tags, those of the stack neither, unless
    PropagateTagsToVolumeOnCreation is true.""",
    remedy="Set `PropagateTagsToVolumeOnCreation: true`.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-resource-tags.html",
)

tasks = property_rule(
    "AWS::ECS::Service",
    id="ecs-service-propagate-tags-enabled",
    title="Tasks get the tags of their service or task definition",
    family=Family.TAGGING,
    severity=_LOW,
    path=("PropagateTags",),
    holds=one_of("SERVICE", "TASK_DEFINITION"),
    message="does not hand tags on to its tasks",
    rationale="""It is the tasks that cost money on Fargate; without tags they are in nobody's bill. ECS does not hand
    tags on by default.""",
    remedy="Set `PropagateTags: SERVICE` (or `TASK_DEFINITION`).",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html",
)

managed = property_rule(
    "AWS::ECS::Service",
    id="ecs-service-managed-tags-enabled",
    title="Tasks are tagged with their cluster and service",
    family=Family.TAGGING,
    severity=Severity.INFO,
    path=("EnableECSManagedTags",),
    holds=is_true,
    message="does not let ECS tag its tasks",
    rationale="""With managed tags ECS tags each task with the names of its cluster and service, by which the cost of
    several services in one cluster can be told apart. By default it does not.""",
    remedy="Set `EnableECSManagedTags: true`.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html",
)

recovery_points = property_rule(
    "AWS::Backup::BackupPlan",
    id="backup-plan-tags-recovery-points",
    title="Recovery points are tagged",
    family=Family.TAGGING,
    severity=_LOW,
    path=("BackupPlan", "BackupPlanRule", EACH, "RecoveryPointTags"),
    holds=is_set,
    message="has a rule that does not tag its recovery points",
    rationale="""Recovery points cost money for as long as they are kept. Backup copies the tags of some resources only;
    RecoveryPointTags are put on each.""",
    remedy="Add `RecoveryPointTags` to the rule.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-properties-backup-backupplan-backupruleresourcetype.html",
)

_LAUNCHED: Final = ("instance", "volume")


@rule(
    "AWS::EC2::LaunchTemplate",
    id="ec2-launch-template-tags-launched",
    title="A launch template tags the instances and volumes it launches",
    family=Family.TAGGING,
    severity=_LOW,
    remedy="Add `- {ResourceType: volume, Tags: [{Key: ..., Value: ...}]}` (and one for `instance`) to "
    "`LaunchTemplateData.TagSpecifications`.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-properties-ec2-launchtemplate-tagspecification.html",
    options={"keys": ()},
)
def launched(template: Resource, ctx: Context) -> Iterator[Verdict]:
    """The tags of a launch template, and of the stack, are its own; what it launches gets those in TagSpecifications of
    LaunchTemplateData. An Auto Scaling group can tag its instances as well, but never their volumes. The option `keys`
    lists keys that both must have; without it any tag will do.
    """
    listed = template.items("LaunchTemplateData", "TagSpecifications")
    if isinstance(listed, Unknown):
        yield ctx.undecided(listed, f"how it tags what it launches cannot be told: {listed.reason}")
        return
    specifications = listed.value if isinstance(listed, Known) else ()
    for kind in _LAUNCHED:
        lacking = _lacking(specifications, kind, ctx.names("keys"))
        if lacking is None:
            yield ctx.undecided(listed, f"whether it tags each {kind} is known only at deployment")
        elif lacking and not (kind == "instance" and _tagged_by_group(template)):
            yield ctx.violation(listed, f"does not tag each {kind} it launches{_with(lacking)}")


def _with(lacking: tuple[str, ...]) -> str:
    return f" with {' and '.join(lacking)}" if any(lacking) else ""


def _lacking(specifications: tuple[View, ...], kind: str, keys: tuple[str, ...]) -> tuple[str, ...] | None:
    """The keys that are surely not among the tags for a kind (an empty one: there is no tag); None: not to be told."""
    unsure = False
    found: set[str] = set()
    for specification in specifications:
        what, tags = specification.text("ResourceType"), specification.items("Tags")
        if isinstance(what, Unknown):
            unsure = True
        elif isinstance(what, Known) and what.value == kind:
            unsure = unsure or isinstance(tags, Unknown)
            for tag in tags.value if isinstance(tags, Known) else ():
                key = stated(tag.text("Key"))
                unsure = unsure or isinstance(key, Unknown)
                found.update([key.value] if isinstance(key, Known) else [])
    lacking = tuple(key for key in keys if key not in found) if keys else () if found else ("",)
    return None if lacking and unsure else lacking


def _tagged_by_group(template: Resource) -> bool:
    """Whether an Auto Scaling group that uses the template has a tag for its instances."""
    groups = template.referrers("AWS::AutoScaling::AutoScalingGroup")
    return any(_is_one_true(group.values("Tags", EACH, "PropagateAtLaunch")) for group in groups)


def _is_one_true(values: tuple[Value[object], ...]) -> bool:
    """Whether one of the values surely is true."""
    return any(isinstance(truth := as_boolean(value), Known) and truth.value for value in values)
