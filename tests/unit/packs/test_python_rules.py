from __future__ import annotations

from importlib import metadata
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from infra_checks.errors import PackError
from infra_checks.testing import findings, resource
from tests.unit.packs.catalogue import a_rule

if TYPE_CHECKING:
    from tests.unit.packs.conftest import Folder

RULE = '''
from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule


@rule("A::B::C", id="acme-never", title="T", family=Family.IAM, severity=Severity.LOW, remedy="R.")
def never(subject, ctx):
    """Nobody wants it."""
    yield ctx.violation(subject, "exists")
'''


def test_rules_of_a_file_run_like_any_other(folder: Folder) -> None:
    folder.write("packs/rules/own.py", RULE)
    folder.write("packs/own.yaml", "name: own\nrule-files: rules/own.py\nrules: {acme-never: warn}")
    (rule,) = folder.load("packs/own.yaml").rules
    assert rule.id == "acme-never"
    assert [finding.message for finding in findings(rule, resource("A::B::C"))] == ["exists"]


def test_files_of_one_name_in_two_folders_do_not_mix(folder: Folder) -> None:
    for name in ("one", "two"):
        folder.write(f"{name}/own.py", RULE.replace("acme-never", f"acme-{name}"))
    folder.write("own.yaml", "name: own\nrule-files: [one/own.py, two/own.py]")
    assert [rule.id for rule in folder.load("own.yaml").rules] == ["acme-one", "acme-two"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def broken(:", r"own.py cannot be loaded: SyntaxError: "),
        ("import nothing_of_this_name", r"own.py cannot be loaded: ModuleNotFoundError: .* \(own.py, line 1\)"),
        ("x = 1\nraise ValueError('no\\nrule')", r"own.py cannot be loaded: ValueError: no rule \(own.py, line 2\)"),
        ("raise SystemExit(0)", r"own.py cannot be loaded: SystemExit: 0 \(own.py, line 1\)"),
        (
            RULE.replace('"acme-never"', '"Acme"'),
            r"own.py cannot be loaded: RuleError: rule id 'Acme' is not of the form",
        ),
        ("x = 1", r"own.py has no rules; a rule is an attribute of the module, made with @rule"),
    ],
)
def test_a_file_that_does_not_load_stops_the_run_with_its_error(folder: Folder, text: str, message: str) -> None:
    folder.write("own.py", text)
    folder.write("own.yaml", "name: own\nrule-files: [own.py]")
    with pytest.raises(PackError, match=rf"^own.yaml:2:14: {message}") as caught:
        folder.load("own.yaml")
    assert "\n" not in str(caught.value)


def test_a_file_that_failed_once_fails_again(folder: Folder) -> None:
    folder.write("own.py", "raise ValueError")
    folder.write("own.yaml", "name: own\nrule-files: [own.py]")
    for _ in range(2):
        with pytest.raises(PackError, match="ValueError"):
            folder.load("own.yaml")


def test_a_file_that_does_not_exist_is_an_error(folder: Folder) -> None:
    folder.write("packs/own.yaml", "name: own\nrule-files: [own.py]")
    with pytest.raises(PackError, match=r"^packs/own.yaml:2:14: rule file packs/own.py does not exist$"):
        folder.load("packs/own.yaml")


class Point:
    """An entry point as an installed package has it."""

    def __init__(self, name: str, module: ModuleType | None) -> None:
        self.name = name
        self._module = module

    def load(self) -> ModuleType:
        if self._module is None:
            raise ImportError("gone")
        return self._module


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("acme")
    module.RULES = (a_rule("acme-one"), a_rule("acme-two"))  # type: ignore[attr-defined] # a module of its own
    points = [Point("acme", module), Point("gone", None)]
    monkeypatch.setattr(metadata, "entry_points", lambda *, group: points if group == "infra_checks.rules" else [])


@pytest.mark.usefixtures("installed")
def test_rules_of_an_installed_package_are_found_by_the_name_of_its_entry_point(folder: Folder) -> None:
    assert [rule.id for rule in folder.read("rule-packages: acme").rules] == ["acme-one", "acme-two"]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "acne",
            r"no installed package offers rules as 'acne' \(entry point group infra_checks.rules\); did",
        ),
        ("gone", r"package gone cannot be loaded: ImportError: gone"),
    ],
)
def test_a_package_that_cannot_be_loaded_is_an_error(folder: Folder, name: str, message: str) -> None:
    with pytest.raises(PackError, match=rf"^own.yaml:2:16: {message}"):
        folder.read(f"rule-packages: {name}")
