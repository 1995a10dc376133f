"""What a rule reads: the properties it asks for while it judges its own cases.

Nothing in the package records this. Only here, while a generator runs, the accessors of View are replaced by ones
that write down what they are asked for.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

from infra_checks.core.resource import PROPERTIES, TEMPLATE, Resource, Surroundings
from infra_checks.evaluate.view import View
from infra_checks.testing import findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra_checks.core.rule import Rule
    from infra_checks.evaluate.values import Path
    from infra_checks.testing import Case

EACH = "[]"
"""Stands for the elements of a list, and for any entry, in a path that is shown."""


class Recorder:
    """Which paths of resources of which type were asked for."""

    def __init__(self) -> None:
        self.paths: dict[str, set[Path]] = {}
        self._owners: dict[int, str] = {}
        self._kept: list[View] = []  # As long as a view lives, no other one has its id.
        self._within: list[str] = [""]
        self._paused = 0

    def made(self, view: View, owner: str | None = None) -> None:
        """A view of a resource, or of a part of what is being read."""
        self._owners[id(view)] = self._within[-1] if owner is None else owner
        self._kept.append(view)

    @contextmanager
    def reading(self, view: View, path: Path | None) -> Iterator[None]:
        """What is made within belongs to the same resource; no path means that nothing is asked for yet."""
        owner = self._owners[id(view)]
        if path is not None and not self._paused:
            self.paths.setdefault(owner, set()).add(view.path + path)
        self._within.append(owner)
        try:
            yield
        finally:
            self._within.pop()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing is written down: a name is looked up, which says nothing of the rule."""
        self._paused += 1
        try:
            yield
        finally:
            self._paused -= 1


@contextmanager
def recorded() -> Iterator[Recorder]:
    """Record what is read as long as this lasts."""
    recorder = Recorder()
    make_view, make_resource = View.__init__, Resource.__init__
    value, at, keys = View.value, View.at, View.keys
    attribute, target_of = Resource.attribute, Surroundings.target_of

    def init_view(view: View, *arguments: Any) -> None:  # noqa: ANN401 - passed on
        make_view(view, *arguments)
        recorder.made(view)

    def init_resource(resource: Resource, *arguments: Any) -> None:  # noqa: ANN401 - passed on
        make_resource(resource, *arguments)
        recorder.made(resource, resource.type)

    def read_value(view: View, *path: str | int) -> object:
        with recorder.reading(view, path):
            return value(view, *path)

    def read_keys(view: View) -> object:
        with recorder.reading(view, ()):
            return keys(view)

    def go_to(view: View, *path: str | int) -> View:
        with recorder.reading(view, None):
            return at(view, *path)

    def read_attribute(resource: Resource, *path: str) -> object:
        with recorder.reading(resource, None):
            return attribute(resource, *path)

    def look_up(surroundings: Surroundings, named: Any) -> object:  # noqa: ANN401 - passed on
        with recorder.paused():
            return target_of(surroundings, named)

    replaced: tuple[tuple[type, str, object], ...] = (
        (View, "__init__", init_view),
        (View, "value", read_value),
        (View, "at", go_to),
        (View, "keys", read_keys),
        (Resource, "__init__", init_resource),
        (Resource, "attribute", read_attribute),
        (Surroundings, "target_of", look_up),
    )
    with ExitStack() as stack:
        for owner, name, replacement in replaced:
            stack.enter_context(mock.patch.object(owner, name, replacement))
        yield recorder


def reads(rule: Rule, cases: Iterable[Case]) -> dict[str, tuple[str, ...]]:
    """The properties that a rule asks for in its cases, by resource type; sorted, the longest paths only."""
    with recorded() as recorder:
        for case in cases:
            findings(
                rule,
                case.template,
                parameters=case.parameters,
                options=case.options,
                assume_any=case.assume_any,
                tags=case.tags,
            )
    shown = {kind: _longest(paths) for kind, paths in recorder.paths.items() if kind and kind != TEMPLATE}
    return {kind: paths for kind, paths in sorted(shown.items()) if paths}


def _longest(paths: Iterable[Path]) -> tuple[str, ...]:
    """Paths in words, without those that others begin with, and without a list's elements as one value."""
    all_paths = {tuple(EACH if isinstance(part, int) else part for part in path) for path in paths}
    longest = [path for path in all_paths if not any(_begins(other, path) for other in all_paths)]
    plain: dict[tuple[str, ...], tuple[str, ...]] = {}
    for path in sorted(longest, key=lambda path: (len(path), path)):
        plain[tuple(part for part in path if part != EACH)] = path
    return tuple(sorted(filter(None, map(_text, plain.values()))))


def _begins(path: tuple[str, ...], start: tuple[str, ...]) -> bool:
    return len(path) > len(start) and path[: len(start)] == start


def _text(path: tuple[str, ...]) -> str:
    names = path[1:] if path[:1] == (PROPERTIES,) else path
    return ".".join(names).replace(f".{EACH}", EACH)
