"""What the data files must be for a release: whole, from known sources, and not too old."""

from __future__ import annotations

import re
import warnings
from datetime import date, timedelta

from infra_checks.iam.catalogue import (
    Risk,
    all_actions,
    find_action,
    managed_policies,
    of_risk,
    service,
    services,
    with_resource_level,
)
from infra_checks.iam.catalogue.build import reference
from infra_checks.iam.catalogue.build.sources import PINS
from infra_checks.iam.catalogue.slices import DATA, head

_FRESH = timedelta(days=180)


def counts() -> dict[str, int]:
    return {name: int(number) for name, number in re.findall(r"^# count (\S+) (\d+)$", head().text, re.MULTILINE)}


def test_the_head_names_each_source_with_version_licence_and_digest() -> None:
    for pin in PINS.values():
        assert f"# source {pin.package} {pin.version} ({pin.licence}) sha256 {pin.sha256}: {pin.takes}" in head().text


def test_the_counts_of_the_head_are_true_and_above_the_floor() -> None:
    said = counts()
    known = [found for prefix in services() if (found := service(prefix))]
    actions = [action for found in known for action in found.actions]
    assert said == {
        "services": len(known),
        "actions": len(actions),
        "actions-with-dependents": sum(1 for action in actions if action.all_dependent_actions),
        "resource-types": sum(len(found.resource_types) for found in known),
        "condition-keys": sum(len(found.condition_keys) for found in known),
        "managed-policies": len(managed_policies()),
    }
    floors = {"services": 450, "actions": 22_000, "actions-with-dependents": 1_700, "resource-types": 2_300}
    floors |= {"condition-keys": 2_500, "managed-policies": 1_550}
    assert all(said[name] >= floor for name, floor in floors.items())
    assert len(all_actions()) == said["actions"]
    assert len(with_resource_level()) > 15_000


def test_the_files_are_as_large_as_they_should_be() -> None:
    sizes = {path.name: path.stat().st_size for path in DATA.iterdir()}
    assert 1_000_000 < sizes["services.txt"] < 1_500_000
    assert 600_000 < sizes["actions.txt"] < 1_000_000
    assert 1_500_000 < sizes["managed.txt"] < 2_200_000


def test_the_data_are_of_a_day_after_the_last_release_and_told_when_they_age() -> None:
    found = re.search(r"^# date (\S+)$", head().text, re.MULTILINE)
    assert found is not None
    day = date.fromisoformat(found[1])
    assert day >= date(2026, 10, 27)
    if date.today() - day > _FRESH:  # noqa: DTZ011 - days suffice
        with warnings.catch_warnings():
            warnings.simplefilter("default")  # a test must not fail because time passes
            message = f"the IAM catalogue is of {day}; refresh it: python -m infra_checks.iam.catalogue.build --help"
            warnings.warn(message, stacklevel=1)


def test_every_fact_of_ours_is_about_an_action_that_there_is_and_changes_something() -> None:
    for file in ("levels.txt", "risks.txt"):
        facts = list(reference.facts(file))
        assert len(facts) == len(set(facts))
        assert [name for _, name in facts if find_action(name) is None] == []
    for heading, name in reference.facts("levels.txt"):
        action = find_action(name)
        assert action is not None
        assert action.level.value == heading


def test_every_class_of_risk_has_actions() -> None:
    assert {
        risk: len(of_risk(risk)) >= floor for risk, floor in zip(Risk, (90, 110, 550, 20), strict=True)
    } == dict.fromkeys(Risk, True)
