"""The plugin is loaded by every run of pytest where the package is installed, so it must not be in anybody's way."""

from __future__ import annotations

import pytest

from tests.integration.plugin.conftest import PLUGIN, Run

HEAVY = {
    "boto3",
    "botocore",
    "yaml",
    "click",
    "moto",
    "infra_checks.api",
    "infra_checks.rules",
    "infra_checks.template",
}


def test_a_run_that_asks_for_nothing_imports_nothing_heavy(pytester: pytest.Pytester, run_apart: Run) -> None:
    # hypothesis is a plugin too, and imports what it finds.
    pytester.makepyfile(f"import sys\n\ndef test_it():\n    assert not {HEAVY!r} & set(sys.modules)\n")
    run_apart("-p", "no:hypothesispytest", "-p", "no:xdist", "-p", "no:cov").assert_outcomes(passed=1)


def test_the_options_stand_in_the_help(pytester: pytest.Pytester, run: Run) -> None:
    assert pytester.path.is_dir()
    options = ["--infra-check", "--infra-pack", "--stack-outputs", "--stack-name", "--endpoint-url", "--infra-account"]
    shown = run("--help").stdout.str()
    assert [option for option in options if option not in shown] == []


def test_a_conftest_may_declare_options_of_our_short_names(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makeconftest(
        "def pytest_addoption(parser):\n    parser.addoption('--stack-name', dest='own', default='none')\n"
    )
    pytester.makepyfile(
        """
        def test_it(request):
            assert request.config.getoption("own") == "theirs"
            assert request.config.getoption("infra_stack_name") == "ours"
        """
    )
    run("--stack-name", "theirs", "--infra-stack-name", "ours").assert_outcomes(passed=1)


def test_another_plugin_may_have_declared_one_before(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        earlier="def pytest_addoption(parser):\n    parser.addoption('--endpoint-url', dest='own')\n",
        test_it="""
        def test_it(request):
            assert request.config.getoption("own") == "theirs"
            assert request.config.getoption("infra_endpoint_url") == "ours"
        """,
    )
    pytester.syspathinsert()
    options = ("--endpoint-url", "theirs", "--infra-endpoint-url", "ours")
    pytester.runpytest_inprocess("-p", "earlier", *PLUGIN, *options).assert_outcomes(passed=1)


def test_short_and_long_names_say_the_same(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile("def test_it(request):\n    assert request.config.getoption('infra_stack_name') == 'shop'\n")
    run("--stack-name", "shop").assert_outcomes(passed=1)
    run("--infra-stack-name=shop").assert_outcomes(passed=1)


def test_without_the_plugin_a_run_goes_on(project: pytest.Pytester, pytester: pytest.Pytester) -> None:
    project.makeini("[pytest]\n")
    pytester.makepyfile("def test_it(): pass")
    pytester.runpytest_inprocess("-p", "no:infra_checks").assert_outcomes(passed=1)


def test_what_is_missing_to_reach_a_stack_is_told(pytester: pytest.Pytester, run_apart: Run) -> None:
    pytester.makeconftest("import sys\n\nsys.modules.update(boto3=None, botocore=None)\n")
    pytester.makepyfile("def test_it(live_stack):\n    pass\n")
    result = run_apart("--stack-name", "shop")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines("*AWS cannot be reached without boto3; pip install 'infra-checks?live?'*")
