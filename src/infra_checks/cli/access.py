"""`infra-checks access`: questions about what policies allow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack

import click

from infra_checks.cli.terminal import write_output

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from infra_checks.access_questions import Result

_TYPES: Final = ("identity", "resource", "trust", "key", "boundary", "scp", "rcp", "endpoint")
_FAILING: Final = frozenset(("ERROR", "SECURITY_WARNING", "WARNING"))


@click.group(short_help="Ask what policies allow.")
def access() -> None:
    """Ask what the policies of templates and policy documents allow.

    A POLICY is a CloudFormation template, a policy document in JSON or YAML, or the name or ARN of a policy that AWS
    manages. Exit codes: 0 it is proved that nothing is allowed (or wrong), 1 something is or may be, or it could not be
    proved, 2 unusable input.
    """


_FORMAT = click.option("--format", type=click.Choice(["text", "json"]), default="text", show_default=True)
_TYPE = click.option(
    "--type",
    "policy_type",
    type=click.Choice(_TYPES),
    help="What a policy document is, where its elements do not tell.",
)
_PARAMETERS = click.option(
    "--parameters", multiple=True, metavar="NAME=VALUE|FILE", help="Values of template parameters; repeatable."
)
_ASSUME = click.option("--assume", type=click.Choice(["any", "default"]), help="Whether to rely on defaults.")


class _Stack(TypedDict):
    """The options that say which stacks a template may become."""

    parameters: tuple[str, ...]
    assume: str | None


class _Given(_Stack):
    """Those, and what a policy document is."""

    policy_type: str | None


class _Request(_Given):
    """Those of a request as well."""

    principal: str
    action: str
    resource: str


def _given(given: Mapping[str, object]) -> dict[str, Any]:
    """The options as the functions take them."""
    found: dict[str, Any] = {"parameters": given["parameters"], "assume_any": given["assume"] == "any"}
    return found | ({"policy_type": given["policy_type"]} if "policy_type" in given else {})


@access.command(short_help="What a new version allows that the old one does not.")
@click.argument("paths", nargs=-1, metavar="OLD NEW | --diff REF PATH...")
@click.option("--diff", "revision", metavar="REF", help="Compare templates with this revision of the git repository.")
@_TYPE
@_PARAMETERS
@_ASSUME
@_FORMAT
@click.pass_context
def new(
    context: click.Context,
    /,
    paths: tuple[str, ...],
    revision: str | None,
    format: str,
    **given: Unpack[_Given],
) -> None:
    """Tell what NEW allows that OLD does not, for each principal and resource.

    \b
    infra-checks access new old.yaml new.yaml
    infra-checks access new --diff main templates/
    infra-checks access new ReadOnlyAccess policy.json
    """  # noqa: D301 - click reads the control character
    from infra_checks.access_questions import check_no_new_access  # noqa: PLC0415 - --help needs none of it

    options = _given(given)
    if revision is None:
        if len(paths) != 2:  # noqa: PLR2004 - old and new
            raise click.UsageError("name two files, OLD and NEW, or --diff REF and paths")
        results = [check_no_new_access(paths[1], paths[0], **options)]
    else:
        results = _changes(paths, revision, options)
        if not results and format == "text":
            write_output(f"PASS: no template differs from {revision}\n")
    _report(context, results, format, many=revision is not None)


def _changes(paths: tuple[str, ...], revision: str, options: dict[str, Any]) -> list[Result]:
    from infra_checks.access_questions import check_changes  # noqa: PLC0415 - as above

    if not paths:
        raise click.UsageError("name the files or folders to compare with --diff")
    return list(check_changes(paths, revision, **options))


@access.command(short_help="Whether certain access is allowed.")
@click.argument("policies", nargs=-1, required=True, metavar="POLICY...")
@click.option("--action", "actions", multiple=True, metavar="ACTION", help="An action, or a pattern; repeatable.")
@click.option("--resource", "resources", multiple=True, metavar="ARN", help="A resource, or a pattern; repeatable.")
@_TYPE
@_PARAMETERS
@_ASSUME
@_FORMAT
@click.pass_context
def granted(
    context: click.Context,
    /,
    policies: tuple[str, ...],
    actions: tuple[str, ...],
    resources: tuple[str, ...],
    format: str,
    **given: Unpack[_Given],
) -> None:
    """Tell whether a POLICY allows one of the actions on one of the resources.

    \b
    infra-checks access granted --action s3:DeleteBucket template.yaml
    infra-checks access granted --action 's3:*' --resource 'arn:aws:s3:::payroll/*' policy.json
    """  # noqa: D301 - click reads the control character
    from infra_checks.access_questions import check_access_not_granted  # noqa: PLC0415 - as above

    if not actions and not resources:
        raise click.UsageError("name an --action, a --resource, or both")
    result = check_access_not_granted(list(policies), actions=actions, resources=resources, **_given(given))
    _report(context, [result], format)


@access.command(short_help="Whether strangers get in.")
@click.argument("policies", nargs=-1, required=True, metavar="POLICY...")
@click.option("--type", "types", multiple=True, metavar="AWS::S3::Bucket", help="Only of this type; repeatable.")
@click.option("--trusted", multiple=True, metavar="ID", help="An account, organization or network; repeatable.")
@_PARAMETERS
@_ASSUME
@_FORMAT
@click.pass_context
def public(
    context: click.Context,
    /,
    policies: tuple[str, ...],
    types: tuple[str, ...],
    trusted: tuple[str, ...],
    format: str,
    **given: Unpack[_Stack],
) -> None:
    """Tell whether a resource policy lets in somebody whom it does not name."""
    from infra_checks.access_questions import check_no_public_access  # noqa: PLC0415 - as above

    result = check_no_public_access(list(policies), resource_type=types, trusted=trusted, **_given(given))
    _report(context, [result], format)


@access.command(short_help="What is wrong with policies.")
@click.argument("policies", nargs=-1, required=True, metavar="POLICY...")
@_TYPE
@_PARAMETERS
@_ASSUME
@_FORMAT
@click.pass_context
def validate(context: click.Context, /, policies: tuple[str, ...], format: str, **given: Unpack[_Given]) -> None:
    """Tell what is wrong with policies, with the issue codes of IAM Access Analyzer; suggestions alone end with 0."""
    from infra_checks.access_questions import validate_policy  # noqa: PLC0415 - as above
    from infra_checks.cli.access_text import findings_text  # noqa: PLC0415 - as above

    findings = validate_policy(list(policies), **_given(given))
    if format == "json":
        _write_json({"findings": [finding.data for finding in findings]})
    else:
        write_output(findings_text(findings))
    context.exit(int(any(finding.type in _FAILING for finding in findings)))


@access.command(short_help="The actions that patterns name.")
@click.argument("patterns", nargs=-1, required=True, metavar="ACTION...")
@click.option("--not", "negated", is_flag=True, help="The actions that the patterns do not name.")
@_FORMAT
@click.pass_context
def expand(context: click.Context, /, patterns: tuple[str, ...], negated: bool, format: str) -> None:
    """List the actions that patterns such as 's3:Get*' name, with access level and resource types."""
    from infra_checks.access_questions.expanding import expand_actions  # noqa: PLC0415 - as above
    from infra_checks.cli.access_text import expansion_text  # noqa: PLC0415 - as above
    from infra_checks.cli.terminal import write_error  # noqa: PLC0415 - as above

    expansion = expand_actions(patterns, negated=negated)
    if format == "json":
        _write_json({"actions": [action.data for action in expansion.actions]})
    else:
        write_output(expansion_text(expansion))
    for pattern, close in expansion.unknown:
        hint = f"; did you mean {' or '.join(close)}?" if close else ""
        write_error(f"{pattern} names no action that is known{hint}")
    context.exit(int(bool(expansion.unknown)))


@access.command(short_help="Whether one request is allowed, and why.")
@click.argument("policies", nargs=-1, required=True, metavar="POLICY...")
@click.option("--principal", default="", metavar="ID|ARN", help="Who asks: a logical id of the template, or an ARN.")
@click.option("--action", required=True, metavar="ACTION", help="Such as s3:GetObject.")
@click.option("--resource", required=True, metavar="ARN|ID", help="An ARN, or a logical id (Bucket, or Bucket/key).")
@click.option("--context", "keys", multiple=True, metavar="KEY=VALUE", help="A condition key; repeat for more values.")
@_TYPE
@_PARAMETERS
@_ASSUME
@_FORMAT
@click.pass_context
def explain(
    context: click.Context,
    /,
    policies: tuple[str, ...],
    keys: tuple[str, ...],
    format: str,
    **given: Unpack[_Request],
) -> None:
    """Tell whether one request is allowed, and which statements decide it; ends with 0 only if it surely is.

    \b
    infra-checks access explain --principal Role --action s3:GetObject --resource Bucket/key template.yaml
    """  # noqa: D301 - click reads the control character
    from infra_checks.access_questions import Wanted, explain_access  # noqa: PLC0415 - as above
    from infra_checks.cli.access_text import explanations_text  # noqa: PLC0415 - as above

    wanted = Wanted(given["action"], given["resource"], given["principal"], _context(keys))
    found = explain_access(list(policies), wanted, **_given(given))
    if format == "json":
        _write_json({"explanations": [one.data for one in found]})
    else:
        write_output(explanations_text(found))
    context.exit(int(any(one.decision != "allowed" for one in found)))


def _context(keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for each in keys:
        key, equals, value = each.partition("=")
        if not equals or not key:
            raise click.UsageError(f"--context {each} is not of the form KEY=VALUE")
        found[key] = (*found.get(key, ()), value)
    return found


def _report(context: click.Context, results: Sequence[Result], format: str, *, many: bool = False) -> None:
    from infra_checks.cli.access_text import result_text  # noqa: PLC0415 - as above

    if format == "json":
        found = [result.data for result in results]
        _write_json({"results": found} if many else found[0])
    else:
        write_output("\n".join(result_text(result) for result in results))
    context.exit(int(not all(result.passed for result in results)))


def _write_json(data: object) -> None:
    # What programs read is UTF-8, whatever the terminal's encoding.
    click.echo((json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode(), nl=False)
