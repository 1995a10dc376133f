from __future__ import annotations

from docs.generate import HERE
from docs.generator.iam_codes import page
from infra_checks.iam.validate.codes import LEFT_OUT
from infra_checks.iam.validate.problems import catalogue


def test_the_page_has_every_code_once() -> None:
    text = page()
    for name in (*catalogue(), *LEFT_OUT):
        assert text.count(f"| `{name}`") == 1


def test_the_page_is_up_to_date() -> None:
    assert (HERE / "iam-codes.md").read_text("utf-8") == page()
