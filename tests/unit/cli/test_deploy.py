"""States of a stack that a sandbox does not come into."""

from __future__ import annotations

from typing import cast

import pytest

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
