"""The rule that certificates of ACM are for named hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.evaluate.view import EACH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

CERTIFICATE: Final = "AWS::CertificateManager::Certificate"


@rule(
    CERTIFICATE,
    id="acm-certificate-no-wildcard",
    title="A certificate is for named hosts",
    family=Family.ENCRYPTION,
    severity=Severity.LOW,
    remedy="Name the hosts in `DomainName` and `SubjectAlternativeNames`.",
    source="https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html",
    equivalents=("CKV2_AWS_71",),
)
def wildcard(certificate: Resource, ctx: Context) -> Iterator[Verdict]:
    """Who has the key of a wildcard certificate can pose as every host of the domain, also as those that are made
    later.
    """
    for path in (("DomainName",), ("SubjectAlternativeNames", EACH)):
        for name in certificate.values(*path):
            starts = _starts_with_star(name)
            if starts:
                yield ctx.violation(name, "is for every host of a domain")
            elif starts is None and isinstance(name, Unknown):
                yield ctx.undecided(name, f"a name in it cannot be told: {name.reason}")


def _starts_with_star(name: Value[object]) -> Decision:
    match name:
        case Known(text):
            return str(text).startswith("*")
        case Unknown():
            first = name.parts[0] if name.parts else None
            return first.startswith("*") if isinstance(first, str) else None
        case Absent():
            return False
