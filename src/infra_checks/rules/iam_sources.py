"""Rules on services and identity providers in policies: for whom they may call, and by which action."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.access.table import CARRIERS
from infra_checks.core.finding import Severity
from infra_checks.iam.model import PolicyType
from infra_checks.rules.iam_problems import document_rule, with_effect

if TYPE_CHECKING:
    from infra_checks.rules.iam_examined import Open

_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_ROLES: Final = ("AWS::IAM::Role", "AWS::Serverless::Function")

_BY_OTHER_RULES: Final = ("AWS::Lambda::Permission", "AWS::Logs::ResourcePolicy")
_JUDGED: Final = tuple(
    kind
    for kind, each in CARRIERS.items()
    if kind not in _BY_OTHER_RULES and any(one.type in (PolicyType.RESOURCE, PolicyType.KEY) for one in each)
)

sources = document_rule(
    *_JUDGED,
    id="resource-policy-service-source-limited",
    title="A service uses the resource for known accounts only",
    severity=Severity.LOW,
    question="for whom a service may use the resource",
    opens=with_effect(".amazonaws.com"),
    rationale="""A service acts for all its customers. Unless the policy says for which resource or account, a
    stranger can have it send to this queue or read from this bucket. The ARN of a resource of the same template under
    aws:SourceArn says it. Not every service sends the keys with every request; its guide tells.""",
    remedy="Add a condition on `aws:SourceArn` or `aws:SourceAccount` to the statement of the service.",
    source=_GUIDE + "confused-deputy.html",
)

trusted = document_rule(
    *_ROLES,
    id="iam-role-trust-action-fits-principal",
    title="A trust policy allows the action that its principals call",
    severity=Severity.MEDIUM,
    question="whether it allows the action that its principals call",
    opens=lambda part: part.element == "Action" and part.type is PolicyType.TRUST,
    rationale="""Services, accounts and roles call sts:AssumeRole, SAML providers sts:AssumeRoleWithSAML, OIDC
    providers sts:AssumeRoleWithWebIdentity; tags and source identities need an action of their own, and IAM Roles
    Anywhere calls with three. With another action nobody can assume the role.""",
    remedy="Use AssumeRoleWithSAML for SAML, AssumeRoleWithWebIdentity for OIDC, else AssumeRole.",
    source=_GUIDE + "id_roles_update-role-trust-policy.html",
)

_GITHUB: Final = "token.actions.githubusercontent.com:sub"


def _is_subject_open(part: Open) -> bool:
    named = [str(one).lower() for one in part.below[1:2]]
    return part.element == "Condition" and named == [_GITHUB] and not isinstance(part.value, tuple)


subjects = document_rule(
    *_ROLES,
    id="iam-role-trust-github-subject-named",
    title="A role for GitHub Actions names repository and branch",
    severity=Severity.LOW,
    question="which repositories and branches may assume the role",
    opens=_is_subject_open,
    rationale="""A wildcard in the subject lets every branch, tag or pull request of a repository assume the role, or
    every repository of an organization: whoever may open a branch there has what the role has.""",
    remedy="Name repository and branch in full, as in `repo:organisation/repository:ref:refs/heads/main`.",
    source=_GUIDE + "id_roles_create_for-idp_oidc.html",
)
