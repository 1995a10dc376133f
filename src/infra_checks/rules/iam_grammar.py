"""Rules on the grammar of policies: what AWS refuses, or takes for something else than was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.access.table import CARRIERS
from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.rules.iam_examined import examined, may_exceed, summary, unknown_parts
from infra_checks.rules.iam_problem_codes import CODES
from infra_checks.rules.iam_problems import document_rule, in_elements, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_OF_ORGANIZATIONS: Final = ("AWS::Organizations::Policy",)

syntax = document_rule(
    id="iam-policy-syntax-valid",
    title="A policy is written as AWS takes it",
    severity=Severity.HIGH,
    question="whether its statements have an Effect that AWS takes",
    opens=in_elements("Effect"),
    rationale="""AWS refuses a policy with an element that it does not know, with none that it needs, or with a value
    of another kind, and the deployment fails. So it does with an action without a service and a resource that is no
    ARN. Where another service holds the policy, what is wrong may be found only in use. AWS's grammar has an `Id` in
    policies of resources only.""",
    remedy="Write the policy as the grammar of the policy language has it.",
    source=_GUIDE + "reference_policies_grammar.html",
    equivalents=("E3510", "E3511", "E3512", "E3513", "E3530"),
)

version = document_rule(
    id="iam-policy-version-valid",
    title="A policy has a version that exists and knows what it uses",
    severity=Severity.HIGH,
    question="whether it has a version that exists",
    opens=in_elements("Version"),
    rationale="""There are two versions of the policy language. With another one the policy is refused; with that of
    2008, which is also meant where none is given, variables such as `${aws:username}` are taken for plain text, and
    the statement is about resources of that very name.""",
    remedy='Write `Version: "2012-10-17"`.',
    source=_GUIDE + "reference_policies_elements_version.html",
)

stated_version = document_rule(
    id="iam-policy-version-stated",
    title="A policy is written in the current version of the language",
    severity=Severity.INFO,
    question="whether it is written in the current version of the language",
    opens=in_elements("Version"),
    rationale="""Without `Version` a policy is read by the rules of 2008, which know no policy variables. Nothing is
    wrong until somebody adds one.""",
    remedy='Write `Version: "2012-10-17"`.',
    source=_GUIDE + "reference_policies_elements_version.html",
    equivalents=("W2511",),
)

sids = document_rule(
    id="iam-policy-sids-valid",
    title="Statements have ids that IAM takes",
    severity=Severity.HIGH,
    question="whether its statements have ids that IAM takes",
    opens=in_elements("Sid"),
    rationale="""IAM refuses a policy in which two statements have the same `Sid`, or one has a `Sid` with other
    characters than letters and digits. Policies of resources may have them.""",
    remedy="Give each statement a `Sid` of its own, of letters and digits, or none.",
    source=_GUIDE + "reference_policies_elements_sid.html",
)

distinct_sids = document_rule(
    id="iam-policy-sids-distinct",
    title="Each statement has an id of its own or none",
    severity=Severity.LOW,
    question="whether its statements have ids of their own",
    opens=in_elements("Sid"),
    rationale="""Some services take the `Sid` to tell statements apart, as Lambda and SNS do when permissions are
    added or removed. With an id twice or an empty one it is left to chance which statement is meant.""",
    remedy="Give each statement a `Sid` of its own, or none.",
    source=_GUIDE + "reference_policies_elements_sid.html",
)

lists = document_rule(
    id="iam-policy-lists-not-empty",
    title="No statement has an empty list",
    severity=Severity.MEDIUM,
    question="whether a statement lists any resource",
    opens=in_elements("Resource", "NotResource"),
    rationale="""A statement whose `Action`, `Resource` or `Principal` lists nothing grants nothing and denies
    nothing; a condition without values is never met, or always. What it was to protect is not protected.""",
    remedy="List what is meant, or remove the statement.",
)

variables = document_rule(
    id="iam-policy-variables-valid",
    title="Policy variables are written as AWS reads them",
    severity=Severity.MEDIUM,
    question="whether the variables in it are written as AWS reads them",
    opens=in_elements("Resource", "NotResource"),
    rationale="""`${...}` in a `Resource` or `Condition` is a policy variable. Without a closing brace, with a space
    in it or in another element it stands for itself, so that the statement matches nothing. A name without a colon is
    mostly a forgotten `!Sub`.""",
    remedy="Write `${service:key}`, or use `!Sub` for what a template knows.",
    source=_GUIDE + "reference_policies_variables.html",
)

elements = document_rule(
    id="iam-policy-elements-allowed",
    title="A policy has only elements that its kind may have",
    severity=Severity.HIGH,
    question="whether a statement of a resource control policy denies",
    opens=lambda part: part.element == "Effect" and part.resource_type in _OF_ORGANIZATIONS,
    rationale="""A policy of an identity has no `Principal`, a trust policy no `Resource`, a service control policy
    neither principals nor exceptions of them, a resource control policy nothing but denials for everyone. AWS refuses
    a policy with more.""",
    remedy="Remove the element, or attach the policy to what it is about.",
    equivalents=("E3511", "E3512"),
)

principals = document_rule(
    id="iam-policy-principals-valid",
    title="Principals are written as AWS takes them",
    severity=Severity.HIGH,
    question="whether its principals are written as AWS takes them",
    opens=in_elements("Principal", "NotPrincipal"),
    rationale="""A principal is an account, the ARN of a role or user, a service, or `*`; a wildcard within an ARN is
    none. AWS refuses a policy with something else, or one that names who does not exist.""",
    remedy="Write an account, the ARN of a role or user, or `*`, under the key for its kind.",
    source=_GUIDE + "reference_policies_elements_principal.html",
)


@rule(
    *sorted(CARRIERS),
    id="iam-policy-within-quota",
    title="A policy is not longer than AWS takes",
    family=Family.IAM,
    severity=Severity.HIGH,
    remedy="Split the policy, or use fewer and shorter entries.",
    source=_GUIDE + "reference_iam-quotas.html",
)
def quota(resource: Resource, ctx: Context) -> Iterator[Verdict]:
    """Each kind of policy has a quota of characters, white space aside; AWS refuses a longer one. What is not known
    before deployment counts as nothing, unless with the length of an ARN for each such part it would be too much.
    """
    whole = summary(resource)
    if whole is not None and not whole.may_be_long:
        return
    for document in examined(resource):
        too_long = [*told(document, CODES["iam-policy-within-quota"], ctx)]
        yield from too_long
        if not too_long and may_exceed(document.carried):
            unknown = unknown_parts(document.carried.placed.document)
            message = f"whether it is too long cannot be told: {unknown} parts of it are known only at deployment"
            yield ctx.undecided(document.carried.at(()), message)
