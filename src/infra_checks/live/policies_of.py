"""Policies that are attached to other resources and that only the template says which: of queues and of topics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.live.reading import Unread
from infra_checks.live.renaming import document, stated

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra_checks.live.reading import Asking, Read


def attached_policy(asking: Asking, where: str, policy_of: Callable[[Asking, str], str | Unread | None]) -> Read:
    """The policy that the resources in the property `where` have, and those that have one.

    No API tells what a policy of its own type was attached to, so the template's list is where it is looked for.
    """
    named = asking.declared.get(where)
    named = [named] if isinstance(named, str) else named
    if not isinstance(named, list) or not named or not all(isinstance(each, str) for each in named):
        return Unread(f"no API tells what {asking.physical_id} is attached to, and the template's {where} is not known")
    found = {each: policy_of(asking, each) for each in named}
    refused = next((each for each in found.values() if isinstance(each, Unread)), None)
    texts = {each: text for each, text in found.items() if isinstance(text, str) and text}
    documents = [document(text) for text in texts.values()]
    alike = all(each == documents[0] for each in documents)
    differing = None if alike else Unread(f"{', '.join(texts)} have different policies")
    attached = [each for each, text in found.items() if text]
    return stated(PolicyDocument=refused or differing or (documents[0] if documents else None), **{where: attached})
