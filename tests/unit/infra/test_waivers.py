"""What the reference systems leave open is waived by name, with a reason, and little enough."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra_checks.api import Request, check

SYSTEMS = sorted(path for path in Path("infra").iterdir() if path.is_dir())
OTHERS = re.compile(r"(CKV2?_AWS_[0-9]+|ignore_checks)")
"""How the other tools' suppressions are written."""

NEVER = ("encrypt", "iam-", "public", "backup", "kms")
"""What rules are about that nobody may waive."""


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda path: path.name)
class TestWaivers:
    def test_a_system_has_five_at_most(self, system: Path) -> None:
        waivers = check(Request(paths=(str(system),), pack=("production",))).waivers
        templates = [file for file in system.rglob("*") if file.suffix in {".yaml", ".json"}]
        suppressed = [found for file in templates for found in OTHERS.findall(file.read_text("utf-8"))]
        assert len(waivers) + len(suppressed) <= 5

    def test_none_is_for_encryption_permissions_public_access_or_backups(self, system: Path) -> None:
        waivers = check(Request(paths=(str(system),), pack=("production",))).waivers
        waived = [rule for use in waivers for rule in use.waiver.rules]
        assert [rule for rule in waived if any(word in rule for word in NEVER)] == []

    def test_each_has_a_reason_an_owner_and_an_end_and_hides_something(self, system: Path) -> None:
        for use in check(Request(paths=(str(system),), pack=("production",))).waivers:
            assert len(use.waiver.reason) > 20
            assert use.waiver.owner
            assert use.waiver.expires is not None
            assert use.findings
