"""AWS::Elasticsearch, by the Amazon Elasticsearch Service API (2015-01-01), which Amazon OpenSearch Service answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.live.keys import ASKED, chosen_key
from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import Properties, document, from_answer, pruned, renamed, stated, tag_list

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read


@reader("AWS::Elasticsearch::Domain", "es:describe_elasticsearch_domain", "es:list_tags", ASKED)
def domain(asking: Asking) -> Read:
    """AWS: ElasticsearchDomainStatus."""
    answer = asking.ask("es", "describe_elasticsearch_domain", DomainName=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    found = answer["DomainStatus"]
    tags = asking.ask("es", "list_tags", ARN=found["ARN"])
    policies = found.get("AccessPolicies")
    return {
        **renamed(found, "DomainName", "ElasticsearchVersion"),
        **_parts(found),
        **stated(
            AccessPolicies=document(policies) if policies else None,
            AdvancedSecurityOptions=_security(found.get("AdvancedSecurityOptions") or {}),
            EncryptionAtRestOptions=_encryption(asking, found.get("EncryptionAtRestOptions") or {}),
        ),
        **from_answer(tags, ("Tags",), lambda told: {"Tags": tag_list(told.get("TagList") or [])}),
    }


def _parts(found: Answer) -> Properties:
    """What has the same names below it in both, but for what is no property."""
    parts = {
        "CognitoOptions": ("Enabled", "IdentityPoolId", "RoleArn", "UserPoolId"),
        "DomainEndpointOptions": (
            "CustomEndpoint",
            "CustomEndpointCertificateArn",
            "CustomEndpointEnabled",
            "EnforceHTTPS",
            "TLSSecurityPolicy",
        ),
        "EBSOptions": ("EBSEnabled", "Iops", "VolumeSize", "VolumeType"),
        "NodeToNodeEncryptionOptions": ("Enabled",),
        "SnapshotOptions": ("AutomatedSnapshotStartHour",),
        "VPCOptions": ("SecurityGroupIds", "SubnetIds"),
    }
    whole = ("AdvancedOptions", "ElasticsearchClusterConfig", "LogPublishingOptions")
    return {
        **stated(**{name: pruned(found.get(name)) for name in whole}),
        **stated(**{name: renamed(found.get(name) or {}, *names) for name, names in parts.items()}),
    }


def _security(found: Answer) -> Properties:
    """Fine-grained access control; its main user is told by no API."""
    read = renamed(found, "AnonymousAuthEnabled", "Enabled", "InternalUserDatabaseEnabled")
    return read | ({"MasterUserOptions": Unread("no API returns the main user")} if read.get("Enabled") else {})


def _encryption(asking: Asking, found: Answer) -> Properties:
    return {**renamed(found, "Enabled"), **stated(KmsKeyId=chosen_key(asking, found.get("KmsKeyId")))}
