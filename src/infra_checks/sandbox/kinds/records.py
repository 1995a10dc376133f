"""Types of which moto has no API at all: kept as records."""

from __future__ import annotations

from typing import Final

from infra_checks.sandbox.rows import record

KINDS: Final = (
    record("AWS::CDK::Metadata", tags=None),
    record(
        "AWS::ApplicationInsights::Application",
        ref="{p[ResourceGroupName]}",
        attributes={"ApplicationARN": "arn:{partition}:applicationinsights:{region}:{account}:application/{ref}"},
        create_only=["ResourceGroupName", "GroupingType"],
    ),
    record(
        "AWS::CodeConnections::Connection",
        ref="arn:{partition}:codeconnections:{region}:{account}:connection/{r[id]}",
        attributes={"ConnectionArn": "{ref}"},
        create_only=["ConnectionName", "HostArn", "ProviderType"],
    ),
    record(
        "AWS::CodeStarConnections::Connection",
        ref="arn:{partition}:codestar-connections:{region}:{account}:connection/{r[id]}",
        attributes={"ConnectionArn": "{ref}"},
        create_only=["ConnectionName", "HostArn", "ProviderType"],
    ),
    record(
        "AWS::CodeStarNotifications::NotificationRule",
        ref="arn:{partition}:codestar-notifications:{region}:{account}:notificationrule/{r[id]}",
        attributes={"Arn": "{ref}"},
        create_only=["Resource"],
        tags_form="map",
    ),
    record(
        "AWS::XRay::Group",
        ref="arn:{partition}:xray:{region}:{account}:group/{p[GroupName]}/{r[short]}",
        attributes={"GroupARN": "{ref}"},
    ),
    record(
        "AWS::XRay::SamplingRule",
        ref="arn:{partition}:xray:{region}:{account}:sampling-rule/{r[short]}",
        attributes={"RuleARN": "{ref}"},
        create_only=["SamplingRule"],
    ),
)
