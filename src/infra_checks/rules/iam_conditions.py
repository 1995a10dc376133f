"""Rules on the conditions of policies: that they are read, that they can be met, and that they limit something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.access.table import CARRIERS
from infra_checks.core.finding import Severity
from infra_checks.iam.model import PolicyType
from infra_checks.iam.operators import OPERATORS, Family, spelled
from infra_checks.rules.iam_problems import document_rule, with_effect

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra_checks.iam.document import Document
    from infra_checks.rules.iam_examined import Open

_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_KEYS: Final = _GUIDE + "reference_policies_condition-keys.html"
_OPERATORS: Final = _GUIDE + "reference_policies_elements_condition_operators.html"

_OF_OPERATOR: Final = 1
_OF_KEY: Final = 2
"""How far below Condition the keys of an operator and the values of a key stand."""

_RESOURCES_AND_ROLES: Final = tuple(
    kind
    for kind, each in CARRIERS.items()
    if any(one.type not in (PolicyType.SCP, PolicyType.RCP, None) for one in each)
)


def _is_operator_open(part: Open) -> bool:
    return part.element == "Condition" and not part.below and not isinstance(part.value, tuple)


def _are_keys_open(part: Open) -> bool:
    return part.element == "Condition" and len(part.below) == _OF_OPERATOR


def _are_values_open(part: Open) -> bool:
    """Whether values are not known that have to be of a type: any text will do where texts are compared."""
    if part.element != "Condition" or len(part.below) < _OF_KEY:
        return False
    operator = spelled(str(part.below[0]))
    typed = operator is not None and OPERATORS[operator.operator].family not in (Family.STRING, Family.ARN)
    return typed or not isinstance(part.value, tuple)


def _is_value_of(*keys: str) -> Callable[[Open], bool]:
    """Whether a value of one of the keys is not known."""

    def opens(part: Open) -> bool:
        below = part.below
        return part.element == "Condition" and len(below) >= _OF_KEY and str(below[1]).lower() in keys

    return opens


well_formed = document_rule(
    id="iam-policy-conditions-well-formed",
    title="Conditions are written as AWS takes them",
    severity=Severity.HIGH,
    question="whether its conditions are written as AWS takes them",
    opens=_is_operator_open,
    rationale="""AWS refuses a policy with a condition operator that does not exist, a key without the prefix of its
    service, or one key twice in different case.""",
    remedy="Use an operator of the policy language, and write the key as `service:name`, once.",
    source=_OPERATORS,
)

keys_exist = document_rule(
    id="iam-policy-condition-keys-exist",
    title="Conditions are on keys that exist",
    severity=Severity.MEDIUM,
    question="whether the keys of its conditions exist",
    opens=_are_keys_open,
    rationale="""A key that no request has is absent from all of them: an Allow with such a condition grants nothing,
    a negated operator or IfExists makes it limit nothing. AWS takes the policy without a word.""",
    remedy="Use a condition key that the service has, or a global one.",
    source=_KEYS,
)

keys_of_actions = document_rule(
    id="iam-policy-condition-keys-of-actions",
    title="Conditions are on keys that the actions have",
    severity=Severity.MEDIUM,
    question="whether its actions have the keys of its conditions",
    opens=lambda part: part.element == "Action" and _has_keys(part.statement.get("Condition")),
    rationale="""Each action has its own condition keys, beside the global ones. On a key that none of a statement's
    actions has, a condition is never met and the Allow grants nothing; with IfExists or a negated operator it is
    always met and limits nothing.""",
    remedy="Move the actions to a statement without the key.",
    source="https://docs.aws.amazon.com/service-authorization/latest/reference/"
    "reference_policies_actions-resources-contextkeys.html",
)


def _has_keys(condition: Document) -> bool:
    """Whether a condition asks for a key of one service."""
    operators = condition.values() if isinstance(condition, dict) else ()
    every = (key.lower() for keys in operators if isinstance(keys, dict) for key in keys)
    return any(not key.startswith("aws:") for key in every)


values = document_rule(
    id="iam-policy-condition-values-valid",
    title="Conditions compare with values of the type of the key",
    severity=Severity.MEDIUM,
    question="whether it compares with a value of the right type",
    opens=_are_values_open,
    rationale="""A date that is none, an address that is none, a wildcard where characters are compared one by one:
    such a value equals nothing. The condition is never met, or, negated, always.""",
    remedy="Write a value of the type that the operator compares, and use an operator for the type of the key.",
    source=_OPERATORS,
)

set_operators = document_rule(
    id="iam-policy-set-operators-fit",
    title="ForAllValues and ForAnyValue are used where they say what is meant",
    severity=Severity.MEDIUM,
    question="whether ForAllValues or ForAnyValue says what is meant",
    opens=with_effect("forallvalues:", "foranyvalue:"),
    rationale="""`ForAllValues` is true for a request without the key, so that an Allow with it alone lets every such
    request through; `ForAnyValue` is false for it, so that a Deny does not hold. Keys with several values need one of
    them, keys with one value must not have one.""",
    remedy='Add `"Null": {key: "false"}` beside ForAllValues in an Allow, and use neither with keys of one value.',
    source=_GUIDE + "reference_policies_condition-single-vs-multi-valued-context-keys.html",
)

if_exists = document_rule(
    *_RESOURCES_AND_ROLES,
    id="iam-policy-if-exists-not-open",
    title="No Allow asks for a key only of those who have it",
    severity=Severity.MEDIUM,
    question="whether it lets in who lacks a key",
    opens=with_effect("ifexists"),
    rationale="""`...IfExists` is true for a request that lacks the key. In an Allow it lets in everyone who does not
    have what it asks for: accounts without an organization, requests from the internet.""",
    remedy="Remove IfExists from the operator.",
    source=_OPERATORS,
)

source_ip = document_rule(
    id="iam-policy-source-ip-public",
    title="Conditions on aws:SourceIp name public addresses",
    severity=Severity.MEDIUM,
    question="whether the addresses are public",
    opens=_is_value_of("aws:sourceip"),
    rationale="""`aws:SourceIp` is the public address of the caller. A private range is never met, so that the Allow
    grants nothing, and a Deny of all others denies everything.""",
    remedy="Use public addresses, or aws:VpcSourceIp with aws:SourceVpc for private ones.",
    source=_KEYS,
)

mfa = document_rule(
    id="iam-policy-mfa-condition-effective",
    title="Conditions on MFA hold for requests without it, too",
    severity=Severity.MEDIUM,
    question="whether the condition on MFA is effective",
    opens=_is_value_of("aws:multifactorauthpresent", "aws:multifactorauthage"),
    rationale="""Requests with long-term access keys do not have aws:MultiFactorAuthPresent at all. A Deny by `Bool`
    and `false` does not deny them, and an Allow by IfExists lets them in.""",
    remedy="Use `BoolIfExists` and `false` in a Deny, `Bool` and `true` in an Allow.",
    source=_KEYS,
)

tags = document_rule(
    id="iam-policy-tag-condition-supported",
    title="Conditions on tags are for services that have them in requests",
    severity=Severity.MEDIUM,
    question="whether the condition on a tag limits or denies its actions",
    opens=with_effect("aws:resourcetag/"),
    rationale="""Not every service puts the tags of its resources into requests. A Deny by such a tag denies none of
    those actions; an Allow grants none of them.""",
    remedy="Put these actions into a statement without the key.",
    source=_GUIDE + "access_iam-tags.html",
)

sufficient = document_rule(
    id="iam-policy-condition-keys-sufficient",
    title="Conditions limit by keys that the caller cannot choose or avoid",
    severity=Severity.MEDIUM,
    question="whether its conditions can be avoided",
    opens=with_effect("s3:prefix", "dynamodb:attributes"),
    rationale="""Some keys say less than they seem to: aws:Referer is what the caller writes, a private address is the
    same in many networks unless the VPC is named beside it, dynamodb:Attributes does not hold for a read without a
    projection, and a wildcard under StringLike runs over the parts of an ARN.""",
    remedy="Use a key that the caller cannot choose, or add the one that belongs to it.",
    source=_KEYS,
)
