"""Files and bytes to text."""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path
from typing import Final

from infra_checks.errors import TemplateError
from infra_checks.template.limits import MAX_BYTES
from infra_checks.template.offsets import span_at
from infra_checks.template.source import SourceFile

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_ENCODINGS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)


def read_source(path: Path | str, data: bytes | None = None) -> SourceFile:
    """A file's text, or that of `data` under the file's name.

    Text is UTF-8, or UTF-16 or UTF-32 with a byte order mark. Raises TemplateError when the file cannot be
    read, is larger than CloudFormation takes or is not text.
    """
    name = str(path)
    if data is None:
        data = read_bytes(name)
    if len(data) > MAX_BYTES:
        message = f"is larger than {MAX_BYTES:,} bytes, the most CloudFormation takes; split it into nested stacks"
        raise TemplateError(message, file=name)
    return SourceFile(name, _decoded(name, data))


def read_bytes(name: str) -> bytes:
    """A regular file's bytes, at most one more than `MAX_BYTES`; raises TemplateError when it has none to give."""
    try:
        # The kind is asked before opening: opening a named pipe would wait for a writer for ever.
        mode = os.stat(name).st_mode  # noqa: PTH116
        if stat.S_ISREG(mode):
            with Path(name).open("rb") as file:
                return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise TemplateError("does not exist", file=name) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise TemplateError(f"cannot be read: {reason}", file=name) from error
    kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
    raise TemplateError(f"is {kind}, not a template", file=name)


def _decoded(name: str, data: bytes) -> str:
    mark, codec, title = next((row for row in _ENCODINGS if data.startswith(row[0])), (b"", "utf-8", "UTF-8"))
    body = data[len(mark) :]
    try:
        text = body.decode(codec)
    except UnicodeDecodeError as error:
        message = f"is not {title} text (byte {body[error.start]:#04x}); save it as UTF-8"
        before = body[: error.start].decode(codec)
        raise TemplateError(message, file=name, span=span_at(before, len(before))) from None
    # libyaml would drop a second mark and count every later column of the line wrongly.
    text = text.lstrip("\ufeff")
    if (at := text.find("\0")) >= 0:
        raise TemplateError("holds a NUL character, so it is not text", file=name, span=span_at(text, at))
    return text
