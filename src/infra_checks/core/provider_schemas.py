"""The schemas of resource types, as the installed cfn-lint (extra `schemas`) carries them.

AWS: "Resource type schema" of the CloudFormation CLI user guide.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra_checks.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

Schema = dict[str, Any]
"""A schema as JSON has it."""


def schemas_of(region: str = "us-east-1") -> Callable[[str], Schema | None]:
    """What gives the schema of a type in a region, read when asked for; None for a type that has none there.

    Raises ConfigError when cfn-lint is not installed or carries no schemas of the region.
    """
    spec = find_spec("cfnlint")
    if spec is None or spec.origin is None:
        raise ConfigError("the schemas of resource types are missing; install infra-checks[schemas]")
    folder = Path(spec.origin).parent / "data" / "schemas"
    index = folder / "providers" / f"{region}.json"
    if not index.is_file():
        raise ConfigError(f"cfn-lint carries no schemas of {region}; install infra-checks[schemas] anew")
    digests: dict[str, str] = json.loads(index.read_text("utf-8"))

    @cache
    def schema_of(kind: str) -> Schema | None:
        if kind not in digests:
            return None
        schema: Schema = json.loads((folder / "resources" / f"{digests[kind]}.json").read_text("utf-8"))
        return schema

    return schema_of
