"""AWS's query protocol from the server's side, driven by botocore's model of the service.

AWS: "Common parameters" and "Common errors" of the CloudFormation API reference.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import OperationModel, Shape

    from infra_checks.sandbox.refusal import RefusedError

_NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"


@cache
def operations(service: str = "cloudformation") -> dict[str, OperationModel]:
    """The operations of a service that speaks this protocol."""
    import botocore.session  # noqa: PLC0415 - an optional dependency, and slow

    model = botocore.session.get_session().get_service_model(service)
    return {name: model.operation_model(name) for name in model.operation_names}


def parse(form: Mapping[str, str], shape: Shape) -> dict[str, Any]:
    """The parameters in a form such as `Tags.member.1.Key=x`."""
    tree: dict[str, Any] = {}
    for name, text in form.items():
        node = tree
        *parents, last = name.split(".")
        for part in parents:
            node = node.setdefault(part, {})
        node[last] = text
    parsed = _parsed({name: item for name, item in tree.items() if name in shape.members}, shape)
    return dict(parsed)


def _parsed(tree: Any, shape: Shape) -> Any:  # noqa: ANN401 - JSON
    match shape.type_name:
        case "structure":
            return {name: _parsed(tree[name], inner) for name, inner in shape.members.items() if name in tree}
        case "list" if tree == "":
            return []
        case "list":
            members = tree.get("member", {}) if isinstance(tree, dict) else {}
            return [_parsed(members[index], shape.member) for index in sorted(members, key=int)]
        case "boolean":
            return tree.lower() == "true"
        case "integer" | "long":
            return int(tree)
        case _:
            return tree


def answer(operation: OperationModel, result: Mapping[str, Any]) -> str:
    """The document that answers an operation."""
    name = operation.name
    shape = operation.output_shape
    inner = _members(result, shape) if shape is not None else ""
    body = f"<{name}Result>{inner}</{name}Result>" if shape is not None else ""
    metadata = f"<ResponseMetadata><RequestId>{uuid4()}</RequestId></ResponseMetadata>"
    return f'<{name}Response xmlns="{_NAMESPACE}">{body}{metadata}</{name}Response>'


def _members(value: Mapping[str, Any], shape: Shape) -> str:
    unknown = set(value) - set(shape.members)
    if unknown:
        raise ValueError(f"{shape.name} has no {sorted(unknown)}")
    return "".join(
        f"<{name}>{_content(value[name], inner)}</{name}>"
        for name, inner in shape.members.items()
        if value.get(name) is not None
    )


def _content(value: Any, shape: Shape) -> str:  # noqa: ANN401 - JSON
    match shape.type_name:
        case "structure":
            return _members(value, shape)
        case "list":
            return "".join(f"<member>{_content(item, shape.member)}</member>" for item in value)
        case "boolean":
            return "true" if value else "false"
        case "timestamp":
            return value.isoformat() if isinstance(value, datetime) else str(value)
        case _:
            return escape(str(value))


def refusal(error: RefusedError) -> str:
    """The document that says why a request is refused."""
    return (
        f'<ErrorResponse xmlns="{_NAMESPACE}"><Error><Type>Sender</Type><Code>{error.code}</Code>'
        f"<Message>{escape(str(error))}</Message></Error><RequestId>{uuid4()}</RequestId></ErrorResponse>"
    )
