"""What one version of policies allows that another does not (CheckNoNewAccess)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from infra_checks.access_questions.asking import (
    each_alone,
    entries,
    reason,
    statement_words,
    unless_denied,
    with_known_action,
)
from infra_checks.access_questions.closing import Closed, closed, is_kept
from infra_checks.access_questions.inputs import PolicyInput, TemplateInput
from infra_checks.access_questions.results import Reason, Result
from infra_checks.access_questions.subjects import LIMITING, Subject, everything, read_all, subjects_of
from infra_checks.access_questions.walking import in_all_scenarios, in_order, unproved
from infra_checks.errors import ConfigError
from infra_checks.evaluate.scenario import Leaf
from infra_checks.iam.answers import Certainty
from infra_checks.iam.model import Effect, Policy, PolicyType
from infra_checks.iam.questions import new_access

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from infra_checks.access_questions.asking import Alone
    from infra_checks.access_questions.inputs import Input
    from infra_checks.access_questions.subjects import Key
    from infra_checks.evaluate.scenario import Scenario
    from infra_checks.iam.answers import Answer

_ORGANIZATION: Final = (PolicyType.SCP, PolicyType.RCP)


def no_new_access(new: Input, old: Input | None) -> Result:
    """Whether `new` allows nothing that `old` does not; without `old` all that it allows is new."""
    if old is not None and type(new) is not type(old):
        raise ConfigError(f"{old.name} and {new.name}: one is a template and the other a policy; compare two of a kind")
    if isinstance(new, PolicyInput) and isinstance(old, PolicyInput) and new.type is not old.type:
        raise ConfigError(
            f"{old.name} is read as {old.type.value} and {new.name} as {new.type.value}; say which with --type"
        )
    examined: set[Key] = set()
    reasons = in_order(in_all_scenarios(new, partial(_in_scenario, new, old, examined), _shared_domains(new, old)))
    if isinstance(old, TemplateInput):
        reasons = (*reasons, *(unproved(old, why) for why in old.open))
    count = len(reasons)
    message = (
        f"{new.name} allows nothing that {'the old version' if old is not None else 'nothing'} does not allow"
        if not count
        else f"{new.name} allows, or may allow, what the old version does not, in {count} place{'s' * (count > 1)}"
    )
    return Result(message, reasons, (*_notices(new, old),), len(examined))


def _in_scenario(new: Input, old: Input | None, examined: set[Key], scenario: Scenario) -> Iterator[Reason]:
    after, before = _read_both(new, old, scenario)
    examined.update(after)
    for key, subject in after.items():
        yield from _added(subject, before.get(key))
    yield from _lifted(after, before)


def _read_both(new: Input, old: Input | None, scenario: Scenario) -> tuple[dict[Key, Subject], dict[Key, Subject]]:
    """Both versions in the scenario.

    They are read again when reading has decided more of the scenario: a text that was read before a condition asked for
    the Region has a symbol where the other version has the Region's name.
    """
    while True:
        decided = dict(scenario.taken)
        # All of the new version first: a choice that only it knows must not be one that only the old one can have.
        after = read_all(subjects_of(new, scenario))
        _ = [policy.statements for subject in after.values() for policy in subject.policies]
        before = read_all(subjects_of(old, scenario)) if old is not None else {}
        if scenario.taken == decided:
            return after, before


def _added(subject: Subject, before: Subject | None) -> Iterator[Reason]:
    limiting = all(policy.type in LIMITING for policy in subject.policies) and bool(subject.policies)
    old: tuple[Policy, ...] = before.policies if before is not None else ()
    if before is None and limiting:
        return  # without it there was no limit
    both = closed(_completed(subject.policies), _completed(old))
    for alone in each_alone(both.new):
        if alone.statement is not None and is_kept(alone.statement, alone.policy, both):
            continue
        ask = partial(_ask, both)
        answer = ask(alone.policies)
        if answer.certainty is Certainty.NO:
            continue
        unknown = alone.statement is not None and both.stands_for_unknown(alone.statement)
        yield _reason(subject, alone, answer, both, is_new=before is None, unknown=unknown)


def _ask(both: Closed, policies: Sequence[Policy]) -> Answer:
    return new_access(policies, both.old)


def _reason(subject: Subject, alone: Alone, answer: Answer, both: Closed, *, is_new: bool, unknown: bool) -> Reason:
    shared = "; ".join(both.shared.values())
    ask = partial(_ask, both)
    if unknown:
        why = f"what it allows is not known, and less of it is denied or limited than before: {shared}"
        answer = replace(answer, certainty=Certainty.UNKNOWN, witness=None, symbols=(), values={}, reason=why)
    else:
        answer = unless_denied(with_known_action(alone, answer, ask), both.new)
    if shared and answer.certainty is Certainty.DEFINITE:
        why = f"what both versions have and is not known may allow it already, or deny it: {shared}"
        answer = replace(answer, certainty=Certainty.POSSIBLE, reason=why)
    listed = () if answer.certainty is Certainty.UNKNOWN else entries(alone, ask)
    words = statement_words(None if unknown else alone.statement)
    verb = {Certainty.DEFINITE: "allows", Certainty.POSSIBLE: "may allow", Certainty.UNKNOWN: "could allow"}
    what = "what nobody of that name had before" if is_new else "what the old version does not"
    description = f"{subject.title}: {words} {verb[answer.certainty]} {what}"
    return reason(subject, alone, answer, description, listed)


def _lifted(after: dict[Key, Subject], before: dict[Key, Subject]) -> Iterator[Reason]:
    """Policies of an organization that are gone: what they denied may be allowed now."""
    for key, subject in before.items():
        if key in after or not subject.of_type(*_ORGANIZATION):
            continue
        gone = replace(subject, policies=(everything(PolicyType.SCP),))
        for found in _added(gone, subject):
            yield replace(found, description=f"{subject.title}: the limit is gone", statement=None)


def _completed(policies: tuple[Policy, ...]) -> tuple[Policy, ...]:
    """With the Allow that stands beside policies that only deny: FullAWSAccess and RCPFullAWSAccess.

    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html and
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
    """
    if not any(policy.type in _ORGANIZATION for policy in policies):
        return policies
    allowed = any(
        policy.type is PolicyType.SCP and statement.effect is not Effect.DENY
        for policy in policies
        for statement in policy.statements
    )
    return policies if allowed else (*policies, everything(PolicyType.SCP))


def _shared_domains(new: Input, old: Input | None) -> Leaf | None:
    """What the new version's parameters can be, for those that the old version lets be something else."""
    if not isinstance(new, TemplateInput) or not isinstance(old, TemplateInput):
        return None
    taken, variables = {}, {}
    for name, domain in new.stack.domains.items():
        other = old.stack.domains.get(name)
        base = domain.variable.base
        if other is None or other.variable.base == base:
            continue
        if base.single is not None and other.variable.base.single is not None:
            continue  # a default that was changed is a change
        taken[name], variables[name] = base, domain.variable
    return Leaf(taken, variables)


def _notices(new: Input, old: Input | None) -> Iterator[str]:
    if isinstance(new, TemplateInput):
        yield "principals are matched by logical id; parameters of one name have the same value in both versions"
    elif new.type in _ORGANIZATION:
        yield "FullAWSAccess is attached beside a policy without an Allow"
    if old is None:
        yield f"there is no old version of {new.name}"
