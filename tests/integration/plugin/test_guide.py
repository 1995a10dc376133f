"""The README and docs/pytest.md work as they are written."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra_checks.live.reading import reader_of
from infra_checks.sandbox.testing import running_sandbox
from tests.integration.plugin.conftest import ORDERS, Run

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "pytest.md").read_text("utf-8")
STEP = re.compile(r"<!-- (file|passed|failed): (\S.*?) -->\n```(?:python|ini|sh)\n(.*?)```", re.DOTALL)
TEMPLATE = f"{ORDERS}      DeletionProtectionEnabled: true\n".replace("Orders:", "OrdersTable:")
OUTPUTS = "Outputs:\n  TableName: {Value: !Ref OrdersTable}\n"


def _followed(folder: Path, run: Run) -> Iterator[str]:
    """Does what the guide says; the commands that were run."""
    for kind, what, text in STEP.findall(GUIDE):
        if kind == "file":
            (folder / what).write_text(text)
            continue
        for line in text.splitlines():
            words = shlex.split(line)
            assert words[0] == "pytest"
            expected = {name: int(number) for name, number in re.findall(r"(\w+): (\d+)", f"{kind}: {what}")}
            if "--stack-name" in words and reader_of("AWS::DynamoDB::Table") is None:
                expected = {"passed": 2, "failed": 1}
            outcomes = run(*words[1:]).parseoutcomes()
            assert {name: outcomes.get(name, 0) for name in expected} == expected, line
            yield line


def test_every_step_of_the_guide_ends_as_it_says(pytester: pytest.Pytester, run: Run) -> None:
    (pytester.path / ".git").mkdir()
    (pytester.path / "infra").mkdir()
    (pytester.path / "infra" / "orders.yaml").write_text(TEMPLATE + OUTPUTS)
    (pytester.path / "infra" / "AWS_REGION").write_text("us-west-2\n")
    with contextmanager(running_sandbox)() as account:
        account.client("cloudformation", "us-west-2").create_stack(
            StackName="orders",
            TemplateBody=TEMPLATE + OUTPUTS,
            Parameters=[{"ParameterKey": "Environment", "ParameterValue": "production"}],
        )
        done = list(_followed(pytester.path, run))
    assert len(done) == 4


def test_the_violation_in_the_guide_is_told(pytester: pytest.Pytester, run: Run) -> None:
    (pytester.path / "infra").mkdir()
    (pytester.path / "infra" / "orders.yaml").write_text(f"# Orders\n{TEMPLATE}")
    pytester.makepyfile(
        "from infra_checks.testing import assert_compliant\n\ndef test_it(declared_stack):\n"
        "    stack = declared_stack('infra/orders.yaml', Environment='development')\n"
        "    assert_compliant(stack['OrdersTable'], 'dynamodb-pitr-enabled')\n"
    )
    printed = [line.split() for line in run().outlines]
    shown = re.search(r"```text\n(.*?)```", GUIDE, re.DOTALL)
    assert shown
    lines = [line.split() for line in shown[1].splitlines()]
    assert [line for line in lines if line not in printed] == []


def test_the_example_of_the_readme_passes(pytester: pytest.Pytester, run: Run) -> None:
    shown = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert shown
    example = pytester.path / "docs" / "examples" / "orders.yaml"
    example.parent.mkdir(parents=True)
    example.write_bytes((ROOT / "docs" / "examples" / "orders.yaml").read_bytes())
    pytester.makepyfile(shown[1])
    run().assert_outcomes(passed=1)
