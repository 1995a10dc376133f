"""The comparison of templates with what they deploy, on the cases of a few types; benchmarks/parity.py has them all."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest


def parity() -> ModuleType:
    spec = spec_from_file_location("parity", Path(__file__).parents[3] / "benchmarks" / "parity.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["parity"] = module
    spec.loader.exec_module(module)
    return module


def test_what_a_template_says_is_what_its_stack_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert parity().main(["--rule", "sqs-queue-encrypted"]) == 0
    lines = capsys.readouterr().out.splitlines()
    agreeing, _, compared = lines[-1].split(" cases ")[0].rpartition(" of ")
    assert agreeing == compared
    assert int(compared) > 0
