"""Resources: that each is an ARN of the right form, and that what a statement lists fits its actions.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html and the catalogue.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.iam.catalogue import Level, find_action, resource_types
from infra_checks.iam.catalogue import service as find_service
from infra_checks.iam.model import Effect, PolicyType
from infra_checks.iam.text import joined, pieces, shown
from infra_checks.iam.validate.problems import one_of, problem
from infra_checks.iam.validate.templates import is_typed, misfit, takes
from infra_checks.iam.validate.texts import HOLE, Fields, fields, flat, has_wildcard, matches, readable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.iam.catalogue import Action
    from infra_checks.iam.document import Path
    from infra_checks.iam.model import Pattern, Patterns
    from infra_checks.iam.text import Text
    from infra_checks.iam.validate.drafts import Draft, Part
    from infra_checks.iam.validate.problems import Problem

PARTITIONS: Final = ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc")
REGION: Final = re.compile(
    r"(af|ap|ca|cn|eu|il|me|mx|sa|us|us-gov|us-iso|us-isob|us-isof|eu-isoe|eusc-de)"
    r"-(central|(north|south)(east|west)?|east|west)-\d{1,2}"
)
"""How Regions are named (https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html)."""

_ACCOUNT: Final = re.compile(r"\d{12}")
_OWNERS: Final = frozenset(("aws", "aws-managed", "amazon", "third-party", "cloudfront", "aws-marketplace"))
"""What stands in place of an account in ARNs of what AWS owns."""
_FIELDS: Final = 6
_SHORTHAND: Final = ("execute-api:/",)
"""API Gateway fills in the rest
(https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html)."""

_ARN_SERVICES_OF_RESOURCE_POLICIES: Final = {
    "AWS::S3::BucketPolicy": ("s3",),
    "AWS::S3::AccessPoint": ("s3",),
    "AWS::SNS::TopicPolicy": ("sns",),
    "AWS::SQS::QueuePolicy": ("sqs",),
    "AWS::KMS::Key": ("kms",),
    "AWS::SecretsManager::ResourcePolicy": ("secretsmanager",),
}


def check_resources(draft: Draft, part: Part) -> Iterator[Problem]:
    """Each entry of Resource or NotResource."""
    resources = part.read.resources
    if resources is None or draft.type is PolicyType.TRUST:
        return
    for entry in resources.listed:
        text = flat(entry.text)
        if text == "*" or text.startswith((HOLE, *_SHORTHAND)):
            continue
        if _is_everything(text):
            if not resources.negated:
                message = f"has the resource {text}, which stands for every resource"
                yield problem("EFFECTIVELY_STAR_RESOURCE", entry.path, message)
            continue
        yield from check_arn(entry.text, entry.path)
        yield from _not_for_type(draft, entry)
        if part.read.effect is Effect.ALLOW and not resources.negated:
            yield from _whole_service(entry)


def _is_everything(text: str) -> bool:
    if HOLE in text or not has_wildcard(text):
        return False
    return (
        not text.strip("*")
        or text in ("*:*", "arn:*")
        or (text.startswith("arn:") and not re.sub(r"^arn:(aws|\*)?[:*]*", "", text))
    )


def check_arn(text: Text, path: Path) -> Iterator[Problem]:
    """The fields of an ARN, as far as they are known."""
    found = fields(text)
    whole = flat(text)
    shown = readable(whole)
    prefix = found.known[0] if found.known else ""
    if found.known and not matches(prefix, "arn"):
        yield problem("INVALID_ARN_PREFIX", path, f"has {shown or '(empty)'} where an ARN should stand")
        return
    if found.complete and len(found.known) < _FIELDS and not has_wildcard(found.known[-1]):
        if not found.known[-1].endswith(HOLE):
            yield problem("MISSING_ARN_FIELD", path, f"has the ARN {shown} of {len(found.known)} fields, not {_FIELDS}")
        return
    yield from _fields(found, shown, path)


def _fields(found: Fields, shown: str, path: Path) -> Iterator[Problem]:
    values = dict(zip(("prefix", "partition", "service", "region", "account"), found.known, strict=False))
    partition, service = values.get("partition"), values.get("service")
    if partition is not None and not any(matches(partition, known) for known in PARTITIONS):
        yield problem("INVALID_PARTITION", path, f"has the partition {partition or '(empty)'} in {shown}")
        return
    if service is not None and service != service.lower():
        yield problem("INVALID_ARN_SERVICE_CASE", path, f"has the service {service} in {shown}")
        return
    region, account = values.get("region"), values.get("account")
    if region and _is_plain(region) and not REGION.fullmatch(region):
        yield problem("INVALID_ARN_REGION", path, f"has the Region {region} in {shown}, which does not exist")
    elif account and _is_plain(account) and not _ACCOUNT.fullmatch(account) and account not in _OWNERS:
        yield problem("INVALID_ARN_ACCOUNT", path, f"has the account {account} in {shown}, which is not 12 digits")
    elif found.complete and len(found.known) == _FIELDS:
        failed = misfit(found.known)
        if failed is not None:
            code, reason = failed
            yield problem(code, path, f"has the ARN {shown}, {reason}")


def _is_plain(field: str) -> bool:
    return HOLE not in field and not has_wildcard(field)


def _not_for_type(draft: Draft, entry: Pattern) -> Iterator[Problem]:
    services = _ARN_SERVICES_OF_RESOURCE_POLICIES.get(draft.resource_type or "")
    found = fields(entry.text).known
    if not services or draft.type not in (PolicyType.RESOURCE, PolicyType.KEY) or len(found) < _FIELDS // 2:
        return
    if not any(matches(found[2], service) for service in services):
        message = f"has the ARN of a resource of {found[2] or '(nothing)'} in the policy of a {draft.resource_type}"
        yield problem("UNSUPPORTED_RESOURCE_ARN_IN_POLICY", entry.path, message)


def _whole_service(entry: Pattern) -> Iterator[Problem]:
    found = fields(entry.text)
    if not found.complete or len(found.known) < _FIELDS or found.known[5].strip("*") or not found.known[5]:
        return
    if not has_wildcard(found.known[2]) and HOLE not in found.known[2]:
        shown = readable(flat(entry.text))
        yield problem("ALL_RESOURCES_OF_SERVICE", entry.path, f"has {shown}, which names all of {found.known[2]}")


def check_fit(draft: Draft, part: Part) -> Iterator[Problem]:
    """Actions for which no listed resource is of a type that they are about: the statement says nothing of them."""
    actions, resources = part.read.actions, part.read.resources
    if draft.type is PolicyType.TRUST or actions is None or actions.negated:
        return
    if resources is None or resources.negated or resources.partial or not resources.listed:
        return
    texts = [flat(entry.text) for entry in resources.listed]
    if any(text.startswith((HOLE, *_SHORTHAND)) or not text.rstrip("*") or _is_everything(text) for text in texts):
        return
    for entry in actions.listed:
        found = find_action(flat(entry.text))
        if found is None:
            continue
        if not found.resources:
            if all(_is_of_another(text, found) for text in texts):
                message = f"has {found.full_name} on {_some(texts)}; it takes no resource but `*`"
                remedy = f'Move {found.full_name} to a statement with `"Resource": "*"`.'
                yield problem("ACTION_NEEDS_STAR_RESOURCE", entry.path, message, remedy)
        elif found.level is not Level.TAGGING and not _fits(found, [one.text for one in resources.listed]):
            kinds = sorted({(kind.name, kind.arn) for kind in resource_types(found)})
            names = one_of([name for name, _ in kinds])
            message = f"has {found.full_name}, which is about resources of type {names}, on {_some(texts)}"
            near = _near(resources, [arn for _, arn in kinds])
            remedy = (
                f"Name what {found.full_name} is about, such as {near or one_of([f'`{arn}`' for _, arn in kinds], 2)}."
            )
            yield problem("RESOURCE_DOES_NOT_FIT_ACTION", entry.path, message, remedy)


def _near(resources: Patterns, arns: list[str]) -> str:
    """A listed pattern with what is in it, or without, as far as that makes it one of a type: `bucket/*`."""
    for entry in resources.listed:
        bare = shown(entry.text).removesuffix(_WITHIN)
        for text, written in (
            (joined((*pieces(entry.text), _WITHIN)), f"{bare}{_WITHIN}"),
            (_without(entry.text), bare),
        ):
            if written != shown(entry.text) and any(takes(text, arn) for arn in arns):
                return f"`{written}`"
    return ""


_WITHIN: Final = "/*"


def _without(text: Text) -> Text:
    last = pieces(text)[-1]
    return joined((*pieces(text)[:-1], last.removesuffix(_WITHIN))) if isinstance(last, str) else text


_STRICT: Final = frozenset(("ec2", "ecr:getauthorizationtoken", "cloudwatch:putmetricdata"))
"""Services and actions that are authorized on `*` and nothing else. Others ask for an ARN with wildcards or empty
fields, as IAM does for iam:ListRoles and CloudWatch Logs for logs:DescribeLogGroups."""


def _is_of_another(text: str, action: Action) -> bool:
    """Whether the pattern surely does not take what an action without resource types is authorized on."""
    found = fields(text).known
    if len(found) < _FIELDS // 2 or has_wildcard(found[2]) or HOLE in found[2]:
        return False
    service = action.service
    own = find_service(service)
    has_own = own is not None and any(kind.arn.split(":")[2] == service for kind in own.resource_types.values())
    if service in _STRICT or action.full_name.lower() in _STRICT:
        return True
    return found[2] != service and has_own


def _fits(action: Action, texts: list[Text]) -> bool:
    """Whether a pattern takes a resource of the action, or one of a type that the catalogue does not have."""
    kinds = resource_types(action)
    return any(any(takes(text, kind.arn) for kind in kinds) or not is_typed(text) for text in texts)


def _some(texts: list[str]) -> str:
    return one_of([readable(text) for text in texts], 2)
