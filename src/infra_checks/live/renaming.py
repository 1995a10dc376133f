"""From the members of an API's answer to CloudFormation's properties.

What says nothing (None, an empty text, list or mapping) is left out: in an answer it means "not configured", and rules
are to see it as absent. Zero and false are kept.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from infra_checks.live.reading import Plain, Unread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Properties = dict[str, Plain]


def said(value: Plain) -> bool:
    """Whether a value of an answer says anything."""
    return value is not None and value not in ("", [], {})


def stated(**properties: Plain) -> Properties:
    """The properties that say anything."""
    return {name: value for name, value in properties.items() if said(value)}


def renamed(answer: Mapping[str, Any], *same: str, **differing: str) -> Properties:
    """Members of an answer as properties: `same` have the same name in both, `differing` are `Property="Member"`."""
    members = {name: name for name in same} | differing
    return stated(**{name: answer.get(member) for name, member in members.items()})


def pruned(value: Plain) -> Plain:
    """A value without what says nothing, below it too."""
    if isinstance(value, dict):
        inner = {key: pruned(each) for key, each in value.items()}
        return {key: each for key, each in inner.items() if said(each)}
    return [pruned(each) for each in value] if isinstance(value, list) else value


def capitalized(value: Plain) -> Plain:
    """A value with the first letter of each key in upper case, below it too, without what says nothing.

    For answers in camelCase whose keys are all member names, none of them chosen by users.
    """
    if isinstance(value, dict):
        return pruned({key[:1].upper() + key[1:]: capitalized(each) for key, each in value.items()})
    return [capitalized(each) for each in value] if isinstance(value, list) else value


def tag_list(pairs: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Tags as a list, without those that AWS itself sets: keys that begin with `aws:` cannot be a template's.

    AWS: "Tag naming limits and requirements" of Tagging AWS Resources.
    """
    return [
        {"Key": each["Key"], "Value": each.get("Value", "")} for each in pairs if not each["Key"].startswith("aws:")
    ]


def tags_of_map(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as a list, from an answer that has them as a mapping."""
    return tag_list({"Key": key, "Value": value} for key, value in sorted(tags.items()))


def tag_map(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags as a mapping, without those that AWS itself sets."""
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}


def document(text: str) -> Plain:
    """A policy or other JSON text as a mapping; what is no JSON stays a text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def from_answer(
    answer: Plain | Unread, names: Sequence[str], read: Callable[[Plain], Mapping[str, Plain]]
) -> Properties:
    """The properties `names` of one answer: each is Unread when the call failed, else what of them `read` finds."""
    if isinstance(answer, Unread):
        return dict.fromkeys(names, answer)
    return {name: value for name, value in read(answer).items() if said(value)}


def only(entries: list[Any] | Unread, what: str) -> Any:  # noqa: ANN401 - an entry of an answer
    """The one entry of an answer that was asked of one resource; Unread when there is none."""
    if isinstance(entries, Unread):
        return entries
    return entries[0] if entries else Unread(f"{what} was not found")
