"""AWS::Logs."""

from __future__ import annotations

from typing import Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.rows import retag, row
from infra_checks.sandbox.shapes import as_text

_NAME: Final = 512


def _make_group(making: Making) -> Made:
    name = making.name("LogGroupName", limit=_NAME)
    given = {"tags": {tag["Key"]: tag["Value"] for tag in making.tags()}} if making.tags() else {}
    making.send("logs", "create_log_group", only=("LogGroupClass", "KmsKeyId"), logGroupName=name, **given)
    return Made("AWS::Logs::LogGroup", name, {"Arn": making.place.arn("logs", f"log-group:{name}:*")})


def _configure_group(making: Making, made: Made) -> None:
    client = making.api("logs")
    if making.changed("RetentionInDays"):
        if "RetentionInDays" in making.properties:
            making.send("logs", "put_retention_policy", only=("RetentionInDays",), logGroupName=made.ref)
        else:
            client.delete_retention_policy(logGroupName=made.ref)
    if making.before is None:
        return
    if making.changed("KmsKeyId"):
        key = making.get("KmsKeyId")
        if key:
            client.associate_kms_key(logGroupName=made.ref, kmsKeyId=key)
        else:
            client.disassociate_kms_key(logGroupName=made.ref)
    if making.changed("Tags"):
        retag(making, "logs", made.attributes["Arn"].removesuffix(":*"))


def _delete_group(making: Making, made: Made) -> None:
    making.api("logs").delete_log_group(logGroupName=made.ref)


def _make_resource_policy(making: Making) -> Made:
    name = making.name("PolicyName", limit=_NAME)
    making.api("logs").put_resource_policy(policyName=name, policyDocument=as_text(making.need("PolicyDocument")))
    return Made("AWS::Logs::ResourcePolicy", name, {})


def _configure_resource_policy(making: Making, made: Made) -> None:
    if making.before is not None and making.changed("PolicyDocument"):
        policy = as_text(making.get("PolicyDocument"))
        making.api("logs").put_resource_policy(policyName=made.ref, policyDocument=policy)


def _delete_resource_policy(making: Making, made: Made) -> None:
    making.api("logs").delete_resource_policy(policyName=made.ref)


KINDS: Final = (
    Kind("AWS::Logs::LogGroup", _make_group, _delete_group, _configure_group, frozenset({"LogGroupName"})),
    Kind(
        "AWS::Logs::ResourcePolicy",
        _make_resource_policy,
        _delete_resource_policy,
        _configure_resource_policy,
        frozenset({"PolicyName"}),
        None,
    ),
    row(
        "AWS::Logs::MetricFilter",
        "logs",
        "put_metric_filter",
        name=("FilterName", "filterName", 512),
        ref="{p[FilterName]}",
        delete="delete_metric_filter",
        delete_by={"logGroupName": "{p[LogGroupName]}", "filterName": "{ref}"},
        update="put_metric_filter",
        update_by={"filterName": "{ref}"},
        whole=True,
        create_only=["FilterName", "LogGroupName"],
        tags=None,
    ),
    row(
        "AWS::Logs::SubscriptionFilter",
        "logs",
        "put_subscription_filter",
        name=("FilterName", "filterName", 512),
        ref="{p[FilterName]}",
        delete="delete_subscription_filter",
        delete_by={"logGroupName": "{p[LogGroupName]}", "filterName": "{ref}"},
        update="put_subscription_filter",
        update_by={"filterName": "{ref}"},
        whole=True,
        create_only=["FilterName", "LogGroupName"],
        tags=None,
    ),
)
