"""AWS::CodeBuild, by the AWS CodeBuild API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import capitalized, only, renamed, stated, tag_list

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Plain, Read

_SAME: Final = {
    "Arn": "arn",
    "AutoRetryLimit": "autoRetryLimit",
    "ConcurrentBuildLimit": "concurrentBuildLimit",
    "Description": "description",
    "EncryptionKey": "encryptionKey",
    "Name": "name",
    "QueuedTimeoutInMinutes": "queuedTimeoutInMinutes",
    "ResourceAccessRole": "resourceAccessRole",
    "ServiceRole": "serviceRole",
    "SourceVersion": "sourceVersion",
    "TimeoutInMinutes": "timeoutInMinutes",
    "Visibility": "projectVisibility",
}
_NESTED: Final = {
    "Artifacts": "artifacts",
    "Cache": "cache",
    "FileSystemLocations": "fileSystemLocations",
    "LogsConfig": "logsConfig",
    "SecondaryArtifacts": "secondaryArtifacts",
    "SecondarySourceVersions": "secondarySourceVersions",
    "SecondarySources": "secondarySources",
    "Source": "source",
    "VpcConfig": "vpcConfig",
}
_OTHER_NAMES: Final = {"S3Logs": "S3Logs", "Buildspec": "BuildSpec"}


@reader("AWS::CodeBuild::Project", "codebuild:batch_get_projects")
def project(asking: Asking) -> Read:
    """AWS: API_BatchGetProjects.html."""
    answer = asking.ask("codebuild", "batch_get_projects", names=[asking.physical_id])
    if isinstance(answer, Unread):
        return answer
    found = only(answer.get("projects") or [], f"{asking.physical_id} (deleted meanwhile?)")
    if isinstance(found, Unread):
        return found
    badge = (found.get("badge") or {}).get("badgeEnabled")
    nested = {name: _renamed(capitalized(found.get(member))) for name, member in _NESTED.items()}
    return {
        **renamed(found, **_SAME),
        **stated(**nested, Environment=_environment(found.get("environment") or {}), BadgeEnabled=badge),
        **stated(Tags=tag_list({"Key": each["key"], "Value": each["value"]} for each in found.get("tags") or [])),
    }


def _environment(found: Answer) -> Plain:
    """Values of plain variables are read with the rest; those of secrets are names of them."""
    return _renamed(capitalized(found))


def _renamed(value: Plain) -> Plain:
    """Names that CloudFormation spells in its own way."""
    if isinstance(value, dict):
        return {_OTHER_NAMES.get(name, name): _renamed(inner) for name, inner in value.items()}
    return [_renamed(each) for each in value] if isinstance(value, list) else value
