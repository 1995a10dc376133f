"""The rule that notebooks are in a VPC of their owner."""

from __future__ import annotations

from typing import Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.table import is_set, property_rule

_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"

in_vpc = property_rule(
    "AWS::SageMaker::NotebookInstance",
    id="sagemaker-notebook-instance-inside-vpc",
    title="Notebook is in a VPC of your own",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    path=("SubnetId",),
    holds=is_set,
    message="is in no VPC of your own",
    rationale="""Without a subnet a notebook has only the network of SageMaker, where no security group or flow log of
    yours is.""",
    remedy="Set `SubnetId` and `SecurityGroupIds`.",
    source=_CONFIG + "sagemaker-notebook-instance-inside-vpc.html",
    equivalents=("SAGEMAKER_NOTEBOOK_INSTANCE_INSIDE_VPC",),
)
