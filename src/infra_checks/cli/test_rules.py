"""`infra-checks test-rules`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from infra_checks import testing
from infra_checks.cli.terminal import write_error, write_output
from infra_checks.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Rule

_FAILED = 1


@click.command(name="test-rules", short_help="Test the own rules of a pack with their cases.")
@click.argument("pack", type=click.Path())
@click.option(
    "--cases", type=click.Path(), metavar="FOLDER", help="Where RULE-ID.yaml are.  [default: cases, beside the pack]"
)
@click.pass_context
def test_rules(context: click.Context, pack: str, cases: str | None) -> None:
    """Test the rules that a pack brings along: each case says what its rule has to say of a template.

    A file of cases is a list with `name`, `outcome` (pass, fail or undecided) and `template` or `resource`. A rule
    without cases is a failure, because nobody knows whether it works.
    """
    folder = Path(cases) if cases else Path(pack).parent / "cases"
    rules = testing.rules_of_pack(pack)
    if not rules:
        raise ConfigError(f"{pack}: has no rules of its own under own-rules, rule-files or rule-packages")
    failures = [failure for rule in rules for failure in _failures(rule, folder / f"{rule.id}.yaml")]
    for failure in failures:
        write_error(failure)
    count = f"{len(rules)} {'rule' if len(rules) == 1 else 'rules'}"
    write_output(
        f"{count}: {f'{len(failures)} of their cases failed' if failures else 'all cases as they should be'}\n"
    )
    context.exit(_FAILED if failures else 0)


def _failures(rule: Rule, file: Path) -> Iterator[str]:
    if not file.is_file():
        yield f"{rule.id}: has no cases; write them to {file}"
        return
    for case in _cases(file):
        problem = testing.problem_with(rule, case)
        if problem:
            yield problem


def _cases(file: Path) -> list[testing.Case]:
    from yaml import YAMLError  # noqa: PLC0415 - not needed by --help

    try:
        return list(testing.read_cases(file))
    except (YAMLError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"{file}: is no file of cases: {' '.join(str(error).split())}") from error
