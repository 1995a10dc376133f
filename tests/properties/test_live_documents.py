"""What is read of a deployed stack stands in its document unchanged, whatever it holds."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infra_checks.core.declared import declared_by
from infra_checks.live.document import document_of
from infra_checks.live.reading import Unread
from infra_checks.live.relinking import Links, Pseudo, Reference
from infra_checks.live.stacks import LiveResource, LiveStack, Place

STACK_ID = "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/1"
PLACE = Place("aws", "eu-west-1", "123456789012")
BUCKETS = ("shop", "shop-logs", "data.shop")
NAMES = {"AWS::Partition": "aws", "AWS::Region": "eu-west-1", "AWS::AccountId": "123456789012"}

words = st.sampled_from(
    [
        *("arn:aws:s3:::", "arn:aws:iam::123456789012:", "arn:aws:sqs:eu-west-1:123456789012:", "123456789012"),
        *("shop", "-logs", "/*", "*", ":", "root", "eu-west-1", "arn:aws:", "arn:aws:s3:::shop", "Ref", "#", "\n", '"'),
    ]
)
texts = st.lists(words, max_size=6).map("".join) | st.text(max_size=8)
scalars = texts | st.booleans() | st.integers(-(10**6), 10**6)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts.filter(bool), inner, max_size=3),
    max_leaves=12,
)


def resource(name: str, properties: Any, physical: str = "x", kind: str = "AWS::Some::Thing") -> LiveResource:  # noqa: ANN401 - JSON
    return LiveResource(logical_id=name, type=kind, physical_id=physical, stack_id=STACK_ID, properties=properties)


def stack_of(properties: Any) -> LiveStack:  # noqa: ANN401 - JSON
    buckets = [
        resource(f"Bucket{number}", {"BucketName": name}, name, "AWS::S3::Bucket")
        for number, name in enumerate(BUCKETS)
    ]
    found = {each.logical_id: each for each in (*buckets, resource("Thing", properties))}
    return LiveStack(name="shop", stack_id=STACK_ID, place=PLACE, status="CREATE_COMPLETE", resources=found)


@given(texts)
def test_the_pieces_of_a_text_are_the_text(text: str) -> None:
    stack = stack_of({})
    told = {
        Reference(f"Bucket{number}", attribute): form.format(name)
        for number, name in enumerate(BUCKETS)
        for attribute, form in (("Ref", "{}"), ("Arn", "arn:aws:s3:::{}"))
    }
    found = ""
    for piece in Links.of(stack).pieces(text, stack["Thing"]):
        match piece:
            case Reference():
                found += told[piece]
            case Pseudo(name):
                found += NAMES[name]
            case literal:
                found += literal
    assert found == text


@given(st.dictionaries(texts.filter(bool), values, max_size=4))
def test_what_was_read_is_what_the_document_declares(properties: dict[str, Any]) -> None:
    document = document_of(stack_of(properties))
    declared = declared_by(document, NAMES)["Thing"].properties
    assert _located(declared) == properties


def _located(value: Any) -> Any:  # noqa: ANN401 - JSON
    """References to buckets as what they give."""
    match value:
        case {"Fn::GetAtt": [str(name), "Arn"]} if len(value) == 1 and name.startswith("Bucket"):
            return f"arn:aws:s3:::{BUCKETS[int(name[-1])]}"
        case {"Fn::Join": ["", [*pieces]]} if len(value) == 1:
            return "".join(str(_located(piece)) for piece in pieces)
        case dict():
            return {key: _located(child) for key, child in value.items()}
        case list():
            return [_located(child) for child in value]
        case _:
            return value


@given(values)
def test_the_places_of_values_are_in_the_documents_text(value: Any) -> None:  # noqa: ANN401 - JSON
    document = document_of(stack_of({"A": value, "B": Unread("x")}))
    lines = document.source.lines()
    declaration = document.resources["Thing"]
    assert declaration.key.span.line <= len(lines)
    assert lines[declaration.key.span.line - 1] == '"Thing"'
