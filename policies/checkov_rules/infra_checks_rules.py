"""The rules of infra-checks as checks of checkov, for teams that already run checkov.

    checkov -d templates --external-checks-dir "$(infra-checks checkov-dir)"

infra-checks must be installed in checkov's environment (`pipx inject checkov infra-checks`). The id of a check is
that of the rule in upper case with INFRA_ before it: INFRA_RDS_STORAGE_ENCRYPTED. INFRA_CHECKS_PACK names the pack;
the rules it leaves off do not run. A resource fails when the rule finds a violation in any scenario; what is undecided
is unknown.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from checkov.cloudformation.checks.resource.base_resource_check import BaseResourceCheck
from checkov.common.models.enums import CheckCategories, CheckResult

from infra_checks import api
from infra_checks.core.finding import Family, Outcome
from infra_checks.core.rule import ANY_TYPE, Rule
from infra_checks.packs.load import load_packs
from infra_checks.packs.select import choose

PACK = os.environ.get("INFRA_CHECKS_PACK", "baseline")

_CATEGORIES = {
    Family.DELETION: CheckCategories.BACKUP_AND_RECOVERY,
    Family.ENCRYPTION: CheckCategories.ENCRYPTION,
    Family.IAM: CheckCategories.IAM,
    Family.NETWORK: CheckCategories.NETWORKING,
    Family.OBSERVABILITY: CheckCategories.LOGGING,
}


class InfraCheck(BaseResourceCheck):
    """One rule; the template is judged as a whole, once for all rules."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(
            name=rule.title,
            id=f"INFRA_{rule.id.replace('-', '_').upper()}",
            categories=[_CATEGORIES.get(rule.family, CheckCategories.CONVENTION)],
            supported_resources=["AWS::*" if kind == ANY_TYPE else kind for kind in rule.types],
            guideline=rule.source or None,
        )
        self.rule = rule

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:  # noqa: ARG002 - the file itself is judged
        """What our rule says of the resource in its file, in all scenarios."""
        scanned, _, rest = self.entity_path.partition(":")
        logical_id = rest.rpartition(":")[2]
        file = _located(scanned)
        if file is None:
            return CheckResult.UNKNOWN
        outcomes = _outcomes(file).get((logical_id, self.rule.id), set())
        if Outcome.ERROR in outcomes:
            raise RuntimeError(f"rule {self.rule.id} failed on {logical_id}")
        if Outcome.FAIL in outcomes:
            return CheckResult.FAILED
        return CheckResult.UNKNOWN if Outcome.UNDECIDED in outcomes else CheckResult.PASSED


@cache
def _outcomes(file: str) -> dict[tuple[str, str], set[Outcome]]:
    """What the pack's rules find in a template, by resource and rule."""
    outcomes: dict[tuple[str, str], set[Outcome]] = {}
    for finding in api.check(api.Request(paths=(file,), pack=(PACK,))).findings:
        outcomes.setdefault((finding.resource, finding.rule), set()).add(finding.outcome)
    return outcomes


@cache
def _located(scanned: str) -> str | None:
    """The file that checkov names relative to the folder, or the working folder, that it was given."""
    words = sys.argv[1:]
    folders = [word for flag, word in pairwise(words) if flag in {"-d", "--directory"}]
    for folder in (*folders, "."):
        path = Path(folder, scanned.lstrip("/"))
        if path.is_file():
            return str(path)
    return scanned if Path(scanned).is_file() else None


def _checks() -> list[InfraCheck]:
    rules = api.catalogue()
    chosen = choose(load_packs([PACK], catalogue=rules), rules)
    return [InfraCheck(choice.rule) for choice in chosen if "Template" not in choice.rule.types]


checks = _checks()
