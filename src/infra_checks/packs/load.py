"""Packs by name or path, with the packs they extend, as one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from infra_checks.core.closeness import nearest
from infra_checks.errors import ConfigError, PackError, TemplateError
from infra_checks.packs.read import read_heading, read_pack
from infra_checks.packs.schema import Pack
from infra_checks.packs.selectors import RuleNames
from infra_checks.template.load import read_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra_checks.core.rule import Rule
    from infra_checks.template.nodes import Scalar
    from infra_checks.template.source import SourceFile

_SUFFIX: Final = ".yaml"
_PATH_ENDS: Final = (_SUFFIX, ".yml", ".json")
_PACKAGE: Final = Path(__file__).parent.parent
_FOLDERS: Final = (_PACKAGE / "policies", _PACKAGE.parent.parent / "policies")
"""Where shipped packs are: in an installed package, and in a checkout, beside `src`."""


def load_packs(names: Sequence[str], *, catalogue: Sequence[Rule]) -> Pack:
    """The packs with these names or paths, merged in this order: later ones win.

    A name is that of a shipped pack; what has a slash or ends in .yaml, .yml or .json is a path. A pack that
    several others extend is applied once, where it is met first. Raises PackError for what is wrong in a pack
    and ConfigError when no pack is named.
    """
    if not names:
        raise ConfigError("no policy pack is named; name one, such as baseline")
    loader = _Loader(RuleNames(catalogue))
    applied: list[Pack] = []
    named: list[Pack] = []
    for name in names:
        *extended, own = loader.lineage(_located(name, Path(), file=name))
        applied += [pack for pack in extended if pack not in applied]
        applied.append(own)
        named.append(own)
    return _merged(applied, named)


def shipped_packs() -> tuple[tuple[str, str], ...]:
    """The name and description of each pack that comes with the package, sorted by name."""
    return tuple(sorted(read_heading(_source(path)) for path in _shipped_paths().values()))


class _Loader:
    """Reads each file once and puts it after the packs it extends."""

    def __init__(self, names: RuleNames) -> None:
        self._names = names
        self._packs: dict[str, Pack] = {}
        self._lineages: dict[str, tuple[str, ...]] = {}

    def lineage(self, path: str) -> list[Pack]:
        """The pack in a file, last, and before it all it extends, each once and in the order to apply them."""
        return [self._packs[key] for key in self._keys(path, ())]

    def _keys(self, path: str, below: tuple[str, ...]) -> tuple[str, ...]:
        """The files of a lineage by their real paths; `below` are those that lead here, each extending the next."""
        key = os.path.realpath(path)
        if key not in self._lineages:
            file = read_pack(_source(path), self._names)
            self._add(key, file.pack)
            keys: dict[str, None] = {}
            for entry in file.extends:
                keys |= dict.fromkeys(self._extended(entry, path, (*below, key)))
            self._lineages[key] = (*keys, key)
        return self._lineages[key]

    def _extended(self, entry: Scalar, path: str, below: tuple[str, ...]) -> tuple[str, ...]:
        extended = _located(entry.text, Path(path).parent, file=path, entry=entry)
        key = os.path.realpath(extended)
        if key in below:
            chain = " -> ".join(self._packs[each].name for each in (*below[below.index(key) :], key))
            raise PackError(f"packs extend one another in a circle: {chain}", file=path, span=entry.span)
        return self._keys(extended, below)

    def _add(self, key: str, pack: Pack) -> None:
        other = next((known for known in self._packs.values() if known.name == pack.name), None)
        if other is not None:
            raise PackError(f"has the name {pack.name!r}, which is that of {other.file}; rename it", file=pack.file)
        self._packs[key] = pack


def _located(word: str, folder: Path, *, file: str, entry: Scalar | None = None) -> str:
    """The path of the pack that a word names; `file` and `entry` are where the word stands."""
    span = entry.span if entry else None
    if "/" not in word and os.sep not in word and not word.endswith(_PATH_ENDS):
        shipped = _shipped_paths()
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


def _shipped_paths() -> dict[str, str]:
    folder = next((folder for folder in _FOLDERS if folder.is_dir()), None)
    paths = folder.glob(f"*{_SUFFIX}") if folder else ()
    return {path.stem: str(path) for path in sorted(paths)}


def _source(path: str) -> SourceFile:
    try:
        return read_source(path)
    except TemplateError as error:
        raise PackError(error.message, file=error.file, span=error.span) from None


def _merged(packs: Sequence[Pack], named: Sequence[Pack]) -> Pack:
    """The packs as one that is called after those the user named."""
    pins: dict[str, tuple[str, ...]] = {}
    for pack in packs:
        pins |= pack.pins
    return Pack(
        name=" + ".join(pack.name for pack in named),
        description=named[0].description if len(named) == 1 else "",
        settings=tuple(setting for pack in packs for setting in pack.settings),
        pins=pins,
        undecided=next((pack.undecided for pack in reversed(packs) if pack.undecided is not None), None),
        waivers=tuple(waiver for pack in packs for waiver in pack.waivers),
        suppressions=frozenset().union(*(pack.suppressions for pack in packs)),
        file=named[-1].file,
    )
