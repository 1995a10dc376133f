"""What CreateChangeSet is asked for: a template, values of its parameters, and the packaged code they name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from infra_checks.errors import ConfigError
from infra_checks.evaluate.constraints import check_pins
from infra_checks.live.changes import NESTED
from infra_checks.live.packaging import package, upload
from infra_checks.template.load import load_template

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from infra_checks.live.settings import Settings
    from infra_checks.template.model import Template

MOST_BYTES: Final = 51_200
"""Of a template that is sent with the request
(docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html)."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object that has to be in a bucket; its key tells what is in it."""

    bucket: str
    key: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A stack that is asked for, checked as far as this machine can.

    `kept` are the parameters whose value the deployed stack has. `body` is the template with the request, None when it
    has to be stored first, as `stored`.
    """

    template: Template
    values: Mapping[str, str] = field(repr=False)
    kept: tuple[str, ...]
    capabilities: tuple[str, ...]
    tags: Mapping[str, str]
    code: tuple[Stored, ...]
    body: str | None = field(repr=False)
    stored: Stored | None

    def fields(self, endpoint: str, role: str | None) -> dict[str, Any]:
        """The fields of CreateChangeSet; `endpoint` is that of S3."""
        parameters: list[dict[str, str | bool]] = [
            {"ParameterKey": name, "ParameterValue": value} for name, value in sorted(self.values.items())
        ]
        parameters += [{"ParameterKey": name, "UsePreviousValue": True} for name in sorted(self.kept)]
        tags = [{"Key": key, "Value": value} for key, value in sorted(self.tags.items())]
        nested = any(each.type == NESTED for each in self.template.resources.values())
        return {
            **self.source(endpoint),
            "Parameters": parameters,
            "Capabilities": list(self.capabilities),
            **({"Tags": tags} if tags else {}),
            **({"RoleARN": role} if role else {}),
            **({"IncludeNestedStacks": True} if nested else {}),
        }

    def source(self, endpoint: str) -> dict[str, str]:
        """Where CloudFormation finds the template."""
        if self.stored is None:
            return {"TemplateBody": self.body or ""}
        return {"TemplateURL": f"{endpoint}/{self.stored.bucket}/{self.stored.key}"}


def wanted(
    settings: Settings,
    given: Mapping[str, str],
    tags: Mapping[str, str],
    *,
    before: Mapping[str, str],
    capabilities: Sequence[str] = (),
    bucket: str | None = None,
) -> Wanted:
    """Package the code and check what is given; `before` are the parameters of the deployed stack.

    Raises ConfigError, TemplateError, or ParameterError for what CloudFormation would refuse.
    """
    template = load_template(settings.template)
    if template.problems:
        raise template.problems[0]
    unknown = sorted(set(given) - set(template.parameters))
    if unknown:
        raise ConfigError(f"{settings.template}: has no parameter {unknown[0]}")
    values, code = dict(given), []
    for each in settings.code:
        holder = values.get(each.bucket_parameter) or before.get(each.bucket_parameter)
        if not holder:
            name = each.bucket_parameter
            raise ConfigError(f"{each.folder}: no bucket for the code; give --parameters {name}=NAME")
        made = package(each.folder)
        values[each.parameter] = made.key
        code.append(Stored(holder, made.key, made.data))
    bucket = bucket or next((each.bucket for each in code), None)
    data = settings.template.read_bytes()
    is_small = len(data) <= MOST_BYTES
    if not is_small and bucket is None:
        raise ConfigError(f"{settings.template}: has more than {MOST_BYTES:,} bytes; name a --bucket to store it in")
    kept = tuple(name for name in template.parameters if name not in values and name in before)
    _check(template, values, kept)
    return Wanted(
        template,
        values,
        kept,
        (*settings.capabilities, *capabilities),
        tags,
        tuple(code),
        data.decode() if is_small else None,
        None if is_small else Stored(bucket or "", f"templates/{hashlib.sha256(data).hexdigest()}", data),
    )


def _check(template: Template, values: Mapping[str, str], kept: Sequence[str]) -> None:
    for problem in check_pins(template, values):
        raise problem
    missing = [
        name
        for name, parameter in template.parameters.items()
        if parameter.default is None and name not in values and name not in kept
    ]
    if missing:
        names = ", ".join(missing)
        raise ConfigError(f"{template.name}: no value for {names}; give --parameters {missing[0]}=VALUE")


def store(s3: Any, stored: Stored) -> bool:  # noqa: ANN401 - a client of boto3
    """Put an object where it has to be; whether it was not there."""
    return upload(s3, stored.bucket, stored.key, stored.data)


def discard(s3: Any, stored: Stored) -> None:  # noqa: ANN401 - as above
    """Take back what was stored for one question only."""
    s3.delete_object(Bucket=stored.bucket, Key=stored.key)
