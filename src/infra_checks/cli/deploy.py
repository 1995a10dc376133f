"""`infra-checks deploy`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import click

from infra_checks.cli.output import check_file
from infra_checks.cli.terminal import write_error, write_output
from infra_checks.errors import ConfigError, InfraChecksError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra_checks.live.changes import Change
    from infra_checks.live.deploying import ChangeSet, Deployment, Result
    from infra_checks.live.requests import Wanted
    from infra_checks.live.settings import Settings


class _Options(TypedDict):
    stack_name: str
    parameters: tuple[str, ...]
    capabilities: tuple[str, ...]
    bucket: str | None
    role: str | None
    region: str | None
    profile: str | None
    endpoint_url: str | None
    outputs: str | None
    yes: bool
    dry_run: bool
    no_execute: bool
    replace_failed: bool
    termination_protection: bool


@click.command(short_help="Create or update a stack, and say before what is lost.")
@click.argument("path", type=click.Path(exists=True, path_type=Path), metavar="FOLDER|TEMPLATE")
@click.option("--stack-name", required=True, metavar="NAME")
@click.option("--parameters", multiple=True, metavar="FILE|KEY=VALUE", help="Values of parameters; repeatable.")
@click.option("--capabilities", multiple=True, metavar="NAME", help="Such as CAPABILITY_IAM; repeatable.")
@click.option("--bucket", metavar="NAME", help="Where a template of more than 51,200 bytes is stored.")
@click.option("--role", metavar="ARN", help="Of the role with which CloudFormation works, now and later.")
@click.option("--region", metavar="NAME")
@click.option("--profile", metavar="NAME")
@click.option("--endpoint-url", metavar="URL", help="Of a server that stands in for AWS.")
@click.option("--outputs", type=click.Path(), metavar="FILE", help="Write the stack's outputs to a file, as JSON.")
@click.option("--yes", is_flag=True, help="Do not ask, also when something is replaced or lost.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and leave nothing behind.")
@click.option("--no-execute", is_flag=True, help="Leave the change set for others to execute.")
@click.option("--replace-failed", is_flag=True, help="Delete a stack that could not be created, and create it anew.")
@click.option("--termination-protection", is_flag=True, help="Protect the stack from deletion once it is there.")
@click.pass_context
def deploy(context: click.Context, /, path: Path, **given: Unpack[_Options]) -> None:
    """Create or update a stack through a change set, after a question.

    Without a terminal nothing is asked: a change set in which something is or may be replaced or lost is then refused
    unless --yes is given.

    Exit codes: 0 done, or nothing to do, 1 the deployment failed or was declined, 2 unusable input, or AWS
    refused. Needs infra-checks[live].

    \b
    infra-checks deploy template.yaml --stack-name shop --region eu-west-1 --dry-run
    infra-checks deploy infra/shop --stack-name shop --parameters production.json --outputs outputs.json
    """  # noqa: D301 - click reads the control character
    from infra_checks.live.clients import Access, clients, told_as_unusable  # noqa: PLC0415 - --help needs none of it
    from infra_checks.live.settings import read_settings  # noqa: PLC0415 - as above

    if given["outputs"] is not None:
        check_file(given["outputs"], "the outputs")
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
    from infra_checks.live.deploying import DEAD  # noqa: PLC0415 - --help needs none of it
    from infra_checks.live.requests import discard, store  # noqa: PLC0415 - as above

    found = deployment.stack()
    status = str(found["StackStatus"]) if found else ""
    _refuse_unusable(status, given)
    existing = None if found is None or status in {*DEAD, "REVIEW_IN_PROGRESS"} else found
    asked = _wanted(settings, existing, given)
    is_new_template = asked.stored is not None and store(s3, asked.stored)
    if not given["dry_run"]:
        for each in asked.code:
            store(s3, each)
    request = asked.fields(s3.meta.endpoint_url, given["role"])
    if status in DEAD and not _is_cleared(deployment, asked.source(s3.meta.endpoint_url), status, given):
        return 1
    try:
        proposed = deployment.propose(request, is_new=existing is None, made_stack=status in {"", *DEAD})
        if proposed is not None and existing is not None:
            proposed.changes[:] = _completed(proposed.changes, deployment, asked, existing)
        return _decided(deployment, proposed, given)
    finally:
        if given["dry_run"] and is_new_template and asked.stored is not None:
            discard(s3, asked.stored)


def _refuse_unusable(status: str, given: _Options) -> None:
    from infra_checks.live.deploying import DEAD, STUCK  # noqa: PLC0415 - --help needs none of it

    name = given["stack_name"]
    if status in DEAD and (given["dry_run"] or given["no_execute"] or not given["replace_failed"]):
        raise ConfigError(
            f"{name}: is in state {status} and has to be deleted first; --replace-failed does that, unless it still "
            "holds data"
        )
    if status in STUCK:
        way = "rollback-stack" if status == "UPDATE_FAILED" else "continue-update-rollback"
        raise ConfigError(f"{name}: is in state {status}; end that first: aws cloudformation {way} --stack-name {name}")
    if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
        raise ConfigError(f"{name}: is in state {status}; wait until that is over")


def _wanted(settings: Settings, existing: Mapping[str, Any] | None, given: _Options) -> Wanted:
    from infra_checks.evaluate.parameters import read_parameters  # noqa: PLC0415 - --help needs none of it
    from infra_checks.live.requests import wanted  # noqa: PLC0415 - as above

    read = read_parameters(given["parameters"])
    before = {each["ParameterKey"]: each.get("ParameterValue", "") for each in (existing or {}).get("Parameters", ())}
    return wanted(
        settings, read.values, read.tags, before=before, capabilities=given["capabilities"], bucket=given["bucket"]
    )


def _is_cleared(deployment: Deployment, source: Mapping[str, str], status: str, given: _Options) -> bool:
    """Delete a stack that could not be created, once its successor is known to be sound; whether it is gone."""
    from infra_checks.rules.stateful import STATEFUL  # noqa: PLC0415 - --help needs none of it

    name = given["stack_name"]
    deployment.validate(source)
    held = deployment.held(STATEFUL)
    if held:
        raise ConfigError(
            f"{name}: is in state {status} and still has {', '.join(held)}, which may hold data; delete it by hand"
        )
    if not given["yes"] and not (sys.stdin.isatty() and click.confirm(f"Delete {name} ({status})?")):
        write_error(f"error: {name} would be deleted and created anew; --yes says that this is meant")
        return False
    deployment.delete()
    write_output(f"{name}: the stack that was {status} is deleted\n")
    return True


def _completed(
    changes: list[Change], deployment: Deployment, asked: Wanted, existing: Mapping[str, Any]
) -> list[Change]:
    """The changes with what the deployed template and the new one tell beyond the change set."""
    if not any(change.is_dangerous for change in changes):
        return changes
    from infra_checks.cli.change_summary import with_templates  # noqa: PLC0415 - seldom needed
    from infra_checks.cli.template_updates import template_updates  # noqa: PLC0415 - as above

    try:
        told, policies = template_updates(deployment.template(), asked, existing)
    except InfraChecksError:  # What the change set says is enough; what it leaves open stays the worse case.
        return changes
    return with_templates(changes, told, policies)


def _decided(deployment: Deployment, proposed: ChangeSet | None, given: _Options) -> int:
    from infra_checks.cli.change_summary import summary  # noqa: PLC0415 - --help needs none of it
    from infra_checks.rules.stateful import STATEFUL  # noqa: PLC0415 - as above

    name = given["stack_name"]
    if proposed is None:
        write_output(f"{name}: no changes\n")
        return _ended(given, deployment)
    write_output(summary(name, proposed.changes, STATEFUL))
    if given["no_execute"]:
        write_output(f"change set {proposed.id} is not executed\n")
        return 0
    if given["dry_run"] or not _is_agreed(proposed, yes=given["yes"]):
        deployment.discard(proposed)
        write_output("nothing was changed\n")
        return 0 if given["dry_run"] else 1
    return _told(given, deployment.execute(proposed, _show), deployment)


def _is_agreed(proposed: ChangeSet, *, yes: bool) -> bool:
    if yes:
        return True
    danger = [change.logical_id for change in proposed.changes if change.is_dangerous]
    if sys.stdin.isatty():
        warning = f"{len(danger)} of the resources are or may be replaced or lost. " if danger else ""
        return click.confirm(f"{warning}Execute?")
    if danger:
        write_error(f"error: {', '.join(danger)} would or may be replaced or lost; --yes says that this is meant")
    return not danger


def _show(event: Mapping[str, Any]) -> None:
    reason = f": {event['ResourceStatusReason']}" if event.get("ResourceStatusReason") else ""
    at = f"{event['Timestamp']:%H:%M:%S}"
    write_error(f"{at} {event['ResourceStatus']:<32} {event['LogicalResourceId']}{reason}")


def _told(given: _Options, result: Result, deployment: Deployment) -> int:
    name = given["stack_name"]
    if result.is_done:
        write_output(f"{name}: {result.status}\n")
        return _ended(given, deployment)
    if result.first is not None:
        first = result.first
        reason = first.get("ResourceStatusReason") or "no reason given"
        write_error(f"error: {first['LogicalResourceId']} ({first['ResourceType']}) failed first: {reason}")
    left = f"; not removed: {', '.join(result.left)}" if result.left else ""
    write_error(f"error: {name} is now {result.status}{left}")
    return 1


def _ended(given: _Options, deployment: Deployment) -> int:
    """Protect the stack and write its outputs where that is asked for."""
    stack = deployment.stack() or {}
    is_kept = given["dry_run"] or given["no_execute"] or stack.get("EnableTerminationProtection")
    if given["termination_protection"] and not is_kept:
        deployment.protect()
        write_output(f"{given['stack_name']}: protected from deletion\n")
    _write_outputs(given["outputs"], stack)
    return 0


def _write_outputs(name: str | None, stack: Mapping[str, Any]) -> None:
    if name is None:
        return
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs") or ()}
    try:
        Path(name).write_text(json.dumps(outputs, indent=2, sort_keys=True) + "\n", "utf-8")
    except OSError as error:
        raise ConfigError(f"{name}: cannot be written: {error.strerror}") from error
