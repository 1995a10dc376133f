"""Stacks in stacks: made, changed and removed with their parent, by clients that know nothing of the sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra_checks.sandbox.server import Sandbox

FOLDER = Path(__file__).parent / "templates"
OUTER = (FOLDER / "nested.yaml").read_text("utf-8")
INNER = (FOLDER / "nested_queue.yaml").read_text("utf-8")
STACK = "AWS::CloudFormation::Stack"


class Shop:
    """The stack with a stack in it, and where its inner template is."""

    def __init__(self, sandbox: Sandbox, region: str = "eu-west-1") -> None:
        self.cloudformation = sandbox.client("cloudformation", region)
        self.sqs, self.ssm = sandbox.client("sqs", region), sandbox.client("ssm", region)
        self.s3, self.sns = sandbox.client("s3", region), sandbox.client("sns", region)
        self.s3.create_bucket(Bucket="inner", CreateBucketConfiguration={"LocationConstraint": region})
        self.url = f"https://inner.s3.{region}.amazonaws.com/queue.yaml"
        self.put(INNER)

    def put(self, body: str) -> None:
        self.s3.put_object(Bucket="inner", Key="queue.yaml", Body=body.encode())

    def create(self, template: str = OUTER, **options: Any) -> dict[str, Any]:
        is_asked = "Url: {Type" in template
        parameters = [{"ParameterKey": "Url", "ParameterValue": self.url}] if is_asked else []
        self.cloudformation.create_stack(StackName="shop", TemplateBody=template, Parameters=parameters, **options)
        return self.stack("shop")

    def update(self, template: str = OUTER, **parameters: str) -> None:
        given = {"Url": self.url, **parameters}
        self.cloudformation.update_stack(
            StackName="shop",
            TemplateBody=template,
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()],
        )

    def stack(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        return found

    def outputs(self, name: str = "shop") -> dict[str, str]:
        return {each["OutputKey"]: each["OutputValue"] for each in self.stack(name).get("Outputs", [])}

    def resources(self, name: str = "shop") -> dict[str, dict[str, Any]]:
        found = self.cloudformation.list_stack_resources(StackName=name)["StackResourceSummaries"]
        return {each["LogicalResourceId"]: each for each in found}

    @property
    def inner(self) -> str:
        """The id of the nested stack."""
        return str(self.resources()["Queue"]["PhysicalResourceId"])

    def timeout(self) -> str:
        url = self.resources(self.inner)["Jobs"]["PhysicalResourceId"]
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
        return str(found["VisibilityTimeout"])

    def reason(self, name: str, logical_id: str) -> str:
        events = self.cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return next(
            str(each["ResourceStatusReason"])
            for each in events
            if each["LogicalResourceId"] == logical_id and each["ResourceStatus"].endswith("_FAILED")
        )


@pytest.fixture
def shop(sandbox: Sandbox) -> Shop:
    return Shop(sandbox)


def test_a_nested_stack_is_a_resource_of_its_parent_and_a_stack_of_its_own(shop: Shop) -> None:
    outer = shop.create(Tags=[{"Key": "team", "Value": "a"}])
    assert outer["StackStatus"] == "CREATE_COMPLETE", outer.get("StackStatusReason")
    nested = shop.resources()["Queue"]
    assert (nested["ResourceType"], nested["ResourceStatus"]) == (STACK, "CREATE_COMPLETE")
    inner = shop.stack(nested["PhysicalResourceId"])
    assert inner["StackId"] == nested["PhysicalResourceId"]
    assert inner["StackName"].startswith("shop-Queue-")
    assert inner["ParentId"] == inner["RootId"] == outer["StackId"]
    assert "ParentId" not in outer
    assert inner["Parameters"] == [{"ParameterKey": "Timeout", "ParameterValue": "30"}]
    assert {tag["Key"]: tag["Value"] for tag in inner["Tags"]} == {"team": "a", "part": "queue"}
    listed = shop.cloudformation.list_stacks()["StackSummaries"]
    assert {each["StackName"]: each.get("ParentId") for each in listed} == {
        "shop": None,
        inner["StackName"]: outer["StackId"],
    }


def test_outputs_of_a_nested_stack_reach_its_parent_and_tags_of_the_parent_its_resources(shop: Shop) -> None:
    shop.create(Tags=[{"Key": "team", "Value": "a"}])
    queue = shop.resources(shop.inner)["Jobs"]["PhysicalResourceId"]
    name = queue.rpartition("/")[2]
    assert shop.outputs() == {"Stack": shop.inner, "Arn": f"arn:aws:sqs:eu-west-1:123456789012:{name}"}
    assert shop.ssm.get_parameter(Name="/queue")["Parameter"]["Value"] == name
    assert shop.sqs.list_queue_tags(QueueUrl=queue)["Tags"] == {"team": "a", "part": "queue"}


def test_an_update_changes_a_parameter_of_the_nested_stack(shop: Shop) -> None:
    shop.create()
    inner, queue = shop.inner, shop.resources(shop.inner)["Jobs"]["PhysicalResourceId"]
    shop.update(Timeout="45")
    assert shop.stack("shop")["StackStatus"] == "UPDATE_COMPLETE"
    assert shop.stack(inner)["StackStatus"] == "UPDATE_COMPLETE"
    assert shop.inner == inner
    assert shop.resources(inner)["Jobs"]["PhysicalResourceId"] == queue
    assert shop.timeout() == "45"


def test_an_update_takes_the_nested_template_as_it_is_now_and_removes_what_is_no_longer_in_it(shop: Shop) -> None:
    shop.create()
    renamed = INNER.replace("Properties: {V", "Properties: {QueueName: orders, V").replace(
        "  Old: {Type: AWS::SNS::Topic}\n", ""
    )
    shop.put(renamed)
    shop.update()
    assert set(shop.resources(shop.inner)) == {"Jobs"}
    assert shop.ssm.get_parameter(Name="/queue")["Parameter"]["Value"] == "orders"
    assert [url.rpartition("/")[2] for url in shop.sqs.list_queues()["QueueUrls"]] == ["orders"]


def test_an_update_leaves_a_nested_stack_alone_in_which_nothing_changes(shop: Shop) -> None:
    shop.create()
    shop.update(Setting="second")
    assert shop.stack("shop")["StackStatus"] == "UPDATE_COMPLETE"
    assert shop.stack(shop.inner)["StackStatus"] == "CREATE_COMPLETE"


def test_what_fails_in_a_nested_stack_fails_its_parent_and_both_are_taken_back(shop: Shop) -> None:
    shop.put(INNER.replace("AWS::SNS::Topic", "AWS::Unknown::Thing"))
    outer = shop.create()
    assert outer["StackStatus"] == "ROLLBACK_COMPLETE"
    inner = shop.inner
    assert shop.reason("shop", "Queue").startswith(f"Embedded stack {inner} was not successfully created: ")
    assert shop.stack(inner)["StackStatus"] == "DELETE_COMPLETE"
    assert "QueueUrls" not in shop.sqs.list_queues()


def test_without_rollback_what_a_failed_nested_stack_has_made_stays(shop: Shop) -> None:
    shop.put(INNER.replace("AWS::SNS::Topic", "AWS::SNS::Topic, DependsOn: Jobs, Properties: {Nothing: 1}"))
    outer = shop.create(OnFailure="DO_NOTHING")
    assert outer["StackStatus"] == "CREATE_FAILED"
    assert shop.stack(shop.inner)["StackStatus"] == "CREATE_FAILED"
    assert shop.timeout() == "30"


def test_an_update_that_fails_behind_the_nested_stack_takes_its_change_back(shop: Shop) -> None:
    shop.create()
    queue = shop.resources(shop.inner)["Jobs"]["PhysicalResourceId"]
    topic = shop.resources(shop.inner)["Old"]["PhysicalResourceId"]
    shop.put(
        INNER.replace("Properties: {V", "Properties: {QueueName: orders, V").replace(
            "  Old: {Type: AWS::SNS::Topic}\n", ""
        )
    )
    shop.update(OUTER.replace("!Ref Setting}", "!Ref Setting, Nothing: 1}"), Timeout="45")
    assert shop.stack("shop")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    inner = shop.stack(shop.inner)
    assert inner["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert inner["Parameters"] == [{"ParameterKey": "Timeout", "ParameterValue": "30"}]
    left = {name: each["PhysicalResourceId"] for name, each in shop.resources(shop.inner).items()}
    assert left == {"Jobs": queue, "Old": topic}
    assert shop.sqs.list_queues()["QueueUrls"] == [queue]
    assert shop.timeout() == "30"
    assert shop.ssm.get_parameter(Name="/queue")["Parameter"]["Value"] == queue.rpartition("/")[2]
    assert shop.outputs()["Arn"].endswith(queue.rpartition("/")[2])


def test_a_nested_update_that_fails_fails_its_parent_and_a_later_one_succeeds(shop: Shop) -> None:
    shop.create()
    shop.put(
        INNER.replace("Topic}", "Topic}\n  New: {Type: AWS::SNS::Topic, DependsOn: Jobs, Properties: {Nothing: 1}}")
    )
    shop.update(Timeout="45")
    assert shop.stack("shop")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert shop.stack(shop.inner)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert f"Embedded stack {shop.inner} was not successfully updated" in shop.reason("shop", "Queue")
    assert shop.timeout() == "30"
    shop.put(INNER)
    shop.update(Timeout="45")
    assert shop.stack("shop")["StackStatus"] == "UPDATE_COMPLETE"
    assert shop.timeout() == "45"


def test_deleting_the_parent_deletes_what_is_nested_in_it(shop: Shop) -> None:
    shop.create()
    inner = shop.inner
    shop.cloudformation.delete_stack(StackName="shop")
    assert shop.stack(inner)["StackStatus"] == "DELETE_COMPLETE"
    assert "QueueUrls" not in shop.sqs.list_queues()


def test_a_nested_stack_that_is_retained_outlives_its_parent(shop: Shop) -> None:
    shop.create(
        OUTER.replace(
            "Type: AWS::CloudFormation::Stack", "Type: AWS::CloudFormation::Stack\n    DeletionPolicy: Retain"
        )
    )
    inner = shop.inner
    shop.cloudformation.delete_stack(StackName="shop")
    assert shop.stack(inner)["StackStatus"] == "CREATE_COMPLETE"
    assert len(shop.sqs.list_queues()["QueueUrls"]) == 1


def test_a_nested_stack_that_is_no_longer_declared_is_deleted(shop: Shop) -> None:
    shop.create()
    inner = shop.inner
    shop.cloudformation.update_stack(StackName="shop", TemplateBody="Resources: {Topic: {Type: AWS::SNS::Topic}}")
    assert set(shop.resources()) == {"Topic"}
    assert shop.stack(inner)["StackStatus"] == "DELETE_COMPLETE"


def test_stacks_are_nested_deeper_and_know_their_root(shop: Shop) -> None:
    shop.s3.put_object(Bucket="inner", Key="middle.yaml", Body=OUTER.encode())
    outer = shop.create(f"""
        Resources:
          Middle:
            Type: {STACK}
            Properties:
              TemplateURL: https://s3.eu-west-1.amazonaws.com/inner/middle.yaml
              Parameters: {{Url: "{shop.url}"}}
        Outputs: {{Arn: {{Value: !GetAtt Middle.Outputs.Arn}}}}
        """)
    assert outer["StackStatus"] == "CREATE_COMPLETE"
    middle = shop.stack(shop.resources()["Middle"]["PhysicalResourceId"])
    inner = shop.stack(shop.resources(middle["StackId"])["Queue"]["PhysicalResourceId"])
    assert (inner["ParentId"], inner["RootId"]) == (middle["StackId"], outer["StackId"])
    assert shop.outputs()["Arn"] == shop.outputs(inner["StackId"])["Arn"]


def test_capabilities_of_the_request_hold_for_what_is_nested(shop: Shop) -> None:
    role = "\n  Role: {Type: AWS::IAM::Group}"
    shop.put(INNER.replace("Resources:", f"Resources:{role}"))
    refused = shop.create()
    assert refused["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "Requires capabilities : [CAPABILITY_IAM]" in shop.reason("shop", "Queue")
    shop.cloudformation.delete_stack(StackName="shop")
    assert shop.create(Capabilities=["CAPABILITY_IAM"])["StackStatus"] == "CREATE_COMPLETE"


def test_termination_protection_is_that_of_the_root(shop: Shop) -> None:
    shop.create(EnableTerminationProtection=True)
    assert shop.stack(shop.inner)["EnableTerminationProtection"] is True
    with pytest.raises(ClientError, match="TerminationProtection"):
        shop.cloudformation.delete_stack(StackName=shop.inner)
    with pytest.raises(ClientError, match="root stack"):
        shop.cloudformation.update_termination_protection(StackName=shop.inner, EnableTerminationProtection=False)


def test_a_change_set_leaves_open_whether_a_nested_template_has_changed(shop: Shop) -> None:
    shop.create()
    shop.cloudformation.create_change_set(
        StackName="shop",
        ChangeSetName="c",
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "Url", "UsePreviousValue": True}],
    )
    found = shop.cloudformation.describe_change_set(StackName="shop", ChangeSetName="c")["Changes"]
    changes = {each["ResourceChange"]["LogicalResourceId"]: each["ResourceChange"] for each in found}
    assert changes["Queue"]["Details"][0]["ChangeSource"] == "Automatic"
    assert changes["Queue"]["Replacement"] == "False"
    assert changes["Result"]["Details"][0]["Evaluation"] == "Dynamic"
    assert "Last" not in changes
    shop.cloudformation.execute_change_set(StackName="shop", ChangeSetName="c")
    assert shop.stack("shop")["StackStatus"] == "UPDATE_COMPLETE"


def test_a_list_is_no_value_of_a_parameter(shop: Shop) -> None:
    outer = shop.create(OUTER.replace("{Timeout: !Ref Timeout}", "{Timeout: [1, 2]}"))
    assert outer["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "Value of property Parameters must be an object with String" in shop.reason("shop", "Queue")


@pytest.mark.parametrize(
    "form",
    [
        "https://inner.s3.eu-west-1.amazonaws.com/queue.yaml",
        "https://inner.s3.amazonaws.com/queue.yaml",
        "https://inner.s3.dualstack.eu-west-1.amazonaws.com/queue.yaml",
        "https://s3.eu-west-1.amazonaws.com/inner/queue.yaml",
        "https://s3-eu-west-1.amazonaws.com/inner/queue.yaml",
        "https://s3.amazonaws.com/inner/queue.yaml",
        "{endpoint}/inner/queue.yaml",
    ],
)
def test_a_template_is_found_by_every_address_of_its_object(shop: Shop, form: str) -> None:
    shop.url = form.format(endpoint=shop.s3.meta.endpoint_url)
    assert shop.create()["StackStatus"] == "CREATE_COMPLETE"
    shop.cloudformation.create_stack(
        StackName="alone", TemplateURL=shop.url, Parameters=[{"ParameterKey": "Timeout", "ParameterValue": "5"}]
    )
    assert shop.stack("alone")["StackStatus"] == "CREATE_COMPLETE"


def test_a_version_of_an_object_is_named_in_the_address(shop: Shop) -> None:
    shop.s3.put_bucket_versioning(Bucket="inner", VersioningConfiguration={"Status": "Enabled"})
    shop.put(INNER)
    first = shop.s3.head_object(Bucket="inner", Key="queue.yaml")["VersionId"]
    shop.put("no template")
    shop.url += f"?versionId={first}"
    assert shop.create()["StackStatus"] == "CREATE_COMPLETE"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("s3://inner/queue.yaml", "supported URL"),
        ("http://inner.s3.amazonaws.com/queue.yaml", "supported URL"),
        ("https://inner.s3-website-eu-west-1.amazonaws.com/queue.yaml", "supported URL"),
        ("https://example.org/inner/queue.yaml", "supported URL"),
        ("https://s3.amazonaws.com/inner", "bucket and a key"),
        ("https://inner.s3.amazonaws.com/other.yaml", "S3 error"),
    ],
)
def test_other_addresses_are_refused(shop: Shop, url: str, message: str) -> None:
    with pytest.raises(ClientError, match=message):
        shop.cloudformation.create_stack(StackName="alone", TemplateURL=url)
    shop.url = url
    assert shop.create()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert message in shop.reason("shop", "Queue")


def test_what_fails_at_the_top_takes_back_the_changes_of_all_stacks_below(shop: Shop) -> None:
    shop.s3.put_object(Bucket="inner", Key="middle.yaml", Body=OUTER.encode())
    top = f"""
        Parameters: {{Timeout: {{Type: Number, Default: 30}}}}
        Resources:
          Middle:
            Type: {STACK}
            Properties:
              TemplateURL: https://s3.eu-west-1.amazonaws.com/inner/middle.yaml
              Parameters: {{Url: "{shop.url}", Timeout: !Ref Timeout}}
          Topic: {{Type: AWS::SNS::Topic, DependsOn: Middle, Properties: {{DisplayName: before}}}}
        """
    assert shop.create(top)["StackStatus"] == "CREATE_COMPLETE"
    middle = shop.resources()["Middle"]["PhysicalResourceId"]
    inner = shop.resources(middle)["Queue"]["PhysicalResourceId"]
    before = {name: each["PhysicalResourceId"] for name, each in shop.resources(inner).items()}

    shop.put(INNER.replace("  Old: {Type: AWS::SNS::Topic}\n", "  New: {Type: AWS::SNS::Topic}\n"))
    parameters = [{"ParameterKey": "Timeout", "ParameterValue": "45"}]
    broken = top.replace("DisplayName: before", "DisplayName: after, Nothing: 1")
    shop.cloudformation.update_stack(StackName="shop", TemplateBody=broken, Parameters=parameters)
    assert {shop.stack(name)["StackStatus"] for name in ("shop", middle, inner)} == {"UPDATE_ROLLBACK_COMPLETE"}
    assert {name: each["PhysicalResourceId"] for name, each in shop.resources(inner).items()} == before
    url = before["Jobs"]
    found = shop.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    assert found["VisibilityTimeout"] == "30"

    shop.cloudformation.update_stack(StackName="shop", TemplateBody=top, Parameters=parameters)
    assert {shop.stack(name)["StackStatus"] for name in ("shop", middle, inner)} == {"UPDATE_COMPLETE"}
    assert set(shop.resources(inner)) == {"Jobs", "New"}
    found = shop.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    assert found["VisibilityTimeout"] == "45"
    topics = shop.sns.list_topics()["Topics"]
    assert before["Old"] not in {each["TopicArn"] for each in topics}
    assert len(topics) == 2


def test_a_stack_cannot_be_nested_in_itself_without_end(shop: Shop) -> None:
    shop.put(f"Resources: {{Again: {{Type: {STACK}, Properties: {{TemplateURL: '{shop.url}'}}}}}}")
    outer = shop.create(f"Resources: {{Queue: {{Type: {STACK}, Properties: {{TemplateURL: '{shop.url}'}}}}}}")
    assert outer["StackStatus"] == "ROLLBACK_COMPLETE"
    made = [each["StackId"] for each in shop.cloudformation.list_stacks()["StackSummaries"]]
    assert any("nested too deeply" in shop.reason(each, "Again") for each in made[:-1])
    assert {shop.stack(each)["StackStatus"] for each in made[:-1]} == {"DELETE_COMPLETE"}
