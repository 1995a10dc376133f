"""From a stack's name to a LiveStack: its resources are read in parallel."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from infra_checks.errors import ConfigError
from infra_checks.live import cloud_control
from infra_checks.live.account import Account, Asked
from infra_checks.live.beside import BESIDE, missing
from infra_checks.live.clients import PATIENT, Access, Clients, told_as_unusable
from infra_checks.live.deployed import deployed, located, pins_of
from infra_checks.live.names import OUTPUTS, arn_of, names_of
from infra_checks.live.reading import Unread, reader_of
from infra_checks.live.stacks import Deployed, LiveResource, LiveStack, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from infra_checks.live.beside import Beside
    from infra_checks.live.reading import Asking, Read

NESTED: Final = "AWS::CloudFormation::Stack"
THREADS: Final = 8
MOST_SECONDS: Final = 600.0
"""After so long nothing more is asked."""

_KEPT_BY_CLOUDFORMATION: Final = (
    "AWS::CDK::Metadata",
    "AWS::CloudFormation::CustomResource",
    "AWS::CloudFormation::WaitCondition",
    "Custom::",
)
"""Beginnings of types that are in no service: they are what the template says."""

_OF_CLOUDFORMATION: Final = {
    "AWS::DocDB::DBCluster": ("RotateMasterUserPassword",),
    "AWS::EC2::Instance": ("PropagateTagsToVolumeOnCreation",),
    "AWS::IAM::AccessKey": ("Serial",),
    "AWS::KMS::Key": ("BypassPolicyLockoutSafetyCheck", "PendingWindowInDays"),
    "AWS::KMS::ReplicaKey": ("PendingWindowInDays",),
    "AWS::RDS::DBCluster": ("DeleteAutomatedBackups",),
    "AWS::RDS::DBInstance": ("DeleteAutomatedBackups",),
    "AWS::SecretsManager::ResourcePolicy": ("BlockPublicPolicy",),
    "AWS::SecretsManager::RotationSchedule": ("RotateImmediatelyOnUpdate",),
}
"""Properties that are no state of the resource, but what CloudFormation adds to its own calls (template reference)."""

_GONE: Final = ("DELETE_COMPLETE", "DELETE_SKIPPED")
"""Statuses of resources that are no longer of the stack; those skipped are kept outside of it."""


def live_stack(
    name: str,
    access: Access = PATIENT,
    *,
    clients: Clients | None = None,
    seconds: float = MOST_SECONDS,
    progress: Callable[[str], None] | None = None,
) -> LiveStack:
    """A deployed stack by its name or ARN. `progress` is called with words for people.

    Raises ConfigError when the stack cannot be described or listed; a resource that cannot be read is Unread.
    """
    started = time.monotonic()
    made = clients or Clients(access)
    apis = Account(made, until=started + seconds)
    listing = _Listing(made.get("cloudformation"))
    with told_as_unusable():
        listing.add(name, "")
    root = listing.stacks[0]
    place = Place.of(root["StackId"])
    reading = _Reading(apis, place, listing)
    resources = _read_all(listing.found, reading.read, progress)
    beside = _read_all([_belonging(*each) for each in missing(resources)], reading.look, progress)
    pins, hidden = pins_of(root, place)
    given = {each["ParameterKey"] for each in root.get("Parameters") or ()}
    return LiveStack(
        name=root["StackName"],
        stack_id=root["StackId"],
        place=place,
        status=root["StackStatus"],
        parameters={key: value for key, value in sorted(pins.items()) if key in given},
        hidden=hidden,
        resolved={key: value for key, value in sorted(pins.items()) if "." in key},
        outputs=listing.outputs[""],
        tags={each["Key"]: each["Value"] for each in root.get("Tags") or ()},
        resources=resources,
        beside={name: each for name, each in beside.items() if each.properties != {}},
        templates=listing.templates,
        inner_outputs={name: each for name, each in listing.outputs.items() if name},
        notices=tuple(dict.fromkeys(listing.notices)),
        calls=dict(sorted((apis.log.calls + Counter(listing.calls)).items())),
        seconds=time.monotonic() - started,
    )


def types_in(name: str, clients: Clients) -> list[str]:
    """The types of a stack's resources, nested stacks included, without reading any. Raises ConfigError."""
    listing = _Listing(clients.get("cloudformation"))
    with told_as_unusable():
        listing.add(name, "")
    return sorted({resource.type for resource in listing.found})


@dataclass(slots=True)
class _Listing:
    """What CloudFormation says of a stack and those nested in it."""

    client: Any
    stacks: list[Mapping[str, Any]] = field(default_factory=list)
    found: list[LiveResource] = field(default_factory=list)
    templates: dict[str, Deployed] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    names: dict[str, dict[tuple[str, str], str]] = field(default_factory=dict)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def add(self, name: str, prefix: str) -> None:
        """Add a stack; what is in it is named with the prefix."""
        stack = self._described(name)
        self.stacks.append(stack)
        identity = stack["StackId"]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs") or ()}
        self.outputs[prefix.removesuffix("/")] = outputs
        if stack["StackStatus"].endswith("_IN_PROGRESS"):
            self.notices.append(f"{stack['StackName']} is in state {stack['StackStatus']}: it changes while it is read")
        entries = list(self._entries(identity))
        template = self.templates[identity] = self._template(stack)
        if template.problem:
            self.notices.append(f"{stack['StackName']}: {template.problem}")
        for entry in entries:
            logical_id = entry["LogicalResourceId"]
            if entry["ResourceType"] == NESTED:
                self._nested(entry, prefix)
            resource = LiveResource(
                logical_id=prefix + logical_id,
                type=entry["ResourceType"],
                physical_id=entry["PhysicalResourceId"],
                stack_id=identity,
                declared=template.declared.get(logical_id),
            )
            self.found.append(resource)
            known = names_of(resource, Place.of(identity))
            names = self.names.setdefault(identity, {})
            names.update({(logical_id, each.attribute): each.text for each in known})
            inner = self.outputs.get(prefix + logical_id, {})
            names.update({(logical_id, f"{OUTPUTS}{key}"): text for key, text in inner.items()})

    def _described(self, name: str) -> Mapping[str, Any]:
        self.calls.append("cloudformation:DescribeStacks")
        stacks: list[Mapping[str, Any]] = self.client.describe_stacks(StackName=name)["Stacks"]
        if not stacks:
            raise ConfigError(f"{name}: there is no such stack in {self.client.meta.region_name}")
        return stacks[0]

    def _entries(self, identity: str) -> Iterator[Mapping[str, Any]]:
        for page in self.client.get_paginator("list_stack_resources").paginate(StackName=identity):
            self.calls.append("cloudformation:ListStackResources")
            for entry in page["StackResourceSummaries"]:
                if entry["ResourceStatus"] not in _GONE and entry.get("PhysicalResourceId"):
                    yield entry

    def _template(self, stack: Mapping[str, Any]) -> Deployed:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - an extra

        pins, _ = pins_of(stack, Place.of(stack["StackId"]))
        self.calls.append("cloudformation:GetTemplate")
        try:
            answer = self.client.get_template(StackName=stack["StackId"], TemplateStage="Processed")
        except ClientError as error:
            code = error.response["Error"]["Code"]
            return Deployed(problem=f"the deployed template is not known: {code}: cloudformation:GetTemplate")
        return deployed(answer["TemplateBody"], pins)

    def _nested(self, entry: Mapping[str, Any], prefix: str) -> None:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - an extra

        logical_id = prefix + entry["LogicalResourceId"]
        try:
            self.add(entry["PhysicalResourceId"], f"{logical_id}/")
        except ClientError as error:
            code = error.response["Error"]["Code"]
            self.notices.append(
                f"{logical_id}: what is in the nested stack is not judged: {code}: {error.operation_name}"
            )


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads one resource after another; safe to share between threads."""

    apis: Account
    place: Place
    listing: _Listing

    def read(self, resource: LiveResource) -> LiveResource:
        """The resource with its properties."""
        if resource.type.startswith(_KEPT_BY_CLOUDFORMATION):
            return replace(resource, properties=self._declared(resource))
        reader = reader_of(resource.type)
        operations = reader.operations if reader else cloud_control.OPERATIONS
        read = self._read(resource, reader or cloud_control.read, operations)
        return replace(read, arn=arn_of(read, self.place), properties=_completed(read, self._declared(read)))

    def look(self, belonging: LiveResource) -> LiveResource:
        """What belongs to a resource with its properties; empty ones when there is none."""
        beside = next(each for each in BESIDE if each.type == belonging.type)
        owner = next(each for each in self.listing.found if each.logical_id == belonging.owner)
        found = self._read(owner, lambda asking: beside.look(asking) or {}, beside.operations)
        return replace(belonging, properties=found.properties, operations=found.operations, crash=found.crash)

    def _read(
        self, resource: LiveResource, read: Callable[[Asking], Read], operations: Collection[str]
    ) -> LiveResource:
        declared = self._declared(resource)
        asked = Asked(
            type=resource.type,
            physical_id=resource.physical_id,
            region=self.place.region,
            account=self.place.account,
            partition=self.place.partition,
            declared=declared if isinstance(declared, dict) else {},
            apis=self.apis,
            operations=frozenset(operations),
        )
        crash = ""
        properties: Read
        try:
            properties = read(asked)
        except Exception as error:  # noqa: BLE001 - a defect of one reader must not hide what others read
            crash = f"the reader of {resource.type} failed with {type(error).__name__} ({_place_of(error)})"
            properties = Unread(crash)
        return replace(resource, properties=properties, operations=tuple(asked.asked), crash=crash)

    def _declared(self, resource: LiveResource) -> Read:
        if resource.declared is None:
            return Unread("the deployed template is not known")
        found: Read = located(resource.declared.properties, self.listing.names[resource.stack_id])
        return found


def _completed(resource: LiveResource, declared: Read) -> Read:
    """The properties with those that only CloudFormation has: what it was told is what it does."""
    properties = resource.properties
    if isinstance(properties, Unread) or isinstance(declared, Unread):
        return properties
    own = [name for name in _OF_CLOUDFORMATION.get(resource.type, ()) if isinstance(properties.get(name), Unread)]
    told = {name: declared[name] for name in own if name in declared}
    return {name: value for name, value in properties.items() if name not in own} | told


def _belonging(owner: LiveResource, beside: Beside) -> LiveResource:
    return LiveResource(
        logical_id=f"{owner.logical_id}.{beside.type.rpartition(':')[2]}",
        type=beside.type,
        physical_id=owner.physical_id,
        stack_id=owner.stack_id,
        arn=owner.arn,
        owner=owner.logical_id,
    )


def _place_of(error: Exception) -> str:
    """Where in the code an exception came from; its text may hold what a service answered."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}, line {trace.tb_lineno}" if trace else "unknown place"


def _read_all(
    found: list[LiveResource],
    read: Callable[[LiveResource], LiveResource],
    progress: Callable[[str], None] | None,
) -> dict[str, LiveResource]:
    """The resources by logical id, sorted, read by several threads."""
    done: dict[str, LiveResource] = {}
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="live")
    try:
        for future in as_completed([pool.submit(read, resource) for resource in found]):
            resource = future.result()
            done[resource.logical_id] = resource
            if progress is not None:
                progress(f"{len(done)} of {len(found)} resources: {resource.logical_id}")
    finally:
        # After an interrupt what has not begun is dropped; calls under way end by themselves.
        pool.shutdown(wait=len(done) == len(found), cancel_futures=True)
    return dict(sorted(done.items()))
