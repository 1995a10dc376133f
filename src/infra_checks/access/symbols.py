"""Texts of a template as the engine reads them: every symbol of the evaluator with what it surely does not hold.

AWS: "Pseudo parameters reference", "Parameters" and "Dynamic references" of the CloudFormation user guide.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from infra_checks.access.allowed_characters import excluded_characters
from infra_checks.access.arns import FORMS, REF, arn_form, form_of
from infra_checks.core.resource import PHYSICAL_NAMES, Resource
from infra_checks.evaluate.stack import must_be_filled
from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.evaluate.view import as_text
from infra_checks.iam.text import ACCOUNT, PARTITION, REGION, SEGMENT, WILDCARDS, Symbol, joined, pieces
from infra_checks.template.nodes import Call, Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra_checks.core.resource import Surroundings
    from infra_checks.evaluate import values
    from infra_checks.evaluate.stack import Stack
    from infra_checks.iam.text import Text
    from infra_checks.template.nodes import Node

Pieces = tuple["str | Symbol", ...]

_PSEUDO: Final[dict[str, Pieces]] = {
    "AWS::AccountId": (ACCOUNT,),
    "AWS::Partition": (PARTITION,),
    "AWS::Region": (REGION,),
    "AWS::StackName": (Symbol("AWS::StackName", SEGMENT | {"/"}),),
    "AWS::StackId": ("arn:", PARTITION, ":cloudformation:", REGION, ":", ACCOUNT, ":stack/",
                     Symbol("AWS::StackName", SEGMENT | {"/"}), "/", Symbol("AWS::StackId", SEGMENT | {"/"})),
    "AWS::URLSuffix": (Symbol("AWS::URLSuffix", SEGMENT | {"/"}),),
}  # fmt: skip
_FIXED: Final[dict[str, Pieces]] = {"Partition": (PARTITION,), "Region": (REGION,), "Account": (ACCOUNT,)}

_HOLE: Final = re.compile(r"\{(/?)([A-Za-z]+)\}")
_PLACEHOLDER: Final = re.compile(r"\$\{\s*([A-Za-z0-9]+)\s*\}")

_ANYTHING: Final = ("Custom::", "AWS::CloudFormation::CustomResource", "AWS::Route53::RecordSet")
"""Beginnings of types whose Ref may be any text: what the custom resource answers, or a domain name with `*`."""

_SURE_ENDS: Final = ("Arn", "ARN", "Id", "ID", "Url", "Endpoint", "Endpoint.Address", "Endpoint.Port", "DomainName")
"""Ends of the names of attributes that AWS gives in a form without wildcards."""

_TEXTS: Final = ("Fn::Join ", "Fn::Sub ", "Fn::Select ", "Fn::Base64 ", "Fn::ToJsonString ", "${")
"""Beginnings of expressions that give a text; others give a list, or what is not known to be a text."""


def text_of(stack: Surroundings, parts: Iterable[str | values.Symbol]) -> Text:
    """What is known of a text: literal pieces, names and ARNs of the stack's resources, and symbols for the rest."""
    return joined(piece for part in parts for piece in _pieces(stack, part, ()))


def text_at(stack: Surroundings, value: values.Value[object]) -> Text | None:
    """The text of a value; None where there is none, or nothing is known of it."""
    text = as_text(value)
    match text:
        case Known(literal):
            return literal
        case Unknown():
            return text_of(stack, text.parts) if text.parts and is_text(stack, text) else None
        case Absent():
            return None


def is_text(stack: Surroundings, value: Unknown) -> bool:
    """Whether a value that is not known is one text, and not a list or anything else."""
    symbol = value.symbol
    if symbol is None:
        return bool(value.parts)
    if symbol.kind == "parameter":
        parameter = stack.evaluator.stack.template.parameters.get(str(symbol.name[0]))
        return parameter is None or not parameter.is_list
    if symbol.kind == "call":
        return str(symbol.name[0]).startswith(_TEXTS)
    return symbol.kind != "zones" and symbol.name != ("AWS::NotificationARNs",)


def arn_of(resource: Resource) -> Text | None:
    """The resource's own ARN; None for types whose form of ARN is not known."""
    form = arn_form(resource.type)
    return None if form is None else joined(_filled(resource, form, ()))


def reference_to(resource: Resource, attribute: str = REF) -> Text:
    """What Ref or Fn::GetAtt of the resource gives."""
    return joined(_reference(resource.stack, resource.logical_id, attribute, ()))


def _pieces(stack: Surroundings, part: str | values.Symbol, pending: tuple[str, ...]) -> Pieces:
    if isinstance(part, str):
        return (part,)
    name = str(part.name[0])
    match part.kind:
        case "pseudo":
            return _PSEUDO.get(name, (Symbol(name),))
        case "reference":
            return _reference(stack, name, str(part.name[1]), pending)
        case "parameter":
            return (_parameter(stack.evaluator.stack, name),)
        case "import":
            return (Symbol(f"Fn::ImportValue {name}", least=0),)
        case "dynamic":
            return (Symbol("resolve:" + ":".join(map(str, part.name)), least=0),)
        case "zone":
            return (Symbol(f"Availability Zone {part}", SEGMENT | {"/"}),)
        case _:
            return (Symbol(name, least=0),)


def _parameter(stack: Stack, name: str) -> Symbol:
    parameter = stack.template.parameters.get(name)
    if parameter is None:
        return Symbol(name, least=0)
    excluded = excluded_characters(parameter)
    if name in _names_given_by_parameters(stack):
        excluded |= SEGMENT
    least = parameter.min_length or (1 if must_be_filled(parameter) else 0)
    return Symbol(name, excluded, least)


def _reference(stack: Surroundings, name: str, attribute: str, pending: tuple[str, ...]) -> Pieces:
    declaration = stack.evaluator.stack.template.resources.get(name)
    if declaration is None:
        return (Symbol(f"{name}.{attribute}", least=0),)
    resource = Resource(stack, declaration)  # whether its condition holds changes nothing about what it is called
    form = form_of(resource.type, attribute)
    if form is not None:
        return _filled(resource, form, pending)
    return (_unformed(resource, attribute),)


def _unformed(resource: Resource, attribute: str) -> Symbol:
    """A reference of which only the kind is known: an id, a URL, an ARN, or what a custom resource answers."""
    own, kind = resource.logical_id, resource.type
    if attribute == REF:
        anything = kind.startswith(_ANYTHING) or not kind.startswith("AWS::")
        return Symbol(own, frozenset() if anything else WILDCARDS)
    sure = attribute.endswith(_SURE_ENDS) and kind.startswith("AWS::") and not kind.startswith(_ANYTHING)
    sure = sure and kind != "AWS::CloudFormation::Stack"
    return Symbol(f"{own}.{attribute}", WILDCARDS if sure else frozenset(), 1 if sure else 0)


def _filled(resource: Resource, form: str, pending: tuple[str, ...]) -> Pieces:
    """A form with its holes filled by the properties of a resource, as far as they are known."""
    found: list[str | Symbol] = []
    end = 0
    for match in _HOLE.finditer(form):
        found.append(form[end : match.start()])
        found.extend(_FIXED.get(match[2]) or _named(resource, match[2], pending, stripped=bool(match[1])))
        end = match.end()
    found.append(form[end:])
    return tuple(piece for piece in found if piece)


def _named(resource: Resource, name: str, pending: tuple[str, ...], *, stripped: bool = False) -> Pieces:
    """What the resource is called: by a property, or, without it, by a symbol of its own."""
    own = _own_symbol(resource, name)
    if own.name in pending:
        return (own,)
    value = as_text(resource.value(name))
    match value:
        case Known(text):
            return (text.lstrip("/") if stripped else text,)
        case Unknown():
            if not value.parts:
                return (own,)
            parts = (piece for part in value.parts for piece in _pieces(resource.stack, part, (*pending, own.name)))
            refused = _refused(resource)
            return _last_field([_restricted(piece, refused) for piece in parts])
        case Absent():
            return ("/",) if name == "Path" else (own,)


def _own_symbol(resource: Resource, name: str) -> Symbol:
    """A name that AWS makes up. It is what Ref gives, if Ref gives a name."""
    is_ref = form_of(resource.type, REF) == f"{{{name}}}"
    return Symbol(resource.logical_id if is_ref else f"{resource.logical_id}.{name}", _refused(resource))


def _restricted(piece: str | Symbol, refused: frozenset[str]) -> str | Symbol:
    """A piece of a name without the characters that AWS refuses there."""
    return piece if isinstance(piece, str) else piece._replace(excluded=piece.excluded | refused)


def _refused(resource: Resource) -> frozenset[str]:
    """The characters of an ARN that AWS refuses in names of the resource's type."""
    return SEGMENT | {"/"} if resource.type in _WITHOUT_SLASH else SEGMENT


_WITHOUT_SLASH: Final = ("AWS::DynamoDB::Table", "AWS::S3::Bucket")
"""Types whose ARNs go on behind the name, as `bucket/object` does, and whose names have no slash. AWS: "General purpose
bucket naming rules" of the Amazon S3 user guide, "Naming rules" of the Amazon DynamoDB developer guide."""


def _last_field(parts: list[str | Symbol]) -> Pieces:
    """A name where a property takes an ARN as well: its last field."""
    for index in range(len(parts) - 1, -1, -1):
        piece = parts[index]
        if isinstance(piece, str) and ":" in piece:
            return pieces(joined((piece.rpartition(":")[2], *parts[index + 1 :])))
    return tuple(parts)


_NAMING: Final[WeakKeyDictionary[Stack, frozenset[str]]] = WeakKeyDictionary()


def _names_given_by_parameters(stack: Stack) -> frozenset[str]:
    """The parameters that are part of the name of a resource that is always created, and so hold no wildcard."""
    found = _NAMING.get(stack)
    if found is None:
        found = _NAMING[stack] = frozenset(_naming_parameters(stack))
    return found


def _naming_parameters(stack: Stack) -> Iterator[str]:
    for declaration in stack.template.resources.values():
        name = PHYSICAL_NAMES.get(declaration.type) or FORMS.get(declaration.type, {}).get(REF, "").strip("{}")
        if declaration.node.get("Condition") is None and isinstance(declaration.properties, Mapping):
            node = declaration.properties.get(name)
            if node is not None:
                yield from _joined_names(node)


def _joined_names(node: Node) -> Iterator[str]:
    """The names whose values an expression surely joins to its text."""
    if not isinstance(node, Call):
        return
    items = node.argument.items if isinstance(node.argument, Sequence) else (node.argument,)
    first = items[0] if items else None
    if node.name == "Ref" and isinstance(first, Scalar):
        yield first.text
    elif node.name == "Fn::Sub" and isinstance(first, Scalar):
        local = items[1].entries if len(items) > 1 and isinstance(items[1], Mapping) else {}
        yield from (name for name in _PLACEHOLDER.findall(first.text) if name not in local)
    elif node.name == "Fn::Join" and isinstance(items[-1], Sequence):
        for item in items[-1].items:
            yield from _joined_names(item)
