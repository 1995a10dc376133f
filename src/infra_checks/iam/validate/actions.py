"""Actions: that they exist, and that the kind of policy is for them.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html, the catalogue, and
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.iam.catalogue import find_action, is_undocumented, service, services, suggest
from infra_checks.iam.model import Effect, PolicyType
from infra_checks.iam.validate.problems import one_of, problem
from infra_checks.iam.validate.texts import HOLE, flat, has_wildcard, matches, readable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.iam.model import Pattern
    from infra_checks.iam.validate.drafts import Draft, Part
    from infra_checks.iam.validate.problems import Problem

SERVICES_OF_RESOURCE_POLICIES: Final = {
    "AWS::Backup::BackupVault": ("backup",),
    "AWS::CodeArtifact::Domain": ("codeartifact", "sts"),
    "AWS::CodeArtifact::Repository": ("codeartifact", "sts"),
    "AWS::DynamoDB::Table": ("dynamodb",),
    "AWS::ECR::Repository": ("ecr",),
    "AWS::EFS::FileSystem": ("elasticfilesystem",),
    "AWS::Events::EventBus": ("events",),
    "AWS::Events::EventBusPolicy": ("events",),
    "AWS::KMS::Key": ("kms",),
    "AWS::Kinesis::ResourcePolicy": ("kinesis",),
    "AWS::OpenSearchService::Domain": ("es",),
    "AWS::S3::AccessPoint": ("s3",),
    "AWS::S3::BucketPolicy": ("s3",),
    "AWS::SNS::TopicPolicy": ("sns",),
    "AWS::SQS::QueuePolicy": ("sqs",),
    "AWS::SecretsManager::ResourcePolicy": ("secretsmanager",),
}
"""The services whose actions a resource policy can be about; other types are not judged."""

RETIRED: Final = frozenset(("codestar", "deeplens", "deepracer", "evidently", "iotevents", "zocalo"))
"""Services that AWS's reference lists no more, and AWS's managed policies still do."""

_RCP_SERVICES: Final = frozenset(
    [
        "aoss",
        "appconfig",
        "appstream",
        "autoscaling",
        "autoscaling-plans",
        "budgets",
        "clouddirectory",
        "cloudfront",
        "cloudsearch",
        "cloudtrail-data",
        "codeartifact",
        "codebuild",
        "codecommit",
        "codepipeline",
        "cognito-identity",
        "cognito-idp",
        "comprehend",
        "comprehendmedical",
        "compute-optimizer",
        "cost-optimization-hub",
        "dax",
        "dsql",
        "dynamodb",
        "ecr",
        "ecr-public",
        "events",
        "firehose",
        "fis",
        "fms",
        "gamelift",
        "health",
        "inspector-scan",
        "kendra",
        "kinesisvideo",
        "kms",
        "logs",
        "memorydb",
        "networkmonitor",
        "notifications",
        "opensearch",
        "pca-connector-ad",
        "personalize",
        "polly",
        "pricing",
        "resource-groups",
        "rolesanywhere",
        "s3",
        "secretsmanager",
        "servicediscovery",
        "signin",
        "sqs",
        "sts",
        "support",
        "swf",
        "textract",
        "timestream-influxdb",
        "transcribe",
        "transfer",
        "translate",
        "wafv2",
        "workspaces",
        "xray",
    ]
)


def check_actions(draft: Draft, part: Part) -> Iterator[Problem]:
    """Each entry of Action or NotAction."""
    actions = part.read.actions
    if actions is None:
        return
    if draft.type is PolicyType.RCP and actions.negated:
        yield problem("RCP_SYNTAX_ERROR_NOTACTION", actions.path, "has NotAction, which an RCP cannot have")
    for entry in actions.listed:
        name = flat(entry.text)
        if name == "*" or name.startswith(HOLE):
            if draft.type is PolicyType.RCP and name == "*" and not actions.negated:
                yield from _not_for_rcp(name, entry)
            continue
        service, colon, action = name.partition(":")
        if not colon:
            if HOLE not in name:
                message = f"has the action {name or '(empty)'}, which names no service"
                yield problem("ACTION_WITHOUT_SERVICE", entry.path, message)
        elif has_wildcard(service):
            yield problem("WILDCARD_IN_SERVICE_NAME", entry.path, f"has a wildcard for the service in {name}")
        elif HOLE not in service:
            yield from _of_service(draft, entry, service, action)


def _of_service(draft: Draft, entry: Pattern, prefix: str, action: str) -> Iterator[Problem]:
    name = f"{prefix}:{action}"
    if prefix.lower() in RETIRED:
        message = f"has the action {readable(name)}, of a service that is no more"
        yield problem("RETIRED_SERVICE", entry.path, message)
        return
    if service(prefix) is None:
        if not _is_undocumented(name):
            remedy = _meant(name) or _meant_service(prefix)
            message = f"has the action {readable(name)}, of a service that does not exist"
            yield problem("INVALID_SERVICE_IN_ACTION", entry.path, message, remedy)
        return
    yield from _unknown(entry, prefix, action)
    yield from _not_for_type(draft, entry, prefix)


def _unknown(entry: Pattern, prefix: str, action: str) -> Iterator[Problem]:
    found = service(prefix)
    name = f"{prefix}:{action}"
    if found is None or found.action(action) is not None or action == "*":
        return
    if has_wildcard(action) or HOLE in action:
        pattern = action.lower()
        if HOLE not in action and not any(matches(pattern, known.lower()) for known in found.action_names):
            yield problem("INVALID_ACTION", entry.path, f"has {name}, and no known action is called like that")
    elif not _is_undocumented(name):
        message = f"has the action {name}, which is not known"
        yield problem("INVALID_ACTION", entry.path, message, _meant(name))


def _is_undocumented(name: str) -> bool:
    return is_undocumented(name)


def _meant(name: str) -> str:
    near = () if has_wildcard(name) or HOLE in name else suggest(name)
    return f"Did you mean {one_of([*near])}?" if near else ""


def _meant_service(prefix: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - needed for mistakes only

    near = get_close_matches(prefix.lower(), services(), n=1)
    return f"Did you mean the service {near[0]}?" if near else ""


def _not_for_type(draft: Draft, entry: Pattern, prefix: str) -> Iterator[Problem]:
    services = SERVICES_OF_RESOURCE_POLICIES.get(draft.resource_type or "")
    of_resource = draft.type in (PolicyType.RESOURCE, PolicyType.KEY)
    if draft.type is PolicyType.RCP and prefix.lower() not in _RCP_SERVICES:
        yield from _not_for_rcp(prefix, entry)
    elif of_resource and services and prefix.lower() not in services:
        message = f"has an action of {prefix}, and the policy of a {draft.resource_type} is for {one_of([*services])}"
        yield problem("UNSUPPORTED_ACTION_IN_POLICY", entry.path, message)


def _not_for_rcp(name: str, entry: Pattern) -> Iterator[Problem]:
    message = f"has actions of {name}, and an RCP is for those of certain services, by name"
    yield problem("RCP_SYNTAX_ERROR_ACTION", entry.path, message)


def check_dependents(draft: Draft, part: Part) -> Iterator[Problem]:
    """Actions that an allowed one calls with the caller's rights, and that no statement allows."""
    actions = part.read.actions
    if draft.type is not PolicyType.IDENTITY or part.read.effect is not Effect.ALLOW or not draft.whole:
        return
    if actions is None or actions.negated or not _says_what_it_allows(draft):
        return
    allowed = _allowed(draft)
    for entry in actions.listed:
        found = find_action(flat(entry.text))
        needed = found.dependent_actions if found else ()
        missing = [name for name in needed if not any(matches(one, name.lower()) for one in allowed)]
        if found and missing:
            message = f"allows {found.full_name}, which may call {one_of(sorted(missing))}, and not those"
            yield problem("MISSING_DEPENDENT_ACTION", entry.path, message)


def _says_what_it_allows(draft: Draft) -> bool:
    return all(
        part.read.actions is not None and not part.read.actions.negated and not part.read.actions.partial
        for part in draft.parts
        if part.read.effect is not Effect.DENY
    )


def _allowed(draft: Draft) -> set[str]:
    return {
        flat(entry.text).lower()
        for part in draft.parts
        if part.read.effect is not Effect.DENY and part.read.actions is not None
        for entry in part.read.actions.listed
    }
