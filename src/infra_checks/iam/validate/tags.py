"""aws:ResourceTag in statements about services whose requests never have it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html (the four checks
of tag condition keys) and the catalogue.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from infra_checks.iam.catalogue import service
from infra_checks.iam.model import Effect, PolicyType
from infra_checks.iam.operators import OPERATORS
from infra_checks.iam.validate.problems import one_of, problem
from infra_checks.iam.validate.texts import HOLE, flat, has_wildcard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.iam.model import Condition
    from infra_checks.iam.validate.drafts import Draft, Part
    from infra_checks.iam.validate.problems import Problem

_TAG: Final = "aws:resourcetag/"


def check_tags(draft: Draft, part: Part) -> Iterator[Problem]:
    """Conditions on tags of resources that need the tag to be there."""
    read = part.read
    if read.effect is None or read.actions is None or draft.type is PolicyType.TRUST:
        return
    for condition in read.conditions:
        if not condition.key.lower().startswith(_TAG) or not _needs_tag(condition):
            continue
        word, verb = ("ALLOW", "allow") if read.effect is Effect.ALLOW else ("DENY", "deny")
        if read.actions.negated:
            message = f"does not {verb} actions whose requests have no {condition.key}, by NotAction"
            yield problem(f"{word}_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", condition.path, message)
            continue
        prefixes = [flat(entry.text).partition(":")[0].lower() for entry in read.actions.listed]
        without = sorted({prefix for prefix in prefixes if _is_plain(prefix) and not has_tags(prefix)})
        if without:
            message = f"does not {verb} actions of {one_of(without)}, whose requests have no {condition.key}"
            yield problem(f"{word}_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", condition.path, message)


def _needs_tag(condition: Condition) -> bool:
    return not condition.if_exists and not OPERATORS[condition.operator].negated and condition.operator != "Null"


def _is_plain(prefix: str) -> bool:
    return bool(prefix) and HOLE not in prefix and not has_wildcard(prefix)


@cache
def has_tags(prefix: str) -> bool:
    """Whether some request for the service has tags of resources; also for a service that is not known."""
    found = service(prefix)
    if found is None:
        return True
    return any(key.startswith((_TAG, f"{prefix}:resourcetag/")) for key in found.condition_keys)
