"""Rules on secrets that a template hands to containers and instances when they start."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.evaluate.values import Symbol
from infra_checks.evaluate.view import EACH, View, as_text
from infra_checks.rules.secret_texts import secret_in, secret_under
from infra_checks.template.nodes import Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.values import Value

TASK: Final = "AWS::ECS::TaskDefinition"
TEMPLATE: Final = "AWS::EC2::LaunchTemplate"
CONTAINERS: Final = ("ContainerDefinitions", EACH)
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_ASSIGNED: Final = re.compile(
    r"(?:^|[\s;&,({\"'-])([A-Za-z][\w.-]{2,60})[\"']?\s*[=:]\s*[\"']?([^\s\"';,&|]+)", re.MULTILINE
)
"""A name and what is assigned to it, in shell, PowerShell, JSON, YAML or properties."""


@rule(
    TASK,
    id="ecs-no-environment-secrets",
    title="No secret is among the environment variables of containers",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Move the variable from `Environment` to `Secrets`, with `ValueFrom` the ARN of the secret.",
    source=_CONFIG + "ecs-no-environment-secrets.html",
    equivalents=("AwsSolutions-ECS2", "AWS-0036", "ecs_task_definitions_no_environment_secrets"),
    secret=True,
)
def environment(task: Resource, ctx: Context) -> Iterator[Verdict]:
    """Environment variables are shown to everyone who may describe the task definition, for all its revisions. A hidden
    parameter, and a dynamic reference to a secret, are put into it as plain text too.
    """
    for name_read, value in zip(
        task.values(*CONTAINERS, "Environment", EACH, "Name"),
        task.values(*CONTAINERS, "Environment", EACH, "Value"),
        strict=False,
    ):
        name = as_text(name_read)
        text = as_text(value)
        match text:
            case Known(known):
                found = _known_secret(name, known)
                if found:
                    yield ctx.violation(value, f"has {found} in its environment")
            case Unknown():
                if isinstance(name, Unknown) and not _is_built(name):
                    yield ctx.undecided(text, f"whether its environment has a secret cannot be told: {text.reason}")
                for found in _secret_inserted(task, text):
                    yield ctx.violation(text, f"has {found} in its environment")
            case Absent():
                continue


def _known_secret(name: Value[str], text: str) -> str:
    """What kind of secret stands under a name; AWS's own names of credentials hold nothing else."""
    if not isinstance(name, Known):
        return secret_under("", text)
    if name.value in {"AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "ECS_ENGINE_AUTH_DATA"} and text:
        return f"the credential {name.value}"
    found = secret_under(name.value, text)
    return f"{found} ({name.value})" if found else ""


def _secret_inserted(resource: Resource, text: Unknown) -> Iterator[str]:
    """The hidden parameters and secrets that a text is put together of, in words."""
    parameters = resource.evaluator.stack.template.parameters
    for part in text.parts:
        if isinstance(part, Symbol) and part.kind == "parameter" and parameters[str(part)].no_echo:
            yield f"the hidden parameter {part}"
        elif isinstance(part, Symbol) and part.kind == "dynamic" and part.name[0] != "ssm":
            yield f"the secret of the dynamic reference {part}"


@rule(
    "AWS::AutoScaling::LaunchConfiguration",
    "AWS::EC2::Instance",
    TEMPLATE,
    id="ec2-user-data-no-secrets",
    title="No secret is written into user data",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Let the instance read the secret from Secrets Manager or Parameter Store with its role.",
    source="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-metadata.html",
    equivalents=(
        "568cc372",
        "CKV_AWS_46",
        "AWS-0029",
        "AWS-0129",
        "ec2_instance_secrets_user_data",
        "ec2_launch_template_no_secrets",
    ),
    secret=True,
)
def user_data(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """User data can be read by every program on the instance and by everyone who may describe it; AWS says not to put
    passwords and keys there. Hidden parameters and dynamic references are put into it as plain text.
    """
    holder = resource.at("LaunchTemplateData") if resource.type == TEMPLATE else resource
    value = holder.value("UserData")
    text = _decoded(resource, value)
    match text:
        case Known(script):
            found = _secret_of(script)
            if found:
                yield ctx.violation(value, f"has {found} in its user data")
        case Unknown() if not _is_built(text):
            yield ctx.undecided(value, f"its user data cannot be told: {text.reason}")
        case Unknown():
            literal = "".join(part if isinstance(part, str) else "${}" for part in text.parts)
            inserted = list(_secret_inserted(resource, text))
            found = _secret_of(literal) or (inserted[0] if inserted else "")
            if found:
                yield ctx.violation(value, f"has {found} in its user data")
        case Absent():
            return


def _is_built(text: Unknown) -> bool:
    """Whether a text is put together in the template, and not just what a macro or another stack gives."""
    return bool(text.parts) and (text.symbol is None or text.symbol.kind not in {"call", "import"})


def _decoded(resource: Resource, value: Value[object]) -> Value[str]:
    """The script: what Fn::Base64 encodes, or what a text that is Base64 already stands for."""
    if isinstance(value.node, Call) and value.node.name == "Fn::Base64":
        return as_text(View(resource.evaluator, value.node.argument, value.path, value.notes).value())
    text = as_text(value)
    if not isinstance(text, Known):
        return text
    try:
        script = base64.b64decode(text.value, validate=True).decode()
    except (binascii.Error, ValueError):
        script = text.value
    return Known(script, text.node, text.path, text.notes)


def _secret_of(script: str) -> str:
    """What kind of secret a script holds, by its form or by what it is assigned to."""
    found = secret_in(script)
    if found:
        return found
    for assigned in _ASSIGNED.finditer(script):
        name, text = assigned.groups()
        if text[0] not in "$<%`(" and secret_under(name, text):
            return f"{secret_under(name, text)} ({name})"
    return ""
