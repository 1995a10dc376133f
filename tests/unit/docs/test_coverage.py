"""The page of what other tools check, and what is wrong with the file it is made of."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.generator.coverage import Line, page, problems, read_lines
from infra_checks.rules import catalogue

RULE = "rds-storage-encrypted"
KNOWN = frozenset({RULE})


def line(**changes: object) -> Line:
    return Line(**{"section": "encryption", "type": "AWS::RDS::DBInstance", "property": "KmsKeyId", **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "right",
    [
        line(rules=(RULE,)),
        line(reason=f"duplicate of {RULE}"),
        line(reason="retired service", check="is set"),
        line(reason="nothing wrong", check="is set", note="as it should be"),
    ],
)
def test_a_line_has_rules_or_a_reason(right: Line) -> None:
    assert list(problems([right], KNOWN)) == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (line(), "has neither a rule nor a reason"),
        (line(check="is set"), "has neither a rule nor a reason"),
        (line(rules=("no-such-rule",)), "there is no rule no-such-rule"),
        (line(reason="duplicate of no-such-rule"), "there is no rule no-such-rule"),
        (line(rules=(RULE,), reason="retired service"), "has rules and a reason"),
        (line(reason="retired service"), "has a reason but does not say what is asked"),
        (line(reason="too hard", check="is set"), "'too hard' is none of: duplicate of RULE-ID, retired service"),
    ],
)
def test_what_is_wrong_with_a_line_is_told_with_its_place(wrong: Line, told: str) -> None:
    (problem,) = problems([wrong], KNOWN)
    assert problem.startswith(f"encryption: AWS::RDS::DBInstance KmsKeyId: {told}")


def test_the_page_links_rules_and_escapes_the_rest() -> None:
    lines = [
        line(rules=(RULE,), peers=("CKV_AWS_16", "F27")),
        line(reason=f"duplicate of {RULE}", note="with | in it"),
        line(reason="account setting", check="is <set>", property="A[*].B"),
        line(check="is open"),
    ]
    text = page(lines, catalogue())

    assert "4 lines" in text
    assert "- a rule: 1\n- duplicate of a rule: 1\n- account setting: 1\n- open: 1\n" in text
    title = "Storage of the database instance is encrypted"
    link = f"[{RULE}](rules/{RULE}.md)"
    assert f"| AWS::RDS::DBInstance | KmsKeyId | {title} | {link} | CKV\\_AWS\\_16, F27 |\n" in text
    assert f"| part of {link} (with \\| in it) |" in text
    assert "| A\\[\\*\\].B | is &lt;set&gt; | account setting |" in text
    assert "| is open | **open** |" in text


def test_the_file_is_read_as_texts(tmp_path: Path) -> None:
    file = tmp_path / "coverage.yaml"
    file.write_text("some section:\n  - {type: T, property: P, peers: [64, AB], rules: [a-rule]}\n", "utf-8")

    assert read_lines(file) == [
        Line(section="some section", type="T", property="P", peers=("64", "AB"), rules=("a-rule",))
    ]


@pytest.mark.parametrize("entry", ["{type: T, property: P, sort: x}", "{type: T, property: P, rules: a-rule}"])
def test_what_is_no_line_is_an_error(tmp_path: Path, entry: str) -> None:
    file = tmp_path / "coverage.yaml"
    file.write_text(f"section:\n  - {entry}\n", "utf-8")

    with pytest.raises(TypeError):
        read_lines(file)
