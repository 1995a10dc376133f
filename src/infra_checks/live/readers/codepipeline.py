"""AWS::CodePipeline, by the AWS CodePipeline API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import capitalized, from_answer, renamed, stated, tag_list

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Plain, Read

_CHOSEN: Final = ("configuration",)
"""Members whose keys are not names of members."""


@reader(
    "AWS::CodePipeline::Pipeline",
    "codepipeline:get_pipeline",
    "codepipeline:get_pipeline_state",
    "codepipeline:list_tags_for_resource",
)
def pipeline(asking: Asking) -> Read:
    """AWS: API_GetPipeline.html; GetPipelineState tells which transitions are disabled."""
    answer = asking.ask("codepipeline", "get_pipeline", name=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    found = answer["pipeline"]
    arn = (answer.get("metadata") or {}).get("pipelineArn") or (
        f"arn:{asking.partition}:codepipeline:{asking.region}:{asking.account}:{asking.physical_id}"
    )
    state = asking.ask("codepipeline", "get_pipeline_state", name=asking.physical_id)
    tags = asking.ask("codepipeline", "list_tags_for_resource", resourceArn=arn)
    stores = [
        {"Region": region, "ArtifactStore": capitalized(store)}
        for region, store in sorted((found.get("artifactStores") or {}).items())
    ]
    return {
        **renamed(found, ExecutionMode="executionMode", Name="name", PipelineType="pipelineType", RoleArn="roleArn"),
        **stated(
            Arn=arn,
            ArtifactStore=capitalized(found.get("artifactStore")),
            ArtifactStores=stores,
            Stages=[_stage(each) for each in found.get("stages") or []],
            Triggers=capitalized(found.get("triggers")),
            Variables=capitalized(found.get("variables")),
        ),
        **from_answer(state, ("DisableInboundStageTransitions",), _disabled),
        **from_answer(tags, ("Tags",), _tags),
    }


def _stage(found: Answer) -> Plain:
    stage = capitalized({name: value for name, value in found.items() if name not in {"actions", "blockers"}})
    blockers = capitalized(found.get("blockers"))
    return {**stage, **stated(Blockers=blockers), "Actions": [_action(each) for each in found.get("actions") or []]}


def _action(found: Answer) -> Plain:
    action = capitalized({name: value for name, value in found.items() if name not in _CHOSEN})
    if action.get("ActionTypeId"):
        action["ActionTypeId"] = {name: str(value) for name, value in action["ActionTypeId"].items()}
    return {**action, **stated(Configuration=found.get("configuration"))}


def _disabled(answer: Answer) -> dict[str, Plain]:
    found = [
        {"StageName": stage["stageName"], "Reason": transition.get("disabledReason", "")}
        for stage in answer.get("stageStates") or []
        if (transition := stage.get("inboundTransitionState") or {}).get("enabled") is False
    ]
    return {"DisableInboundStageTransitions": found}


def _tags(answer: Answer) -> dict[str, Plain]:
    return {"Tags": tag_list({"Key": each["key"], "Value": each["value"]} for each in answer.get("tags") or [])}
