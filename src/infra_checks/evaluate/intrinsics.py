"""The functions that give values, in one table.

AWS: "Intrinsic function reference" and "AWS::LanguageExtensions transform" of the CloudFormation user
guide. A function whose operands are not known answers Unknown with what is known of its text; a call
that CloudFormation would refuse answers Unknown with the reason, so that a rule says "undecided", not
"missing".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.evaluate.answers import Result, opaque, operands
from infra_checks.evaluate.lists import cidr, length, select, split
from infra_checks.evaluate.lookup import find_in_map
from infra_checks.evaluate.references import get_att, get_azs, import_value, ref
from infra_checks.evaluate.texts import base64_text, join, sub, to_json_string
from infra_checks.template.model import SERVERLESS, UNREAD
from infra_checks.template.nodes import Call, Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra_checks.evaluate.evaluator import Evaluator


def evaluate(evaluator: Evaluator, call: Call) -> Result:
    """The value of any call but Fn::If."""
    function = _TABLE.get(call.name)
    return function(evaluator, call) if function else opaque(call, f"{call.name} is not evaluated")


def _transform(_evaluator: Evaluator, call: Call) -> Result:
    name = call.argument.get("Name") if isinstance(call.argument, Mapping) else None
    shown = name.text if isinstance(name, Scalar) else "a macro"
    return opaque(call, f"it is what the transform {shown} puts in")


def _generated(_evaluator: Evaluator, call: Call) -> Result:
    """A value that SAM makes, or that could not be read, and so is not known; the first operand says why."""
    reason = operands(call)[0]
    return opaque(call, reason.text if isinstance(reason, Scalar) else f"{call.name} makes it")


_TABLE: Final[dict[str, Callable[[Evaluator, Call], Result]]] = {
    "Ref": ref,
    "Fn::Base64": base64_text,
    "Fn::Cidr": cidr,
    "Fn::FindInMap": find_in_map,
    "Fn::GetAZs": get_azs,
    "Fn::GetAtt": get_att,
    "Fn::ImportValue": import_value,
    "Fn::Join": join,
    "Fn::Length": length,
    "Fn::Select": select,
    "Fn::Split": split,
    "Fn::Sub": sub,
    "Fn::ToJsonString": to_json_string,
    "Fn::Transform": _transform,
    SERVERLESS: _generated,
    UNREAD: _generated,
}
