"""What is refused before AWS is asked."""

from __future__ import annotations

import json

import pytest

from infra_checks.cli import run


@pytest.fixture(autouse=True)
def nothing_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")


@pytest.mark.parametrize("command", ["live", "drift"])
def test_a_pack_that_there_is_not_is_refused_before_the_stack_is_read(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command, "--stack-name", "shop", "--pack", "nope"]) == 2
    assert "no shipped pack 'nope'" in capsys.readouterr().err


def test_permissions_for_what_is_no_type_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["live", "permissions", "--type", "bucket"]) == 2
    assert "'bucket' is no type of resources" in capsys.readouterr().err


def test_permissions_tell_of_types_that_no_reader_reads(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["live", "permissions", "--type", "AWS::S3::Bucket", "--type", "AWS::Nope::Nope"]) == 0
    told = capsys.readouterr()
    assert told.err.startswith("note: AWS::Nope::Nope: there is no reader; ")
    assert "cloudformation:GetResource" in json.loads(told.out)["Statement"][0]["Action"]


def test_options_before_permissions_are_refused_as_nothing_would_heed_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["live", "--stack-name", "shop", "permissions"]) == 2
    assert "--stack-name stands before permissions" in capsys.readouterr().err
