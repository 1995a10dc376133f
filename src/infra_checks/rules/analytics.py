"""Rules on Athena work groups and on Glue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import rule
from infra_checks.core.table import given, is_set, is_true, one_of, property_rule, values_or_absent
from infra_checks.evaluate.view import EACH
from infra_checks.rules.predicates import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict

GROUP: Final = "AWS::Athena::WorkGroup"
CATALOG: Final = "AWS::Glue::DataCatalogEncryptionSettings"
_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"
_GLUE: Final = "https://docs.aws.amazon.com/glue/latest/dg/"
_WORK: Final = "WorkGroupConfiguration"


@rule(
    GROUP,
    id="athena-workgroup-encrypted-at-rest",
    title="Query results of a work group are encrypted",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Add `WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration: {EncryptionOption: SSE_KMS, "
    "KmsKey: ...}`.",
    source=_CONFIG + "athena-workgroup-encrypted-at-rest.html",
)
def results_encrypted(group: Resource, ctx: Context) -> Iterator[Verdict]:
    """Results of queries are copies of the data. A work group states how they are encrypted, or results are kept in
    storage that Athena manages, which always encrypts.
    """
    option = group.value(_WORK, "ResultConfiguration", "EncryptionConfiguration", "EncryptionOption")
    stated = any_of(
        is_set(option, ctx), is_true(group.value(_WORK, "ManagedQueryResultsConfiguration", "Enabled"), ctx)
    )
    if stated is None:
        yield ctx.undecided(option, "whether its query results are encrypted is known only at deployment")
    elif not stated:
        yield ctx.violation(option, "states no encryption for its query results")


enforced = property_rule(
    GROUP,
    id="athena-workgroup-enforce-workgroup-configuration",
    title="Clients cannot override a work group's settings",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=(_WORK, "EnforceWorkGroupConfiguration"),
    holds=is_true,
    message="does not state that its settings, encryption among them, override those of clients",
    rationale="""With false, a client's settings win over those of the work group, so that results may go elsewhere and
    unencrypted. The template reference names no default, so that it has to be stated.""",
    remedy="Set `WorkGroupConfiguration.EnforceWorkGroupConfiguration: true`.",
    source=_CONFIG + "athena-workgroup-enforce-workgroup-configuration.html",
    equivalents=("CKV_AWS_82",),
)

metrics = property_rule(
    GROUP,
    id="athena-workgroup-logging-enabled",
    title="Work group publishes metrics of its queries",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    path=(_WORK, "PublishCloudWatchMetricsEnabled"),
    holds=is_true,
    message="publishes no metrics of its queries",
    rationale="""Metrics show how much is read and what fails; queries are paid for by what they read.""",
    remedy="Set `WorkGroupConfiguration.PublishCloudWatchMetricsEnabled: true`.",
    source=_CONFIG + "athena-workgroup-logging-enabled.html",
)

catalog_encrypted = property_rule(
    CATALOG,
    id="glue-data-catalog-encrypted-at-rest",
    title="The data catalog is encrypted with a KMS key",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("DataCatalogEncryptionSettings", "EncryptionAtRest", "CatalogEncryptionMode"),
    holds=one_of("SSE-KMS", "SSE-KMS-WITH-SERVICE-ROLE"),
    message="does not encrypt the data catalog",
    rationale="""The catalog holds the names and shapes of all tables, sometimes with statistics of their content. It is
    not encrypted with KMS unless the settings say so.""",
    remedy="Set `EncryptionAtRest: {CatalogEncryptionMode: SSE-KMS, SseAwsKmsKeyId: ...}`.",
    source=_GLUE + "encrypt-glue-data-catalog.html",
    equivalents=("CKV_AWS_94",),
)

catalog_passwords = property_rule(
    CATALOG,
    id="glue-data-catalog-passwords-encrypted",
    title="Passwords of the data catalog's connections are encrypted",
    family=Family.ENCRYPTION,
    severity=Severity.HIGH,
    path=("DataCatalogEncryptionSettings", "ConnectionPasswordEncryption", "ReturnConnectionPasswordEncrypted"),
    holds=is_true,
    message="gives out the passwords of connections in plaintext",
    rationale="""Unless it is true, GetConnection shows passwords to everyone who may call it.""",
    remedy="Set `ConnectionPasswordEncryption: {ReturnConnectionPasswordEncrypted: true, KmsKeyId: ...}`.",
    source=_GLUE + "encrypt-connection-passwords.html",
    equivalents=("CKV_AWS_94",),
)

security_configuration = property_rule(
    "AWS::Glue::Job",
    id="glue-job-security-configuration",
    title="Glue job has a security configuration",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("SecurityConfiguration",),
    holds=is_set,
    message="has no security configuration, so its logs and bookmarks are not encrypted with KMS",
    rationale="""A security configuration says how a job's data, logs and bookmarks are encrypted; without one a job
    uses none of its settings.""",
    remedy="Set `SecurityConfiguration: !Ref Security` with an AWS::Glue::SecurityConfiguration.",
    source=_GLUE + "set-up-encryption.html",
    equivalents=("CKV_AWS_195",),
)

endpoint_security_configuration = property_rule(
    "AWS::Glue::DevEndpoint",
    id="glue-dev-endpoint-security-configuration",
    title="Glue development endpoint has a security configuration",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("SecurityConfiguration",),
    holds=is_set,
    message="has no security configuration, so what it writes is not encrypted with KMS",
    rationale="""A security configuration says how data, logs and bookmarks are encrypted; without one the endpoint uses
    none of its settings.""",
    remedy="Set `SecurityConfiguration: !Ref Security` with an AWS::Glue::SecurityConfiguration.",
    source=_GLUE + "set-up-encryption.html",
    equivalents=("CKV_AWS_195",),
)

crawler_security_configuration = property_rule(
    "AWS::Glue::Crawler",
    id="glue-crawler-security-configuration",
    title="Glue crawler has a security configuration",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("CrawlerSecurityConfiguration",),
    holds=is_set,
    message="has no security configuration, so its logs are not encrypted with KMS",
    rationale="""A crawler's logs tell where data is and how it looks. Without a security configuration they are not
    encrypted with a key of the account.""",
    remedy="Set `CrawlerSecurityConfiguration: !Ref Security` with an AWS::Glue::SecurityConfiguration.",
    source=_GLUE + "set-up-encryption.html",
    equivalents=("CKV_AWS_195",),
)

_ENCRYPTION: Final = "EncryptionConfiguration"
_MODES: Final = (
    (_ENCRYPTION, "CloudWatchEncryption", "CloudWatchEncryptionMode"),
    (_ENCRYPTION, "JobBookmarksEncryption", "JobBookmarksEncryptionMode"),
    (_ENCRYPTION, "S3Encryptions", EACH, "S3EncryptionMode"),
)


@rule(
    "AWS::Glue::SecurityConfiguration",
    id="glue-security-configuration-encrypts",
    title="A Glue security configuration encrypts data, logs and bookmarks",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Set `CloudWatchEncryptionMode: SSE-KMS`, `JobBookmarksEncryptionMode: CSE-KMS` and `S3EncryptionMode: "
    "SSE-KMS`, each with `KmsKeyArn`.",
    source=_GLUE + "encryption-security-configuration.html",
    equivalents=("CKV_AWS_99",),
)
def configuration_encrypts(configuration: Resource, ctx: Context) -> Iterator[Verdict]:
    """What a security configuration leaves out, or sets to DISABLED, jobs and crawlers that use it do not encrypt."""
    for path in _MODES:
        for mode in values_or_absent(configuration, *path):
            kept = one_of("SSE-KMS", "CSE-KMS", "SSE-S3")(mode, ctx)
            if kept is None:
                yield ctx.undecided(mode, f"{path[-1]} is known only at deployment")
            elif not kept:
                yield ctx.violation(mode, f"does not encrypt: {path[-1]} is not set to encryption with a key")


transform = property_rule(
    "AWS::Glue::MLTransform",
    id="glue-ml-transform-encrypted-at-rest",
    title="Data of a machine-learning transform is encrypted",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    path=("TransformEncryption", "MLUserDataEncryption", "MLUserDataEncryptionMode"),
    holds=one_of("SSE-KMS"),
    message="does not encrypt its users' data",
    rationale="""A transform keeps samples of the data it has learnt from. They are not encrypted unless it says so.""",
    remedy="Set `TransformEncryption.MLUserDataEncryption: {MLUserDataEncryptionMode: SSE-KMS, KmsKeyId: ...}`.",
    source=_CONFIG + "glue-ml-transform-encrypted-at-rest.html",
)

sync_key = property_rule(
    "AWS::SSM::ResourceDataSync",
    id="ssm-resource-data-sync-key",
    title="Inventory in a bucket is encrypted with a key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("S3Destination", "KMSKeyArn"),
    holds=is_set,
    unless=(given("KMSKeyArn"), given("SyncSource")),
    message="names no key for the inventory it writes",
    rationale="""The inventory says what runs on every machine, which is what an attacker wants to know. Without a key
    it is encrypted as the bucket does by default. A sync from other sources writes to no bucket.""",
    remedy="Set `S3Destination.KMSKeyArn`.",
    source="https://docs.aws.amazon.com/systems-manager/latest/userguide/inventory-create-resource-data-sync.html",
)
