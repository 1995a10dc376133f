"""AWS::Config and AWS::CloudTrail."""

from __future__ import annotations

from typing import Any, Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.rows import retag
from infra_checks.sandbox.shapes import as_text


def _make_recorder(making: Making) -> Made:
    name = making.name("Name", limit=256)
    return Made("AWS::Config::ConfigurationRecorder", name, {})


def _configure_recorder(making: Making, made: Made) -> None:
    if not making.changed("RoleARN", "RecordingGroup", "RecordingMode"):
        return
    given = {key: making.get(key) for key in ("RoleARN", "RecordingGroup", "RecordingMode") if key in making.properties}
    value = {"name": made.ref} | given
    fitted = making.fitted("config", "put_configuration_recorder", "ConfigurationRecorder", value)
    making.api("config").put_configuration_recorder(ConfigurationRecorder=fitted)


def _delete_recorder(making: Making, made: Made) -> None:
    making.api("config").delete_configuration_recorder(ConfigurationRecorderName=made.ref)


_CHANNEL: Final = {
    "ConfigSnapshotDeliveryProperties": "configSnapshotDeliveryProperties",
    "S3BucketName": "s3BucketName",
    "S3KeyPrefix": "s3KeyPrefix",
    "S3KmsKeyArn": "s3KmsKeyArn",
    "SnsTopicARN": "snsTopicARN",
}


def _make_channel(making: Making) -> Made:
    return Made("AWS::Config::DeliveryChannel", making.name("Name", limit=256), {})


def _configure_channel(making: Making, made: Made) -> None:
    if not making.changed(*_CHANNEL):
        return
    value = {"name": made.ref} | {key: making.get(key) for key in _CHANNEL if key in making.properties}
    fitted = making.fitted("config", "put_delivery_channel", "DeliveryChannel", value)
    client = making.api("config")
    client.put_delivery_channel(DeliveryChannel=fitted)
    for recorder in client.describe_configuration_recorders()["ConfigurationRecorders"]:
        client.start_configuration_recorder(ConfigurationRecorderName=recorder["name"])  # as CloudFormation does


def _delete_channel(making: Making, made: Made) -> None:
    client = making.api("config")
    for recorder in client.describe_configuration_recorders()["ConfigurationRecorders"]:
        client.stop_configuration_recorder(ConfigurationRecorderName=recorder["name"])
    client.delete_delivery_channel(DeliveryChannelName=made.ref)


def _make_rule(making: Making) -> Made:
    name = making.name("ConfigRuleName", limit=128)
    _put_rule(making, name)
    found = making.api("config").describe_config_rules(ConfigRuleNames=[name])["ConfigRules"][0]
    attributes = {"Arn": found["ConfigRuleArn"], "ConfigRuleId": found["ConfigRuleId"]}
    return Made("AWS::Config::ConfigRule", name, attributes)


_RULE: Final = (
    "Description",
    "EvaluationModes",
    "InputParameters",
    "MaximumExecutionFrequency",
    "Scope",
    "Source",
)


def _put_rule(making: Making, name: str) -> None:
    value: dict[str, Any] = {key: making.get(key) for key in _RULE if key in making.properties}
    fitted = making.fitted("config", "put_config_rule", "ConfigRule", value | {"ConfigRuleName": name})
    making.api("config").put_config_rule(ConfigRule=fitted)


def _configure_rule(making: Making, made: Made) -> None:
    if making.before is not None and making.changed(*_RULE):
        _put_rule(making, made.ref)


def _delete_rule(making: Making, made: Made) -> None:
    making.api("config").delete_config_rule(ConfigRuleName=made.ref)


def _make_trail(making: Making) -> Made:
    name = making.name("TrailName", limit=128)
    tags: dict[str, Any] = {"TagsList": making.tags()} if making.tags() else {}
    only = [
        each
        for each in making.properties
        if each not in {"EventSelectors", "AdvancedEventSelectors", "InsightSelectors", "IsLogging", "Tags"}
    ]
    answer = making.send("cloudtrail", "create_trail", only=only, Name=name, **tags)
    return Made(
        "AWS::CloudTrail::Trail", name, {"Arn": answer["TrailARN"], "SnsTopicArn": answer.get("SnsTopicARN", "")}
    )


def _configure_trail(making: Making, made: Made) -> None:
    client = making.api("cloudtrail")
    if making.changed("EventSelectors", "AdvancedEventSelectors"):
        making.send(
            "cloudtrail", "put_event_selectors", only=("EventSelectors", "AdvancedEventSelectors"), TrailName=made.ref
        )
    if making.changed("InsightSelectors"):
        making.send("cloudtrail", "put_insight_selectors", only=("InsightSelectors",), TrailName=made.ref)
    if making.changed("IsLogging"):
        logging = as_text(making.get("IsLogging", default=True)) == "true"
        (client.start_logging if logging else client.stop_logging)(Name=made.ref)
    if making.before is None:
        return
    changed = [each for each in making.properties if making.properties[each] != making.before.get(each)]
    if making.changed("Tags"):
        retag(making, "cloudtrail", made.arn)
    making.send("cloudtrail", "update_trail", only=[each for each in changed if each != "Tags"], Name=made.ref)


def _delete_trail(making: Making, made: Made) -> None:
    making.api("cloudtrail").delete_trail(Name=made.ref)


KINDS: Final = (
    Kind(
        "AWS::Config::ConfigurationRecorder",
        _make_recorder,
        _delete_recorder,
        _configure_recorder,
        frozenset({"Name", "StartedOnCreate"}),
        None,
    ),
    Kind(
        "AWS::Config::DeliveryChannel",
        _make_channel,
        _delete_channel,
        _configure_channel,
        frozenset({"Name"}),
        None,
    ),
    Kind("AWS::Config::ConfigRule", _make_rule, _delete_rule, _configure_rule, frozenset({"ConfigRuleName"}), None),
    Kind("AWS::CloudTrail::Trail", _make_trail, _delete_trail, _configure_trail, frozenset({"TrailName"})),
)
