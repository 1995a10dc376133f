"""The file of policies that AWS manages; its form is told in managed.py, which reads it."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from infra_checks.iam.catalogue.managed import LINKED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra_checks.iam.catalogue.build.sources import Files

_MODULE: Final = "moto/iam/aws_managed_policies.py"
_ELEMENTS: Final = frozenset({"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"})


def raw_policies(files: Files) -> dict[str, Any]:
    """The policies of moto, by name: their JSON is a text in a module, which is cut out and not run."""
    text = files.text(_MODULE)
    return dict(sorted(json.loads(text[text.index('"""') + 3 : text.rindex('"""')]).items()))


def managed_text(policies: dict[str, Any], head: str) -> bytes:
    """The file."""
    index, documents, offset = [head], [], 0
    for name, policy in policies.items():
        entry = [name, policy["Path"], policy["DefaultVersionId"], policy["UpdateDate"][:10]]
        if policy["Path"] != LINKED:
            document = "\n".join(_line(statement) for statement in statements(policy)).encode()
            entry += [str(offset), str(len(document))]
            offset += len(document) + 1
            documents.append(document)
        index.append("\t".join(entry))
    return b"\n".join(["\n".join(index).encode(), b"", *documents, b""])


def statements(policy: Any) -> list[Any]:  # noqa: ANN401 - JSON
    """The statements of a policy."""
    listed = policy["Document"]["Statement"]
    return listed if isinstance(listed, list) else [listed]


def actions_named(policies: dict[str, Any]) -> Iterator[str]:
    """Every entry of Action in their Allow statements that names one action."""
    for policy in policies.values():
        for statement in statements(policy):
            if statement["Effect"] == "Allow":
                yield from (one for one in _list(statement.get("Action", [])) if "*" not in one and "?" not in one)


def _line(statement: dict[str, Any]) -> str:
    unknown = statement.keys() - _ELEMENTS
    if unknown:
        raise ValueError(f"elements that the file cannot hold: {sorted(unknown)}")
    condition = statement.get("Condition")
    return "\t".join(
        [
            ("-" if statement["Effect"] == "Deny" else "") + statement.get("Sid", ""),
            _either(statement, "Action", _grouped),
            _either(statement, "Resource", " ".join),
            json.dumps(condition, separators=(",", ":")) if condition else "",
        ]
    )


def _either(statement: dict[str, Any], element: str, written: Any) -> str:  # noqa: ANN401 - a function of a list
    if element in statement:
        return str(written(_list(statement[element])))
    return f"!{written(_list(statement[f'Not{element}']))}"


def _list(value: Any) -> list[str]:  # noqa: ANN401 - JSON
    return [value] if isinstance(value, str) else list(value)


def _grouped(actions: Iterable[str]) -> str:
    groups = []
    for prefix, group in groupby(actions, key=lambda action: action.partition(":")[0]):
        listed = list(group)
        names = ",".join(action.partition(":")[2] for action in listed)
        groups.append(f"{prefix}:{names}" if ":" in listed[0] else " ".join(listed))
    return " ".join(groups)
