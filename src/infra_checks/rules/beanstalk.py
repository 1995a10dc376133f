"""Rules on the options of Elastic Beanstalk environments.

AWS, "Configuration options": what the environment says itself comes first, then its configuration template, then the
files in .ebextensions of the application, which no template shows; a rule asks for a statement in the template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Rule, Unknown, rule
from infra_checks.core.table import is_set, one_of
from infra_checks.evaluate.view import as_number, as_text
from infra_checks.rules.entries import entry_value
from infra_checks.rules.predicates import any_of, text_is

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

ENVIRONMENT: Final = "AWS::ElasticBeanstalk::Environment"
TEMPLATE: Final = "AWS::ElasticBeanstalk::ConfigurationTemplate"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_OPTIONS: Final = "https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options-general.html"


def _option(environment: Resource, namespace: str, name: str) -> Value[object]:
    """An option as the environment has it, or else its configuration template."""
    names = {"Namespace": namespace, "OptionName": name}
    own = entry_value(environment, "OptionSettings", names, "Value")
    if not isinstance(own, Absent):
        return own
    template = environment.target("TemplateName")
    match template:
        case Resource() if template.type == TEMPLATE:
            saved = entry_value(template, "OptionSettings", names, "Value")
            if isinstance(saved, Absent) and _is_given(template, "SourceConfiguration"):
                return Unknown("it may be in another saved configuration", own.node, own.path, own.notes)
            return _at(saved, own)
        case Absent():
            return own
        case Resource() | Unknown() | None:
            return Unknown("its configuration template is not of this stack", own.node, own.path, own.notes)


def _is_given(resource: Resource, name: str) -> bool:
    """Whether a property is there at all."""
    return not isinstance(resource.value(name), Absent)


def _at(value: Value[object], place: Absent) -> Value[object]:
    """A value of the configuration template, at the place where the environment lacks it."""
    match value:
        case Known():
            return Known(value.value, place.node, place.path, value.notes)
        case Unknown():
            return Unknown(value.reason, place.node, place.path, value.notes, value.parts, value.present)
        case Absent():
            return place


def _option_rule(  # noqa: PLR0913 - a row of a table, all by keyword
    *options: tuple[str, str],
    id: str,
    title: str,
    family: Family,
    severity: Severity,
    holds: Callable[[Value[object], Context], Decision],
    message: str,
    rationale: str,
    remedy: str,
    source: str = _OPTIONS,
    unless: Callable[[Resource], Decision] | None = None,
    equivalents: tuple[str, ...] = (),
) -> Rule:
    """A rule that one of some options keeps a predicate."""

    def judge(environment: Resource, ctx: Context) -> Iterator[Verdict]:
        values = [_option(environment, *option) for option in options]
        kept = any_of(*(holds(value, ctx) for value in values))
        exempt = unless(environment) if unless and not kept else False
        if kept or exempt:
            return
        unclear = next((value for value in values if isinstance(value, Unknown)), None)
        if kept is None or exempt is None:
            why = unclear.reason if unclear else "whether it applies is known only at deployment"
            yield ctx.undecided(unclear or values[0], f"{options[0][1]} cannot be told: {why}")
        else:
            yield ctx.violation(values[0], message)

    judge.__doc__ = rationale
    return rule(
        ENVIRONMENT,
        id=id,
        title=title,
        family=family,
        severity=severity,
        remedy=remedy,
        source=source,
        equivalents=equivalents,
    )(judge)


def _setting(namespace: str, name: str, value: str) -> str:
    return f"Add `{{Namespace: {namespace}, OptionName: {name}, Value: {value}}}` to `OptionSettings`."


def _is_true(value: Value[object], _ctx: Context) -> Decision:
    return text_is(as_text(value), "true")


def _is_single(environment: Resource) -> Decision:
    """Whether it has one instance by choice, and so no load balancer."""
    return text_is(
        as_text(_option(environment, "aws:elasticbeanstalk:environment", "EnvironmentType")), "SingleInstance"
    )


def _has_no_listener(environment: Resource) -> Decision:
    worker = text_is(environment.text("Tier", "Name"), "Worker")
    return any_of(worker, _is_single(environment)) if not worker else True


enhanced_health = _option_rule(
    ("aws:elasticbeanstalk:healthreporting:system", "SystemType"),
    id="beanstalk-enhanced-health-reporting-enabled",
    title="Environment reports its health in detail",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    holds=one_of("enhanced"),
    message="does not ask for enhanced health reporting",
    rationale="""Basic health sees only whether instances answer; enhanced health says which requests fail and why, and
    holds up deployments that make it worse. AWS: basic by default outside the console.""",
    remedy=_setting("aws:elasticbeanstalk:healthreporting:system", "SystemType", "enhanced"),
    source=_CONFIG + "beanstalk-enhanced-health-reporting-enabled.html",
    equivalents=(
        "ElasticBeanstalkEnhancedHealthReportingEnabled",
        "elasticbeanstalk_environment_enhanced_health_reporting",
    ),
)

managed_updates = _option_rule(
    ("aws:elasticbeanstalk:managedactions", "ManagedActionsEnabled"),
    id="elastic-beanstalk-managed-updates-enabled",
    title="Environment updates its platform by itself",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    holds=_is_true,
    message="does not ask for managed platform updates",
    rationale="""Platform updates bring security fixes of the operating system and the runtime. AWS: managed updates
    need ManagedActionsEnabled together with PreferredStartTime and UpdateLevel, which have no defaults.""",
    remedy="Set ManagedActionsEnabled `true` and PreferredStartTime of aws:elasticbeanstalk:managedactions, and "
    "UpdateLevel `minor` of aws:elasticbeanstalk:managedactions:platformupdate, in `OptionSettings`.",
    source=_CONFIG + "elastic-beanstalk-managed-updates-enabled.html",
    equivalents=("AwsSolutions-EB3", "elasticbeanstalk_environment_managed_updates_enabled"),
)

logs = _option_rule(
    ("aws:elasticbeanstalk:cloudwatch:logs", "StreamLogs"),
    ("aws:elasticbeanstalk:hostmanager", "LogPublicationControl"),
    id="elastic-beanstalk-logs-to-cloudwatch",
    title="Environment keeps the logs of its instances",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    holds=_is_true,
    message="loses the logs of its instances with them",
    rationale="""Instances come and go, and their logs with them, unless they are streamed to CloudWatch Logs or,
    rotated, copied to Amazon S3. AWS: neither by default.""",
    remedy=_setting("aws:elasticbeanstalk:cloudwatch:logs", "StreamLogs", '"true"'),
    source=_CONFIG + "elastic-beanstalk-logs-to-cloudwatch.html",
    equivalents=("AwsSolutions-EB4", "elasticbeanstalk_environment_cloudwatch_logging_enabled"),
)

in_vpc = _option_rule(
    ("aws:ec2:vpc", "VPCId"),
    id="elastic-beanstalk-in-vpc",
    title="Environment runs in a VPC of your choice",
    family=Family.NETWORK,
    severity=Severity.LOW,
    holds=is_set,
    message="does not say in which VPC it runs, so that it is in the default one",
    rationale="""The default VPC has public subnets only, and everything in it gets a public address. AWS: that is where
    an environment runs unless VPCId names another.""",
    remedy=_setting("aws:ec2:vpc", "VPCId", "!Ref Vpc"),
    equivalents=("AwsSolutions-EB1",),
)


def _is_secure(value: Value[object], _ctx: Context) -> Decision:
    return text_is(as_text(value), "HTTPS", "SSL", "TLS", "443", "8443")


https_listener = _option_rule(
    ("aws:elbv2:listener:443", "Protocol"),
    ("aws:elbv2:listener:default", "Protocol"),
    ("aws:elb:listener:443", "ListenerProtocol"),
    ("aws:elb:loadbalancer", "LoadBalancerHTTPSPort"),
    id="elastic-beanstalk-https-listener",
    title="Environment takes HTTPS",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    holds=_is_secure,
    message="does not ask for an HTTPS listener",
    rationale="""What comes over HTTP can be read and changed on the way. AWS: the default listener is on port 80.
    Environments with a single instance and workers have no listener and are left out.""",
    remedy=_setting("aws:elbv2:listener:443", "Protocol", "HTTPS")[:-1] + ", and SSLCertificateArns.",
    unless=_has_no_listener,
)


def _is_several(value: Value[object], _ctx: Context) -> Decision:
    number = as_number(value)
    return number.value > 1 if isinstance(number, Known) else None if isinstance(number, Unknown) else False


several_instances = _option_rule(
    ("aws:autoscaling:asg", "MinSize"),
    id="elastic-beanstalk-several-instances",
    title="Environment has two instances at least",
    family=Family.MULTI_AZ,
    severity=Severity.LOW,
    holds=_is_several,
    message="may run on one instance",
    rationale="""An environment of one instance is down while it is replaced, and with its zone. AWS: MinSize is 1 by
    default; with two, Auto Scaling puts them into different zones.""",
    remedy=_setting("aws:autoscaling:asg", "MinSize", '"2"'),
)


def _has_no_database(environment: Resource) -> Decision:
    """Whether none of the options make a database."""
    settings = environment.listed("OptionSettings")
    if not isinstance(settings, Known):
        return None if isinstance(settings, Unknown) else True
    found = any_of(*(text_is(view.text("Namespace"), "aws:rds:dbinstance") for view in settings.value))
    return None if found is None else not found


database_kept = _option_rule(
    ("aws:rds:dbinstance", "DBDeletionPolicy"),
    id="elastic-beanstalk-database-kept",
    title="Database of an environment outlives it",
    family=Family.DELETION,
    severity=Severity.HIGH,
    holds=one_of("Retain", "Snapshot"),
    message="deletes its database, with all data, when it is terminated",
    rationale="""A database that is coupled to an environment goes with it. AWS: DBDeletionPolicy is Delete by default;
    environments without a database are not judged.""",
    remedy=_setting("aws:rds:dbinstance", "DBDeletionPolicy", "Snapshot"),
    unless=_has_no_database,
)
