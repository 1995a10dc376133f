"""What a stack connects a function or task with, and which actions on it AWS documents as needed.

From these follows what a role is granted though nothing relates to it, and what it lacks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from infra_checks.access import needs
from infra_checks.access.carriers import listed_values, values_at
from infra_checks.access.symbols import arn_of, reference_to, text_at
from infra_checks.access.table import EACH
from infra_checks.access.workloads import BUILD, FUNCTIONS, RULE, STATE_MACHINES, TASK
from infra_checks.core.links import links_from
from infra_checks.core.resource import Resource
from infra_checks.evaluate.values import Absent, Known, Symbol, Unknown
from infra_checks.evaluate.view import View
from infra_checks.iam.text import pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra_checks.access.needs import Need
    from infra_checks.evaluate.values import Value
    from infra_checks.iam.text import Text


class Kind(Enum):
    """In what way two resources are connected."""

    EVENT_SOURCE = "event source"
    DEAD_LETTERS = "dead-letter queue"
    DESTINATION = "destination"
    MENTION = "mention"  # in environment variables, a definition and the like: what the code does with it is not known
    TARGET = "target"
    TASK = "task"
    NETWORK = "network"
    FILES = "file system"
    TRACING = "tracing"
    LOGS = "log group"
    IMAGE = "image"
    SECRET = "secret"  # noqa: S105 - a word
    KEY = "key"


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """A resource is connected with another, or with something outside of the stack.

    `property` is the property of the resource that names the role which needs the access. `value` says where the
    connection is made; `target` is what it is made with, if that is of this stack. `actions` are all needed, on each of
    `resources` (empty: on no special one); none are told where what the code does decides. `source` is a page of AWS.
    """

    workload: Resource
    property: str
    kind: Kind
    value: Value[object]
    target: Resource | None
    resources: tuple[Text, ...]
    actions: tuple[str, ...] = ()
    source: str = ""


def relations_of(workload: Resource) -> Iterator[Relation]:
    """What a function, task, build, state machine or rule of EventBridge is connected with in the scenario."""
    if workload.type in FUNCTIONS:
        yield from _of_function(workload)
    elif workload.type == TASK:
        yield from _of_task(workload)
    elif workload.type == RULE:
        yield from _of_rule(workload)
    role = _MENTIONS.get(workload.type)
    if role is not None:
        yield from _mentioned(workload, *role)


_MENTIONS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    **dict.fromkeys(FUNCTIONS, ("Role", ("Environment",))),
    TASK: ("TaskRoleArn", ("ContainerDefinitions",)),
    BUILD: ("ServiceRole", ("Environment", "Artifacts", "Source", "SecondaryArtifacts", "SecondarySources", "Cache")),
    STATE_MACHINES[0]: ("RoleArn", ("Definition", "DefinitionString", "DefinitionSubstitutions")),
    STATE_MACHINES[1]: ("Role", ("Definition", "DefinitionSubstitutions")),
}
"""By type the property that names the role, and properties in which the resource is told of others."""


def _mentioned(workload: Resource, role: str, properties: tuple[str, ...]) -> Iterator[Relation]:
    for link in links_from(workload):
        if link.path[1:2] and link.path[1] in properties:
            arn = arn_of(link.target)
            resources = (reference_to(link.target, link.attribute or "Ref"),) if arn is None else (arn,)
            value = workload.value(*link.path[1:])
            need = needs.TASKS.get(link.target.type) if workload.type in STATE_MACHINES else None
            kind = Kind.MENTION if need is None else Kind.TASK
            yield Relation(workload, role, kind, value, link.target, resources, *(need or ()))


def _of_function(function: Resource) -> Iterator[Relation]:
    for name, kind in (("DeadLetterConfig", Kind.DEAD_LETTERS), ("DeadLetterQueue", Kind.DEAD_LETTERS)):
        yield from _connected(function, function.value(name, "TargetArn"), kind, needs.DESTINATIONS)
    for mapping in _for_function(function, "AWS::Lambda::EventSourceMapping"):
        yield from _of_mapping(function, mapping)
    for config in _for_function(function, "AWS::Lambda::EventInvokeConfig"):
        for outcome in ("OnSuccess", "OnFailure"):
            value = config.value("DestinationConfig", outcome, "Destination")
            yield from _connected(function, value, Kind.DESTINATION, needs.DESTINATIONS)
    for value in values_at(function, ("FileSystemConfigs", EACH, "Arn")):
        if not isinstance(value, Absent):
            yield _with_files(function, value)
    yield from _settings(function)


def _with_files(function: Resource, value: Value[object]) -> Relation:
    """Access to files; a file system without a policy lets everyone in who can reach it."""
    point = _target(function, value)
    system = point.target("FileSystemId") if point is not None else None
    if not isinstance(system, Resource):
        return _relation(function, Kind.FILES, value, point, None)
    has_policy = isinstance(system.value("FileSystemPolicy"), Known)
    arn = arn_of(system)
    need = needs.FILES if has_policy else needs.Need((), needs.FILES.source)
    return Relation(
        function, "Role", Kind.FILES, value, system, () if arn is None else (arn,), need.actions, need.source
    )


def _settings(function: Resource) -> Iterator[Relation]:
    subnets = function.value("VpcConfig", "SubnetIds")
    if isinstance(subnets, Known) and subnets.value != ():
        yield Relation(function, "Role", Kind.NETWORK, subnets, None, (), needs.NETWORK.actions, needs.NETWORK.source)
    tracing = function.value("TracingConfig", "Mode") if function.type == FUNCTIONS[0] else function.value("Tracing")
    if isinstance(tracing, Known) and tracing.value == "Active":
        yield Relation(function, "Role", Kind.TRACING, tracing, None, (), needs.TRACING.actions, needs.TRACING.source)
    group = function.value("LoggingConfig", "LogGroup")
    yield _relation(function, Kind.LOGS, group, _target(function, group), needs.LOGS)


def _for_function(function: Resource, kind: str) -> Iterator[Resource]:
    """The resources of a type that name the function."""
    for other in function.stack.of_type(kind):
        if _is_function(function, other.value("FunctionName")):
            yield other


def _is_function(function: Resource, value: Value[object]) -> bool:
    """Whether a value names the function, its version or alias."""
    target = function.stack.target_of(value)
    if isinstance(target, Resource) and target.type in {"AWS::Lambda::Alias", "AWS::Lambda::Version"}:
        target = target.target("FunctionName")
    if isinstance(target, Resource):
        return target == function
    text = text_at(function.stack, value)
    return text is not None and text in {reference_to(function), arn_of(function)}


def _of_mapping(function: Resource, mapping: Resource) -> Iterator[Relation]:
    yield from _connected(function, mapping.value("EventSourceArn"), Kind.EVENT_SOURCE, needs.EVENT_SOURCES)
    failed = mapping.value("DestinationConfig", "OnFailure", "Destination")
    yield from _connected(function, failed, Kind.DESTINATION, needs.DESTINATIONS)
    for item in listed_values(mapping, "SourceAccessConfigurations"):
        if isinstance(item, Known) and isinstance(item.value, View):
            uri = item.value.value("URI")
            if isinstance(_target(mapping, uri), Resource):
                yield from _connected(function, uri, Kind.SECRET, needs.SECRETS)


def _connected(
    workload: Resource, value: Value[object], kind: Kind, needed: Mapping[str, Need], role: str = "Role"
) -> Iterator[Relation]:
    """The relation with what a value names, and with the key that encrypts it."""
    if isinstance(value, Absent):
        return
    target = _target(workload, value)
    need = needed.get(_type_of(workload, value, target))
    yield _relation(workload, kind, value, target, need, role)
    path = needs.KEYS.get(target.type) if target is not None else None
    key = target.target(*path) if target is not None and path else None
    if isinstance(key, Resource) and key.type in {"AWS::KMS::Key", "AWS::KMS::ReplicaKey"}:
        sends = kind in {Kind.DESTINATION, Kind.DEAD_LETTERS, Kind.TARGET}
        needed = needs.SEND_WITH_KEY if sends else needs.READ_WITH_KEY
        yield _relation(workload, Kind.KEY, value, key, needed.get(target.type) if target else None, role)


def _relation(
    workload: Resource, kind: Kind, value: Value[object], target: Resource | None, need: Need | None, role: str = "Role"
) -> Relation:
    named = None if target is None else arn_of(target)
    stated = text_at(workload.stack, value)
    if named is None or _is_part_of(stated, named):
        named = stated
    resources = () if named is None else (named,)
    actions, source = need or ((), "")
    return Relation(workload, role, kind, value, target, resources, actions, source)


_PART: Final = ("/", ":")
"""What is between the name of a resource and that of a part of it."""


def _is_part_of(stated: Text | None, named: Text) -> bool:
    """Whether what is stated is the ARN of a part of the resource, such as the stream of a table."""
    if stated is None:
        return False
    whole, own = pieces(stated), pieces(named)
    if not own or len(whole) < len(own) or whole[: len(own) - 1] != own[:-1]:
        return False
    at, end = whole[len(own) - 1], own[-1]
    if at == end:
        return len(whole) > len(own)
    # Of a name that is written out what follows is in the same piece.
    return isinstance(at, str) and isinstance(end, str) and at.startswith(end) and at[len(end) :].startswith(_PART)


def _target(workload: Resource, value: Value[object]) -> Resource | None:
    target = workload.stack.target_of(value)
    return target if isinstance(target, Resource) else _begun_by(workload, value)


def _begun_by(workload: Resource, value: Value[object]) -> Resource | None:
    """The resource whose ARN is the beginning of the text, as of a secret of which one field is named."""
    first = value.parts[0] if isinstance(value, Unknown) and value.parts else None
    if not isinstance(first, Symbol) or first.kind != "reference":
        return None
    name, attribute = map(str, first.name)
    resource = workload.stack.get(name)
    return resource if resource is not None and reference_to(resource, attribute) == arn_of(resource) else None


def _type_of(workload: Resource, value: Value[object], target: Resource | None) -> str:
    """The type of what a value names, by the resource or by the service in its ARN; "" where it is not known."""
    if target is not None:
        return target.type
    text = text_at(workload.stack, value)
    if text is None:
        return ""
    fields = "".join(piece if isinstance(piece, str) else "-" for piece in pieces(text)).split(":")
    return needs.OF_SERVICE.get(fields[2], "") if fields[0] == "arn" and len(fields) > 2 else ""  # noqa: PLR2004 - the third field of an ARN


def _of_rule(rule: Resource) -> Iterator[Relation]:
    """The targets for which a rule of EventBridge has a role; of a cluster it is the task definition that it runs."""
    for item in listed_values(rule, "Targets"):
        if not (isinstance(item, Known) and isinstance(item.value, View)):
            continue
        if isinstance(item.value.value("RoleArn"), Absent):
            continue
        task = item.value.value("EcsParameters", "TaskDefinitionArn")
        value = item.value.value("Arn") if isinstance(task, Absent) else task
        yield from _connected(rule, value, Kind.TARGET, needs.TARGETS, "RoleArn")


def _of_task(task: Resource) -> Iterator[Relation]:
    """What the agent needs before the containers run; it does so with the execution role."""
    role = "ExecutionRoleArn"
    for container in listed_values(task, "ContainerDefinitions"):
        if not (isinstance(container, Known) and isinstance(container.value, View)):
            continue
        for value in values_at(container.value, ("Secrets", EACH, "ValueFrom")):
            yield from _connected(task, value, Kind.SECRET, needs.SECRETS, role)
        credentials = container.value.value("RepositoryCredentials", "CredentialsParameter")
        yield from _connected(task, credentials, Kind.SECRET, needs.SECRETS, role)
        group = container.value.value("LogConfiguration", "Options", "awslogs-group")
        if not isinstance(group, Absent):
            yield _relation(task, Kind.LOGS, group, _target(task, group), needs.TASK_LOGS, role)
        yield from _images(task, container.value.value("Image"))


def _images(task: Resource, image: Value[object]) -> Iterator[Relation]:
    """The repository of this stack that an image is pulled from."""
    parts = image.parts if isinstance(image, Unknown) else ()
    names = {str(part.name[0]) for part in parts if not isinstance(part, str) and part.kind == "reference"}
    for name in sorted(names):
        repository = task.stack.get(name)
        if repository is not None and repository.type == "AWS::ECR::Repository":
            yield _relation(task, Kind.IMAGE, image, repository, needs.IMAGES, "ExecutionRoleArn")
