"""Rules on AWS Batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Unknown, rule
from infra_checks.core.table import is_not_true
from infra_checks.evaluate.view import EACH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

_PRIVILEGED: Final = (
    ("ContainerProperties", "Privileged"),
    ("EcsProperties", "TaskProperties", EACH, "Containers", EACH, "Privileged"),
    ("EksProperties", "PodProperties", "Containers", EACH, "SecurityContext", "Privileged"),
    ("EksProperties", "PodProperties", "InitContainers", EACH, "SecurityContext", "Privileged"),
    ("NodeProperties", "NodeRangeProperties", EACH, "Container", "Privileged"),
    (
        "NodeProperties",
        "NodeRangeProperties",
        EACH,
        "EcsProperties",
        "TaskProperties",
        EACH,
        "Containers",
        EACH,
        "Privileged",
    ),
)


@rule(
    "AWS::Batch::JobDefinition",
    id="batch-job-definition-not-privileged",
    title="Containers of a job are not privileged",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Remove `Privileged`.",
    source="https://docs.aws.amazon.com/batch/latest/APIReference/API_ContainerProperties.html",
    equivalents=(
        "W34",
        "BATCH_JOB_CONTAINER_PROPERTIES_PRIVILEGED_RULE",
    ),
)
def privileged(job: Resource, ctx: Context) -> Iterator[Verdict]:
    """A privileged container can do on its host what root can, with the jobs of others too. AWS: off by default, and
    not possible on Fargate. It is asked of every container, of jobs on ECS, on EKS and on several nodes.
    """
    for path in _PRIVILEGED:
        for value in job.values(*path):
            kept = is_not_true(value, ctx)
            if kept is None:
                why = value.reason if isinstance(value, Unknown) else "its value has an unexpected form"
                yield ctx.undecided(value, f"whether a container is privileged cannot be told: {why}")
            elif not kept:
                yield ctx.violation(value, "gives a container root's power over its host")
