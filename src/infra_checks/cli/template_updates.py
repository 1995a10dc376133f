"""What the templates of a deployment tell of the resources that leave or are replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra_checks.core.declared import declared_by
from infra_checks.errors import ConfigError
from infra_checks.evaluate.stack import RESOLVED
from infra_checks.rules.stateful import SNAPSHOTS
from infra_checks.template.load import parse, template_of
from infra_checks.template.source import SourceFile
from infra_checks.updates import Former, provider_schemas, updates, when_removed, when_replaced

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from infra_checks.core.declared import DeclaredResource
    from infra_checks.live.requests import Wanted
    from infra_checks.updates import Update, UpdateTypes


def template_updates(body: str, asked: Wanted, existing: Mapping[str, Any]) -> tuple[dict[str, Update], dict[str, str]]:
    """What the update does by the schemas of the types, and what policies keep, both by logical id.

    `body` is the deployed template, `existing` the stack as CloudFormation describes it. Raises InfraChecksError when a
    template cannot be evaluated.
    """
    source = SourceFile("the deployed template", body)
    values = {each["ParameterKey"]: each.get("ParameterValue", "") for each in existing.get("Parameters", ())}
    resolved = {
        each["ParameterKey"] + RESOLVED: each["ResolvedValue"]
        for each in existing.get("Parameters", ())
        if each.get("ResolvedValue")
    }
    pseudo = {"AWS::StackName": existing["StackName"], "AWS::Region": existing["StackId"].split(":")[3]}
    old = declared_by(template_of(source, parse(source)), {**values, **resolved, **pseudo}).resources
    given = {**{name: values[name] for name in asked.kept}, **asked.values}
    unchanged = {name: value for name, value in resolved.items() if name.removesuffix(RESOLVED) in asked.kept}
    new = declared_by(asked.template, {**given, **unchanged, **pseudo}).resources
    told = {each.logical_id: each for each in updates(old, new, _types(pseudo["AWS::Region"]))}
    return told, {name: _former(each, new.get(name)).name for name, each in old.items()}


def _types(region: str) -> Callable[[str], UpdateTypes | None]:
    try:
        return provider_schemas(region)
    except ConfigError:  # without cfn-lint, which is an extra
        return lambda _: None


def _former(old: DeclaredResource, new: DeclaredResource | None) -> Former:
    found = when_removed(old) if new is None else when_replaced(old, new)
    # AWS, "UpdateReplacePolicy attribute": where there is no snapshot, the resource is deleted.
    return Former.DELETED if found is Former.SNAPSHOT and old.type not in SNAPSHOTS else found
