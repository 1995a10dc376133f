"""Rules on Amazon EFS: encryption, backups, mount targets, policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import is_customer_key, is_true, one_of, property_rule
from infra_checks.evaluate.view import as_text
from infra_checks.rules.conditions import names_everyone
from infra_checks.rules.policies import Match, any_of, both, elements, has_effect, statements
from infra_checks.rules.predicates import is_enabled, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.view import View

FILES: Final = "AWS::EFS::FileSystem"
TARGET: Final = "AWS::EFS::MountTarget"
SELECTION: Final = "AWS::Backup::BackupSelection"
DOCS: Final = "https://docs.aws.amazon.com/efs/latest/ug/"

encrypted = property_rule(
    FILES,
    id="efs-encrypted-check",
    title="File system is encrypted at rest",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    path=("Encrypted",),
    holds=is_true,
    message="does not turn encryption at rest on",
    rationale="""Files and their names lie in plain text unless the file system is encrypted. AWS: off by default for
    CloudFormation, the CLI and the API (on in the console only), and fixed when the file system is made.""",
    remedy="Add `Encrypted: true` (and `KmsKeyId`); the file system is replaced, so copy its data.",
    source=DOCS + "encryption-at-rest.html",
    equivalents=(
        "2ff8e83c",
        "CKV_AWS_42",
        "F32",
        "EFS_ENCRYPTED_CHECK",
        "AwsSolutions-EFS1",
        "AWS-0037",
        "efs_encryption_at_rest_enabled",
    ),
)


def _is_plain(files: Resource) -> Decision:
    """Encryption is not turned on, which is another rule's question."""
    encryption = is_enabled(files, "Encrypted")
    return None if encryption is None else not encryption


customer_key = property_rule(
    FILES,
    id="efs-customer-key",
    title="File system is encrypted with a KMS key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("KmsKeyId",),
    holds=is_customer_key,
    unless=(_is_plain,),
    message="is encrypted with the key aws/elasticfilesystem that AWS manages",
    rationale="""Only of a customer managed key can you set policy, rotation and end, and a backup under the AWS
    managed key cannot go to another account. AWS: Encrypted without KmsKeyId uses aws/elasticfilesystem.""",
    remedy="Add `KmsKeyId: !GetAtt Key.Arn`; the file system is replaced.",
    source=DOCS + "encryption-at-rest.html",
    equivalents=("6d087495",),
)


def _selected(files: Resource) -> Decision:
    """A selection of AWS Backup in the stack names the file system; those by tag or pattern may select it."""
    if any(files.referrers(SELECTION)):
        return True
    return None if any(files.stack.of_type(SELECTION)) else False


backups = property_rule(
    FILES,
    id="efs-automatic-backups-enabled",
    title="File system is backed up every day",
    family=Family.DELETION,
    severity=Severity.MEDIUM,
    path=("BackupPolicy", "Status"),
    holds=one_of("ENABLED"),
    unless=(_selected,),
    message="is not backed up automatically",
    rationale="""A file that is deleted or encrypted by an attacker is gone, since EFS has neither versions nor a bin.
    AWS: with BackupPolicy AWS Backup makes a backup every day and keeps it for 35; it is off by default.""",
    remedy="Add `BackupPolicy: {Status: ENABLED}`.",
    source=DOCS + "awsbackup.html",
    equivalents=("EFS_RESOURCES_PROTECTED_BY_BACKUP_PLAN", "EFSInBackupPlan", "efs_have_backup_enabled"),
)


@rule(
    FILES,
    id="efs-multi-az",
    title="File system is in several Availability Zones",
    family=Family.MULTI_AZ,
    severity=Severity.MEDIUM,
    remedy="Leave `AvailabilityZoneName` out and add an AWS::EFS::MountTarget for a subnet of each Availability Zone.",
    source=DOCS + "how-it-works.html",
    equivalents=("efs_multi_az_enabled",),
)
def zones(files: Resource, ctx: Context) -> Iterator[Verdict]:
    """A One Zone file system is lost with its zone, and without a mount target in another zone its clients cannot
    reach a regional one while a zone fails. AWS: regional by default; there is one mount target for each zone at most,
    so that two are always in two zones.
    """
    zone = files.value("AvailabilityZoneName")
    match zone:
        case Known():
            yield ctx.violation(zone, "keeps its data in one Availability Zone")
            return
        case Unknown() if zone.present:
            yield ctx.violation(zone, "keeps its data in one Availability Zone")
            return
        case Unknown():
            yield ctx.undecided(zone, "whether it keeps its data in one Availability Zone is known only at deployment")
            return
        case Absent():
            pass
    named = [target.target("FileSystemId") for target in files.stack.of_type(TARGET)]
    count = sum(1 for target in named if isinstance(target, Resource) and target == files)
    open_ends = bool(files.stack.unexpanded) or any(isinstance(target, Unknown) for target in named)
    if count > 1:
        return
    if not count or open_ends:
        yield ctx.undecided(files, "has its mount targets elsewhere; it needs them in two Availability Zones")
    else:
        yield ctx.violation(files, "has one mount target, so clients reach it in one Availability Zone only")


@rule(
    FILES,
    id="efs-file-system-policy-tls",
    title="File system refuses clients without TLS",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Add to `FileSystemPolicy` the statement `{Effect: Deny, Principal: {AWS: '*'}, Action: '*', Condition: "
    "{Bool: {aws:SecureTransport: 'false'}}}`, and mount with the option tls.",
    source=DOCS + "security_iam_resource-based-policy-examples.html",
)
def tls(files: Resource, ctx: Context) -> Iterator[Verdict]:
    """NFS is plain text unless the client mounts with TLS; only a file system policy that denies everybody when
    aws:SecureTransport is false makes it a must. AWS: there is no policy by default, and all clients may mount.
    """
    policy = files.value("FileSystemPolicy")
    matches = []
    for statement in statements(files, "FileSystemPolicy"):
        if isinstance(statement, Unknown):
            matches.append(Match(None, statement))
        else:
            matches.append(_denies_plain(statement))
    denied = any_of(matches, policy)
    if denied.holds is None:
        yield ctx.undecided(denied.at, "whether its policy denies clients without TLS cannot be told")
    elif not denied.holds:
        what = "has no policy" if isinstance(policy, Absent) else "has a policy that does not deny it"
        yield ctx.violation(policy, f"lets clients in without TLS: it {what}")


_BOOLEAN: Final = ("bool", "boolifexists")
_ACTIONS: Final = ("*", "elasticfilesystem:*", "elasticfilesystem:ClientMount")


def _denies_plain(statement: View) -> Match:
    return both(
        has_effect(statement, "Deny"),
        lambda: both(
            names_everyone(statement),
            lambda: both(_of_mounting(statement), lambda: _without_tls(statement)),
        ),
    )


def _of_mounting(statement: View) -> Match:
    values = elements(statement, "Action")
    return any_of((Match(text_is(as_text(value), *_ACTIONS), value) for value in values), statement.value("Action"))


def _without_tls(statement: View) -> Match:
    """The condition is that there is no TLS, and nothing else; no condition at all denies everything."""
    condition = statement.mapping("Condition")
    match condition:
        case Absent():
            return Match(True, condition)
        case Unknown():
            return Match(None, condition)
        case Known(operators):
            names = operators.keys()
            keys = operators.at(names[0]).keys() if len(names) == 1 else ()
            if len(keys) != 1 or names[0].lower() not in _BOOLEAN or keys[0].lower() != "aws:securetransport":
                return Match(False, condition)
            values = elements(operators, names[0], keys[0])
            return any_of((Match(text_is(as_text(value), "false"), value) for value in values), condition)
