"""What of a deployed resource AWS has set, and not somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.access.arns import attributes_of
from infra_checks.live.default_kinds import CHOSEN, NOTHING, By, ByKey, Chosen, Default, Nothing, Unstated
from infra_checks.live.default_values import DEFAULTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.live.reading import Plain

__all__ = ["CHOSEN", "INHERITED", "INSTEAD", "NOTHING", "SHOWN", "Unstated", "default_of", "is_default"]

_OPEN_MAPPINGS: Final = ("Environment.Variables.", "Tags.")
"""Properties whose members have names that users choose, and of which AWS adds none."""

INSTEAD: Final[Mapping[str, Mapping[str, tuple[str, object]]]] = {
    "AWS::SQS::Queue": {"SqsManagedSseEnabled": ("KmsMasterKeyId", False)},
}
"""Another value that AWS sets where the template has another property: a queue has one kind of encryption.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""

SHOWN: Final = {"AWS::S3::Bucket": ("OwnershipControls", "PublicAccessBlockConfiguration")}
"""What AWS sets when it makes a resource and shows where it holds: shown no more, somebody took it away.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeletePublicAccessBlock.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketOwnershipControls.html
"""

INHERITED: Final = frozenset(
    {
        "AllocatedStorage",
        "AssociatedRoles",
        "BackupRetentionPeriod",
        "DatabaseInsightsMode",
        "EnableIAMDatabaseAuthentication",
        "Iops",
        "MasterUsername",
        "MaxAllocatedStorage",
        "MultiAZ",
        "StorageEncrypted",
        "StorageThroughput",
        "StorageType",
    }
)
"""What an instance has of its cluster, or of the instance it is a replica of, unless the template says otherwise."""


def default_of(type: str, path: tuple[str | int, ...], properties: Mapping[str, Plain]) -> Default | None:
    """What AWS sets at a property path of a type, beside its live properties; None when that is not known.

    A path in a list is that of any of its entries; entries of lists of tags are nothing by default. Attributes of a
    resource, such as its ARN, are there in any case.
    """
    if len(path) == 1 and path[0] in attributes_of(type):
        return CHOSEN
    name = "".join("[]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
    found = DEFAULTS.get(type, {}).get(name)
    if found is None and name.endswith("Tags[]"):
        return NOTHING
    if found is None and (name.endswith("Statement[]") or name.startswith(_OPEN_MAPPINGS)):
        return NOTHING
    if isinstance(found, ByKey):
        return found.of(_at(properties, path), properties)
    return found.of(properties) if isinstance(found, By) else found


def _at(value: Plain, path: tuple[str | int, ...]) -> Plain:
    """What is at a path of live properties; None when nothing is."""
    for part in path:
        if isinstance(value, dict):
            value = value.get(str(part))
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def is_default(default: Default, live: Plain) -> bool:
    """Whether a live value is what AWS sets."""
    if isinstance(default, Chosen):
        return True
    if isinstance(default, (Nothing, Unstated)):
        return False
    if callable(default):
        return bool(default(live))
    return bool(_text(default) == _text(live))


def _text(value: Plain) -> Any:  # noqa: ANN401 - JSON
    """A value in which numbers and booleans are the texts that some services answer with."""
    if isinstance(value, dict):
        return {name: _text(child) for name, child in value.items()}
    if isinstance(value, list):
        return [_text(item) for item in value]
    return str(value).lower() if isinstance(value, (bool, int, float)) else value
