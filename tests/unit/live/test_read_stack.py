from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra_checks.errors import ConfigError
from infra_checks.live.read_stack import live_stack
from infra_checks.live.reading import Asking, Read, Reader, Unread
from infra_checks.live.stacks import LiveStack
from tests.unit.live.wire import PLACE, Answers, Refusal, Wire, cloudformation, recorded

GET = "cloudcontrol:GetResource"
NESTED_ID = f"arn:aws:cloudformation:{PLACE}:stack/shop-Network/2"
TYPE = "AWS::XRay::Group"


@pytest.fixture(autouse=True)
def _no_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra_checks.live.read_stack.reader_of", lambda _type: None)


def read(
    answers: dict[str, Answers], *, seconds: float = 60, progress: Callable[[str], None] | None = None
) -> LiveStack:
    return live_stack("shop", clients=Wire(answers).clients, seconds=seconds, progress=progress)


def one(found: Answers, template: dict[str, Any] | str | None = None, **more: object) -> LiveStack:
    return read({**cloudformation({"Group": (TYPE, "shop")}, template, **more), GET: found})


def test_a_resource_has_the_properties_that_cloud_control_tells() -> None:
    stack = one(recorded({"GroupName": "shop"}))
    assert stack["Group"].properties == {"GroupName": "shop"}
    assert stack["Group"].type == TYPE
    assert (stack.name, stack.region, stack.account) == ("shop", "eu-west-1", "123456789012")


def test_what_the_schema_calls_write_only_is_unread_also_in_lists() -> None:
    schema = {
        "writeOnlyProperties": ["/properties/Password", "/properties/Users/*/Key", "/properties/Users/Secret"],
        "readOnlyProperties": ["/properties/Arn"],
    }
    answers = {
        **cloudformation({"Group": (TYPE, "shop")}),
        "cloudformation:DescribeType": {"Schema": json.dumps(schema)},
        GET: recorded({"Arn": "arn", "Users": [{"Name": "a"}]}),
    }
    silent = Unread("Cloud Control does not return it")
    assert read(answers)["Group"].properties == {
        "Password": silent,
        "Users": [{"Name": "a", "Key": silent, "Secret": silent}],
    }


def test_an_attribute_below_a_property_is_none_of_the_resource() -> None:
    schema = {
        "readOnlyProperties": ["/properties/Endpoint/Address", "/properties/Security/Since", "/properties/Users/*/Id"],
    }
    template = {"Resources": {"Group": {"Type": TYPE, "Properties": {"Security": {"Enabled": True}}}}}
    found = {
        "Endpoint": {"Address": "a"},
        "Security": {"Enabled": True, "Since": "now"},
        "Users": [{"Name": "b", "Id": 1}],
    }
    answers = {
        **cloudformation({"Group": (TYPE, "shop")}, template),
        "cloudformation:DescribeType": {"Schema": json.dumps(schema)},
        GET: recorded(found),
    }
    assert read(answers)["Group"].properties == {"Security": {"Enabled": True}, "Users": [{"Name": "b"}]}


def test_a_type_with_several_identifiers_is_asked_for_by_all() -> None:
    asked: list[str] = []

    def answer(given: dict[str, Any]) -> dict[str, Any]:
        asked.append(given["Identifier"])
        return recorded({})

    template = {
        "Resources": {"Group": {"Type": TYPE, "Properties": {"Api": {"Ref": "Other"}}}, "Other": {"Type": TYPE}}
    }
    answers: dict[str, Answers] = {
        **cloudformation({"Group": (TYPE, "shop"), "Other": (TYPE, "abc")}, template),
        "cloudformation:DescribeType": {
            "Schema": json.dumps({"primaryIdentifier": ["/properties/Api", "/properties/Id"]})
        },
        GET: answer,
    }
    read(answers)
    assert sorted(asked) == ["abc|abc", "abc|shop"]


def test_what_the_template_says_and_cloud_control_does_not_is_unread() -> None:
    template = {"Resources": {"Group": {"Type": TYPE, "Properties": {"Password": "x"}}}}
    stack = one(recorded({}), template)
    assert stack["Group"].properties == {"Password": Unread("Cloud Control does not return it")}


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (Refusal("AccessDenied", 403), "AccessDenied: cloudcontrol:GetResource"),
        (
            Refusal("ResourceNotFoundException"),
            "ResourceNotFoundException: cloudcontrol:GetResource (deleted meanwhile?)",
        ),
        (Refusal("UnsupportedActionException"), "UnsupportedActionException: cloudcontrol:GetResource"),
    ],
)
def test_a_resource_that_cannot_be_read_says_why(found: Refusal, reason: str) -> None:
    stack = one(found)
    assert stack["Group"].properties == Unread(reason)
    assert stack["Group"].unread == {"": reason}
    assert not stack["Group"].is_read


def test_one_resource_that_cannot_be_read_leaves_the_others() -> None:
    def answer(given: dict[str, Any]) -> dict[str, Any] | Exception:
        return recorded({"GroupName": "a"}) if given["Identifier"] == "a" else Refusal("AccessDenied", 403)

    stack = read({**cloudformation({"A": (TYPE, "a"), "B": (TYPE, "b")}), GET: answer})
    assert stack["A"].properties == {"GroupName": "a"}
    assert not stack["B"].is_read


def test_a_reader_that_fails_is_named_and_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_asking: Asking) -> Read:
        raise KeyError("secret text")

    broken = Reader(TYPE, fail, ())
    monkeypatch.setattr("infra_checks.live.read_stack.reader_of", lambda kind: broken if kind == TYPE else None)
    stack = read({**cloudformation({"A": (TYPE, "a"), "B": ("AWS::Some::Thing", "b")}), GET: recorded({"X": 1})})
    assert stack["A"].crash.startswith(f"the reader of {TYPE} failed with KeyError (")
    assert "secret text" not in stack["A"].crash
    assert stack["B"].properties == {"X": 1}


@pytest.mark.parametrize("kind", ["Custom::Thing", "AWS::CDK::Metadata", "AWS::CloudFormation::WaitConditionHandle"])
def test_what_is_in_no_service_is_what_the_template_says(kind: str) -> None:
    template = {"Resources": {"Thing": {"Type": kind, "Properties": {"A": {"Ref": "Thing"}}}}}
    wire = Wire(cloudformation({"Thing": (kind, "thing-1")}, template))
    assert live_stack("shop", clients=wire.clients)["Thing"].properties == {"A": "thing-1"}
    assert not [name for name in wire.asked if not name.startswith("cloudformation:")]


def test_a_reader_is_told_what_references_of_the_template_give(monkeypatch: pytest.MonkeyPatch) -> None:
    declared: dict[str, Any] = {}

    def keep(asking: Asking) -> Read:
        declared.update(asking.declared)
        return {}

    said = {
        "Bucket": {"Ref": "Bucket"},
        "Arn": {"Fn::GetAtt": ["Bucket", "Arn"]},
        "Objects": {"Fn::Sub": "${Bucket.Arn}/${AWS::Region}/*"},
        "Domain": {"Fn::GetAtt": ["Bucket", "DomainName"]},
    }
    template = {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}, "Group": {"Type": TYPE, "Properties": said}}}
    keeping = Reader(TYPE, keep, ())
    monkeypatch.setattr("infra_checks.live.read_stack.reader_of", lambda kind: keeping if kind == TYPE else None)
    answers = cloudformation({"Bucket": ("AWS::S3::Bucket", "shop-1"), "Group": (TYPE, "x")}, template)
    read({**answers, GET: recorded({})})
    assert declared == {
        "Bucket": "shop-1",
        "Arn": "arn:aws:s3:::shop-1",
        "Objects": "arn:aws:s3:::shop-1/eu-west-1/*",
        "Domain": {"Fn::GetAtt": ["Bucket", "DomainName"]},
    }


def test_nested_stacks_are_read_with_their_names_before_what_is_in_them() -> None:
    outer = cloudformation({"Network": ("AWS::CloudFormation::Stack", NESTED_ID)})
    inner = cloudformation({"Group": (TYPE, "inner")}, StackName="shop-Network", StackId=NESTED_ID)
    answers: dict[str, Answers] = {GET: recorded({"GroupName": "inner"})}
    for name in outer:
        answers[name] = _by_stack(outer[name], inner[name])
    stack = read(answers)
    assert list(stack.resources) == ["Network", "Network/Group"]
    assert stack["Network/Group"].properties == {"GroupName": "inner"}


def _by_stack(outer: Answers, inner: Answers) -> Answers:
    def answer(given: dict[str, Any]) -> dict[str, Any] | Exception:
        found = inner if given.get("StackName") == NESTED_ID else outer
        assert isinstance(found, (dict, Exception))
        return found

    return answer


def test_a_nested_stack_that_may_not_be_seen_is_told() -> None:
    outer = cloudformation({"Network": ("AWS::CloudFormation::Stack", NESTED_ID)})
    describe = _by_stack(outer["cloudformation:DescribeStacks"], Refusal("AccessDenied", 403))
    stack = read({**outer, "cloudformation:DescribeStacks": describe, GET: Refusal("AccessDenied", 403)})
    assert stack.notices == ("Network: what is in the nested stack is not judged: AccessDenied: DescribeStacks",)


def test_resources_that_are_gone_or_were_never_made_are_left_out() -> None:
    answers = cloudformation({})
    entry = {"ResourceType": TYPE, "PhysicalResourceId": "x"}
    answers["cloudformation:ListStackResources"] = {
        "StackResourceSummaries": [
            {**entry, "LogicalResourceId": "Gone", "ResourceStatus": "DELETE_COMPLETE"},
            {**entry, "LogicalResourceId": "Failed", "ResourceStatus": "CREATE_FAILED", "PhysicalResourceId": ""},
            {**entry, "LogicalResourceId": "Here", "ResourceStatus": "UPDATE_COMPLETE"},
        ]
    }
    assert list(read({**answers, GET: recorded({})}).resources) == ["Here"]


def test_all_pages_of_the_stacks_resources_are_read() -> None:
    answers = cloudformation({})

    def page(given: dict[str, Any]) -> dict[str, Any]:
        number = 2 if given.get("NextToken") else 1
        entry = {"LogicalResourceId": f"R{number}", "ResourceType": TYPE, "PhysicalResourceId": "x"}
        more = {"NextToken": "more"} if number == 1 else {}
        return {"StackResourceSummaries": [{**entry, "ResourceStatus": "CREATE_COMPLETE"}], **more}

    answers["cloudformation:ListStackResources"] = page
    assert list(read({**answers, GET: recorded({})}).resources) == ["R1", "R2"]


def test_attributes_come_from_the_template_with_the_stacks_own_parameters() -> None:
    template = {
        "Parameters": {"Keep": {"Type": "String", "Default": "no"}},
        "Conditions": {"IsKept": {"Fn::Equals": [{"Ref": "Keep"}, "yes"]}},
        "Resources": {"Group": {"Type": TYPE, "Metadata": {"Kept": {"Fn::If": ["IsKept", "yes", "no"]}}}},
    }
    stack = one(recorded({}), template, Parameters=[{"ParameterKey": "Keep", "ParameterValue": "yes"}])
    assert stack["Group"].declared is not None
    assert stack["Group"].declared.metadata == {"Kept": "yes"}
    assert stack.parameters == {"Keep": "yes"}


def test_what_a_hidden_parameter_decides_is_not_known() -> None:
    template = {
        "Parameters": {"Token": {"Type": "String", "Default": "no", "NoEcho": True}},
        "Conditions": {"IsKept": {"Fn::Equals": [{"Ref": "Token"}, "yes"]}},
        "Resources": {"Group": {"Type": TYPE, "Metadata": {"Kept": {"Fn::If": ["IsKept", "yes", "no"]}}}},
    }
    stack = one(recorded({}), template, Parameters=[{"ParameterKey": "Token", "ParameterValue": "****"}])
    assert stack["Group"].declared is None
    assert stack.hidden == {"Token"}


def test_a_template_that_may_not_be_read_is_told() -> None:
    answers = {**cloudformation({"Group": (TYPE, "x")}), GET: recorded({})}
    stack = read({**answers, "cloudformation:GetTemplate": Refusal("AccessDenied", 403)})
    assert stack.notices == ("shop: the deployed template is not known: AccessDenied: cloudformation:GetTemplate",)
    assert stack["Group"].properties == {}


def test_a_stack_that_is_being_changed_is_told() -> None:
    assert one(recorded({}), StackStatus="UPDATE_IN_PROGRESS").notices == (
        "shop is in state UPDATE_IN_PROGRESS: it changes while it is read",
    )


def test_a_stack_that_may_not_be_described_is_an_error() -> None:
    with pytest.raises(ConfigError, match="DescribeStacks"):
        read({"cloudformation:DescribeStacks": Refusal("AccessDenied", 403)})


def test_nothing_is_read_after_the_time_is_over() -> None:
    stack = read({**cloudformation({"Group": (TYPE, "x")}), GET: recorded({})}, seconds=-1)
    assert stack["Group"].properties == Unread("the time for this run is over: cloudcontrol:GetResource was not asked")


def test_progress_counts_the_resources() -> None:
    told: list[str] = []
    read({**cloudformation({"Group": (TYPE, "x")}), GET: recorded({})}, progress=told.append)
    assert told == ["1 of 1 resources: Group"]


def test_arns_are_put_together_from_names() -> None:
    template = {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}
    answers = cloudformation({"Bucket": ("AWS::S3::Bucket", "shop-1")}, template)
    assert read({**answers, GET: recorded({})})["Bucket"].arn == "arn:aws:s3:::shop-1"
