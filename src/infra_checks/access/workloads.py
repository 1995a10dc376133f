"""Which roles the resources of a stack run as: functions, tasks, instances, builds, state machines, rules.

AWS: the properties of each type in the CloudFormation template reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.access.carriers import values_at
from infra_checks.access.table import EACH
from infra_checks.core.resource import Resource
from infra_checks.evaluate.values import Absent, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.evaluate.values import Value

FUNCTIONS: Final = ("AWS::Lambda::Function", "AWS::Serverless::Function")
TASK: Final = "AWS::ECS::TaskDefinition"
BUILD: Final = "AWS::CodeBuild::Project"
RULE: Final = "AWS::Events::Rule"
STATE_MACHINES: Final = ("AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine")

ROLES: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "AWS::AppRunner::Service": (
        ("InstanceConfiguration", "InstanceRoleArn"),
        ("SourceConfiguration", "AuthenticationConfiguration", "AccessRoleArn"),
    ),
    "AWS::AppSync::DataSource": (("ServiceRoleArn",),),
    "AWS::AutoScaling::LaunchConfiguration": (("IamInstanceProfile",),),
    "AWS::Batch::JobDefinition": (("ContainerProperties", "JobRoleArn"), ("ContainerProperties", "ExecutionRoleArn")),
    "AWS::CodeBuild::Project": (("ServiceRole",),),
    "AWS::CodePipeline::Pipeline": (("RoleArn",), ("Stages", EACH, "Actions", EACH, "RoleArn")),
    "AWS::EC2::Instance": (("IamInstanceProfile",),),
    "AWS::EC2::LaunchTemplate": (
        ("LaunchTemplateData", "IamInstanceProfile", "Arn"),
        ("LaunchTemplateData", "IamInstanceProfile", "Name"),
    ),
    "AWS::ECS::TaskDefinition": (("TaskRoleArn",), ("ExecutionRoleArn",)),
    "AWS::EKS::PodIdentityAssociation": (("RoleArn",),),
    "AWS::Events::Rule": (("Targets", EACH, "RoleArn"),),
    "AWS::Glue::Crawler": (("Role",),),
    "AWS::Glue::Job": (("Role",),),
    "AWS::KinesisFirehose::DeliveryStream": (
        ("ExtendedS3DestinationConfiguration", "RoleARN"),
        ("KinesisStreamSourceConfiguration", "RoleARN"),
        ("S3DestinationConfiguration", "RoleARN"),
    ),
    "AWS::Lambda::Function": (("Role",),),
    "AWS::Pipes::Pipe": (("RoleArn",),),
    "AWS::SageMaker::NotebookInstance": (("RoleArn",),),
    "AWS::Scheduler::Schedule": (("Target", "RoleArn"),),
    "AWS::Serverless::Function": (("Role",),),
    "AWS::Serverless::StateMachine": (("Role",),),
    "AWS::StepFunctions::StateMachine": (("RoleArn",),),
}
"""By type the properties that name a role, or an instance profile with one."""


class RunsAs(NamedTuple):
    """A resource runs as a role.

    `role` is the role of this stack, or the resource itself where AWS SAM makes a role for it; Unknown when it cannot
    be told before deployment, None when it is not of this stack. `value` says where it is named.
    """

    workload: Resource
    path: tuple[str, ...]
    value: Value[object]
    role: Resource | Unknown | None


def runs_as(workload: Resource) -> Iterator[RunsAs]:
    """The roles that a resource runs as."""
    for path in ROLES.get(workload.type, ()):
        for value in values_at(workload, path):
            if not isinstance(value, Absent):
                yield RunsAs(workload, path, value, _role(workload, value))
            elif workload.type.startswith("AWS::Serverless::"):
                yield RunsAs(workload, path, value, workload)


def _role(workload: Resource, value: Value[object]) -> Resource | Unknown | None:
    target = workload.stack.target_of(value)
    if isinstance(target, Resource) and target.type == "AWS::IAM::InstanceProfile":
        roles = target.value("Roles", 0)
        target = target.stack.target_of(roles)
    return None if isinstance(target, Absent) else target


def run_by(role: Resource) -> Iterator[RunsAs]:
    """The resources of the stack that run as a role."""
    for workload in role.stack.of_type(*ROLES):
        for run in runs_as(workload):
            if run.role == role:
                yield run
