"""Files and text to nodes and templates."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from infra_checks.errors import TemplateError
from infra_checks.template.decode import read_source
from infra_checks.template.jsontext import read_json
from infra_checks.template.model import Template, read_template
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence
from infra_checks.template.yamltext import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from infra_checks.template.source import SourceFile

__all__ = ["load_template", "parse", "parse_document", "read_source", "reason_against", "template_of"]

_MARKS_OF_OTHERS: Final = (
    ({"apiVersion", "kind"}, "a Kubernetes manifest"),
    ({"openapi"}, "an OpenAPI document"),
    ({"swagger"}, "an OpenAPI document"),
    ({"asyncapi"}, "an AsyncAPI document"),
    ({"$schema"}, "a JSON schema or a document of one"),
    ({"Version", "Statement"}, "an IAM policy document"),
    ({"services"}, "a Compose file"),
    ({"StartAt", "States"}, "a state machine of Step Functions"),
    ({"ParameterKey"}, "a parameter file of the AWS CLI"),
    ({"Parameters"}, "a parameter file"),
)
"""Keys of the root, or of the first item of a list, and what a file with all of them looks like."""


def load_template(path: Path | str, data: bytes | None = None) -> Template:
    """The template in a file, or in `data` under the file's name.

    Raises TemplateError when the file cannot be read or is no CloudFormation template. What is malformed
    below the root is in the template's `problems` instead.
    """
    source = read_source(path, data)
    return template_of(source, parse(source))


def template_of(source: SourceFile, root: Node) -> Template:
    """The template of a text whose root node is given; raises TemplateError."""
    reason = reason_against(root)
    if reason or not isinstance(root, Mapping):
        message = f"is not a CloudFormation template: it {reason}"
        raise TemplateError(message, file=source.name, span=root.span, is_other=True)
    return read_template(source, root)


def reason_against(root: Node) -> str | None:
    """Why a root node is not that of a template, as a sentence without its subject, or None."""
    match root:
        case Mapping() if "Resources" not in root.entries:
            return f"has no Resources section{_likeness(root)}"
        case Mapping(entries={"Resources": Scalar(value=None)}):
            return "has an empty Resources section; check the indentation of the lines below it"
        case Mapping():
            return None
        case Sequence():
            return f"is a list{_likeness(root.items[0]) if root.items else ''}"
        case Call():
            return f"is a call of {root.name}"
        case Scalar(value=None):
            return "is empty"
        case _:
            return "is a single value"


def parse(source: SourceFile) -> Node:
    """The root node of a YAML or JSON text; raises TemplateError with the place of what cannot be read."""
    with _collector_paused():
        if source.text.lstrip(" \t\r\n")[:1] not in {"{", "["}:
            return read_yaml(source)
        try:
            return read_json(source)
        except TemplateError as error:
            if source.name.lower().endswith(".json"):
                raise
            return _parse_flow(source, error)


def parse_document(source: SourceFile) -> Node:
    """The root node of a file that is no template, such as a policy pack; raises TemplateError as `parse` does."""
    return parse(source)


def _parse_flow(source: SourceFile, json_error: TemplateError) -> Node:
    """A text with JSON's brackets as YAML; of two errors, the one further on knows more of the text."""
    try:
        return read_yaml(source)
    except TemplateError as error:
        raise max(json_error, error, key=lambda each: each.span or (0, 0)) from None


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Nodes make no cycles, yet their number alone sets off the collector, which doubles the time of loading."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _likeness(node: Node) -> str:
    keys = node.entries.keys() if isinstance(node, Mapping) else set()
    looks = next((title for marks, title in _MARKS_OF_OTHERS if marks <= keys), None)
    return f"; it looks like {looks}" if looks else ""
