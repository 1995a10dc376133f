"""AWS::CertificateManager."""

from __future__ import annotations

from typing import Final

from infra_checks.sandbox.rows import row

KINDS: Final = (
    row(
        "AWS::CertificateManager::Certificate",
        "acm",
        "request_certificate",
        ref="CertificateArn",
        attributes={"Arn": "CertificateArn"},
        delete="delete_certificate",
        delete_by={"CertificateArn": "{ref}"},
        create_only=[
            "CertificateAuthorityArn",
            "CertificateExport",
            "DomainName",
            "DomainValidationOptions",
            "KeyAlgorithm",
            "SubjectAlternativeNames",
            "ValidationMethod",
        ],
    ),
)
