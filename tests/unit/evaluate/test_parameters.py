from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_checks.errors import ParameterError
from infra_checks.evaluate.parameters import INLINE, ParameterFile, read_parameters

HIDDEN = "hunter2-hunter2"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(text: str, name: str = "given.yaml") -> ParameterFile:
    Path(name).write_text(text, encoding="utf-8")
    return read_parameters([name])


ITEMS: list[dict[str, Any]] = [
    {"ParameterKey": "Env", "ParameterValue": "prod"},
    {"ParameterKey": "Zones", "ParameterValue": "a,b", "UsePreviousValue": False},
]
TAGS = {"team": "a", "cost": "b"}
TAG_ITEMS = [{"Key": key, "Value": value} for key, value in TAGS.items()]
FORMS: dict[str, tuple[Any, dict[str, str]]] = {
    "create-stack": (ITEMS, {}),
    "deploy": (["Env=prod", "Zones=a,b"], {}),
    "deploy, shorthand": (["Env=prod", r"ParameterKey=Zones,ParameterValue=a\,b"], {}),
    "template configuration": (
        {"Parameters": {"Env": "prod", "Zones": "a,b"}, "Tags": TAGS, "StackPolicy": {"Statement": []}},
        TAGS,
    ),
    "create-stack --cli-input-json": ({"StackName": "s", "Parameters": ITEMS, "Tags": TAG_ITEMS}, TAGS),
    "describe-stacks": ({"Stacks": [{"StackName": "s", "Parameters": ITEMS, "Tags": TAG_ITEMS}]}, TAGS),
    "mapping": ({"Env": "prod", "Zones": ["a", "b"]}, {}),
}


@pytest.mark.parametrize(("document", "tags"), FORMS.values(), ids=FORMS)
def test_every_form_says_the_same_in_json_on_one_line_or_indented(document: object, tags: dict[str, str]) -> None:
    expected = ParameterFile({"Env": "prod", "Zones": "a,b"}, tags)
    for indent in (None, 2):
        text = json.dumps(document, indent=indent)
        assert read(text, "given.json") == expected
        assert read_parameters([text]) == expected


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("- ParameterKey: Env\n  ParameterValue: prod\n- {ParameterKey: Zones, ParameterValue: 'a,b'}", {}),
        ("- Env=prod\n- Zones=a,b", {}),
        ("Parameters: {Env: prod, Zones: 'a,b'}\nTags: {team: a, cost: b}", TAGS),
        ("Stacks:\n- Parameters:\n  - {ParameterKey: Env, ParameterValue: prod}\n  - Zones=a,b", {}),
        ("Env: prod\nZones: [a, b]", {}),
    ],
)
def test_every_form_may_be_yaml(text: str, tags: dict[str, str]) -> None:
    assert read(text) == ParameterFile({"Env": "prod", "Zones": "a,b"}, tags)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Account: 012345678901", {"Account": "012345678901"}),
        ("Account: 123456789012\nRatio: 1.10\nFlag: True\nSwitch: yes\nDay: 2024-01-01", None),
        ('{"Account": 123456789012, "Ratio": 1.10, "Flag": true, "Big": 1e3}', None),
        ('Empty: ""\nNone: []', {"Empty": "", "None": ""}),
        ("Ports: [80, 443]", {"Ports": "80,443"}),
        ('["Url=https://x/?a=b", "Empty="]', {"Url": "https://x/?a=b", "Empty": ""}),
        ('{"Text": "a\\n\\u00e4"}', {"Text": "a\nä"}),
        (
            'AWS::Region: us-east-1\n"Ami.ResolvedValue": ami-1',
            {"AWS::Region": "us-east-1", "Ami.ResolvedValue": "ami-1"},
        ),
        ("Tags: a\nParameters: b\nStacks: c", {"Tags": "a", "Parameters": "b", "Stacks": "c"}),
        ("Tags: a\nParameters: b", {"Tags": "a", "Parameters": "b"}),
        ("[]", {}),
        ("{}", {}),
        ("Parameters: {}", {}),
        ("StackPolicy: {Statement: []}", {}),
    ],
)
def test_values_keep_the_text_as_it_is_written(text: str, values: dict[str, str] | None) -> None:
    written = {"Account": "123456789012", "Ratio": "1.10", "Flag": "True", "Switch": "yes", "Day": "2024-01-01"}
    if values is None and text.startswith("{"):
        written = {"Account": "123456789012", "Ratio": "1.10", "Flag": "true", "Big": "1e3"}
    assert read(text).values == (written if values is None else values)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Env=prod", {"Env": "prod"}),
        ("Env=", {"Env": ""}),
        ("Key=a,b=c", {"Key": "a,b=c"}),
        ("AWS::Region=us-east-1", {"AWS::Region": "us-east-1"}),
        ("Ami.ResolvedValue=ami-1", {"Ami.ResolvedValue": "ami-1"}),
        (r"ParameterKey=Zones,ParameterValue=a\,b", {"Zones": "a,b"}),
        ('ParameterKey=Zones,ParameterValue="a,b"', {"Zones": "a,b"}),
        ("ParameterKey=Ami,ParameterValue=/ami,ResolvedValue=ami-1", {"Ami": "/ami", "Ami.ResolvedValue": "ami-1"}),
        ("ParameterKey=Ami,ResolvedValue=ami-1", {"Ami.ResolvedValue": "ami-1"}),
    ],
)
def test_a_text_stands_for_a_file(text: str, values: dict[str, str]) -> None:
    assert read_parameters([text]) == ParameterFile(values)


def test_a_file_is_a_file_though_its_name_looks_like_a_value() -> None:
    Path("Env=prod.json").write_text('{"A": "b"}')
    assert read_parameters(["Env=prod.json"]).values == {"A": "b"}
    assert read_parameters(["file://Env=prod.json"]).values == {"A": "b"}
    assert read_parameters(["Env=staging.json"]).values == {"Env": "staging.json"}
    assert read_parameters(["Env=" + "x" * 100_000]).values == {"Env": "x" * 100_000}


def test_of_several_sources_the_later_wins() -> None:
    Path("tags.json").write_text('{"Parameters": {"A": 1, "B": 1}, "Tags": {"a": "1", "b": "1"}}')
    Path("more.json").write_text('{"Parameters": {"B": 2}, "Tags": {"b": "2"}}')
    assert read_parameters(["tags.json", "more.json", "A=3", "A=4"]) == ParameterFile(
        {"A": "4", "B": "2"}, {"a": "1", "b": "2"}
    )
    assert read_parameters([]) == ParameterFile()


@pytest.mark.parametrize(
    ("later", "values"),
    [
        ("Ami=/other", {"Ami": "/other"}),
        ("Ami=/ami", {"Ami": "/ami", "Ami.ResolvedValue": "ami-1"}),
        ("Ami.ResolvedValue=ami-2", {"Ami": "/ami", "Ami.ResolvedValue": "ami-2"}),
        ("Other=x", {"Ami": "/ami", "Ami.ResolvedValue": "ami-1", "Other": "x"}),
    ],
)
def test_a_resolved_value_goes_with_the_name_it_was_resolved_for(later: str, values: dict[str, str]) -> None:
    first = "ParameterKey=Ami,ParameterValue=/ami,ResolvedValue=ami-1"
    assert read_parameters([first, later]).values == values


@pytest.mark.parametrize(
    "source", ['[{"ParameterKey": "A", "UsePreviousValue": true}]', "ParameterKey=A,UsePreviousValue=true"]
)
def test_a_previous_value_is_not_pinned_but_told(source: str) -> None:
    assert read_parameters([source]) == ParameterFile(
        notices=(f"{INLINE}: A keeps its previous value, which is not known here, so it is not pinned",)
    )


def test_a_value_that_describe_stacks_hides_is_not_pinned_but_told() -> None:
    item = {"ParameterKey": "Password", "ParameterValue": "****"}
    described = read(json.dumps({"Stacks": [{"Parameters": [item]}]}), "stack.json")
    assert described == ParameterFile(
        notices=("stack.json: Password is shown as asterisks because of its NoEcho, so it is not pinned",)
    )
    assert read(json.dumps([item])).values == {"Password": "****"}


def test_describe_stacks_tells_the_value_behind_a_systems_manager_parameter() -> None:
    item = {"ParameterKey": "Ami", "ParameterValue": "/ami", "ResolvedValue": "ami-1"}
    assert read(json.dumps({"Stacks": [{"Parameters": [item]}]})).values == {
        "Ami": "/ami",
        "Ami.ResolvedValue": "ami-1",
    }


WRONG = [
    ("a: [b", "1:6: is not valid YAML: while parsing a flow sequence: did not find expected ',' or ']'"),
    ("", " is empty"),
    ("a", "1:1: is no parameter file: it is neither a list nor a mapping"),
    ("Resources: {}", "1:1: is a template, not a parameter file"),
    ("A: a\nA: b", "2:1: key 'A' is given twice; it is first given at line 1, column 1"),
    ("- A=a\n- A=b", "2:3: parameter A is given twice; it is first given at line 1, column 3"),
    ("A: {b: c}", "1:4: the value of A must be text or a list of texts"),
    ("A: [[b]]", "1:4: the value of A must be text or a list of texts"),
    ("A: [null]", "1:4: the value of A must be text or a list of texts"),
    ("A:", '1:1: A has no value; write "" for the empty text'),
    ("my-name: a", "1:1: my-name is not the name of a parameter, which is of letters and digits"),
    ("AWS::Regoin: a", "1:1: AWS::Regoin is not the name of a parameter, which is of letters and digits"),
    ("- A", "1:3: is neither a file nor of the form Key=Value with the name of a parameter as Key"),
    ("- [A]", "1:3: an item that is not Key=Value must be a mapping"),
    ("- 1", "1:3: an item that is not Key=Value must be a mapping"),
    ("- {ParameterKey: A}", "1:3: A has no ParameterValue"),
    ("- {ParameterKey: A, ParameterValue: }", "1:3: A has no ParameterValue"),
    ("- {ParameterValue: A}", "1:3: a parameter has no ParameterKey"),
    ("- {ParameterKey: A, Value: b}", "1:21: Value is not one of ParameterKey, ParameterValue, UsePreviousValue, Res"),
    (
        "- {ParameterKey: A, ParameterValue: b, UsePreviousValue: true}",
        "1:3: A has both a ParameterValue and UsePreviousValue; CloudFormation takes one",
    ),
    ("- ParameterKey=A,ParameterValue=a,b", "1:3: the shorthand of a parameter cannot be read: a field must be"),
    ("Parameters: {A: {b: c}}", "1:17: the value of A must be text or a list of texts"),
    ("Parameters: \nTags: {a: b}", "1:12: Parameters must be a mapping"),
    ("Parameters: {}\nTags: a", "2:7: Tags must be a mapping"),
    ("Parameters: {}\nTags: [a]", "2:8: a tag must be a mapping"),
    ("Parameters: {}\nTags: [{Key: a}]", "2:8: a tag needs a Key and a Value"),
    ("Parameters: {}\nTags: {a: }", "2:11: a tag needs a Key and a Value"),
    ("Parameters: {}\nTags: [{Key: a, Value: b}, {Key: a, Value: c}]", "2:28: tag a is given twice"),
    ("Stacks: []", "1:9: describes 0 stacks; ask describe-stacks for one"),
    ("Stacks: [{}, {}]", "1:9: describes 2 stacks; ask describe-stacks for one"),
    ("Stacks: [a]", "1:10: a stack must be a mapping"),
    (f"A: *{HIDDEN}", "1:4: cannot be read here; put a value that begins with *, & or ! in quotes"),
    (f"A: !{HIDDEN}", "1:4: the value of A must be text or a list of texts"),
    (f"A: !!{HIDDEN}", "1:4: cannot be read here; put a value that begins with *, & or ! in quotes"),
    (f"A: &{HIDDEN}", '1:1: A has no value; write "" for the empty text'),
]


@pytest.mark.parametrize(("text", "message"), WRONG, ids=[text for text, _ in WRONG])
def test_a_mistake_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        read(text)
    assert str(caught.value).startswith(f"given.yaml:{message}")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("none.json", "none.json: does not exist"),
        ("file://none.json", "none.json: does not exist"),
        ("file://A=b", "A=b: does not exist"),
        (f"my key={HIDDEN}", f"{INLINE}: is neither a file nor of the form Key=Value"),
        (f"={HIDDEN}", f"{INLINE}: is neither a file nor of the form Key=Value"),
        (f"{HIDDEN}=", f"{INLINE}: is neither a file nor of the form Key=Value"),
        (f"ParameterKey=A,ParameterValue=b,{HIDDEN}", f"{INLINE}: the shorthand of a parameter cannot be read"),
        (f"ParameterValue={HIDDEN}", f"{INLINE}: a parameter has no ParameterKey"),
        (f'{{"A": "{HIDDEN}"', f"{INLINE}:1:"),
        ("ParameterKey=A.ResolvedValue,ParameterValue=a,ResolvedValue=b", f"{INLINE}: A.ResolvedValue.ResolvedValue"),
    ],
)
def test_a_source_that_cannot_be_used_is_named_but_not_shown(source: str, message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        read_parameters([source])
    assert str(caught.value).startswith(message)
    assert HIDDEN not in str(caught.value)


def test_a_file_that_is_not_text_is_an_error() -> None:
    Path("given.json").write_bytes(b"\xff")
    with pytest.raises(ParameterError, match=r"^given.json:1:1: is not UTF-8 text"):
        read_parameters(["given.json"])


def test_values_do_not_show_when_the_result_is_printed() -> None:
    assert HIDDEN not in repr(read_parameters([f"A={HIDDEN}"]))


TEMPLATES = [
    "[%s", "{%s", "{A: %s", "A: %s: %s", "- %s", "- A: %s", "A: [%s", "A: '%s", 'A: "%s', 'A: "\\%s"', "A: %s\n B: c",
    "\tA: %s",
    "A: |%s", "A: !!int %s", "A: *%s", "A: !%s", "A: {%s: b}", "A: @%s", "A: `%s", "A: %%%s", "A: &%s b\nC: *d",
    "ParameterKey=%s", "ParameterKey=A,%s", "- {ParameterKey: A, ParameterValue: {%s: b}}", '{"A": "%s}',
    "Tags: {a: {b: %s}}", "A: b\n---\nA: %s", "A: %s\x07", '["%s"]', '{"A": ["%s", null]}',
]  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_error_shows_a_value(template: str) -> None:
    text = template.replace("%s", HIDDEN).replace("%%", "%")
    with pytest.raises(ParameterError) as caught:
        read(text)
    assert HIDDEN not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


NAMES = st.from_regex(r"[A-Za-z0-9]{1,8}", fullmatch=True).filter(lambda name: name not in {"Resources", "Ref"})
VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"]))


@given(st.dictionaries(NAMES, VALUES))
def test_all_forms_read_back_what_was_written(values: dict[str, str]) -> None:
    items = [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]
    documents = ({"Parameters": values}, values, items, [f"{name}={value}" for name, value in values.items()])
    for document in documents:
        assert read_parameters([json.dumps(document)]).values == values
    assert read_parameters([f"{name}={value}" for name, value in values.items()]).values == values
