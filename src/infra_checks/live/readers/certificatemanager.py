"""AWS::CertificateManager, by the AWS Certificate Manager API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import from_answer, renamed, stated, tag_list

if TYPE_CHECKING:
    from infra_checks.live.reading import Asking, Read


@reader(
    "AWS::CertificateManager::Certificate",
    "acm:describe_certificate",
    "acm:list_tags_for_certificate",
)
def certificate(asking: Asking) -> Read:
    """AWS: API_CertificateDetail.html; the hosted zone of a validation is only CloudFormation's own."""
    by = {"CertificateArn": asking.physical_id}
    answer = asking.ask("acm", "describe_certificate", **by)
    if isinstance(answer, Unread):
        return answer
    found = answer["Certificate"]
    tags = asking.ask("acm", "list_tags_for_certificate", **by)
    options = found.get("DomainValidationOptions") or []
    zone = {"HostedZoneId": Unread("no API returns it")}
    return {
        **renamed(found, "CertificateArn", "CertificateAuthorityArn", "DomainName", "SubjectAlternativeNames"),
        **renamed(found.get("Options") or {}, "CertificateTransparencyLoggingPreference", CertificateExport="Export"),
        **stated(
            DomainValidationOptions=[renamed(each, "DomainName", "ValidationDomain") | zone for each in options],
            # Older answers have RSA-2048.
            KeyAlgorithm=(found.get("KeyAlgorithm") or "").replace("-", "_"),
            ValidationMethod=options[0].get("ValidationMethod") if options else None,
        ),
        **from_answer(tags, ("Tags",), lambda got: {"Tags": tag_list(got.get("Tags") or [])}),
    }
