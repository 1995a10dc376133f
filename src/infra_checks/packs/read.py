"""One pack file to data, each mistake with its place.

It takes two steps, because `rules` may name rules that the pack itself, or one it extends, brings along.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.core.closeness import nearest
from infra_checks.core.finding import Effect, Severity
from infra_checks.errors import PackError, RuleError, WaiverError
from infra_checks.evaluate.stack import PSEUDO_PARAMETERS, RESOLVED
from infra_checks.packs.options import OptionError, defaults_of, option_name, option_value
from infra_checks.packs.reading import Reader
from infra_checks.packs.schema import EVERY_FAMILY, TAGS_RULE, Pack, Setting, TagDemand
from infra_checks.packs.scope import EVERYWHERE, KINDS, TEMPLATES, Scope, problem_with
from infra_checks.packs.selectors import FAMILIES, SEVERITIES, Kind, RuleNames, Selector, SelectorError
from infra_checks.template.nodes import Mapping, Scalar
from infra_checks.waivers.peers import TOOLS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra_checks.core.rule import Option, Rule
    from infra_checks.core.waiver import Waiver
    from infra_checks.template.nodes import Node
    from infra_checks.template.source import SourceFile

KEYS: Final = (
    "name",
    "description",
    "extends",
    "environment",
    "pins",
    "regions",
    "accounts",
    "only",
    "except",
    "undecided",
    "tags",
    "rules",
    "own-rules",
    "rule-files",
    "rule-packages",
    "waivers",
    "suppressions",
)
_SETTING_KEYS: Final = ("effect", "severity", "options", "only", "except")
_EFFECTS: Final = tuple(effect.value for effect in Effect)
_UNDECIDED: Final = {"block": Effect.BLOCK, "warn": Effect.WARN, "ignore": Effect.OFF}
_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PARAMETER: Final = re.compile(rf"[A-Za-z0-9]+({re.escape(RESOLVED)})?")
_LIMITS: Final = {
    "regions": ("AWS::Region", r"[a-z]{2}(-[a-z]+)+-[0-9]+", "a Region such as eu-west-1"),
    "accounts": ("AWS::AccountId", r"[0-9]{12}", "an account id of 12 digits, in quotes"),
}


class PackFile(NamedTuple):
    """A pack of which nothing but the heading, its own rules and the names of what it extends is read yet."""

    reader: Reader
    name: str
    description: str
    extends: tuple[Scalar, ...]
    rules: tuple[Rule, ...]

    @property
    def file(self) -> str:
        """The path it was read from."""
        return self.reader.file


def read_outline(source: SourceFile) -> PackFile:
    """The first step; raises PackError with the place of whatever is wrong."""
    reader = Reader(source)
    name, description = _heading(reader)
    if _is_framework(reader):
        return PackFile(reader, name, description, (), ())
    root = reader.mapping(reader.root, "a policy pack", KEYS)
    extends = reader.texts(root.get("extends"), "extends")
    return PackFile(reader, name, description, extends, _brought(reader, root))


def _brought(reader: Reader, root: Mapping) -> tuple[Rule, ...]:
    """The rules that the pack brings along; the modules that read them are imported only for packs that do."""
    rules: list[Rule] = []
    if root.get("own-rules") is not None:
        from infra_checks.packs.own_rules import read_own_rules  # noqa: PLC0415 - see above

        rules += read_own_rules(reader, root.entries["own-rules"])
    if root.get("rule-files") is not None or root.get("rule-packages") is not None:
        from infra_checks.packs.python_rules import rules_of_files, rules_of_packages  # noqa: PLC0415 - see above

        files = reader.texts(root.get("rule-files"), "rule-files")
        packages = reader.texts(root.get("rule-packages"), "rule-packages")
        try:
            rules += rules_of_files(reader, files)
            rules += rules_of_packages(reader, packages)
        except RuleError as error:
            raise PackError(str(error), file=reader.file, span=root.span) from error
    return tuple(rules)


def read_heading(source: SourceFile) -> tuple[str, str]:
    """The name and description of the pack in a text, without regard to its rules; raises PackError."""
    return _heading(Reader(source))


def _is_framework(reader: Reader) -> bool:
    """Whether it is a file of controls rather than a pack."""
    return isinstance(reader.root, Mapping) and "controls" in reader.root.entries


def _heading(reader: Reader) -> tuple[str, str]:
    root = reader.mapping(reader.root, "a policy pack", None if _is_framework(reader) else KEYS)
    name = root.get("name")
    if name is None:
        reader.fail("has no name; begin it with `name: my-pack`", root.span)
    description = root.get("description")
    return _word(reader, name, "name"), "" if description is None else reader.text(description)


def _word(reader: Reader, node: Node, what: str) -> str:
    text = reader.text(node)
    if not _NAME.fullmatch(text):
        reader.fail(f"{what} {text!r} must be of lower-case letters, digits and single hyphens", node.span)
    return text


def read_pack(outline: PackFile, names: RuleNames) -> Pack:
    """The second step: the pack's own word, without what it extends. `names` has the rules of all of them."""
    reader = outline.reader
    if _is_framework(reader):
        from infra_checks.packs.controls import pack_of, read_framework  # noqa: PLC0415 - few runs are about controls

        return pack_of(read_framework(reader, names), reader.file)
    root = reader.mapping(reader.root, "a policy pack", KEYS)
    environment = root.get("environment")
    tags = _tags(reader, root.get("tags"))
    brought = tuple(Setting(selector=Selector(Kind.RULE, rule.id), effect=Effect.BLOCK) for rule in outline.rules)
    demanded = (Setting(selector=Selector(Kind.RULE, TAGS_RULE)),) if tags else ()
    return Pack(
        name=outline.name,
        description=outline.description,
        environment="" if environment is None else _word(reader, environment, "environment"),
        settings=brought + demanded + _Settings(reader, names).read(root.get("rules")),
        pins=_pins(reader, root),
        limits=_limits(reader, root),
        undecided=_undecided(reader, root.get("undecided")),
        tags=tags,
        scope=read_scope(reader, root),
        rules=outline.rules,
        waivers=_waivers(reader, root.get("waivers"), names),
        suppressions=_tools(reader, root.get("suppressions")),
        file=reader.file,
    )


def _waivers(reader: Reader, node: Node | None, names: RuleNames) -> tuple[Waiver, ...]:
    if node is None:
        return ()
    from infra_checks.waivers.read import read_waivers  # noqa: PLC0415 - few packs have waivers

    try:
        return tuple(read_waivers(node, reader.file, names.check_name, origin="pack"))
    except WaiverError as error:
        raise PackError(error.message, file=error.file, span=error.span) from None


def _tools(reader: Reader, node: Node | None) -> frozenset[str]:
    return frozenset(reader.word(item, TOOLS, "suppressions") for item in reader.scalars(node, "suppressions"))


def _tags(reader: Reader, node: Node | None) -> dict[str, TagDemand]:
    if node is None:
        return {}
    from infra_checks.packs.tags import read_tags  # noqa: PLC0415 - only for packs that demand tags

    return read_tags(reader, node)


def _undecided(reader: Reader, node: Node | None) -> dict[str, Effect]:
    words = tuple(_UNDECIDED)
    if isinstance(node, Mapping):
        keys = reader.mapping(node, "undecided", (EVERY_FAMILY, *FAMILIES)).entries
        return {family: _UNDECIDED[reader.word(value, words, f"undecided {family}")] for family, value in keys.items()}
    return {} if node is None else {EVERY_FAMILY: _UNDECIDED[reader.word(node, words, "undecided")]}


def _pins(reader: Reader, root: Mapping) -> dict[str, tuple[str, ...]]:
    return {
        _parameter(reader, key): _values(reader, key, node) for key, node in reader.entries(root.get("pins"), "pins")
    }


def _parameter(reader: Reader, key: Scalar) -> str:
    if key.text not in PSEUDO_PARAMETERS and not _PARAMETER.fullmatch(key.text):
        hint = nearest(key.text, sorted(PSEUDO_PARAMETERS)) if ":" in key.text else ""
        reader.fail(f"{key.text!r} is not the name of a parameter{hint}", key.span)
    return key.text


def _values(reader: Reader, key: Scalar, node: Node) -> tuple[str, ...]:
    values: dict[str, None] = {}
    for item in reader.scalars(node, f"pin {key.text}"):
        if item.value is None:
            reader.fail(f'pin {key.text} has no value; write "" for the empty text', item.span)
        values[item.literal] = None
    if not values:
        reader.fail(f"pin {key.text} has no values", node.span)
    return tuple(values)


def _limits(reader: Reader, root: Mapping) -> dict[str, tuple[str, ...]]:
    """The Regions and accounts a stack may be deployed to, as values of the pseudo parameters."""
    limits = {}
    for key, (parameter, form, wanted) in _LIMITS.items():
        node = root.get(key)
        if node is None:
            continue
        found = reader.texts(node, key)
        for item in found:
            if not re.fullmatch(form, item.text):
                reader.fail(f"{key}: {item.text!r} is not {wanted}", item.span)
        if not found:
            reader.fail(f"{key} has no values", node.span)
        limits[parameter] = tuple(item.text for item in found)
    return limits


def read_scope(reader: Reader, parent: Mapping) -> Scope:
    """What `only` and `except` in a mapping say."""
    only, excepted = _patterns(reader, parent, "only"), _patterns(reader, parent, "except")
    return Scope(only=only, excepted=excepted) if only or excepted else EVERYWHERE


def _patterns(reader: Reader, parent: Mapping, word: str) -> dict[str, tuple[str, ...]]:
    node = parent.get(word)
    if node is None:
        return {}
    mapping = reader.mapping(node, word, KINDS)
    if not mapping.entries:
        reader.fail(f"{word} says nothing; give it {', '.join(KINDS[:-1])} or {KINDS[-1]}", node.span)
    found = {}
    for kind, value in mapping.entries.items():
        items = reader.texts(value, f"{word} {kind}")
        found[kind] = tuple(item.text for item in items)
        if not all(found[kind]) or not items:
            reader.fail(f"{word} {kind} has no pattern", value.span)
        for item in items if kind == TEMPLATES else ():
            reason = problem_with(item.text)
            if reason:
                reader.fail(f"{word} {kind} {item.text!r} is not a pattern of a .gitignore file: {reason}", item.span)
    return found


class _Settings:
    """Reads `rules`."""

    def __init__(self, reader: Reader, names: RuleNames) -> None:
        self._reader = reader
        self._names = names

    def read(self, node: Node | None) -> tuple[Setting, ...]:
        first: dict[Selector, Scalar] = {}
        settings = []
        for key, value in self._reader.entries(node, "rules"):
            selector = self._selector(key)
            if selector in first:
                self._reader.fail(f"{key.text!r} names the same rules as {first[selector].text!r} before it", key.span)
            first[selector] = key
            settings.append(self._setting(key, selector, value))
        return tuple(settings)

    def _selector(self, key: Scalar) -> Selector:
        try:
            return self._names.selector(key.text)
        except SelectorError as error:
            self._reader.fail(str(error), key.span)

    def _setting(self, key: Scalar, selector: Selector, node: Node) -> Setting:
        reader = self._reader
        if isinstance(node, Scalar):
            effect = Effect(reader.word(node, _EFFECTS, key.text))
            return Setting(selector=selector, effect=effect, file=reader.file, span=key.span)
        mapping = reader.mapping(node, key.text, _SETTING_KEYS)
        if not mapping.entries:
            reader.fail(f"{key.text} says nothing; give it an effect, a severity or options", node.span)
        effect_node, severity, options = (mapping.get(name) for name in _SETTING_KEYS[:3])
        return Setting(
            selector=selector,
            effect=Effect(reader.word(effect_node, _EFFECTS, "effect")) if effect_node else None,
            severity=Severity[reader.word(severity, SEVERITIES, "severity").upper()] if severity else None,
            options=self._options(options, self._names.named(selector)) if options else {},
            scope=read_scope(reader, mapping),
            file=reader.file,
            span=key.span,
        )

    def _options(self, node: Node, rules: Iterable[Rule]) -> dict[str, Option]:
        known = tuple(rules)
        options = {}
        for key, value in self._reader.entries(node, "options"):
            try:
                defaults = defaults_of(key.text, known)
            except OptionError as error:
                self._reader.fail(str(error), key.span)
            try:
                options[option_name(key.text)] = option_value(key.text, value, defaults)
            except OptionError as error:
                self._reader.fail(str(error), value.span)
        return options
