"""Rules on how single services are run: Kinesis, EventBridge, Network Firewall, Amazon MQ and more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import at_least, given, is_filled, is_not_false, is_set, is_true, property_rule
from infra_checks.rules.predicates import text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict

_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"

broker_minor_versions = property_rule(
    "AWS::AmazonMQ::Broker",
    id="mq-auto-minor-version-upgrade-enabled",
    title="Broker takes minor versions by itself",
    family=Family.DEPLOYABILITY,
    severity=Severity.LOW,
    path=("AutoMinorVersionUpgrade",),
    holds=is_not_false,
    message="has automatic minor versions switched off",
    rationale="""Minor versions bring security fixes. Amazon MQ applies them in the maintenance window unless this is
    false.""",
    remedy="Set `AutoMinorVersionUpgrade: true`.",
    source=_CONFIG + "mq-auto-minor-version-upgrade-enabled.html",
    equivalents=("MQ_AUTO_MINOR_VERSION_UPGRADE_ENABLED",),
)

contact_flow_logs = property_rule(
    "AWS::Connect::Instance",
    id="connect-instance-logging-enabled",
    title="Contact centre logs its flows",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    path=("Attributes", "ContactflowLogs"),
    holds=is_true,
    message="does not log its flows",
    rationale="""Flow logs tell in CloudWatch what happened to a contact. They are written only where the attribute is
    true.""",
    remedy="Set `Attributes.ContactflowLogs: true`.",
    source=_CONFIG + "connect-instance-logging-enabled.html",
    equivalents=("CONNECT_INSTANCE_LOGGING_ENABLED",),
)

retention = property_rule(
    "AWS::Kinesis::Stream",
    id="kinesis-stream-backup-retention-check",
    title="Stream keeps its records long enough",
    family=Family.DELETION,
    severity=Severity.LOW,
    path=("RetentionPeriodHours",),
    holds=at_least("hours", default=24),
    message="keeps its records for too short a time",
    rationale="""What a consumer could not process in time is lost when the stream drops it, after 24 hours by default.
    A week lets people find and repair the fault.""",
    remedy="Set `RetentionPeriodHours: 168`.",
    source=_CONFIG + "kinesis-stream-backup-retention-check.html",
    equivalents=("KINESIS_STREAM_BACKUP_RETENTION_CHECK",),
    options={"hours": 168},
)

query_logging = property_rule(
    "AWS::Route53::HostedZone",
    id="route53-query-logging-enabled",
    title="Public hosted zone logs queries",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    path=("QueryLoggingConfig", "CloudWatchLogsLogGroupArn"),
    holds=is_set,
    unless=(given("VPCs"),),
    message="does not log the queries it answers",
    rationale="""The log tells which names were asked for and from where. Route 53 writes it only if asked to; private
    zones have none.""",
    remedy="Set `QueryLoggingConfig: {CloudWatchLogsLogGroupArn: !GetAtt Group.Arn}`.",
    source=_CONFIG + "route53-query-logging-enabled.html",
    equivalents=("ROUTE53_QUERY_LOGGING_ENABLED",),
)


@rule(
    "AWS::NetworkFirewall::RuleGroup",
    id="netfw-stateless-rule-group-not-empty",
    title="Stateless rule group has rules",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    remedy="Add `RuleGroup.RulesSource.StatelessRulesAndCustomActions.StatelessRules`.",
    source=_CONFIG + "netfw-stateless-rule-group-not-empty.html",
    equivalents=("NETFW_STATELESS_RULE_GROUP_NOT_EMPTY",),
)
def stateless_rules(group: Resource, ctx: Context) -> Iterator[Verdict]:
    """A firewall that has an empty group looks as if it inspected traffic, and does not."""
    kind = text_is(group.text("Type"), "STATELESS")
    if kind is False:
        return
    rules = group.value("RuleGroup", "RulesSource", "StatelessRulesAndCustomActions", "StatelessRules")
    has_rules = is_filled(rules)
    if has_rules:
        return
    if kind and has_rules is False:
        yield ctx.violation(rules, "has no rules")
    else:
        yield ctx.undecided(rules, "whether it is a stateless group without rules is known only at deployment")


@rule(
    "AWS::ACMPCA::CertificateAuthorityActivation",
    id="acm-pca-root-ca-disabled",
    title="Root certificate authority is disabled",
    family=Family.IAM,
    severity=Severity.LOW,
    remedy="Set `Status: DISABLED`, and issue certificates with a subordinate authority.",
    source=_CONFIG + "acm-pca-root-ca-disabled.html",
    equivalents=("ACM_PCA_ROOT_CA_DISABLED",),
)
def root_disabled(activation: Resource, ctx: Context) -> Iterator[Verdict]:
    """Who can use the root can issue a certificate for every name. It is needed only to sign subordinate authorities,
    and may be disabled in between.
    """
    status = activation.text("Status")
    disabled = text_is(status, "DISABLED")
    if disabled:
        return
    authority = activation.target("CertificateAuthorityArn")
    root = text_is(authority.text("Type"), "ROOT") if isinstance(authority, Resource) else None
    if root is False:
        return
    if root and disabled is False:
        yield ctx.violation(status, "activates a root certificate authority")
    else:
        yield ctx.undecided(status, "whether it activates a root certificate authority is known only at deployment")


@rule(
    "AWS::SageMaker::EndpointConfig",
    id="sagemaker-endpoint-config-prod-instance-count",
    title="Endpoint has more than one instance",
    family=Family.MULTI_AZ,
    severity=Severity.MEDIUM,
    remedy="Set `InitialInstanceCount: 2` of each of `ProductionVariants`.",
    source=_CONFIG + "sagemaker-endpoint-config-prod-instance-count.html",
    equivalents=("SAGEMAKER_ENDPOINT_CONFIG_PROD_INSTANCE_COUNT",),
)
def instance_count(config: Resource, ctx: Context) -> Iterator[Verdict]:
    """SageMaker spreads the instances of a variant over Availability Zones when there are several; a single one stops
    with its zone. Serverless variants have no instances.
    """
    variants = config.items("ProductionVariants")
    if isinstance(variants, Unknown):
        yield ctx.undecided(variants, f"its variants cannot be told: {variants.reason}")
    for variant in variants.value if isinstance(variants, Known) else ():
        count = variant.number("InitialInstanceCount")
        serverless = is_filled(variant.value("ServerlessConfig"))
        match count:
            case Known(number) if number > 1:
                continue
            case Known():
                yield ctx.violation(count, "has a variant with a single instance")
            case Unknown():
                yield ctx.undecided(count, f"the number of its instances cannot be told: {count.reason}")
            case Absent() if not serverless:
                yield ctx.undecided(count, "the template does not say how many instances a variant has")
            case Absent():
                continue
