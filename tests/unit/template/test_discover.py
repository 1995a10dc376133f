from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from infra_checks.errors import TemplateError
from infra_checks.template.discover import Discovery, Skipped, find_templates, load_all
from infra_checks.template.model import Template

BUCKET = "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(**files: str | bytes) -> None:
    for name, content in files.items():
        put(name, content)


def put(name: str, content: str | bytes = BUCKET) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def outcome(*paths: str) -> list[tuple[str, str]]:
    """Name and kind of all that is met."""
    return [
        (item.name if isinstance(item, Template | Skipped) else item.file, type(item).__name__)
        for item in load_all(paths)
    ]


def loaded(*paths: str) -> list[str]:
    """The names of the templates; all else must be absent."""
    found = outcome(*paths)
    assert {kind for _, kind in found} <= {"Template"}
    assert find_templates(paths) == Discovery(tuple(name for name, _ in found), ())
    return [name for name, _ in found]


def test_folders_are_walked_and_names_are_sorted_and_relative_as_given() -> None:
    for name in ["b.yaml", "a/z.json", "a/b/c.template", "a.yml", "c.cfn", "D.YAML", "readme.md", "e.cform", "f.cft"]:
        put(name, '{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}')

    assert loaded(".") == ["D.YAML", "a.yml", "a/b/c.template", "a/z.json", "b.yaml", "c.cfn", "e.cform", "f.cft"]
    assert loaded("a") == loaded("a/") == loaded("./a") == ["a/b/c.template", "a/z.json"]


def test_an_absolute_folder_gives_absolute_names(tmp_path: Path) -> None:
    put("a/b.yaml")

    assert loaded(str(tmp_path / "a")) == [f"{tmp_path.as_posix()}/a/b.yaml"]


def test_a_file_met_twice_is_loaded_once() -> None:
    put("a/b.yaml")

    assert loaded("a", ".", "a/b.yaml", "./a/b.yaml") == ["./a/b.yaml"]


def test_a_named_file_needs_no_extension() -> None:
    put("template.txt")

    assert loaded("template.txt") == ["template.txt"]


def test_a_named_file_that_cannot_be_read_is_an_error_and_the_rest_is_loaded() -> None:
    put("b.yaml")
    put("c.txt", "nothing")

    assert outcome("none.yaml", "b.yaml", "c.txt") == [
        ("b.yaml", "Template"),
        ("c.txt", "TemplateError"),
        ("none.yaml", "TemplateError"),
    ]
    assert find_templates(["none.yaml", "b.yaml", "c.txt"]).templates == ("b.yaml", "c.txt", "none.yaml")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a: 1\n", "has no Resources section"),
        ("", "has no Resources section"),
        ("{{ jinja }}: [\n", "has no Resources section"),
        (b"\x89PNG", "is not UTF-8 text (byte 0x89); save it as UTF-8"),
        ("serverless:\n  Resources: {}\n", "has no Resources section"),
        ('[{"Resources": []}]', "is a list"),
        ("Parameters: {}\nx:\n Resources: 1", "has no Resources section; it looks like a parameter file"),
    ],
)
def test_a_file_met_that_is_no_template_is_skipped_with_a_reason(content: str | bytes, reason: str) -> None:
    put("a.yaml", content)

    assert list(load_all(["."])) == [Skipped("a.yaml", reason)]


@pytest.mark.parametrize(
    "content",
    [
        "Resources: [\n",
        "AWSTemplateFormatVersion: 2010-09-09\n",
        "AWSTemplateFormatVersion: 2010-09-09\nResources: !!binary a\n",
        '{"Resources": {,}}',
        "'Resources' : {\n",
        "{ Resources: {",
        "\ufeffResources: {",
        "Resources: é {".encode("latin-1"),
        "Resources: {}".encode("utf-16-le"),
        b"Resources: {}" + b"\n" * 2_000_000,
    ],
)
def test_a_file_met_that_is_meant_to_be_a_template_is_an_error(content: str | bytes) -> None:
    put("a.yaml", content)

    assert outcome(".") == [("a.yaml", "TemplateError")]
    assert find_templates(["."]) == Discovery(("a.yaml",), ())


def test_a_large_file_without_the_mark_of_a_template_is_skipped() -> None:
    put("a.json", b"[" + b"1," * 1_000_000)

    assert outcome(".") == [("a.json", "Skipped")]
    assert find_templates(["."]).skipped[0].name == "a.json"


@pytest.mark.parametrize(
    "line", ["\n" * 500_000, " " * 500_000, "," * 500_000, "{ " * 250_000, "'Resources' " * 50_000]
)
def test_looking_for_the_mark_takes_no_longer_than_the_text_is_long(line: str) -> None:
    put("a.yaml", line)

    assert outcome(".") == [("a.yaml", "Skipped")]


@pytest.mark.parametrize("folder", [".git", ".hidden", "node_modules", "__pycache__", "a/node_modules"])
def test_folders_of_others_are_passed_over_unless_named(folder: str) -> None:
    put(f"{folder}/a.yaml")

    assert loaded(".") == []
    assert loaded(folder) == [f"{folder}/a.yaml"]


def test_virtual_environments_are_passed_over_unless_named() -> None:
    put("env/pyvenv.cfg", "")
    put("env/lib/a.yaml")

    assert loaded(".") == []
    assert loaded("env") == ["env/lib/a.yaml"]


def test_ignored_files_are_passed_over_unless_named() -> None:
    put(".gitignore", "/out/\n*.tmp.yaml\n# comment\n!keep.tmp.yaml\n")
    for name in ["a.yaml", "out/a.yaml", "b/out/a.yaml", "b/x.tmp.yaml", "b/keep.tmp.yaml"]:
        put(name)

    assert loaded(".") == ["a.yaml", "b/keep.tmp.yaml", "b/out/a.yaml"]
    assert loaded(".", "b/x.tmp.yaml", "out") == [
        "a.yaml",
        "b/keep.tmp.yaml",
        "b/out/a.yaml",
        "b/x.tmp.yaml",
        "out/a.yaml",
    ]


def test_the_deeper_ignore_file_has_the_last_word() -> None:
    put(".gitignore", "*.yaml\n")
    put("a/.gitignore", "!b.yaml\n/c/\n")
    for name in ["x.yaml", "a/b.yaml", "a/d.yaml", "a/c/b.yaml", "c/b.yaml"]:
        put(name)

    assert loaded(".") == ["a/b.yaml"]


def test_ignore_files_above_the_walk_are_not_read() -> None:
    put(".gitignore", "a\n")
    put("a/b.yaml")

    assert loaded("a") == ["a/b.yaml"]


def test_lines_that_are_no_patterns_are_passed_over() -> None:
    put(".gitignore", b"!\n[z-a]\n\\\nb[[:x:]]\n\xff\na.yaml\n")
    put("a.yaml")
    put("b.yaml")

    assert loaded(".") == ["b.yaml"]


def test_an_ignore_file_that_cannot_be_read_ignores_nothing() -> None:
    Path(".gitignore").mkdir()
    put("a.yaml")

    assert loaded(".") == ["a.yaml"]


def test_the_ignore_library_is_not_imported_without_an_ignore_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pathspec", None)
    put("a.yaml")

    assert loaded(".") == ["a.yaml"]


def test_a_link_to_a_folder_is_not_followed_but_told() -> None:
    put("a/b.yaml")
    Path("a/loop").symlink_to("..")
    Path("a/.hidden").symlink_to("..")

    assert outcome(".") == [("a/b.yaml", "Template"), ("a/loop", "Skipped")]
    assert find_templates(["."]).skipped == (Skipped("a/loop", "is a link to a folder; name it to have it checked"),)


def test_a_link_to_a_file_is_a_file_and_a_broken_one_is_skipped() -> None:
    put("a.txt")
    Path("b.yaml").symlink_to("a.txt")
    Path("c.yaml").symlink_to("none")
    Path("d.yaml").symlink_to("d.yaml")

    assert outcome(".") == [("b.yaml", "Template"), ("c.yaml", "Skipped"), ("d.yaml", "Skipped")]


def test_a_named_pipe_is_never_opened() -> None:
    os.mkfifo("a.yaml")

    assert list(load_all(["."])) == [Skipped("a.yaml", "is not a regular file")]
    assert outcome("a.yaml") == [("a.yaml", "TemplateError")]


def test_a_folder_that_cannot_be_read_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.scandir

    def scandir(path: str) -> object:
        if "closed" in path:
            raise PermissionError(13, "Permission denied")
        return real(path)

    put("a.yaml")
    Path("closed").mkdir()
    monkeypatch.setattr(os, "scandir", scandir)
    error = list(load_all(["."]))[1]

    assert str(error) == "closed: cannot be read: Permission denied"
    assert find_templates(["."]).skipped == (Skipped("closed", "cannot be read: Permission denied"),)


def test_a_name_with_a_nul_is_an_error() -> None:
    assert outcome("a\0b") == [("a\0b", "TemplateError")]


def test_each_file_is_read_once_and_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    write(**{"a.yaml": BUCKET, "b.yaml": BUCKET, "c.yaml": "x: 1"})
    opened: list[str] = []
    real = Path.open

    def note(self: Path, mode: str) -> object:
        opened.append(str(self))
        return real(self, mode)

    monkeypatch.setattr(Path, "open", note)
    found = load_all([".", "b.yaml"])

    assert isinstance(next(found), Template)
    assert opened == ["a.yaml"]
    assert len(list(found)) == 2
    assert opened == ["a.yaml", "b.yaml", "c.yaml"]


def test_an_error_keeps_no_traceback() -> None:
    put("a.yaml", "Resources: [")
    (error,) = load_all(["."])

    assert isinstance(error, TemplateError)
    assert error.__traceback__ is None
