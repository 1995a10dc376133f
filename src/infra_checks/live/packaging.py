"""Folders of code as zip files, the same bytes for the same code."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from infra_checks.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from botocore.exceptions import ClientError

_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""The first that a zip file can state."""
_MODE: Final = 0o100644 << 16
_EXECUTABLE: Final = 0o100755 << 16
_UNIX: Final = 3


@dataclass(frozen=True, slots=True)
class Package:
    """A zip file, and the key by which it is stored: the digest of what is in it."""

    key: str
    data: bytes


def package(folder: Path) -> Package:
    """The files below a folder without Python's caches. Raises ConfigError."""
    if not folder.is_dir():
        raise ConfigError(f"{folder}: is no folder with code")
    digest, buffer = hashlib.sha256(), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in _files(folder):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system = _UNIX
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _EXECUTABLE if file.stat().st_mode & 0o100 else _MODE
            data = file.read_bytes()
            archive.writestr(entry, data)
            # Not the digest of the zip file: versions of zlib compress differently.
            digest.update(f"{len(name)}:{name}:{entry.external_attr}:{len(data)}:".encode() + data)
    if not archive.filelist:
        raise ConfigError(f"{folder}: holds no code")
    return Package(f"code/{digest.hexdigest()}.zip", buffer.getvalue())


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for file in sorted(folder.rglob("*"), key=lambda file: file.relative_to(folder).as_posix()):
        if file.is_symlink():
            raise ConfigError(f"{file}: is a symbolic link; put the file itself there")
        if file.is_file() and "__pycache__" not in file.parts and file.suffix != ".pyc":
            yield file.relative_to(folder).as_posix(), file


def upload(s3: Any, bucket: str, key: str, data: bytes) -> bool:  # noqa: ANN401 - a client of boto3
    """Store an object unless there is one: its key tells what is in it. Whether it was stored."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 - an extra

    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"404", "NoSuchKey"}:
            raise ConfigError(f"s3://{bucket}/{key}: cannot be looked up: {_reason(error)}") from error
    else:
        return False
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=data)
    except ClientError as error:
        raise ConfigError(f"s3://{bucket}/{key}: cannot be stored: {_reason(error)}") from error
    return True


def _reason(error: ClientError) -> str:
    told = error.response["Error"]
    code, message = told.get("Code", "no code"), told.get("Message", "no reason given")
    way_out = "; make the bucket, or name another" if code == "NoSuchBucket" else ""
    return f"{code}: {message}{way_out}"
