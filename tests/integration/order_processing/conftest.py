from __future__ import annotations

import pytest

from tests.integration.systems.deploying import ORDER_PROCESSING
from tests.integration.systems.fixtures import system_of
from tests.integration.systems.functions import Functions
from tests.integration.systems.system import System

system = pytest.fixture(scope="module")(system_of(ORDER_PROCESSING))


@pytest.fixture(scope="module")
def functions(system: System) -> Functions:
    return Functions(system, {})
