"""Where rules, packs, templates and the engine meet: the functions that the command line calls."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from infra_checks.baseline import Baseline, read_baseline
from infra_checks.core.finding import Finding
from infra_checks.core.report import Problem, Report, Skipped, State
from infra_checks.core.secrecy import concealed
from infra_checks.engine import Judgement, Record, by_type, judge
from infra_checks.errors import ConfigError, PlacedError, TemplateError
from infra_checks.evaluate.parameters import check_pins
from infra_checks.evaluate.stack import Stack
from infra_checks.evaluate.transforms import expand
from infra_checks.packs.load import load_packs, shipped_frameworks, shipped_packs
from infra_checks.request import Request, Setup, applicable, find_framework, is_about, pack_pins, pins_of, set_up
from infra_checks.revisions import Revision
from infra_checks.rules import catalogue
from infra_checks.template.discover import load_all
from infra_checks.template.load import load_template
from infra_checks.template.model import Template
from infra_checks.waivers.clock import today
from infra_checks.waivers.declared import Declared
from infra_checks.waivers.ledger import Ledger, ended, notices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from infra_checks.core.finding import Effect
    from infra_checks.core.rule import Rule
    from infra_checks.evaluate.parameters import ParameterFile
    from infra_checks.template.source import SourceFile

STDIN: Final = "-"
STDIN_NAME: Final = "<stdin>"


def check(request: Request, *, progress: Callable[[str], None] | None = None, stdin: bytes | None = None) -> Report:
    """Judge templates. `progress` is called with each file's name; `stdin` is read for the path `-`.

    Raises PackError, ParameterError or ConfigError when the set-up itself cannot be used. A template that
    cannot be read, or nothing to check at all, is an error in the report.
    """
    return _run(set_up(request), _loaded(request, stdin), progress).report()


def check_templates(request: Request, templates: Iterable[Template], given: ParameterFile) -> Report:
    """Judge templates that are read, with the values of their parameters; the paths of the request name them only.

    Raises as `check` does.
    """
    return _run(set_up(request, given), templates).report()


def check_loaded(setup: Setup, templates: Iterable[Template | TemplateError | Skipped]) -> Report:
    """Judge templates that are read already, whatever the request's paths."""
    return _run(setup, templates).report()


def open_effects(request: Request) -> dict[str, Effect]:
    """What is made of open questions, by rule."""
    return {choice.rule.id: choice.undecided for choice in set_up(request).chosen}


def write_baseline(
    request: Request, *, prune: bool = False, progress: Callable[[str], None] | None = None
) -> tuple[Baseline, Report]:
    """The baseline of what is found now; with `prune`, that of the request less what no longer occurs.

    Raises as `check` does. A report with errors means that not all could be judged.
    """
    run = _run(set_up(request), _loaded(request, None), progress)
    report = run.report()
    if prune:
        return read_baseline(request.baseline).without(run.gone()), report
    return Baseline.of(report.findings), report


def _run(
    setup: Setup,
    templates: Iterable[Template | TemplateError | Skipped],
    progress: Callable[[str], None] | None = None,
) -> _Run:
    run = _Run(setup)
    for loaded in templates:
        run.take(loaded, progress)
    return run


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

    def __init__(self, setup: Setup) -> None:
        self._request = request = setup.request
        self._chosen = setup.chosen
        self._rules = by_type(setup.chosen)
        self._pack = setup.pack
        self._names = setup.names
        self._today = request.today or today()
        self._ledger = Ledger(setup.pack.waivers, {choice.rule.id: choice.rule for choice in setup.chosen}, self._today)
        self._frameworks = setup.frameworks
        self._record = Record()
        self._pack_pins = pack_pins(setup.pack)
        self._given = setup.given
        self._pins = pins_of(setup)
        self._baseline = read_baseline(request.baseline) if request.baseline else None
        self._revision = Revision(request.diff) if request.diff else None
        self._hidden = 0
        self._findings: list[Finding] = []
        self._errors: list[Problem] = []
        self._skipped: list[Skipped] = []
        self._templates: dict[str, Template] = {}
        self._sources: dict[str, SourceFile] = {}
        self._resources = 0
        self._notices = dict.fromkeys(setup.given.notices)
        self._met: set[str] = set()

    def take(self, loaded: Template | TemplateError | Skipped, progress: Callable[[str], None] | None) -> None:
        """Judge what was loaded, or keep why it was not."""
        if self._revision is not None and not _is_changed(loaded, self._revision):
            self._skipped.append(Skipped(_name_of(loaded), f"not changed since {self._revision.name}"))
        elif isinstance(loaded, Template):
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
        former = self._former(template, label)
        self._templates[label] = template
        self._met.update(template.parameters)
        for misfit in check_pins(template, self._given.values):
            self._problem(misfit)
        try:
            expanded, unexpanded = expand(template, self._pins)
            stack = Stack(expanded, self._pins, unexpanded)
            self._notices.update(dict.fromkeys(_unfitting_pins(expanded, self._pack_pins)))
            found, self._sources[label] = self._found(template, stack, self._declared(expanded, label))
            self._findings.extend(map(self._ledger.settle, self._new(found, former)))
            for problem in stack.problems:
                self._problem(problem)
        except PlacedError as error:
            self._problem(error)
        self._resources += len(template.resources)

    def _found(
        self, template: Template, stack: Stack, declared: Declared | None, *, recorded: bool = True
    ) -> tuple[list[Finding], SourceFile]:
        """The findings on a template and its text, both without the text of secrets."""
        judgement = self._judgement(label_of(template.name), declared, recorded=recorded)
        found = list(judge(stack, self._rules, judgement))
        return concealed(found, template.source, names={*template.parameters, *template.resources})

    def _judgement(self, label: str, declared: Declared | None, *, recorded: bool) -> Judgement:
        return Judgement(
            label=label,
            tags=self._given.tags,
            max_scenarios=self._request.max_scenarios,
            declared=declared,
            today=self._today,
            record=self._record if recorded else Record(),
        )

    def _former(self, template: Template, label: str) -> Baseline | None:
        """The findings on a template as the revision to compare with has it; None without one."""
        text = self._revision.text(template.name) if self._revision else None
        if text is None:
            return None
        try:
            former = load_template(template.name, text)
            expanded, unexpanded = expand(former, self._pins)
            stack = Stack(expanded, self._pins, unexpanded)
            found, _ = self._found(former, stack, self._read_waivers(expanded, label), recorded=False)
            return Baseline.of(found)
        except PlacedError:
            return None  # It could not be read then, so all of its findings are new.

    def _new(self, findings: Iterable[Finding], former: Baseline | None) -> Iterator[Finding]:
        """The findings that neither the baseline nor the revision to compare with has."""
        known = [each for each in (self._baseline, former) if each is not None]
        for finding in findings:
            if any(each.hides(finding) for each in known):
                self._hidden += 1
            else:
                yield finding

    def _read_waivers(self, template: Template, label: str) -> Declared:
        return Declared(
            template, label=label, tools=self._pack.suppressions, today=self._today, check_rule=self._names.check_name
        )

    def _declared(self, template: Template, label: str) -> Declared | None:
        """The waivers that a template declares; None when it declares none."""
        declared = self._read_waivers(template, label)
        self._ledger.judged(label, template.resources, declared.all)
        for problem in declared.problems:
            self._problem(problem)
        return declared if declared.all else None

    def _ask_beside(self) -> None:
        """Add what the other tools find."""
        if not self._request.beside:
            return
        from infra_checks.tools.merge import Beside  # noqa: PLC0415 - most runs ask no other tool

        rules = {choice.rule.id: choice.rule for choice in self._chosen}
        readable = {label: each for label, each in self._templates.items() if label != STDIN_NAME}
        beside = Beside(readable, rules, self._findings)
        for name in self._request.beside:
            found = beside.findings(name, self._request.tools.get(name, ""))
            self._findings.extend(map(self._ledger.settle, self._new(found, None)))
        self._errors.extend(beside.problems)
        for name, count in beside.differing.items():
            told = f"{name}: {count} of its results not shown, since our rules, which know all scenarios, differ"
            self._notices[told] = None

    def _comparison(self) -> Iterator[str]:
        """What to tell of findings that are hidden as known ones, and of those that are no more."""
        if self._hidden:
            source = self._request.baseline or f"in {self._request.diff} as well"
            yield f"{self._hidden} finding{'s' * (self._hidden != 1)} not shown: {source}"
        gone = self.gone()
        if gone:
            are = "is" if len(gone) == 1 else "are"
            yield f"{self._request.baseline}: {len(gone)} {are} no more; `infra-checks baseline --prune` removes them"

    def gone(self) -> Baseline:
        """The entries of the baseline that no longer occur."""
        if self._baseline is None:
            return Baseline()
        return self._baseline.gone(self._templates, (choice.rule.id for choice in self._chosen))

    def report(self) -> Report:
        """The sorted report; nothing checked is an error."""
        may_be_none = self._request.only_templates or self._revision is not None
        if not self._templates and not self._errors and not may_be_none:
            named = ", ".join(self._request.paths) or "nothing"
            self._errors.append(
                Problem(named, "no CloudFormation template found; name a file or folder that holds one")
            )
        unmet = [name for name in self._given.values if name.partition(".")[0] not in self._met and "::" not in name]
        if self._templates and unmet:
            self._notices[f"no template has the parameter {', '.join(sorted(unmet))}"] = None
        self._ask_beside()
        uses = self._ledger.uses()
        for use in uses:
            if use.state is State.ENDED and use.waiver.origin == "pack":
                self._errors.append(Problem(use.waiver.file, ended(use), use.waiver.span))
        self._notices |= dict.fromkeys((*notices(uses), *self._comparison()))
        left_out = sum(1 for _, resource in self._record.left_out if resource)
        if left_out:
            what = "1 resource is" if left_out == 1 else f"{left_out} resources are"
            self._notices[f"{what} left out of some or all rules by what the pack says under only and except"] = None
        return Report(
            findings=tuple(sorted(self._findings, key=lambda finding: finding.sort_key)),
            errors=tuple(
                sorted(self._errors, key=lambda problem: (problem.file, problem.span or (0, 0, 0, 0), problem.message))
            ),
            skipped=tuple(sorted(self._skipped, key=lambda skipped: skipped.name)),
            templates=tuple(sorted(self._templates)),
            resources=self._resources,
            sources={label: self._sources.get(label, each.source) for label, each in self._templates.items()},
            rules={choice.rule.id: choice.rule for choice in self._chosen},
            notices=tuple(self._notices),
            waivers=uses,
            judged=frozenset(self._record.judged),
            unsaid=frozenset(self._record.unsaid),
            frameworks=self._frameworks,
        )


def _unfitting_pins(template: Template, pins: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
    """Notices for parameters a pack pins to values that the template does not allow: all values are judged."""
    for name, values in pins.items():
        parameter = template.parameters.get(name)
        if parameter is not None and parameter.allowed and not set(values) & set(parameter.allowed):
            pinned = " or ".join(values)
            yield f"{template.name}: {name} cannot be {pinned}, as the pack pins it; all its values are judged"


def _is_changed(loaded: Template | TemplateError | Skipped, revision: Revision) -> bool:
    return isinstance(loaded, Skipped) or _name_of(loaded) == STDIN_NAME or revision.is_changed(_name_of(loaded))


def _name_of(loaded: Template | TemplateError | Skipped) -> str:
    return loaded.file if isinstance(loaded, TemplateError) else loaded.name


def label_of(name: str) -> str:
    """How reports name a file: relative to the project (or the working folder), with `/`."""
    if name == STDIN_NAME:
        return name
    path = Path(name)
    if not path.is_absolute():
        return PurePath(name).as_posix().removeprefix("./")
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()


def find_rule(name: str, packs: tuple[str, ...] = ()) -> tuple[Rule, ...]:
    """Rules by id, alias or another tool's check id (`CKV_AWS_16`); ConfigError with close matches if none.

    With packs, the rules that they bring along are known too.
    """
    rules = pack_rules(packs)
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


def list_frameworks() -> tuple[tuple[str, str], ...]:
    """Names and descriptions of the standards whose controls come with the package."""
    return shipped_frameworks()


def controls_of(rule: str) -> dict[str, tuple[str, ...]]:
    """The ids of the controls that a rule is evidence for, by the title of their standard."""
    found = {}
    for name, _ in shipped_frameworks():
        framework = find_framework(name)
        ids = tuple(control.id for control in framework.controls if rule in control.rules)
        if ids:
            found[framework.title] = ids
    return found


def pack_rules(packs: tuple[str, ...]) -> tuple[Rule, ...]:
    """The built-in rules and those that packs bring along, sorted by id."""
    own = load_packs(packs, catalogue=catalogue()).rules if packs else ()
    return tuple(sorted((*catalogue(), *own), key=lambda rule: rule.id))


__all__ = [
    "Request",
    "Setup",
    "applicable",
    "catalogue",
    "check",
    "check_loaded",
    "check_templates",
    "controls_of",
    "find_framework",
    "find_rule",
    "is_about",
    "label_of",
    "list_frameworks",
    "list_packs",
    "open_effects",
    "pack_rules",
    "pins_of",
    "set_up",
    "write_baseline",
]
