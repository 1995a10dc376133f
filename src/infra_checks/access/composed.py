"""Policies that are written as properties: what AWS makes of them is one statement of a resource policy.

AWS: AddPermission and AddLayerVersionPermission of the Lambda API reference, PutPermission of the EventBridge,
AddProfilePermission of the Signer, CreatePermission of the AWS Private CA, AddPolicyStatement of the Entity Resolution
and AssociatePermission of the Amazon Q Business API reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.access.documents import Placed, around, placed, placed_part, put_together
from infra_checks.access.symbols import arn_of, text_at
from infra_checks.core.resource import Resource
from infra_checks.evaluate.values import Absent, Known, Unknown
from infra_checks.evaluate.view import View
from infra_checks.iam.document import Opaque
from infra_checks.iam.text import ACCOUNT, PARTITION, REGION, WILDCARDS, Symbol, joined, pieces

if TYPE_CHECKING:
    from infra_checks.evaluate.values import Value
    from infra_checks.iam.document import Document
    from infra_checks.iam.text import Text

_CONDITIONS: Final = {
    # Lambda "configures the comparison using the StringLike operator" (AddPermission, SourceArn).
    "SourceArn": ("StringLike", "aws:SourceArn"),
    "SourceAccount": ("StringEquals", "aws:SourceAccount"),
    "PrincipalOrgID": ("StringEquals", "aws:PrincipalOrgID"),
    "OrganizationId": ("StringEquals", "aws:PrincipalOrgID"),
    "EventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
}
"""Properties that limit a permission, and the condition each becomes."""

_SERVICE_ENDS: Final = (".amazonaws.com", ".amazonaws.com.cn", ".amazon.com", ".amazonaws.eu", ".aws.internal")


def composed(resource: Resource) -> Placed:
    """The policy that a resource is."""
    if resource.type == "AWS::Events::EventBusPolicy" and not isinstance(resource.value("Statement"), Absent):
        return _bus_statement(resource)
    actions = "Actions" if resource.type in {"AWS::ACMPCA::Permission", "AWS::QBusiness::Permission"} else "Action"
    effect = placed_part(resource, resource.value("Effect"))
    elements: dict[str, Placed | str] = {
        "Effect": effect if effect.document is not None else "Allow",
        "Principal": _principal(resource),
        "Action": placed_part(resource, resource.value(actions)),
        "Resource": _subject(resource),
    }
    condition = _condition(resource)
    if condition is not None:
        elements["Condition"] = condition
    return put_together(resource.value(), **elements)


def _bus_statement(resource: Resource) -> Placed:
    """The newer form of an event bus policy: one statement, which may be JSON in a text."""
    statement = placed(resource, resource.value("Statement"))
    return around(resource.value("Statement"), statement)


def statements_of_sam(resource: Resource, value: Value[object]) -> Placed:
    """The ResourcePolicy of an API of AWS SAM: its statements, and for each other entry one that is not read."""
    match value:
        case Known(View() as view):
            statements = placed_part(resource, view.value("CustomStatements"))
            others = [Opaque(f"AWS SAM makes it of {name}") for name in view.keys() if name != "CustomStatements"]  # noqa: SIM118
            if not others:
                return around(value, statements)
            written = statements.document
            listed = written if isinstance(written, list) else [] if written is None else [written]
            return around(value, Placed([*listed, *others], statements.value))
        case Known() | Unknown() | Absent():
            return Placed(Opaque(value.reason if isinstance(value, Unknown) else "it is no resource policy"), value)


def _principal(resource: Resource) -> Placed:
    value = resource.value("Principal")
    match value:
        case Known(tuple() as items):
            documents = [_principal_of(resource, item.value()) for item in items if isinstance(item, View)]
            return Placed(_merged(documents), value)
        case Known() | Unknown() | Absent():
            return Placed(_principal_of(resource, value), value)


def _merged(documents: list[Document]) -> Document:
    """Several principals as one element; when one is not known, neither is the whole."""
    kinds: dict[str, Document] = {}
    for document in documents:
        if not isinstance(document, dict):
            return document
        for kind, name in document.items():
            listed = kinds.setdefault(kind, [])
            if isinstance(listed, list):
                listed.append(name)
    return kinds


def _principal_of(resource: Resource, value: Value[object]) -> Document:
    """A principal in AWS's form. A property holds an account, an ARN, a service or `*` alike."""
    text = text_at(resource.stack, value)
    if text is None:
        return Opaque(value.reason) if isinstance(value, Unknown) else None
    if text == "*":
        return "*"
    if isinstance(text, str):
        return {"Service" if text.endswith(_SERVICE_ENDS) else "AWS": text}
    first, last = text[0], text[-1]
    if isinstance(first, str) and first.startswith("arn:"):
        return {"AWS": text}
    if any(isinstance(piece, str) and ".amazonaws." in f"{piece}." for piece in text) or _is_suffix(last):
        return {"Service": text}
    if text == (ACCOUNT,):
        return {"AWS": text}
    return Opaque(value.reason if isinstance(value, Unknown) else "it is known only at deployment")


def _is_suffix(piece: str | Symbol) -> bool:
    return isinstance(piece, Symbol) and piece.name == "AWS::URLSuffix"


def _condition(resource: Resource) -> Placed | None:
    if resource.type == "AWS::Events::EventBusPolicy":
        return _bus_condition(resource)
    if resource.type == "AWS::EntityResolution::PolicyStatement":
        value = resource.value("Condition")
        return None if isinstance(value, Absent) else placed(resource, value)
    if resource.type == "AWS::QBusiness::Permission":
        return _listed_conditions(resource)
    document: dict[str, Document] = {}
    parts: dict[tuple[str | int, ...], Placed] = {}
    for name, (operator, key) in _CONDITIONS.items():
        part = placed_part(resource, resource.value(name))
        if part.document is not None:
            keys = document.setdefault(operator, {})
            if isinstance(keys, dict):
                keys[key] = part.document
            parts[operator, key] = part
    return Placed(document, resource.value(), parts) if document else None


def _bus_condition(resource: Resource) -> Placed | None:
    """`Condition: {Type: StringEquals, Key: aws:PrincipalOrgID, Value: o-...}`; AWS takes no other type and key."""
    value = resource.value("Condition")
    match value:
        case Known(View() as view):
            operator, key = view.text("Type"), view.text("Key")
            part = placed_part(resource, view.value("Value"))
            if isinstance(operator, Known) and isinstance(key, Known):
                keys: dict[str, Document] = {key.value: part.document}
                return Placed({operator.value: keys}, value, {(operator.value, key.value): part})
            return Placed(Opaque("its operator or key is not known"), value)
        case Known():
            return Placed(Opaque("it is no condition"), value)
        case Unknown():
            return Placed(Opaque(value.reason), value)
        case Absent():
            return None


def _listed_conditions(resource: Resource) -> Placed | None:
    """Conditions as a list of operator, key and values."""
    value = resource.items("Conditions")
    match value:
        case Known(items):
            found: dict[str, Document] = {}
            for item in items:
                operator, key = item.text("ConditionOperator"), item.text("ConditionKey")
                if not (isinstance(operator, Known) and isinstance(key, Known)):
                    return Placed(Opaque("its operator or key is not known"), value)
                keys = found.setdefault(operator.value, {})
                if isinstance(keys, dict):
                    keys[key.value] = placed_part(resource, item.value("ConditionValues")).document
            return Placed(found, value) if found else None
        case Unknown():
            return Placed(Opaque(value.reason), value)
        case Absent():
            return None


_SUBJECTS: Final = {
    "AWS::ACMPCA::Permission": ("CertificateAuthorityArn", "acm-pca", "certificate-authority/"),
    "AWS::EntityResolution::PolicyStatement": ("Arn", "entityresolution", ""),
    "AWS::Events::EventBusPolicy": ("EventBusName", "events", "event-bus/"),
    "AWS::Lambda::LayerVersionPermission": ("LayerVersionArn", "lambda", "layer:"),
    "AWS::Lambda::Permission": ("FunctionName", "lambda", "function:"),
    "AWS::QBusiness::Permission": ("ApplicationId", "qbusiness", "application/"),
    "AWS::Signer::ProfilePermission": ("ProfileName", "signer", "/signing-profiles/"),
}
"""The property that says what the permission is for, and the service and beginning of its ARN where it is a name."""


def _subject(resource: Resource) -> Placed:
    name, service, kind = _SUBJECTS[resource.type]
    value = resource.value(name)
    target = resource.stack.target_of(value)
    if isinstance(target, Resource) and (arn := arn_of(target)) is not None:
        return Placed(_document(arn), value)
    if isinstance(value, Absent):
        text: Text | None = "default" if resource.type == "AWS::Events::EventBusPolicy" else None
    else:
        text = text_at(resource.stack, value)
    if text is None:
        return Placed(Opaque(value.reason) if isinstance(value, Unknown) else None, value)
    parts = [piece if isinstance(piece, str) else _plain(piece) for piece in pieces(text)]
    if _begins_with_name(parts[0]):
        parts = ["arn:", PARTITION, f":{service}:", REGION, ":", ACCOUNT, f":{kind}", *parts]
    return Placed(_document(joined(parts)), value)


def _begins_with_name(piece: str | Symbol) -> bool:
    """Whether what begins so is a name, perhaps with a version or alias behind it, and no ARN."""
    return not piece.startswith("arn:") if isinstance(piece, str) else ":" in piece.excluded


def _plain(symbol: Symbol) -> Symbol:
    """What names one thing, and so holds no wildcard."""
    return symbol._replace(excluded=symbol.excluded | WILDCARDS)


def _document(text: Text) -> Document:
    return text
