"""Policy variables as they are written: `${aws:username}`, `${aws:username, 'nobody'}`, `${*}`.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.iam.document import Opaque
from infra_checks.iam.operators import OPERATORS, Family, spelled
from infra_checks.iam.validate.problems import problem
from infra_checks.iam.validate.texts import HOLE, flat, items, readable, text_of
from infra_checks.iam.variables import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.iam.document import Document, Path
    from infra_checks.iam.validate.drafts import Draft, Part
    from infra_checks.iam.validate.problems import Problem

_OPEN: Final = re.compile(r"\$\{([^{}]*)(\}?)")
_VARIABLE: Final = re.compile(r"\$\{[^{}:]+:[^{}]+\}")
_ESCAPES: Final = frozenset("*?$")
_WITH_VARIABLES: Final = (Family.STRING, Family.ARN)


def check_variables(draft: Draft, part: Part) -> Iterator[Problem]:
    """Variables in every text of a statement."""
    for name in ("Sid", "Effect", "Action", "NotAction"):
        for text, path in _texts(part.element.get(name), (*part.path, name)):
            yield from _unsupported(text, path, name)
    for name in ("Principal", "NotPrincipal"):
        value = part.element.get(name)
        for kind, names in value.items() if isinstance(value, dict) else ():
            for text, path in _texts(names, (*part.path, name, kind)):
                yield from _unsupported(text, path, name)
    for name in ("Resource", "NotResource"):
        for text, path in _texts(part.element.get(name), (*part.path, name)):
            yield from _supported(draft, text, path)
    yield from _in_conditions(draft, part)


def _texts(value: Document, path: Path) -> Iterator[tuple[str, Path]]:
    for item, where in items(value, path):
        text = text_of(item)
        if text is not None:
            found = flat(text)
            if "${" in found:
                yield found, where


def _unsupported(text: str, path: Path, name: str) -> Iterator[Problem]:
    yield problem("VARIABLE_UNSUPPORTED_IN_ELEMENT", path, f"has the variable {_shown(text)} in {name}")


def _in_conditions(draft: Draft, part: Part) -> Iterator[Problem]:
    condition = part.element.get("Condition")
    for written, keys in condition.items() if isinstance(condition, dict) else ():
        operator = spelled(written)
        for key, values in keys.items() if isinstance(keys, dict) else ():
            for text, path in _texts(values, (*part.path, "Condition", written, key)):
                if operator is None or OPERATORS[operator.operator].family in _WITH_VARIABLES:
                    yield from _supported(draft, text, path)
                else:
                    message = f"has the variable {_shown(text)} under {written}, which compares fixed values"
                    yield problem("INVALID_VARIABLE_FOR_OPERATOR", path, message)


def _supported(draft: Draft, text: str, path: Path) -> Iterator[Problem]:
    version = draft.version
    if version != VERSION and not isinstance(version, tuple | Opaque) and _VARIABLE.search(text):
        message = f"has the variable {_shown(text)}, which its Version takes for a plain text"
        yield problem("VARIABLE_UNSUPPORTED_IN_VERSION", path, message)
    for match in _OPEN.finditer(text):
        yield from _variable(match[1], path, closed=bool(match[2]), rest=text[match.end() :])


def _variable(inside: str, path: Path, *, closed: bool, rest: str) -> Iterator[Problem]:
    if HOLE in inside or (not closed and HOLE in rest):
        return
    name, comma, default = inside.partition(",")
    if not closed:
        yield problem("MISSING_BRACE_IN_VARIABLE", path, f"has the variable ${{{inside} without a closing brace")
    elif not inside.strip():
        yield problem("EMPTY_VARIABLE", path, "has a variable without a name")
    elif comma and not _is_quoted(default.strip()):
        yield problem("MISSING_QUOTE_IN_VARIABLE", path, f"has a variable with the default {default.strip()}, unquoted")
    elif " " in name.partition("/")[0]:  # the key of a tag, behind the slash, may have spaces
        yield problem("UNSUPPORTED_SPACE_IN_VARIABLE", path, f"has a space in the variable ${{{inside}}}")
    elif (":" not in name or "::" in name) and name not in _ESCAPES:
        yield problem("UNKNOWN_VARIABLE", path, f"has ${{{inside}}}, which is no policy variable and stays as it is")


def _is_quoted(default: str) -> bool:
    return len(default) > 1 and default.startswith("'") and default.endswith("'")


def _shown(text: str) -> str:
    match = _OPEN.search(text)
    return readable(match[0]) if match else text
