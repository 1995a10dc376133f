"""Rules that what a service runs for you is a supported version: Kubernetes, Glue, the machines of notebooks."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import stated
from infra_checks.errors import RuleError
from infra_checks.rules.predicates import text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.evaluate.values import Value

_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_EKS: Final = Path(__file__).with_name("data") / "eks_versions.txt"
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBERS: Final = re.compile(r"[0-9]+\.[0-9]+")

Version = tuple[int, ...]


class Support(NamedTuple):
    """The dates of data/eks_versions.txt, as texts that sort by time: its own, and the two ends of each version."""

    date: str
    ends: dict[Version, tuple[str, str]]


@cache
def kubernetes() -> Support:
    """What is known of the support of Kubernetes on EKS."""
    found = Support("", {})
    for line in _EKS.read_text("utf-8").splitlines():
        words = line.split()
        if line.startswith("date "):
            found = found._replace(date=words[1])
        elif not line.startswith("#"):
            found.ends[_ordered(words[0])] = words[1], words[2]
    return found


def _ordered(version: str) -> Version:
    return tuple(int(part) for part in version.split("."))


@rule(
    "AWS::EKS::Cluster",
    id="eks-cluster-supported-version",
    title="Cluster runs a version of Kubernetes under standard support",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    remedy="Set `Version` to one under standard support, one minor version at a time, and update the nodes and add-ons "
    "after it.",
    source="https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html",
    equivalents=("EKS_CLUSTER_SUPPORTED_VERSION", "eks_cluster_uses_a_supported_version"),
    options={"on": ""},
)
def cluster_version(cluster: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS supports a version of Kubernetes for 14 months, for 12 more at an extra price, and then updates the cluster
    at a time that you do not choose; no new cluster can have such a version. Without Version a new cluster has AWS's
    default one. Option `on` is the day to judge by, by default the date of the data.
    """
    version = stated(cluster.text("Version"))
    match version:
        case Absent():
            return
        case Unknown():
            yield ctx.undecided(version, f"Version cannot be told: {version.reason}")
        case Known(text):
            yield from _judged(version, text.strip(), ctx)


def _judged(version: Value[str], text: str, ctx: Context) -> Iterator[Verdict]:
    known = kubernetes()
    today = str(ctx.option("on")) or known.date
    if not _DAY.fullmatch(today):
        message = f"option on must be a date such as 2026-01-31, not {today!r}"
        raise RuleError(message)
    if not _NUMBERS.fullmatch(text):
        yield ctx.undecided(version, f"{text} is not of the form of a version of Kubernetes on EKS")
        return
    number = _ordered(text)
    if number < min(known.ends):
        yield ctx.violation(version, f"runs Kubernetes {text}, which AWS does not support any more")
    elif number not in known.ends:
        if today > known.date:
            yield ctx.undecided(version, f"runs Kubernetes {text}, which is not in the calendar of {known.date}")
    else:
        standard, extended = known.ends[number]
        if today >= extended:
            yield ctx.violation(version, f"runs Kubernetes {text}, which AWS does not support since {extended}")
        elif today >= standard:
            yield ctx.violation(
                version,
                f"runs Kubernetes {text}, whose standard support ended on {standard}; AWS updates the cluster after "
                f"{extended}",
            )


@rule(
    "AWS::Glue::Job",
    id="glue-spark-job-supported-version",
    title="Spark job runs a version of Glue that AWS supports",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    remedy='Set `GlueVersion` to a current one, such as "5.0", after a run with a copy of the data.',
    source="https://docs.aws.amazon.com/glue/latest/dg/glue-version-support-policy.html",
    equivalents=("GLUE_SPARK_JOB_SUPPORTED_VERSION",),
    options={"minimum": "3.0"},
)
def glue_version(job: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS: no security updates for Glue 0.9, 1.0 and 2.0, and no job with them can be made or run since 1 April 2026.
    A Spark job without GlueVersion is in the API reference one of 0.9. Option `minimum` is the oldest version that is
    taken. Only glueetl and gluestreaming are Spark jobs: the others have versions of Python and Ray.
    """
    spark = text_is(job.text("Command", "Name"), "glueetl", "gluestreaming")
    version = stated(job.text("GlueVersion"))
    minimum = str(ctx.option("minimum"))
    if spark is False or _kept(version, minimum):
        return
    if spark is None or isinstance(version, Unknown):
        yield ctx.undecided(version, "which version of Glue a Spark job runs is known only at deployment")
    elif isinstance(version, Absent):
        yield ctx.violation(version, "names no version of Glue, so it gets the oldest one")
    elif not _NUMBERS.fullmatch(version.value):
        yield ctx.undecided(version, f"{version.value} is not of the form of a version of Glue")
    else:
        yield ctx.violation(version, f"runs Glue {version.value}; supported are {minimum} and newer")


def _kept(version: Value[str], minimum: str) -> bool:
    if not isinstance(version, Known) or not _NUMBERS.fullmatch(version.value):
        return False
    return _ordered(version.value) >= _ordered(minimum)


@rule(
    "AWS::SageMaker::NotebookInstance",
    id="sagemaker-notebook-instance-platform-version",
    title="Notebook runs a platform that AWS supports",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    remedy="Set `PlatformIdentifier: notebook-al2023-v1`, or leave it out.",
    source="https://docs.aws.amazon.com/sagemaker/latest/dg/nbi-al2.html",
    equivalents=("SAGEMAKER_NOTEBOOK_INSTANCE_PLATFORM_VERSION",),
    options={"supported": ("notebook-al2023-v1",)},
)
def notebook_platform(notebook: Resource, ctx: Context) -> Iterator[Verdict]:
    """AWS: no security updates for notebooks on Amazon Linux 2 since 30 June 2026, and none can be made or started
    again since 1 July 2026. Without PlatformIdentifier a new notebook runs on Amazon Linux 2023 since 15 May 2026.
    """
    platform = stated(notebook.text("PlatformIdentifier"))
    match platform:
        case Absent():
            return
        case Unknown():
            yield ctx.undecided(platform, f"PlatformIdentifier cannot be told: {platform.reason}")
        case Known(name):
            if name not in ctx.names("supported"):
                yield ctx.violation(platform, f"runs on {name}, which AWS does not support any more")
