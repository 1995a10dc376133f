"""The IAM policy that reading needs: from the operations that readers declare, so that it is never more.

An operation's action has the same name, but for those below. Sources: Service Authorization Reference of each service
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html); for Amazon S3 also "Required
permissions for Amazon S3 API operations" of its user guide
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html).
"""

from __future__ import annotations

import json
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from infra_checks.live import cloud_control, readers
from infra_checks.live.beside import BESIDE
from infra_checks.live.clients import told_as_unusable
from infra_checks.live.reading import Reader, reader_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from infra_checks.live.clients import Clients

STACK: Final = (
    "cloudformation:describe_stacks",
    "cloudformation:get_template",
    "cloudformation:list_stack_resources",
)
"""What is asked of every stack."""

_PREFIXES: Final = {
    "cloudcontrolapi": "cloudformation",
    "monitoring": "cloudwatch",
    "tagging": "tag",
}
"""Prefixes of actions that are not the name by which a service's requests are signed."""

_S3: Final = {
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketAnalyticsConfiguration": "GetAnalyticsConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketIntelligentTieringConfiguration": "GetIntelligentTieringConfiguration",
    "GetBucketInventoryConfiguration": "GetInventoryConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketMetricsConfiguration": "GetMetricsConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "ListBucketAnalyticsConfigurations": "GetAnalyticsConfiguration",
    "ListBucketIntelligentTieringConfigurations": "GetIntelligentTieringConfiguration",
    "ListBucketInventoryConfigurations": "GetInventoryConfiguration",
    "ListBucketMetricsConfigurations": "GetMetricsConfiguration",
    "ListBuckets": "ListAllMyBuckets",
}
_OTHERS: Final = {
    "budgets": {
        "DescribeBudget": "ViewBudget",
        "DescribeBudgets": "ViewBudget",
        "DescribeNotificationsForBudget": "ViewBudget",
        "DescribeSubscribersForNotification": "ViewBudget",
    },
    "s3": _S3,
}
_OF_METHODS: Final = frozenset({"apigateway"})
"""Services whose actions are the methods of HTTP: all that is read is GET ("How Amazon API Gateway works with IAM")."""


def policy_of(types: Iterable[str] | None = None, *, also: Iterable[str] = ()) -> dict[str, Any]:
    """The identity-based policy for reading stacks with resources of some types, or of all that have a reader.

    `also` are actions that Cloud Control needs for types without a reader.
    """
    operations = {*STACK, *(cloud_control.OPERATIONS if types is None else ())}
    for kind in readers_by_type() if types is None else types:
        reader = reader_of(kind)
        operations |= set(reader.operations) if reader else cloud_control.OPERATIONS
        operations |= {name for each in BESIDE if kind in each.of for name in each.operations}
    actions = {*map(action_of, operations), *also}
    # In one statement, as a managed policy takes 6,144 characters ("IAM and AWS STS quotas").
    statement = {"Sid": "ReadForInfraChecks", "Effect": "Allow", "Action": sorted(actions), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def without_reader(types: Iterable[str]) -> list[str]:
    """The types among these that no reader reads, sorted."""
    return sorted({kind for kind in types if reader_of(kind) is None})


def action_of(operation: str) -> str:
    """The action that `service:operation` of boto3 needs: `s3:GetEncryptionConfiguration`."""
    service, _, method = operation.partition(":")
    model = _model(service)
    name = _api_names(service)[method]
    prefix = _PREFIXES.get(model.signing_name, model.signing_name)
    if prefix in _OF_METHODS:
        return f"{prefix}:GET"
    return f"{prefix}:{_OTHERS.get(prefix, {}).get(name, name)}"


@cache
def _model(service: str) -> Any:  # noqa: ANN401 - botocore has no types
    import botocore.session  # noqa: PLC0415 - an extra

    return botocore.session.get_session().get_service_model(service)


@cache
def _api_names(service: str) -> dict[str, str]:
    from botocore import xform_name  # noqa: PLC0415 - an extra

    return {xform_name(name): name for name in _model(service).operation_names}


@cache
def readers_by_type() -> Mapping[str, Reader]:
    """All readers."""
    return {reader.type: reader for reader in sorted(_readers(), key=lambda reader: reader.type)}


def _readers() -> Iterator[Reader]:
    for module in iter_modules(readers.__path__):
        found = import_module(f"{readers.__name__}.{module.name}")
        yield from (each for each in vars(found).values() if isinstance(each, Reader))


def needed_by_cloud_control(types: Iterable[str], clients: Clients) -> tuple[set[str], list[str]]:
    """The actions that Cloud Control takes to read types without a reader, as their schemas name them.

    Also the types whose schema cannot be had: what they need is not known.
    """
    actions: set[str] = set()
    unknown = []
    with told_as_unusable():
        client = clients.get("cloudformation")
    for kind in sorted(types):
        if reader_of(kind) is not None:
            continue
        try:
            schema = json.loads(client.describe_type(Type="RESOURCE", TypeName=kind)["Schema"])
        except (ClientError, BotoCoreError, KeyError):
            unknown.append(kind)
            continue
        actions |= set(schema.get("handlers", {}).get("read", {}).get("permissions", ()))
    return actions, unknown
