"""The comparison with labels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.accuracy import all_rules as every_rule
from benchmarks.accuracy import compare, main, read_adjudications, share, summary

TEMPLATE = """
Parameters:
  Encrypted: {Type: String, Default: "true", AllowedValues: ["true", "false"]}
  Open: {Type: String}
Resources:
  Good: {Type: "AWS::RDS::DBInstance", Properties: {Engine: mysql, StorageEncrypted: true}}
  Default: {Type: "AWS::RDS::DBInstance", Properties: {Engine: mysql, StorageEncrypted: !Ref Encrypted}}
  Bad: {Type: "AWS::RDS::DBInstance", Properties: {Engine: mysql}}
  Unclear: {Type: "AWS::RDS::DBInstance", Properties: {Engine: mysql, StorageEncrypted: !Ref Open}}
"""


def label(name: str, resource: str | None, expected: str, check: str = "ckv_aws_16", **more: str) -> dict[str, object]:
    return {
        "id": name,
        "source": "other",
        "check": check,
        "check_title": "Storage",
        "template": "templates/t.yaml",
        "resource": resource,
        "resource_type": "AWS::RDS::DBInstance",
        "expected": expected,
        "family": "encryption",
        **more,
    }


def run(folder: Path, labels: list[dict[str, object]], *options: str, adjudicated: str = "[]") -> int:
    (folder / "templates").mkdir()
    (folder / "templates" / "t.yaml").write_text(TEMPLATE, "utf-8")
    (folder / "templates" / "broken.yaml").write_text("Resources: [", "utf-8")
    (folder / "labels.jsonl").write_text("".join(json.dumps(each) + "\n" for each in labels), "utf-8")
    (folder / "adjudicated.yaml").write_text(adjudicated, "utf-8")
    given = ["--labels", str(folder / "labels.jsonl"), "--adjudicated", str(folder / "adjudicated.yaml")]
    return main([*given, "--json", str(folder / "result.json"), *options])


def verdicts(folder: Path) -> dict[str, tuple[str, bool]]:
    data = json.loads((folder / "result.json").read_text("utf-8"))
    return {one["id"]: (one["verdict"], one["agrees"]) for one in data["labels"]}


def test_a_label_agrees_when_the_rule_says_what_it_expects(tmp_path: Path) -> None:
    labels = [
        label("good", "Good", "pass"),
        label("by default", "Default", "pass"),
        label("bad", "Bad", "fail"),
        label("wrong", "Good", "fail"),
        label("open", "Unclear", "fail"),
        label("template", None, "fail"),
        label("broken", "Good", "pass", template="templates/broken.yaml"),
    ]
    run(tmp_path, labels)

    assert verdicts(tmp_path) == {
        "good": ("pass", True),
        "by default": ("pass", True),
        "bad": ("fail", True),
        "wrong": ("pass", False),
        "open": ("undecided", False),
        "template": ("fail", True),
        "broken": ("unreadable", False),
    }


def test_the_last_line_sums_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels = [
        label("good", "Good", "pass"),
        label("bad", "Bad", "fail", family="iam"),
        label("wrong", "Good", "fail"),
        label("unknown", "Good", "fail", check="NO_SUCH_CHECK"),
        label("unknown too", "Bad", "fail", check="NO_SUCH_CHECK"),
    ]
    assert run(tmp_path, labels) == 0

    told = capsys.readouterr().out.splitlines()
    assert told[-1] == "agreement 0.666 of 3 labels, 0 adjudicated, 1 checks without an equivalent"
    assert told[-3:-1] == ["iam: 1.000 of 1 labels", "the rest: 0.500 of 2 labels"]
    assert "  wrong: expected fail, is pass (rds-storage-encrypted)" in told
    assert "  NO_SUCH_CHECK (other, encryption, 2 labels): Storage" in told


@pytest.mark.parametrize(("required", "code"), [("0.5", 0), ("0.6", 1)])
def test_too_little_agreement_fails(tmp_path: Path, required: str, code: int) -> None:
    assert run(tmp_path, [label("a", "Good", "pass"), label("b", "Good", "fail")], "--require", required) == code


def test_nothing_to_compare_is_no_agreement(tmp_path: Path) -> None:
    assert run(tmp_path, [label("a", "Good", "pass", check="NO_SUCH_CHECK")], "--require", "0.5") == 1


def test_a_family_can_be_compared_alone(tmp_path: Path) -> None:
    labels = [label("a", "Good", "pass"), label("b", "Good", "fail", family="iam")]
    run(tmp_path, labels, "--family", "iam")

    assert verdicts(tmp_path).keys() == {"b"}


def test_a_pack_can_be_compared(tmp_path: Path) -> None:
    assert run(tmp_path, [label("a", "Good", "pass")], "--pack", "production", "--require", "1") == 0


URL = "https://docs.aws.amazon.com/kept"


def test_an_adjudicated_label_does_not_disagree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = [
        {"id": name, "verdict": verdict, "reason": "AWS says so.", "url": URL}
        for name, verdict in (("wrong", "pass"), ("good", "fail"), ("gone", "pass"), ("other", "undecided"))
    ]
    labels = [label("wrong", "Good", "fail"), label("good", "Good", "pass"), label("other", "Good", "fail")]
    run(tmp_path, labels, adjudicated=json.dumps(entries))

    told = capsys.readouterr().out.splitlines()
    assert told[-1] == "agreement 0.666 of 3 labels, 1 adjudicated, 0 checks without an equivalent"
    at = told.index("adjudications that do not apply (3):")
    assert told[at + 1 : at + 4] == [
        "  gone: no such label, or its check has no equivalent",
        "  good: the label agrees",
        "  other: the verdict is pass, not undecided",
    ]


@pytest.mark.parametrize(
    "entry",
    [
        {"id": "a", "verdict": "pass", "reason": "", "url": URL},
        {"id": "a", "verdict": "pass", "reason": "So.", "url": "https://example.org/"},
    ],
)
def test_an_adjudication_needs_a_reason_and_a_page_of_the_documentation(tmp_path: Path, entry: dict[str, str]) -> None:
    file = tmp_path / "adjudicated.yaml"
    file.write_text(json.dumps([entry]), "utf-8")

    with pytest.raises(ValueError, match="a needs a reason and a page"):
        read_adjudications(file)


def test_an_agreement_is_never_shown_higher_than_it_is() -> None:
    assert share(1000, 1) == "0.999"
    assert share(10_001, 1) == "0.999"
    assert share(3, 0) == "1.000"
    assert summary(compare([], every_rule(), {})).startswith("agreement 1.000 of 0 labels")


def test_the_projects_own_adjudications_can_be_read() -> None:
    read_adjudications(Path(__file__).parents[3] / "benchmarks" / "adjudicated.yaml")
