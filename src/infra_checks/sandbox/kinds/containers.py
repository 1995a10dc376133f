"""AWS::ECS, AWS::ECR and AWS::ApplicationAutoScaling."""

from __future__ import annotations

from typing import Any, Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.rows import retag
from infra_checks.sandbox.shapes import as_text


def _make_cluster(making: Making) -> Made:
    renames = {"ClusterSettings": "settings"}
    name = making.name("ClusterName", limit=255)
    answer = making.send("ecs", "create_cluster", renames=renames, clusterName=name)["cluster"]
    return Made("AWS::ECS::Cluster", name, {"Arn": answer["clusterArn"]})


def _configure_cluster(making: Making, made: Made) -> None:
    if making.before is None:
        return
    renames = {"ClusterSettings": "settings"}
    names = ("ClusterSettings", "Configuration", "ServiceConnectDefaults")
    if making.changed(*names):
        making.send("ecs", "update_cluster", only=names, renames=renames, cluster=made.ref)
    if making.changed("CapacityProviders", "DefaultCapacityProviderStrategy"):
        making.send(
            "ecs",
            "put_cluster_capacity_providers",
            only=("CapacityProviders", "DefaultCapacityProviderStrategy"),
            cluster=made.ref,
        )
    if making.changed("Tags"):
        retag(making, "ecs", made.arn)


def _delete_cluster(making: Making, made: Made) -> None:
    making.api("ecs").delete_cluster(cluster=made.ref)


_TASK_RENAMES: Final = {
    "Volumes.DockerVolumeConfiguration": "dockerVolumeConfiguration",
    "Volumes.EFSVolumeConfiguration": "efsVolumeConfiguration",
    "Volumes.EFSVolumeConfiguration.FilesystemId": "fileSystemId",
}


def _make_task(making: Making) -> Made:
    family = making.name("Family", limit=255)
    answer = making.send("ecs", "register_task_definition", renames=_TASK_RENAMES, family=family)
    arn = answer["taskDefinition"]["taskDefinitionArn"]
    return Made("AWS::ECS::TaskDefinition", arn, {"TaskDefinitionArn": arn, "Arn": arn})


def _configure_task(making: Making, made: Made) -> None:
    if making.before is not None and making.changed("Tags"):
        retag(making, "ecs", made.arn)


def _delete_task(making: Making, made: Made) -> None:
    making.api("ecs").deregister_task_definition(taskDefinition=made.ref)


def _make_service(making: Making) -> Made:
    name = making.name("ServiceName", limit=255)
    answer = making.send("ecs", "create_service", serviceName=name)["service"]
    arn = answer["serviceArn"]
    return Made("AWS::ECS::Service", arn, {"ServiceArn": arn, "Name": name, "Arn": arn})


def _cluster_of(making: Making) -> dict[str, str]:
    cluster = making.get("Cluster")
    return {"cluster": cluster} if cluster else {}


def _configure_service(making: Making, made: Made) -> None:
    if making.before is None:
        return
    changed = [each for each in making.properties if making.properties[each] != making.before.get(each)]
    if making.changed("Tags"):
        retag(making, "ecs", made.arn)
    wanted = [each for each in changed if each != "Tags"]
    if wanted:
        by = {"service": made.attributes["Name"], **_cluster_of(making)}
        making.send("ecs", "update_service", only=wanted, **by)


def _delete_service(making: Making, made: Made) -> None:
    making.api("ecs").delete_service(service=made.attributes["Name"], force=True, **_cluster_of(making))


def _make_repository(making: Making) -> Made:
    name = making.name("RepositoryName", limit=256, lower=True)
    only = ("EncryptionConfiguration", "ImageScanningConfiguration", "ImageTagMutability", "Tags")
    answer = making.send("ecr", "create_repository", only=only, repositoryName=name)["repository"]
    attributes = {"Arn": answer["repositoryArn"], "RepositoryUri": answer["repositoryUri"]}
    return Made("AWS::ECR::Repository", name, attributes)


def _configure_repository(making: Making, made: Made) -> None:
    client = making.api("ecr")
    making.get("EmptyOnDelete")
    if making.changed("LifecyclePolicy"):
        text = as_text(making.get("LifecyclePolicy")["LifecyclePolicyText"])
        client.put_lifecycle_policy(repositoryName=made.ref, lifecyclePolicyText=text)
    if making.changed("RepositoryPolicyText"):
        client.set_repository_policy(repositoryName=made.ref, policyText=as_text(making.get("RepositoryPolicyText")))
    if making.before is None:
        return
    if making.changed("ImageTagMutability"):
        making.send("ecr", "put_image_tag_mutability", only=("ImageTagMutability",), repositoryName=made.ref)
    if making.changed("ImageScanningConfiguration"):
        only = ("ImageScanningConfiguration",)
        making.send("ecr", "put_image_scanning_configuration", only=only, repositoryName=made.ref)
    if making.changed("Tags"):
        retag(making, "ecr", made.arn)


def _delete_repository(making: Making, made: Made) -> None:
    force = as_text(making.get("EmptyOnDelete", default=False)) == "true"
    making.api("ecr").delete_repository(repositoryName=made.ref, force=force)


_SCALED: Final = ("ResourceId", "ScalableDimension", "ServiceNamespace")


def _scaled(making: Making) -> dict[str, Any]:
    return {name: making.need(name) for name in _SCALED}


def _make_target(making: Making) -> Made:
    making.send("application-autoscaling", "register_scalable_target")
    ref = "|".join(str(making.properties[name]) for name in _SCALED)
    return Made("AWS::ApplicationAutoScaling::ScalableTarget", ref, {"Id": ref})


def _configure_target(making: Making, _made: Made) -> None:
    if making.before is not None:
        making.send("application-autoscaling", "register_scalable_target")


def _delete_target(making: Making, _made: Made) -> None:
    making.api("application-autoscaling").deregister_scalable_target(**_scaled(making))


def _target_of(making: Making) -> dict[str, Any]:
    """What a policy scales: named by its target's id, or by itself."""
    if "ScalingTargetId" in making.properties:
        return dict(zip(_SCALED, str(making.get("ScalingTargetId")).split("|"), strict=True))
    return _scaled(making)


def _make_policy(making: Making) -> Made:
    renames = {
        "StepScalingPolicyConfiguration": "StepScalingPolicyConfiguration",
        "TargetTrackingScalingPolicyConfiguration": "TargetTrackingScalingPolicyConfiguration",
    }
    answer = making.send("application-autoscaling", "put_scaling_policy", renames=renames, **_target_of(making))
    return Made("AWS::ApplicationAutoScaling::ScalingPolicy", answer["PolicyARN"], {"Arn": answer["PolicyARN"]})


def _configure_policy(making: Making, _made: Made) -> None:
    if making.before is not None:
        making.send("application-autoscaling", "put_scaling_policy", **_target_of(making))


def _delete_policy(making: Making, _made: Made) -> None:
    name = making.need("PolicyName")
    making.remove("application-autoscaling", "delete_scaling_policy", PolicyName=name, **_target_of(making))


KINDS: Final = (
    Kind("AWS::ECS::Cluster", _make_cluster, _delete_cluster, _configure_cluster, frozenset({"ClusterName"})),
    Kind(
        "AWS::ECS::TaskDefinition",
        _make_task,
        _delete_task,
        _configure_task,
        frozenset(
            {
                "ContainerDefinitions",
                "Cpu",
                "EnableFaultInjection",
                "EphemeralStorage",
                "ExecutionRoleArn",
                "Family",
                "IpcMode",
                "Memory",
                "NetworkMode",
                "PidMode",
                "PlacementConstraints",
                "ProxyConfiguration",
                "RequiresCompatibilities",
                "RuntimePlatform",
                "TaskRoleArn",
                "Volumes",
            }
        ),
    ),
    Kind(
        "AWS::ECS::Service",
        _make_service,
        _delete_service,
        _configure_service,
        frozenset({"Cluster", "LaunchType", "Role", "SchedulingStrategy", "ServiceName"}),
    ),
    Kind(
        "AWS::ECR::Repository",
        _make_repository,
        _delete_repository,
        _configure_repository,
        frozenset({"EncryptionConfiguration", "RepositoryName"}),
    ),
    Kind(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        _make_target,
        _delete_target,
        _configure_target,
        frozenset(_SCALED),
        None,
    ),
    Kind(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        _make_policy,
        _delete_policy,
        _configure_policy,
        frozenset({"PolicyName", "ResourceId", "ScalableDimension", "ScalingTargetId", "ServiceNamespace"}),
        None,
    ),
)
