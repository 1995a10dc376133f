"""What is refused before anything is deployed."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from infra_checks.cli import run
from infra_checks.cli.deploy import _Options, _refuse_unusable
from infra_checks.errors import ConfigError

GIVEN = cast("_Options", {"stack_name": "orders", "dry_run": False, "no_execute": False, "replace_failed": True})


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ("UPDATE_ROLLBACK_FAILED", "aws cloudformation continue-update-rollback --stack-name orders"),
        ("UPDATE_FAILED", "aws cloudformation rollback-stack --stack-name orders"),
        ("UPDATE_ROLLBACK_IN_PROGRESS", "wait until that is over"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "wait until that is over"),
    ],
)
def test_a_stack_that_cannot_be_updated_is_refused_with_what_to_do(status: str, message: str) -> None:
    with pytest.raises(ConfigError, match=rf"orders: is in state {status}; .*{message}"):
        _refuse_unusable(status, GIVEN)


@pytest.mark.parametrize("status", ["", "REVIEW_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
def test_others_are_not(status: str) -> None:
    _refuse_unusable(status, GIVEN)


@pytest.mark.parametrize("option", ["dry_run", "no_execute"])
def test_what_changes_nothing_does_not_delete_a_failed_stack(option: str) -> None:
    given = cast("_Options", {**GIVEN, option: True})
    with pytest.raises(ConfigError, match="has to be deleted first"):
        _refuse_unusable("ROLLBACK_COMPLETE", given)


def test_outputs_that_could_not_be_written_afterwards_are_refused_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template = tmp_path / "template.yaml"
    template.write_text("Resources: {Jobs: {Type: AWS::SQS::Queue}}\n")
    outputs = tmp_path / "absent" / "outputs.json"
    assert run(["deploy", str(template), "--stack-name", "shop", "--yes", "--outputs", str(outputs)]) == 2
    assert capsys.readouterr().err == f"error: {outputs}: the folder {outputs.parent} does not exist\n"
