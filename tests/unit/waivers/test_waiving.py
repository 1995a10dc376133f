"""Waivers as a run applies them: packs', metadata's, other tools'."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from infra_checks import api
from infra_checks.core.finding import Finding, Outcome
from infra_checks.core.report import Report, State
from infra_checks.errors import PackError

RULE = "sqs-queue-encrypted"
QUEUE = "Type: AWS::SQS::Queue\n    Properties: {SqsManagedSseEnabled: false}"
TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def template(*resources: str, head: str = "") -> None:
    Path("t.yaml").write_text(f"{head}Resources:\n" + "".join(f"  {each}\n" for each in resources))


def pack(*waivers: str, more: str = "") -> None:
    listed = "".join(f"  - {{{each}}}\n" for each in waivers)
    Path("own.yaml").write_text(f"name: own\nrules: {{{RULE}: block}}\n{more}waivers:\n{listed or '  []'}\n")


def check(**options: object) -> Report:
    defaults: dict[str, object] = {"paths": ("t.yaml",), "pack": ("own.yaml",), "today": TODAY, "assume_any": True}
    return api.check(api.Request(**(defaults | options)))  # type: ignore[arg-type] # a test gives what fits


def outcomes(report: Report) -> list[tuple[str, str, Outcome]]:
    return [(finding.resource, finding.when, finding.outcome) for finding in report.findings]


def only(report: Report) -> Finding:
    (finding,) = report.findings
    return finding


GIVEN = "reason: accepted, owner: team-a"


def test_a_waiver_of_a_pack_hides_its_finding_and_no_other() -> None:
    template(f"A:\n    {QUEUE}", f"B:\n    {QUEUE}")
    pack(f"rule: {RULE}, resource: A, {GIVEN}, expires: 2026-12-31")
    report = check()
    assert outcomes(report) == [("A", "", Outcome.WAIVED), ("B", "", Outcome.FAIL)]
    assert report.findings[0].waiver is not None
    assert report.findings[0].waiver.owner == "team-a"
    assert [(use.state, use.findings) for use in report.waivers] == [(State.ACTIVE, 1)]


def test_a_waiver_hides_on_its_last_day_and_not_on_the_next() -> None:
    template(f"A:\n    {QUEUE}")
    pack(f"rule: {RULE}, resource: A, {GIVEN}, expires: 2026-11-21")
    assert only(check()).outcome is Outcome.WAIVED
    late = check(today=date(2026, 11, 22))
    assert only(late).outcome is Outcome.FAIL
    assert [(error.file, error.span and error.span.line) for error in late.errors] == [("own.yaml", 4)]
    assert late.errors[0].message == f"the waiver of {RULE} ended on 2026-11-21 and hid 1 finding; renew or remove it"


def test_another_tools_id_and_another_case_name_the_rule() -> None:
    template(f"A:\n    {QUEUE}")
    pack(f"rule: [s3-bucket-logging-enabled, ckv_aws_27], resource: A, {GIVEN}, expires: 2026-12-31")
    assert only(check()).outcome is Outcome.WAIVED


def test_a_waiver_with_a_value_does_not_hide_another_value() -> None:
    waiver = f"rule: {RULE}, resource: A, value: false, {GIVEN}, expires: 2026-12-31"
    template(f"A:\n    {QUEUE}")
    pack(waiver)
    assert only(check()).outcome is Outcome.WAIVED
    pack(waiver.replace("value: false", "value: !Ref Other"))
    assert only(check()).outcome is Outcome.FAIL


def test_a_waiver_with_a_fingerprint_hides_that_finding_only() -> None:
    template(f"A:\n    {QUEUE}", f"B:\n    {QUEUE}")
    pack()
    first = check().findings[0]
    pack(f"rule: {RULE}, fingerprint: {first.fingerprint}, {GIVEN}, expires: 2026-12-31")
    assert [outcome for _, _, outcome in outcomes(check())] == [Outcome.WAIVED, Outcome.FAIL]


@pytest.mark.parametrize(
    ("selector", "hides"),
    [
        ("template: t.yaml", True),
        ("template: 'other/*'", False),
        ("resource: '?'", True),
        ("resource: A, path: SqsManagedSseEnabled", True),
        ("resource: A, path: Properties.SqsManagedSseEnabled", True),
        ("resource: A, path: Properties.Sqs", False),
        ("resource: A, path: KmsMasterKeyId", False),
        ("resource: A, statement: Any", False),
    ],
)
def test_every_selector_of_a_waiver_must_fit(selector: str, *, hides: bool) -> None:
    template(f"A:\n    {QUEUE}")
    pack(f"rule: {RULE}, {selector}, {GIVEN}, expires: 2026-12-31")
    assert (only(check()).outcome is Outcome.WAIVED) is hides


WRONG = [
    ("resource: A, reason: x, owner: y, expires: 2026-12-31", "4:5: the waiver has no rule"),
    (f"rule: {RULE}, resource: A, owner: y, expires: 2026-12-31", "4:5: the waiver has no reason"),
    (f"rule: {RULE}, resource: A, reason: x, expires: 2026-12-31", "4:5: the waiver has no owner"),
    (f"rule: {RULE}, resource: A, {GIVEN}", "4:5: the waiver has no expires"),
    (f"rule: {RULE}, resource: A, {GIVEN}, expires: soon", "expires must be a day of the calendar"),
    (f"rule: {RULE}, resource: A, {GIVEN}, expires: 2026-02-30", "not '2026-02-30'"),
    (f"rule: {RULE}, resource: A, {GIVEN}, expire: 2026-12-31", "has no key 'expire'; did you mean expires?"),
    (f"rule: sqs-queue-encryptd, resource: A, {GIVEN}, expires: 2026-12-31", f"did you mean {RULE}"),
    (f"rule: {RULE}, {GIVEN}, expires: 2026-12-31", "names a resource, a template or a fingerprint"),
    (f"rule: {RULE}, fingerprint: 12, {GIVEN}, expires: 2026-12-31", "fingerprint must be"),
    (f"rule: {RULE}, resource: A, reason: ' ', owner: y, expires: 2026-12-31", "reason must be a text"),
    (f"rule: {RULE}, resource: [A], {GIVEN}, expires: 2026-12-31", "resource must be a text"),
]


@pytest.mark.parametrize(("waiver", "message"), WRONG)
def test_a_waiver_that_is_wrong_stops_the_run_with_its_place(waiver: str, message: str) -> None:
    template(f"A:\n    {QUEUE}")
    pack(waiver)
    with pytest.raises(PackError) as caught:
        check()
    assert str(caught.value).startswith("own.yaml:4:")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def metadata(item: str) -> str:
    return f"A:\n    Metadata: {{infra-checks: {{waivers: [{item}]}}}}\n    {QUEUE}"


def test_a_waiver_in_metadata_is_for_its_own_resource() -> None:
    template(metadata(f"{{rule: {RULE}, {GIVEN}, expires: 2026-12-31}}"), f"B:\n    {QUEUE}")
    pack()
    assert outcomes(check()) == [("A", "", Outcome.WAIVED), ("B", "", Outcome.FAIL)]


def test_a_waiver_behind_a_condition_holds_in_its_scenario_only() -> None:
    head = (
        "Parameters:\n  Env: {Type: String, AllowedValues: [dev, prod]}\nConditions:\n  Dev: !Equals [!Ref Env, dev]\n"
    )
    item = f'{{"Fn::If": [Dev, {{rule: {RULE}, {GIVEN}, expires: 2026-12-31}}, {{Ref: "AWS::NoValue"}}]}}'
    template(metadata(item), head=head)
    pack()
    assert outcomes(check()) == [("A", "Env is dev", Outcome.WAIVED), ("A", "Env is prod", Outcome.FAIL)]


def test_a_waiver_in_metadata_that_ended_says_so_and_hides_nothing() -> None:
    template(metadata(f"{{rule: {RULE}, {GIVEN}, expires: 2026-11-20}}"))
    pack()
    report = check()
    assert only(report).outcome is Outcome.FAIL
    assert report.notices == (
        f"t.yaml:3:41: the waiver of {RULE} ended on 2026-11-20 and hid 1 finding; renew or remove it",
    )


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (f"{{rule: {RULE}, owner: x, expires: 2026-12-31}}", "the waiver has no reason"),
        (f"{{rule: {RULE}, {GIVEN}, expires: !Ref Day}}", "expires must be a day"),
        ("{rule: sqs-queue-encryptd, reason: x, owner: y, expires: 2026-12-31}", f"did you mean {RULE}"),
        ("text", "a waiver must be a mapping"),
    ],
)
def test_a_waiver_in_metadata_that_is_wrong_hides_nothing_and_is_an_error(item: str, message: str) -> None:
    template(metadata(item))
    pack()
    report = check()
    assert only(report).outcome is Outcome.FAIL
    assert [error.file for error in report.errors] == ["t.yaml"]
    assert message in report.errors[0].message


def test_a_misspelt_key_of_our_metadata_is_an_error() -> None:
    template(f"A:\n    Metadata: {{infra-checks: {{waiver: []}}}}\n    {QUEUE}")
    pack()
    assert check().errors[0].message == "metadata of infra-checks has no key 'waiver'; did you mean waivers?"


def test_a_waiver_that_hides_nothing_is_told() -> None:
    template("A:\n    Type: AWS::SQS::Queue")
    pack(
        f"rule: {RULE}, resource: A, {GIVEN}, expires: 2026-12-31",
        f"rule: {RULE}, resource: Elsewhere, {GIVEN}, expires: 2026-12-31",
        f"rule: s3-bucket-logging-enabled, resource: A, {GIVEN}, expires: 2026-12-31",
    )
    report = check()
    assert [use.state for use in report.waivers] == [State.UNUSED, State.OUT_OF_SCOPE, State.OUT_OF_SCOPE]
    assert report.notices == (f"own.yaml:4:5: the waiver of {RULE} hides nothing; remove it, or mend what it names",)


PEERS = {
    "checkov": "Metadata: {checkov: {skip: [{id: CKV_AWS_27, comment: known}]}}",
    "cfn_nag": "Metadata: {cfn_nag: {rules_to_suppress: [{id: AwsSolutions-SQS2, reason: known}]}}",
    "guard": "Metadata: {guard: {SuppressedRules: [AwsSolutions-SQS2]}}",
    "cdk-nag": "Metadata: {cdk_nag: {rules_to_suppress: [{id: AwsSolutions-SQS2, reason: known}]}}",
}


@pytest.mark.parametrize("tool", PEERS)
def test_other_tools_suppressions_count_only_where_the_pack_allows_them(tool: str) -> None:
    template(f"A:\n    {PEERS[tool]}\n    {QUEUE}", f"B:\n    {QUEUE}")
    pack()
    assert [outcome for _, _, outcome in outcomes(check())] == [Outcome.FAIL, Outcome.FAIL]
    pack(more=f"suppressions: [{tool}]\n")
    report = check()
    assert outcomes(report) == [("A", "", Outcome.WAIVED), ("B", "", Outcome.FAIL)]
    assert [use.waiver.origin for use in report.waivers] == [tool]


def test_a_suppression_that_is_narrowed_to_a_part_is_not_honoured() -> None:
    item = "{id: AwsSolutions-SQS2, reason: known, applies_to: ['Resource::*']}"
    template(f"A:\n    Metadata: {{cdk_nag: {{rules_to_suppress: [{item}]}}}}\n    {QUEUE}")
    pack(more="suppressions: [cdk-nag]\n")
    assert only(check()).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("comment", "tool"),
    [
        ("# checkov:skip=CKV_AWS_27:known", "checkov"),
        ("#checkov:skip=CKV_AWS_1,CKV_AWS_27: known", "checkov"),
        ("#trivy:ignore:AVD-AWS-0096", "trivy"),
        ("#trivy:ignore:AWS-0096:exp:2026-11-21", "trivy"),
    ],
)
def test_comments_of_other_tools_are_for_the_resource_they_stand_in(comment: str, tool: str) -> None:
    template(f"A:\n    {comment}\n    {QUEUE}", f"B:\n    {QUEUE}")
    pack(more=f"suppressions: [{tool}]\n")
    assert outcomes(check()) == [("A", "", Outcome.WAIVED), ("B", "", Outcome.FAIL)]


@pytest.mark.parametrize("comment", ["#trivy:ignore:AWS-0096:exp:2026-11-20", "#trivy:ignore:AWS-0096:exp:2026-13-40"])
def test_a_comment_whose_day_has_passed_or_is_none_hides_nothing(comment: str) -> None:
    template(f"A:\n    {comment}\n    {QUEUE}")
    pack(more="suppressions: [trivy]\n")
    assert only(check()).outcome is Outcome.FAIL


def test_a_comment_above_a_resource_is_that_resources_for_trivy() -> None:
    template(f"A:\n    {QUEUE}\n  #trivy:ignore:AWS-0096", f"B:\n    {QUEUE}")
    pack(more="suppressions: [trivy]\n")
    assert outcomes(check()) == [("A", "", Outcome.FAIL), ("B", "", Outcome.WAIVED)]


def test_an_unknown_tool_is_an_error_of_the_pack() -> None:
    template(f"A:\n    {QUEUE}")
    pack(more="suppressions: [chekov]\n")
    with pytest.raises(PackError, match="suppressions must be"):
        check()


def statement(effect: str, sid: str, action: str) -> str:
    return f"{{Sid: {sid}, Effect: {effect}, Principal: '*', Action: '{action}', Resource: '*'}}"


def test_a_waiver_of_one_statement_leaves_the_other_statements_findings() -> None:
    first, second = statement("Allow", "One", "s3:GetObject"), statement("Allow", "Two", "s3:PutObject")
    template(
        "P:\n    Type: AWS::S3::BucketPolicy\n    Properties: {Bucket: b, PolicyDocument: "
        f"{{Version: '2012-10-17', Statement: [{first}, {second}]}}}}"
    )
    rule = api.find_rule("F16")[0].id
    Path("own.yaml").write_text(
        f"name: own\nrules: {{{rule}: block}}\nwaivers:\n"
        f"  - {{rule: {rule}, resource: P, statement: One, {GIVEN}, expires: 2026-12-31}}\n"
    )
    report = check()
    assert [(each.statement, each.outcome) for each in report.findings] == [
        ("One", Outcome.WAIVED),
        ("Two", Outcome.FAIL),
    ]
