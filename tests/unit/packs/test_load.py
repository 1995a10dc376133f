from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from infra_checks.core.finding import Effect, Family, Severity
from infra_checks.errors import ConfigError, PackError
from infra_checks.evaluate.stack import PSEUDO_PARAMETERS
from infra_checks.packs import load
from infra_checks.packs.load import load_packs, shipped_packs
from infra_checks.packs.select import choose
from infra_checks.rules import catalogue
from infra_checks.template.load import parse_document, read_source
from infra_checks.template.nodes import Mapping, Scalar, Sequence
from infra_checks.waivers.peers import TOOLS
from tests.unit.packs.catalogue import CATALOGUE
from tests.unit.packs.test_read import WRONG

if TYPE_CHECKING:
    from infra_checks.template.nodes import Node
    from tests.unit.packs.conftest import Folder

SHIPPED = ["baseline", "development", "live", "production", "staging", "testing"]
POLICIES = next(folder for folder in load._FOLDERS if folder.is_dir())


def effects(*names: str) -> dict[str, Effect]:
    return {chosen.rule.id: chosen.effect for chosen in choose(load_packs(names, catalogue=CATALOGUE), CATALOGUE)}


def test_a_pack_goes_before_those_it_extends_and_a_later_one_before_an_earlier(folder: Folder) -> None:
    folder.write("a.yaml", "name: a\nundecided: block\npins: {Env: a, A: a}\nrules: {all: off, rds-: warn}")
    folder.write("b.yaml", "name: b\npins: {Env: b, B: b}\nrules: {all: warn}")
    folder.write("own.yaml", "name: own\nextends: [a.yaml, b.yaml]\npins: {B: own}\nrules: {s3-: block}")
    pack = folder.load("own.yaml")
    assert pack.name == "own"
    assert pack.pins == {"Env": ("b",), "A": ("a",), "B": ("own",)}
    assert pack.undecided == {"all": Effect.BLOCK}
    assert [setting.file for setting in pack.settings] == ["a.yaml", "a.yaml", "b.yaml", "own.yaml"]


def test_one_extended_pack_needs_no_list_and_paths_are_relative_to_the_file(folder: Folder) -> None:
    folder.write("teams/own.yaml", "name: own\nextends: ../shared/a.yaml")
    folder.write("shared/a.yaml", "name: a\nextends: [./b.yml]")
    folder.write("shared/b.yml", "name: b\nextends: [baseline]\nrules: {rds-: off, s3-: warn}")
    assert effects("teams/own.yaml") == {"s3-bucket-logging": Effect.WARN}


def test_a_pack_that_two_extend_is_applied_once(folder: Folder) -> None:
    folder.write("a.yaml", "name: a\nextends: [baseline]\nrules: {all: off}")
    folder.write("b.yaml", "name: b\nextends: [baseline]\nrules: {severity:info: off, severity:low: off}")
    folder.write("own.yaml", "name: own\nextends: [a.yaml, b.yaml]")
    assert effects("own.yaml") == effects("a.yaml", "b.yaml") == {}


def test_a_pack_that_is_named_last_wins_though_the_first_extends_it(folder: Folder) -> None:
    folder.write("own.yaml", "name: own\nextends: [baseline]\nrules: {all: off, severity:low: off, severity:info: off}")
    assert effects("own.yaml") == {}
    assert effects("own.yaml", "baseline") == effects("baseline")


def test_several_packs_are_called_after_all_of_them(folder: Folder) -> None:
    folder.write("own.yaml", "name: own\ndescription: one\npins: {Env: test}")
    pack = load_packs(("production", "own.yaml"), catalogue=catalogue())
    assert (pack.name, pack.description, pack.file) == ("production + own", "", "own.yaml")
    assert pack.pins["Env"] == ("test",)
    assert pack.pins["EnvironmentName"][0] == "production"
    assert folder.load("own.yaml").description == "one"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a": "a.yaml"}, "a.yaml:2:11: packs extend one another in a circle: a -> a"),
        ({"a": "b.yaml", "b": "a.yaml"}, "b.yaml:2:11: packs extend one another in a circle: a -> b -> a"),
        (
            {"a": "b.yaml", "b": "c.yaml", "c": "b.yaml"},
            "c.yaml:2:11: packs extend one another in a circle: b -> c -> b",
        ),
    ],
)
def test_a_circle_of_packs_is_an_error(folder: Folder, files: dict[str, str], message: str) -> None:
    for name, extended in files.items():
        folder.write(f"{name}.yaml", f"name: {name}\nextends: [{extended}]")
    with pytest.raises(PackError) as caught:
        folder.load("a.yaml")
    assert str(caught.value) == message


def test_two_packs_of_one_name_are_an_error(folder: Folder) -> None:
    folder.write("own.yaml", "name: baseline\nextends: [baseline]")
    with pytest.raises(
        PackError, match=r"baseline.yaml: has the name 'baseline', which is that of own.yaml; rename it"
    ):
        folder.load("own.yaml")


@pytest.mark.parametrize(
    ("word", "message"),
    [
        (
            "prodution",
            "there is no shipped pack 'prodution' (a path has a / or ends in .yaml); did you mean production?",
        ),
        (
            "zzz",
            (
                "there is no shipped pack 'zzz' (a path has a / or ends in .yaml); known are cis-aws-5, fsbp, hipaa, "
                "iso-27001-2022, nist-800-53-r5, pci-dss-4, soc-2, well-architected, baseline, development, live, "
                "production, staging, testing"
            ),
        ),
    ],
)
def test_a_pack_that_does_not_exist_says_what_is_close(folder: Folder, word: str, message: str) -> None:
    with pytest.raises(PackError) as caught:
        folder.load(word)
    assert str(caught.value) == f"{word}: {message}"
    folder.write("own.yaml", f"name: own\nextends: [baseline, {word}]")
    with pytest.raises(PackError) as caught:
        folder.load("own.yaml")
    assert str(caught.value) == f"own.yaml:2:21: {message}"


@pytest.mark.parametrize("word", ["./none", "none.yaml", "none.json", ".", "teams/"])
def test_a_path_without_a_file_is_an_error(folder: Folder, word: str) -> None:
    folder.write("teams/own.yaml", "name: own\nextends: [../none.yml]")
    with pytest.raises(PackError):
        folder.load(word)
    with pytest.raises(PackError) as caught:
        folder.load("teams/own.yaml")
    assert str(caught.value) == "teams/own.yaml:2:11: extends '../none.yml', which does not exist"


def test_a_file_that_is_not_text_is_an_error(folder: Folder) -> None:
    Path("own.yaml").write_bytes(b"name: \xff")
    with pytest.raises(PackError, match=r"^own.yaml:1:7: is not UTF-8 text"):
        folder.load("own.yaml")


def test_no_pack_at_all_is_an_error() -> None:
    with pytest.raises(ConfigError, match="no policy pack is named"):
        load_packs([], catalogue=CATALOGUE)


def test_the_shipped_packs_are_listed_by_name_with_one_line_each() -> None:
    packs = shipped_packs()
    assert [name for name, _ in packs] == SHIPPED
    assert all(description.endswith(".") and "\n" not in description for _, description in packs)
    assert [path.stem for path in sorted(POLICIES.glob("*.yaml"))] == SHIPPED


def test_packs_inside_the_package_go_before_those_of_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = (tmp_path / "package", tmp_path / "checkout")
    monkeypatch.setattr(load, "_FOLDERS", folders)
    assert shipped_packs() == ()
    for folder in reversed(folders):
        folder.mkdir()
        (folder / "own.yaml").write_text(f"name: own\ndescription: {folder.name}\nrules: {{any-rule: off}}")
        assert shipped_packs() == (("own", folder.name),)


def test_baseline_warns_of_what_is_of_low_severity_and_leaves_out_what_only_informs() -> None:
    assert effects("baseline") == {
        "rds-backup-retention": Effect.BLOCK,
        "rds-storage-encrypted": Effect.BLOCK,
        "rds-storage-tags": Effect.WARN,
    }
    pack = load_packs(["baseline"], catalogue=CATALOGUE)
    assert (pack.pins, pack.undecided) == ({}, {"all": Effect.WARN})


def test_production_blocks_on_all_rules_and_pins_the_environment() -> None:
    pack = load_packs(["production"], catalogue=catalogue())
    for chosen in choose(pack, catalogue()):
        informs = chosen.severity is Severity.INFO or chosen.rule.family is Family.PARAMETERISATION
        assert chosen.effect is (Effect.WARN if informs else Effect.BLOCK)
    assert pack.undecided == {"all": Effect.WARN}
    assert {"Environment", "EnvironmentName", "EnvType", "Env", "Stage"} <= pack.pins.keys()
    assert all({"production", "prod", "prd", "live"} <= set(values) for values in pack.pins.values())


def test_a_pack_is_read_without_the_modules_that_only_errors_need() -> None:
    code = (
        "import sys; from infra_checks.packs.load import load_packs;"
        "load_packs(['baseline'], catalogue=());"
        "sys.exit(int(bool({'difflib', 'jsonschema', 'click', 'boto3'} & sys.modules.keys())))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own code


SCHEMA = json.loads((POLICIES / "pack.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def plain(node: Node) -> object:
    """A node as an editor sees the document, for which `off` is text too."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    assert isinstance(node, Mapping)
    return {key: plain(item) for key, item in node.entries.items()}


def problems(text: str) -> list[str]:
    node = parse_document(read_source("own.yaml", text.encode()))
    return [error.message for error in VALIDATOR.iter_errors(plain(node))]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_packs_keep_the_published_schema_and_name_it(name: str) -> None:
    text = (POLICIES / f"{name}.yaml").read_text(encoding="utf-8")
    assert problems(text) == []
    assert text.startswith("# yaml-language-server: $schema=./pack.schema.json\n")
    assert f"\nname: {name}\n" in text


def test_the_schema_is_one() -> None:
    VALIDATOR.check_schema(SCHEMA)


def test_the_schema_takes_whatever_a_pack_can_say() -> None:
    text = """
name: own
description: one
extends: baseline
pins: {A: 1, B: [true, x], AWS::Region: x, Ami.ResolvedValue: y}
undecided: ignore
rules: {all: off, severity:low: {severity: info}, iam: warn, rds-: {effect: block}, rds-a: {options: {a-b: [x]}}}
"""
    assert problems(text) == []


# What needs the catalogue, or the loader's eyes, is beyond a schema.
BEYOND = (
    *("name: other", "rules: {high: off", "rules: {rds-storage-encrypted: off", "rules: {rds: {options: {minimum-d"),
    *("only: {templates: '!'", "tags: {Owner: '[a'", "tags: {Owner: {live: '(a'"),
)


@pytest.mark.parametrize(
    "text",
    [
        text
        for text, _ in WRONG
        if not text.startswith(BEYOND) and "s3-bucket-login" not in text and "s3: {o" not in text
    ],
)
def test_the_schema_refuses_the_same_mistakes(text: str) -> None:
    assert problems(f"name: own\n{text}")


def words_in(schema: object) -> set[str]:
    if isinstance(schema, dict):
        return {word for key, value in schema.items() for word in ([*value] if key == "enum" else words_in(value))}
    if isinstance(schema, list):
        return {word for item in schema for word in words_in(item)}
    return set()


def test_the_schema_knows_all_severities_families_effects_and_pseudo_parameters() -> None:
    severities = {severity.label for severity in Severity}
    expected = severities | {f"severity:{label}" for label in severities}
    expected |= (
        {f"family:{family.value}" for family in Family if family is not Family.OTHER}
        | {effect.value for effect in Effect}
        | {"ignore"}
    )
    expected |= set(TOOLS) | {family.value for family in Family if family is not Family.OTHER}
    assert words_in(SCHEMA) == expected
    names = SCHEMA["properties"]["pins"]["propertyNames"]["pattern"]
    assert all(name.removeprefix("AWS::") in names for name in PSEUDO_PARAMETERS)
