"""A resource as a rule sees it, and the stack around it, in one scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.evaluate import conditions
from infra_checks.evaluate.evaluator import Evaluator
from infra_checks.evaluate.values import Absent, Known, Symbol, Unknown, Value
from infra_checks.evaluate.view import View
from infra_checks.template.model import Declaration
from infra_checks.template.nodes import Call, Scalar, node_at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from infra_checks.evaluate.scenario import Scenario
    from infra_checks.evaluate.stack import Stack, Unexpanded
    from infra_checks.template.nodes import Node

PROPERTIES: Final = "Properties"

TEMPLATE: Final = "Template"
"""The type under which a rule judges the template as a whole; its accessors read from the root."""


class Resource(View):
    """A resource whose condition holds in the scenario.

    The accessors of View (`value`, `boolean`, `number`, `text`, `items`, `listed`, `mapping`, `values`, `at`)
    read below `Properties`; `attribute` reads beside it (`DeletionPolicy`, `UpdateReplacePolicy`, `Metadata`).
    """

    __slots__ = ("declaration", "stack")

    def __init__(self, stack: Surroundings, declaration: Declaration) -> None:
        if declaration.type == TEMPLATE:
            super().__init__(stack.evaluator, declaration.node, ())
        else:
            super().__init__(stack.evaluator, declaration.properties or Absent(declaration.key), (PROPERTIES,))
        self.stack = stack
        self.declaration = declaration

    def __repr__(self) -> str:
        return f"Resource({self.logical_id}: {self.type})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Resource) and other.logical_id == self.logical_id

    def __hash__(self) -> int:
        return hash(self.logical_id)

    @property
    def logical_id(self) -> str:
        """Its name in the template."""
        return self.declaration.logical_id

    @property
    def type(self) -> str:
        """Its CloudFormation type."""
        return self.declaration.type

    def attribute(self, *path: str) -> Value[object]:
        """What stands beside `Properties`, such as `DeletionPolicy`."""
        return View(self.evaluator, self.declaration.node, ()).value(*path)

    def target(self, *path: str | int) -> Resource | Unknown | Absent | None:
        """The resource of this stack that the value at a path names, by reference or by physical name.

        None when the value names something that is not of this stack, or not a resource.
        """
        return self.stack.target_of(self.value(*path))

    def placed(self, node: Node) -> Unknown:
        """A value that only says where: for verdicts about a node that stands at no path of the resource."""
        return Unknown("", node)

    def referrers(self, *types: str) -> Iterator[Resource]:
        """Resources (of the types, if given) that mention this one anywhere and exist in the scenario."""
        for name in self.stack.mentioning(self.logical_id):
            resource = self.stack.get(name)
            if resource is not None and (not types or resource.type in types):
                yield resource


PHYSICAL_NAMES: Final[dict[str, str]] = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::EC2::LaunchTemplate": "LaunchTemplateName",
    "AWS::ElastiCache::ParameterGroup": "CacheParameterGroupName",
    "AWS::ElastiCache::ReplicationGroup": "ReplicationGroupId",
    "AWS::ElastiCache::SubnetGroup": "CacheSubnetGroupName",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::RDS::DBCluster": "DBClusterIdentifier",
    "AWS::RDS::DBClusterParameterGroup": "DBClusterParameterGroupName",
    "AWS::RDS::DBInstance": "DBInstanceIdentifier",
    "AWS::RDS::DBParameterGroup": "DBParameterGroupName",
    "AWS::RDS::DBSubnetGroup": "DBSubnetGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SecretsManager::Secret": "Name",
}
"""The property that holds what `Ref` (or a name) identifies a resource by; AWS: "Return values" of each type."""


class Surroundings:
    """All resources of a stack in one scenario, and what connects them."""

    def __init__(self, stack: Stack, scenario: Scenario, *, tags: Mapping[str, str] | None = None) -> None:
        self._stack = stack
        self.evaluator = Evaluator(stack, scenario)
        self.tags: Mapping[str, str] = tags or {}
        self.kept: dict[object, Any] = {}
        """What the layers above have read of this stack in this scenario; rules share it until one splits it."""

    @property
    def transforms(self) -> tuple[str, ...]:
        """The template's transforms, in order."""
        return self._stack.template.transforms

    @property
    def problems(self) -> tuple[Unknown, ...]:
        """What is malformed in the template's structure, as values with a reason and a place."""
        errors = self._stack.template.problems
        return tuple(Unknown(error.message, node_at(error.span)) for error in errors if error.span)

    @property
    def unknown_functions(self) -> tuple[Call, ...]:
        """Calls of functions that CloudFormation does not have."""
        return self._stack.unknown_functions

    @property
    def unexpanded(self) -> tuple[Unexpanded, ...]:
        """The Fn::ForEach loops whose collection is not known."""
        return self._stack.unexpanded

    def template(self) -> Resource:
        """The template as a whole."""
        root = self._stack.template.root
        return Resource(self, Declaration("", TEMPLATE, root, Scalar("", "", root.start, root.start)))

    def parameter_is(self, names: Collection[str], values: Collection[str]) -> bool | None:
        """Whether a parameter that has one of the names has one of the values in this scenario.

        Splits the scenario where both are possible; None when the template has no such parameter.
        """
        for name, parameter in self._stack.template.parameters.items():
            if name in names:
                variable = self._stack.resolved(parameter) if parameter.is_ssm else self._stack.domains[name].variable
                # Sorted, because a set would split the scenario in another order in each run.
                return any(self.evaluator.scenario.equals(variable, value) for value in sorted(values))
        return None

    def get(self, logical_id: str) -> Resource | None:
        """A resource by name; None when there is none, or its condition is false in the scenario."""
        declaration = self._stack.template.resources.get(logical_id)
        return Resource(self, declaration) if declaration and self._exists(declaration) else None

    def _exists(self, declaration: Declaration) -> bool:
        condition = declaration.node.get("Condition")
        return condition is None or conditions.named(self.evaluator, condition)[0]

    def of_type(self, *types: str) -> Iterator[Resource]:
        """The resources of the types that exist in the scenario, in the template's order."""
        for declaration in self._stack.template.resources.values():
            if declaration.type in types and self._exists(declaration):
                yield Resource(self, declaration)

    def mentioning(self, logical_id: str) -> tuple[str, ...]:
        """Names of the resources that mention one anywhere, whether they exist in the scenario or not."""
        return self._stack.mentions.get(logical_id, ())

    def target_of(self, value: Value[object]) -> Resource | Unknown | Absent | None:
        """The resource a value names; see Resource.target."""
        match value:
            case Unknown():
                return self._by_symbol(value)
            case Absent():
                return value
            case Known(str(name)):
                return next(self._by_name(name), None)
            case Known():
                return None

    def _by_symbol(self, value: Unknown) -> Resource | Unknown | None:
        symbols = [part for part in value.parts if isinstance(part, Symbol) and part.kind == "reference"]
        if len(symbols) == 1 and (len(value.parts) == 1 or _is_arn(value.parts)):
            name = str(symbols[0].name[0])
            reason = f"{name} is not created in this scenario, so the deployment fails"
            return self.get(name) or Unknown(reason, value.node, value.path, value.notes)
        return value

    def _by_name(self, name: str) -> Iterator[Resource]:
        for declaration in self._stack.template.resources.values():
            naming = PHYSICAL_NAMES.get(declaration.type)
            if naming and self._exists(declaration):
                resource = Resource(self, declaration)
                match resource.value(naming):
                    case Known(str(own)) if own == name:
                        yield resource
                    case _:
                        continue


def _is_arn(parts: tuple[str | Symbol, ...]) -> bool:
    """Whether a text put together is an ARN, which names the one resource in it; other texts name something else."""
    first = parts[0]
    return first.startswith("arn:") if isinstance(first, str) else str(first.name[-1]).endswith("Arn")
