"""Physical names, each with the suffix that keeps stacks of one account apart."""

from __future__ import annotations

from dataclasses import dataclass

import aws_cdk as cdk
from constructs import Construct

PATTERN = "[a-z][a-z0-9-]{1,14}[a-z0-9]"


@dataclass(frozen=True, slots=True)
class Names:
    """Makes names with the value of the parameter EnvironmentSuffix."""

    parameter: cdk.CfnParameter

    @staticmethod
    def declare(scope: Construct, default: str) -> Names:
        """Declare the parameter; a suffix is the one thing that two stacks of an environment differ in."""
        parameter = cdk.CfnParameter(
            scope,
            "EnvironmentSuffix",
            description="Part of every physical name and export, so that several stacks fit into one account.",
            default=default,
            allowed_pattern=PATTERN,
            constraint_description="3 to 16 lower-case letters, digits and hyphens; a letter first, no hyphen last.",
        )
        return Names(parameter)

    @property
    def suffix(self) -> str:
        """The suffix, which only the deployment knows."""
        return self.parameter.value_as_string

    def of(self, what: str) -> str:
        """The physical name of something."""
        return f"ecommerce-{what}-{self.suffix}"
