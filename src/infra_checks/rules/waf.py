"""Rules on AWS WAF: what stands behind a web ACL, and what a web ACL does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_filled, is_set, is_true, property_rule
from infra_checks.evaluate.values import Symbol
from infra_checks.evaluate.view import EACH, as_text
from infra_checks.rules.namings import is_from_elsewhere, mentions, same
from infra_checks.rules.predicates import any_of, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value
    from infra_checks.evaluate.view import View

WEB_ACL: Final = "AWS::WAFv2::WebACL"
STAGE: Final = "AWS::ApiGateway::Stage"
BALANCER: Final = "AWS::ElasticLoadBalancingV2::LoadBalancer"
DISTRIBUTION: Final = "AWS::CloudFront::Distribution"
_ASSOCIATIONS: Final = ("AWS::WAFv2::WebACLAssociation", "AWS::WAFRegional::WebACLAssociation")
_GUIDE: Final = "https://docs.aws.amazon.com/waf/latest/developerguide/"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"


@rule(
    STAGE,
    BALANCER,
    "AWS::AppSync::GraphQLApi",
    "AWS::Cognito::UserPool",
    DISTRIBUTION,
    id="waf-web-acl-associated",
    title="What the internet reaches is behind a web ACL",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy="Add an AWS::WAFv2::WebACLAssociation whose `ResourceArn` is this resource's ARN.",
    source=_GUIDE + "web-acl-associating-aws-resource.html",
    equivalents=(
        "105ba098",
        "CKV_AWS_68",
        "CKV2_AWS_33",
        "AwsSolutions-APIG3",
        "apigateway_restapi_waf_acl_attached",
        "ALBWAFEnabled",
        "elbv2_waf_acl_attached",
    ),
)
def web_acl_associated(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """A web ACL turns away known attacks and floods of requests before they reach the application.

    AWS WAF protects application load balancers, stages of REST APIs, AppSync APIs and user pools through an
    association (HTTP and WebSocket APIs cannot have one); CloudFront distributions name their web ACL themselves.
    Internal, network and gateway load balancers and private APIs are not judged.
    """
    if resource.type == DISTRIBUTION:
        yield from _of_distribution(resource, ctx)
        return
    associations = resource.stack.of_type(*_ASSOCIATIONS)
    found = any_of(*(_names(association.value("ResourceArn"), resource) for association in associations))
    if found:
        return
    internal = _is_internal(resource)
    if internal:
        return
    if found is None:
        yield ctx.undecided(resource, "whether a web ACL is associated with it is known only at deployment")
    elif internal is None:
        yield ctx.undecided(resource, "whether the internet reaches it is known only at deployment")
    else:
        yield ctx.violation(resource, "is behind no web ACL of this template")


def _of_distribution(distribution: Resource, ctx: Context) -> Iterator[Verdict]:
    acl = distribution.value("DistributionConfig", "WebACLId")
    named = is_set(acl, ctx)
    if named is None:
        yield ctx.undecided(acl, "whether WebACLId is set is known only at deployment")
    elif not named:
        yield ctx.violation(acl, "is behind no web ACL", remedy="Set `DistributionConfig.WebACLId: !GetAtt Acl.Arn`.")


def _names(arn: Value[object], resource: Resource) -> Decision:
    """Whether an association's ARN is that of a resource."""
    target = resource.stack.target_of(arn)
    if mentions(arn, resource) or target == resource:
        return True
    if resource.type != STAGE:
        return None if is_from_elsewhere(arn) else False
    return _names_stage(arn, resource)


def _names_stage(arn: Value[object], stage: Resource) -> Decision:
    """Whether an ARN is that of a stage: of its API, and with its name behind `/stages/`."""
    if not isinstance(arn, Unknown):
        return False
    api = stage.target("RestApiId")
    if not isinstance(api, Resource) or not mentions(arn, api):
        return None if is_from_elsewhere(arn) else False
    name = stage.text("StageName")
    last = arn.parts[-1]
    if isinstance(last, Symbol):
        return same(Unknown("", parts=(last,)), name)
    return same(Known(last.rpartition("/stages/")[2]), name)


def _is_internal(resource: Resource) -> Decision:
    """Whether the internet does not reach it, or WAF does not support it."""
    if resource.type == BALANCER:
        return any_of(
            text_is(resource.text("Scheme"), "internal"), text_is(resource.text("Type"), "network", "gateway")
        )
    if resource.type == "AWS::AppSync::GraphQLApi":
        return text_is(resource.text("Visibility"), "PRIVATE")
    if resource.type != STAGE:
        return False
    api = resource.target("RestApiId")
    if not isinstance(api, Resource):
        return False
    return any_of(*(text_is(as_text(kind), "PRIVATE") for kind in api.values("EndpointConfiguration", "Types", EACH)))


@rule(
    WEB_ACL,
    id="wafv2-logging-enabled",
    title="A web ACL logs the requests it inspects",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Add an AWS::WAFv2::LoggingConfiguration with `ResourceArn: !GetAtt WebACL.Arn`.",
    source=_CONFIG + "wafv2-logging-enabled.html",
    equivalents=("WAFv2LoggingEnabled", "wafv2_webacl_logging_enabled"),
)
def logging(acl: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without logs it stays unknown whom a rule has turned away, and who came through. AWS WAF logs only with a logging
    configuration, which is a resource of its own.
    """
    found: Decision = False
    for configuration in acl.stack.of_type("AWS::WAFv2::LoggingConfiguration"):
        arn = configuration.value("ResourceArn")
        if mentions(arn, acl):
            return
        found = None if is_from_elsewhere(arn) else found
    if found is None:
        yield ctx.undecided(acl, "whether a logging configuration is for it is known only at deployment")
    else:
        yield ctx.violation(acl, "logs nothing: no logging configuration of this template is for it")


not_empty = property_rule(
    WEB_ACL,
    "AWS::WAFv2::RuleGroup",
    id="wafv2-webacl-not-empty",
    title="A web ACL or rule group has rules",
    family=Family.NETWORK,
    severity=Severity.MEDIUM,
    path=("Rules",),
    holds=is_set,
    message="has no rules, so that it protects from nothing",
    rationale="""A web ACL without rules does its default action with every request; it looks like protection and is
    none. Rules are optional in both types.""",
    remedy="Add `Rules`, for example with `ManagedRuleGroupStatement: {VendorName: AWS, Name: "
    "AWSManagedRulesCommonRuleSet}`.",
    source=_CONFIG + "wafv2-webacl-not-empty.html",
    equivalents=("wafv2_webacl_with_rules",),
)


def _has_no_rules(acl: Resource) -> Decision:
    return is_filled(acl.value("Rules")) is False


metrics = property_rule(
    WEB_ACL,
    "AWS::WAFv2::RuleGroup",
    id="wafv2-rule-metrics-enabled",
    title="Rules of a web ACL are counted in CloudWatch",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    path=("Rules", EACH, "VisibilityConfig", "CloudWatchMetricsEnabled"),
    holds=is_true,
    unless=(_has_no_rules,),
    message="has a rule whose matches CloudWatch does not count",
    rationale="""Only with metrics can an alarm tell that a rule has begun to turn requests away, or has stopped to. The
    property has no default: it is required in the visibility settings of each rule.""",
    remedy="Set `VisibilityConfig.CloudWatchMetricsEnabled: true` in each rule.",
    source=_GUIDE + "web-acl-setting-visibility.html",
    equivalents=("wafv2_webacl_rule_logging_enabled",),
)


_LOG4J: Final = "AWSManagedRulesKnownBadInputsRuleSet"


@rule(
    WEB_ACL,
    id="wafv2-log4j-rules",
    title="A web ACL turns away known bad inputs such as Log4j's",
    family=Family.NETWORK,
    severity=Severity.LOW,
    remedy=f"Add a rule with `ManagedRuleGroupStatement: {{VendorName: AWS, Name: {_LOG4J}}}` and "
    "`OverrideAction: {None: {}}`.",
    source=_GUIDE + "aws-managed-rule-groups-baseline.html",
    equivalents=("CKV_AWS_192",),
)
def known_bad_inputs(acl: Resource, ctx: Context) -> Iterator[Verdict]:
    """The managed group turns away requests that exploit known flaws, Log4j's (CVE-2021-44228) among them. It is in no
    web ACL by default; with OverrideAction Count, or its Log4j rule set to count, it only counts them.
    """
    rules = acl.items("Rules")
    match rules:
        case Unknown():
            yield ctx.undecided(rules, f"its rules cannot be told: {rules.reason}")
        case Absent():
            yield ctx.violation(rules, f"lacks the managed rules {_LOG4J}")
        case Known(views):
            found = []
            for view in views:
                name = view.text("Statement", "ManagedRuleGroupStatement", "Name")
                counts = not isinstance(view.value("OverrideAction", "Count"), Absent)
                found.append(False if counts or _excluded(view.at("Statement")) else text_is(name, _LOG4J))
            decided = any_of(*found)
            if decided is None:
                yield ctx.undecided(rules, "which managed rules it has is known only at deployment")
            elif not decided:
                yield ctx.violation(rules, f"lacks the managed rules {_LOG4J}, or only counts their matches")


def _excluded(statement: View) -> bool:
    """Whether the group's Log4j rule only counts: named in ExcludedRules, or overridden with Count."""
    group = "ManagedRuleGroupStatement"
    for value in statement.values(group, "ExcludedRules", EACH, "Name"):
        if isinstance(value, Known) and str(value.value).startswith("Log4J"):
            return True
    overrides = statement.items(group, "RuleActionOverrides")
    views = overrides.value if isinstance(overrides, Known) else ()
    for view in views:
        name = view.text("Name")
        counted = not isinstance(view.value("ActionToUse", "Count"), Absent)
        if counted and isinstance(name, Known) and name.value.startswith("Log4J"):
            return True
    return False
