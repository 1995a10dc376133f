"""Stacks, resources, events and change sets in the words of CloudFormation's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra_checks.template.model import SSM_PREFIX

if TYPE_CHECKING:
    from infra_checks.sandbox.stacks import ChangeSet, Entry, Event, StackRecord
    from infra_checks.template.model import Template

Shown = dict[str, Any]

_HIDDEN = "****"


def _identity(record: StackRecord) -> Shown:
    return {"StackId": record.place.stack_id, "StackName": record.name}


def _nesting(record: StackRecord) -> Shown:
    if record.parent is None:
        return {}
    return {"ParentId": record.parent.place.stack_id, "RootId": record.root.place.stack_id}


def _pairs(tags: dict[str, str]) -> list[Shown]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def stack(record: StackRecord) -> Shown:
    """As describe-stacks shows it."""
    return (
        _identity(record)
        | _nesting(record)
        | {
            "ChangeSetId": record.change_set_id or None,
            "Description": record.description or None,
            "Parameters": _parameters(record),
            "CreationTime": record.created,
            "LastUpdatedTime": record.updated,
            "DeletionTime": record.deleted,
            "StackStatus": record.status,
            "StackStatusReason": record.reason or None,
            "DisableRollback": not record.rollback,
            "NotificationARNs": list(record.notification_arns),
            "Capabilities": sorted(record.request.capabilities),
            "Outputs": [
                {
                    "OutputKey": output.key,
                    "OutputValue": output.value,
                    "Description": output.description or None,
                    "ExportName": output.export or None,
                }
                for output in record.outputs
            ]
            or None,
            "Tags": _pairs(record.request.tags),
            "EnableTerminationProtection": record.root.protected,
            "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        }
    )


def _parameters(record: StackRecord) -> list[Shown]:
    return [
        {
            "ParameterKey": name,
            "ParameterValue": _HIDDEN if name in record.hidden else value,
            "ResolvedValue": record.resolved.get(name),
        }
        for name, value in record.parameters.items()
    ]


def summary(record: StackRecord) -> Shown:
    """As list-stacks shows it."""
    return (
        _identity(record)
        | _nesting(record)
        | {
            "TemplateDescription": record.description or None,
            "CreationTime": record.created,
            "LastUpdatedTime": record.updated,
            "DeletionTime": record.deleted,
            "StackStatus": record.status,
            "StackStatusReason": record.reason or None,
            "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        }
    )


def _entry(entry: Entry) -> Shown:
    return {
        "LogicalResourceId": entry.logical_id,
        "PhysicalResourceId": entry.ref or None,
        "ResourceType": entry.type,
        "ResourceStatus": entry.status,
        "ResourceStatusReason": entry.reason or None,
    }


def resource(record: StackRecord, entry: Entry) -> Shown:
    """As describe-stack-resources shows it."""
    drift = {"StackResourceDriftStatus": "NOT_CHECKED"}
    return _identity(record) | _entry(entry) | {"Timestamp": entry.time, "DriftInformation": drift}


def resource_detail(record: StackRecord, entry: Entry) -> Shown:
    """As describe-stack-resource shows it."""
    return _identity(record) | _entry(entry) | {"LastUpdatedTimestamp": entry.time}


def resource_summary(entry: Entry) -> Shown:
    """As list-stack-resources shows it."""
    drift = {"StackResourceDriftStatus": "NOT_CHECKED"}
    return _entry(entry) | {"LastUpdatedTimestamp": entry.time, "DriftInformation": drift}


def event(record: StackRecord, each: Event) -> Shown:
    """As describe-stack-events shows it."""
    return _identity(record) | {
        "EventId": each.id,
        "LogicalResourceId": each.logical_id,
        "PhysicalResourceId": each.ref or None,
        "ResourceType": each.type,
        "Timestamp": each.time,
        "ResourceStatus": each.status,
        "ResourceStatusReason": each.reason or None,
    }


def change_set_summary(record: StackRecord, found: ChangeSet) -> Shown:
    """As list-change-sets shows it."""
    return _identity(record) | {
        "ChangeSetId": found.id,
        "ChangeSetName": found.name,
        "ExecutionStatus": found.execution,
        "Status": found.status,
        "StatusReason": found.reason or None,
        "CreationTime": found.created,
        "Description": found.description or None,
    }


def change_set(record: StackRecord, found: ChangeSet) -> Shown:
    """As describe-change-set shows it."""
    return change_set_summary(record, found) | {
        "Parameters": [
            {"ParameterKey": name, "ParameterValue": _HIDDEN if name in record.hidden else value}
            for name, value in found.request.parameters.items()
        ],
        "Capabilities": sorted(found.request.capabilities),
        "Tags": _pairs(found.request.tags),
        "Changes": [{"Type": "Resource", "ResourceChange": change} for change in found.changes],
    }


def template_summary(template: Template) -> Shown:
    """As get-template-summary shows it."""
    types = sorted({each.type for each in template.resources.values()})
    description = template.root.get("Description")
    return {
        "Parameters": [
            {
                "ParameterKey": name,
                "DefaultValue": None if each.default is None else (_HIDDEN if each.no_echo else each.default),
                "ParameterType": each.type if not each.is_ssm else each.type.removesuffix(">") + ">",
                "NoEcho": each.no_echo,
                "Description": _text(each.node.get("Description")),
                "ParameterConstraints": {"AllowedValues": list(each.allowed)} if each.allowed else {},
            }
            for name, each in template.parameters.items()
        ],
        "Description": _text(description),
        "ResourceTypes": types,
        "DeclaredTransforms": list(template.transforms),
        "Capabilities": (["CAPABILITY_NAMED_IAM"] if any(name.startswith("AWS::IAM::") for name in types) else [])
        + (["CAPABILITY_AUTO_EXPAND"] if template.transforms else []),
    }


def _text(node: Any) -> str | None:  # noqa: ANN401 - whatever stands there
    return getattr(node, "text", None)


__all__ = ["SSM_PREFIX", "change_set", "change_set_summary", "event", "resource", "stack", "summary"]
