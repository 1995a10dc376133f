"""Synthesises the stack of one environment: `python3 app.py testing cdk.out`, or `cdk synth -c environment=testing`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import aws_cdk as cdk
from tap_stack import TapStack, TapStackProps


def build(environment_name: str | None = None, *, suffix: str | None = None, outdir: str | None = None) -> cdk.App:
    """The app with the stack of an environment; what is not given is read from the context of cdk.json."""
    app = cdk.App(
        analytics_reporting=False,
        outdir=outdir,
        # The first is set by the CDK's command line as well: findings can name the construct by it.
        post_cli_context={
            "aws:cdk:enable-path-metadata": True,
            "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": True,
        },
    )
    name = environment_name or app.node.try_get_context("environment") or "production"
    props = TapStackProps(
        environment_name=name,
        environment_suffix=suffix or app.node.try_get_context("suffix") or name,
    )
    TapStack(app, "EcommerceDatabase", props=props)
    return app


def main(arguments: Sequence[str]) -> None:
    """Synthesise; the CDK's command line gives no arguments but sets context and folder itself."""
    environment, outdir, *_ = *arguments, None, None
    build(environment, outdir=outdir).synth()


if __name__ == "__main__":  # pragma: no cover - main is tested
    main(sys.argv[1:])
