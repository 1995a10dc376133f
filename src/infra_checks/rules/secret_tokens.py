"""A rule on keys and tokens that stand anywhere in a resource, recognised by the form their issuers gave them."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import ANY_TYPE, Absent, Known, Unknown, rule
from infra_checks.evaluate.view import View
from infra_checks.rules.secret_properties import SECRETS
from infra_checks.rules.secret_texts import secret_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.values import Path, Value

_JUDGED: Final = {
    "AWS::ApiGateway::Stage": ("Variables",),
    "AWS::ApiGatewayV2::Stage": ("StageVariables",),
    "AWS::AutoScaling::LaunchConfiguration": ("UserData",),
    "AWS::CodeBuild::Project": ("Environment", "Source"),
    "AWS::EC2::Instance": ("UserData",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData",),
    "AWS::ECS::TaskDefinition": ("ContainerDefinitions",),
    "AWS::Glue::Job": ("DefaultArguments",),
    "AWS::Lambda::Function": ("Code", "Environment"),
    "AWS::SSM::Document": ("Content",),
    "AWS::SSM::Parameter": ("Value",),
}
"""Properties on which there are rules of their own, which know more about them."""

_AUTHENTICATION: Final = "AWS::CloudFormation::Authentication"
_MARKS: Final = re.compile(r"A(?:KIA|SIA)|PRIVATE KEY|gh[pousr]_|github_pat_|xox|k_live_|AIza")
"""What every form begins with or has in it: to be done quickly with a template that has none."""


@rule(
    ANY_TYPE,
    id="resource-no-secret-tokens",
    title="No keys and tokens are written into resources",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Revoke it, put a new one into Secrets Manager, and refer to that with a dynamic reference.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/security-best-practices.html",
    secret=True,
)
def tokens(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """A template is kept in version control and shown to everyone who may describe the stack; a key in it is known to
    all of them, and for ever. Access keys, private keys and the tokens of well-known services have a form that tells
    them from other texts. Variables, code, user data and password properties have rules of their own.
    """
    if not _may_have(resource.evaluator.stack.template.source.text):
        return
    for start in (resource.value(), resource.attribute("Metadata")):
        for value, found in _found(start):
            if not _is_judged(resource, value.path):
                yield ctx.violation(replace(value, notes=()), f"has {found} in it")


@lru_cache(maxsize=2)
def _may_have(text: str) -> bool:
    """Whether there may be a token anywhere in a template's text; asked for each of its resources."""
    return _MARKS.search(text) is not None


def _found(start: Value[object]) -> Iterator[tuple[Known[object] | Unknown, str]]:
    """The texts below a value that have a token in them, and of which kind."""
    pending = [start]
    while pending:
        value = pending.pop()
        match value:
            case Known(View() as mapping):
                pending.extend(mapping.value(key) for key in reversed(mapping.keys()))
            case Known(tuple() as items):
                pending.extend(item.value() for item in reversed(items) if isinstance(item, View))
            case Known(text):
                kind = secret_in(text) if isinstance(text, str) else ""
                if kind:
                    yield value, kind
            case Unknown():
                kind = next((kind for part in value.parts if isinstance(part, str) and (kind := secret_in(part))), "")
                if kind:
                    yield value, kind
            case Absent():
                continue


def _is_judged(resource: Resource, path: Path) -> bool:
    """Whether another rule says it."""
    below = path[1:]
    if path[0] != "Properties":
        return below[:1] == (_AUTHENTICATION,)
    if below[:1] and below[0] in _JUDGED.get(resource.type, ()):
        return True
    names = tuple("*" if isinstance(each, int) else each for each in below)
    return any(
        len(names) == len(known) and all(k in {"*", n} for k, n in zip(known, names, strict=True))
        for known in SECRETS.get(resource.type, ())
    )
