from __future__ import annotations

import pytest

from tests.integration.systems.deploying import CICD_PIPELINE
from tests.integration.systems.fixtures import system_of

system = pytest.fixture(scope="module")(system_of(CICD_PIPELINE))
