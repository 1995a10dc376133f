"""What several rule modules ask of a resource: yes, no, or not to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar
from weakref import WeakKeyDictionary

from infra_checks.core.rule import Absent, Known, Unknown
from infra_checks.core.table import given
from infra_checks.evaluate.view import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from infra_checks.core.resource import Resource, Surroundings
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

T = TypeVar("T")

BUCKET: Final = "AWS::S3::Bucket"
DB_INSTANCE: Final = "AWS::RDS::DBInstance"
DB_CLUSTER: Final = "AWS::RDS::DBCluster"


def any_of(*decisions: Decision) -> Decision:
    """Whether any is true."""
    return True if True in decisions else None if None in decisions else False


def all_of(decisions: Iterable[Decision]) -> Decision:
    """Whether all are true."""
    found = set(decisions)
    return False if False in found else None if None in found else True


def text_is(value: Value[str], *texts: str) -> Decision:
    """Whether a text is one of some, in lower or upper case."""
    match value:
        case Known(known):
            return known.lower() in {text.lower() for text in texts}
        case Unknown():
            return None
        case Absent():
            return False


def is_member(resource: Resource) -> Decision:
    """The resource is an instance of a cluster, which keeps this setting for all its instances."""
    if resource.type != DB_INSTANCE:
        return False
    return any_of(given("DBClusterIdentifier")(resource), is_aurora(resource))


def is_aurora(instance: Resource) -> Decision:
    """Whether the engine is an Aurora one, whose instances are always in a cluster."""
    engine = instance.text("Engine")
    match engine:
        case Known(name):
            return name.lower().startswith("aurora")
        case Unknown():
            start = engine.parts[0] if engine.parts else None
            return start.lower().startswith("aurora") or None if isinstance(start, str) else None
        case Absent():
            return False


def is_replica(resource: Resource) -> Decision:
    """The resource is a read replica; a source that is restored to a point in time makes a new database instead."""
    if resource.type != DB_INSTANCE:
        return False
    source = any_of(given("SourceDBInstanceIdentifier")(resource), given("SourceDBClusterIdentifier")(resource))
    if source is False:
        return False
    restored = any_of(given("RestoreTime")(resource), is_enabled(resource, "UseLatestRestorableTime"))
    return False if restored else None if restored is None else source


def is_enabled(resource: Resource, name: str) -> Decision:
    """Whether a property is true; absent is false."""
    value = resource.boolean(name)
    match value:
        case Known(truth):
            return truth
        case Unknown():
            return None
        case Absent():
            return False


def is_acm(get: Callable[[str], Resource | None], certificate: Value[object]) -> Decision:
    """Whether a certificate is one of AWS Certificate Manager, by its ARN or by the resource that makes it."""
    text = as_text(certificate)
    match text:
        case Known(arn):
            return ":acm:" in arn
        case Unknown():
            target = text.symbol
            if target is not None and target.kind == "reference":
                made = get(str(target.name[0]))
                return made is None or made.type != "AWS::IAM::ServerCertificate"
            told = "".join(part for part in text.parts if isinstance(part, str))
            return True if ":acm:" in told else False if ":server-certificate" in told else None
        case Absent():
            return False


_READ: Final[WeakKeyDictionary[Surroundings, dict[object, tuple[Any, ...]]]] = WeakKeyDictionary()
"""By the stack around a resource in one scenario: rules that do not split the scenario share it."""


def read_once(resource: Resource, read: Callable[..., Iterator[T]], *path: str | int) -> Iterator[T]:
    """What a function reads of a resource and a path, kept for the rules that ask after this one.

    It is read only as far as it is consumed: each question may split the scenario, and then no other rule has this
    stack. What is not read to its end, or fails, is not kept.
    """
    kept = _READ.setdefault(resource.stack, {})
    key = read, resource.logical_id, path
    if key in kept:
        yield from kept[key]
        return
    found: list[T] = []
    for item in read(resource, *path):
        found.append(item)
        yield item
    kept[key] = tuple(found)


def receives_access_logs(bucket: Resource) -> Decision:
    """Whether another bucket of the stack writes its access logs to it.

    Such a bucket "can't use SSE-KMS or DSSE-KMS default encryption, can't have S3 Object Lock enabled".
    AWS: LoggingEnabled, targetBucket (https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_LoggingEnabled.html).
    """
    match bucket.text("AccessControl"):
        case Known("LogDeliveryWrite"):
            return True
        case Unknown():
            unclear = True
        case Known() | Absent():
            unclear = False
    for other in bucket.stack.of_type(BUCKET):
        target = other.target("LoggingConfiguration", "DestinationBucketName")
        if target == bucket:
            return True
        # A name from elsewhere can only be this bucket if this one is given its name.
        unclear = unclear or (isinstance(target, Unknown) and not isinstance(bucket.value("BucketName"), Absent))
    return None if unclear else False
