from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import jsonschema
import pytest

from infra_checks.core.finding import Effect
from infra_checks.errors import PackError
from infra_checks.packs import load
from infra_checks.packs.load import load_framework, load_packs, schema_of, shipped_frameworks
from infra_checks.packs.select import choose
from infra_checks.rules import catalogue
from infra_checks.template.load import parse_document, read_source
from tests.unit.packs.catalogue import CATALOGUE
from tests.unit.packs.test_load import plain

if TYPE_CHECKING:
    from infra_checks.core.framework import Framework
    from tests.unit.packs.conftest import Folder

CONTROLS = next(folder for folder in load._FOLDERS if folder.is_dir()) / "controls"
NAMES: Final = [path.stem for path in sorted(CONTROLS.glob("*.yaml"))]
IN_NO_STANDARD: Final = Path(__file__).with_name("rules_in_no_standard.txt")

HEAD = "name: own\ntitle: T\ndescription: D.\nsource: https://example.com\n"
FILE = f"""{HEAD}reasons: {{people: A matter of people.}}
controls:
  "1.1": {{title: One, rules: [rds-storage-encrypted, rds-backup-retention]}}
  "1.2": {{title: Two, not-testable: people, note: N}}
  "1.3": {{title: Three, not-covered: Nobody thought of it.}}
"""


def framework(name: str) -> Framework:
    return load_framework(name, catalogue=catalogue())


def test_a_file_of_controls_is_read(folder: Folder) -> None:
    folder.write("own.yaml", FILE)
    found = load_framework("./own.yaml", catalogue=CATALOGUE)
    assert (found.name, found.title, found.description, found.source) == ("own", "T", "D.", "https://example.com")
    one, two, three = found.controls
    assert (one.id, one.title, one.rules) == ("1.1", "One", ("rds-storage-encrypted", "rds-backup-retention"))
    assert (two.not_testable, two.note) == ("A matter of people.", "N")
    assert three.not_covered == "Nobody thought of it."
    assert found.rules == ("rds-backup-retention", "rds-storage-encrypted")


def test_a_former_id_names_the_rule_of_today(folder: Folder) -> None:
    folder.write("own.yaml", f"{HEAD}controls: {{a: {{title: A, rules: [rds-encrypted]}}}}")
    assert load_framework("./own.yaml", catalogue=CATALOGUE).rules == ("rds-storage-encrypted",)


def test_a_file_of_controls_is_a_pack_of_all_its_rules(folder: Folder) -> None:
    folder.write("own.yaml", FILE)
    folder.write("all.yaml", "name: all-of-it\nextends: [./own.yaml]\nrules: {rds-backup-: warn}")
    effects = {each.rule.id: each.effect for each in choose(folder.load("./own.yaml"), CATALOGUE)}
    assert effects == {"rds-backup-retention": Effect.BLOCK, "rds-storage-encrypted": Effect.BLOCK}
    extended = folder.load("all.yaml")
    assert [each.name for each in extended.frameworks] == ["own"]
    # The file names the rule by its id, which is more exact than a prefix.
    assert {each.effect for each in choose(extended, CATALOGUE)} == {Effect.BLOCK}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("control: {}", "own.yaml:5:1: a policy pack has no key 'title'"),
        (
            "controls: {a: {title: A, rules: [rds-storage-encrypt]}}",
            "5:34: there is no rule 'rds-storage-encrypt'; did you",
        ),
        ("controls: {a: {title: A}}", "5:12: control a needs one of rules, not-testable and not-covered"),
        (
            "controls: {a: {title: A, rules: [s3-bucket-logging], not-covered: x y}}",
            "5:12: control a needs one of rules",
        ),
        ("controls: {a: {rules: [s3-bucket-logging]}}", "5:12: control a has no title"),
        (
            "controls: {a: {title: A, rule: [s3-bucket-logging]}}",
            "5:26: control a has no key 'rule'; did you mean rules?",
        ),
        (
            "controls: {a: {title: A, not-testable: peeple}}\nreasons: {people: P}",
            "5:40: there is no reason 'peeple'; did",
        ),
        (
            "controls: {a: {title: A, rules: [s3-bucket-logging], types: [AWS::RDS::DBInstanse]}}",
            "5:62: no rule of control a judges 'AWS::RDS::DBInstanse'; did you mean AWS::RDS::DBInstance?",
        ),
        ("controls: [a]", "5:11: controls must be a mapping"),
        ("controls: {}\nextend: a", "6:1: a file of controls has no key 'extend'"),
    ],
)
def test_a_mistake_is_named_with_its_place(folder: Folder, text: str, message: str) -> None:
    folder.write("own.yaml", HEAD + text)
    with pytest.raises(PackError) as caught:
        load_framework("./own.yaml", catalogue=CATALOGUE)
    expected = message.replace("own.yaml:5:1", "own.yaml:2:1") if message.startswith("own") else f"own.yaml:{message}"
    assert str(caught.value).startswith(expected)


def test_a_pack_without_controls_is_no_standard() -> None:
    with pytest.raises(
        PackError, match=r"^baseline: is a policy pack without controls; known files of controls are cis"
    ):
        load_framework("baseline", catalogue=CATALOGUE)


def test_the_standards_come_with_the_package_with_one_line_each() -> None:
    assert NAMES == [
        "cis-aws-5",
        "fsbp",
        "hipaa",
        "iso-27001-2022",
        "nist-800-53-r5",
        "pci-dss-4",
        "soc-2",
        "well-architected",
    ]
    shipped = shipped_frameworks()
    assert [name for name, _ in shipped] == NAMES
    assert all(description.endswith(".") and "\n" not in description for _, description in shipped)


@pytest.mark.parametrize("name", NAMES)
def test_every_control_of_a_shipped_file_has_rules_or_a_reason(name: str) -> None:
    # Reading it fails with the place when a control names a rule that does not exist or says nothing at all.
    found = framework(name)
    assert found.controls
    assert len({control.id for control in found.controls}) == len(found.controls)
    for control in found.controls:
        assert control.rules or control.not_testable.endswith(".") or control.not_covered.endswith("."), control.id


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_file_keeps_the_published_schema_and_names_it(name: str) -> None:
    text = (CONTROLS / f"{name}.yaml").read_text("utf-8")
    node = parse_document(read_source(f"{name}.yaml", text.encode()))
    jsonschema.Draft202012Validator(json.loads(schema_of("controls"))).validate(plain(node))
    assert text.startswith(f"# yaml-language-server: $schema=./controls.schema.json\nname: {name}\n")


@pytest.mark.parametrize("name", NAMES)
def test_a_standard_runs_as_a_pack(name: str) -> None:
    pack = load_packs((name,), catalogue=catalogue())
    assert tuple(each.rule.id for each in choose(pack, catalogue())) == framework(name).rules


@pytest.mark.parametrize(
    ("name", "number", "form"),
    [
        ("fsbp", 336, r"[A-Z][A-Za-z0-9]+\.[0-9]+"),
        ("cis-aws-5", 63, r"[1-5](\.[0-9]+){1,2}"),
        ("iso-27001-2022", 93, r"A\.[5-8]\.[0-9]+"),
        ("nist-800-53-r5", 334, r"[A-Z]{2}-[0-9]+(\([0-9]+\))?"),
        ("pci-dss-4", 223, r"(A1|[0-9]+)(\.[0-9]+){2,3}"),
        ("hipaa", 60, r"164\.3[01][0-9](\([0-9a-eivA-F]+\))*"),
        ("soc-2", 61, r"(CC|A|C|PI|P)[1-9]\.[0-9]"),
        ("well-architected", 30, r"(SEC|REL|OPS|COST|PERF)[0-9]{2}"),
    ],
)
def test_a_standard_has_all_its_controls_under_its_own_ids(name: str, number: int, form: str) -> None:
    ids = [control.id for control in framework(name).controls]
    assert len(ids) == number
    assert [each for each in ids if not re.fullmatch(form, each)] == []


def test_what_a_rule_could_test_but_none_does_is_counted() -> None:
    """The numbers go down when rules are added; they go up only with a new version of a standard."""
    open_ = {name: sum(bool(control.not_covered) for control in framework(name).controls) for name in NAMES}
    assert {name: number for name, number in open_.items() if number} == {}


def test_rules_of_no_standard_are_listed() -> None:
    """A new rule is added to the controls that it is evidence for, or here."""
    named = {rule for name in NAMES for rule in framework(name).rules}
    listed = IN_NO_STANDARD.read_text("utf-8").split()
    assert listed == sorted(set(listed))
    assert sorted({rule.id for rule in catalogue()} - named) == listed
