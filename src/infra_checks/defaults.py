"""How assertions judge when they do not say it themselves: what a test run was asked for.

Nothing but the standard library is imported here: every run of pytest imports it, whatever is tested.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Defaults:
    """The fields of `api.Request` by their names, read when they are first needed, the folder that reports name files
    from, and the packs that the run asks for beside its settings.
    """

    request: Callable[[], Mapping[str, Any]]
    root: Path
    packs: tuple[str, ...] = ()


_RUNS: Final[list[Defaults]] = []
"""Those of the running test runs, the innermost last: a test may run pytest in its own process."""


def current() -> Defaults | None:
    """Those of the running test run; None outside of one."""
    return _RUNS[-1] if _RUNS else None


@contextmanager
def using(defaults: Defaults) -> Iterator[None]:
    """Make them current for a while."""
    _RUNS.append(defaults)
    try:
        yield
    finally:
        _RUNS.remove(defaults)
