"""The rule that no policy allows to decrypt with every KMS key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.iam.answers import Certainty
from infra_checks.iam.fresh import fresh_arns
from infra_checks.rules.granting import POLICIES, grants, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

_ACTIONS: Final = ("kms:Decrypt", "kms:ReEncryptFrom")


@rule(
    *POLICIES,
    id="iam-policy-no-decryption-with-every-key",
    title="No policy allows to decrypt with every key",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Put the ARNs of the keys that are needed under `Resource`.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/iam-customer-policy-blocked-kms-actions.html",
    equivalents=("IAM_CUSTOMER_POLICY_BLOCKED_KMS_ACTIONS", "IAM_INLINE_POLICY_BLOCKED_KMS_ACTIONS"),
)
def decryption(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Who may decrypt with every key reads all data that he reaches, whatever key protects it. AWS Config judges
    kms:Decrypt and kms:ReEncryptFrom.
    """
    for grant in grants(resource):
        for action in _ACTIONS:
            answer = grant.granted([action], fresh_arns(action))
            if answer.certainty is not Certainty.NO:
                message = f"allows {action} with every key ({grant.name})"
                yield from verdict(ctx, answer, grant.at_action(action), message)
                break
