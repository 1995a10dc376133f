from __future__ import annotations

import os
from pathlib import Path

import pytest

from infra_checks.errors import ConfigError
from infra_checks.live.packaging import package, upload
from tests.unit.live.wire import Refusal, Wire


def written(folder: Path, text: str = "x = 1\n") -> Path:
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "__pycache__" / "a.cpython-311.pyc").write_text(text + str(folder))
    (folder / "a.py").write_text(text)
    return folder


def test_the_same_code_is_the_same_package_at_any_time_in_any_folder(tmp_path: Path) -> None:
    first, second = written(tmp_path / "one"), written(tmp_path / "two")
    os.utime(second / "a.py", (0, 0))
    assert package(first) == package(second)


def test_other_code_has_another_key(tmp_path: Path) -> None:
    assert package(written(tmp_path / "one")).key != package(written(tmp_path / "two", "x = 2\n")).key


def test_a_folder_without_code_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no code"):
        package(tmp_path)


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.py").symlink_to("/etc/hostname")
    with pytest.raises(ConfigError, match="symbolic link"):
        package(tmp_path)


def test_a_bucket_that_there_is_not_is_told_with_what_to_do() -> None:
    wire = Wire({"s3:HeadObject": Refusal("404", 404), "s3:PutObject": Refusal("NoSuchBucket", 404)})
    with pytest.raises(
        ConfigError, match=r"^s3://code/a\.zip: cannot be stored: NoSuchBucket: .*; make the bucket, or "
    ):
        upload(wire.clients.get("s3"), "code", "a.zip", b"")
