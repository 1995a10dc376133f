"""The rule that a bucket refuses requests without TLS: what its bucket policies deny, to whom, on what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.resource import Resource
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.evaluate.values import Symbol
from infra_checks.evaluate.view import View
from infra_checks.rules.globs import matches
from infra_checks.rules.plain_requests import only_without_tls
from infra_checks.rules.predicates import all_of, any_of, read_once, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value

BUCKET: Final = "AWS::S3::Bucket"
POLICY: Final = "AWS::S3::BucketPolicy"
ITSELF: Final = "the bucket"
OBJECTS: Final = "its objects"
WHOLE: Final = frozenset({ITSELF, OBJECTS})


@rule(
    BUCKET,
    id="s3-bucket-ssl-requests-only",
    title="Bucket refuses requests without TLS",
    family=Family.ENCRYPTION,
    severity=Severity.MEDIUM,
    remedy="Add to the bucket's AWS::S3::BucketPolicy the statement `{Effect: Deny, Principal: '*', Action: 's3:*', "
    "Resource: [!GetAtt Bucket.Arn, !Sub '${Bucket.Arn}/*'], Condition: {Bool: {aws:SecureTransport: 'false'}}}`.",
    source="https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-ssl-requests-only.html",
    equivalents=("38c64e76", "S3_BUCKET_SSL_REQUESTS_ONLY", "AwsSolutions-S10", "s3_bucket_secure_transport_policy"),
)
def ssl_only(bucket: Resource, ctx: Context) -> Iterator[Verdict]:
    """S3 answers HTTP as well as HTTPS; only a bucket policy that denies s3:* to everybody when
    aws:SecureTransport is false, on the bucket and on its objects, keeps data and signatures off the wire in
    plain text. A policy that allows requests over TLS denies nothing.
    """
    surely: set[str] = set()
    perhaps: set[str] = set()
    policies = 0
    for policy in bucket.stack.of_type(POLICY):
        attached = _attached(policy, bucket)
        policies += attached is not False
        if attached is not False:
            sure, unsure = _denied(policy, bucket)
            perhaps |= sure | unsure
            surely |= sure if attached else set()
    if surely >= WHOLE:
        return
    if perhaps >= WHOLE:
        yield ctx.undecided(bucket, "has a bucket policy that may deny requests without TLS, but cannot be told")
    elif not policies:
        yield ctx.violation(bucket, "has no bucket policy, so it answers requests without TLS")
    else:
        missing = " and ".join(part for part in (ITSELF, OBJECTS) if part not in perhaps)
        yield ctx.violation(bucket, f"has a bucket policy that does not deny requests without TLS on {missing}")


def _attached(policy: Resource, bucket: Resource) -> Decision:
    target = policy.target("Bucket")
    match target:
        case Resource():
            return target == bucket
        case Unknown():
            own = bucket.value("BucketName")
            if isinstance(own, Absent):
                return False
            return True if target.parts and isinstance(own, Unknown) and own.parts == target.parts else None
        case Absent():
            return False
        case None:
            # A literal name: another bucket's, unless this one's name is not known.
            return None if isinstance(bucket.value("BucketName"), Unknown) else False


def _denied(policy: Resource, bucket: Resource) -> tuple[set[str], set[str]]:
    """What of the bucket the policy surely and perhaps denies without TLS."""
    surely: set[str] = set()
    perhaps: set[str] = set()
    statements = policy.listed("PolicyDocument", "Statement")
    match statements:
        case Unknown():
            return set(), set(WHOLE)
        case Absent():
            return set(), set()
        case Known(views):
            for view in views:
                denies = _denies_plain_requests(view)
                if denies is not False:
                    sure, unsure = _covered(view, bucket)
                    perhaps |= sure | unsure
                    surely |= sure if denies else set()
    return surely, perhaps


def _denies_plain_requests(statement: View) -> Decision:
    if isinstance(statement.value(), Unknown):
        return None
    effect = text_is(statement.text("Effect"), "Deny")
    if effect is False:
        return False  # what most statements are: nothing else of them matters
    return all_of(
        (
            effect,
            _everybody(statement.value("Principal")),
            any_of(*(text_is(view.text(), "s3:*", "*") for view in _elements(statement, "Action"))),
            only_without_tls(statement),
        )
    )


def _elements(view: View, *path: str) -> tuple[View, ...]:
    """A list's elements, or the one value instead of it; nothing when it is absent."""
    listed = view.listed(*path)
    match listed:
        case Known(views):
            return views
        case Unknown():
            return (view.at(*path),)
        case Absent():
            return ()


def _everybody(principal: Value[object]) -> Decision:
    match principal:
        case Known("*"):
            return True
        case Known(View() as view):
            return any_of(*(text_is(one.text(), "*") for one in _elements(view, "AWS")))
        case Unknown():
            return None
        case Known() | Absent():
            return False


def _covered(statement: View, bucket: Resource) -> tuple[set[str], set[str]]:
    """What of the bucket the statement's resources surely and perhaps cover."""
    surely: set[str] = set()
    perhaps: set[str] = set()
    for view in _elements(statement, "Resource"):
        value = view.text()
        match value:
            case Known(text):
                named = _named(text, bucket)
            case Unknown():
                named = _named(_encoded(value.parts), bucket) if value.parts else None
            case Absent():
                continue
        surely |= named or set()
        perhaps |= WHOLE if named is None else named
    return surely, perhaps


def _encoded(parts: tuple[str | Symbol, ...]) -> str:
    """Text with each symbol as a word between NULs; a bucket's ARN attribute is spelt out."""
    return "".join(part if isinstance(part, str) else _word(part) for part in parts)


def _word(symbol: Symbol) -> str:
    if symbol == Symbol("pseudo", ("AWS::Partition",)):
        return "aws"
    if symbol.kind == "reference" and symbol.name[1] == "Arn":
        return f"arn:aws:s3:::\0reference {symbol.name[0]}.Ref\0"
    return f"\0{symbol.kind} {symbol}\0"


_ARN: Final = re.compile(r"arn:[^:]+:s3:[^:]*:[^:]*:(.*)", re.DOTALL)
_NOT_REFERENCE: Final = re.compile("\0(?!reference )[^\0]*\0")


def _named(text: str, bucket: Resource) -> frozenset[str] | None:
    """What of the bucket a resource element covers; None when that cannot be told."""
    if text == "*":
        return WHOLE
    arn = _ARN.fullmatch(text)
    if arn is None:
        return None if _NOT_REFERENCE.match(text) else frozenset()
    pattern = arn[1]
    (own,) = read_once(bucket, _own_name)
    covered = _matched(pattern, _encoded((Symbol("reference", (bucket.logical_id, "Ref")),)))
    covered |= _matched(pattern, own) if own else frozenset()
    return covered or (None if _unclear(pattern, bucket, own) else frozenset())


def _own_name(bucket: Resource) -> Iterator[str | None]:
    """The bucket's name, as one item, so that it is evaluated once for all statements."""
    name = bucket.text("BucketName")
    match name:
        case Known(text):
            yield text
        case Unknown():
            yield _encoded(name.parts)
        case Absent():
            yield None


def _matched(pattern: str, name: str) -> frozenset[str]:
    covered = {ITSELF} if matches(pattern, name) else set()
    return frozenset(covered | ({OBJECTS} if pattern.endswith("*") and matches(pattern, name + "/") else set()))


def _unclear(pattern: str, bucket: Resource, own: str | None) -> bool:
    """Whether a name that does not show the bucket may still turn out to be its own at deployment."""
    symbols = _NOT_REFERENCE.search(pattern) is not None
    if own is None:
        # CloudFormation makes up the name, which only a pattern can meet.
        return "*" in pattern.removesuffix("/*") and "\0reference" not in pattern
    if isinstance(bucket.value("BucketName"), Unknown):
        return symbols or "\0" not in pattern
    return symbols
