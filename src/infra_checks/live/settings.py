"""What `deploy.yaml` says beside a template: what is packaged, and where the stack may go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from infra_checks.errors import ConfigError

FILE: Final = "deploy.yaml"
_KEYS: Final = {"template", "capabilities", "code", "regions"}
_CODE_KEYS: Final = {"parameter", "bucket-parameter", "folder"}


@dataclass(frozen=True, slots=True)
class Code:
    """A folder, the parameter that gets the key of its package, and the one that names the bucket."""

    parameter: str
    bucket_parameter: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Settings:
    """A template and how it is deployed; no `regions` are all."""

    template: Path
    capabilities: tuple[str, ...] = ()
    code: tuple[Code, ...] = ()
    regions: tuple[str, ...] = ()


def read_settings(path: Path) -> Settings:
    """The settings of a template, or of a folder with a deploy.yaml. Raises ConfigError."""
    if not path.is_dir():
        return Settings(path)
    file = path / FILE
    try:
        found = yaml.safe_load(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}; name a template instead of a folder") from error
    except yaml.MarkedYAMLError as error:
        raise ConfigError(f"{file}{_place(error)}: is no YAML: {error.problem}") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{file}: is no YAML: {' '.join(str(error).split())}") from error
    _require(file, found, _KEYS, "template")
    code = found.get("code") or []
    if not isinstance(code, list):
        raise ConfigError(f"{file}: code: has to be a list")
    return Settings(
        path / str(found["template"]),
        _texts(file, found, "capabilities"),
        tuple(_code(file, entry) for entry in code),
        _texts(file, found, "regions"),
    )


def _place(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark
    return f":{mark.line + 1}:{mark.column + 1}" if mark is not None else ""


def _require(file: Path, found: Any, known: set[str], *required: str) -> None:  # noqa: ANN401 - YAML
    if not isinstance(found, dict):
        raise ConfigError(f"{file}: has to hold mappings with {', '.join(sorted(known))}")
    unknown = sorted(str(key) for key in found if key not in known)
    if unknown:
        raise ConfigError(f"{file}: {unknown[0]} is not known; there are {', '.join(sorted(known))}")
    missing = sorted(key for key in required if not isinstance(found.get(key), str))
    if missing:
        raise ConfigError(f"{file}: {missing[0]} is missing or no text")


def _texts(file: Path, found: dict[str, Any], key: str) -> tuple[str, ...]:
    values = found.get(key) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ConfigError(f"{file}: {key}: has to be a list of texts")
    return tuple(values)


def _code(file: Path, entry: Any) -> Code:  # noqa: ANN401 - YAML
    _require(file, entry, _CODE_KEYS, *_CODE_KEYS)
    return Code(entry["parameter"], entry["bucket-parameter"], file.parent / entry["folder"])
