"""Standards as SARIF taxonomies, and the controls that each rule is evidence for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra_checks.reporters.sarif_rules import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from infra_checks.core.framework import Framework


def taxonomies(frameworks: Iterable[Framework]) -> list[dict[str, Any]]:
    """One taxonomy for each standard, with its controls as taxa."""
    return [
        {
            "name": text(framework.name, 255),
            "fullName": text(framework.title),
            "informationUri": framework.source,
            "shortDescription": {"text": text(framework.title)},
            "taxa": [
                {"id": text(control.id, 255), "shortDescription": {"text": text(control.title)}}
                for control in framework.controls
            ],
        }
        for framework in frameworks
    ]


def relate(rules: Iterable[dict[str, Any]], frameworks: Sequence[Framework]) -> None:
    """Add to each rule's descriptor the controls that it tests."""
    related: dict[str, list[dict[str, Any]]] = {}
    for at, framework in enumerate(frameworks):
        component = {"name": text(framework.name, 255), "index": at}
        for index, control in enumerate(framework.controls):
            target = {"id": text(control.id, 255), "index": index, "toolComponent": component}
            for rule in control.rules:
                related.setdefault(rule, []).append({"target": target, "kinds": ["relevant"]})
    for descriptor in rules:
        if descriptor["id"] in related:
            descriptor["relationships"] = related[descriptor["id"]]
