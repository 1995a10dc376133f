"""`infra-checks rules`, `explain` and `packs`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from infra_checks import api
from infra_checks.cli.terminal import write_output
from infra_checks.core.finding import Family, Severity
from infra_checks.reporters.characters import visible
from infra_checks.reporters.markdown import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from infra_checks.core.rule import Rule

_FAMILIES = [family.value for family in Family if family is not Family.OTHER]
_SEVERITIES = [severity.label for severity in reversed(Severity)]


@click.command
@click.option("--format", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@click.option("--family", multiple=True, type=click.Choice(_FAMILIES), help="Only rules of this family; repeatable.")
@click.option("--severity", multiple=True, type=click.Choice(_SEVERITIES), help="Only of this severity; repeatable.")
@click.option(
    "--type", multiple=True, metavar="TYPE", help="Only for this resource type (AWS::S3::Bucket); repeatable."
)
@click.option("-p", "--pack", multiple=True, metavar="NAME|FILE", help="Also the rules of this pack; repeatable.")
def rules(
    format: str, family: tuple[str, ...], severity: tuple[str, ...], type: tuple[str, ...], pack: tuple[str, ...]
) -> None:
    """List the built-in rules, and those that packs bring along."""
    chosen = [
        rule
        for rule in (api.pack_rules(pack) if pack else api.catalogue())
        if (not family or rule.family.value in family)
        and (not severity or rule.severity.label in severity)
        and (not type or any(rule.applies_to(kind) for kind in type))
    ]
    rows = [(rule.id, rule.family.value, rule.severity.label, rule.title) for rule in chosen]
    match format:
        case "json":
            write_output(json.dumps([_data(rule) for rule in chosen], indent=2) + "\n")
        case "markdown":
            write_output(table(("Rule", "Family", "Severity", "Title"), rows))
        case _:
            write_output("".join(f"{line}\n" for line in columns(rows)))


def _data(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "family": rule.family.value,
        "severity": rule.severity.label,
        "types": list(rule.types),
        "rationale": rule.rationale,
        "remedy": rule.remedy,
        "source": rule.source,
        "options": dict(rule.options),
        "equivalents": list(rule.equivalents),
        "aliases": list(rule.aliases),
    }


@click.command(short_help="Tell all about a rule.")
@click.argument("rule")
@click.option("-p", "--pack", multiple=True, metavar="NAME|FILE", help="Also know the rules of this pack; repeatable.")
def explain(rule: str, pack: tuple[str, ...]) -> None:
    """Tell all about a rule: its id, an alias, or the id of another tool's check (CKV_AWS_16)."""
    write_output("\n\n".join("\n".join(_explanation(found)) for found in api.find_rule(rule, pack)) + "\n")


def _explanation(rule: Rule) -> Iterator[str]:
    yield f"{rule.id}: {rule.title}"
    yield ""
    yield rule.rationale
    yield ""
    facts = {
        "fix": rule.remedy,
        "severity": rule.severity.label,
        "family": rule.family.value,
        "types": ", ".join(rule.types),
        "source": rule.source,
        "equivalents": ", ".join(rule.equivalents),
        "aliases": ", ".join(rule.aliases),
    }
    yield from (f"{name + ':':<13}{visible(fact)}" for name, fact in facts.items() if fact)
    for standard, controls in api.controls_of(rule.id).items():
        yield f"{'controls:':<13}{visible(standard)}: {visible(', '.join(controls))}"
    for name, default in rule.options.items():
        shown = ", ".join(default) if isinstance(default, tuple) else str(default)
        yield f"{'option:':<13}{name} (default: {shown or 'none'})"


@click.command
def packs() -> None:
    """List the policy packs that come with infra-checks, and the standards, each of which is a pack too."""
    write_output("".join(f"{line}\n" for line in columns((*api.list_packs(), *api.list_frameworks()))))


def columns(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows with their cells in columns; the last cell is as long as it is."""
    lines = [tuple(map(visible, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        *cells, last = line
        yield "  ".join([*(f"{cell:<{width}}" for cell, width in zip(cells, widths[:-1], strict=True)), last])
