"""Readers of CloudFormation's own resources."""

from __future__ import annotations

from infra_checks.live.reading import Asking, Plain, Read, Unread, reader


@reader("AWS::CloudFormation::Stack", "cloudformation:describe_stacks", unreturned=("TemplateBody", "TemplateURL"))
def stack(asking: Asking) -> Read:
    """A nested stack; what is in it are resources of their own (DescribeStacks of the CloudFormation API reference)."""
    answer = asking.ask("cloudformation", "describe_stacks", StackName=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    found = answer["Stacks"][0]
    properties: dict[str, Plain] = {}
    parameters = {
        each["ParameterKey"]: _shown(each.get("ParameterValue", "")) for each in found.get("Parameters") or ()
    }
    if parameters:
        properties["Parameters"] = parameters
    if found.get("NotificationARNs"):
        properties["NotificationARNs"] = list(found["NotificationARNs"])
    if found.get("Tags"):
        properties["Tags"] = [{"Key": each["Key"], "Value": each["Value"]} for each in found["Tags"]]
    if found.get("TimeoutInMinutes"):
        properties["TimeoutInMinutes"] = found["TimeoutInMinutes"]
    return properties


def _shown(value: str) -> Plain:
    """The value of a parameter; AWS: "Parameter" of the API reference, one with NoEcho is shown as asterisks."""
    return Unread("no API returns the value of a parameter with NoEcho") if value and not value.strip("*") else value
