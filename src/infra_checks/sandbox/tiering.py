"""S3's Intelligent-Tiering configurations, which moto takes for a request to make a bucket.

AWS: "PutBucketIntelligentTieringConfiguration" and its siblings of the S3 API reference. The XML is kept as it came.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs

_ELEMENT: Final = re.compile(r"<IntelligentTieringConfiguration.*</IntelligentTieringConfiguration>", re.DOTALL)
_NAMESPACE: Final = re.compile(r'\sxmlns="[^"]*"')

Answer = tuple[int, str]


class Tiering:
    """The configurations by bucket and id."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, str]] = {}

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()

    def answer(self, method: str, path: str, query: str, body: str) -> Answer:
        """The status and the document that answer a request."""
        asked = parse_qs(query, keep_blank_values=True)
        bucket = path.strip("/")
        kept = self._kept.setdefault(bucket, {})
        name = asked.get("id", [""])[0]
        if method == "PUT":
            found = _ELEMENT.search(body)
            kept[name] = _NAMESPACE.sub("", found[0]) if found else ""
            return 200, ""
        if method == "DELETE":
            kept.pop(name, None)
            return 204, ""
        if not name:
            listed = "".join(text for _, text in sorted(kept.items()))
            tag = "ListBucketIntelligentTieringConfigurationsOutput"
            return 200, f"<{tag}><IsTruncated>false</IsTruncated>{listed}</{tag}>"
        if name not in kept:
            return 404, "<Error><Code>NoSuchConfiguration</Code><Message>no such configuration</Message></Error>"
        return 200, kept[name]
