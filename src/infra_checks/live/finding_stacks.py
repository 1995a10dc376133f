"""Which stack is meant: by its name, by a file with its outputs, or by a tag.

What fits several stacks is refused, and the error names them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from infra_checks.errors import ConfigError
from infra_checks.live.clients import told_as_unusable
from infra_checks.live.outputs import stacks_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from infra_checks.live.clients import Clients

_GONE: Final = "DELETE_COMPLETE"


def stack_of_outputs(file: str, clients: Clients) -> str:
    """The name or id of the stack whose outputs are in a file. Raises ConfigError.

    A file that tells which stack they are of names it; else they are looked for among the stacks of the account and
    Region. The forms are those of live.outputs.
    """
    told = stacks_in(Path(file))
    if all(each.name for each in told):
        return _only(file, [each.id or each.name for each in told])
    pairs = {pair for each in told for pair in each.outputs.items()}
    if not pairs:
        raise ConfigError(f"{file}: holds no outputs; it has to be a mapping of keys to values")
    return _chosen(clients, f"the outputs in {file}", lambda stack: pairs <= _outputs(stack))


def stack_of_tag(tag: str, clients: Clients) -> str:
    """The id of the stack that has a tag, `Key=Value`. Raises ConfigError."""
    key, separator, value = tag.partition("=")
    if not separator or not key:
        raise ConfigError(f"{tag}: is no tag; write KEY=VALUE")
    wanted = {"Key": key, "Value": value}
    return _chosen(clients, f"the tag {tag}", lambda stack: wanted in (stack.get("Tags") or ()))


def _outputs(stack: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(each["OutputKey"], each["OutputValue"]) for each in stack.get("Outputs") or ()}


def _chosen(clients: Clients, what: str, fits: Callable[[Mapping[str, Any]], bool]) -> str:
    client = clients.get("cloudformation")
    with told_as_unusable():
        pages = client.get_paginator("describe_stacks").paginate()
        found = [each for page in pages for each in page["Stacks"] if each["StackStatus"] != _GONE and fits(each)]
    # A nested stack has the tags of its root, which is the one that is meant.
    roots = [each for each in found if not each.get("RootId")] or found
    if not roots:
        raise ConfigError(f"no stack in {client.meta.region_name} has {what}; name it with --stack-name")
    return _only(what, [each["StackId"] for each in roots])


def _only(what: str, candidates: Iterable[str]) -> str:
    found = sorted(set(candidates))
    if len(found) == 1:
        return found[0]
    if not found:
        raise ConfigError(f"{what}: names no stack")
    raise ConfigError(f"{what}: several stacks fit: {', '.join(found)}; choose one with --stack-name")


def region_in(name: str) -> str | None:
    """The Region in the ARN of a stack; None for a name."""
    return name.split(":")[3] if name.startswith("arn:") and name.count(":") > 4 else None  # noqa: PLR2004 - an ARN
