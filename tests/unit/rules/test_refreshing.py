"""The commands in the heads of data files, run on answers of AWS's documented form: they print lines of those files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import infra_checks.rules

jmespath = pytest.importorskip("jmespath")

DATA = Path(infra_checks.rules.__file__).with_name("data")


def printed(name: str, answer: dict[str, Any]) -> list[str]:
    """What the command in the head of a file prints: as `aws --output text` and `sed` do."""
    head = (DATA / name).read_text("utf-8").partition("\ndate ")[0]
    command = " ".join(line.strip("# ") for line in head.splitlines() if line.startswith("#   "))
    found = re.search(r'--query "(?P<query>[^"]*)".*sed -E \'(?P<edits>[^\']*)\'', command)
    assert found is not None, command
    rows = ["\t".join(str(cell) for cell in row) for row in jmespath.search(found["query"], answer)]
    for edit in found["edits"].split("; "):
        _, pattern, replacement, flags = edit.split("/")
        assert flags == "g"
        rows = [re.sub(pattern, replacement, row) for row in rows]
    return [row.replace("\t", " ") for row in rows]


def test_the_support_of_kubernetes() -> None:
    answer = {
        "clusterVersions": [
            {
                "clusterVersion": "1.34",
                "endOfStandardSupportDate": "2026-12-02T00:00:00+00:00",
                "endOfExtendedSupportDate": "2027-12-02T00:00:00+00:00",
                "versionStatus": "STANDARD_SUPPORT",
            }
        ]
    }
    lines = printed("eks_versions.txt", answer)
    assert lines == ["1.34 2026-12-02 2027-12-02"]
    assert set(lines) <= set((DATA / "eks_versions.txt").read_text("utf-8").splitlines())


def lifecycle(name: str, end: str) -> dict[str, str]:
    return {
        "LifecycleSupportName": f"open-source-rds-{name}-support",
        "LifecycleSupportStartDate": "2021-08-26T00:00:00+00:00",
        "LifecycleSupportEndDate": f"{end}T23:59:59.999000+00:00",
    }


def test_the_support_of_engines() -> None:
    extended, standard = lifecycle("extended", "2029-07-31"), lifecycle("standard", "2026-07-31")
    answer = {
        "DBMajorEngineVersions": [
            {"Engine": "mysql", "MajorEngineVersion": "8.0", "SupportedEngineLifecycles": [extended, standard]},
            {
                "Engine": "mariadb",
                "MajorEngineVersion": "11.4",
                "SupportedEngineLifecycles": [lifecycle("standard", "2029-05-31")],
            },
            {"Engine": "oracle-ee", "MajorEngineVersion": "19", "SupportedEngineLifecycles": []},
        ]
    }
    lines = printed("rds_engine_support.txt", answer)
    assert lines == ["mysql 8.0 2026-07-31 2029-07-31", "mariadb 11.4 2029-05-31 -"]
    assert set(lines) <= set((DATA / "rds_engine_support.txt").read_text("utf-8").splitlines())
