"""Packs by name or path, with the packs they extend, as one."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Final

from infra_checks.core.closeness import nearest
from infra_checks.errors import ConfigError, PackError, TemplateError
from infra_checks.packs.read import PackFile, read_heading, read_outline, read_pack
from infra_checks.packs.schema import Pack, merged
from infra_checks.packs.selectors import RuleNames
from infra_checks.template.load import read_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra_checks.core.framework import Framework
    from infra_checks.core.rule import Rule
    from infra_checks.template.nodes import Scalar
    from infra_checks.template.source import SourceFile

_SUFFIX: Final = ".yaml"
_PATH_ENDS: Final = (_SUFFIX, ".yml", ".json")
_PACKAGE: Final = Path(__file__).parent.parent
_FOLDERS: Final = (_PACKAGE / "policies", _PACKAGE.parent.parent / "policies")
"""Where shipped packs are: in an installed package, and in a checkout, beside `src`."""

_CONTROLS: Final = "controls"
"""The folder of the files of controls, below that of the packs."""


def load_packs(names: Sequence[str], *, catalogue: Sequence[Rule]) -> Pack:
    """The packs with these names or paths, merged in this order: later ones win.

    A name is that of a shipped pack or file of controls; what has a slash or ends in .yaml, .yml or .json is a path.
    A pack that several others extend is applied once, where it is met first. Raises PackError for what is wrong in a
    pack and ConfigError when no pack is named.
    """
    if not names:
        raise ConfigError("no policy pack is named; name one, such as baseline")
    loader = _Loader(catalogue)
    applied: list[Pack] = []
    named: list[Pack] = []
    for name in names:
        *extended, own = loader.lineage(_located(name, Path(), file=name))
        applied += [pack for pack in extended if pack not in applied]
        applied.append(own)
        named.append(own)
    whole = replace(
        reduce(merged, applied),
        name=" + ".join(pack.name for pack in named),
        description=named[0].description if len(named) == 1 else "",
    )
    _check_limits(whole)
    return whole


def load_framework(name: str, *, catalogue: Sequence[Rule]) -> Framework:
    """The controls of a shipped standard, or of a file; PackError for what is wrong with it."""
    pack = _Loader(catalogue).lineage(_located(name, Path(), file=name))[-1]
    if not pack.frameworks:
        names = ", ".join(each for each, _ in shipped_frameworks())
        raise PackError(f"is a policy pack without controls; known files of controls are {names}", file=name)
    return pack.frameworks[-1]


def shipped_packs() -> tuple[tuple[str, str], ...]:
    """The name and description of each pack that comes with the package, sorted by name."""
    return tuple(sorted(read_heading(_source(path)) for path in _shipped_paths().values()))


def shipped_frameworks() -> tuple[tuple[str, str], ...]:
    """The name and description of each file of controls that comes with the package, sorted by name."""
    return tuple(sorted(read_heading(_source(path)) for path in _shipped_paths(_CONTROLS).values()))


def schema_of(what: str) -> str:
    """The text of the JSON schema of packs (`pack`) or of files of controls (`controls`)."""
    folder = next(folder for folder in _FOLDERS if folder.is_dir())
    below = folder / _CONTROLS if what == _CONTROLS else folder
    return (below / f"{what}.schema.json").read_text("utf-8")


def _check_limits(pack: Pack) -> None:
    """Complain of a pin that leaves nothing of the Regions or accounts that are allowed."""
    for parameter, allowed in pack.limits.items():
        pinned = pack.pins.get(parameter, allowed)
        if not set(pinned) & set(allowed):
            message = f"{parameter} is pinned to {', '.join(pinned)}, but limited to {', '.join(allowed)}"
            raise PackError(message, file=pack.file)


class _Loader:
    """Reads each file once and puts it after the packs it extends."""

    def __init__(self, catalogue: Sequence[Rule]) -> None:
        self._names = RuleNames(catalogue)
        self._outlines: dict[str, PackFile] = {}
        self._lineages: dict[str, tuple[str, ...]] = {}
        self._packs: dict[str, Pack] = {}

    def lineage(self, path: str) -> list[Pack]:
        """The pack in a file, last, and before it all it extends, each once and in the order to apply them."""
        return [self._pack(key) for key in self._keys(path, ())]

    def _pack(self, key: str) -> Pack:
        if key not in self._packs:
            own = tuple(rule for each in self._lineages[key] for rule in self._outlines[each].rules)
            names = RuleNames((*self._names.rules, *own)) if own else self._names
            self._packs[key] = read_pack(self._outlines[key], names)
        return self._packs[key]

    def _keys(self, path: str, below: tuple[str, ...]) -> tuple[str, ...]:
        """The files of a lineage by their real paths; `below` are those that lead here, each extending the next."""
        key = os.path.realpath(path)
        if key not in self._lineages:
            outline = read_outline(_source(path))
            self._check_names(outline)
            self._outlines[key] = outline
            keys: dict[str, None] = {}
            for entry in outline.extends:
                keys |= dict.fromkeys(self._extended(entry, path, (*below, key)))
            self._lineages[key] = (*keys, key)
        return self._lineages[key]

    def _extended(self, entry: Scalar, path: str, below: tuple[str, ...]) -> tuple[str, ...]:
        extended = _located(entry.text, Path(path).parent, file=path, entry=entry)
        key = os.path.realpath(extended)
        if key in below:
            chain = " -> ".join(self._outlines[each].name for each in (*below[below.index(key) :], key))
            raise PackError(f"packs extend one another in a circle: {chain}", file=path, span=entry.span)
        return self._keys(extended, below)

    def _check_names(self, outline: PackFile) -> None:
        """Complain of a pack, or a rule of its own, that has the name of another one."""
        for other in self._outlines.values():
            if other.name == outline.name:
                message = f"has the name {outline.name!r}, which is that of {other.file}; rename it"
                raise PackError(message, file=outline.file)
        known = [*self._names.rules, *(rule for other in self._outlines.values() for rule in other.rules)]
        taken = {name: rule for rule in known for name in (rule.id, *rule.aliases)} if outline.rules else {}
        for rule in outline.rules:
            for name in (rule.id, *rule.aliases):
                if taken.setdefault(name, rule) is not rule:
                    message = f"two rules are named {name}: {taken[name].location} and {rule.location}; rename one"
                    raise PackError(message, file=outline.file)


def _located(word: str, folder: Path, *, file: str, entry: Scalar | None = None) -> str:
    """The path of the pack that a word names; `file` and `entry` are where the word stands."""
    span = entry.span if entry else None
    if "/" not in word and os.sep not in word and not word.endswith(_PATH_ENDS):
        shipped = {**_shipped_paths(_CONTROLS), **_shipped_paths()}
        if word in shipped:
            return shipped[word]
        message = f"there is no shipped pack {word!r} (a path has a / or ends in {_SUFFIX}){nearest(word, shipped)}"
        raise PackError(message, file=file, span=span)
    path = os.path.normpath(folder / word)
    if not Path(path).is_file():
        raise PackError(
            "does not exist" if entry is None else f"extends {word!r}, which does not exist", file=file, span=span
        )
    return path


def _shipped_paths(below: str = "") -> dict[str, str]:
    folder = next((folder for folder in _FOLDERS if folder.is_dir()), None)
    paths = (folder / below).glob(f"*{_SUFFIX}") if folder else ()
    return {path.stem: str(path) for path in sorted(paths)}


def _source(path: str) -> SourceFile:
    try:
        return read_source(path)
    except TemplateError as error:
        raise PackError(error.message, file=error.file, span=error.span) from None
