from __future__ import annotations

import pytest

from infra_checks.iam.catalogue import KeyType, global_key, global_keys, service, services
from infra_checks.iam.catalogue.keys import FILE


@pytest.mark.parametrize(
    ("name", "type", "multivalued"),
    [
        ("AWS:sourceip", KeyType.IP_ADDRESS, False),
        ("aws:PrincipalOrgPaths", KeyType.STRING, True),
        ("aws:TagKeys", KeyType.STRING, True),
        ("aws:PrincipalTag/team", KeyType.STRING, False),
        ("aws:ResourceTag/a/b", KeyType.STRING, False),
        ("aws:SourceArn", KeyType.ARN, False),
        ("aws:MultiFactorAuthPresent", KeyType.BOOL, False),
        ("ec2:SourceInstanceARN", KeyType.ARN, False),
    ],
)
def test_a_global_key_has_its_type(name: str, type: KeyType, multivalued: bool) -> None:
    found = global_key(name)
    assert found is not None
    assert (found.type, found.multivalued) == (type, multivalued)


@pytest.mark.parametrize(
    "name", ["aws:Principaltag", "aws:PrincipalTag/", "aws:SourceIp/x", "aws:Nothing", "", "s3:prefix"]
)
def test_other_names_are_no_global_keys(name: str) -> None:
    assert global_key(name) is None


def test_values_of_either_type_are_told() -> None:
    epoch = global_key("aws:EpochTime")
    assert epoch is not None
    assert (epoch.type, epoch.other_types) == (KeyType.DATE, (KeyType.NUMERIC,))


def test_the_file_is_sorted_and_has_each_key_once() -> None:
    names = [line.split()[0].lower() for line in FILE.read_text().splitlines() if not line.startswith("#")]
    assert names == sorted(set(names))
    assert len(global_keys()) == len(names) > 55


def test_services_that_declare_a_global_key_agree_about_its_type() -> None:
    for prefix in services():
        found = service(prefix)
        assert found is not None
        for name, key in found.condition_keys.items():
            known = global_key(name.replace("${tagkey}", "x")) if name.startswith("aws:") else None
            assert known is None or (known.type, known.multivalued) == (key.type, key.multivalued), (prefix, name)
