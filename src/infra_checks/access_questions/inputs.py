"""What a question is about: templates, policy documents in files, and policies that AWS manages."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from infra_checks.access.documents import placed
from infra_checks.core.resource import Surroundings
from infra_checks.errors import ConfigError, TemplateError
from infra_checks.evaluate.foreach import expand
from infra_checks.evaluate.scenario import Scenario
from infra_checks.evaluate.stack import NO_PINS, Pins, Stack
from infra_checks.iam.model import PolicyType
from infra_checks.template.decode import read_source
from infra_checks.template.load import parse, template_of
from infra_checks.template.model import Template
from infra_checks.template.nodes import Mapping
from infra_checks.template.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra_checks.access.documents import Placed
    from infra_checks.template.nodes import Node

POLICY_TYPES: Final = {
    "identity": PolicyType.IDENTITY,
    "resource": PolicyType.RESOURCE,
    "trust": PolicyType.TRUST,
    "key": PolicyType.KEY,
    "boundary": PolicyType.BOUNDARY,
    "scp": PolicyType.SCP,
    "rcp": PolicyType.RCP,
    "endpoint": PolicyType.ENDPOINT,
}
"""Names for types of policies, as the command line takes them."""

_OF_AWS: Final = ("AWS::Serverless-2016-10-31", "AWS::LanguageExtensions", "AWS::CodeDeployBlueGreen")
"""Transforms that change no policy, or none that is not read."""


@dataclass(frozen=True, slots=True)
class TemplateInput:
    """A template; `open` says what may change it before it is deployed."""

    stack: Stack
    source: SourceFile
    open: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The file, as the user named it."""
        return self.source.name


@dataclass(frozen=True, slots=True)
class PolicyInput:
    """One policy document; `type` is told by the document unless the user says so."""

    name: str
    document: Placed
    type: PolicyType
    source: SourceFile | None = None


Input = TemplateInput | PolicyInput


def read_input(name: str, type: PolicyType | None = None, pins: Pins = NO_PINS, data: bytes | None = None) -> Input:
    """What a name stands for: a file, or a policy that AWS manages, by name or ARN.

    `data` is the content of the file, if it is not the one on disk. Raises TemplateError for what cannot be read and
    is neither a template nor a policy document, ConfigError for a name that is nothing.
    """
    if data is None and not Path(name).exists():
        managed = _managed(name)
        if managed is not None:
            return PolicyInput(name, _placed(managed), type or PolicyType.IDENTITY)
    source = read_source(name, data)
    root = parse(source)
    if _is_policy(root):
        document = _placed(root)
        return PolicyInput(name, document, type or type_of(document.document), source)
    return _template(source, template_of(source, root), pins)


def read_document(
    document: str | dict[str, object], type: PolicyType | None = None, name: str = "policy"
) -> PolicyInput:
    """A policy document given as JSON or YAML text, or as a dictionary."""
    text = document if isinstance(document, str) else json.dumps(document)
    found = read_input(name, type, data=text.encode())
    if not isinstance(found, PolicyInput):
        raise ConfigError(f"{name}: is a template and no policy document")
    return found


def type_of(document: object) -> PolicyType:
    """The type that a document must be of: with principals it is attached to a resource, or to a role."""
    statements = document.get("Statement") if isinstance(document, dict) else None
    listed = statements if isinstance(statements, list) else [statements]
    found = [one for one in listed if isinstance(one, dict)]
    if not any("Principal" in one or "NotPrincipal" in one for one in found):
        return PolicyType.IDENTITY
    without = not any("Resource" in one or "NotResource" in one for one in found)
    return PolicyType.TRUST if without and all(_is_trust(one) for one in found) else PolicyType.RESOURCE


def _is_trust(statement: dict[object, object]) -> bool:
    actions = statement.get("Action")
    listed = actions if isinstance(actions, list) else [actions]
    return all(isinstance(action, str) and action.lower().startswith("sts:") for action in listed)


def _is_policy(root: Node) -> bool:
    if not isinstance(root, Mapping) or "Resources" in root.entries:
        return False
    return "Statement" in root.entries or (bool(root.entries) and root.entries.keys() <= {"Version", "Id"})


def _template(source: SourceFile, template: Template, pins: Pins) -> TemplateInput:
    if template.problems:
        raise template.problems[0]
    expanded, unexpanded = expand(template, pins)
    stack = Stack(expanded, pins, unexpanded)
    may_add = [f"the macro {name}" for name in template.transforms if name not in _OF_AWS]
    may_add += [f"the loop {loop.name}, which is not expanded: {loop.reason}" for loop in unexpanded]
    resources = template.root.get("Resources")
    if isinstance(resources, Mapping) and "Fn::Transform" in resources.entries:
        may_add.append("Fn::Transform below Resources")
    return TemplateInput(stack, source, tuple(f"{each} may add to the template" for each in may_add))


def _placed(root: Node) -> Placed:
    """The document at the root of a file that is a policy, by way of a template without anything else."""
    if not isinstance(root, Mapping):
        raise TypeError(root)
    stack = Stack(Template(SourceFile("", ""), root))
    resource = Surroundings(stack, Scenario()).template()
    return placed(resource, resource.value())


def _managed(name: str) -> Mapping | None:
    from infra_checks.iam.catalogue import find_managed_policy, managed_policy  # noqa: PLC0415 - for a name alone

    if find_managed_policy(name) is None:
        return None
    document = managed_policy(name)
    if document is None:
        message = f"{name}: belongs to a service-linked role; its document is not in the catalogue"
        raise ConfigError(message)
    node = parse(_as_source(name, document))
    return node if isinstance(node, Mapping) else None


def _as_source(name: str, document: object) -> SourceFile:
    return read_source(name, json.dumps(document).encode())


def templates_below(paths: Iterable[str]) -> tuple[str, ...]:
    """The files with templates at or below paths, as `check` finds them."""
    from infra_checks.template.discover import load_all  # noqa: PLC0415 - for folders alone

    found: list[str] = []
    for loaded in load_all(list(paths)):
        if isinstance(loaded, TemplateError):
            raise loaded
        if isinstance(loaded, Template):
            found.append(loaded.name)
    return tuple(found)


def is_folder(name: str) -> bool:
    """Whether a path is a folder."""
    return os.path.isdir(name)  # noqa: PTH112 - a name may hold characters that no path can
