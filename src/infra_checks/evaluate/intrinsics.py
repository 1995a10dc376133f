"""The functions that give values: one small function each, in one table.

AWS: "Intrinsic function reference" and "AWS::LanguageExtensions transform" of the CloudFormation user
guide. A function whose operands are not known answers Unknown with what is known of its text; a call
that CloudFormation would refuse answers Unknown with the reason, so that a rule says "undecided", not
"missing".
"""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from typing import TYPE_CHECKING, Final

from infra_checks.evaluate.symbols import canonical, symbol_value, text_value
from infra_checks.evaluate.values import Absent, Known, Symbol, Unknown, Value
from infra_checks.evaluate.stack import must_be_filled
from infra_checks.template.nodes import NO_VALUE, Call, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra_checks.evaluate.evaluator import Evaluator
    from infra_checks.evaluate.scenario import Variable
    from infra_checks.evaluate.stack import Domain

Result = Value[object]

_PLACEHOLDER: Final = re.compile(r"\$\{([^}]*)\}")


def evaluate(evaluator: Evaluator, call: Call) -> Result:
    """The value of any call but Fn::If."""
    function = _TABLE.get(call.name)
    return function(evaluator, call) if function else _opaque(call, f"{call.name} is not evaluated")


def _opaque(call: Call, reason: str, *, present: bool = False, notes: tuple[str, ...] = ()) -> Unknown:
    return Unknown(reason, call, (), notes, (Symbol("call", (canonical(call),)),), present=present)


def _malformed(call: Call, needs: str) -> Unknown:
    return Unknown(f"{call.name} needs {needs}", call)


def _items(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, Sequence) else ()


def _ref(evaluator: Evaluator, call: Call) -> Result:
    if not isinstance(call.argument, Scalar):
        return _malformed(call, "a name")
    return reference(evaluator, call.argument.text, call)


def reference(evaluator: Evaluator, name: str, node: Node) -> Result:
    """What `Ref` of a name gives: a parameter's value, a pseudo parameter, or a resource's id."""
    if name == NO_VALUE:
        return Absent(node)
    domain = evaluator.stack.domains.get(name)
    if domain is not None:
        return _parameter(evaluator, domain, node)
    if name in evaluator.stack.template.resources:
        return symbol_value(Symbol("reference", (name, "Ref")), node)
    return Unknown(f"{name} is neither a parameter nor a resource of this template", node)


def _parameter(evaluator: Evaluator, domain: Domain, node: Node) -> Result:
    parameter = domain.parameter
    if parameter is None:
        value = domain.variable.base.single or _narrowed(evaluator, domain.variable)
        pseudo = symbol_value(Symbol("pseudo", (domain.variable.key,)), node)
        return pseudo if value is None else Known(value, node, (), domain.notes)
    if parameter.is_ssm:
        return _resolved(evaluator, domain, node)
    single = domain.variable.base.single
    value = evaluator.scenario.value(domain.variable) if single is None else single
    symbol = Symbol("parameter", (parameter.name,))
    if value is None:
        reason = f"it depends on the parameter {parameter.name}, which has no default"
        filled = must_be_filled(parameter) or "" not in evaluator.scenario.choices(domain.variable)
        return symbol_value(symbol, node, reason=reason, present=filled)
    if parameter.no_echo:
        reason = f"it is the hidden value of the parameter {parameter.name}"
        return symbol_value(symbol, node, reason=reason, present=bool(value))
    return Known(_split_list(value) if parameter.is_list else value, node, (), domain.notes)


def _narrowed(evaluator: Evaluator, variable: Variable) -> str | None:
    """A pseudo parameter's value where a condition has fixed it; reading it alone splits nothing."""
    evaluator.scenario.asked += 1
    return evaluator.scenario.choices(variable).single


def _resolved(evaluator: Evaluator, domain: Domain, node: Node) -> Result:
    """The value of a parameter of type AWS::SSM::Parameter::Value<...>: never the name given for it."""
    assert domain.parameter is not None  # noqa: S101 - only parameters are of an SSM type
    value = _narrowed(evaluator, evaluator.stack.resolved(domain.parameter))
    if value is not None:
        return Known(_split_list(value) if domain.parameter.is_list else value, node)
    name = domain.parameter.name
    reason = f"it is the value of the Systems Manager parameter that {name} names"
    return symbol_value(Symbol("parameter", (name,)), node, reason=reason)


def _split_list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))


def _get_att(evaluator: Evaluator, call: Call) -> Result:
    items = _items(call.argument)
    names = [value.value if isinstance(value, Known) else None for value in map(evaluator.text, items)]
    if len(names) < 2 or names[0] is None:
        return _malformed(call, "a resource's name and an attribute")
    attribute = ".".join(name or "?" for name in names[1:])
    return attribute_of(evaluator, names[0], attribute, call)


def attribute_of(evaluator: Evaluator, name: str, attribute: str, node: Node) -> Unknown:
    """What `Fn::GetAtt` gives: known only at deployment, but surely there."""
    if name in evaluator.stack.template.resources:
        return symbol_value(Symbol("reference", (name, attribute)), node)
    return Unknown(f"{name} is not a resource of this template", node)


def _sub(evaluator: Evaluator, call: Call) -> Result:
    items = _items(call.argument) or (call.argument,)
    if not isinstance(items[0], Scalar) or len(items) > 2:
        return _malformed(call, "a string, or a list of a string and a mapping")
    local = items[1].entries if len(items) == 2 and isinstance(items[1], Mapping) else {}
    parts: list[str | Symbol] = []
    notes: tuple[str, ...] = ()
    present = False
    for index, piece in enumerate(_PLACEHOLDER.split(items[0].text)):
        if index % 2 == 0:
            parts.append(piece)
        elif piece.startswith("!"):
            parts.append("${" + piece[1:] + "}")
        else:
            value = _placeholder(evaluator, piece.strip(), local, call)
            if value is None:
                return Unknown(f"${{{piece}}} in Fn::Sub is not a text", call)
            notes += value.notes
            present = present or (isinstance(value, Unknown) and value.present)
            parts.extend((value.value,) if isinstance(value, Known) else value.parts or (Symbol("call", (piece,)),))
    return _with_presence(text_value(parts, call, notes), present=present)


def _with_presence(value: Known[str] | Unknown, *, present: bool) -> Result:
    if isinstance(value, Unknown) and present and not value.present:
        return Unknown(value.reason, value.node, value.path, value.notes, value.parts, present=True)
    return value


def _placeholder(evaluator: Evaluator, name: str, local: dict[str, Node], call: Call) -> Known[str] | Unknown | None:
    if name in local:
        return evaluator.text(local[name])
    base, _, attribute = name.partition(".")
    argument: Node = Scalar(name, name, call.start, call.end)
    if attribute:
        return attribute_of(evaluator, base, attribute, call)
    return evaluator.text(Call("Ref", argument, call.start, call.end))


def _listed(evaluator: Evaluator, node: Node) -> list[Known[str] | Unknown | None] | Unknown:
    """A list's elements as texts; Unknown when it cannot be told how many there are."""
    reduced, notes = evaluator.reduce(node)
    if isinstance(reduced, Sequence):
        return [evaluator.text(item) for _, item, _ in evaluator.elements(reduced)]
    if isinstance(reduced, Known) and isinstance(reduced.value, tuple):
        return [Known(item, node, (), notes) if isinstance(item, str) else item for item in reduced.value]
    if isinstance(reduced, Unknown):
        return reduced
    return Unknown("a list is needed here", node)


def _join(evaluator: Evaluator, call: Call) -> Result:
    items = _items(call.argument)
    delimiter = items[0] if items else None
    if len(items) != 2 or not isinstance(delimiter, Scalar):
        return _malformed(call, "a delimiter and a list")
    listed = _listed(evaluator, items[1])
    if isinstance(listed, Unknown):
        return _opaque(call, listed.reason, present=listed.present)
    parts: list[str | Symbol] = []
    notes: tuple[str, ...] = ()
    present = False
    for index, value in enumerate(listed):
        if value is None:
            return Unknown("an element of Fn::Join is not a text", call)
        parts.append(delimiter.text if index else "")
        parts.extend((value.value,) if isinstance(value, Known) else value.parts)
        notes += value.notes
        present = present or (isinstance(value, Unknown) and value.present)
    return _with_presence(text_value(parts, call, notes), present=present)


def _split(evaluator: Evaluator, call: Call) -> Result:
    items = _items(call.argument)
    if len(items) != 2 or not isinstance(items[0], Scalar) or not items[0].text:
        return _malformed(call, "a delimiter and a string")
    value = evaluator.text(items[1])
    if isinstance(value, Known):
        return Known(tuple(value.value.split(items[0].text)), call, (), value.notes)
    return _opaque(call, value.reason if value else "Fn::Split needs a text")


def _select(evaluator: Evaluator, call: Call) -> Result:
    items = _items(call.argument)
    index = evaluator.text(items[0]) if len(items) == 2 else None
    if index is None:
        return _malformed(call, "an index and a list")
    if isinstance(index, Unknown) or not index.value.isdigit():
        return _opaque(call, index.reason if isinstance(index, Unknown) else f"{index.value!r} is not an index")
    number = int(index.value)
    reduced, notes = evaluator.reduce(items[1])
    if isinstance(reduced, Sequence):
        return _element(evaluator, call, reduced, number)
    if isinstance(reduced, Known) and isinstance(reduced.value, tuple):
        if number < len(reduced.value):
            return Known(reduced.value[number], call, (), notes)
        return _opaque(call, f"index {number} is beyond the {len(reduced.value)} elements of the list")
    if isinstance(reduced, Unknown):
        return _selected_symbol(call, reduced, number)
    return _malformed(call, "an index and a list")


def _element(evaluator: Evaluator, call: Call, sequence: Sequence, number: int) -> Result:
    elements = evaluator.elements(sequence)
    if number >= len(elements):
        return _opaque(call, f"index {number} is beyond the {len(elements)} elements of the list")
    _, node, notes = elements[number]
    reduced, more = evaluator.reduce(node, notes)
    if isinstance(reduced, (Mapping, Sequence)):
        return _opaque(call, "the selected element is not a scalar")
    return _renoted(reduced, more)


def _renoted(value: Result, notes: tuple[str, ...]) -> Result:
    match value:
        case Known():
            return Known(value.value, value.node, (), notes)
        case Unknown():
            return Unknown(value.reason, value.node, (), notes, value.parts, present=value.present)
        case Absent():
            return Absent(value.node, (), notes)


def _selected_symbol(call: Call, value: Unknown, number: int) -> Unknown:
    symbol = value.symbol
    if symbol is not None and symbol.kind == "zones":
        return symbol_value(Symbol("zone", (*symbol.name, number)), call)
    return _opaque(call, value.reason, present=value.present)


def _find_in_map(evaluator: Evaluator, call: Call) -> Result:
    """AWS: a missing key is a template error, unless DefaultValue is given (language extensions)."""
    items = _items(call.argument)
    if len(items) not in {3, 4}:
        return _malformed(call, "a mapping's name, a top-level key and a second-level key")
    name = evaluator.text(items[0])
    table = evaluator.stack.template.mappings.get(name.value) if isinstance(name, Known) else None
    fallback = items[3].get("DefaultValue") if len(items) == 4 and isinstance(items[3], Mapping) else None
    found: Node | Unknown | None = table or Unknown("the mapping is not known", call)
    notes: tuple[str, ...] = ()
    for key in items[1:3]:
        if isinstance(found, Mapping):
            found, more = _lookup(evaluator, found, key, call)
            notes += more
    if found is None and fallback is None:
        return Unknown("the mapping has no such key, so the deployment fails", call, (), notes)
    if isinstance(found, Unknown):
        return _opaque(call, found.reason, notes=notes) if fallback is None else _either(found, call)
    reduced, notes = evaluator.reduce(found or fallback or call.argument, notes)
    return _literal_list(reduced, call, notes) if isinstance(reduced, Sequence) else _scalar_result(reduced, call, notes)


def _either(found: Unknown, call: Call) -> Unknown:
    return _opaque(call, found.reason)


def _scalar_result(reduced: Result | Mapping, call: Call, notes: tuple[str, ...]) -> Result:
    return _opaque(call, "a mapping's value is a text or a list") if isinstance(reduced, Mapping) else _renoted(reduced, notes)


def _literal_list(sequence: Sequence, call: Call, notes: tuple[str, ...]) -> Result:
    return Known(tuple(item.literal for item in sequence.items if isinstance(item, Scalar)), call, (), notes)


def _lookup(evaluator: Evaluator, table: Mapping, key: Node, call: Call) -> tuple[Node | Unknown | None, tuple[str, ...]]:
    """The entry under a key; keys with equal entries stay one scenario."""
    variable = _key_variable(evaluator, key)
    if variable is not None:
        chosen = evaluator.scenario.group(variable, _groups(table))
        return (None if chosen is None else table.entries.get(chosen)), ()
    value = evaluator.text(key)
    if isinstance(value, Known):
        return table.entries.get(value.value), value.notes
    return Unknown(value.reason if value else "the key is not a text", call), ()


def _key_variable(evaluator: Evaluator, key: Node) -> Variable | None:
    """The parameter that decides a key, if it can still have several values."""
    if not (isinstance(key, Call) and key.name == "Ref" and isinstance(key.argument, Scalar)):
        return None
    domain = evaluator.stack.domains.get(key.argument.text)
    if domain is None or (domain.parameter is not None and domain.parameter.is_ssm):
        return None
    return domain.variable if domain.variable.base.single is None else None


def _groups(table: Mapping) -> tuple[tuple[str, ...], ...]:
    groups: dict[str, list[str]] = {}
    for name, node in table.entries.items():
        groups.setdefault(canonical(node), []).append(name)
    return tuple(map(tuple, groups.values()))


def _get_azs(evaluator: Evaluator, call: Call) -> Result:
    value = evaluator.text(call.argument)
    if value is None:
        return _malformed(call, "a region, or an empty text for the stack's region")
    region = "AWS::Region" if not isinstance(value, Known) or not value.value else value.value
    if isinstance(value, Unknown) and value.symbol != Symbol("pseudo", ("AWS::Region",)):
        region = canonical(call.argument)
    return symbol_value(Symbol("zones", (region,)), call)


def _cidr(evaluator: Evaluator, call: Call) -> Result:
    items = _items(call.argument)
    values = [evaluator.text(item) for item in items]
    if len(values) not in {2, 3}:
        return _malformed(call, "an address block, a count and the number of bits of each")
    texts = [value.value for value in values if isinstance(value, Known)]
    if len(texts) < len(values):
        return _opaque(call, "it depends on an address block that is not known", present=True)
    try:
        return Known(tuple(_blocks(*texts)), call)
    except ValueError as error:
        return _opaque(call, f"Fn::Cidr: {error}")


def _blocks(block: str, count: str, bits: str = "") -> list[str]:
    """AWS: count 1 to 256; cidrBits are the host bits of each block (required for IPv6: 64)."""
    network = ipaddress.ip_network(block, strict=False)
    wanted = int(count)
    if not 1 <= wanted <= 256:
        raise ValueError("the count must be from 1 to 256")
    prefix = network.max_prefixlen - int(bits or "64")
    subnets = network.subnets(new_prefix=prefix)
    return [str(subnet) for subnet, _ in zip(subnets, range(wanted), strict=False)]


def _base64(evaluator: Evaluator, call: Call) -> Result:
    value = evaluator.text(call.argument)
    if isinstance(value, Known):
        return Known(base64.b64encode(value.value.encode("utf-8", "surrogatepass")).decode(), call, (), value.notes)
    return _opaque(call, value.reason if value else "Fn::Base64 needs a text", present=True)


def _import_value(evaluator: Evaluator, call: Call) -> Result:
    value = evaluator.text(call.argument)
    name = value.value if isinstance(value, Known) else canonical(call.argument)
    return symbol_value(Symbol("import", (name,)), call)


def _transform(_evaluator: Evaluator, call: Call) -> Result:
    name = call.argument.get("Name") if isinstance(call.argument, Mapping) else None
    shown = name.text if isinstance(name, Scalar) else "a macro"
    return _opaque(call, f"it is what the transform {shown} puts in")


def _length(evaluator: Evaluator, call: Call) -> Result:
    listed = _listed(evaluator, call.argument)
    return _opaque(call, listed.reason, present=True) if isinstance(listed, Unknown) else Known(len(listed), call)


def _to_json_string(evaluator: Evaluator, call: Call) -> Result:
    plain = _plain(evaluator, call.argument)
    if isinstance(plain, Unknown):
        return _opaque(call, plain.reason, present=True)
    return Known(json.dumps(plain, separators=(",", ":")), call)


def _plain(evaluator: Evaluator, node: Node) -> object:
    """A node as plain data; Unknown when any part of it is."""
    reduced, _ = evaluator.reduce(node)
    if isinstance(reduced, Mapping):
        entries = {key: _plain(evaluator, child) for key, child in reduced.entries.items()}
        unknown = next((value for value in entries.values() if isinstance(value, Unknown)), None)
        return unknown or {key: value for key, value in entries.items() if not isinstance(value, Absent)}
    if isinstance(reduced, Sequence):
        items = [_plain(evaluator, item) for _, item, _ in evaluator.elements(reduced)]
        return next((item for item in items if isinstance(item, Unknown)), None) or items
    if isinstance(reduced, Known):
        return list(reduced.value) if isinstance(reduced.value, tuple) else reduced.value
    return reduced


_TABLE: Final[dict[str, Callable[[Evaluator, Call], Result]]] = {
    "Ref": _ref,
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _get_azs,
    "Fn::GetAtt": _get_att,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Length": _length,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Fn::ToJsonString": _to_json_string,
    "Fn::Transform": _transform,
}
