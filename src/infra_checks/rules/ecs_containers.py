"""Rules on the containers of ECS task definitions: what they may do on their host, and what they leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_not_true, is_set, is_true, property_rule
from infra_checks.evaluate.view import EACH, as_boolean, as_text
from infra_checks.rules.predicates import text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value
    from infra_checks.evaluate.view import View

TASK: Final = "AWS::ECS::TaskDefinition"
CONTAINERS: Final = ("ContainerDefinitions", EACH)
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_GUIDE: Final = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"


def _is_windows(task: Resource) -> Decision:
    """Whether its containers run Windows, which has neither root nor read-only root file systems."""
    family = task.text("RuntimePlatform", "OperatingSystemFamily")
    match family:
        case Known(name):
            return name.upper().startswith("WINDOWS")
        case Unknown():
            return None
        case Absent():
            return False


def _is_not_host(value: Value[object], _ctx: Context) -> Decision:
    shared = text_is(as_text(value), "host")
    return None if shared is None else not shared


privileged = property_rule(
    TASK,
    id="ecs-containers-nonprivileged",
    title="Containers are not privileged",
    family=Family.IAM,
    severity=Severity.HIGH,
    path=(*CONTAINERS, "Privileged"),
    holds=is_not_true,
    message="gives a container root's power over its host",
    rationale="""A privileged container can do on its host what root can, with every other container there. AWS: off by
    default, and not possible on Fargate.""",
    remedy="Remove `Privileged`, and add single powers in `LinuxParameters.Capabilities.Add` where they are needed.",
    source=_CONFIG + "ecs-containers-nonprivileged.html",
    equivalents=("ecs_task_definitions_no_privileged_containers",),
)

read_only = property_rule(
    TASK,
    id="ecs-containers-readonly-access",
    title="Containers cannot write to their root file system",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    path=(*CONTAINERS, "ReadonlyRootFilesystem"),
    holds=is_true,
    message="lets a container change its own program files",
    rationale="""Whoever breaks into a container can change the programs in it unless its root file system is read-only;
    what has to be written goes to volumes. AWS: writable by default; not supported on Windows, which is left out.""",
    remedy="Set `ReadonlyRootFilesystem: true` and mount volumes for what is written.",
    source=_CONFIG + "ecs-containers-readonly-access.html",
    unless=(_is_windows,),
    equivalents=("ecs_task_definitions_containers_readonly_access",),
)


def _is_not_root(value: Value[object], _ctx: Context) -> Decision:
    """Whether a user is not root; AWS: `user`, `user:group`, `uid` or `uid:gid`; without one that of the image."""
    text = as_text(value)
    match text:
        case Known(user):
            return user.split(":")[0] not in {"", "root", "0"}
        case Unknown():
            start = text.parts[0] if text.parts else ""
            return start.split(":")[0] not in {"root", "0"} if isinstance(start, str) and ":" in start else None
        case Absent():
            return False


non_root = property_rule(
    TASK,
    id="ecs-task-definition-nonroot-user",
    title="Containers do not run as root",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    path=(*CONTAINERS, "User"),
    holds=_is_not_root,
    message=lambda value, _ctx: (
        "does not say as which user a container runs, which is root for most images"
        if isinstance(value, Absent)
        else "runs a container as root"
    ),
    rationale="""Root in a container is one flaw of the kernel away from root on the host. Without `User` the image
    decides, and most images run as root. Windows containers have no root and are left out.""",
    remedy="Set `User` to a name or number that the image has, such as `1000:1000`.",
    source=_CONFIG + "ecs-task-definition-nonroot-user.html",
    unless=(_is_windows,),
)

process_namespace = property_rule(
    TASK,
    id="ecs-task-definition-pid-mode-check",
    title="Tasks do not see the processes of their host",
    family=Family.IAM,
    severity=Severity.HIGH,
    path=("PidMode",),
    holds=_is_not_host,
    message="shares the process namespace of its host",
    rationale="""With PidMode host a container sees, and may be able to stop or inspect, all processes of the host and
    of its other containers. AWS: private to each container by default.""",
    remedy="Remove `PidMode`, or set `PidMode: task`.",
    source=_CONFIG + "ecs-task-definition-pid-mode-check.html",
    equivalents=("ecs_task_definitions_host_namespace_not_shared",),
)

memory_namespace = property_rule(
    TASK,
    id="ecs-task-definition-ipc-mode-not-host",
    title="Tasks do not share memory with their host",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    path=("IpcMode",),
    holds=_is_not_host,
    message="shares the inter-process communication of its host",
    rationale="""With IpcMode host a container can read the shared memory of all other containers that have it. AWS:
    what is shared by default depends on the Docker daemon; only what is set here is judged.""",
    remedy="Remove `IpcMode`, or set `IpcMode: task` or `none`.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html",
)

network_namespace = property_rule(
    TASK,
    id="ecs-task-definition-network-mode-not-host",
    title="Tasks have a network of their own",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    path=("NetworkMode",),
    holds=_is_not_host,
    message="uses the network of its host",
    rationale="""With NetworkMode host a container opens its ports on the host, past security groups of its own, and
    reaches what listens there locally, such as the instance's metadata.""",
    remedy="Set `NetworkMode: awsvpc`.",
    source=_CONFIG + "ecs-task-definition-network-mode-not-host.html",
)

logs = property_rule(
    TASK,
    id="ecs-task-definition-log-configuration",
    title="Containers send their logs somewhere",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    path=(*CONTAINERS, "LogConfiguration", "LogDriver"),
    holds=is_set,
    message="has a container whose logs stay where it ran",
    rationale="""What a container writes is gone with it unless a log driver takes it elsewhere. Without
    `LogConfiguration` the Docker daemon's own driver keeps it on the host; on Fargate nobody can read it.""",
    remedy="Add `LogConfiguration: {LogDriver: awslogs, Options: {...}}` to every container.",
    source=_CONFIG + "ecs-task-definition-log-configuration.html",
    equivalents=("AwsSolutions-ECS7", "ecs_task_definitions_logging_enabled"),
)


def _does_not_block(value: Value[object], _ctx: Context) -> Decision:
    blocking = text_is(as_text(value), "blocking")
    return None if blocking is None else not blocking


log_mode = property_rule(
    TASK,
    id="ecs-task-definition-log-mode-non-blocking",
    title="Containers do not wait for their logs",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    path=(*CONTAINERS, "LogConfiguration", "Options", "mode"),
    holds=_does_not_block,
    message="stops a container while its logs cannot be delivered",
    rationale="""In the mode blocking an application stands still when CloudWatch Logs does not take its logs. AWS: the
    default is non-blocking since June 2025, unless the account setting defaultLogDriverMode says otherwise.""",
    remedy="Set `mode: non-blocking` and `max-buffer-size: 25m` in `LogConfiguration.Options`.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html",
    equivalents=("ecs_task_definitions_logging_block_mode",),
)

health_check = property_rule(
    TASK,
    id="ecs-task-definition-health-check",
    title="Containers say whether they are healthy",
    family=Family.MULTI_AZ,
    severity=Severity.LOW,
    path=(*CONTAINERS, "HealthCheck", "Command"),
    holds=is_set,
    message="has a container without a health check",
    rationale="""ECS replaces a task whose essential container is unhealthy, but it does not use the health check of the
    image: without `HealthCheck` only a process that ends counts as a failure.""",
    remedy="Add `HealthCheck: {Command: [CMD-SHELL, ...]}` to every container.",
    source=_GUIDE + "healthcheck.html",
    equivalents=("d24389b4",),
)


@rule(
    TASK,
    id="ecs-task-definition-user-for-host-mode-check",
    title="Tasks on the host's network have containers with a stated user",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Set `NetworkMode: awsvpc`, or `User` of every container to one that is not root.",
    source=_CONFIG + "ecs-task-definition-user-for-host-mode-check.html",
    equivalents=(
        "ECS_TASK_DEFINITION_USER_FOR_HOST_MODE_CHECK",
        "ECSTaskDefinitionUserForHostMode",
        "ecs_task_definitions_host_networking_mode_users",
    ),
)
def host_mode_user(task: Resource, ctx: Context) -> Iterator[Verdict]:
    """Root in a container on the host's network has the host's network. As with AWS Config, a container that is
    privileged on purpose is not reported here; ecs-containers-nonprivileged does that.
    """
    mode = task.text("NetworkMode")
    host = text_is(mode, "host")
    if host is False:
        return
    containers = task.listed("ContainerDefinitions")
    if isinstance(containers, Unknown):
        yield ctx.undecided(containers, f"its containers cannot be told: {containers.reason}")
    for container in containers.value if isinstance(containers, Known) else ():
        user = container.value("User")
        kept = _is_not_root(user, ctx) or _is_privileged(container)
        if kept:
            continue
        if kept is None or host is None or _is_not_root(user, ctx) is None:
            yield ctx.undecided(user, "whether a container runs as root on the host's network cannot be told")
        else:
            yield ctx.violation(user, "runs a container as root on the host's network")


def _is_privileged(container: View) -> Decision:
    value = as_boolean(container.value("Privileged"))
    return value.value if isinstance(value, Known) else None if isinstance(value, Unknown) else False
