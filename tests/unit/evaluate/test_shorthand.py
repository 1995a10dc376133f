from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_checks.evaluate.shorthand import ShorthandError, is_shorthand, read_shorthand


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("ParameterKey=A,ParameterValue=b", {"ParameterKey": "A", "ParameterValue": "b"}),
        ("ParameterValue=b, ParameterKey = A", {"ParameterKey": "A ", "ParameterValue": "b"}),
        (r"ParameterKey=A,ParameterValue=a\,b", {"ParameterKey": "A", "ParameterValue": "a,b"}),
        (r"ParameterKey=A,ParameterValue=C:\d\,e\\f", {"ParameterKey": "A", "ParameterValue": r"C:\d,e\\f"}),
        ("ParameterKey=A,ParameterValue=", {"ParameterKey": "A", "ParameterValue": ""}),
        ("ParameterKey=A,ParameterValue=a=b==", {"ParameterKey": "A", "ParameterValue": "a=b=="}),
        (r'ParameterKey=A,ParameterValue="a,\"b\\"', {"ParameterKey": "A", "ParameterValue": 'a,"b\\'}),
        (r"ParameterValue='a,\'b\n',ParameterKey=A", {"ParameterKey": "A", "ParameterValue": r"a,'b\n"}),
        ("ParameterKey=A,ParameterValue=a'b", {"ParameterKey": "A", "ParameterValue": "a'b"}),
        ("ParameterKey=A,UsePreviousValue=true", {"ParameterKey": "A", "UsePreviousValue": "true"}),
        ("ParameterKey=A,ParameterValue=a\nb", {"ParameterKey": "A", "ParameterValue": "a\nb"}),
    ],
)
def test_fields_and_values_are_those_the_aws_cli_sees(text: str, fields: dict[str, str]) -> None:
    assert is_shorthand(text)
    assert read_shorthand(text) == {key: value.rstrip(" ") for key, value in fields.items()}


@pytest.mark.parametrize(
    "text",
    [
        "ParameterKey=A,ParameterValue=a,b",
        "ParameterKey=A,ParameterValue=a,b=c",
        "ParameterKey=A,",
        "ParameterKey=A,,ParameterValue=b",
        "ParameterKey=A,ParameterKey=B",
        'ParameterKey=A,ParameterValue="b"c',
        'ParameterKey=A,ParameterValue= "b"c',
        'ParameterKey=A,ParameterValue="b',
        "ParameterKey=A,ParameterValue='b",
    ],
)
def test_what_the_aws_cli_refuses_is_refused_without_a_part_of_it(text: str) -> None:
    with pytest.raises(ShorthandError) as caught:
        read_shorthand(text)
    assert not any(part in str(caught.value) for part in ("a,b", "b=c", "'b", '"b', "=A", "=B"))


@pytest.mark.parametrize("text", ["Key=Value", "MyParameterKey=A", "ParameterKeys=A", ""])
def test_other_texts_are_no_shorthand(text: str) -> None:
    assert not is_shorthand(text)


@given(st.text())
def test_any_value_can_be_written_in_quotes(value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    fields = {"ParameterKey": "A", "ParameterValue": value}
    assert read_shorthand(f'ParameterKey=A,ParameterValue="{quoted}"') == fields
