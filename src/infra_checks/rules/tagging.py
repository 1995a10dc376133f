"""Rules on tags: that required ones are there, that AWS takes them, that instances get them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import ANY_TYPE, rule
from infra_checks.errors import RuleError
from infra_checks.evaluate.values import Absent, Known, Unknown, Value
from infra_checks.rules.tag_shapes import Shape, Tags, may_be, shapes, tags_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

_GUIDE: Final = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-resource-tags.html"
)


@rule(
    ANY_TYPE,
    id="required-tags",
    title="A resource has the required tags",
    family=Family.TAGGING,
    severity=Severity.MEDIUM,
    remedy="Add the tags to the resource, or to the stack as a whole.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/required-tags.html",
    equivalents=(
        "8df8e857",
        "08e39832",
    ),
    options={"required": (), "patterns": ()},
)
def required_tags(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without tags nobody knows whose a resource is or what it costs. Keys are case-sensitive; a tag with an empty
    value counts as missing; tags of the stack count, as CloudFormation hands them on. Types that take no tags, and
    types that are not AWS's, are never reported. The option `required` lists keys, `patterns` lists texts of the form
    `Key=regular expression`.
    """
    required, patterns = ctx.names("required"), ctx.names("patterns")
    if not required and not patterns:
        return
    shape = shapes().get(resource.type)
    if shape is None or resource.declaration.is_rest:
        return
    expressions = dict(map(_expression, patterns))
    for tags in tags_of(resource, shape):
        yield from _judge_required(resource, ctx, tags, (required, expressions), shape)


def _expression(option: str) -> tuple[str, re.Pattern[str]]:
    key, equals, pattern = option.partition("=")
    if not equals:
        raise RuleError(f"option patterns of required-tags: {option!r} is not of the form Key=regular expression")
    try:
        return key, re.compile(pattern)
    except re.error as error:
        raise RuleError(f"option patterns of required-tags: {pattern!r} is not a regular expression: {error}") from None


Demands = tuple[tuple[str, ...], dict[str, re.Pattern[str]]]


def _judge_required(resource: Resource, ctx: Context, tags: Tags, demands: Demands, shape: Shape) -> Iterator[Verdict]:
    """One verdict on all keys: those that surely are not as required, else those that cannot be told."""
    required, expressions = demands
    missing: list[str] = []
    wrong: list[str] = []
    unsure: list[str] = []
    for key in dict.fromkeys((*required, *expressions)):
        value = _value_of(resource, tags, key)
        match value:
            case Absent() if key in required:
                missing.append(key)
            case Known("") if key in required:
                wrong.append(f"has the tag {key} without a value")
            case Known(text) if key in expressions and not expressions[key].fullmatch(text):
                wrong.append(
                    f"has the tag {key} with the value {text!r}, which {expressions[key].pattern} does not match"
                )
            case Unknown() if key in expressions or not value.present:
                unsure.append(key)
            case Known() | Unknown() | Absent():
                continue
    said = ([f"lacks {_listed(missing)}{_alike(tags, missing)}"] if missing else []) + wrong
    if said:
        yield ctx.violation(tags.at, "; ".join(said), remedy=_remedy(resource, missing, shape) if missing else "")
    elif unsure:
        yield ctx.undecided(tags.at, f"whether it has {_listed(unsure)} as required cannot be told: {_why(tags)}")


_NOT_TAGGED_BY_STACKS: Final = frozenset({"AWS::EC2::LaunchTemplate"})
"""Types with tags whose provider schema says that they are not taggable as others are (`tagging.taggable: false`)."""


def _value_of(resource: Resource, tags: Tags, key: str) -> Value[str]:
    """A tag's value: empty when it has none, Unknown and not surely there when it may have been given."""
    for tag in tags.tags:
        if isinstance(tag.key, Known) and tag.key.value == key:
            value = tag.value
            if isinstance(value, Unknown):
                return Unknown(value.reason, value.node, value.path, value.notes, value.parts, present=True)
            text = value.value if isinstance(value, Known) and value.value.strip() else ""
            return Known(text, value.node, value.path, value.notes)
    if key in resource.stack.tags:
        if resource.type in _NOT_TAGGED_BY_STACKS:
            return Unknown("whether the tags of the stack are handed on to it is not documented")
        return Known(resource.stack.tags[key])
    if tags.unread or any(may_be(tag.key, key) for tag in tags.tags):
        return Unknown("tags are known only at deployment")
    return Absent()


def _why(tags: Tags) -> str:
    unknown = [*tags.unread, *(tag.key for tag in tags.tags), *(tag.value for tag in tags.tags)]
    return next((value.reason for value in unknown if isinstance(value, Unknown)), "it is known only at deployment")


def _listed(keys: list[str]) -> str:
    return f"the tag {keys[0]}" if len(keys) == 1 else f"the tags {', '.join(keys[:-1])} and {keys[-1]}"


def _alike(tags: Tags, missing: list[str]) -> str:
    """A hint at keys that differ in case only."""
    lowered = {key.lower() for key in missing}
    keys = [tag.key.value for tag in tags.tags if isinstance(tag.key, Known) and tag.key.value.lower() in lowered]
    return f" (keys are case-sensitive: it has {', '.join(keys)})" if keys else ""


def _remedy(resource: Resource, missing: list[str], shape: Shape) -> str:
    if resource.declaration.origin is not None:
        return f"Add `{missing[0]}: ...` to `Tags`; `PropagateTags: true` hands it on to all that SAM makes of it."
    entry = f"{missing[0]}: ..." if shape.is_map else f"- {{Key: {missing[0]}, Value: ...}}"
    return f"Add `{entry}` to `{'.'.join(shape.path)}`{' for each missing key' if len(missing) > 1 else ''}."


MAX_TAGS: Final = 50
MAX_KEY: Final = 128
MAX_VALUE: Final = 256


@rule(
    ANY_TYPE,
    id="tags-valid",
    title="AWS takes the tags of a resource",
    family=Family.TAGGING,
    severity=Severity.MEDIUM,
    remedy="Keep keys unique, of 1 to 128 characters, without the prefix aws:, values to 256 characters, tags to 50.",
    source=_GUIDE,
    equivalents=("E3024",),
)
def tags_valid(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS refuses a resource with a key that is given twice, is empty or longer than 128 characters or begins with
    aws: in any case, a value of more than 256 characters, or more than 50 tags. The deployment then fails.
    """
    shape = shapes().get(resource.type)
    if shape is None or isinstance(resource.value(shape.path[0]), Absent):
        return
    for tags in tags_of(resource, shape):
        for unread in tags.unread:
            yield ctx.undecided(unread, f"whether its tags are valid cannot be told: {unread.reason}")
        if len(tags.tags) > MAX_TAGS:
            yield ctx.violation(tags.at, f"has {len(tags.tags)} tags; AWS takes {MAX_TAGS}")
        yield from _judge_tags(ctx, tags)


def _judge_tags(ctx: Context, tags: Tags) -> Iterator[Verdict]:
    seen: set[str] = set()
    for tag in tags.tags:
        match tag.key:
            case Known(key):
                for complaint in _complaints(key, tag.value, seen):
                    yield ctx.violation(tag.key, complaint)
                seen.add(key)
            case Unknown(reason):
                yield ctx.undecided(tag.key, f"whether the key of a tag is valid cannot be told: {reason}")
            case Absent():
                yield ctx.violation(tag.key, "has a tag without a key")


def _complaints(key: str, value: Value[str], seen: set[str]) -> Iterator[str]:
    if key in seen:
        yield f"has the tag {key} twice"
    if not 1 <= len(key) <= MAX_KEY:
        yield f"has a tag whose key is {len(key)} characters long; AWS takes 1 to {MAX_KEY}"
    if key.lower().startswith("aws:"):
        yield f"has the tag {key}; keys that begin with aws: are AWS's own"
    if isinstance(value, Known) and len(value.value) > MAX_VALUE:
        yield f"has the tag {key} with a value of {len(value.value)} characters; AWS takes {MAX_VALUE}"


@rule(
    "AWS::AutoScaling::AutoScalingGroup",
    id="autoscaling-group-propagates-tags",
    title="An Auto Scaling group hands its tags on to its instances",
    family=Family.TAGGING,
    severity=Severity.LOW,
    remedy="Set `PropagateAtLaunch: true` for the tag.",
    source="https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html",
    options={"keys": ()},
)
def propagates_tags(group: Resource, ctx: Context) -> Iterator[Verdict]:
    """It is the instances that cost money, and they only get the tags of the group that have PropagateAtLaunch. The
    option `keys` limits the rule to some keys.
    """
    keys = ctx.names("keys")
    tags = group.items("Tags")
    if isinstance(tags, Unknown):
        yield ctx.undecided(tags, f"its tags cannot be told: {tags.reason}")
    for view in tags.value if isinstance(tags, Known) else ():
        key, propagated = view.text("Key"), view.boolean("PropagateAtLaunch")
        name = key.value if isinstance(key, Known) else "whose key is not known"
        if keys and isinstance(key, Known) and name not in keys:
            continue
        match propagated:
            case Known(True):
                continue
            case Unknown():
                yield ctx.undecided(
                    propagated, f"whether instances get the tag {name} cannot be told: {propagated.reason}"
                )
            case Known() | Absent():
                yield ctx.violation(propagated, f"does not hand the tag {name} on to its instances")
