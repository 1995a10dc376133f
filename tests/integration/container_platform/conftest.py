from __future__ import annotations

import pytest

from tests.integration.systems.deploying import CONTAINER_PLATFORM
from tests.integration.systems.fixtures import system_of

system = pytest.fixture(scope="module")(system_of(CONTAINER_PLATFORM))
