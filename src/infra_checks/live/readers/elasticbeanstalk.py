"""AWS::ElasticBeanstalk, by the AWS Elastic Beanstalk API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.reading import Plain, Unread, reader
from infra_checks.live.renaming import Properties, from_answer, only, pruned, renamed, stated, tag_list
from infra_checks.live.shaping import declared_text

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_OPTION: Final = ("Namespace", "OptionName", "ResourceName", "Value")
_UNKNOWN: Final = Unread("no API tells whose this is, and the template's ApplicationName is not known")


def _one(asking: Asking, operation: str, member: str, **by: Any) -> Answer | Unread:  # noqa: ANN401 - as boto3 has it
    found: Answer | Unread = only(asking.pages("elasticbeanstalk", operation, member, **by), asking.physical_id)
    return found


@reader("AWS::ElasticBeanstalk::Application", "elasticbeanstalk:describe_applications")
def application(asking: Asking) -> Read:
    """AWS: API_ApplicationDescription.html."""
    found = _one(asking, "describe_applications", "Applications", ApplicationNames=[asking.physical_id])
    if isinstance(found, Unread):
        return found
    lifecycle = pruned(found.get("ResourceLifecycleConfig") or {})
    return {**renamed(found, "ApplicationName", "Description"), **stated(ResourceLifecycleConfig=lifecycle)}


@reader("AWS::ElasticBeanstalk::ApplicationVersion", "elasticbeanstalk:describe_application_versions")
def application_version(asking: Asking) -> Read:
    """AWS: API_ApplicationVersionDescription.html; the application is the template's, or in `application|label`."""
    application, _, label = asking.physical_id.rpartition("|")
    application = declared_text(asking, "ApplicationName") or application
    if not application:
        return _UNKNOWN
    by = {"ApplicationName": application, "VersionLabels": [label]}
    found = _one(asking, "describe_application_versions", "ApplicationVersions", **by)
    if isinstance(found, Unread):
        return found
    bundle = renamed(found.get("SourceBundle") or {}, "S3Bucket", "S3Key")
    return {**renamed(found, "ApplicationName", "Description"), **stated(SourceBundle=bundle)}


@reader(
    "AWS::ElasticBeanstalk::Environment",
    "elasticbeanstalk:describe_environments",
    "elasticbeanstalk:describe_configuration_settings",
    "elasticbeanstalk:list_tags_for_resource",
)
def environment(asking: Asking) -> Read:
    """AWS: API_EnvironmentDescription.html and API_ConfigurationSettingsDescription.html.

    The options are all that hold: the template's, those of its configuration template, and the defaults.
    """
    by = {"EnvironmentNames": [asking.physical_id], "IncludeDeleted": False}
    found = _one(asking, "describe_environments", "Environments", **by)
    if isinstance(found, Unread):
        return found
    same = ("ApplicationName", "Description", "EnvironmentName", "OperationsRole", "PlatformArn", "SolutionStackName")
    settings = _settings(asking, ApplicationName=found["ApplicationName"], EnvironmentName=found["EnvironmentName"])
    tags = asking.ask("elasticbeanstalk", "list_tags_for_resource", ResourceArn=found.get("EnvironmentArn", ""))
    tier = found.get("Tier") or {}
    return {
        **renamed(found, *same, "TemplateName", "VersionLabel", EndpointURL="EndpointURL"),
        **stated(
            CNAMEPrefix=(found.get("CNAME") or "").partition(".")[0],
            # The version of the tier is a space where it has none.
            Tier={name: text for name, text in renamed(tier, "Name", "Type", "Version").items() if text.strip()},
        ),
        **from_answer(settings, ("OptionSettings",), lambda got: {"OptionSettings": _options(got)}),
        **from_answer(tags, ("Tags",), lambda got: {"Tags": tag_list(got.get("ResourceTags") or [])}),
    }


@reader(
    "AWS::ElasticBeanstalk::ConfigurationTemplate",
    "elasticbeanstalk:describe_configuration_settings",
)
def configuration_template(asking: Asking) -> Read:
    """AWS: API_ConfigurationSettingsDescription.html; what it was copied from is told by no API, and all is in it."""
    application, _, name = asking.physical_id.rpartition("|")
    application = declared_text(asking, "ApplicationName") or application
    if not application:
        return _UNKNOWN
    found = _settings(asking, ApplicationName=application, TemplateName=name)
    if isinstance(found, Unread):
        return found
    same = ("ApplicationName", "Description", "PlatformArn", "SolutionStackName", "TemplateName")
    return {**renamed(found, *same), **stated(OptionSettings=_options(found))}


def _settings(asking: Asking, **by: str) -> Answer | Unread:
    return _one(asking, "describe_configuration_settings", "ConfigurationSettings", **by)


def _options(found: Answer) -> list[dict[str, Plain]]:
    read: list[Properties] = [renamed(each, *_OPTION) for each in found.get("OptionSettings") or []]
    return [each for each in read if "Value" in each]
