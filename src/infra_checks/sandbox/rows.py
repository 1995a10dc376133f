"""Types that are one call to create and one to delete, as rows of a table.

Texts in a row are templates of `{ref}`, `{region}`, `{account}`, `{partition}`, `{p[Property]}` and
`{r[Answer][Member]}`; a text without braces is a path in the answer, `Vpc.VpcId`, and `@Name` an attribute of what was
made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from infra_checks.sandbox.making import Kind, Made, input_shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from infra_checks.sandbox.making import Making

_NONE: Final[Mapping[str, str]] = {}

_TAGGING: Final = (
    ("tag_resource", "untag_resource"),
    ("add_tags_to_resource", "remove_tags_from_resource"),
    ("create_tags", "delete_tags"),
    ("add_tags", "remove_tags"),
)
"""What the services call adding and removing tags."""


def filled(text: str, making: Making, answer: Mapping[str, Any], ref: str = "") -> Any:  # noqa: ANN401 - JSON
    """A row's text with its values; `[ref]` is a list of it."""
    if text == "[ref]":
        return [ref]
    if "{" not in text:
        found: Any = answer
        for part in text.split("."):
            found = found[int(part)] if isinstance(found, list) else found[part]
        return found
    place = making.place
    return text.format(
        ref=ref,
        region=place.region,
        account=place.account,
        partition=place.partition,
        suffix=place.suffix,
        p=making.properties,
        r=answer,
    )


def row(  # noqa: C901, PLR0913 - the columns of a table
    type: str,
    service: str,
    create: str,
    *,
    ref: str,
    delete: str | None,
    delete_by: Mapping[str, str] = _NONE,
    attributes: Mapping[str, str] = _NONE,
    create_only: Iterable[str] = (),
    renames: Mapping[str, str] = _NONE,
    fixed: Mapping[str, Any] = _NONE,
    name: tuple[str, str, int] | None = None,
    lower: bool = False,
    update: str | None = None,
    update_by: Mapping[str, str] = _NONE,
    whole: bool = False,
    tags: str | None = "Tags",
    tags_form: str = "list",
    tag_spec: str = "",
    tag_service: str = "",
    tag_id: str = "",
    unread: Iterable[str] = (),
) -> Kind:
    """A type from one row.

    `name` is the property of the physical name, the API's parameter for it and its longest length; one that is made up
    is in lower case where `lower`. `update` takes
    the changed properties (`whole`: all of them), `update_by` identifies the resource for it. `tag_spec` is the
    resource type of EC2's TagSpecifications, `tag_id` what tagging identifies the resource by.
    """

    def make(making: Making) -> Made:
        parameters = dict(fixed)
        if name is not None:
            prop, parameter, limit = name
            parameters[parameter] = making.properties[prop] = making.name(prop, limit=limit, lower=lower)
        if tag_spec and tags and making.tags(tags):
            parameters["TagSpecifications"] = [{"ResourceType": tag_spec, "Tags": making.tags(tags)}]
        answer = making.send(service, create, renames=renames, **parameters)
        made_ref = str(filled(ref, making, answer))
        return Made(type, made_ref, {key: filled(text, making, answer, made_ref) for key, text in attributes.items()})

    def configure(making: Making, made: Made) -> None:
        if making.before is None:
            return
        if tags and making.changed(tags) and tags not in only:
            retag(making, tag_service or service, _identity(making, made), tags)
        changed = [each for each in making.properties if making.properties[each] != making.before.get(each)]
        wanted = [each for each in (making.properties if whole else changed) if each != tags or whole]
        if update is None or not wanted:
            return
        by = {key: filled(text, making, {}, made.ref) for key, text in update_by.items()}
        making.send(service, update, only=wanted, renames=renames, **(dict(fixed) if whole else {}), **by)

    def _identity(making: Making, made: Made) -> str:
        return str(filled(tag_id, making, {}, made.ref)) if tag_id else made.arn

    def remove(making: Making, made: Made) -> None:
        if delete is not None:
            by = {
                key: made.attributes[text[1:]] if text.startswith("@") else filled(text, making, {}, made.ref)
                for key, text in delete_by.items()
            }
            getattr(making.api(service), delete)(**by)

    only = frozenset(create_only)
    return Kind(type, make, remove, configure, only, tags, tags_form, unread=frozenset(unread))


def record(
    type: str,
    *,
    ref: str = "",
    attributes: Mapping[str, str] = _NONE,
    create_only: Iterable[str] = (),
    tags: str | None = "Tags",
    tags_form: str = "list",
) -> Kind:
    """A type that moto has no API of: its properties are kept, and Cloud Control answers with them.

    `ref` as in a row; without it the id is of CloudFormation's form, and so it is where the property of `@Property` is
    not given.
    """

    def make(making: Making) -> Made:
        identity = str(uuid4())
        answer = {"id": identity, "short": identity[:8]}
        if ref.startswith("@"):
            made_ref = making.name(ref[1:])
        else:
            made_ref = str(filled(ref, making, answer)) if ref else making.name("")
        made = {key: filled(text, making, answer, made_ref) for key, text in attributes.items()}
        making.left.clear()
        return Made(type, made_ref, made)

    def configure(making: Making, _made: Made) -> None:
        making.changed(*making.properties, *(making.before or {}))

    def remove(_making: Making, _made: Made) -> None:
        """Nothing was made."""

    return Kind(type, make, remove, configure, frozenset(create_only), tags, tags_form, is_record=True)


def retag(making: Making, service: str, identity: str, prop: str = "Tags") -> None:
    """Bring a resource's tags to those of a property, by whatever the service calls that."""
    client = making.api(service)
    add, remove = next((pair for pair in _TAGGING if hasattr(client, pair[0])), ("", ""))
    wanted = {tag["Key"]: tag["Value"] for tag in making.tags(prop)}
    before = _as_map((making.before or {}).get(prop) or [])
    gone = sorted(set(before) - set(wanted))
    if gone:
        shape = input_shape(client, remove)
        member, identified = _identified(shape, identity)
        keys = next(each for each in shape.members if each != member and "tag" in each.lower())
        of_keys = shape.members[keys].member.type_name == "structure"
        getattr(client, remove)(**identified, **{keys: [{"Key": key} for key in gone] if of_keys else gone})
    if wanted:
        shape = input_shape(client, add)
        member, identified = _identified(shape, identity)
        field = next(each for each in shape.members if each != member and "tag" in each.lower())
        from infra_checks.sandbox.shapes import fit  # noqa: PLC0415 - shapes are read by calls only

        getattr(client, add)(**identified, **{field: fit(wanted, shape.members[field], prop)})


def _identified(shape: Any, identity: str) -> tuple[str, dict[str, Any]]:  # noqa: ANN401 - botocore has no types
    """The parameter that says which resource is tagged."""
    required = [name for name in shape.required_members if not name.lower().startswith("tag")]
    member = required[0]
    return member, {member: [identity] if shape.members[member].type_name == "list" else identity}


def _as_map(tags: Any) -> dict[str, str]:  # noqa: ANN401 - JSON
    return dict(tags) if isinstance(tags, dict) else {tag["Key"]: str(tag["Value"]) for tag in tags}
