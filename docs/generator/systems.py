"""The index of the reference systems: what each is for, has, costs and passes, drawn from what they are made of."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from configparser import ConfigParser
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from infra_checks.core.declared import DeclaredStack, declared_stack
from infra_checks.diagram import draw
from infra_checks.diagram.kinds import SERVICES
from infra_checks.diagram.pages import place
from infra_checks.live.settings import FILE, Settings, read_settings
from infra_checks.reporters.markdown import escape
from infra_checks.template.load import load_template
from infra_checks.template.nodes import Mapping, Scalar

if TYPE_CHECKING:
    from pathlib import Path

GENERATED: Final = "<!-- Written by docs/generate.py of the systems' templates, papers and tox.ini; do not edit. -->"
ENVIRONMENT: Final = "production"
_HOURLY: Final = "## By the hour"
_LARGE: Final = 51_200
"""Bytes of a template that is sent with the request."""
_SPELLED: Final = {"EC2": "EC2 and VPC", "ElasticLoadBalancingV2": "Elastic Load Balancing", "Logs": "CloudWatch Logs"}
_INTRO: Final = """\
Systems as they would run in an account: each with its template, parameters for four environments, the code it runs, a
runbook, what is billed and why it is as it is.
"""
_DEPLOYING: Final = """\
[docs/deploy.md](../docs/deploy.md) goes through it step by step. The runbooks tell what has to be there before; the ids
and names in the parameter files are examples, for which your own are given with `--parameters`. Without an account:
`infra-checks sandbox start` ([docs/sandbox.md](../docs/sandbox.md)).
"""
_PASSING: Final = """\
What the gate (`tox -e gate`) asks of each, beside cfn-lint and checkov. A pack passes when nothing in it blocks;
waivers have a reason, an owner and an end (`infra-checks waivers infra`). A template that the AWS CDK wrote is that of
production; tests write and judge those of the other environments.
"""
_BILLED: Final = "By the hour, used or not; the pages have what is billed by use, and where AWS tells the prices.\n"


@dataclass(frozen=True, slots=True)
class System:
    """A folder with a deploy.yaml, and what its template declares in production."""

    name: str
    folder: Path
    settings: Settings
    stack: DeclaredStack
    purpose: str
    summary: str
    parameters: int

    @property
    def stack_name(self) -> str:
        """The name that its stack has in the examples."""
        return self.name.replace("_", "-")


def systems(infra: Path) -> list[System]:
    """All systems of a folder, by name."""
    return [_system(file.parent) for file in sorted(infra.glob(f"*/{FILE}"))]


def _system(folder: Path) -> System:
    settings = read_settings(folder)
    template = load_template(settings.template)
    region = settings.regions[0] if settings.regions else "us-east-1"
    stack = declared_stack(settings.template, {**_values(folder), "AWS::Region": region})
    summary = template.root.get("Description")
    metadata = template.root.get("Metadata")
    purpose = metadata.get("Purpose") if isinstance(metadata, Mapping) else None
    return System(
        folder.name,
        folder,
        settings,
        stack,
        " ".join(purpose.text.split()) if isinstance(purpose, Scalar) else "",
        summary.text if isinstance(summary, Scalar) else "",
        len(template.parameters),
    )


def _values(folder: Path) -> dict[str, str]:
    entries: list[dict[str, Any]] = json.loads((folder / "parameters" / f"{ENVIRONMENT}.json").read_text("utf-8"))
    return {each["ParameterKey"]: each["ParameterValue"] for each in entries}


def page(infra: Path, tox: Path) -> str:
    """The index of a folder of systems."""
    found = systems(infra)
    parts = [
        f"# Reference systems\n\n{GENERATED}\n",
        _INTRO,
        _overview(found),
        f"## Services\n\nThe resources of {ENVIRONMENT}, by service.\n\n{_services(found)}",
        f"## Deploy\n\n{_DEPLOYING}\n{_commands(found)}",
        f"## Packs\n\n{_PASSING}\n{_packs(found, gate(tox))}",
        f"## Costs\n\n{_BILLED}\n{_costs(found)}",
        *(_section(each) for each in found),
    ]
    return "\n".join(parts)


def _table(*rows: tuple[str, ...]) -> str:
    head, *body = (f"| {' | '.join(row)} |\n" for row in rows)
    return "".join([head, f"|{' --- |' * len(rows[0])}\n", *body])


def _overview(found: list[System]) -> str:
    rows = [
        (
            f"[{each.name}](#{each.name})",
            escape(each.summary),
            *(str(len(kind)) for kind in (each.stack.resources, each.stack.outputs)),
            str(each.parameters),
            f"[runbook]({each.name}/docs/runbook.md)",
        )
        for each in found
    ]
    return _table(("System", "What for", "Resources", "Outputs", "Parameters", ""), *rows)


def _services(found: list[System]) -> str:
    counts = {each.name: Counter(_service(one.type) for one in each.stack) for each in found}
    names = sorted({name for count in counts.values() for name in count}, key=str.lower)
    rows = [(name, *(str(counts[each.name][name] or "") for each in found)) for name in names]
    return _table(("", *(each.name for each in found)), *rows)


def _service(kind: str) -> str:
    parts = kind.split("::")
    return _SPELLED.get(parts[1]) or SERVICES.get(parts[1]) or parts[1]


def _commands(found: list[System]) -> str:
    lines = []
    for each in found:
        file = f"infra/{each.name}/parameters/{ENVIRONMENT}.json"
        large = each.settings.template.stat().st_size > _LARGE and not each.settings.code
        bucket = " --bucket BUCKET" if large else ""
        command = f"infra-checks deploy infra/{each.name} --stack-name {each.stack_name} --parameters {file}"
        lines.append(f"{command}{bucket} --dry-run\n")
    return f"```sh\n{''.join(lines)}```\n"


def gate(tox: Path) -> list[tuple[tuple[str, ...], str, str]]:
    """The checks of the gate: paths, pack and what else is asked."""
    parser = ConfigParser(interpolation=None)
    parser.read(tox, "utf-8")
    found = []
    for line in parser["testenv:gate"]["commands"].splitlines():
        words = shlex.split(line, comments=True)
        if words[:2] != ["infra-checks", "check"]:
            continue
        paths = tuple(word for word in words[2:] if word.startswith("infra"))
        rest = [word for word in words[2:] if word not in paths and word != "--quiet"]
        at = rest.index("--pack")
        pack = rest[at + 1]
        found.append((paths, pack, " ".join(rest[:at] + rest[at + 2 :])))
    return found


def _packs(found: list[System], checks: list[tuple[tuple[str, ...], str, str]]) -> str:
    rows = []
    for paths, pack, more in checks:
        cells = ["yes" if {"infra", f"infra/{each.name}"} & set(paths) else "" for each in found]
        rows.append((f"`--pack {pack}{' ' if more else ''}{more}`", *cells))
    return _table(("", *(each.name for each in found)), *rows)


def _costs(found: list[System]) -> str:
    rows = [(f"[{each.name}]({each.name}/docs/costs.md)", _billed(each.folder / "docs" / "costs.md")) for each in found]
    return _table(("System", "What"), *rows)


def _billed(file: Path) -> str:
    """The first cells of the table of what is billed by the hour."""
    part = file.read_text("utf-8").partition(_HOURLY)[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| ")]
    return "; ".join(cells[0] for cells in rows[1:])


def _section(system: System) -> str:
    decisions = sorted((system.folder / "docs" / "adr").glob("*.md"))
    links = "".join(f"- [{_title(file)}]({system.name}/docs/adr/{file.name})\n" for file in decisions)
    template = system.settings.template
    flowchart = draw(str(template), _values(system.folder))
    diagram = place(template, system.folder.parent / "README.md", flowchart)
    purpose = f"{escape(system.purpose)}\n\n" if system.purpose else ""
    papers = f"[Runbook]({system.name}/docs/runbook.md), [costs]({system.name}/docs/costs.md), and why it is so:"
    return f"## {system.name}\n\n{escape(system.summary)}\n\n{purpose}{diagram}\n\n{papers}\n\n{links}"


def _title(file: Path) -> str:
    first = file.read_text("utf-8").partition("\n")[0]
    return escape(re.sub(r"^#+\s*(?:\d+[.:]?\s*)?", "", first))
