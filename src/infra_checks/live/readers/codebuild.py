"""AWS::CodeBuild, by the AWS CodeBuild API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.reading import Plain, Unread, reader
from infra_checks.live.renaming import Properties, only, renamed, stated, tag_list
from infra_checks.live.shaping import at, shaped

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_NAMES: Final = {
    "Arn": "arn",
    "Artifacts": "artifacts",
    "AutoRetryLimit": "autoRetryLimit",
    "BuildBatchConfig": "buildBatchConfig",
    "Cache": "cache",
    "ConcurrentBuildLimit": "concurrentBuildLimit",
    "Description": "description",
    "EncryptionKey": "encryptionKey",
    "Environment": "environment",
    "FileSystemLocations": "fileSystemLocations",
    "LogsConfig": "logsConfig",
    "Name": "name",
    "QueuedTimeoutInMinutes": "queuedTimeoutInMinutes",
    "ResourceAccessRole": "resourceAccessRole",
    "SecondaryArtifacts": "secondaryArtifacts",
    "SecondarySourceVersions": "secondarySourceVersions",
    "SecondarySources": "secondarySources",
    "ServiceRole": "serviceRole",
    "Source": "source",
    "SourceVersion": "sourceVersion",
    "TimeoutInMinutes": "timeoutInMinutes",
    "Visibility": "projectVisibility",
    "VpcConfig": "vpcConfig",
}
_RENAMES: Final = {"buildspec": "BuildSpec"}
_NO_PROPERTY: Final = ("bucketOwnerAccess", "computeConfiguration", "fleetsAllowed")
_HOOK: Final = {
    "BuildType": "buildType",
    "FilterGroups": "filterGroups",
    "PullRequestBuildPolicy": "pullRequestBuildPolicy",
    "ScopeConfiguration": "scopeConfiguration",
}


@reader("AWS::CodeBuild::Project", "codebuild:batch_get_projects")
def project(asking: Asking) -> Read:
    """AWS: API_Project.html."""
    projects = asking.pages("codebuild", "batch_get_projects", "projects", names=[asking.physical_id])
    found: Any = only(projects, asking.physical_id)
    if isinstance(found, Unread):
        return found
    read = {name: shaped(value, _RENAMES, drop=_NO_PROPERTY) for name, value in renamed(found, **_NAMES).items()}
    read.get("Environment", {}).get("DockerServer", {}).pop("Status", None)
    return {
        **read,
        **stated(
            BadgeEnabled=at(found, "badge", "badgeEnabled"),
            Tags=tag_list({"Key": each["key"], "Value": each.get("value", "")} for each in found.get("tags") or []),
            Triggers=_triggers(found.get("webhook") or {}),
        ),
    }


def _triggers(hook: Answer) -> Plain:
    """API_Webhook.html."""
    if not hook:
        return None
    read: Properties = {name: shaped(value) for name, value in renamed(hook, **_HOOK).items()}
    return {"Webhook": True, **read}
