from __future__ import annotations

import gc
from pathlib import Path

import pytest

from infra_checks.errors import TemplateError
from infra_checks.template.limits import MAX_BYTES
from infra_checks.template.load import load_template, parse_document, read_source
from infra_checks.template.source import SourceFile
from tests.unit.template.shapes import at, data, failure, read

BUCKET = "Resources:\n  Bücket:\n    Type: AWS::S3::Bucket\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_text_with_a_byte_order_mark_and_utf_8_without_are_read(encoding: str) -> None:
    template = load_template("t.yaml", BUCKET.encode(encoding))

    assert template.source == SourceFile("t.yaml", BUCKET)
    assert list(template.resources) == ["Bücket"]


@pytest.mark.parametrize(
    ("mark", "encoding"), [("\ufeff", "utf-16-be"), ("\ufeff", "utf-32-be"), ("\ufeff" * 2, "utf-8")]
)
def test_byte_order_marks_are_no_part_of_the_text(mark: str, encoding: str) -> None:
    assert read_source("t.yaml", (mark + BUCKET).encode(encoding)).text == BUCKET


@pytest.mark.parametrize(
    ("content", "line", "column", "words"),
    [
        (BUCKET.encode("latin-1"), 2, 4, "is not UTF-8 text (byte 0xfc); save it as UTF-8"),
        (b"\xff\xfea\x00b", 1, 2, "is not UTF-16 text"),
        (b"\xff\xfe\x00\x00\xff\xff\xff\xff", 1, 1, "is not UTF-32 text"),
        (b"a: 1\nb: \x00\x01", 2, 4, "holds a NUL character"),
        (b"\x89PNG\r\n\x1a\n\x00", 1, 1, "is not UTF-8 text (byte 0x89)"),
        ("é: 1".encode("utf-16-le"), 1, 1, "is not UTF-8 text (byte 0xe9)"),
    ],
)
def test_what_is_not_text_is_an_error_with_its_place(content: bytes, line: int, column: int, words: str) -> None:
    with pytest.raises(TemplateError) as caught:
        read_source("t.yaml", content)

    assert caught.value.span is not None
    assert caught.value.span[:2] == (line, column)
    assert words in caught.value.message


def test_a_file_is_read_by_its_name_and_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(BUCKET, encoding="utf-8")

    assert load_template(path).name == load_template(str(path)).name == str(path)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"none\.yaml: does not exist") as caught:
        load_template(tmp_path / "none.yaml")

    assert caught.value.span is None


def test_a_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="is a folder, not a template"):
        read_source(tmp_path)


def test_a_device_is_an_error() -> None:
    with pytest.raises(TemplateError, match="is not a regular file"):
        read_source("/dev/null")


@pytest.mark.parametrize("name", ["a" * 5000, "\0", "{file}/below.yaml"])
def test_a_name_that_no_file_can_have_is_an_error(name: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    with pytest.raises(TemplateError, match="cannot be read: "):
        read_source(name.format(file=file))


def test_a_file_that_may_not_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "t.yaml").touch()
    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(TemplateError, match="cannot be read: Permission denied"):
        read_source(tmp_path / "t.yaml")


def test_a_text_of_the_largest_size_is_read() -> None:
    assert load_template("t.yaml", BUCKET.encode().ljust(MAX_BYTES, b"\n")).resources


def test_a_larger_text_is_an_error_that_says_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_bytes(BUCKET.encode().ljust(MAX_BYTES + 2, b"\n"))

    with pytest.raises(TemplateError, match="larger than 1,048,576 bytes"):
        load_template(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "it is a list"),
        ("- ParameterKey: A\n  ParameterValue: b\n", "it is a list; it looks like a parameter file of the AWS CLI"),
        ("text", "it is a single value"),
        ("---\n", "it is empty"),
        ("Ref: A", "it is a call of Ref"),
        ("{}", "it has no Resources section"),
        ("resources: {}", "it has no Resources section"),
        ("AWSTemplateFormatVersion: 2010-09-09\n", "it has no Resources section"),
        ("apiVersion: v1\nkind: Pod\n", "it looks like a Kubernetes manifest"),
        ("openapi: 3.0.0\n", "it looks like an OpenAPI document"),
        ('{"Parameters": {"A": "b"}}', "it looks like a parameter file"),
        ("Resources:\nBucket:\n  Type: AWS::S3::Bucket\n", "it has an empty Resources section; check the indentation"),
    ],
)
def test_a_file_that_is_no_template_is_an_error_that_says_why(text: str, words: str) -> None:
    with pytest.raises(TemplateError, match="is not a CloudFormation template: ") as caught:
        load_template("t.yaml", text.encode())

    assert words in caught.value.message
    assert caught.value.span is not None


def test_the_version_is_text() -> None:
    text = f"AWSTemplateFormatVersion: 2010-09-09\n{BUCKET}"

    assert data(at(load_template("t.yaml", text.encode()).root, "AWSTemplateFormatVersion")) == "2010-09-09"


def test_merged_resources_are_resources() -> None:
    template = load_template("t.yaml", b"x: &x {A: {Type: AWS::S3::Bucket}}\nResources: {<<: *x}\n")

    assert template.resources["A"].key.span.line == 1


def test_a_length_too_long_for_a_number_is_no_length() -> None:
    text = f"Parameters: {{P: {{Type: String, MinLength: {'9' * 5000}, MaxLength: ²}}}}\nResources: {{}}\n"
    parameter = load_template("t.yaml", text.encode()).parameters["P"]

    assert (parameter.min_length, parameter.max_length) == (None, None)


@pytest.mark.parametrize("name", ["t.yaml", "t.template"])
def test_brackets_that_are_not_json_are_read_as_yaml(name: str) -> None:
    assert data(read("\n{a: !Ref b, # comment\n c: [1,],}", name)) == {"a": ("Ref", "b"), "c": [1]}


def test_a_file_named_json_must_be_json() -> None:
    assert failure("{a: 1}", "T.JSON") == (
        1,
        2,
        "is not valid JSON: 'a' stands where a key in double quotes should stand",
    )


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ('{"a": 1,\n "b": 2,\n ]', 3, 2, "is not valid JSON: ']' stands where"),
        ("{a: 1,\n b: [}", 2, 6, "is not valid YAML"),
    ],
)
def test_of_the_errors_of_both_formats_the_one_further_on_is_told(
    text: str, line: int, column: int, words: str
) -> None:
    found = failure(text)

    assert found[:2] == (line, column)
    assert words in found[2]


def test_a_document_that_is_no_template_is_read_too() -> None:
    assert data(parse_document(SourceFile("pack.yaml", "rules: [a]\n"))) == {"rules": ["a"]}


def test_the_collector_is_left_as_it_was_found() -> None:
    read("a: 1")
    assert gc.isenabled()

    gc.disable()
    try:
        read("a: 1")
        assert not gc.isenabled()
    finally:
        gc.enable()
