"""One pack file to data, each mistake with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

from infra_checks.core.closeness import nearest
from infra_checks.core.finding import Effect, Severity
from infra_checks.errors import PackError, TemplateError, WaiverError
from infra_checks.evaluate.stack import PSEUDO_PARAMETERS, RESOLVED
from infra_checks.packs.options import OptionError, defaults_of, option_name, option_value
from infra_checks.packs.schema import Pack, Setting
from infra_checks.packs.selectors import SEVERITIES, RuleNames, Selector, SelectorError
from infra_checks.template.load import parse_document
from infra_checks.template.nodes import Mapping, Scalar, Sequence
from infra_checks.waivers.peers import TOOLS
from infra_checks.waivers.read import read_waivers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra_checks.core.rule import Option, Rule
    from infra_checks.core.waiver import Waiver
    from infra_checks.template.nodes import Node
    from infra_checks.template.source import SourceFile, Span

_KEYS: Final = ("name", "description", "extends", "pins", "undecided", "rules", "waivers", "suppressions")
_SETTING_KEYS: Final = ("effect", "severity", "options")
_EFFECTS: Final = tuple(effect.value for effect in Effect)
_UNDECIDED: Final = {"block": Effect.BLOCK, "warn": Effect.WARN, "ignore": Effect.OFF}
_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PARAMETER: Final = re.compile(rf"[A-Za-z0-9]+({re.escape(RESOLVED)})?")


@dataclass(frozen=True, slots=True)
class PackFile:
    """A pack with its own settings only, and the nodes that name what it extends."""

    pack: Pack
    extends: tuple[Scalar, ...]


def read_pack(source: SourceFile, names: RuleNames) -> PackFile:
    """The pack in a text; raises PackError with the place of whatever is wrong with it."""
    return _Reader(source, names).pack_file()


def read_heading(source: SourceFile) -> tuple[str, str]:
    """The name and description of the pack in a text, without regard to its rules; raises PackError."""
    pack = _Reader(source, RuleNames(())).heading()
    return pack.name, pack.description


class _Reader:
    """Reads the parts of one file."""

    def __init__(self, source: SourceFile, names: RuleNames) -> None:
        self._file = source.name
        self._names = names
        try:
            self._root = parse_document(source)
        except TemplateError as error:
            raise PackError(error.message, file=self._file, span=error.span) from None

    def pack_file(self) -> PackFile:
        root = self._mapping(self._root, "a policy pack", _KEYS)
        heading = self.heading()
        extends = self._extends(root.get("extends"))
        pack = Pack(
            name=heading.name,
            description=heading.description,
            settings=self._settings(root.get("rules")),
            pins=self._pins(root.get("pins")),
            undecided=self._undecided(root.get("undecided")),
            waivers=self._waivers(root.get("waivers")),
            suppressions=frozenset(self._tools(root.get("suppressions"))),
            file=self._file,
        )
        return PackFile(pack, extends)

    def heading(self) -> Pack:
        root = self._mapping(self._root, "a policy pack", _KEYS)
        name = root.get("name")
        if name is None:
            self._fail("has no name; begin it with `name: my-pack`", root.span)
        description = root.get("description")
        return Pack(name=self._pack_name(name), description="" if description is None else self._text(description))

    def _pack_name(self, node: Node) -> str:
        text = self._text(node)
        if not _NAME.fullmatch(text):
            self._fail(f"name {text!r} must be of lower-case letters, digits and single hyphens", node.span)
        return text

    def _extends(self, node: Node | None) -> tuple[Scalar, ...]:
        found: dict[str, Scalar] = {}
        for item in self._scalars(node, "extends"):
            if self._text(item) in found:
                self._fail(f"extends {item.text!r} twice", item.span)
            found[item.text] = item
        return tuple(found.values())

    def _undecided(self, node: Node | None) -> Effect | None:
        if node is None:
            return None
        return _UNDECIDED[self._word(node, tuple(_UNDECIDED), "undecided")]

    def _waivers(self, node: Node | None) -> tuple[Waiver, ...]:
        if node is None:
            return ()
        try:
            return tuple(read_waivers(node, self._file, self._names.check_name, origin="pack"))
        except WaiverError as error:
            raise PackError(error.message, file=error.file, span=error.span) from None

    def _tools(self, node: Node | None) -> Iterable[str]:
        for item in self._scalars(node, "suppressions"):
            yield self._word(item, TOOLS, "suppressions")

    def _pins(self, node: Node | None) -> dict[str, tuple[str, ...]]:
        if node is None:
            return {}
        mapping = self._mapping(node, "pins")
        return {self._parameter(key): self._values(key, mapping.entries[key.text]) for key in mapping.keys.values()}

    def _parameter(self, key: Scalar) -> str:
        if key.text not in PSEUDO_PARAMETERS and not _PARAMETER.fullmatch(key.text):
            hint = nearest(key.text, sorted(PSEUDO_PARAMETERS)) if ":" in key.text else ""
            self._fail(f"{key.text!r} is not the name of a parameter{hint}", key.span)
        return key.text

    def _values(self, key: Scalar, node: Node) -> tuple[str, ...]:
        values: dict[str, None] = {}
        for item in self._scalars(node, f"pin {key.text}"):
            if item.value is None:
                self._fail(f'pin {key.text} has no value; write "" for the empty text', item.span)
            values[item.literal] = None
        if not values:
            self._fail(f"pin {key.text} has no values", node.span)
        return tuple(values)

    def _settings(self, node: Node | None) -> tuple[Setting, ...]:
        if node is None:
            return ()
        mapping = self._mapping(node, "rules")
        first: dict[Selector, Scalar] = {}
        settings = []
        for key in mapping.keys.values():
            selector = self._selector(key)
            if selector in first:
                self._fail(f"{key.text!r} names the same rules as {first[selector].text!r} before it", key.span)
            first[selector] = key
            settings.append(self._setting(key, selector, mapping.entries[key.text]))
        return tuple(settings)

    def _selector(self, key: Scalar) -> Selector:
        try:
            return self._names.selector(key.text)
        except SelectorError as error:
            self._fail(str(error), key.span)

    def _setting(self, key: Scalar, selector: Selector, node: Node) -> Setting:
        if isinstance(node, Scalar):
            effect = Effect(self._word(node, _EFFECTS, key.text))
            return Setting(selector=selector, effect=effect, file=self._file, span=key.span)
        mapping = self._mapping(node, key.text, _SETTING_KEYS)
        if not mapping.entries:
            self._fail(f"{key.text} says nothing; give it an effect, a severity or options", node.span)
        effect_node, severity, options = (mapping.get(name) for name in _SETTING_KEYS)
        return Setting(
            selector=selector,
            effect=Effect(self._word(effect_node, _EFFECTS, "effect")) if effect_node else None,
            severity=Severity[self._word(severity, SEVERITIES, "severity").upper()] if severity else None,
            options=self._options(options, self._names.named(selector)) if options else {},
            file=self._file,
            span=key.span,
        )

    def _options(self, node: Node, rules: tuple[Rule, ...]) -> dict[str, Option]:
        mapping = self._mapping(node, "options")
        options = {}
        for key in mapping.keys.values():
            value = mapping.entries[key.text]
            try:
                defaults = defaults_of(key.text, rules)
            except OptionError as error:
                self._fail(str(error), key.span)
            try:
                options[option_name(key.text)] = option_value(key.text, value, defaults)
            except OptionError as error:
                self._fail(str(error), value.span)
        return options

    def _mapping(self, node: Node, what: str, keys: tuple[str, ...] | None = None) -> Mapping:
        if not isinstance(node, Mapping):
            self._fail(f"{what} must be a mapping", node.span)
        for key in node.keys.values():
            if keys is not None and key.text not in keys:
                self._fail(f"{what} has no key {key.text!r}{nearest(key.text, keys)}", key.span)
        return node

    def _scalars(self, node: Node | None, what: str) -> Iterable[Scalar]:
        items = node.items if isinstance(node, Sequence) else (node,) if node is not None else ()
        for item in items:
            if not isinstance(item, Scalar):
                self._fail(f"{what} must be text or a list of texts", item.span)
            yield item

    def _text(self, node: Node) -> str:
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            self._fail("must be text; put numbers and the like in quotes", node.span)
        return node.value

    def _word(self, node: Node, words: tuple[str, ...], what: str) -> str:
        if not isinstance(node, Scalar) or node.value not in words:
            given = f", not {node.text!r}" if isinstance(node, Scalar) and node.text else ""
            self._fail(f"{what} must be {', '.join(words[:-1])} or {words[-1]}{given}", node.span)
        return node.text

    def _fail(self, message: str, span: Span) -> NoReturn:
        raise PackError(message, file=self._file, span=span)
