"""Settings from a file: `infra-checks.yaml`, `.infra-checks.yaml` or `[tool.infra-checks]` of `pyproject.toml`.

The nearest file counts, from the working folder upward to the repository's root. The keys are the names of
the options of `infra-checks check`, and an option goes before the file. What is deployed is judged by the settings in
`live`, which are named like the options of `infra-checks live`; those of templates are not for it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from infra_checks.errors import ConfigError
from infra_checks.reporters import FORMATS as REPORTERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "ASSUMPTIONS",
    "FAIL_ON",
    "FORMATS",
    "OF_LIVE",
    "OF_REQUESTS",
    "TOOLS",
    "UNDECIDED",
    "Settings",
    "find_config",
    "read_config",
]

FAIL_ON: Final = ("info", "low", "medium", "high", "critical", "never")
UNDECIDED: Final = ("block", "warn", "ignore")
ASSUMPTIONS: Final = ("default", "any")
FORMATS: Final = tuple(REPORTERS)
TOOLS: Final = ("cfn-lint", "checkov")

OF_REQUESTS: Final = (
    *("paths", "pack", "select", "ignore", "parameters", "stack_tags"),
    *("max_scenarios", "baseline", "beside", "tools"),
)
"""The settings whose values are fields of a request as they are."""

OF_LIVE: Final = ("pack", "select", "ignore", "format", "output", "fail-on", "undecided", "framework")
"""The settings that can stand in `live`."""

_YAML_NAMES: Final = ("infra-checks.yaml", ".infra-checks.yaml")
_PYPROJECT: Final = "pyproject.toml"
_TABLE: Final = "tool.infra-checks"
_PACK_FILE: Final = re.compile(r"/|\\|\.(ya?ml|json)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a configuration file says; None and empty: nothing. Paths are relative to the working folder."""

    paths: tuple[str, ...] = ()
    pack: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    stack_tags: tuple[str, ...] = ()
    format: tuple[str, ...] = ()
    output: Mapping[str, str] = field(default_factory=dict)
    fail_on: str | None = None
    undecided: str | None = None
    framework: tuple[str, ...] = ()
    assume: str | None = None
    max_scenarios: int | None = None
    baseline: str = ""
    beside: tuple[str, ...] = ()
    tools: Mapping[str, str] = field(default_factory=dict)
    live: Settings | None = None

    def request(self) -> dict[str, Any]:
        """What it says of the fields of `api.Request`, by their names."""
        from infra_checks.core.finding import Effect  # noqa: PLC0415 - not for a format alone

        said: dict[str, Any] = {name: value for name in OF_REQUESTS if (value := getattr(self, name))}
        if self.framework:
            said["frameworks"] = self.framework
        if self.undecided:
            said["undecided"] = Effect("off" if self.undecided == "ignore" else self.undecided)
        if self.assume:
            said["assume_any"] = self.assume == "any"
        return said


def find_config(start: Path) -> Path | None:
    """The configuration file for a folder: its own, or that of the nearest folder above in the repository."""
    for folder in (start, *start.parents):
        for name in _YAML_NAMES:
            if (folder / name).is_file():
                return folder / name
        project = folder / _PYPROJECT
        if project.is_file() and _is_configured(project):
            return project
        if (folder / ".git").exists():
            return None
    return None


def _is_configured(project: Path) -> bool:
    """Whether a pyproject.toml has our table; reading TOML is put off for the many that do not name us."""
    try:
        if b"infra-checks" not in project.read_bytes():
            return False
    except OSError:
        return False
    return _toml_table(project) is not None


def read_config(file: Path) -> Settings:
    """The settings in a file; ConfigError with file and key when one is unknown or of the wrong type."""
    if file.suffix == ".toml":
        table = _toml_table(file)
        if table is None:
            raise ConfigError(f"{_shown(file)}: has no table [{_TABLE}]")
        entries = {key: (f"{_shown(file)}: {_TABLE}.{key}", value) for key, value in table.items()}
    else:
        entries = _yaml_entries(file)
    reader = _Reader(file.parent)
    values: dict[str, Any] = {_field(key): reader.read(key, place, value) for key, (place, value) in entries.items()}
    return Settings(**values)


def _field(key: str) -> str:
    """The field of Settings for a key; `with` is a word of Python's own."""
    return "beside" if key == "with" else key.replace("-", "_")


def _toml_table(file: Path) -> dict[str, Any] | None:
    import tomllib  # noqa: PLC0415 - most runs read no TOML

    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{_shown(file)}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{_shown(file)}: is not valid TOML: {error}") from error
    tool = document.get("tool")
    table = tool.get("infra-checks") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{_shown(file)}: {_TABLE} must be a table")
    return table


def _yaml_entries(file: Path) -> dict[str, tuple[str, Any]]:
    from infra_checks.errors import TemplateError  # noqa: PLC0415 - as below
    from infra_checks.template.load import parse_document, read_source  # noqa: PLC0415 - most runs read no such file
    from infra_checks.template.nodes import Mapping as MappingNode  # noqa: PLC0415 - as above

    try:
        source = read_source(_shown(file))
        if not any(line.split("#", 1)[0].strip(" \t-") for line in source.lines()):
            return {}
        root = parse_document(source)
    except TemplateError as error:
        raise ConfigError(str(error)) from error
    if not isinstance(root, MappingNode):
        raise ConfigError(f"{_shown(file)}: must be a mapping of settings, such as `pack: baseline`")
    return {
        key: (f"{source.name}:{root.keys[key].span.line}:{root.keys[key].span.column}: {key}", _plain(node))
        for key, node in root.entries.items()
    }


def _plain(node: object) -> object:
    """A node as plain data; an intrinsic function stays a node, which no setting takes."""
    if hasattr(node, "entries"):
        return {key: _plain(value) for key, value in node.entries.items()}
    if hasattr(node, "items"):
        return [_plain(item) for item in node.items]
    return getattr(node, "value", node)


class _Reader:
    """Turns the values of a file in a folder into settings."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kinds: dict[str, Callable[[str, object], object]] = {
            "paths": lambda place, value: tuple(map(self._path, _texts(place, value))),
            "pack": lambda place, value: tuple(map(self._pack, _texts(place, value))),
            "select": _texts,
            "ignore": _texts,
            "parameters": lambda place, value: tuple(map(self._parameter, _texts(place, value))),
            "stack-tags": lambda place, value: tuple(map(self._parameter, _texts(place, value))),
            "format": lambda place, value: tuple(_choice(place, each, FORMATS) for each in _texts(place, value)),
            "output": self._outputs,
            "fail-on": lambda place, value: _choice(place, value, FAIL_ON),
            "undecided": lambda place, value: _choice(place, value, UNDECIDED),
            "framework": lambda place, value: tuple(map(self._pack, _texts(place, value))),
            "assume": lambda place, value: _choice(place, value, ASSUMPTIONS),
            "max-scenarios": _count,
            "with": lambda place, value: tuple(_choice(place, each, TOOLS) for each in _texts(place, value)),
            "tools": self._programs,
            "baseline": lambda place, value: self._path(_text(place, value)),
            "live": self._live,
        }

    def read(self, key: str, place: str, value: object) -> object:
        """The value of a setting; ConfigError when there is no such setting or it cannot have the value."""
        if key not in self._kinds:
            raise ConfigError(f"{place}: unknown setting{_hint(key.replace('_', '-'), tuple(self._kinds))}")
        return self._kinds[key](place, value)

    def _path(self, text: str) -> str:
        """A path that is relative to the file, relative to the working folder."""
        joined = self._folder / text
        return text if joined.is_absolute() and text == str(joined) else os.path.relpath(joined)

    def _pack(self, text: str) -> str:
        return self._path(text) if _PACK_FILE.search(text) else text

    def _parameter(self, text: str) -> str:
        path = text.removeprefix("file://")
        is_inline = text.lstrip()[:1] in {"[", "{"} or ("=" in text and not (self._folder / text).is_file())
        return text if is_inline and path == text else self._path(path)

    def _live(self, place: str, value: object) -> Settings:
        if not isinstance(value, dict):
            raise ConfigError(f"{place}: must map settings to values, such as {{pack: live}}, not {_kind(value)}")
        for key in value:
            if key not in OF_LIVE:
                raise ConfigError(f"{place}.{key}: is no setting of `live`{_hint(str(key), OF_LIVE)}")
        said: dict[str, Any] = {_field(key): self.read(key, f"{place}.{key}", item) for key, item in value.items()}
        return Settings(**said)

    def _programs(self, place: str, value: object) -> dict[str, str]:
        if not isinstance(value, dict):
            raise ConfigError(f"{place}: must map tools to programs, not {_kind(value)}")
        return {_choice(place, name, TOOLS): _text(f"{place}.{name}", program) for name, program in value.items()}

    def _outputs(self, place: str, value: object) -> dict[str, str]:
        if not isinstance(value, dict):
            raise ConfigError(
                f"{place}: must map formats to files, such as {{sarif: report.sarif}}, not {_kind(value)}"
            )
        return {
            _choice(place, name, FORMATS): self._path(_text(f"{place}.{name}", file)) for name, file in value.items()
        }


def _texts(place: str, value: object) -> tuple[str, ...]:
    """A list of texts; one text is a list of one."""
    if isinstance(value, list):
        return tuple(_text(place, item) for item in value)
    if isinstance(value, str):
        return (_text(place, value),)
    raise ConfigError(f"{place}: must be a text or a list of texts, not {_kind(value)}")


def _text(place: str, value: object) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{place}: must be a text, not {_kind(value)}")
    if not value:
        raise ConfigError(f"{place}: must not be empty")
    return value


def _choice(place: str, value: object, choices: tuple[str, ...]) -> str:
    text = _text(place, value)
    if text not in choices:
        raise ConfigError(f"{place}: must be one of {', '.join(choices)}, not {text!r}{_hint(text, choices)}")
    return text


def _count(place: str, value: object) -> int:
    # A boolean is an int to Python, but nobody means it.
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigError(f"{place}: must be a whole number, not {_kind(value)}")
    if value < 1:
        raise ConfigError(f"{place}: must be at least 1, not {value}")
    return value


def _hint(text: str, choices: tuple[str, ...]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only for an error

    close = get_close_matches(text, choices, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    names = {bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "a mapping", str: "a text"}
    return names.get(type(value), "a value of another kind")


def _shown(file: Path) -> str:
    """The file's name in messages: relative to the working folder where that is no longer than absolute."""
    try:
        return min(os.path.relpath(file), str(file), key=len)
    except ValueError:  # Windows: on another drive.
        return str(file)
