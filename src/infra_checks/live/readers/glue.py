"""AWS::Glue, by the AWS Glue Web API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import from_answer, renamed, tag_map

if TYPE_CHECKING:
    from infra_checks.live.reading import Asking, Read


@reader("AWS::Glue::DevEndpoint", "glue:get_dev_endpoint", "glue:get_tags")
def dev_endpoint(asking: Asking) -> Read:
    """AWS: API_DevEndpoint.html."""
    name = asking.physical_id
    answer = asking.ask("glue", "get_dev_endpoint", EndpointName=name)
    if isinstance(answer, Unread):
        return answer
    arn = f"arn:{asking.partition}:glue:{asking.region}:{asking.account}:devEndpoint/{name}"
    tags = asking.ask("glue", "get_tags", ResourceArn=arn)
    return {
        **renamed(
            answer["DevEndpoint"],
            "Arguments",
            "EndpointName",
            "ExtraJarsS3Path",
            "ExtraPythonLibsS3Path",
            "GlueVersion",
            "NumberOfNodes",
            "NumberOfWorkers",
            "PublicKey",
            "PublicKeys",
            "RoleArn",
            "SecurityConfiguration",
            "SecurityGroupIds",
            "SubnetId",
            "WorkerType",
        ),
        **from_answer(tags, ("Tags",), lambda told: {"Tags": tag_map(told.get("Tags") or {})}),
    }
