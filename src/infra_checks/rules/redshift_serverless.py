"""Rules on Redshift Serverless, and on the zones of a Redshift cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_not_true, is_true, property_rule, stated
from infra_checks.evaluate.view import as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_NAMESPACE: Final = "AWS::RedshiftServerless::Namespace"

routing = property_rule(
    "AWS::RedshiftServerless::Workgroup",
    id="redshift-serverless-workgroup-routes-within-vpc",
    title="Workgroup loads and unloads through its VPC",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    path=("EnhancedVpcRouting",),
    holds=is_true,
    message="does not route its traffic through its VPC",
    rationale="""With enhanced VPC routing COPY and UNLOAD go through the VPC, where security groups and endpoint
    policies hold; otherwise they go over the internet.""",
    remedy="Set `EnhancedVpcRouting: true`.",
    source=_CONFIG + "redshift-serverless-workgroup-routes-within-vpc.html",
    equivalents=("REDSHIFT_SERVERLESS_WORKGROUP_ROUTES_WITHIN_VPC",),
)

not_public = property_rule(
    "AWS::RedshiftServerless::Workgroup",
    id="redshift-serverless-workgroup-no-public-access",
    title="Workgroup is not public",
    family=Family.NETWORK,
    severity=Severity.HIGH,
    path=("PubliclyAccessible",),
    holds=is_not_true,
    message="can be reached from the internet",
    rationale="""A data warehouse with a public address is one password away from everyone.""",
    remedy="Remove `PubliclyAccessible: true`.",
    source=_CONFIG + "redshift-serverless-workgroup-no-public-access.html",
    equivalents=("REDSHIFT_SERVERLESS_WORKGROUP_NO_PUBLIC_ACCESS",),
)

cluster_zones = property_rule(
    "AWS::Redshift::Cluster",
    id="redshift-cluster-multi-az-enabled",
    title="Data warehouse runs in two Availability Zones",
    family=Family.MULTI_AZ,
    severity=Severity.MEDIUM,
    path=("MultiAZ",),
    holds=is_true,
    message="runs in one Availability Zone",
    rationale="""A cluster in one zone stops with it until Redshift moves it. Redshift deploys to two zones only when
    asked for, with RA3 nodes.""",
    remedy="Set `MultiAZ: true`.",
    source=_CONFIG + "redshift-cluster-multi-az-enabled.html",
    equivalents=("REDSHIFT_CLUSTER_MULTI_AZ_ENABLED",),
)


@rule(
    _NAMESPACE,
    id="redshift-serverless-default-admin-check",
    title="Administrator of a namespace has a name of its own",
    family=Family.IAM,
    severity=Severity.MEDIUM,
    remedy="Set `AdminUsername` to another name than admin.",
    source=_CONFIG + "redshift-serverless-default-admin-check.html",
    equivalents=("REDSHIFT_SERVERLESS_DEFAULT_ADMIN_CHECK",),
)
def administrator(namespace: Resource, ctx: Context) -> Iterator[Verdict]:
    """The name admin is the first that is tried. Which name a namespace gets that names none its template does not
    show.
    """
    name = stated(namespace.text("AdminUsername"))
    match name:
        case Known(text) if text.lower() == "admin":
            yield ctx.violation(name, "has an administrator with the default name")
        case Known():
            return
        case Unknown():
            yield ctx.undecided(name, f"the name of its administrator cannot be told: {name.reason}")
        case Absent():
            yield ctx.undecided(name, "the template does not name its administrator")


_LOGS: Final = ("connectionlog", "userlog")


@rule(
    _NAMESPACE,
    id="redshift-serverless-publish-logs-to-cloudwatch",
    title="Namespace exports its logs",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    remedy="Set `LogExports: [connectionlog, userlog]`.",
    source=_CONFIG + "redshift-serverless-publish-logs-to-cloudwatch.html",
    equivalents=("REDSHIFT_SERVERLESS_PUBLISH_LOGS_TO_CLOUDWATCH",),
)
def log_exports(namespace: Resource, ctx: Context) -> Iterator[Verdict]:
    """The connection log tells who signed in and who tried to, the user log who changed users. None is exported by
    default.
    """
    exports = namespace.listed("LogExports")
    match exports:
        case Unknown():
            yield ctx.undecided(exports, f"which logs it exports cannot be told: {exports.reason}")
        case Absent():
            yield ctx.violation(exports, "exports no logs")
        case Known(views):
            names = [as_text(view.value()) for view in views]
            found = {name.value for name in names if isinstance(name, Known)}
            missing = [log for log in _LOGS if log not in found]
            unclear = next((name for name in names if isinstance(name, Unknown)), None)
            if missing and unclear is not None:
                yield ctx.undecided(unclear, f"which logs it exports cannot be told: {unclear.reason}")
            elif missing:
                yield ctx.violation(exports, f"does not export its {' and '.join(missing)}")
