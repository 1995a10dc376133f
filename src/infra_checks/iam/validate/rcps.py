"""Resource control policies: what of the language they take.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.iam.model import Effect, PolicyType
from infra_checks.iam.validate.problems import problem
from infra_checks.iam.validate.texts import may_be

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.iam.validate.drafts import Draft, Part
    from infra_checks.iam.validate.problems import Problem


def check_rcp(draft: Draft, part: Part) -> Iterator[Problem]:
    """One statement of a resource control policy."""
    if draft.type is not PolicyType.RCP:
        return
    if part.read.effect is Effect.ALLOW:
        message = "has Effect Allow, which only AWS's own RCPFullAWSAccess has"
        yield problem("RCP_SYNTAX_ERROR_ALLOW", (*part.path, "Effect"), message)
    if "NotPrincipal" in part.element:
        message = "has NotPrincipal, which an RCP cannot have"
        yield problem("RCP_SYNTAX_ERROR_PRINCIPAL", (*part.path, "NotPrincipal"), message)
    principal = part.element.get("Principal", "*")
    if isinstance(principal, dict) or (isinstance(principal, str | tuple) and not may_be(principal, ("*",))):
        message = "has principals by name, and an RCP is for everybody"
        yield problem("RCP_SYNTAX_ERROR_PRINCIPAL", (*part.path, "Principal"), message)
