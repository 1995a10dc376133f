"""AWS::CertificateManager, by the AWS Certificate Manager API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import from_answer, renamed, stated, tag_list

if TYPE_CHECKING:
    from infra_checks.live.reading import Asking, Read


@reader("AWS::CertificateManager::Certificate", "acm:describe_certificate", "acm:list_tags_for_certificate")
def certificate(asking: Asking) -> Read:
    """AWS: API_DescribeCertificate.html."""
    answer = asking.ask("acm", "describe_certificate", CertificateArn=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    found = answer["Certificate"]
    tags = asking.ask("acm", "list_tags_for_certificate", CertificateArn=asking.physical_id)
    validations = found.get("DomainValidationOptions") or [{}]
    others = [name for name in found.get("SubjectAlternativeNames") or [] if name != found.get("DomainName")]
    options = found.get("Options") or {}
    algorithm = (found.get("KeyAlgorithm") or "").replace("-", "_")
    return {
        **renamed(found, "CertificateAuthorityArn", "DomainName", CertificateArn="CertificateArn"),
        **stated(
            CertificateTransparencyLoggingPreference=options.get("CertificateTransparencyLoggingPreference"),
            KeyAlgorithm=algorithm,
            SubjectAlternativeNames=others,
            ValidationMethod=validations[0].get("ValidationMethod"),
        ),
        **from_answer(tags, ("Tags",), lambda told: {"Tags": tag_list(told.get("Tags") or [])}),
    }
