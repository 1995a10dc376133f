"""Rules on how a permission of a Lambda function is written: for whom, and for what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.evaluate.view import as_text
from infra_checks.rules.conditions import names_everyone
from infra_checks.rules.policies import elements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

PERMISSION: Final = "AWS::Lambda::Permission"
_API: Final = "https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html"


@rule(
    PERMISSION,
    id="lambda-permission-principal-named",
    title="A permission names who may invoke the function",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Set `Principal` to the service, account, user or role that invokes the function.",
    source=_API,
    equivalents=("F13", "LAMBDA_NO_WILDCARD_PRINCIPALS"),
)
def principal_named(permission: Resource, ctx: Context) -> Iterator[Verdict]:
    """With `*` only the conditions of the permission stand before everyone else. Who invokes the function is known: a
    service, an account or a role. Whether conditions keep everyone out is another rule's question.
    """
    star, principal = names_everyone(permission)
    if star is None:
        yield ctx.undecided(principal, "whether it is for everyone is known only at deployment")
    elif star:
        yield ctx.violation(principal, "is for the principal *, and names nobody")


_INVOKING: Final = frozenset({"lambda:InvokeFunction", "lambda:InvokeFunctionUrl"})


@rule(
    PERMISSION,
    id="lambda-permission-action-limited",
    title="A permission is for invoking the function only",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Set `Action: lambda:InvokeFunction`, or lambda:InvokeFunctionUrl.",
    source=_API,
    equivalents=("W24", "LAMBDA_PERMISSION_INVOKE_FUNCTION_ACTION"),
)
def action_limited(permission: Resource, ctx: Context) -> Iterator[Verdict]:
    """A function's policy is there to let services and other accounts invoke it. Another action, or `lambda:*`, lets
    them read or change its code or settings.
    """
    for action in elements(permission, "Action"):
        name = as_text(action)
        match name:
            case Known(text) if text in _INVOKING:
                continue
            case Unknown():
                yield ctx.undecided(name, f"what it is for cannot be told: {name.reason}")
            case Known():
                yield ctx.violation(name, f"is for {name.value}, not only for invoking the function")
            case Absent():
                continue
