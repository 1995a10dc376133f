"""Rules on ECS clusters, services and task sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import at_least, given, is_set, is_true, property_rule
from infra_checks.evaluate.view import as_text
from infra_checks.rules.entries import entry_value
from infra_checks.rules.predicates import any_of, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

CLUSTER: Final = "AWS::ECS::Cluster"
SERVICE: Final = "AWS::ECS::Service"
TASK_SET: Final = "AWS::ECS::TaskSet"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_GUIDE: Final = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"
_REFERENCE: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
_EXEC: Final = ("Configuration", "ExecuteCommandConfiguration")


@rule(
    CLUSTER,
    id="ecs-container-insights-enabled",
    title="Cluster reports its metrics to Container Insights",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Add `ClusterSettings: [{Name: containerInsights, Value: enhanced}]`.",
    source=_CONFIG + "ecs-container-insights-enabled.html",
    equivalents=("CKV_AWS_65", "AwsSolutions-ECS4", "AWS-0034", "ecs_cluster_container_insights_enabled"),
)
def container_insights(cluster: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without Container Insights there are no metrics of single tasks and containers. AWS: off, unless the account
    setting containerInsights says otherwise; what the cluster states counts.
    """
    setting = as_text(entry_value(cluster, "ClusterSettings", {"Name": "containerInsights"}, "Value"))
    match setting:
        case Known("enabled" | "enhanced"):
            return
        case Unknown():
            yield ctx.undecided(setting, f"Container Insights cannot be told: {setting.reason}")
        case Known() | Absent():
            yield ctx.violation(setting, "does not report to Container Insights")


@rule(
    CLUSTER,
    id="ecs-cluster-exec-encrypted",
    title="Sessions of ECS Exec and their logs are encrypted with a key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Set `KmsKeyId` in `Configuration.ExecuteCommandConfiguration`, and `CloudWatchEncryptionEnabled` or "
    "`S3EncryptionEnabled: true` in its `LogConfiguration`.",
    source=_GUIDE + "ecs-exec.html",
)
def exec_encrypted(cluster: Resource, ctx: Context) -> Iterator[Verdict]:
    """What is typed and read in a session shows the inside of a container. AWS encrypts it with TLS only, and its logs
    not at all, unless the cluster says otherwise. Clusters that do not configure ECS Exec are not judged.
    """
    if given(*_EXEC)(cluster) is False:
        return
    wanted: list[tuple[tuple[str, ...], str]] = [(("KmsKeyId",), "encrypts sessions of ECS Exec without a KMS key")]
    for target, flag in (
        ("CloudWatchLogGroupName", "CloudWatchEncryptionEnabled"),
        ("S3BucketName", "S3EncryptionEnabled"),
    ):
        if given(*_EXEC, "LogConfiguration", target)(cluster) is not False:
            wanted.append((("LogConfiguration", flag), f"does not say that logs of ECS Exec are encrypted ({flag})"))
    for path, message in wanted:
        value = cluster.value(*_EXEC, *path)
        kept = is_set(value, ctx) if path == ("KmsKeyId",) else is_true(value, ctx)
        if kept is None:
            yield ctx.undecided(value, f"{path[-1]} of ECS Exec is known only at deployment")
        elif not kept:
            yield ctx.violation(value, message)


ephemeral_storage = property_rule(
    CLUSTER,
    id="ecs-cluster-fargate-storage-key",
    title="Storage of Fargate tasks is encrypted with a key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("Configuration", "ManagedStorageConfiguration", "FargateEphemeralStorageKmsKeyId"),
    holds=is_set,
    message="encrypts the storage of Fargate tasks with a key that Fargate owns",
    rationale="""Fargate encrypts the disks of tasks with a key of its own; only with yours is who may decrypt a matter
    of a key policy, and each use on record.""",
    remedy="Set `Configuration.ManagedStorageConfiguration.FargateEphemeralStorageKmsKeyId`.",
    source=_GUIDE + "fargate-storage-encryption.html",
)


def _deploys_otherwise(service: Resource) -> Decision:
    """Whether CodeDeploy or an external controller deploys it, to which the circuit breaker does not apply."""
    return text_is(service.text("DeploymentController", "Type"), "CODE_DEPLOY", "EXTERNAL")


circuit_breaker = property_rule(
    SERVICE,
    id="ecs-service-deployment-circuit-breaker",
    title="Deployments that do not get healthy are stopped",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    path=("DeploymentConfiguration", "DeploymentCircuitBreaker", "Enable"),
    holds=is_true,
    message="goes on starting tasks that fail until somebody stops it",
    rationale="""Without the circuit breaker ECS starts failing tasks again and again, and the update of the stack waits
    for hours. AWS: off by default; it is for rolling updates, not for CodeDeploy and external controllers.""",
    remedy="Add `DeploymentConfiguration: {DeploymentCircuitBreaker: {Enable: true, Rollback: true}}`.",
    source=_GUIDE + "deployment-circuit-breaker.html",
    unless=(_deploys_otherwise,),
)


def _is_not_disabled(value: Value[object], _ctx: Context) -> Decision:
    disabled = text_is(as_text(value), "DISABLED")
    return None if disabled is None else not disabled


rebalancing = property_rule(
    SERVICE,
    id="ecs-service-availability-zone-rebalancing",
    title="Service spreads its tasks again after a zone failed",
    family=Family.MULTI_AZ,
    severity=Severity.LOW,
    path=("AvailabilityZoneRebalancing",),
    holds=_is_not_disabled,
    message="leaves its tasks in the zones where they were started",
    rationale="""After a zone failed all tasks run in the others, and stay there, unless ECS rebalances them. AWS: on by
    default for new services that can use it, so only DISABLED is reported.""",
    remedy="Set `AvailabilityZoneRebalancing: ENABLED`.",
    source=_GUIDE + "service-rebalancing.html",
)


@rule(
    SERVICE,
    TASK_SET,
    id="ecs-service-no-public-ip",
    title="Tasks get no public address",
    family=Family.NETWORK,
    severity=Severity.HIGH,
    remedy="Set `AssignPublicIp: DISABLED` and use subnets with a NAT gateway or VPC endpoints.",
    source="https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html",
    equivalents=("ecs_service_no_assign_public_ip", "ecs_task_set_no_assign_public_ip"),
)
def no_public_address(service: Resource, ctx: Context) -> Iterator[Verdict]:
    """A task with a public address is reachable from the internet as far as its security groups allow, past any load
    balancer. AWS: DISABLED by default.
    """
    name = "AwsvpcConfiguration" if service.type == SERVICE else "AwsVpcConfiguration"
    setting = service.text("NetworkConfiguration", name, "AssignPublicIp")
    match setting:
        case Known("ENABLED"):
            yield ctx.violation(setting, "gives its tasks public addresses")
        case Unknown():
            yield ctx.undecided(setting, f"whether its tasks get public addresses cannot be told: {setting.reason}")
        case Known() | Absent():
            return


@rule(
    SERVICE,
    TASK_SET,
    id="ecs-fargate-latest-platform-version",
    title="Tasks run on the latest platform version of Fargate",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    remedy="Remove `PlatformVersion`, or set `PlatformVersion: LATEST`.",
    source=_CONFIG + "ecs-fargate-latest-platform-version.html",
    equivalents=("ecs_service_fargate_latest_platform_version",),
    options={"linux": "1.4.0", "windows": "1.0.0"},
)
def platform_version(service: Resource, ctx: Context) -> Iterator[Verdict]:
    """Older platform versions lack fixes and features, and AWS ends them. LATEST is the default. The options say which
    number is the latest, of Linux and of Windows.
    """
    version = service.text("PlatformVersion")
    match version:
        case Absent() | Known("LATEST"):
            return
        case Unknown():
            yield ctx.undecided(version, f"PlatformVersion cannot be told: {version.reason}")
        case Known(number) if number == ctx.option("linux"):
            return
        case Known(number):
            windows = _runs_windows(service) if number == ctx.option("windows") else False
            if windows is None:
                yield ctx.undecided(version, f"whether {number} is the latest depends on its task definition")
            elif not windows:
                yield ctx.violation(version, f"runs on the platform version {number}, which is not the latest")


def _runs_windows(service: Resource) -> Decision:
    task = service.target("TaskDefinition")
    if not isinstance(task, Resource):
        return None
    family = task.text("RuntimePlatform", "OperatingSystemFamily")
    match family:
        case Known(name):
            return name.upper().startswith("WINDOWS")
        case Unknown():
            return None
        case Absent():
            return False


def _scales(service: Resource) -> Decision:
    """Whether Application Auto Scaling sets the number of tasks."""
    return any(True for _ in service.referrers("AWS::ApplicationAutoScaling::ScalableTarget"))


def _runs_everywhere(service: Resource) -> Decision:
    return text_is(service.text("SchedulingStrategy"), "DAEMON")


def _tasks(value: Value[object]) -> str:
    number = value.value if isinstance(value, Known) else 1
    return "one task" if str(number) == "1" else f"{number} tasks"


desired_count = property_rule(
    SERVICE,
    id="ecs-service-desired-count",
    title="Service runs several tasks",
    family=Family.MULTI_AZ,
    severity=Severity.LOW,
    path=("DesiredCount",),
    holds=at_least("minimum", default=1),
    message=lambda value, ctx: f"runs {_tasks(value)}; at least {ctx.number('minimum'):g} are required",
    rationale="""A service of one task is down while that task is replaced. AWS: DesiredCount is 1 for new services. It
    does not count for services that are scaled by a target of the stack, and for daemons.""",
    remedy="Set `DesiredCount` to 2 or more, or scale the service with a `MinCapacity` of 2.",
    source=_REFERENCE + "aws-resource-ecs-service.html",
    unless=(lambda service: any_of(_scales(service), _runs_everywhere(service)),),
    equivalents=("79d745f0",),
    options={"minimum": 2},
)
