"""Templates as tests: each rule that has something to judge in a template is one, `template.yaml::rule-id`."""

from __future__ import annotations

import warnings
from contextlib import chdir
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import pytest

from infra_checks import api
from infra_checks.compliance import ComplianceWarning, warnings_of
from infra_checks.core.finding import Outcome, Severity
from infra_checks.errors import InfraChecksError, PlacedError, TemplateError
from infra_checks.pytest_plugin.options import request_fields, settings
from infra_checks.reporters.text import render_some
from infra_checks.template.discover import find_templates, load_met
from infra_checks.template.model import Template

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from infra_checks.core.finding import Finding
    from infra_checks.core.report import Report
    from infra_checks.packs.select import Chosen
    from infra_checks.template.walk import Skipped

USABLE: Final = "usable"
"""The name of a template's test that it can be read and judged at all."""


class Templates:
    """The plugin that collects templates; registered when a run asks for it."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        try:
            self._policy = _Policy(config)
        except InfraChecksError as error:
            raise pytest.UsageError(str(error)) from error
        self._wanted = self._matched() | self._asked()

    def _matched(self) -> set[Path]:
        """The files that the patterns of the ini file name."""
        found = set()
        for pattern in self._config.getini("infra_templates"):
            try:
                files = {file for file in self._config.rootpath.glob(pattern) if file.is_file()}
            except (NotImplementedError, ValueError) as error:
                raise pytest.UsageError(f"infra_templates: {pattern}: {error}") from error
            if not files:
                raise pytest.UsageError(f"infra_templates: there is no file {pattern} below {self._config.rootpath}")
            found |= files
        return found

    def _asked(self) -> set[Path]:
        """With --infra-check, the templates among what the command line names, files and folders."""
        if not self._config.getoption("infra_check"):
            return set()
        folder = self._config.invocation_params.dir
        paths = {folder / str(argument).partition("::")[0] for argument in self._config.args}
        return {folder / name for name in find_templates(str(path) for path in paths if path.exists()).templates}

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> TemplateFile | None:
        """Collect a template."""
        if file_path not in self._wanted or file_path.suffix in {".py", ".pyc"}:
            return None
        loaded = self._policy.load(file_path)
        if not isinstance(loaded, Template | TemplateError):
            return None  # plainly something else, such as a file of parameters
        file: TemplateFile = TemplateFile.from_parent(parent, path=file_path)
        file.take(loaded, self._policy)
        return file


class _Policy:
    """How templates are judged: as `infra-checks check` does it in the root folder, from where files are named.

    What other tools find belongs to no rule of ours and would be no test's, so they are not asked.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._root = config.rootpath
        severity = settings(config).fail_on or Severity.INFO.name
        self.fail_on = None if severity == "never" else Severity[severity.upper()]
        with chdir(self._root):
            self._setup = api.set_up(api.Request(**{**request_fields(config), "paths": (), "beside": ()}))
            api.check_loaded(self._setup, ())  # A baseline that cannot be read ends the run, not each test.

    def load(self, file: Path) -> Template | TemplateError | Skipped:
        """A template, or why there is none."""
        return load_met(str(file))

    def rules(self, template: Template) -> tuple[Chosen, ...]:
        """The rules that judge something in a template. Raises PlacedError."""
        with chdir(self._root):
            return api.applicable(self._setup, template, api.label_of(template.name))

    def report(self, loaded: Template | TemplateError, rules: set[str]) -> Report:
        """What some of the rules say of a template."""
        with chdir(self._root):
            return api.check_loaded(self._setup.running(rules), [loaded])


class TemplateFile(pytest.File):
    """A template; it is read when it is collected, and judged when the first of its tests runs."""

    _loaded: Template | TemplateError
    _policy: _Policy

    def take(self, loaded: Template | TemplateError, policy: _Policy) -> None:
        """What was read, and how to judge it."""
        self._loaded = loaded
        self._policy = policy

    def collect(self) -> Iterator[_Item]:
        """The test that it can be judged, and one for each rule, sorted."""
        yield Usable.from_parent(self, name=USABLE)
        if isinstance(self._loaded, Template):
            try:
                rules = self._policy.rules(self._loaded)
            except PlacedError:
                return  # The report says it.
            for choice in rules:
                item = Kept.from_parent(self, name=choice.rule.id)
                item.extra_keyword_matches |= {choice.rule.family, choice.severity.label}
                yield item

    @cached_property
    def report(self) -> Report:
        """What is found by the rules that were not deselected."""
        return self._policy.report(self._loaded, {item.name for item in self.session.items if item.parent is self})

    def fails(self, finding: Finding) -> bool:
        """Whether a finding makes its test fail."""
        if finding.outcome is Outcome.ERROR:
            return True
        return self._policy.fail_on is not None and finding.blocks and finding.severity >= self._policy.fail_on

    @property
    def is_usable_asked(self) -> bool:
        """Whether the test that it can be judged runs too."""
        return any(item.parent is self and isinstance(item, Usable) for item in self.session.items)


class _Objection(Exception):  # noqa: N818 - no error, but what a test has to say
    """Why a test fails, as people read it."""


class _Item(pytest.Item):
    parent: TemplateFile

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, 0, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401 - as pytest has it
        """Our own words; of anything else that was raised, pytest's."""
        if isinstance(excinfo.value, _Objection):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)


class Usable(_Item):
    """The test that a template can be read and judged."""

    def runtest(self) -> None:
        """Fail with what keeps it from that."""
        report = self.parent.report
        if report.errors:
            raise _Objection(render_some(report, (), report.errors))


class Kept(_Item):
    """The test that a template keeps a rule."""

    def runtest(self) -> None:
        """Fail with what the rule says, and do not pass where a part of the template could not be judged."""
        report = self.parent.report
        found = [finding for finding in report.findings if finding.rule == self.name]
        failing = [finding for finding in found if self.parent.fails(finding)]
        errors = () if self.parent.is_usable_asked else report.errors
        if failing or errors:
            raise _Objection(render_some(report, failing, errors))
        if report.errors:
            pytest.skip(f"not all of the template could be judged; see {self.parent.nodeid}::{USABLE}")
        for finding, warning in warnings_of(found):
            try:
                warnings.warn_explicit(warning, None, str(self.path), finding.span.line)
            except ComplianceWarning:  # the run makes errors of warnings
                raise _Objection(render_some(report, [finding])) from None
