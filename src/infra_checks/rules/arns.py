"""Whether a text that may have wildcards, such as an element of `Resource`, is the ARN of a resource of the stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.resource import PHYSICAL_NAMES, Resource
from infra_checks.evaluate.values import Absent, Known, Symbol, Unknown, Value
from infra_checks.rules.globs import covers, pieces

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra_checks.core.table import Decision

FORMS: Final = {
    "AWS::DocDB::DBCluster": ("rds", "cluster:"),
    "AWS::DynamoDB::Table": ("dynamodb", "table/"),
    "AWS::EC2::Volume": ("ec2", "volume/"),
    "AWS::EFS::FileSystem": ("elasticfilesystem", "file-system/"),
    "AWS::FSx::FileSystem": ("fsx", "file-system/"),
    "AWS::Neptune::DBCluster": ("rds", "cluster:"),
    "AWS::RDS::DBCluster": ("rds", "cluster:"),
    "AWS::RDS::DBInstance": ("rds", "db:"),
    "AWS::SNS::Topic": ("sns", ""),
    "AWS::SQS::Queue": ("sqs", ""),
}
"""The service in a type's ARN and what stands before the name; AWS: "Service Authorization Reference"."""

_OWN_NAMES: Final = {
    **PHYSICAL_NAMES,
    "AWS::DocDB::DBCluster": "DBClusterIdentifier",
    "AWS::Neptune::DBCluster": "DBClusterIdentifier",
}
_REF_IS_ARN: Final = frozenset({"AWS::SNS::Topic"})
_UNNAMED: Final = "zqzqzqzq"
_FREE: Final = (1, 3, 4)
"""Partition, Region and account: those of the stack itself are not known."""

_SERVICE, _REST = 2, 5


def names(resource: Resource, value: Value[object]) -> Decision:
    """Whether a value is the resource's ARN, or a pattern that matches it. Ref is an ARN for few types only."""
    target = resource.stack.target_of(value)
    if isinstance(target, Resource):
        return target == resource and not _is_only_ref(resource, value)
    service, kind = FORMS[resource.type]
    own = _own_name(resource)
    name = own.value if isinstance(own, Known) else _UNNAMED
    found = covers(value, f"arn:aws:{service}::{_UNNAMED}:{kind}{name}", fold=service == "rds", free=_FREE)
    if found or isinstance(own, Known):
        return found
    fields = _written(pieces(value)).split(":", _REST)
    if len(fields) <= _REST or fields[_SERVICE] != service or not fields[_REST].startswith(kind):
        return found
    rest = fields[_REST].removeprefix(kind)
    if isinstance(own, Unknown):
        return (rest == _written(own.parts)) or None
    return None if "*" in rest else found


def _own_name(resource: Resource) -> Value[str]:
    name = _OWN_NAMES.get(resource.type)
    return resource.text(name) if name else Absent()


def _is_only_ref(resource: Resource, value: Value[object]) -> bool:
    symbol = value.symbol if isinstance(value, Unknown) else None
    is_ref = symbol is None or (symbol.kind == "reference" and symbol.name[1] == "Ref")
    return is_ref and (symbol is not None or isinstance(value, Known)) and resource.type not in _REF_IS_ARN


def _written(parts: Iterable[str | Symbol]) -> str:
    """Pieces as one text in which each symbol is a word of its own, without colons."""
    return "".join(part if isinstance(part, str) else f"\0{part.kind} {part}\0".replace(":", ";") for part in parts)
