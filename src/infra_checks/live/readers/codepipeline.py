"""AWS::CodePipeline, by the AWS CodePipeline API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, from_answer, renamed, stated, tag_list
from infra_checks.live.shaping import at, shaped

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_NAMES: Final = {
    "ArtifactStore": "artifactStore",
    "ExecutionMode": "executionMode",
    "Name": "name",
    "PipelineType": "pipelineType",
    "RoleArn": "roleArn",
    "Stages": "stages",
    "Triggers": "triggers",
    "Variables": "variables",
}
_MAPS: Final = ("configuration",)


@reader(
    "AWS::CodePipeline::Pipeline",
    "codepipeline:get_pipeline",
    "codepipeline:list_tags_for_resource",
    unreturned=("RestartExecutionOnUpdate",),
)
def pipeline(asking: Asking) -> Read:
    """AWS: API_PipelineDeclaration.html; no rule looks at what API_GetPipelineState.html tells."""
    answer = asking.ask("codepipeline", "get_pipeline", name=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    found = answer["pipeline"]
    arn = at(answer, "metadata", "pipelineArn") or (
        f"arn:{asking.partition}:codepipeline:{asking.region}:{asking.account}:{asking.physical_id}"
    )
    tags = asking.pages("codepipeline", "list_tags_for_resource", "tags", resourceArn=arn)
    stores = [
        {"Region": region, "ArtifactStore": shaped(store)}
        for region, store in sorted((found.get("artifactStores") or {}).items())
    ]
    return {
        **{name: shaped(value, maps=_MAPS) for name, value in renamed(found, **_NAMES).items()},
        **stated(ArtifactStores=stores),
        "DisableInboundStageTransitions": Unread("the reader of pipelines does not ask for it"),
        **from_answer(tags, ("Tags",), _tags),
    }


def _tags(pairs: list[Answer]) -> Properties:
    return {"Tags": tag_list({"Key": each["key"], "Value": each.get("value", "")} for each in pairs)}
