"""Rules on Step Functions state machines: logs, traces, encryption."""

from __future__ import annotations

from typing import Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.table import is_true, one_of, property_rule

MACHINE: Final = "AWS::StepFunctions::StateMachine"
_GUIDE: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/"

logs = property_rule(
    MACHINE,
    id="step-functions-state-machine-logging-enabled",
    title="State machine logs its executions",
    family=Family.OBSERVABILITY,
    severity=Severity.MEDIUM,
    path=("LoggingConfiguration", "Level"),
    holds=one_of("ALL", "ERROR", "FATAL"),
    message="does not log its executions",
    rationale="""Logs show which execution failed, where and with which data. The level is OFF by default; executions of
    express workflows leave no other trace, those of standard ones expire after 90 days.""",
    remedy="Add `LoggingConfiguration: {Level: ERROR, Destinations: [...]}`.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/step-functions-state-machine-logging-enabled.html",
)

tracing = property_rule(
    MACHINE,
    id="step-functions-xray-enabled",
    title="State machine is traced by X-Ray",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    path=("TracingConfiguration", "Enabled"),
    holds=is_true,
    message="is not traced by X-Ray",
    rationale="""Traces show which step of which service took the time or failed. They are off by default.""",
    remedy="Add `TracingConfiguration: {Enabled: true}`.",
    source=_GUIDE + "concepts-xray-tracing.html",
)

key = property_rule(
    MACHINE,
    id="step-functions-customer-managed-key",
    title="State machine is encrypted with a key of your own",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    path=("EncryptionConfiguration", "Type"),
    holds=one_of("CUSTOMER_MANAGED_KMS_KEY"),
    message="is encrypted with a key that AWS owns, not with one of your own",
    rationale="""The history of executions holds the data that went through them. Step Functions always encrypts it, by
    default with a key that AWS owns; only the policy of a key of one's own says who may read it.""",
    remedy="Add `EncryptionConfiguration: {Type: CUSTOMER_MANAGED_KMS_KEY, KmsKeyId: !GetAtt Key.Arn}`.",
    source=_GUIDE + "encryption-at-rest.html",
)
