"""Templates in S3, by the addresses that CloudFormation takes.

AWS: "TemplateURL" of CreateStack in the CloudFormation API reference, "Virtual hosting of buckets" and "Website
endpoints" of the S3 user guide. An address of the sandbox itself stands for S3 too, because clients make theirs from
AWS_ENDPOINT_URL.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, unquote, urlsplit

from infra_checks.sandbox.refusal import RefusedError

if TYPE_CHECKING:
    from infra_checks.sandbox.account import Account

MAX_FILE: Final = 1_048_576
"""Bytes of a template in S3."""

_HOST: Final = re.compile(
    r"(?:(?P<bucket>[a-z0-9.-]+)\.)?s3(?:[.-](?!website)(?:dualstack\.)?[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?"
)


def fetched(url: str, account: Account, region: str) -> str:
    """The template at an address, from the sandbox's own S3. Raises RefusedError."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 - an optional dependency

    bucket, key, version = _place(url, account.apis.endpoint)
    chosen = {"VersionId": version} if version else {}
    try:
        body = account.apis.client("s3", region).get_object(Bucket=bucket, Key=key, **chosen)["Body"].read()
    except ClientError as error:
        raise RefusedError(f"S3 error: {error}") from None
    if len(body) > MAX_FILE:
        raise RefusedError(f"Template may not exceed {MAX_FILE} bytes in size.")
    try:
        return str(body.decode())
    except UnicodeDecodeError:
        raise RefusedError("Template format error: the file is no text in UTF-8") from None


def _place(url: str, endpoint: str) -> tuple[str, str, str]:
    """Bucket, key and version in an address."""
    parts = urlsplit(url)
    host = _HOST.fullmatch(parts.netloc) if parts.scheme == "https" else None
    if host is None and not url.startswith(f"{endpoint}/"):
        raise RefusedError(
            f"TemplateURL must be a supported URL, such as https://bucket.s3.region.amazonaws.com/key, not {url}"
        )
    path = unquote(parts.path).removeprefix("/")
    bucket = host["bucket"] if host else None
    if bucket is None:
        bucket, _, path = path.partition("/")
    if not bucket or not path:
        raise RefusedError(f"TemplateURL must name a bucket and a key, not {url}")
    return bucket, path, parse_qs(parts.query).get("versionId", [""])[0]
