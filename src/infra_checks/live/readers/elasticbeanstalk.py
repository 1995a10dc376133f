"""AWS::ElasticBeanstalk, by the AWS Elastic Beanstalk API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import from_answer, only, pruned, renamed, stated, tag_list

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Plain, Read

_OPTION: Final = ("Namespace", "OptionName", "ResourceName", "Value")


@reader("AWS::ElasticBeanstalk::Application", "elasticbeanstalk:describe_applications")
def application(asking: Asking) -> Read:
    """AWS: API_DescribeApplications.html."""
    answer = asking.ask("elasticbeanstalk", "describe_applications", ApplicationNames=[asking.physical_id])
    found = answer if isinstance(answer, Unread) else _one(answer, "Applications", asking)
    if isinstance(found, Unread):
        return found
    lifecycle = pruned(found.get("ResourceLifecycleConfig"))
    return {**renamed(found, "ApplicationName", "Description"), **stated(ResourceLifecycleConfig=lifecycle)}


@reader("AWS::ElasticBeanstalk::ApplicationVersion", "elasticbeanstalk:describe_application_versions")
def application_version(asking: Asking) -> Read:
    """AWS: API_DescribeApplicationVersions.html; the physical id is the version's label."""
    by = _of_application(asking)
    answer = asking.ask("elasticbeanstalk", "describe_application_versions", VersionLabels=[asking.physical_id], **by)
    found = answer if isinstance(answer, Unread) else _one(answer, "ApplicationVersions", asking)
    if isinstance(found, Unread):
        return found
    return renamed(found, "ApplicationName", "Description", "SourceBundle", Id="VersionLabel")


@reader(
    "AWS::ElasticBeanstalk::Environment",
    "elasticbeanstalk:describe_environments",
    "elasticbeanstalk:describe_configuration_settings",
    "elasticbeanstalk:list_tags_for_resource",
    unreturned=("CNAMEPrefix", "TemplateName"),
)
def environment(asking: Asking) -> Read:
    """AWS: API_DescribeEnvironments.html, API_DescribeConfigurationSettings.html; options of a template and those that
    Beanstalk adds are among those it answers with.
    """
    answer = asking.ask("elasticbeanstalk", "describe_environments", EnvironmentNames=[asking.physical_id])
    found = answer if isinstance(answer, Unread) else _one(answer, "Environments", asking)
    if isinstance(found, Unread):
        return found
    settings = asking.ask(
        "elasticbeanstalk",
        "describe_configuration_settings",
        ApplicationName=found["ApplicationName"],
        EnvironmentName=found["EnvironmentName"],
    )
    tags = asking.ask("elasticbeanstalk", "list_tags_for_resource", ResourceArn=found["EnvironmentArn"])
    return {
        **renamed(
            found,
            "ApplicationName",
            "Description",
            "EnvironmentName",
            "OperationsRole",
            "PlatformArn",
            "SolutionStackName",
            "VersionLabel",
            EndpointURL="EndpointURL",
        ),
        **stated(Tier=pruned(found.get("Tier"))),
        **from_answer(settings, ("OptionSettings",), _options),
        **from_answer(tags, ("Tags",), lambda told: {"Tags": tag_list(told.get("ResourceTags") or [])}),
    }


@reader("AWS::ElasticBeanstalk::ConfigurationTemplate", "elasticbeanstalk:describe_configuration_settings")
def configuration_template(asking: Asking) -> Read:
    """AWS: API_DescribeConfigurationSettings.html; the physical id is the template's name."""
    by = _of_application(asking)
    if not by:
        return Unread("the application of the configuration template is not known")
    answer = asking.ask("elasticbeanstalk", "describe_configuration_settings", TemplateName=asking.physical_id, **by)
    found = answer if isinstance(answer, Unread) else _one(answer, "ConfigurationSettings", asking)
    if isinstance(found, Unread):
        return found
    names = ("ApplicationName", "Description", "PlatformArn", "SolutionStackName", "TemplateName")
    return {**renamed(found, *names), **stated(OptionSettings=_listed(found))}


def _of_application(asking: Asking) -> dict[str, str]:
    name = asking.declared.get("ApplicationName")
    return {"ApplicationName": name} if isinstance(name, str) else {}


def _one(answer: Answer, member: str, asking: Asking) -> Plain:
    return only(answer.get(member) or [], f"{asking.physical_id} (deleted meanwhile?)")


def _options(answer: Answer) -> dict[str, Plain]:
    settings = answer.get("ConfigurationSettings") or [{}]
    return {"OptionSettings": _listed(settings[0])}


def _listed(settings: Answer) -> list[Plain]:
    return [renamed(each, *_OPTION) for each in settings.get("OptionSettings") or []]
