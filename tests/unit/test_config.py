from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from infra_checks.config import Settings, find_config, read_config
from infra_checks.errors import ConfigError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository that is the working folder."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _yaml(folder: Path, text: str) -> Path:
    file = folder / "infra-checks.yaml"
    file.write_text(text, "utf-8")
    return file


def _fails(file: Path, message: str) -> None:
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        read_config(file)


_EVERYTHING = Settings(
    paths=("templates",),
    pack=("production", "own/pack.yaml"),
    select=("iam", "s3-"),
    ignore=("low",),
    parameters=("Environment=production", "parameters.json"),
    stack_tags=("Project=orders", "tags.json"),
    format=("text", "sarif"),
    output={"sarif": "out.sarif"},
    fail_on="high",
    undecided="ignore",
    assume="any",
    max_scenarios=50,
    live=Settings(pack=("live", "own/live.yaml"), ignore=("low",), output={"json": "live.json"}, undecided="block"),
)


def test_yaml_has_every_setting(folder: Path) -> None:
    file = _yaml(
        folder,
        "paths: templates\n"
        "pack: [production, own/pack.yaml]\n"
        "select: [iam, s3-]\n"
        "ignore: low\n"
        "parameters: [Environment=production, parameters.json]\n"
        "stack-tags: [Project=orders, tags.json]\n"
        "format: [text, sarif]\n"
        "output: {sarif: out.sarif}\n"
        "fail-on: high\n"
        "undecided: ignore\n"
        "assume: any\n"
        "max-scenarios: 50\n"
        "live: {pack: [live, own/live.yaml], ignore: low, output: {json: live.json}, undecided: block}\n",
    )
    assert read_config(file) == _EVERYTHING


def test_pyproject_has_every_setting(folder: Path) -> None:
    file = folder / "pyproject.toml"
    file.write_text(
        "[tool.infra-checks]\n"
        'paths = "templates"\n'
        'pack = ["production", "own/pack.yaml"]\n'
        'select = ["iam", "s3-"]\n'
        'ignore = "low"\n'
        'parameters = ["Environment=production", "parameters.json"]\n'
        'stack-tags = ["Project=orders", "tags.json"]\n'
        'format = ["text", "sarif"]\n'
        'fail-on = "high"\n'
        'undecided = "ignore"\n'
        'assume = "any"\n'
        "max-scenarios = 50\n"
        "[tool.infra-checks.output]\n"
        'sarif = "out.sarif"\n'
        "[tool.infra-checks.live]\n"
        'pack = ["live", "own/live.yaml"]\n'
        'ignore = "low"\n'
        'output = {json = "live.json"}\n'
        'undecided = "block"\n'
    )
    assert read_config(file) == _EVERYTHING


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n"])
def test_an_empty_file_sets_nothing(folder: Path, text: str) -> None:
    assert read_config(_yaml(folder, text)) == Settings()


def test_paths_are_relative_to_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    absolute = str(folder / "x.yaml")
    file = _yaml(
        folder,
        "paths: [templates, .]\n"
        "pack: [./mine, baseline]\n"
        'parameters: [file://p.json, A=b, \'{"A": "b"}\', odd=name.json]\n'
        f"output: {{json: {absolute}}}\n",
    )
    (folder / "odd=name.json").touch()
    below = folder / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    up = os.path.join("..", "..")  # noqa: PTH118 - Path would drop the dots
    settings = read_config(file)
    assert settings.paths == (os.path.join(up, "templates"), up)  # noqa: PTH118
    assert settings.pack == (os.path.join(up, "mine"), "baseline")  # noqa: PTH118
    assert settings.parameters == (
        os.path.join(up, "p.json"),  # noqa: PTH118
        "A=b",
        '{"A": "b"}',
        os.path.join(up, "odd=name.json"),  # noqa: PTH118
    )
    assert settings.output == {"json": absolute}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selekt: x", "infra-checks.yaml:1:1: selekt: unknown setting; did you mean select?"),
        ("a: 1\n", "infra-checks.yaml:1:1: a: unknown setting"),
        ("live: {pakc: x}", "infra-checks.yaml:1:1: live.pakc: is no setting of `live`; did you mean pack?"),
        ("live: {paths: x}", "infra-checks.yaml:1:1: live.paths: is no setting of `live`"),
        ("live: {undecided: 1}", "infra-checks.yaml:1:1: live.undecided: must be a text, not a number"),
        (
            "live: x",
            "infra-checks.yaml:1:1: live: must map settings to values, such as {pack: live}, not a text",
        ),
        ("paths: x\nfail_on: low", "infra-checks.yaml:2:1: fail_on: unknown setting; did you mean fail-on?"),
        ("select: 1", "infra-checks.yaml:1:1: select: must be a text or a list of texts, not a number"),
        ("select: [1]", "infra-checks.yaml:1:1: select: must be a text, not a number"),
        ("select: ['']", "infra-checks.yaml:1:1: select: must not be empty"),
        ("select:", "infra-checks.yaml:1:1: select: must be a text or a list of texts, not nothing"),
        (
            "select: !Ref x",
            "infra-checks.yaml:1:1: select: must be a text or a list of texts, not a value of another kind",
        ),
        (
            "fail-on: hihg",
            (
                "infra-checks.yaml:1:1: fail-on: must be one of info, low, medium, high, critical, never, "
                "not 'hihg'; did you mean high?"
            ),
        ),
        ("assume: [any]", "infra-checks.yaml:1:1: assume: must be a text, not a list"),
        ("max-scenarios: true", "infra-checks.yaml:1:1: max-scenarios: must be a whole number, not a boolean"),
        ("max-scenarios: '9'", "infra-checks.yaml:1:1: max-scenarios: must be a whole number, not a text"),
        ("max-scenarios: 0", "infra-checks.yaml:1:1: max-scenarios: must be at least 1, not 0"),
        (
            "output: out.sarif",
            "infra-checks.yaml:1:1: output: must map formats to files, such as {sarif: report.sarif}, not a text",
        ),
        ("output: {sarif: 1}", "infra-checks.yaml:1:1: output.sarif: must be a text, not a number"),
        ("output: {sarif: {a: b}}", "infra-checks.yaml:1:1: output.sarif: must be a text, not a mapping"),
        ("- pack", "infra-checks.yaml: must be a mapping of settings, such as `pack: baseline`"),
        ("pack: a\npack: b", "infra-checks.yaml:2:1: key 'pack' is given twice; it is first given at line 1, column 1"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_key(folder: Path, text: str, message: str) -> None:
    _fails(_yaml(folder, text), message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[tool.infra-checks]\npaks = 1",
            "pyproject.toml: tool.infra-checks.paks: unknown setting; did you mean pack?",
        ),
        ("[tool]\ninfra-checks = 1", "pyproject.toml: tool.infra-checks must be a table"),
        ("[project]\nname = 'infra-checks'", "pyproject.toml: has no table [tool.infra-checks]"),
        ("tool = 1", "pyproject.toml: has no table [tool.infra-checks]"),
    ],
)
def test_what_is_wrong_in_pyproject_is_told_with_file_and_key(folder: Path, text: str, message: str) -> None:
    file = folder / "pyproject.toml"
    file.write_text(text)
    _fails(file, message)


def test_broken_files_are_told(folder: Path) -> None:
    project = folder / "pyproject.toml"
    project.write_text("infra-checks = [")
    with pytest.raises(ConfigError, match=r"^pyproject.toml: is not valid TOML: Invalid value"):
        find_config(folder)
    with pytest.raises(ConfigError, match=r"^infra-checks.yaml:\d+:\d+: is not valid YAML"):
        read_config(_yaml(folder, "a: [\n"))


@pytest.mark.parametrize("name", ["none.yaml", "none.toml"])
def test_a_missing_file_is_told(folder: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=rf"^{name}: (does not exist|cannot be read: No such file)"):
        read_config(folder / name)


def test_the_nearest_file_counts(folder: Path) -> None:
    below = folder / "a"
    below.mkdir()
    top = _yaml(folder, "")
    assert find_config(below) == top
    own = _yaml(below, "")
    assert find_config(below) == own


def test_our_own_file_goes_before_pyproject(folder: Path) -> None:
    project = folder / "pyproject.toml"
    project.write_text("[tool.infra-checks]\n")
    assert find_config(folder) == project
    hidden = folder / ".infra-checks.yaml"
    hidden.touch()
    assert find_config(folder) == hidden
    assert find_config(folder) == hidden
    assert _yaml(folder, "") == find_config(folder)


@pytest.mark.parametrize("text", ["[tool.other]\n", "[project]\nname = 'uses infra-checks'\n"])
def test_a_pyproject_without_our_table_is_passed_over(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(text)
    assert find_config(folder) is None


def test_the_search_ends_at_the_repositorys_root(folder: Path) -> None:
    _yaml(folder, "")
    inner = folder / "inner"
    (inner / "below").mkdir(parents=True)
    (inner / ".git").touch()
    assert find_config(inner / "below") is None


def test_without_a_repository_the_search_ends_at_the_top(tmp_path: Path) -> None:
    assert find_config(tmp_path) is None


def test_a_pyproject_that_cannot_be_read_is_passed_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_file: Path) -> bytes:
        raise PermissionError

    (folder / "pyproject.toml").write_text("[tool.infra-checks]\n")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert find_config(folder) is None


def test_a_file_on_another_drive_is_shown_with_its_full_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> str:
        raise ValueError

    file = _yaml(folder, "x: 1")
    monkeypatch.setattr(os.path, "relpath", refuse)
    with pytest.raises(ConfigError, match=f"^{re.escape(str(file))}:1:1: x: unknown setting$"):
        read_config(file)
