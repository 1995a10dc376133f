"""Which action was meant by a name that is none: operations whose permission has another name, and near misses."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from infra_checks.iam.catalogue.slices import find_action, service, services

_LIKENESS: Final = 0.6

OPERATIONS: Final = {
    "lambda:invoke": ("lambda:InvokeFunction",),
    "s3:abortmultipartuploads": ("s3:AbortMultipartUpload",),
    "s3:completemultipartupload": ("s3:PutObject",),
    "s3:copyobject": ("s3:GetObject", "s3:PutObject"),
    "s3:createmultipartupload": ("s3:PutObject",),
    "s3:deleteobjects": ("s3:DeleteObject",),
    "s3:getbucketlifecycleconfiguration": ("s3:GetLifecycleConfiguration",),
    "s3:getbucketencryption": ("s3:GetEncryptionConfiguration",),
    "s3:getbucketreplication": ("s3:GetReplicationConfiguration",),
    "s3:headbucket": ("s3:ListBucket",),
    "s3:headobject": ("s3:GetObject",),
    "s3:listbuckets": ("s3:ListAllMyBuckets",),
    "s3:listmultipartuploads": ("s3:ListBucketMultipartUploads",),
    "s3:listobjects": ("s3:ListBucket",),
    "s3:listobjectsv2": ("s3:ListBucket",),
    "s3:listobjectversions": ("s3:ListBucketVersions",),
    "s3:listparts": ("s3:ListMultipartUploadParts",),
    "s3:putbucketencryption": ("s3:PutEncryptionConfiguration",),
    "s3:putbucketlifecycleconfiguration": ("s3:PutLifecycleConfiguration",),
    "s3:putbucketreplication": ("s3:PutReplicationConfiguration",),
    "s3:uploadpart": ("s3:PutObject",),
}
"""API operations whose permission is called otherwise
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html).
"""


def suggestions(name: str, most: int) -> tuple[str, ...]:
    """Up to so many `service:Action`, the likeliest first; none when nothing is alike."""
    prefix, _, action = name.lower().partition(":")
    known = OPERATIONS.get(f"{prefix}:{action}")
    if known:
        return known[:most]
    if service(prefix) is not None:
        return _alike(prefix, action, most)
    near = get_close_matches(prefix, services(), n=most, cutoff=_LIKENESS)
    exact = [match.full_name for other in near if (match := find_action(f"{other}:{action}"))]
    return tuple(exact or [match for other in near for match in _alike(other, action, 1)])[:most]


def _alike(prefix: str, action: str, most: int) -> tuple[str, ...]:
    found = service(prefix)
    meant: dict[str, tuple[str, ...]] = (
        {name.lower(): (f"{prefix}:{name}",) for name in found.action_names} if found else {}
    )
    meant |= {name.partition(":")[2]: names for name, names in OPERATIONS.items() if name.startswith(f"{prefix}:")}
    near = get_close_matches(action, meant, n=most, cutoff=_LIKENESS)
    return tuple(dict.fromkeys(name for one in near for name in meant[one]))[:most]
