"""The fixtures for tests of stacks, declared and deployed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra_checks.sandbox.server import Sandbox
from infra_checks.sandbox.testing import running_sandbox
from tests.integration.plugin.conftest import Run

# Of a type that Cloud Control reads, so that no reader of one service decides what these tests say.
TEMPLATE = """
Resources:
  Shop: {Type: AWS::ElasticBeanstalk::Application}
  Website:
    Type: AWS::ElasticBeanstalk::Environment
    Properties:
      ApplicationName: !Ref Shop
      OptionSettings:
        - {Namespace: "aws:elasticbeanstalk:managedactions", OptionName: ManagedActionsEnabled, Value: "true"}
        - {Namespace: "aws:elasticbeanstalk:healthreporting:system", OptionName: SystemType, Value: basic}
  Orders: {Type: AWS::SQS::Queue}
Outputs:
  QueueUrl: {Value: !Ref Orders}
  QueueArn: {Value: !GetAtt Orders.Arn}
"""
USING = """
from infra_checks.testing import assert_compliant, assert_not_compliant

def test_outputs(stack_outputs, aws):
    asked = {"QueueUrl": stack_outputs["QueueUrl"], "AttributeNames": ["QueueArn"]}
    assert aws("sqs").get_queue_attributes(**asked)["Attributes"]["QueueArn"] == stack_outputs["QueueArn"]

def test_live(live_stack):
    assert_compliant(live_stack["Website"], "elastic-beanstalk-managed-updates-enabled")
    assert_not_compliant(live_stack["Website"], "beanstalk-enhanced-health-reporting-enabled")

def test_live_fails(live_stack):
    assert_compliant(live_stack["Website"], "beanstalk-enhanced-health-reporting-enabled")

def test_live_stack_fails(live_stack):
    assert_compliant(live_stack, "beanstalk-enhanced-health-reporting-enabled")

def test_what_is_not_about_it_proves_nothing(live_stack):
    assert_compliant(live_stack["Website"], "dynamodb-pitr-enabled")
"""


@pytest.fixture(scope="module")
def shop() -> Iterator[Sandbox]:
    """A server that stands in for AWS, with the stack `shop`."""
    with contextmanager(running_sandbox)() as sandbox:
        sandbox.client("cloudformation", "eu-west-1").create_stack(StackName="shop", TemplateBody=TEMPLATE)
        yield sandbox


@pytest.fixture
def tests(project: pytest.Pytester) -> pytest.Pytester:
    """A project with tests of a deployed stack and the Region in a file."""
    (project.path / "infra" / "AWS_REGION").write_text("eu-west-1\n")
    project.makeini("[pytest]\n")
    project.makepyfile(test_shop=USING)
    return project


def test_what_a_run_does_not_give_is_a_reason_to_skip(tests: pytest.Pytester, run: Run) -> None:
    assert tests.path.is_dir()
    result = run("-rs")
    result.assert_outcomes(skipped=5)
    result.stdout.fnmatch_lines_random(
        [
            "SKIPPED*stack_outputs needs --stack-outputs FILE or --stack-name NAME",
            "SKIPPED*live_stack needs --stack-name NAME or --stack-outputs FILE",
        ]
    )


def test_a_deployed_stack_is_named_by_options(tests: pytest.Pytester, run: Run, shop: Sandbox) -> None:
    assert tests.path.is_dir()
    result = run("--stack-name", "shop", "--endpoint-url", shop.endpoint)
    result.assert_outcomes(passed=2, failed=3)
    result.stdout.fnmatch_lines(
        [
            "E * AssertionError: Website (AWS::ElasticBeanstalk::Environment) does not comply",
            "E * --> 123456789012/eu-west-1/shop:10:101",
            "E * Website *",
            "E * deployed: shop-Website-*",
            "E * console: https://*",
            "E * AssertionError: 123456789012/eu-west-1/shop does not comply",
        ]
    )


def test_a_deployed_stack_is_named_by_the_ini_file(tests: pytest.Pytester, run: Run, shop: Sandbox) -> None:
    keys = f"infra_stack_name = shop\ninfra_endpoint_url = {shop.endpoint}\ninfra_account = 123456789012\n"
    tests.makeini(f"[pytest]\n{keys}")
    run().assert_outcomes(passed=2, failed=3)


def test_a_deployed_stack_is_found_by_its_outputs(tests: pytest.Pytester, run: Run, shop: Sandbox) -> None:
    described = shop.client("cloudformation", "eu-west-1").describe_stacks(StackName="shop")
    (tests.path / "outputs.json").write_text(json.dumps(described, default=str))
    run("--stack-outputs", "outputs.json", "--endpoint-url", shop.endpoint).assert_outcomes(passed=2, failed=3)
    tests.makeini("[pytest]\ninfra_stack_outputs = outputs.json\n")
    run("--endpoint-url", shop.endpoint, "test_shop.py").assert_outcomes(passed=2, failed=3)


def test_the_arn_of_a_stack_says_its_region(tests: pytest.Pytester, run: Run, shop: Sandbox) -> None:
    (tests.path / "infra" / "AWS_REGION").write_text("us-east-1\n")
    (stack,) = shop.client("cloudformation", "eu-west-1").describe_stacks(StackName="shop")["Stacks"]
    run("--stack-name", stack["StackId"], "--endpoint-url", shop.endpoint).assert_outcomes(passed=2, failed=3)


def test_a_pack_that_the_run_names_judges_what_is_deployed(tests: pytest.Pytester, run: Run, shop: Sandbox) -> None:
    (tests.path / "strict.yaml").write_text("name: strict\nrules: {elastic-beanstalk-managed-updates-enabled: block}\n")
    tests.makepyfile(
        test_shop="from infra_checks.testing import assert_compliant\n\n"
        "def test_it(live_stack):\n    assert_compliant(live_stack)\n"
    )
    options = ("--stack-name", "shop", "--endpoint-url", shop.endpoint)
    run(*options, "--infra-pack", "strict.yaml").assert_outcomes(passed=1)
    run(*options).assert_outcomes(failed=1)


def test_tests_do_not_run_in_another_account_than_the_one_said(tests: pytest.Pytester, run: Run, shop: Sandbox) -> None:
    assert tests.path.is_dir()
    result = run("--stack-name", "shop", "--endpoint-url", shop.endpoint, "--infra-account", "210987654321")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "passed" not in result.parseoutcomes()
    result.stdout.fnmatch_lines(
        ["*ConfigError: the tests are for account 210987654321 and the credentials of 123456789012; nothing was done"]
    )


def test_a_stack_that_is_not_there_is_an_error_and_no_skip(tests: pytest.Pytester, run: Run, shop: Sandbox) -> None:
    assert tests.path.is_dir()
    run("--stack-name", "none", "--endpoint-url", shop.endpoint).assert_outcomes(errors=5)


def test_declared_stacks_are_evaluated_once(project: pytest.Pytester, run: Run) -> None:
    project.makeini("[pytest]\n")
    project.makepyfile(
        """
        def test_it(declared_stack, monkeypatch, tmp_path):
            production = declared_stack("infra/orders.yaml", Environment="production")
            assert production["Orders"].deletion_policy == "Retain"
            monkeypatch.chdir(tmp_path)
            assert declared_stack("infra/orders.yaml", Environment="production") is production
            assert declared_stack("infra/orders.yaml", Environment="development") != production
        """
    )
    run().assert_outcomes(passed=1)


def test_without_a_stack_each_test_has_an_empty_account_on_this_machine(
    project: pytest.Pytester, run_apart: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)  # of the sandbox of the tests before
    project.makeini("[pytest]\n")
    project.makepyfile(
        """
        import os
        import socket

        import pytest

        @pytest.mark.parametrize("time", [1, 2])
        def test_it(aws, sandbox, time):
            assert aws("s3").list_buckets()["Buckets"] == []
            aws("s3", region="eu-central-1").create_bucket(
                Bucket="letters", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
            )
            assert os.environ["AWS_ENDPOINT_URL"] == sandbox.endpoint
            with pytest.raises(Exception, match="nothing leaves the machine"):
                socket.create_connection(("192.0.2.1", 80), timeout=0.1)

        def test_the_rest_of_the_run_is_as_it_was():
            assert "AWS_ENDPOINT_URL" not in os.environ
            assert socket.socket.connect.__qualname__ == "socket.connect"
        """
    )
    run_apart().assert_outcomes(passed=3)


def test_a_test_in_the_sandbox_stays_there_whatever_stack_the_run_names(
    project: pytest.Pytester, run_apart: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    project.makepyfile(
        """
        def test_it(sandbox, aws):
            assert aws("s3").meta.endpoint_url == sandbox.endpoint

        def test_of_the_stack(aws):
            assert aws("s3").meta.endpoint_url == "http://127.0.0.1:9"
        """
    )
    options = ("--stack-name", "shop", "--endpoint-url", "http://127.0.0.1:9", "--infra-region", "eu-west-1")
    run_apart("-o", "infra_templates=", *options).assert_outcomes(passed=2)
