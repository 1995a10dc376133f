"""Templates from YAML to JSON and back, by cfn-flip; what would change their meaning is refused."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

from infra_checks.errors import ConfigError, ConversionError
from infra_checks.evaluate.symbols import canonical
from infra_checks.template.load import parse, read_source, template_of
from infra_checks.template.nodes import Call, Mapping, Scalar, Sequence
from infra_checks.template.source import SourceFile

if TYPE_CHECKING:
    from types import ModuleType

    from infra_checks.template.nodes import Node

FORMS: Final = ("json", "yaml")


@dataclass(frozen=True, slots=True)
class Converted:
    """A converted template; `comments` are the lines of the original whose comments it no longer has."""

    text: str
    form: str
    comments: tuple[int, ...]


def convert(
    name: str, data: bytes | None = None, *, to: str | None = None, long_form: bool = False, clean: bool = False
) -> Converted:
    """The template in a file (or in `data`) in the other form, or the one named by `to`.

    `long_form` writes `Fn::Sub:` instead of `!Sub`. `clean` also rewrites functions, such as Fn::Join to Fn::Sub,
    where the meaning stays the same; that is cfn-flip's own judgement. Raises TemplateError for what is no template,
    ConversionError when the result would mean something else, ConfigError when cfn-flip is not installed.
    """
    flip = _flip()
    source = read_source(name, data)
    root = parse(source)
    template_of(source, root)
    form = "json" if source.text.lstrip(" \t\r\n")[:1] in {"{", "["} else "yaml"
    target = to or ("yaml" if form == "json" else "json")
    try:
        if target == "json":
            text = flip.to_json(source.text, clean_up=clean) + "\n"
        else:
            text = flip.to_yaml(source.text, clean_up=clean, long_form=long_form)
    except Exception as error:  # noqa: BLE001 - whatever cfn-flip does not take; it has no errors of its own
        raise ConversionError(f"cfn-flip cannot convert it: {type(error).__name__}", file=name) from None
    if not clean:
        _check_equal(root, text, name)
    return Converted(text, target, _comments(source.text) if form == "yaml" else ())


def _flip() -> ModuleType:
    try:
        return import_module("cfn_flip")  # An extra, and slow to import.
    except ImportError:
        raise ConfigError("convert needs cfn-flip; install infra-checks[convert]") from None


def _check_equal(root: Node, text: str, name: str) -> None:
    difference = _difference(root, parse(SourceFile(name, text)))
    if difference is not None:
        what = difference.text if isinstance(difference, Scalar) else canonical(difference)
        shown = what if len(what) <= 60 else f"{what[:60]}..."  # noqa: PLR2004 - enough to find it
        raise ConversionError(
            f"{shown} would get another meaning; write it in quotes, or as another expression of the same meaning",
            file=name,
            span=difference.span,
        )


def _difference(one: Node, other: Node) -> Node | None:
    """The innermost node of the first whose meaning is not that of its counterpart."""
    if canonical(one) == canonical(other):
        return None
    named, other_named = _condition(one), _condition(other)
    if named is not None and other_named is not None:
        return _difference(named, other_named)
    pairs: list[tuple[Node, Node]] = []
    if isinstance(one, Mapping) and isinstance(other, Mapping) and one.entries.keys() == other.entries.keys():
        pairs = [(node, other.entries[key]) for key, node in one.entries.items()]
    elif isinstance(one, Sequence) and isinstance(other, Sequence) and len(one.items) == len(other.items):
        pairs = list(zip(one.items, other.items, strict=True))
    elif isinstance(one, Call) and isinstance(other, Call) and one.name == other.name:
        if _is_nothing(one.argument) and _is_nothing(other.argument):
            return None
        pairs = [(one.argument, other.argument)]
    inner = (found for found in (_difference(*pair) for pair in pairs) if found is not None)
    return next(inner, None) if pairs else one


def _condition(node: Node) -> Node | None:
    """What names the condition in `!Condition A` and in `{Condition: A}`, which are the same among conditions."""
    if isinstance(node, Call):
        return node.argument if node.name == "Condition" else None
    return node.entries["Condition"] if isinstance(node, Mapping) and node.entries.keys() == {"Condition"} else None


def _is_nothing(node: Node) -> bool:
    """Whether it is null or the empty text, which are the same to a function: `!GetAZs` and `!GetAZs ""`."""
    return isinstance(node, Scalar) and node.value in {None, ""}


def _comments(text: str) -> tuple[int, ...]:
    """The numbers of the lines that have a comment."""
    import yaml  # noqa: PLC0415 - most runs convert nothing

    loader = yaml.CLoader if hasattr(yaml, "CLoader") else yaml.Loader
    covered: set[int] = set()
    ends: dict[int, int] = {}
    for token in yaml.scan(text, Loader=loader):
        if isinstance(token, yaml.ScalarToken):
            covered.update(range(token.start_mark.line + 1, token.end_mark.line))
            ends[token.end_mark.line] = max(ends.get(token.end_mark.line, 0), token.end_mark.column)
    lines = text.splitlines()
    return tuple(
        number + 1 for number, line in enumerate(lines) if number not in covered and "#" in line[ends.get(number, 0) :]
    )
