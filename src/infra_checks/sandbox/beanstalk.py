"""What describes Elastic Beanstalk's environments, configuration templates and versions, from their records.

moto's API has no settings, which are what matters of them; here they are what the template gave, as Cloud Control
answers too. AWS: "DescribeEnvironments", "DescribeConfigurationSettings" and "DescribeApplicationVersions" of the AWS
Elastic Beanstalk API reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from infra_checks.sandbox.account import Account
    from infra_checks.sandbox.making import Made

Parameters = dict[str, Any]

_TYPE: Final = "AWS::ElasticBeanstalk"
_TIER: Final = {"Name": "WebServer", "Type": "Standard", "Version": "1.0"}
_SHARED: Final = ("ApplicationName", "Description", "PlatformArn", "SolutionStackName", "OptionSettings")


class Beanstalk:
    """The records of one region."""

    def __init__(self, account: Account, region: str) -> None:
        self._account = account
        self._region = region

    def operation(self, name: str) -> Callable[[Parameters], Parameters] | None:
        """What answers an operation; None for one that moto is to answer."""
        return {
            "DescribeApplicationVersions": self._versions,
            "DescribeApplications": self._applications,
            "DescribeConfigurationSettings": self._settings,
            "DescribeEnvironments": self._environments,
            "ListTagsForResource": self._tags,
        }.get(name)

    def _made(self, type: str) -> Iterator[Made]:
        for record in self._account.memory.existing(self._region):
            for entry in record.entries.values():
                is_there = entry.made is not None and entry.status != "DELETE_COMPLETE"
                if is_there and entry.made is not None and entry.type == f"{_TYPE}::{type}":
                    yield entry.made

    def _arn(self, made: Made) -> str:
        path = f"{made.properties.get('ApplicationName')}/{made.ref}"
        return f"arn:aws:elasticbeanstalk:{self._region}:123456789012:environment/{path}"

    def _applications(self, parameters: Parameters) -> Parameters:
        wanted = parameters.get("ApplicationNames")
        found = [
            {
                "ApplicationName": made.ref,
                "ApplicationArn": made.attributes.get("Arn"),
                **_some(made.properties, "Description", "ResourceLifecycleConfig"),
            }
            for made in self._made("Application")
            if not wanted or made.ref in wanted
        ]
        return {"Applications": found}

    def _environments(self, parameters: Parameters) -> Parameters:
        wanted, application = parameters.get("EnvironmentNames"), parameters.get("ApplicationName")
        found = [
            self._environment(made)
            for made in self._made("Environment")
            if (not wanted or made.ref in wanted) and application in (None, made.properties.get("ApplicationName"))
        ]
        return {"Environments": found}

    def _environment(self, made: Made) -> Parameters:
        given = made.properties
        prefix = given.get("CNAMEPrefix", made.ref)
        names = ("ApplicationName", "Description", "OperationsRole", "PlatformArn", "SolutionStackName", "VersionLabel")
        return {
            **_some(given, *names, "TemplateName"),
            "EnvironmentName": made.ref,
            "EnvironmentArn": self._arn(made),
            "CNAME": f"{prefix}.{self._region}.elasticbeanstalk.com",
            "EndpointURL": made.attributes.get("EndpointURL"),
            "Status": "Ready",
            "Tier": _TIER | _some(given.get("Tier") or {}, *_TIER),
        }

    def _settings(self, parameters: Parameters) -> Parameters:
        """Those of an environment are its own, and what it leaves to its configuration template."""
        name = parameters.get("EnvironmentName")
        for made in self._made("Environment" if name else "ConfigurationTemplate"):
            if made.ref.rpartition("|")[2] == (name or parameters.get("TemplateName")):
                shown = _some(made.properties, *_SHARED)
                shown["OptionSettings"] = self._options(made)
                known_by = {"EnvironmentName": made.ref} if name else {"TemplateName": made.ref}
                return {"ConfigurationSettings": [shown | known_by]}
        return {"ConfigurationSettings": []}

    def _options(self, made: Made) -> list[dict[str, str]]:
        template = made.properties.get("TemplateName") if made.type.endswith("::Environment") else None
        found = [each for each in self._made("ConfigurationTemplate") if each.ref == template]
        options: dict[tuple[str, str], dict[str, str]] = {}
        for source in (*found, made):
            for each in source.properties.get("OptionSettings") or []:
                options[each["Namespace"], each["OptionName"]] = {name: _text(value) for name, value in each.items()}
        return list(options.values())

    def _versions(self, parameters: Parameters) -> Parameters:
        wanted = parameters.get("VersionLabels")
        found = [
            {"VersionLabel": made.ref, **_some(made.properties, "ApplicationName", "Description", "SourceBundle")}
            for made in self._made("ApplicationVersion")
            if not wanted or made.ref in wanted
        ]
        return {"ApplicationVersions": found}

    def _tags(self, parameters: Parameters) -> Parameters:
        arn = parameters.get("ResourceArn", "")
        tags = [made.properties.get("Tags") or [] for made in self._made("Environment") if self._arn(made) == arn]
        return {"ResourceArn": arn, "ResourceTags": tags[0] if tags else []}


def _some(given: Mapping[str, Any], *names: str) -> Parameters:
    return {name: given[name] for name in names if name in given}


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    return str(value).lower() if isinstance(value, bool) else str(value)
