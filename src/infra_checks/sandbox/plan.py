"""A request to make a stack, checked as CloudFormation checks it before it makes anything.

AWS: "Parameters", "Transform section", "Rules section" of the template reference; "Acknowledging IAM resources" of the
user guide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from infra_checks.errors import InfraChecksError
from infra_checks.evaluate.assertions import allowed
from infra_checks.evaluate.constraints import check_pins
from infra_checks.evaluate.evaluator import Evaluator
from infra_checks.evaluate.references import split_list
from infra_checks.evaluate.scenario import Scenario
from infra_checks.evaluate.stack import PSEUDO_PARAMETERS, RESOLVED, Pins, Stack
from infra_checks.evaluate.transforms import expand
from infra_checks.sandbox.refusal import RefusedError
from infra_checks.sandbox.resolving import PLACEHOLDER
from infra_checks.template.load import parse, template_of
from infra_checks.template.model import SERVERLESS
from infra_checks.template.nodes import NO_VALUE, Call, Mapping, Scalar, Sequence, walk
from infra_checks.template.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.sandbox.account import Account
    from infra_checks.sandbox.making import Place
    from infra_checks.sandbox.stacks import Request
    from infra_checks.template.model import Declaration, Parameter, Template

LANGUAGE_EXTENSIONS: Final = "AWS::LanguageExtensions"

HOSTED_ROTATION: Final = "AWS::SecretsManager-"
"""Begins the transform's name that makes functions of HostedRotationLambda; the rotation schedule makes them here."""

_IAM: Final = frozenset(
    {
        "AWS::IAM::AccessKey",
        "AWS::IAM::Group",
        "AWS::IAM::InstanceProfile",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::IAM::User",
        "AWS::IAM::UserToGroupAddition",
    }
)
_NAMES: Final = ("RoleName", "GroupName", "UserName", "ManagedPolicyName", "InstanceProfileName")
_OF_NAMED: Final = ("AWS::IAM::AccessKey", "AWS::IAM::UserToGroupAddition")
"""Types whose UserName or GroupName is no name of their own."""
_VALIDATED: Final = "Template validation error: "


@dataclass(frozen=True, slots=True)
class Plan:
    """A template with the values of its parameters; `hidden` are those with NoEcho."""

    stack: Stack
    place: Place
    values: dict[str, str | tuple[str, ...]]
    given: dict[str, str]
    resolved: dict[str, str]
    hidden: frozenset[str]
    request: Request

    @property
    def template(self) -> Template:
        """The template after its transforms."""
        return self.stack.template

    @property
    def description(self) -> str:
        """The template's description."""
        node = self.template.root.get("Description")
        return node.text if isinstance(node, Scalar) else ""

    def order(self, wanted: set[str]) -> list[Declaration]:
        """The wanted resources, each after those it refers to. Refuses a circle."""
        needs: dict[str, set[str]] = {name: set() for name in wanted}
        for name, mentioning in self.stack.mentions.items():
            for other in mentioning:
                if name in wanted and other in wanted:
                    needs[other].add(name)
        ordered: list[str] = []
        while needs:
            ready = [name for name in self.template.resources if name in needs and not needs[name] & needs.keys()]
            if not ready:
                raise RefusedError(f"Circular dependency between resources: [{', '.join(sorted(needs))}]")
            ordered += ready
            for name in ready:
                del needs[name]
        return [self.template.resources[name] for name in ordered]


def read_template(body: str) -> Template:
    """The template of a text, without faults in its structure."""
    try:
        source = SourceFile("template", body)
        template = template_of(source, parse(source))
    except InfraChecksError as error:
        raise RefusedError(f"Template format error: {error}") from None
    if template.problems:
        raise RefusedError(f"Template format error: {template.problems[0]}")
    return template


def prepare(request: Request, place: Place, account: Account) -> Plan:
    """Check a request and give its parameters values; raises RefusedError."""
    template = read_template(request.body)
    given = _given(template, request)
    resolved = {
        name: account.surroundings(place.region).dynamic("ssm", given[name])
        for name, parameter in template.parameters.items()
        if parameter.is_ssm
    }
    pseudo: dict[str, str | tuple[str, ...]] = {
        "AWS::AccountId": place.account,
        "AWS::NotificationARNs": (),
        "AWS::Partition": place.partition,
        "AWS::Region": place.region,
        "AWS::StackId": place.stack_id,
        "AWS::StackName": place.stack,
        "AWS::URLSuffix": place.suffix,
    }
    pinned = {name: (text,) for name, text in given.items()}
    pinned |= {name + RESOLVED: (text,) for name, text in resolved.items()}
    pinned |= {name: (text,) for name, text in pseudo.items() if isinstance(text, str)}
    stack = _expanded(template, Pins(pinned))
    _check_transforms(template)
    check_references(stack.template)
    _check_capabilities(template, stack.template, request.capabilities)
    if template.rules and not allowed(Evaluator(stack, Scenario())):
        raise RefusedError(f"{_VALIDATED}the Rules of the template refuse these parameters")
    values = {
        name: _value(template.parameters[name], resolved.get(name, text)) for name, text in given.items()
    } | pseudo
    hidden = frozenset(name for name, parameter in template.parameters.items() if parameter.no_echo)
    return Plan(stack, place, values, given, resolved, hidden, request)


def _value(parameter: Parameter, text: str) -> str | tuple[str, ...]:
    return split_list(text) if parameter.is_list else text


def _given(template: Template, request: Request) -> dict[str, str]:
    unknown = sorted(set(request.parameters) - set(template.parameters))
    if unknown:
        raise RefusedError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    defaults = {name: each.default for name, each in template.parameters.items() if each.default is not None}
    values = {name: (defaults | request.parameters).get(name) for name in template.parameters}
    missing = [name for name, value in values.items() if value is None]
    if missing:
        raise RefusedError(f"Parameters: [{', '.join(missing)}] must have values")
    given = {name: value for name, value in values.items() if value is not None}
    for problem in check_pins(template, given):
        raise RefusedError(problem.message)
    for name, value in given.items():
        _check_pattern(template.parameters[name], value)
    return given


def _check_pattern(parameter: Parameter, value: str) -> None:
    if parameter.allowed_pattern is None or parameter.is_list or parameter.is_ssm:
        return
    if re.fullmatch(parameter.allowed_pattern, value) is None:
        explained = parameter.node.get("ConstraintDescription")
        why = explained.text if isinstance(explained, Scalar) else f"must match pattern {parameter.allowed_pattern}"
        raise RefusedError(f"Parameter '{parameter.name}' failed to satisfy constraint: {why}")


def _expanded(template: Template, pins: Pins) -> Stack:
    try:
        expanded, unexpanded = expand(template, pins)
    except InfraChecksError as error:
        raise RefusedError(f"Template format error: {error}") from None
    if unexpanded:
        raise RefusedError(f"{_VALIDATED}Fn::ForEach {unexpanded[0].name}: {unexpanded[0].reason}")
    return Stack(expanded, pins)


def _check_transforms(template: Template) -> None:
    for name in template.transforms:
        if name not in {LANGUAGE_EXTENSIONS, SERVERLESS} and not name.startswith(HOSTED_ROTATION):
            raise RefusedError(f"No transform named {name} found.")
    for _, node in walk(template.root):
        if isinstance(node, Call) and node.name == "Fn::Transform":
            raise RefusedError(f"{_VALIDATED}the sandbox runs no macros (line {node.span.line})")


def check_references(template: Template) -> None:
    """Refuse what refers to something that the template, after its transforms, does not declare."""
    known = template.parameters.keys() | template.resources.keys() | template.names.keys() | PSEUDO_PARAMETERS
    missing = {name for name in _referred(template) if name not in known}
    if missing:
        names = ", ".join(sorted(missing))
        raise RefusedError(f"Template format error: Unresolved resource dependencies [{names}] in the template")


def _referred(template: Template) -> Iterator[str]:
    """The names that Ref, Fn::GetAtt, Fn::Sub and DependsOn give in resources and outputs."""
    for declaration in template.resources.values():
        depends = declaration.node.get("DependsOn")
        if depends is not None:
            yield from (node.text for _, node in walk(depends) if isinstance(node, Scalar))
    for root in (*(each.node for each in template.resources.values()), *template.outputs.values()):
        for _, node in walk(root):
            if isinstance(node, Call):
                yield from _named(node)


def _named(call: Call) -> Iterator[str]:
    argument = call.argument
    if isinstance(argument, Sequence) and argument.items:
        first, local = argument.items[0], argument.items[-1]
    else:
        first = local = argument
    if not isinstance(first, Scalar):
        return
    if (call.name == "Ref" and first.text != NO_VALUE) or call.name == "Fn::GetAtt":
        yield first.text
    elif call.name == "Fn::Sub":
        own = local.entries.keys() if isinstance(local, Mapping) else set()
        for piece in PLACEHOLDER.findall(first.text):
            name = piece.strip()
            if not name.startswith("!") and name not in own:
                yield name.partition(".")[0]


def _check_capabilities(written: Template, template: Template, capabilities: frozenset[str]) -> None:
    iam = [each for each in template.resources.values() if each.type in _IAM]
    own = [each for each in iam if each.type not in _OF_NAMED]
    named = any(dict(walk(each.node)).keys() & {("Properties", name) for name in _NAMES} for each in own)
    if named and "CAPABILITY_NAMED_IAM" not in capabilities:
        raise _insufficient("CAPABILITY_NAMED_IAM")
    if iam and not capabilities & {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"}:
        raise _insufficient("CAPABILITY_IAM")
    if written.transforms and "CAPABILITY_AUTO_EXPAND" not in capabilities:
        raise _insufficient("CAPABILITY_AUTO_EXPAND")


def _insufficient(name: str) -> RefusedError:
    return RefusedError(f"Requires capabilities : [{name}]", code="InsufficientCapabilitiesException")
