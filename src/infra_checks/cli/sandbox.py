"""`infra-checks sandbox`."""

from __future__ import annotations

import json

import click

from infra_checks.cli.terminal import write_error, write_output
from infra_checks.sandbox import process
from infra_checks.sandbox.refusal import SandboxError

_PORT = click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=process.PORT,
    show_default=True,
    help="Port on 127.0.0.1.",
)


@click.group(short_help="An AWS account on this machine, to deploy templates to.")
def sandbox() -> None:
    """Start, look at and end a sandbox: moto's services with a CloudFormation that makes what it says.

    Nothing in it costs anything and nothing of it leaves the machine; it forgets everything when it ends.
    """


@sandbox.command
@_PORT
def start(port: int) -> None:
    """Start a sandbox in the background and print the variables by which AWS's tools find it.

    Where one runs already it goes on with what it holds, and its variables are printed.

    \b
    eval "$(infra-checks sandbox start)"
    export AWS_DEFAULT_REGION=us-west-2
    aws cloudformation deploy --stack-name shop --template-file template.yaml
    """  # noqa: D301 - click reads the control character
    if process.status(port) is None:
        try:
            process.start(port)
        except SandboxError:
            write_output("false\n")  # so that a shell that evaluates this does not go on to the real account
            raise
    else:
        write_error(f"note: the sandbox at port {port} runs already; `infra-checks sandbox stop --port {port}` ends it")
    variables = {
        "AWS_ENDPOINT_URL": process.endpoint_of(port),
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    write_output("".join(f"export {name}={value}\n" for name, value in variables.items()))


@sandbox.command
@_PORT
@click.pass_context
def stop(context: click.Context, port: int) -> None:
    """End the sandbox, with everything in it; the exit code is 1 when none runs."""
    if not process.stop(port):
        write_error(f"no sandbox runs at port {port}")
        context.exit(1)


@sandbox.command
@_PORT
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def status(context: click.Context, port: int, form: str) -> None:
    """Tell whether a sandbox runs; the exit code is 1 when none does."""
    told = process.status(port)
    if form == "json":
        shown = {"running": told is not None, "endpoint": process.endpoint_of(port), **(told or {})}
        write_output(json.dumps(shown, sort_keys=True) + "\n")
    elif told is None:
        write_output(f"no sandbox runs at port {port}\n")
    else:
        write_output(f"{process.endpoint_of(port)}, process {told['process']}, {told['stacks']} stacks\n")
    context.exit(0 if told is not None else 1)
