"""The pages of rules: all there is to say, and examples that are judged as the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.generator.pages import LONGEST_EXAMPLE, Sources, as_yaml, index, is_shown, page, pages, service, shipped
from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Rule
from infra_checks.core.table import is_true, property_rule
from infra_checks.rules import catalogue
from infra_checks.testing import findings, outcome_of, read_cases

CASES = Path(__file__).parents[2] / "cases"
QUEUE = "AWS::SQS::Queue"


def example(**changes: object) -> Rule:
    settings = {
        "id": "queue-kept-well",
        "title": "Queue is kept well",
        "family": Family.DELETION,
        "severity": Severity.HIGH,
        "path": ("Kept", "Well"),
        "holds": is_true,
        "message": "is not kept well",
        "rationale": "A queue <that> is not kept well is lost.",
        "remedy": "Set `Kept: {Well: true}`.",
        "source": "https://docs.aws.amazon.com/kept",
        "equivalents": ("CKV_AWS_0",),
        "options": {"minimum_days": 7, "names": ("a", "b")},
        **changes,
    }
    return property_rule(QUEUE, **settings)  # type: ignore[arg-type]


def made(folder: Path, rule: Rule, cases: str, controls: tuple[str, ...] = ()) -> str:
    (folder / f"{rule.id}.yaml").write_text(cases, "utf-8")
    return page(rule, Sources([rule], folder, shipped([*catalogue(), rule]), {rule.id: controls}))


ONE_OF_EACH = """
- {name: "not well", outcome: fail, resource: {Type: "AWS::SQS::Queue", Properties: {Kept: {Well: "false"}, Days: "7"}}}
- {name: well, outcome: pass, resource: {Type: "AWS::SQS::Queue", Properties: {Kept: {Well: "true"}, Id: "007"}}}
"""


def test_a_page_has_the_rules_words_and_facts(tmp_path: Path) -> None:
    text = made(tmp_path, example(), ONE_OF_EACH)

    assert text.startswith("# queue-kept-well\n")
    assert "\nQueue is kept well.\n" in text
    assert "A queue &lt;that> is not kept well is lost." in text
    assert "- **applies to**: `AWS::SQS::Queue`\n- **severity**: high\n- **family**: deletion\n" in text
    assert "- **source**: <https://docs.aws.amazon.com/kept>\n" in text
    assert "- **the same in other tools**: `CKV_AWS_0`\n" in text
    assert "## Fix\n\nSet `Kept: {Well: true}`.\n" in text
    assert "| `minimum-days` | `7` |\n| `names` | `[a, b]` |\n" in text
    assert "## Reads\n\n- `AWS::SQS::Queue`: `Kept.Well`\n" in text
    assert (
        "\n- **packs**: `baseline` block; `development` off; `live` block; `production` block; `staging` warn; " in text
    )
    assert "Controls" not in text


def test_the_examples_are_the_first_cases_as_a_user_would_write_them(tmp_path: Path) -> None:
    text = made(tmp_path, example(), ONE_OF_EACH)

    assert "## Fails\n\nNot well:\n\n```yaml\nResources:\n  Subject:\n    Type: AWS::SQS::Queue\n" in text
    assert "        Well: false\n      Days: 7\n```\n" in text
    assert "      Id: '007'\n```\n" in text


def test_an_example_says_what_it_is_judged_with(tmp_path: Path) -> None:
    cases = """
    - name: pinned
      outcome: fail
      parameters: {Stage: prod}
      options: {minimum_days: 9}
      template: |
        Resources: {Queue: {Type: "AWS::SQS::Queue"}}
    """
    text = made(tmp_path, example(), cases)

    assert "Pinned, with `Stage=prod`, `minimum-days: 9`:\n" in text
    assert '```yaml\nResources: {Queue: {Type: "AWS::SQS::Queue"}}\n```\n' in text


def test_an_example_with_the_default_options_goes_first(tmp_path: Path) -> None:
    queue = 'outcome: fail, resource: {Type: "AWS::SQS::Queue"}'
    text = made(
        tmp_path, example(), f"- {{name: other, options: {{minimum_days: 9}}, {queue}}}\n- {{name: own, {queue}}}\n"
    )

    assert "Own:" in text
    assert "Other" not in text


def test_an_example_that_nobody_would_read_is_left_out(tmp_path: Path) -> None:
    long = "x" * LONGEST_EXAMPLE
    text = made(tmp_path, example(), f'- {{name: long, outcome: fail, resource: {{Type: "{QUEUE}", Note: {long}}}}}\n')

    assert "Fails" not in text


def test_controls_have_their_place(tmp_path: Path) -> None:
    text = made(tmp_path, example(), ONE_OF_EACH, controls=("CIS 1.2 <3>",))

    assert "## Controls\n\n- CIS 1.2 &lt;3&gt;\n" in text


def test_the_index_has_each_rule_once_by_family_and_service() -> None:
    rules = [example(), example(id="a-queue-of-queues", family=Family.IAM), example(id="another-queue")]
    text = index(rules)

    assert "3 rules" in text
    assert text.index("## iam (1)") < text.index("## deletion (2)")
    assert text.index("[another-queue](another-queue.md)") < text.index("[queue-kept-well](queue-kept-well.md)")


@pytest.mark.parametrize(
    ("types", "name"),
    [(("AWS::S3::Bucket",), "S3"), (("*",), "any"), (("AWS::S3::Bucket", "AWS::SQS::Queue"), "several")],
)
def test_the_service_is_that_of_the_types(types: tuple[str, ...], name: str) -> None:
    rule = example()
    chosen = Rule(**{field: getattr(rule, field) for field in rule.__slots__} | {"types": types})
    assert service(chosen) == name


def test_there_is_a_page_for_each_rule_and_an_index() -> None:
    rules = [rule for rule in catalogue() if rule.family is Family.MULTI_AZ]
    names = pages(Sources(rules, CASES, {}, {})).keys()

    assert names == {"README.md", *(f"{rule.id}.md" for rule in rules)}


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in catalogue()])
def test_a_template_on_a_page_is_judged_as_its_case(rule: Rule) -> None:
    file = CASES / f"{rule.id}.yaml"
    for case in filter(is_shown, read_cases(file) if file.exists() else ()):
        found = findings(
            rule,
            as_yaml(case.template),
            parameters=case.parameters,
            options=case.options,
            assume_any=case.assume_any,
            tags=case.tags,
        )
        assert outcome_of(found) == case.outcome, case.name
