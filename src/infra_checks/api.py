"""Where rules, packs, templates and the engine meet: the functions that the command line calls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Effect, Finding
from infra_checks.core.report import Problem, Report, Skipped
from infra_checks.core.secrecy import concealed
from infra_checks.engine import MAX_SCENARIOS, Judgement, by_type, judge
from infra_checks.errors import ConfigError, PlacedError, TemplateError
from infra_checks.evaluate.parameters import check_pins, read_parameters
from infra_checks.evaluate.stack import Pins, Stack
from infra_checks.evaluate.stack_tags import read_stack_tags
from infra_checks.evaluate.transforms import expand
from infra_checks.packs.load import load_packs, shipped_packs
from infra_checks.packs.select import choose
from infra_checks.rules import catalogue
from infra_checks.template.discover import load_all
from infra_checks.template.load import load_template
from infra_checks.template.model import Template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from infra_checks.core.rule import Rule
    from infra_checks.evaluate.parameters import ParameterFile
    from infra_checks.packs.select import Chosen
    from infra_checks.template.source import SourceFile

STDIN: Final = "-"
STDIN_NAME: Final = "<stdin>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to check and how; see `infra-checks check --help`, whose options have the same names."""

    paths: tuple[str, ...]
    pack: tuple[str, ...] = ("baseline",)
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    stack_tags: tuple[str, ...] = ()
    assume_any: bool = False
    only_templates: bool = False
    undecided: Effect | None = None
    max_scenarios: int = MAX_SCENARIOS


def check(request: Request, *, progress: Callable[[str], None] | None = None, stdin: bytes | None = None) -> Report:
    """Judge templates. `progress` is called with each file's name; `stdin` is read for the path `-`.

    Raises PackError, ParameterError or ConfigError when the set-up itself cannot be used. A template that
    cannot be read, or nothing to check at all, is an error in the report.
    """
    rules = catalogue()
    pack = load_packs(request.pack, catalogue=rules)
    chosen = choose(pack, rules, select=request.select, ignore=request.ignore, undecided=request.undecided)
    given = read_parameters(request.parameters)
    tags = {**given.tags, **read_stack_tags(request.stack_tags)}
    run = _Run(request, chosen, pack.pins, replace(given, tags=tags))
    for loaded in _loaded(request, stdin):
        run.take(loaded, progress)
    return run.report()


def _loaded(request: Request, stdin: bytes | None) -> Iterator[Template | TemplateError | Skipped]:
    if STDIN in request.paths:
        try:
            yield load_template(STDIN_NAME, stdin or b"")
        except TemplateError as error:
            yield error
    paths = [path for path in request.paths if path != STDIN]
    for loaded in load_all(paths) if paths else ():
        yield loaded if isinstance(loaded, (Template, TemplateError)) else Skipped(loaded.name, loaded.reason)


class _Run:
    """Gathers a report, template by template."""

    def __init__(
        self, request: Request, chosen: Sequence[Chosen], pins: Mapping[str, tuple[str, ...]], given: ParameterFile
    ) -> None:
        self._request = request
        self._chosen = chosen
        self._rules = by_type(chosen)
        self._pack_pins = pins
        self._given = given
        self._pins = Pins(
            {**pins, **{name: (value,) for name, value in given.values.items()}}, assume_any=request.assume_any
        )
        self._findings: list[Finding] = []
        self._errors: list[Problem] = []
        self._skipped: list[Skipped] = []
        self._sources: dict[str, SourceFile] = {}
        self._resources = 0
        self._notices = dict.fromkeys(given.notices)
        self._met: set[str] = set()

    def take(self, loaded: Template | TemplateError | Skipped, progress: Callable[[str], None] | None) -> None:
        """Judge what was loaded, or keep why it was not."""
        if isinstance(loaded, Template):
            if progress is not None:
                progress(loaded.name)
            self._judge(loaded)
        elif isinstance(loaded, Skipped):
            self._skipped.append(loaded)
        elif self._request.only_templates and loaded.is_other:
            self._skipped.append(Skipped(loaded.file, loaded.message))
        else:
            self._problem(loaded)

    def _problem(self, error: PlacedError) -> None:
        self._errors.append(Problem(label_of(error.file), error.message, error.span))

    def _judge(self, template: Template) -> None:
        label = label_of(template.name)
        self._sources[label] = template.source
        self._met.update(template.parameters)
        for misfit in check_pins(template, self._given.values):
            self._problem(misfit)
        try:
            expanded, unexpanded = expand(template, self._pins)
            stack = Stack(expanded, self._pins, unexpanded)
            self._notices.update(dict.fromkeys(_unfitting_pins(expanded, self._pack_pins)))
            judgement = Judgement(label=label, tags=self._given.tags, max_scenarios=self._request.max_scenarios)
            found = list(judge(stack, self._rules, judgement))
            names = {*template.parameters, *template.resources}
            found, self._sources[label] = concealed(found, template.source, names=names)
            self._findings.extend(found)
            for problem in stack.problems:
                self._problem(problem)
        except PlacedError as error:
            self._problem(error)
        self._resources += len(template.resources)

    def report(self) -> Report:
        """The sorted report; nothing checked is an error."""
        if not self._sources and not self._errors and not self._request.only_templates:
            named = ", ".join(self._request.paths) or "nothing"
            self._errors.append(
                Problem(named, "no CloudFormation template found; name a file or folder that holds one")
            )
        unmet = [name for name in self._given.values if name.partition(".")[0] not in self._met and "::" not in name]
        if self._sources and unmet:
            self._notices[f"no template has the parameter {', '.join(sorted(unmet))}"] = None
        return Report(
            findings=tuple(sorted(self._findings, key=lambda finding: finding.sort_key)),
            errors=tuple(
                sorted(self._errors, key=lambda problem: (problem.file, problem.span or (0, 0, 0, 0), problem.message))
            ),
            skipped=tuple(sorted(self._skipped, key=lambda skipped: skipped.name)),
            templates=tuple(sorted(self._sources)),
            resources=self._resources,
            sources=self._sources,
            rules={choice.rule.id: choice.rule for choice in self._chosen},
            notices=tuple(self._notices),
        )


def _unfitting_pins(template: Template, pins: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
    """Notices for parameters a pack pins to values that the template does not allow: all values are judged."""
    for name, values in pins.items():
        parameter = template.parameters.get(name)
        if parameter is not None and parameter.allowed and not set(values) & set(parameter.allowed):
            pinned = " or ".join(values)
            yield f"{template.name}: {name} cannot be {pinned}, as the pack pins it; all its values are judged"


def label_of(name: str) -> str:
    """How reports name a file: relative to the project (or the working folder), with `/`."""
    if name == STDIN_NAME:
        return name
    path = Path(name)
    if not path.is_absolute():
        return PurePath(name).as_posix().removeprefix("./")
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()


def find_rule(name: str) -> tuple[Rule, ...]:
    """Rules by id, alias or another tool's check id (`CKV_AWS_16`); ConfigError with close matches if none."""
    rules = catalogue()
    found = tuple(rule for rule in rules if name == rule.id or name in rule.aliases)
    found = found or tuple(rule for rule in rules if name.casefold() in map(str.casefold, rule.equivalents))
    if found:
        return found
    from difflib import get_close_matches  # noqa: PLC0415 - only for an error

    names = [*(rule.id for rule in rules), *(peer for rule in rules for peer in rule.equivalents)]
    close = get_close_matches(name, names, n=3)
    hint = f"; did you mean {' or '.join(close)}?" if close else "; see `infra-checks rules`"
    message = f"no rule is named {name}{hint}"
    raise ConfigError(message)


def list_packs() -> tuple[tuple[str, str], ...]:
    """Names and descriptions of the packs that come with the package."""
    return shipped_packs()


__all__ = ["Request", "catalogue", "check", "find_rule", "label_of", "list_packs"]
