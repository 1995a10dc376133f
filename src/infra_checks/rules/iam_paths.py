"""A rule on ARNs that leave out the path of a role, user or group of the stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.access.carriers import policies_of
from infra_checks.access.symbols import arn_of, reference_to
from infra_checks.access.table import CARRIERS
from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.iam.text import joined, pieces, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource, Surroundings
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.iam.document import Document, Path
    from infra_checks.iam.text import Text

_KINDS: Final = {"AWS::IAM::Group": "group", "AWS::IAM::Role": "role", "AWS::IAM::User": "user"}


class _Pathed(NamedTuple):
    """An identity of the stack that has, or may have, a path; `reason` says why that is not known."""

    name: str
    arn: str
    reason: str


@rule(
    *sorted(CARRIERS),
    id="iam-policy-arn-has-path",
    title="ARNs of roles and users have their path",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Take the ARN from the resource itself, as `!GetAtt Role.Arn` gives it.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html",
)
def pathed(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """The path of a role, user or group is part of its ARN. An ARN put together of its name alone is that of another
    role, or of none: a resource policy with it as principal is refused, and a statement about it grants nothing.
    """
    known = _known(resource.stack)
    for carried in policies_of(resource) if known else ():
        for text, path in _texts(carried.placed.document, ()):
            found = known.get(_named(text))
            if found is None:
                continue
            at = carried.at(path)
            if found.reason:
                yield ctx.undecided(at, f"whether the ARN of {found.name} has its path cannot be told: {found.reason}")
            else:
                remedy = f"Write `!GetAtt {found.name}.Arn`, which is `{found.arn}`."
                yield ctx.violation(at, f"has an ARN of {found.name} without its path", remedy=remedy)


def _known(stack: Surroundings) -> dict[tuple[str, Text], _Pathed]:
    """By kind and name, the identities of which an ARN without a path is wrong."""
    kept = stack.kept
    if "pathed" not in kept:
        kept["pathed"] = {(_KINDS[one.type], reference_to(one)): found for one, found in _all_pathed(stack)}
    found: dict[tuple[str, Text], _Pathed] = kept["pathed"]
    return found


def _all_pathed(stack: Surroundings) -> Iterator[tuple[Resource, _Pathed]]:
    for one in stack.of_type(*_KINDS):
        path = one.text("Path")
        match path:
            case Known("/") | Absent():
                continue
            case Known():
                arn = arn_of(one)
                yield one, _Pathed(one.logical_id, "" if arn is None else shown(arn), "")
            case Unknown():
                yield one, _Pathed(one.logical_id, "", path.reason)


def _named(text: Text) -> tuple[str, Text]:
    """The kind and the name in an ARN of IAM, all that follows the slash; nothing for other texts."""
    found = pieces(text)
    for index, piece in enumerate(found):
        if not isinstance(piece, str):
            continue
        for kind in _KINDS.values():
            head, slash, rest = piece.partition(f":{kind}/")
            if slash and shown(joined((*found[:index], head))).startswith("arn:"):
                return kind, joined((rest, *found[index + 1 :]))
    return "", ""


def _texts(value: Document, path: Path) -> Iterator[tuple[Text, Path]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))
    elif isinstance(value, str | tuple):
        yield value, path
