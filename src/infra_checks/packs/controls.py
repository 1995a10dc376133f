"""Files of controls: which rules are evidence for which control of a standard.

Such a file is a pack too: it runs all rules that it names. It is read only when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.core.closeness import nearest
from infra_checks.core.finding import Effect
from infra_checks.core.framework import Control, Framework
from infra_checks.core.rule import ANY_TYPE
from infra_checks.packs.schema import Pack, Setting
from infra_checks.packs.selectors import Kind, RuleNames, Selector

if TYPE_CHECKING:
    from infra_checks.packs.reading import Reader
    from infra_checks.template.nodes import Mapping, Node, Scalar

KEYS: Final = ("name", "title", "description", "source", "reasons", "controls")
CONTROL_KEYS: Final = ("title", "rules", "types", "wider", "not-testable", "not-covered", "note")


def read_framework(reader: Reader, names: RuleNames) -> Framework:
    """The controls of a file; raises PackError for what is wrong, such as a rule that does not exist."""
    root = reader.mapping(reader.root, "a file of controls", KEYS)
    texts = {}
    for key in ("name", "title", "description", "source"):
        node = root.get(key)
        if node is None:
            reader.fail(f"has no {key}", root.span)
        texts[key] = reader.text(node)
    reasons = {key.text: reader.text(node) for key, node in reader.entries(root.get("reasons"), "reasons")}
    read = _Controls(reader, names, reasons)
    controls = tuple(read.control(key, node) for key, node in reader.entries(root.get("controls"), "controls"))
    return Framework(**texts, controls=controls)


class _Controls:
    """Reads controls, one by one."""

    def __init__(self, reader: Reader, names: RuleNames, reasons: dict[str, str]) -> None:
        self._reader = reader
        self._names = names
        self._reasons = reasons

    def control(self, key: Scalar, node: Node) -> Control:
        """The control under a key."""
        reader = self._reader
        entry = reader.mapping(node, f"control {key.text}", CONTROL_KEYS)
        title = entry.get("title")
        if title is None:
            reader.fail(f"control {key.text} has no title", key.span)
        rules = tuple(self._rule(item) for item in reader.texts(entry.get("rules"), f"control {key.text} names"))
        reasons = {name: self._reason(entry, name) for name in ("not-testable", "not-covered")}
        if [bool(rules), *map(bool, reasons.values())].count(True) != 1:
            reader.fail(f"control {key.text} needs one of rules, not-testable and not-covered", key.span)
        return Control(
            id=key.text,
            title=reader.text(title),
            rules=rules,
            types=self._types(key, entry, rules),
            wider=self._text(entry, "wider"),
            not_testable=reasons["not-testable"],
            not_covered=reasons["not-covered"],
            note=self._text(entry, "note"),
        )

    def _rule(self, item: Scalar) -> str:
        name = self._names.id_of(item.text)
        if name is None:
            self._reader.fail(f"there is no rule {item.text!r}{nearest(item.text, self._names.ids)}", item.span)
        return name

    def _text(self, entry: Mapping, name: str) -> str:
        node = entry.get(name)
        return "" if node is None else self._reader.text(node)

    def _types(self, key: Scalar, entry: Mapping, rules: tuple[str, ...]) -> tuple[str, ...]:
        """The types of a control, each of which one of its rules judges."""
        items = self._reader.texts(entry.get("types"), f"control {key.text} speaks of")
        judged = {kind for rule in self._names.rules if rule.id in rules for kind in rule.types}
        for item in items:
            if item.text not in judged and ANY_TYPE not in judged:
                hint = nearest(item.text, sorted(judged))
                self._reader.fail(f"no rule of control {key.text} judges {item.text!r}{hint}", item.span)
        return tuple(item.text for item in items)

    def _reason(self, entry: Mapping, name: str) -> str:
        node = entry.get(name)
        if node is None:
            return ""
        text = self._reader.text(node)
        if " " in text or text in self._reasons:
            return self._reasons.get(text, text)
        return self._reader.fail(f"there is no reason {text!r}{nearest(text, self._reasons)}", node.span)


def pack_of(framework: Framework, file: str) -> Pack:
    """The pack that runs the rules of all controls."""
    return Pack(
        name=framework.name,
        description=framework.description,
        settings=tuple(
            Setting(selector=Selector(Kind.RULE, rule), effect=Effect.BLOCK, file=file) for rule in framework.rules
        ),
        frameworks=(framework,),
        file=file,
    )
