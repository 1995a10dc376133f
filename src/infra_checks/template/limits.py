"""How large and how deep a template may be.

AWS: "CloudFormation quotas" of the CloudFormation user guide. The number of resources is no limit of loading:
a template with too many is still readable, so a rule speaks of it.
"""

from __future__ import annotations

from typing import Final

MAX_BYTES: Final = 1_048_576
"""Bytes of a file. AWS: "Template body size in an Amazon S3 object", 1 MB."""

MAX_DEPTH: Final = 200
"""Levels of lists and mappings inside each other. Ours: far beyond any real template, far below the stack's end."""

MAX_NODES: Final = 250_000
"""Nodes that aliases may stand for in one file. Ours: about what a text of MAX_BYTES can hold without aliases."""
