"""AWS::ElasticBeanstalk.

moto's API has applications and environments but no option settings, versions or templates: those are records, and so
are the environments, whose settings are what matters of them.
"""

from __future__ import annotations

from typing import Final

from infra_checks.sandbox.rows import record, row

KINDS: Final = (
    row(
        "AWS::ElasticBeanstalk::Application",
        "elasticbeanstalk",
        "create_application",
        name=("ApplicationName", "ApplicationName", 100),
        ref="Application.ApplicationName",
        attributes={"Arn": "Application.ApplicationArn"},
        delete="delete_application",
        delete_by={"ApplicationName": "{ref}"},
        create_only=["ApplicationName"],
        tags=None,
    ),
    record(
        "AWS::ElasticBeanstalk::ApplicationVersion",
        attributes={"Id": "{ref}"},
        create_only=["ApplicationName", "BuildConfiguration", "ImageConfiguration", "Process", "SourceBundle"],
        tags=None,
    ),
    record(
        "AWS::ElasticBeanstalk::ConfigurationTemplate",
        attributes={"TemplateName": "{ref}"},
        create_only=["ApplicationName", "EnvironmentId", "PlatformArn", "SolutionStackName", "SourceConfiguration"],
        tags=None,
    ),
    record(
        "AWS::ElasticBeanstalk::Environment",
        ref="@EnvironmentName",
        attributes={"EnvironmentName": "{ref}", "EndpointURL": "{ref}.{region}.elasticbeanstalk.sandbox.internal"},
        create_only=["ApplicationName", "CNAMEPrefix", "EnvironmentName", "SolutionStackName", "Tier"],
    ),
)
