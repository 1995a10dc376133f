"""Rules on resources in all scenarios."""

from infra_checks.engine.judgement import MAX_SCENARIOS, Judgement, Record
from infra_checks.engine.judging import by_type, judge

__all__ = ["MAX_SCENARIOS", "Judgement", "Record", "by_type", "judge"]
