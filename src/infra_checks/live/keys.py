"""KMS keys that somebody chose, and those that a service takes by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.reading import Unread

if TYPE_CHECKING:
    from infra_checks.live.reading import Asking

ASKED: Final = "kms:describe_key"
"""The operation that a reader which uses this declares."""


def chosen_key(asking: Asking, key: str | None) -> str | Unread | None:
    """The key; None for one that AWS manages, which answers name where no key was chosen.

    In a template `alias/aws/rds` and no key at all are the same. AWS: KeyManager in API_KeyMetadata.html of KMS. A key
    that is not there any more was somebody's: those of AWS cannot be deleted.
    """
    if not key or "alias/aws/" in key:
        return None
    answer = asking.ask("kms", "describe_key", none=("NotFoundException",), KeyId=key)
    if isinstance(answer, Unread):
        return answer
    return None if answer.get("KeyMetadata", {}).get("KeyManager") == "AWS" else key
