"""What infra-checks is not to report, and why: in the metadata of the resource, so that the template says it."""

from __future__ import annotations

from typing import Final, cast

import aws_cdk as cdk
from constructs import IConstruct

EXPIRES: Final = "2027-05-31"


def waive(construct: IConstruct, rule: str, reason: str) -> None:
    """Accept a finding of a rule on a construct's resource until the next review."""
    resource = cast(cdk.CfnResource, construct.node.default_child or construct)
    waiver = {"rule": rule, "reason": reason, "owner": "shop-data", "expires": EXPIRES}
    resource.add_metadata("infra-checks", {"waivers": [waiver]})
