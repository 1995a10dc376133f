"""Templates of cases as plain data, and changes of one place in them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import cast

from infra_checks.template.load import load_template
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence
from infra_checks.testing import Case, read_cases

Data = dict[str, "Data"] | list["Data"] | str | int | float | None
Place = tuple[str | int, ...]

CASES = Path(__file__).parents[1] / "cases"


@cache
def cases(rule_id: str) -> tuple[Case, ...]:
    """A rule's cases; none if there is no file."""
    file = CASES / f"{rule_id}.yaml"
    return tuple(read_cases(file)) if file.exists() else ()


def plain(node: Node) -> Data:
    """A node as data with the long forms of intrinsics."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key: plain(child) for key, child in node.entries.items()}
        case Call():
            return {node.name: plain(node.argument)}


def data_of(case: Case) -> Data:
    """A case's template as data."""
    if not isinstance(case.template, str):
        return cast("Data", case.template)
    return plain(load_template("template.yaml", case.template.encode()).root)


def walk(data: Data, path: Place = ()) -> Iterator[tuple[Place, Data]]:
    """The data and all below it with their places, parents first."""
    yield path, data
    if isinstance(data, dict):
        for key, child in data.items():
            yield from walk(child, (*path, key))
    elif isinstance(data, list):
        for index, child in enumerate(data):
            yield from walk(child, (*path, index))


def at(data: Data, path: Place) -> Data:
    """What stands at a place."""
    for part in path:
        if isinstance(data, dict):
            data = data[str(part)]
        else:
            assert isinstance(data, list)
            data = data[int(part)]
    return data


def without(data: Data, path: Place) -> Data:
    """A copy of the data without one node."""
    key, rest = path[0], path[1:]
    if isinstance(data, dict):
        return {
            name: without(child, rest) if name == key else child for name, child in data.items() if name != key or rest
        }
    assert isinstance(data, list)
    return [without(child, rest) if index == key else child for index, child in enumerate(data) if index != key or rest]


def with_value(data: Data, path: Place, value: Data) -> Data:
    """A copy of the data with one node changed."""
    if not path:
        return value
    if isinstance(data, dict):
        return {name: with_value(child, path[1:], value) if name == path[0] else child for name, child in data.items()}
    assert isinstance(data, list)
    return [with_value(child, path[1:], value) if index == path[0] else child for index, child in enumerate(data)]


def with_section(data: Data, section: str, name: str, value: Data) -> Data:
    """A copy of a template with one more entry in a section such as `Parameters`."""
    assert isinstance(data, dict)
    entries = data.get(section)
    return {**data, section: {**(entries if isinstance(entries, dict) else {}), name: value}}


def resources(data: Data) -> Iterator[tuple[str, dict[str, Data]]]:
    """Names and declarations of a template's resources."""
    assert isinstance(data, dict)
    found = data["Resources"]
    assert isinstance(found, dict)
    for name, declaration in found.items():
        if isinstance(declaration, dict):
            yield name, declaration


def properties(declaration: dict[str, Data]) -> dict[str, Data]:
    """A resource's properties."""
    found = declaration.get("Properties")
    return found if isinstance(found, dict) else {}


def is_function(key: object) -> bool:
    """Whether a key is that of an intrinsic function."""
    return isinstance(key, str) and (key == "Ref" or key.startswith("Fn::"))
