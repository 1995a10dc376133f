"""`infra-checks deploy`."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack

import click

from infra_checks.cli.terminal import write_error, write_output
from infra_checks.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.live.changes import Change
    from infra_checks.live.deploying import ChangeSet, Deployment, Result
    from infra_checks.live.settings import Settings

_MOST_BYTES: Final = 51_200
"""Of a template that is sent with the request (user guide, "CloudFormation quotas")."""


class _Options(TypedDict):
    stack_name: str
    parameters: tuple[str, ...]
    capabilities: tuple[str, ...]
    bucket: str | None
    region: str | None
    profile: str | None
    endpoint_url: str | None
    outputs: str | None
    yes: bool
    dry_run: bool
    no_execute: bool
    replace_failed: bool


@click.command(short_help="Create or update a stack, and say before what is lost.")
@click.argument("path", type=click.Path(exists=True, path_type=Path), metavar="FOLDER|TEMPLATE")
@click.option("--stack-name", required=True, metavar="NAME")
@click.option("--parameters", multiple=True, metavar="FILE|KEY=VALUE", help="Values of parameters; repeatable.")
@click.option("--capabilities", multiple=True, metavar="NAME", help="Such as CAPABILITY_IAM; repeatable.")
@click.option("--bucket", metavar="NAME", help="Where a template of more than 51,200 bytes is stored.")
@click.option("--region", metavar="NAME")
@click.option("--profile", metavar="NAME")
@click.option("--endpoint-url", metavar="URL", help="Of a server that stands in for AWS.")
@click.option("--outputs", type=click.Path(), metavar="FILE", help="Write the stack's outputs to a file, as JSON.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and leave nothing behind.")
@click.option("--no-execute", is_flag=True, help="Leave the change set for others to execute.")
@click.option("--replace-failed", is_flag=True, help="Delete a stack that could not be created, and create it anew.")
@click.pass_context
def deploy(context: click.Context, /, path: Path, **given: Unpack[_Options]) -> None:
    """Create or update a stack through a change set, after a question.

    Exit codes: 0 done, or nothing to do, 1 the deployment failed or was declined, 2 unusable input. Needs
    infra-checks[live].
    """
    from infra_checks.live.clients import Access, clients, told_as_unusable  # noqa: PLC0415 - --help needs none of it
    from infra_checks.live.settings import read_settings  # noqa: PLC0415 - as above

    settings = read_settings(path)
    cloudformation, s3 = clients(
        Access(given["region"], given["profile"], given["endpoint_url"]), "cloudformation", "s3"
    )
    region = cloudformation.meta.region_name
    if settings.regions and region not in settings.regions:
        raise ConfigError(f"{path}: is for {' and '.join(settings.regions)}, not for {region}")
    from infra_checks.live.deploying import Deployment  # noqa: PLC0415 - imports boto3, whose absence is told above

    # A server that stands in for AWS answers at once.
    deployment = Deployment(cloudformation, given["stack_name"], poll=0.1 if given["endpoint_url"] else 3.0)
    with told_as_unusable():
        code = _deployed(deployment, settings, s3, given)
    context.exit(code)


def _deployed(deployment: Deployment, settings: Settings, s3: Any, given: _Options) -> int:  # noqa: ANN401 - of boto3
    existing = _usable(deployment, given)
    request = _request(settings, existing, s3, given)
    proposed = deployment.propose(request, is_new=existing is None)
    if proposed is None:
        write_output(f"{given['stack_name']}: no changes\n")
        _write_outputs(given["outputs"], deployment.stack() or {})
        return 0
    write_output(_summary(proposed.changes))
    if given["no_execute"]:
        write_output(f"change set {proposed.id} is not executed\n")
        return 0
    if given["dry_run"] or not _is_agreed(proposed, yes=given["yes"]):
        deployment.discard(proposed.id, with_stack=existing is None)
        write_output("nothing was changed\n")
        return 0 if given["dry_run"] else 1
    result = deployment.execute(proposed, _show)
    return _told(given, result, deployment)


def _usable(deployment: Deployment, given: _Options) -> Mapping[str, Any] | None:
    """The stack that is to be updated, None when one is to be created."""
    from infra_checks.live.deploying import DEAD  # noqa: PLC0415 - --help needs none of it

    found = deployment.stack()
    status = found["StackStatus"] if found else ""
    if status in DEAD:
        if given["dry_run"] or given["no_execute"] or not (given["replace_failed"] and given["yes"]):
            raise ConfigError(
                f"{given['stack_name']}: is in state {status} and can only be deleted; "
                "--replace-failed --yes deletes it, with what it still holds, and creates it anew"
            )
        deployment.delete()
        return None
    if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
        raise ConfigError(f"{given['stack_name']}: is in state {status}; wait until that is over")
    return None if status in {"", "REVIEW_IN_PROGRESS"} else found


def _request(settings: Settings, existing: Mapping[str, Any] | None, s3: Any, given: _Options) -> dict[str, Any]:  # noqa: ANN401 - of boto3
    from infra_checks.evaluate.parameters import read_parameters  # noqa: PLC0415 - --help needs none of it
    from infra_checks.live.packaging import package, upload  # noqa: PLC0415 - as above
    from infra_checks.template.load import parse, read_source, template_of  # noqa: PLC0415 - as above

    source = read_source(str(settings.template))
    declared = template_of(source, parse(source)).parameters
    read = read_parameters(given["parameters"])
    values, before = dict(read.values), {p["ParameterKey"]: p for p in (existing or {}).get("Parameters", ())}
    unknown = sorted(set(values) - set(declared))
    if unknown:
        raise ConfigError(f"{settings.template}: has no parameter {unknown[0]}")
    bucket = given["bucket"]
    for code in settings.code:
        name = values.get(code.bucket_parameter) or before.get(code.bucket_parameter, {}).get("ParameterValue")
        if not name:
            raise ConfigError(f"{code.folder}: no bucket for the code; give --parameters {code.bucket_parameter}=NAME")
        made = package(code.folder)
        values[code.parameter] = made.key
        bucket = bucket or name
        if not given["dry_run"]:
            upload(s3, name, made.key, made.data)
    kept = [name for name in declared if name not in values and name in before]
    parameters: list[dict[str, str | bool]] = [
        {"ParameterKey": name, "ParameterValue": value} for name, value in sorted(values.items())
    ]
    parameters += [{"ParameterKey": name, "UsePreviousValue": True} for name in sorted(kept)]
    capabilities = [*settings.capabilities, *given["capabilities"]]
    tags = [{"Key": key, "Value": value} for key, value in sorted(read.tags.items())]
    return {
        **_body(settings.template, bucket, s3),
        "Parameters": parameters,
        "Capabilities": capabilities,
        **({"Tags": tags} if tags else {}),
    }


def _body(template: Path, bucket: str | None, s3: Any) -> dict[str, str]:  # noqa: ANN401 - of boto3
    from infra_checks.live.packaging import upload  # noqa: PLC0415 - --help needs none of it

    data = template.read_bytes()
    if len(data) <= _MOST_BYTES:
        return {"TemplateBody": data.decode()}
    if bucket is None:
        raise ConfigError(f"{template}: has more than {_MOST_BYTES:,} bytes; name a --bucket to store it in")
    key = f"templates/{hashlib.sha256(data).hexdigest()}"
    upload(s3, bucket, key, data)
    return {"TemplateURL": f"{s3.meta.endpoint_url}/{bucket}/{key}"}


def _summary(changes: list[Change]) -> str:
    lines = [_line(change) for change in changes]
    return "".join(f"{line}\n" for line in lines) or "no resource changes\n"


def _line(change: Change) -> str:
    causes = f" for {', '.join(change.causes)}" if change.causes else ""
    policy = f" ({change.policy})" if change.policy else ""
    physical = f" {change.physical_id}" if change.physical_id else ""
    return f"  {change.fate.value:<16} {change.logical_id} ({change.type}){physical}{causes}{policy}"


def _is_agreed(proposed: ChangeSet, *, yes: bool) -> bool:
    from infra_checks.live.changes import DANGEROUS  # noqa: PLC0415 - --help needs none of it

    if yes:
        return True
    danger = [change.logical_id for change in proposed.changes if change.fate in DANGEROUS]
    if sys.stdin.isatty():
        warning = f"{len(danger)} of the resources are or may be replaced or lost. " if danger else ""
        return click.confirm(f"{warning}Execute?")
    if danger:
        write_error(f"error: {', '.join(danger)} would or may be replaced or lost; --yes says that this is meant")
    return not danger


def _show(event: Mapping[str, Any]) -> None:
    reason = f": {event['ResourceStatusReason']}" if event.get("ResourceStatusReason") else ""
    write_error(f"{event['ResourceStatus']:<32} {event['LogicalResourceId']}{reason}")


def _told(given: _Options, result: Result, deployment: Deployment) -> int:
    if result.is_done:
        write_output(f"{given['stack_name']}: {result.status}\n")
        _write_outputs(given["outputs"], deployment.stack() or {})
        return 0
    if result.first is not None:
        first = result.first
        reason = first.get("ResourceStatusReason") or "no reason given"
        write_error(f"error: {first['LogicalResourceId']} ({first['ResourceType']}) failed first: {reason}")
    left = f"; not removed: {', '.join(result.left)}" if result.left else ""
    write_error(f"error: {given['stack_name']} is now {result.status}{left}")
    return 1


def _write_outputs(name: str | None, stack: Mapping[str, Any]) -> None:
    if name is None:
        return
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs") or ()}
    try:
        Path(name).write_text(json.dumps(outputs, indent=2, sort_keys=True) + "\n", "utf-8")
    except OSError as error:
        raise ConfigError(f"{name}: cannot be written: {error.strerror}") from error
