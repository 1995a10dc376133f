from __future__ import annotations

import pytest

from tests.integration.systems.deploying import STAGING_SAAS
from tests.integration.systems.fixtures import system_of
from tests.integration.systems.functions import Functions
from tests.integration.systems.system import System

system = pytest.fixture(scope="module")(system_of(STAGING_SAAS, "staging"))


@pytest.fixture(scope="module")
def functions(system: System) -> Functions:
    return Functions(
        system,
        {system.outputs["MaskingFunctionName"]: "masking", system.outputs["RotationFunctionName"]: "rotation"},
    )
