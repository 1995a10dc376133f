"""Rules on what statements name: actions and resources that exist and go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.access.table import CARRIERS
from infra_checks.core.finding import Severity
from infra_checks.iam.model import PolicyType
from infra_checks.rules.iam_problems import document_rule, in_elements, with_effect

if TYPE_CHECKING:
    from infra_checks.iam.document import Document

_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_REFERENCE: Final = (
    "https://docs.aws.amazon.com/service-authorization/latest/reference/"
    "reference_policies_actions-resources-contextkeys.html"
)
_IDENTITIES: Final = tuple(
    kind for kind, each in CARRIERS.items() if any(one.type is PolicyType.IDENTITY for one in each)
)
_RESOURCES: Final = tuple(
    kind for kind, each in CARRIERS.items() if any(one.type in (PolicyType.RESOURCE, PolicyType.KEY) for one in each)
)

_ACTIONS: Final = ("Action", "NotAction")


def _lacks_service(value: Document) -> bool:
    """Whether an action begins with what is not known."""
    return isinstance(value, tuple) and not (isinstance(value[0], str) and ":" in value[0])


actions = document_rule(
    id="iam-policy-actions-exist",
    title="Policies name actions that exist",
    severity=Severity.MEDIUM,
    question="whether its actions exist",
    opens=in_elements("Action", "NotAction"),
    rationale="""AWS takes a policy with an action that no service has, and the statement grants, or denies, nothing:
    a mistyped action in a Deny protects nothing. The list of actions is that of the Service Authorization Reference,
    with those that AWS's own policies use beside it.""",
    remedy="Use an action that the service has.",
    source=_REFERENCE,
    equivalents=("W3037",),
)

services = document_rule(
    id="iam-policy-services-named",
    title="Actions name their service",
    severity=Severity.LOW,
    question="of which service its actions are",
    opens=lambda part: part.element in _ACTIONS and _lacks_service(part.value),
    rationale="""A wildcard before the colon takes actions of every service whose name fits, also of services to come,
    and nobody who reads it can tell which.""",
    remedy="Write the name of the service before the colon.",
    source=_GUIDE + "reference_policies_elements_action.html",
)

own_service = document_rule(
    *_RESOURCES,
    "AWS::IAM::Role",
    "AWS::Serverless::Function",
    id="resource-policy-about-its-resource",
    title="A resource's policy is about the resource that has it",
    severity=Severity.HIGH,
    question="whether its actions are for the resource",
    opens=lambda part: part.element == "Action" and part.type is not PolicyType.IDENTITY,
    rationale="""The policy of a bucket is for actions of Amazon S3 on that bucket, that of a queue for Amazon SQS,
    that of a role for assuming it. Most services refuse a policy with actions or resources of others, and the
    deployment fails; the rest ignore the statement.""",
    remedy="Use actions and ARNs of the resource that has the policy.",
    equivalents=("E3513", "E3514"),
)

dependent = document_rule(
    *_IDENTITIES,
    id="iam-policy-dependent-actions-allowed",
    title="Actions that an allowed one depends on are allowed too",
    severity=Severity.INFO,
    question="whether what its actions depend on is allowed",
    opens=lambda part: part.element == "Action" and part.type is PolicyType.IDENTITY,
    rationale="""Some actions call others with the rights of their caller, as the Service Authorization Reference
    lists under "Dependent actions"; without those the call is denied. Another policy of the same identity may allow
    them, and some are called for some parameters only, so that this only informs.""",
    remedy="Allow the action too if the call is to use it.",
    source=_REFERENCE,
)

arns = document_rule(
    id="iam-policy-arns-possible",
    title="ARNs in policies are of resources that can exist",
    severity=Severity.MEDIUM,
    question="whether the ARNs in it are of resources that can exist",
    opens=in_elements("Resource", "NotResource"),
    rationale="""An ARN with a Region where the service has none, without the account where there is one, or with a
    type that no resource has is that of nothing: the statement grants or denies nothing. What a parameter puts in is
    not judged.""",
    remedy="Write the ARN as the Service Authorization Reference gives it for the resource type.",
    source=_GUIDE + "reference-arns.html",
)

fit = document_rule(
    id="iam-policy-resources-fit-actions",
    title="Each action has a resource in its statement that it is about",
    severity=Severity.MEDIUM,
    question="whether its actions are about the resources in their statement",
    opens=in_elements("Resource"),
    rationale="""`s3:GetObject` on the ARN of a bucket, without `/*`, is about nothing, and an action that cannot be
    limited to resources is granted by `Resource: "*"` only. AWS takes such a statement, and it grants nothing; in a
    Deny it denies nothing.""",
    remedy="Name resources of a type that the action is about.",
    source=_REFERENCE,
    equivalents=("I3510",),
)

star = document_rule(
    id="iam-policy-star-written-plainly",
    title="A wildcard for every resource is written as one",
    severity=Severity.LOW,
    question="whether it names every resource",
    opens=in_elements("Resource"),
    rationale="""`arn:*` or `**` is every resource, as `*` is, and looks like less.""",
    remedy="Write `*` if every resource is meant, else name the resources.",
    source=_GUIDE + "reference_policies_elements_resource.html",
)

linked_roles = document_rule(
    *_IDENTITIES,
    id="iam-policy-create-service-linked-role-limited",
    title="Service-linked roles are created for named services",
    severity=Severity.LOW,
    question="whether it allows creating roles for any service",
    opens=with_effect("iam:createservicelinkedrole"),
    rationale="""`iam:CreateServiceLinkedRole` on every role lets its holder give any service of AWS a role in the
    account, and with it the permissions that AWS has chosen for the service.""",
    remedy="List the ARNs of the service-linked roles, or add a condition on `iam:AWSServiceName`.",
    source=_GUIDE + "id_roles_create-service-linked-role.html",
)

redundant = document_rule(
    id="iam-policy-nothing-redundant",
    title="Policies say nothing twice",
    severity=Severity.INFO,
    question="whether its actions say something twice",
    opens=lambda part: part.element in _ACTIONS and not isinstance(part.value, tuple),
    rationale="""An entry that another one includes, a statement that is there twice, an action of a service that AWS
    has closed: each hides what the policy really says, and whoever takes one of two away wonders why nothing
    changed.""",
    remedy="Remove what another entry includes.",
)
