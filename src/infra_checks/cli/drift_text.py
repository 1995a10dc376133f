"""What `infra-checks drift` prints."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.comparing import Kind
from infra_checks.live.drift import Drift, Origin
from infra_checks.live.reading import Unread
from infra_checks.live_checks import not_read
from infra_checks.reporters.characters import disarmed, visible, well_formed
from infra_checks.reporters.tally import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from infra_checks.live.reading import Plain
    from infra_checks.live.stacks import LiveStack

SCHEMA_ID: Final = "urn:infra-checks:drift:1"
_LONGEST: Final = 100
_HIDDEN: Final = "(hidden)"
_NOT_RETURNED: Final = "no API returns "
_NEVER_ASKED: Final = "not read: the reader of "
_SECRET: Final = re.compile(
    r"password|passphrase|secret|token|credential|Variables|Environment\[|UserData", re.IGNORECASE
)
"""Properties below which values may be secret: variables of functions and containers and what instances run too."""
_NAMES_A_SECRET: Final = re.compile(r"(arn:[a-z-]+:|\{\{resolve:)")


def schema() -> str:
    """The text of the JSON schema that `as_json` fits."""
    return files("infra_checks.cli").joinpath("drift.schema.json").read_text("utf-8")


def is_known(stack: LiveStack) -> bool:
    """Whether all that the template declares could be compared, apart from what no run can read."""
    return not stack.notices and not _refused(stack) and all(resource.declared is not None for resource in stack)


def as_json(stack: LiveStack, found: Sequence[Drift], *, ignore_open: bool = False) -> str:
    """All differences as indented ASCII JSON; those not told are only counted with `ignore_open`."""
    document = {
        "$schema": SCHEMA_ID,
        "stack": stack.stack_id,
        "summary": {origin.name.lower(): sum(each.origin is origin for each in found) for origin in Origin},
        "differences": [_entry(each) for each in found if not (ignore_open and each.origin is Origin.OPEN)],
        "notices": [well_formed(notice) for notice in (*stack.notices, *_refused(stack))],
    }
    return json.dumps(document, indent=2) + "\n"


def _entry(drift: Drift) -> dict[str, Any]:
    return {
        "resource": drift.logical_id,
        "type": drift.type,
        "arn": drift.arn,
        "path": well_formed(drift.path_text),
        "kind": drift.kind.value,
        "origin": drift.origin.name.lower(),
        "declared": _HIDDEN if _is_never_shown(drift) else _shown(drift.declared, drift.path_text),
        "live": _shown(drift.live, drift.path_text),
        "breaks": list(drift.breaks),
        "reason": well_formed(drift.reason) or None,
    }


def as_text(
    stack: LiveStack,
    found: Sequence[Drift],
    *,
    verbose: bool = False,
    color: bool = False,
    ignore_open: bool = False,
) -> str:
    """What was changed by resource, then counts; with `verbose` all, but with `ignore_open` nothing not told."""
    listed = {Origin.HAND, *([Origin.AWS] if verbose else []), *([Origin.OPEN] if verbose and not ignore_open else [])}
    shown = [each for each in found if each.origin in listed]
    lines: list[str] = []
    for _, group in groupby(shown, key=lambda each: each.logical_id):
        lines += [*_resource(list(group), color=color), ""]
    lines += [f"note: {visible(notice)}" for notice in (*stack.notices, *_refused(stack))]
    return disarmed("\n".join([*lines, *_summary(stack, found, is_known=is_known(stack))])) + "\n"


def _refused(stack: LiveStack) -> list[str]:
    """What could not be read, without what no run asks for, which is among the differences all the same."""
    return [notice for notice in not_read(stack) if not notice.startswith(_NEVER_ASKED)]


def _resource(found: list[Drift], *, color: bool) -> Iterator[str]:
    first = found[0]
    name = f"\x1b[1m{first.logical_id}\x1b[0m" if color else first.logical_id
    yield f"{name} {first.type} {visible(first.arn)}"
    for each in found:
        kind = f"\x1b[31m{each.kind.value}\x1b[0m" if color and each.origin is Origin.HAND else each.kind.value
        yield f"  {kind} {visible(each.path_text) or 'the resource'}{_told(each)}"
        if each.breaks:
            yield f"    breaks {', '.join(each.breaks)}"


def _is_never_shown(drift: Drift) -> bool:
    """Whether AWS takes the value and never shows it, as it does with secrets whatever they are called."""
    return drift.reason.startswith(_NOT_RETURNED) and drift.declared is not None


def _told(drift: Drift) -> str:
    declared, live = (_clipped(_shown(value, drift.path_text)) for value in (drift.declared, drift.live))
    reason = visible(drift.reason)
    match drift.kind:
        case Kind.CHANGED:
            told = f": {declared} is {live}"
        case Kind.REMOVED:
            told = f": {declared} is not there" if drift.path else ": it is gone"
        case Kind.ADDED:
            told = f": {live}"
        case Kind.UNREAD:
            return f": {reason}"
    origin = {Origin.HAND: "", Origin.AWS: " (set by AWS)", Origin.OPEN: f" ({reason})"}[drift.origin]
    return told + origin


def _summary(stack: LiveStack, found: Sequence[Drift], *, is_known: bool) -> Iterator[str]:
    by_hand = [each for each in found if each.origin is Origin.HAND]
    resources = len({each.logical_id for each in by_hand})
    of = f"of {plural(len(stack.resources), 'resource')} of {visible(stack.label)}"
    if by_hand:
        yield f"{plural(len(by_hand), 'difference')} in {plural(resources, 'resource')} made by hand, {of}"
    else:
        yield f"nothing {'' if is_known else 'known to be '}changed by hand, {of}"
    by_aws = sum(each.origin is Origin.AWS for each in found)
    not_told = sum(each.origin is Origin.OPEN for each in found)
    yield f"{by_aws} set by AWS, {not_told} not told (--verbose lists them)"


def _shown(value: Plain, path: str) -> Any:  # noqa: ANN401 - JSON
    """A value without what may be a secret."""
    if isinstance(value, Unread):
        return f"(not read: {well_formed(value.reason)})"
    if isinstance(value, dict):
        return {well_formed(str(name)): _shown(child, f"{path}.{name}") for name, child in value.items()}
    if isinstance(value, list):
        return [_shown(item, path) for item in value]
    if isinstance(value, str):
        hidden = _SECRET.search(path) and not _NAMES_A_SECRET.match(value)
        return _HIDDEN if hidden else well_formed(value)
    return value


def _clipped(value: Any) -> str:  # noqa: ANN401 - JSON
    text = value if isinstance(value, str) else json.dumps(value)
    return visible(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}...")
