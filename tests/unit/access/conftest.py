from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Protocol

import pytest

from infra_checks.core.resource import Surroundings
from infra_checks.evaluate.foreach import expand
from infra_checks.evaluate.scenario import Scenario
from infra_checks.evaluate.stack import Pins, Stack
from infra_checks.template.load import load_template

if TYPE_CHECKING:
    from infra_checks.core.resource import Resource


class Reader(Protocol):
    def __call__(self, text: str, name: str = "Subject", **pins: str) -> Resource: ...


def stack_of(text: str, pins: dict[str, str] | None = None) -> Stack:
    """The stack of a template."""
    given = Pins({name: (value,) for name, value in (pins or {}).items()})
    template, unexpanded = expand(load_template("t.yaml", dedent(text).encode()), given)
    return Stack(template, given, unexpanded)


def surroundings(text: str, pins: dict[str, str] | None = None, scenario: Scenario | None = None) -> Surroundings:
    """The stack of a template in its first scenario."""
    return Surroundings(stack_of(text, pins), scenario or Scenario())


@pytest.fixture
def read() -> Reader:
    def of(text: str, name: str = "Subject", **pins: str) -> Resource:
        resource = surroundings(text, pins).get(name)
        assert resource is not None
        return resource

    return of
