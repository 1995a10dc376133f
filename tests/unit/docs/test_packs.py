"""The guide to policy packs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.generator.packs import page
from infra_checks.packs.load import load_packs
from infra_checks.packs.read import KEYS
from infra_checks.rules import catalogue
from infra_checks.testing import findings, resource

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "policy-packs.in.md").read_text("utf-8")


def test_the_pack_of_the_guide_is_one_and_its_rule_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    Path("acme.yaml").write_text(example)
    pack = load_packs(("acme.yaml",), catalogue=catalogue())
    (rule,) = pack.rules
    bucket = resource("AWS::S3::Bucket", BucketName="other", ObjectLockEnabled=True)
    assert [each.message for each in findings(rule, bucket)] == ["has a name that does not begin with acme-"]


def test_the_reference_has_every_key_with_a_description() -> None:
    text = page(ROOT / "policies", {})
    assert text.startswith("# Policy packs\n")
    for key in KEYS:
        (row,) = re.findall(
            rf"^\| `{key}` \| [a-z].*? \| [A-Z].* \|$", text.partition("### Keys of an entry")[0], re.MULTILINE
        )
        assert row
