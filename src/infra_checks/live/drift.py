"""What of a deployed stack is not as its template says, and who made it so.

Each resource is compared with what the deployed template says of it under the stack's own parameters. AWS's drift
detection leaves out properties that a template does not set, and types it does not support
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html); here what a template does
not set is judged by AWS's defaults.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.attaching import attached
from infra_checks.live.comparing import Comparing, Difference, Kind
from infra_checks.live.defaults import (
    CHOSEN,
    INHERITED,
    INSTEAD,
    NOTHING,
    SHOWN,
    Unstated,
    default_of,
    is_default,
)
from infra_checks.live.names import OUTPUTS, names_of
from infra_checks.live.reading import Unread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra_checks.live.comparing import Names, Path
    from infra_checks.live.reading import Plain
    from infra_checks.live.stacks import LiveResource, LiveStack

_GONE: Final = "(deleted meanwhile?)"
_NESTED: Final = "AWS::CloudFormation::Stack"
_VERSIONS: Final = frozenset({"EngineVersion", "PlatformVersion"})
_SCALED: Final = {
    "AWS::ECS::Service": ("DesiredCount", "AWS::ApplicationAutoScaling::ScalableTarget"),
    "AWS::DynamoDB::Table": ("ProvisionedThroughput", "AWS::ApplicationAutoScaling::ScalableTarget"),
    "AWS::AutoScaling::AutoScalingGroup": ("DesiredCapacity", "AWS::AutoScaling::ScalingPolicy"),
}
"""What scaling changes, and the type whose presence says that something scales."""


class Origin(StrEnum):
    """Who made a difference: somebody, AWS, or one cannot tell."""

    HAND = "changed by hand"
    AWS = "set by AWS"
    OPEN = "not told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A property of a resource that is not as declared; the path of the whole resource is empty.

    `breaks` are the rules that it makes fail. `reason` says why it cannot be told.
    """

    logical_id: str
    type: str
    arn: str
    path: Path
    kind: Kind
    origin: Origin
    declared: Plain = None
    live: Plain = None
    reason: str = ""
    breaks: tuple[str, ...] = field(default=())

    @property
    def path_text(self) -> str:
        """The path with dots and brackets: `Tags[0].Key`."""
        return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path).removeprefix(".")


def drift_of(stack: LiveStack) -> tuple[Drift, ...]:
    """All differences of a stack, by resource and path, those that AWS made or that cannot be told included."""
    comparing = Comparing(_names(stack))
    found = [each for resource in stack for each in _of_resource(resource, stack, comparing)]
    return tuple(sorted(found, key=lambda each: (each.logical_id, each.path_text, each.kind)))


def _names(stack: LiveStack) -> Names:
    return {
        resource.logical_id: {
            "Ref": resource.physical_id,
            **({"Arn": resource.arn} if resource.arn else {}),
            **{name.attribute: name.text for name in names_of(resource, stack.place) if name.attribute},
            **{OUTPUTS + key: text for key, text in stack.inner_outputs.get(resource.logical_id, {}).items()},
        }
        for resource in stack
    }


def _of_resource(resource: LiveResource, stack: LiveStack, comparing: Comparing) -> Iterator[Drift]:
    made = Drift(
        logical_id=resource.logical_id,
        type=resource.type,
        arn=resource.arn or resource.physical_id,
        path=(),
        kind=Kind.UNREAD,
        origin=Origin.OPEN,
    )
    live = resource.properties
    if isinstance(live, Unread):
        if live.reason.endswith(_GONE):
            yield replace(made, kind=Kind.REMOVED, origin=Origin.HAND, reason=live.reason)
        else:
            yield replace(made, reason=live.reason)
        return
    if resource.declared is None:
        yield replace(made, reason="what the template says of it is not known")
        return
    scoped = comparing if "/" not in resource.logical_id else _nested(resource, stack)
    others = attached(resource, stack)
    for difference in scoped.differences(resource.declared.properties, live):
        for each in _split(difference, resource):
            if each.kind is Kind.ADDED and _is_attached(each, others.get(_top(each.path), []), scoped):
                continue
            yield from _judged(made, each, stack)


def _is_attached(found: Difference, others: list[Plain], comparing: Comparing) -> bool:
    """Whether another resource of the stack gives the entry; a rule of a group may have more than was given."""
    if any(comparing.same(other, found.live) is not False for other in others):
        return True
    is_rule = _top(found.path) in {"SecurityGroupIngress", "SecurityGroupEgress", "Subscription"}
    return is_rule and any(_rest_of(other, found.live) for other in others if comparing.covers(other, found.live))


def _rest_of(other: Plain, live: Plain) -> bool:
    """Whether all that a rule has beside what was given names the other group."""
    return all(name.endswith(("OwnerId", "SecurityGroupName")) for name in live.keys() - other.keys())


def _nested(resource: LiveResource, stack: LiveStack) -> Comparing:
    """Comparing with the names that the resource's own template has."""
    prefix = f"{resource.logical_id.rpartition('/')[0]}/"
    names = _names(stack)
    return Comparing({name.removeprefix(prefix): texts for name, texts in names.items() if name.startswith(prefix)})


def _top(path: Path) -> str:
    return str(path[0]) if path else ""


def _split(difference: Difference, resource: LiveResource) -> Iterator[Difference]:
    """A list that the template does not have, entry by entry, unless AWS makes it as a whole; so tags and the
    parameters of a nested stack.
    """
    live = difference.live
    whole = ("Tags",), *([("Parameters",)] if resource.type == _NESTED else [])
    if difference.kind is Kind.ADDED and isinstance(live, dict) and difference.path in whole:
        yield from (_of_member(difference, name, value) for name, value in live.items())
        return
    if difference.kind is not Kind.ADDED or not isinstance(live, list):
        yield difference
        return
    default = _default(resource, difference.path)
    if default is not None and default is not NOTHING and is_default(default, live):
        yield difference
        return
    for index, entry in enumerate(live):
        yield replace(difference, path=(*difference.path, index), live=entry)


def _of_member(difference: Difference, name: str, value: Plain) -> Difference:
    path = (*difference.path, name)
    if isinstance(value, Unread):
        return Difference(path, Kind.UNREAD, reason=value.reason)
    return replace(difference, path=path, live=value)


def _judged(made: Drift, found: Difference, stack: LiveStack) -> Iterator[Drift]:
    """The difference with who made it; nothing for what is none."""
    drift = replace(
        made, path=found.path, kind=found.kind, declared=found.declared, live=found.live, reason=found.reason
    )
    match found.kind:
        case Kind.UNREAD:
            yield drift
        case Kind.CHANGED:
            if not _is_later_version(found):
                yield replace(drift, origin=_by(drift, stack))
        case Kind.REMOVED:
            yield from _removed(drift, stack)
        case Kind.ADDED:
            if _is_inherited(found, stack[made.logical_id]) or _is_instead(found, stack[made.logical_id]):
                yield replace(drift, origin=Origin.AWS)
            elif not _is_tag_of_stack(found, _tags_of(stack, made.logical_id)):
                yield _added(drift, stack[made.logical_id])


def _is_inherited(found: Difference, resource: LiveResource) -> bool:
    """Whether an instance has a property of its cluster, or of what it is a replica of."""
    declared = resource.declared.properties if resource.declared else {}
    return _top(found.path) in INHERITED and bool(
        {"DBClusterIdentifier", "SourceDBInstanceIdentifier"} & declared.keys()
    )


def _is_instead(found: Difference, resource: LiveResource) -> bool:
    """Whether AWS sets the value because of another property that the template has."""
    other, value = INSTEAD.get(resource.type, {}).get(_top(found.path), ("", None))
    declared = resource.declared.properties if resource.declared else {}
    return other in declared and found.live == value


def _by(drift: Drift, stack: LiveStack) -> Origin:
    scaled, scaling = _SCALED.get(drift.type, ("", ""))
    return Origin.AWS if scaled == _top(drift.path) and stack.of_type(scaling) else Origin.HAND


def _is_later_version(found: Difference) -> bool:
    """A version that the template gives in part: `17` is 17.5, https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html."""
    return (
        bool(found.path)
        and found.path[-1] in _VERSIONS
        and isinstance(found.declared, str)
        and str(found.live).startswith(f"{found.declared}.")
    )


def _removed(drift: Drift, stack: LiveStack) -> Iterator[Drift]:
    default = (
        NOTHING if _top(drift.path) in SHOWN.get(drift.type, ()) else _default(stack[drift.logical_id], drift.path)
    )
    if (default is None and drift.declared in (False, 0, "false")) or _may_be(default, drift.declared):
        yield replace(drift, kind=Kind.UNREAD, reason="the API shows nothing, which may mean the same")
    elif default in (None, NOTHING, CHOSEN) or not is_default(default, drift.declared):
        yield replace(drift, origin=_by(drift, stack))


def _default(resource: LiveResource, path: Path) -> object:
    """What AWS sets at a path of a resource."""
    properties = resource.properties
    match path:
        case ("Parameters", str(name)) if resource.type == _NESTED and resource.stack is not None:
            inner = resource.stack.templates.get(resource.physical_id)
            return inner.defaults.get(name) if inner else None
    return default_of(resource.type, path, {} if isinstance(properties, Unread) else properties)


def _may_be(default: object, declared: Plain) -> bool:
    """Whether what the template says may be what AWS sets, although no page says that it does."""
    return isinstance(default, Unstated) and is_default(default.value, declared)


def _added(drift: Drift, resource: LiveResource) -> Drift:
    default = _default(resource, drift.path)
    if default is None and drift.path and isinstance(drift.path[-1], int):
        whole = _default(resource, drift.path[:-1])
        if isinstance(whole, list) and drift.live in whole:
            return replace(drift, origin=Origin.AWS)
        default = whole if whole in (NOTHING, CHOSEN) else None
    if default is None or isinstance(default, Unstated):
        return replace(drift, reason="the template does not set it, and no default of AWS is known for it")
    return replace(drift, origin=Origin.AWS if is_default(default, drift.live) else Origin.HAND)


def _is_tag_of_stack(found: Difference, tags: Mapping[str, str]) -> bool:
    """CloudFormation gives resources the tags of their stack, and its own.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
    """
    key, value = _tag_in(found)
    return key.startswith("aws:") or (bool(key) and tags.get(key) == value)


def _tags_of(stack: LiveStack, logical_id: str) -> Mapping[str, str]:
    """The tags of the stack that a resource is of: a nested one has some of its own beside those of its parent."""
    holder = logical_id.rpartition("/")[0]
    properties = stack[holder].properties if holder in stack else {}
    own = properties.get("Tags") if isinstance(properties, dict) else None
    listed = own if isinstance(own, list) else []
    return {**stack.tags, **{each["Key"]: each["Value"] for each in listed if isinstance(each, dict)}}


def _tag_in(found: Difference) -> tuple[str, Any]:
    if not any(isinstance(part, str) and part.endswith("Tags") for part in found.path):
        return "", None
    live: Mapping[str, Any] = found.live if isinstance(found.live, dict) else {}
    if "Key" in live:
        return str(live["Key"]), live.get("Value")
    last = found.path[-1]
    return (last, found.live) if isinstance(last, str) and not last.endswith("Tags") else ("", None)
