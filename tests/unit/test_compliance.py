from __future__ import annotations

from pathlib import Path

import pytest

from infra_checks import defaults
from infra_checks.core.declared import DeclaredResource
from infra_checks.errors import ConfigError
from infra_checks.live.reading import Read, Unread
from infra_checks.live.stacks import LiveResource, LiveStack, Place
from infra_checks.testing import ComplianceWarning, assert_compliant, assert_not_compliant, declared_stack

TEMPLATE = """\
Parameters:
  Environment: {Type: String, Default: development, AllowedValues: [development, production]}
Conditions:
  IsProduction: !Equals [!Ref Environment, production]
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties: {SqsManagedSseEnabled: !If [IsProduction, true, false]}
  Letters:
    Type: AWS::SQS::Queue
    Properties: {SqsManagedSseEnabled: true}
  Imported:
    Type: AWS::SQS::Queue
    Properties: {SqsManagedSseEnabled: !ImportValue encryption}
  Files: {Type: AWS::S3::Bucket}
"""
RULE = "sqs-queue-encrypted"


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # The run of this test may be one of the plugin, which says what it asks for.
    monkeypatch.setattr(defaults, "_RUNS", [])
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "queues.yaml"
    file.write_text(TEMPLATE)
    return file


def pack(folder: Path, rules: str, more: str = "") -> str:
    file = folder / "pack.yaml"
    file.write_text(f"name: pack\nrules: {rules}\n{more}\n")
    return str(file)


def test_a_resource_that_keeps_the_rule_is_compliant(template: Path) -> None:
    assert_compliant(declared_stack(template)["Letters"], RULE)
    assert_compliant(declared_stack(template, Environment="production")["Orders"], RULE)


def test_a_violation_is_told_with_the_lines_of_the_template(template: Path) -> None:
    with pytest.raises(AssertionError) as raised:
        assert_compliant(declared_stack(template)["Orders"], RULE)
    text = str(raised.value)
    assert text.startswith(f"Orders (AWS::SQS::Queue) does not comply\n\nhigh  {RULE}  Orders (AWS::SQS::Queue)\n")
    assert "--> queues.yaml:8:" in text
    assert "^^^^^" in text
    assert "Letters" not in text


def test_findings_on_other_resources_do_not_count(template: Path) -> None:
    assert_compliant(declared_stack(template)["Letters"], "sqs-queue-encrypted")


def test_what_is_undecided_fails_unless_it_is_allowed(template: Path) -> None:
    imported = declared_stack(template)["Imported"]
    with pytest.raises(AssertionError, match=r"undecided \(high\)  sqs-queue-encrypted"):
        assert_compliant(imported, RULE)
    assert_compliant(imported, RULE, allow_undecided=True)
    with pytest.raises(AssertionError, match="undecided"):
        assert_compliant(imported, RULE, pack=pack(template.parent, f"{{{RULE}: warn}}", "undecided: ignore"))


def test_a_rule_that_judges_nothing_of_the_subject_proves_nothing(template: Path) -> None:
    complaint = f"{RULE} judges nothing here: it is about AWS::SQS::Queue"
    with pytest.raises(AssertionError, match=complaint):
        assert_compliant(declared_stack(template)["Files"], RULE)
    with pytest.raises(AssertionError, match="dynamodb-pitr-enabled judges nothing here"):
        assert_compliant(template, "dynamodb-pitr-enabled")
    with pytest.raises(AssertionError, match="pack judges nothing here"):
        assert_compliant(declared_stack(template)["Files"], pack=pack(template.parent, f"{{{RULE}: block}}"))


def test_a_rule_that_the_pack_leaves_out_for_the_resource_proves_nothing(template: Path) -> None:
    excepting = pack(template.parent, f"{{{RULE}: {{except: {{resources: [Orders]}}}}}}")
    with pytest.raises(AssertionError, match="judges nothing here"):
        assert_compliant(declared_stack(template)["Orders"], RULE, pack=excepting)


def test_without_rules_the_pack_decides_what_fails_and_what_warns(template: Path) -> None:
    letters, orders = declared_stack(template)["Letters"], declared_stack(template)["Orders"]
    warning = pack(template.parent, f"{{{RULE}: warn}}")
    assert_compliant(letters, pack=warning)
    with pytest.warns(ComplianceWarning, match="sqs-queue-encrypted: Orders does not encrypt its messages"):
        assert_compliant(orders, pack=warning)
    with pytest.raises(AssertionError, match="does not encrypt"):
        assert_compliant(orders, RULE, pack=warning)


def test_a_template_is_judged_in_every_scenario_of_its_parameters(template: Path) -> None:
    with pytest.raises(AssertionError, match="when: Environment is development"):
        assert_compliant(template, RULE, pack=pack(template.parent, "{}"), allow_undecided=True)
    assert_compliant("queues.yaml", RULE, parameters={"Environment": "production"}, allow_undecided=True)


def test_the_settings_of_the_folder_say_which_pack_it_is(template: Path) -> None:
    pack(template.parent, f"{{{RULE}: {{severity: critical}}}}")
    (template.parent / "infra-checks.yaml").write_text(f"pack: pack.yaml\nignore: [{RULE}]\nselect: [iam]\n")
    with pytest.raises(AssertionError, match="critical  sqs-queue-encrypted"):
        assert_compliant(declared_stack(template)["Orders"], RULE)


def test_what_a_test_run_asks_for_goes_before_the_settings(template: Path, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    packs = {"pack": (pack(tmp_path / "sub", f"{{{RULE}: {{severity: low}}}}"),)}
    before = defaults.current()
    with (
        defaults.using(defaults.Defaults(lambda: packs, tmp_path / "sub")),
        pytest.raises(AssertionError, match=r"low  sqs-queue-encrypted(.|\n)*--> .*queues\.yaml:8"),
    ):
        assert_compliant(declared_stack(template)["Orders"], RULE)
    assert defaults.current() is before


def test_a_violation_that_has_to_be_there_is(template: Path) -> None:
    stack = declared_stack(template)
    assert_not_compliant(stack["Orders"], RULE)
    with pytest.raises(AssertionError, match=f"does not violate {RULE}$"):
        assert_not_compliant(stack["Letters"], RULE)
    with pytest.raises(AssertionError, match=f"does not violate {RULE}\n\nundecided"):
        assert_not_compliant(stack["Imported"], RULE)
    with pytest.raises(TypeError, match="name the rules"):
        assert_not_compliant(stack["Orders"])


def test_a_waived_violation_is_compliant_and_no_violation(template: Path) -> None:
    waivers = f"waivers: [{{rule: {RULE}, resource: Orders, reason: Made-up orders., owner: us, expires: 2999-01-01}}]"
    waiving = pack(template.parent, f"{{{RULE}: block}}", waivers)
    orders = declared_stack(template)["Orders"]
    assert_compliant(orders, RULE, pack=waiving)
    with pytest.raises(AssertionError, match="waived"):
        assert_not_compliant(orders, RULE, pack=waiving)


def test_a_template_that_cannot_be_read_is_not_compliant(template: Path) -> None:
    with pytest.raises(AssertionError, match="error  does not exist"):
        assert_compliant("none.yaml", RULE)
    with pytest.raises(AssertionError, match="error  does not exist"):
        assert_not_compliant(template.parent / "none.yaml", RULE)


def test_a_rule_that_does_not_exist_is_an_error(template: Path) -> None:
    with pytest.raises(ConfigError, match="sqs-queue-encryptd"):
        assert_compliant(template, "sqs-queue-encryptd")


def test_a_resource_of_no_known_template_and_parameters_twice_are_refused(template: Path) -> None:
    with pytest.raises(TypeError, match="which template"):
        assert_compliant(DeclaredResource("Orders", "AWS::SQS::Queue", {}, {}), RULE)
    with pytest.raises(TypeError, match="has its parameters already"):
        assert_compliant(declared_stack(template), RULE, parameters={"Environment": "production"})


def test_a_resource_that_is_generated_is_judged_with_what_it_is_written_as(tmp_path: Path) -> None:
    file = tmp_path / "sam.yaml"
    file.write_text(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  Handler:\n    Type: AWS::Serverless::Function\n"
        "    Properties: {Runtime: python3.6, Handler: a.b, CodeUri: s3://bucket/key}\n"
    )
    stack = declared_stack(file)
    with pytest.raises(AssertionError, match="lambda-runtime-supported  Handler"):
        assert_compliant(stack["Handler"], "lambda-runtime-supported")


IDENTITY = "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/1"


def deployed(logical_id: str, type: str, properties: Read, owner: str = "") -> LiveResource:
    physical_id = (owner or logical_id).lower()
    return LiveResource(
        logical_id=logical_id,
        type=type,
        physical_id=physical_id,
        stack_id=IDENTITY,
        arn=f"arn:aws:s3:::{physical_id}",
        properties=properties,
        owner=owner,
    )


@pytest.fixture
def live(template: Path) -> LiveStack:
    """Two buckets; anyone may read the one, of the other nothing could be read."""
    assert template.is_file()
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::files/*"}
    policy = {"Bucket": "files", "PolicyDocument": {"Version": "2012-10-17", "Statement": [anyone]}}
    found = [
        deployed("Files", "AWS::S3::Bucket", {"BucketName": "files", "VersioningConfiguration": {"Status": "Enabled"}}),
        deployed("Hidden", "AWS::S3::Bucket", Unread("AccessDenied: s3:GetBucketVersioning")),
    ]
    return LiveStack(
        name="shop",
        stack_id=IDENTITY,
        place=Place.of(IDENTITY),
        status="CREATE_COMPLETE",
        resources={each.logical_id: each for each in found},
        beside={"Files.BucketPolicy": deployed("Files.BucketPolicy", "AWS::S3::BucketPolicy", policy, owner="Files")},
    )


def test_a_deployed_resource_is_judged_in_its_stack(live: LiveStack) -> None:
    assert_compliant(live["Files"], "s3-bucket-versioning-enabled")
    (files, _) = live
    assert_compliant(files, "s3-bucket-versioning-enabled")
    assert_not_compliant(live.of_type("AWS::S3::Bucket")["Files"], "s3-bucket-server-side-encryption-enabled")


def test_what_could_not_be_read_fails_with_the_reason_unless_it_is_allowed(live: LiveStack) -> None:
    with pytest.raises(AssertionError, match=r"arn:aws:s3:::hidden(.|\n)*AccessDenied: s3:GetBucketVersioning"):
        assert_compliant(live["Hidden"], "s3-bucket-versioning-enabled")
    with pytest.raises(AssertionError, match="AccessDenied"):
        assert_compliant(live, "s3-bucket-versioning-enabled")
    assert_compliant(live, "s3-bucket-versioning-enabled", allow_undecided=True)


def test_the_policy_of_a_deployed_bucket_is_its_own(live: LiveStack) -> None:
    with pytest.raises(AssertionError, match="resource-policy-not-public"):
        assert_compliant(live["Files"], "resource-policy-not-public")


def test_a_deployed_resource_of_no_known_stack_and_parameters_are_refused(live: LiveStack) -> None:
    with pytest.raises(TypeError, match="which stack"):
        assert_compliant(live.resources["Files"], RULE)
    with pytest.raises(TypeError, match="has its parameters already"):
        assert_compliant(live["Files"], RULE, parameters={"Environment": "production"})


def test_a_test_that_fails_does_not_show_what_is_deployed(live: LiveStack) -> None:
    assert "Enabled" not in repr(live)
    assert "Enabled" not in repr(live["Files"])
    assert "arn:aws:s3:::files" in repr(live["Files"])
