"""Rules in Python that a pack brings along: from files beside it, and from installed packages.

A package offers rules under the entry point group `infra_checks.rules`; the entry point's name is what packs write, its
object a module whose attributes are rules. Naming a file or package runs its code.
"""

from __future__ import annotations

import os
import sys
import traceback
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

from infra_checks.core.closeness import nearest
from infra_checks.core.collecting import rules_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from infra_checks.core.rule import Rule
    from infra_checks.packs.reading import Reader
    from infra_checks.template.nodes import Scalar

GROUP: Final = "infra_checks.rules"


def rules_of_files(reader: Reader, files: Sequence[Scalar]) -> Iterator[Rule]:
    """The rules in Python files, whose paths are relative to the pack."""
    for entry in files:
        path = os.path.normpath(Path(reader.file).parent / entry.text)
        if not Path(path).is_file():
            reader.fail(f"rule file {path} does not exist", entry.span)
        yield from _loaded(reader, entry, path, _importer(path))


def rules_of_packages(reader: Reader, names: Sequence[Scalar]) -> Iterator[Rule]:
    """The rules of installed packages, by the names of their entry points."""
    if not names:
        return
    from importlib.metadata import entry_points  # noqa: PLC0415 - looks at every installed package

    offered = {point.name: point for point in entry_points(group=GROUP)}
    for entry in names:
        if entry.text not in offered:
            reader.fail(
                f"no installed package offers rules as {entry.text!r} (entry point group {GROUP})"
                f"{nearest(entry.text, sorted(offered))}",
                entry.span,
            )
        yield from _loaded(reader, entry, f"package {entry.text}", offered[entry.text].load)


def _importer(path: str) -> Callable[[], ModuleType]:
    """Imports a file under a name of its own, so that files of the same name in several folders do not mix."""

    def load() -> ModuleType:
        full = os.path.realpath(path)
        name = f"infra_checks_rules_{sha256(full.encode()).hexdigest()[:16]}"
        if name in sys.modules:
            return sys.modules[name]
        spec = spec_from_file_location(name, full)
        if spec is None or spec.loader is None:
            raise ImportError(f"{path} is no Python file; its name must end in .py")
        module = module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
        return module

    return load


def _loaded(reader: Reader, entry: Scalar, what: str, load: Callable[[], object]) -> list[Rule]:
    try:
        module = load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the file raises, the run stops with it
        reader.fail(f"{what} cannot be loaded: {_told(error)}", entry.span)
    rules = list(rules_of(module)) if isinstance(module, ModuleType) else []
    if not rules:
        reader.fail(f"{what} has no rules; a rule is an attribute of the module, made with @rule", entry.span)
    return rules


def _told(error: BaseException) -> str:
    """The error with the place where it was raised, in one line."""
    text = " ".join(str(error).split())
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {text}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not _is_of_importing(frame.filename)]
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{f': {text}' if text else ''}{place}"


def _is_of_importing(file: str) -> bool:
    return file.startswith("<frozen importlib") or Path(file) == Path(__file__)
