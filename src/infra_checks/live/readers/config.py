"""AWS::Config, by the AWS Config API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, capitalized, document, from_answer, only, pruned, renamed

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read


@reader(
    "AWS::Config::ConfigurationRecorder", "config:describe_configuration_recorders", unreturned=("StartedOnCreate",)
)
def recorder(asking: Asking) -> Read:
    """AWS: API_ConfigurationRecorder.html; whether it records is no property, and is not asked."""
    by = {"ConfigurationRecorderNames": [asking.physical_id]}
    found = only(
        asking.pages("config", "describe_configuration_recorders", "ConfigurationRecorders", **by), asking.physical_id
    )
    if isinstance(found, Unread):
        return found
    read: Properties = capitalized(renamed(found, "name", "recordingGroup", "recordingMode", "roleARN"))
    return read | renamed(found, ResourceARN="arn")


@reader("AWS::Config::DeliveryChannel", "config:describe_delivery_channels")
def delivery_channel(asking: Asking) -> Read:
    """AWS: API_DeliveryChannel.html."""
    by = {"DeliveryChannelNames": [asking.physical_id]}
    found = only(asking.pages("config", "describe_delivery_channels", "DeliveryChannels", **by), asking.physical_id)
    if isinstance(found, Unread):
        return found
    read: Properties = capitalized(found)
    return read


@reader("AWS::Config::ConfigRule", "config:describe_config_rules", "config:get_custom_rule_policy")
def config_rule(asking: Asking) -> Read:
    """AWS: API_ConfigRule.html."""
    by = {"ConfigRuleNames": [asking.physical_id]}
    found = only(asking.pages("config", "describe_config_rules", "ConfigRules", **by), asking.physical_id)
    if isinstance(found, Unread):
        return found
    names = ("ConfigRuleId", "ConfigRuleName", "Description", "EvaluationModes", "MaximumExecutionFrequency")
    scope = ("ComplianceResourceId", "ComplianceResourceTypes", "TagKey", "TagValue")
    read: Properties = pruned(
        {
            **renamed(found, *names, Arn="ConfigRuleArn"),
            "Scope": renamed(found.get("Scope") or {}, *scope),
            "Source": _source(asking, found.get("Source") or {}),
            "InputParameters": document(found.get("InputParameters") or "{}"),
        }
    )
    return read


def _source(asking: Asking, found: Answer) -> Properties:
    read = renamed(found, "CustomPolicyDetails", "Owner", "SourceDetails", "SourceIdentifier")
    if read.get("Owner") == "CUSTOM_POLICY":
        answer = asking.ask("config", "get_custom_rule_policy", ConfigRuleName=asking.physical_id)
        text = from_answer(answer, ("PolicyText",), lambda policy: renamed(policy, "PolicyText"))
        read["CustomPolicyDetails"] = {**(read.get("CustomPolicyDetails") or {}), **text}
    return read
