"""AWS::ECS, by the Amazon ECS API reference: its members are CloudFormation's names in camelCase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.reading import Plain, Unread, reader
from infra_checks.live.renaming import Properties, only, renamed, stated, tag_list
from infra_checks.live.shaping import declared_text, shaped

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_MAPS: Final = ("dockerLabels", "driverOpts", "hookDetails", "labels", "options")
_NEW_ARN: Final = 3
"""The parts of `service/cluster/name`."""


def _tags(found: Answer) -> Properties:
    return stated(Tags=tag_list({"Key": each["key"], "Value": each.get("value", "")} for each in found.get("tags", [])))


@reader("AWS::ECS::Cluster", "ecs:describe_clusters")
def cluster(asking: Asking) -> Read:
    """AWS: API_Cluster.html."""
    include = ["CONFIGURATIONS", "SETTINGS", "TAGS"]
    by = {"clusters": [asking.physical_id], "include": include}
    found: Any = only(asking.pages("ecs", "describe_clusters", "clusters", **by), asking.physical_id)
    if isinstance(found, Unread):
        return found
    names = {
        "Arn": "clusterArn",
        "CapacityProviders": "capacityProviders",
        "ClusterName": "clusterName",
        "ClusterSettings": "settings",
        "Configuration": "configuration",
        "DefaultCapacityProviderStrategy": "defaultCapacityProviderStrategy",
        "ServiceConnectDefaults": "serviceConnectDefaults",
    }
    return {**{name: shaped(value) for name, value in renamed(found, **names).items()}, **_tags(found)}


_SERVICE: Final = {
    "AvailabilityZoneRebalancing": "availabilityZoneRebalancing",
    "CapacityProviderStrategy": "capacityProviderStrategy",
    "Cluster": "clusterArn",
    "DeploymentConfiguration": "deploymentConfiguration",
    "DeploymentController": "deploymentController",
    "DesiredCount": "desiredCount",
    "EnableECSManagedTags": "enableECSManagedTags",
    "EnableExecuteCommand": "enableExecuteCommand",
    "HealthCheckGracePeriodSeconds": "healthCheckGracePeriodSeconds",
    "LaunchType": "launchType",
    "LoadBalancers": "loadBalancers",
    "NetworkConfiguration": "networkConfiguration",
    "PlacementConstraints": "placementConstraints",
    "PlacementStrategies": "placementStrategy",
    "PlatformVersion": "platformVersion",
    "Role": "roleArn",
    "SchedulingStrategy": "schedulingStrategy",
    "ServiceArn": "serviceArn",
    "ServiceName": "serviceName",
    "ServiceRegistries": "serviceRegistries",
    "TaskDefinition": "taskDefinition",
}
_DEPLOYMENT: Final = {
    "ServiceConnectConfiguration": "serviceConnectConfiguration",
    "VolumeConfigurations": "volumeConfigurations",
    "VpcLatticeConfigurations": "vpcLatticeConfigurations",
}
_PROPAGATING: Final = ("SERVICE", "TASK_DEFINITION")


@reader(
    "AWS::ECS::Service",
    "ecs:describe_services",
    unreturned=("ForceNewDeployment", "GatewayConnectors", "Monitoring"),
)
def service(asking: Asking) -> Read:
    """AWS: API_Service.html; what API_Deployment.html has is that of the primary deployment.

    The physical id is the ARN, in which older accounts have no cluster.
    """
    parts = asking.physical_id.rpartition(":")[2].split("/")
    cluster = parts[1] if len(parts) == _NEW_ARN else declared_text(asking, "Cluster") or "default"
    by = {"cluster": cluster, "services": [asking.physical_id], "include": ["TAGS"]}
    found: Any = only(asking.pages("ecs", "describe_services", "services", **by), asking.physical_id)
    if isinstance(found, Unread):
        return found
    deployments = found.get("deployments") or []
    primary: Answer = next((each for each in deployments if each.get("status") == "PRIMARY"), {})
    read = renamed(found, **_SERVICE) | renamed(primary, **_DEPLOYMENT)
    propagated = found.get("propagateTags")
    return {
        **{name: shaped(value, maps=_MAPS) for name, value in read.items()},
        **stated(PropagateTags=propagated if propagated in _PROPAGATING else None),
        **_tags(found),
    }


_TASK: Final = {
    "ContainerDefinitions": "containerDefinitions",
    "Cpu": "cpu",
    "EnableFaultInjection": "enableFaultInjection",
    "EphemeralStorage": "ephemeralStorage",
    "ExecutionRoleArn": "executionRoleArn",
    "Family": "family",
    "InferenceAccelerators": "inferenceAccelerators",
    "IpcMode": "ipcMode",
    "Memory": "memory",
    "NetworkMode": "networkMode",
    "PidMode": "pidMode",
    "PlacementConstraints": "placementConstraints",
    "ProxyConfiguration": "proxyConfiguration",
    "RequiresCompatibilities": "requiresCompatibilities",
    "RuntimePlatform": "runtimePlatform",
    "TaskDefinitionArn": "taskDefinitionArn",
    "TaskRoleArn": "taskRoleArn",
    "Volumes": "volumes",
}
_TASK_RENAMES: Final = {
    "efsVolumeConfiguration": "EFSVolumeConfiguration",
    "fsxWindowsFileServerVolumeConfiguration": "FSxWindowsFileServerVolumeConfiguration",
    "iam": "IAM",
    "properties": "ProxyConfigurationProperties",
    "s3filesVolumeConfiguration": "S3FilesVolumeConfiguration",
}


@reader("AWS::ECS::TaskDefinition", "ecs:describe_task_definition")
def task_definition(asking: Asking) -> Read:
    """AWS: API_TaskDefinition.html."""
    answer = asking.ask("ecs", "describe_task_definition", taskDefinition=asking.physical_id, include=["TAGS"])
    if isinstance(answer, Unread):
        return answer
    read = renamed(answer["taskDefinition"], **_TASK)
    found = {name: shaped(value, _TASK_RENAMES, maps=_MAPS) for name, value in read.items()}
    for volume in found.get("Volumes", []):
        _name_file_system(volume.get("EFSVolumeConfiguration", {}))
    return {**found, **_tags(answer)}


def _name_file_system(configuration: dict[str, Plain]) -> None:
    """CloudFormation writes it FilesystemId for Amazon EFS, and FileSystemId for Amazon FSx."""
    if "FileSystemId" in configuration:
        configuration["FilesystemId"] = configuration.pop("FileSystemId")
