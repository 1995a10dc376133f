from __future__ import annotations

import re

from infra_checks.core.finding import Outcome
from infra_checks.rules.platform_versions import cluster_version, kubernetes
from infra_checks.testing import findings, resource


def test_the_calendar_of_kubernetes_has_a_day_and_two_ends_of_each_version() -> None:
    known = kubernetes()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", known.date)
    assert known.ends[1, 34] == ("2026-12-02", "2027-12-02")
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for ends in known.ends.values() for day in ends)
    assert all(standard < extended for standard, extended in known.ends.values())


def test_a_day_that_is_none_is_an_error_not_a_pass() -> None:
    [found] = findings(cluster_version, resource("AWS::EKS::Cluster", Version="1.35"), options={"on": "now"})
    assert found.outcome is Outcome.ERROR
    assert found.message.startswith("the rule cannot run: option on")


def test_the_newest_version_is_supported_on_the_day_of_the_calendar() -> None:
    newest = ".".join(map(str, max(kubernetes().ends)))
    assert findings(cluster_version, resource("AWS::EKS::Cluster", Version=newest)) == []
