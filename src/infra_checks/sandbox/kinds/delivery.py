"""AWS::CodeBuild and AWS::CodePipeline."""

from __future__ import annotations

from typing import Any, Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.rows import retag

_PROJECT: Final = {
    "Artifacts.ArtifactIdentifier": "artifactIdentifier",
    "Source.BuildSpec": "buildspec",
    "Triggers": "",
}


def _make_project(making: Making) -> Made:
    name = making.name("Name", limit=150)
    answer = making.send("codebuild", "create_project", renames=_PROJECT, name=name)["project"]
    return Made("AWS::CodeBuild::Project", name, {"Arn": answer["arn"], "Id": name})


def _configure_project(making: Making, made: Made) -> None:
    if making.before is None:
        return
    changed = [each for each in making.properties if making.properties[each] != making.before.get(each)]
    # What is given empty is taken away.
    gone: dict[str, Any] = (
        {"vpcConfig": {}} if making.changed("VpcConfig") and "VpcConfig" not in making.properties else {}
    )
    making.send("codebuild", "update_project", only=changed, renames=_PROJECT, name=made.ref, **gone)


def _delete_project(making: Making, made: Made) -> None:
    making.api("codebuild").delete_project(name=made.ref)


def _stage(stage: dict[str, Any]) -> dict[str, Any]:
    """A stage as the API takes it: an action's type has other letters there."""
    made = dict(stage)
    made["Actions"] = [
        {{"ActionTypeId": "actionTypeId"}.get(key, key): value for key, value in action.items()}
        for action in stage["Actions"]
    ]
    return made


def _structure(making: Making, name: str) -> Any:  # noqa: ANN401 - JSON
    properties = {
        key: making.get(key)
        for key in (
            "RoleArn",
            "ArtifactStore",
            "ArtifactStores",
            "Stages",
            "PipelineType",
            "ExecutionMode",
            "Triggers",
            "Variables",
        )
        if key in making.properties
    }
    properties["Stages"] = [_stage(stage) for stage in properties["Stages"]]
    if "ArtifactStores" in properties:
        stores = {each["Region"]: each["ArtifactStore"] for each in properties["ArtifactStores"]}
        properties["ArtifactStores"] = stores
    value = {"Name": name, "Version": 1} | properties
    return making.fitted("codepipeline", "create_pipeline", "pipeline", value)


def _make_pipeline(making: Making) -> Made:
    name = making.name("Name", limit=100)
    pipeline = _structure(making, name)
    tags = [{"key": tag["Key"], "value": tag["Value"]} for tag in making.tags()]
    making.get("RestartExecutionOnUpdate")
    making.api("codepipeline").create_pipeline(pipeline=pipeline, tags=tags)
    return Made("AWS::CodePipeline::Pipeline", name, {"Version": "1", "Arn": making.place.arn("codepipeline", name)})


def _configure_pipeline(making: Making, made: Made) -> None:
    if making.before is None:
        return
    if making.changed("Tags"):
        retag(making, "codepipeline", made.arn)
    making.changed(*making.properties, *making.before)
    making.api("codepipeline").update_pipeline(pipeline=_structure(making, made.ref))
    made.attributes["Version"] = str(int(made.attributes["Version"]) + 1)


def _delete_pipeline(making: Making, made: Made) -> None:
    making.api("codepipeline").delete_pipeline(name=made.ref)


KINDS: Final = (
    Kind("AWS::CodeBuild::Project", _make_project, _delete_project, _configure_project, frozenset({"Name"})),
    Kind(
        "AWS::CodePipeline::Pipeline",
        _make_pipeline,
        _delete_pipeline,
        _configure_pipeline,
        frozenset({"Name"}),
        unread=frozenset({"DisableInboundStageTransitions", "RestartExecutionOnUpdate"}),
    ),
)
