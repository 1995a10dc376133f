"""Rules on the stages of a pipeline: what comes before production, and what happens when a stage fails."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import Absent, Known, Unknown, rule
from infra_checks.core.table import stated
from infra_checks.evaluate.view import EACH, as_number, as_text
from infra_checks.rules.namings import mentions, same
from infra_checks.rules.predicates import all_of, any_of, text_is

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Verdict
    from infra_checks.core.table import Decision
    from infra_checks.evaluate.values import Value
    from infra_checks.evaluate.view import View

PIPELINE: Final = "AWS::CodePipeline::Pipeline"
_GUIDE: Final = "https://docs.aws.amazon.com/codepipeline/latest/userguide/"
_WORD_STARTS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z]+")
_PRODUCTION: Final = frozenset({"live", "prd", "prod", "production"})
_ROLLS_BACK_ITSELF: Final = ("CloudFormation", "CodeDeploy", "CodeDeployToECS")
"""Providers that undo a failed deployment by what is configured with them."""


class _Action(NamedTuple):
    """An action, the number and name of its stage, and when in the stage it runs."""

    view: View
    stage: int
    stage_name: Value[str]

    @property
    def category(self) -> Value[str]:
        return self.view.text("ActionTypeId", "Category")

    def is_of(self, category: str) -> Decision:
        return text_is(self.category, category)

    @property
    def order(self) -> Value[int | float]:
        """AWS: 1 unless RunOrder says more."""
        order = as_number(self.view.value("RunOrder"))
        return Known(1, order.node, order.path) if isinstance(order, Absent) else order

    def comes_before(self, other: _Action) -> Decision:
        """Whether it has ended when the other one begins."""
        if self.stage != other.stage:
            return self.stage < other.stage
        first, second = self.order, other.order
        if isinstance(first, Known) and isinstance(second, Known):
            return first.value < second.value
        return None


def _stages(pipeline: Resource) -> tuple[View, ...] | Unknown:
    stages = pipeline.items("Stages")
    match stages:
        case Known(views):
            return views
        case Unknown():
            return stages
        case Absent():
            return ()


def _actions(stages: tuple[View, ...]) -> list[_Action] | Unknown:
    found = []
    for number, stage in enumerate(stages):
        actions = stage.items("Actions")
        if isinstance(actions, Unknown):
            return actions
        views = actions.value if isinstance(actions, Known) else ()
        found += [_Action(view, number, stage.text("Name")) for view in views]
    return found


def _read(pipeline: Resource) -> list[_Action] | Unknown:
    stages = _stages(pipeline)
    return stages if isinstance(stages, Unknown) else _actions(stages)


def _is_named_production(*names: Value[str]) -> bool:
    """Whether a name has a word for production; one that cannot be told says nothing."""
    return any(
        bool(_PRODUCTION.intersection(word.lower() for word in _WORD_STARTS.split(name.value)))
        for name in names
        if isinstance(name, Known)
    )


def _first_to_production(actions: list[_Action]) -> _Action | None:
    """The first action that deploys to what is named production."""
    for action in actions:
        if action.is_of("Deploy") and _is_named_production(action.stage_name, action.view.text("Name")):
            return action
    return None


@rule(
    PIPELINE,
    id="codepipeline-approval-before-production",
    title="Somebody approves before a pipeline deploys to production",
    family=Family.DEPLOYABILITY,
    severity=Severity.MEDIUM,
    remedy="Put an action `ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: '1'}` before it: "
    "in an earlier stage, or in the same one with a smaller `RunOrder`.",
    source=_GUIDE + "approvals.html",
)
def approval(pipeline: Resource, ctx: Context) -> Iterator[Verdict]:
    """Without an approval every change of the branch reaches customers by itself. AWS halts a pipeline at a manual
    approval until somebody with the right to approve has done so. Judged are pipelines with a deployment in a stage or
    action that is named after production (prod, production, prd, live).
    """
    actions = _read(pipeline)
    if isinstance(actions, Unknown):
        yield ctx.undecided(actions, f"its stages cannot be told: {actions.reason}")
        return
    target = _first_to_production(actions)
    if target is None:
        return
    approved = any_of(*(all_of((each.is_of("Approval"), each.comes_before(target))) for each in actions))
    if approved is None:
        yield ctx.undecided(target.category, "whether somebody approves before is known only at deployment")
    elif not approved:
        yield ctx.violation(target.category, "deploys to production without an approval")


@rule(
    PIPELINE,
    id="codepipeline-deploys-elsewhere-first",
    title="What a pipeline deploys to production was deployed elsewhere first",
    family=Family.DEPLOYABILITY,
    severity=Severity.LOW,
    remedy="Add a stage before it that deploys the same artifact to a testing environment.",
    source=_GUIDE + "concepts-continuous-delivery-integration.html",
)
def elsewhere_first(pipeline: Resource, ctx: Context) -> Iterator[Verdict]:
    """What was never deployed anywhere is tried out on customers. Judged are pipelines with a deployment in a stage or
    action that is named after production (prod, production, prd, live): an earlier stage has to deploy too.
    """
    actions = _read(pipeline)
    if isinstance(actions, Unknown):
        yield ctx.undecided(actions, f"its stages cannot be told: {actions.reason}")
        return
    target = _first_to_production(actions)
    if target is None:
        return
    tried = any_of(*(each.is_of("Deploy") for each in actions if each.stage < target.stage))
    if tried is None:
        yield ctx.undecided(target.category, "whether it deploys elsewhere before is known only at deployment")
    elif not tried:
        yield ctx.violation(target.category, "deploys to production what it has deployed nowhere before")


@rule(
    PIPELINE,
    id="codepipeline-deployment-rolls-back",
    title="A stage that deploys goes back when it fails",
    family=Family.DEPLOYABILITY,
    severity=Severity.LOW,
    remedy="Set `PipelineType: V2`, and `OnFailure: {Result: ROLLBACK}` in the stage.",
    source=_GUIDE + "stage-rollback-auto.html",
)
def rolls_back(pipeline: Resource, ctx: Context) -> Iterator[Verdict]:
    """A failed deployment may leave an environment with what does not work. CodePipeline redeploys the artifacts of the
    last execution that went well if the stage says so; by default it only stops. Stages that deploy by CodeDeploy or
    CloudFormation alone are exempt: those roll back by their own settings. Pipelines of type V1 have no OnFailure.
    """
    stages = _stages(pipeline)
    if isinstance(stages, Unknown):
        yield ctx.undecided(stages, f"its stages cannot be told: {stages.reason}")
        return
    for stage in stages:
        result = stage.value("OnFailure", "Result")
        deploys, kept = _deploys(stage), _goes_back(stage)
        if deploys is False or kept:
            continue
        if deploys is None or kept is None:
            yield ctx.undecided(result, "whether a stage goes back when it fails is known only at deployment")
        else:
            yield ctx.violation(result, f"has a stage{_called(stage)} that stays as it is when its deployment fails")


def _deploys(stage: View) -> Decision:
    """Whether an action deploys by what does not roll back itself."""
    actions = _actions((stage,))
    if isinstance(actions, Unknown):
        return None
    return any_of(*(all_of((each.is_of("Deploy"), _needs_help(each))) for each in actions))


def _needs_help(action: _Action) -> Decision:
    itself = text_is(action.view.text("ActionTypeId", "Provider"), *_ROLLS_BACK_ITSELF)
    return None if itself is None else not itself


def _goes_back(stage: View) -> Decision:
    results = (
        stage.text("OnFailure", "Result"),
        *map(as_text, stage.values("OnFailure", "Conditions", EACH, "Result")),
    )
    return any_of(*(text_is(result, "ROLLBACK") for result in results))


def _called(stage: View) -> str:
    name = stage.text("Name")
    return f" ({name.value})" if isinstance(name, Known) else ""


_STATE_CHANGES: Final = tuple(f"CodePipeline {what} Execution State Change" for what in ("Pipeline", "Stage", "Action"))
_FAILURES: Final = tuple(f"codepipeline-pipeline-{what}-execution-failed" for what in ("pipeline", "stage", "action"))


@rule(
    PIPELINE,
    id="codepipeline-failure-notified",
    title="Someone is told when a pipeline fails",
    family=Family.OBSERVABILITY,
    severity=Severity.LOW,
    remedy="Add an AWS::Events::Rule with "
    "`EventPattern: {source: [aws.codepipeline], detail: {pipeline: [!Ref Pipeline], "
    "state: [FAILED]}}` and a topic as target, or an AWS::CodeStarNotifications::NotificationRule.",
    source=_GUIDE + "detect-state-changes-cloudwatch-events.html",
)
def failure_notified(pipeline: Resource, ctx: Context) -> Iterator[Verdict]:
    """A pipeline that has stopped says so in the console only. EventBridge has an event for each change of state, and
    notification rules send the same to chats and topics; nobody gets either by default. Rules of other stacks are not
    seen.
    """
    told = any_of(
        *(_matches(each, pipeline) for each in pipeline.stack.of_type("AWS::Events::Rule")),
        *(_tells(each, pipeline) for each in pipeline.stack.of_type("AWS::CodeStarNotifications::NotificationRule")),
    )
    if told is None:
        yield ctx.undecided(pipeline, "whether somebody is told of a failure is known only at deployment")
    elif not told:
        yield ctx.violation(pipeline, "has no rule in this template that tells somebody when it fails")


def _matches(events: Resource, pipeline: Resource) -> Decision:
    """Whether a rule of EventBridge sends failures of a pipeline somewhere."""
    pattern = events.mapping("EventPattern")
    if not isinstance(pattern, Known):
        return None if isinstance(pattern, Unknown) else False
    view = pattern.value
    names = _listed(view, "detail", "pipeline")
    return all_of(
        (
            _has(_listed(view, "source"), "aws.codepipeline"),
            names is None or any_of(*(_names(name, pipeline) for name in names)),
            _may_be(_listed(view, "detail-type"), *_STATE_CHANGES),
            _may_be(_listed(view, "detail", "state"), "FAILED"),
            _is_on(events, "State"),
            _has_targets(events),
        )
    )


def _listed(pattern: View, *path: str) -> tuple[Value[object], ...] | None:
    """What a part of a pattern matches; None when the pattern says nothing of it."""
    whole = pattern.value(*path)
    if isinstance(whole, Absent):
        return None
    return (whole,) if isinstance(whole, Unknown) else pattern.values(*path, EACH)


def _has(values: tuple[Value[object], ...] | None, *texts: str) -> Decision:
    """Whether one of the texts is matched; by a filter (`prefix` and others), which is a mapping, perhaps."""
    return False if values is None else any_of(*(text_is(as_text(value), *texts) for value in values))


def _may_be(values: tuple[Value[object], ...] | None, *texts: str) -> Decision:
    return True if values is None else _has(values, *texts)


def _names(value: Value[object], pipeline: Resource) -> Decision:
    return True if mentions(value, pipeline) else same(value, pipeline.value("Name"))


def _is_on(notifying: Resource, name: str) -> Decision:
    off = text_is(notifying.text(name), "DISABLED")
    return None if off is None else not off


def _has_targets(notifying: Resource) -> Decision:
    targets = notifying.items("Targets")
    match targets:
        case Known(views):
            return bool(views)
        case Unknown():
            return None
        case Absent():
            return False


def _tells(notification: Resource, pipeline: Resource) -> Decision:
    """Whether a notification rule sends failures of a pipeline somewhere."""
    kinds = [stated(as_text(value)) for value in notification.values("EventTypeIds", EACH)]
    about = notification.value("Resource")
    return all_of(
        (
            True if mentions(about, pipeline) else (None if isinstance(about, Unknown) else False),
            any_of(*(text_is(kind, *_FAILURES) for kind in kinds)),
            _is_on(notification, "Status"),
            _has_targets(notification),
        )
    )
