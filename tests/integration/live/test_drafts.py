"""What is wrong with the first drafts is found on what they deploy, by the same rules on the same resources.

Left out is what AWS would refuse to make, and what only the file tells; each with its reason below.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Final

import pytest

from infra_checks.core.finding import Finding, Outcome
from infra_checks.live import Access, LiveStack, live_stack
from infra_checks.live_checks import LiveRequest, check_live
from infra_checks.sandbox.server import Sandbox
from tests.integration.systems.deploying import STAGING_SAAS, Place, failures, listed
from tests.unit.infra.test_drafts import PACK, Defect, _defects, _name, draft_of

ACCEPTABLE: Final = {
    "container_platform": {
        '"EngineMode": "serverless",': "",
        '"MasterUsername": "admin"': '"MasterUsername": "platform"',
        ', "IncludeGlobalResources": true': "",
        '"generateStringKey"': '"GenerateStringKey"',
        "service-role/AWSConfigRole": "service-role/AWS_ConfigRole",
        '"DeleteAfterDays": 30, "Move': '"DeleteAfterDays": 104, "Move',
    }
}
"""What AWS would refuse, and what makes it acceptable: Serverless v1 with settings of v2, a reserved user name,
properties that do not exist, a managed policy that is gone, and a cold storage of less than 90 days."""

REFUSED: Final = {
    "aurora-serverless-v2-settings",
    "backup-plan-cold-storage-lifecycle",
    "database-default-admin-check",
    "iam-managed-policy-current",
    "rds-master-username-allowed",
    "resource-properties-exist",
}
"""The rules of that: nothing deployed has it."""

_ALARMS: Final = "alarms that are not of the stack are not looked for"
_OF_THE_FILE: Final = "is about how the file is written"
UNSEEN: Final = {
    "availability-zone-not-hard-coded": _OF_THE_FILE,
    "cloudtrail-bucket-policy-first": "asks in which order resources are made",
    "config-recorder-conditional": "asks for a condition of the template",
    "data-store-alarm": _ALARMS,
    "lambda-errors-alarm": _ALARMS,
    "output-described": _OF_THE_FILE,
    "output-exported": _OF_THE_FILE,
    "output-tells-resource": _OF_THE_FILE,
    "parameter-constrained": _OF_THE_FILE,
    "parameter-described": _OF_THE_FILE,
    "physical-name-differs-between-stacks": "asks what the name would be in another stack",
    "rds-replica-lag-alarm": _ALARMS,
    "region-not-hard-coded": _OF_THE_FILE,
    "secret-property-not-in-plaintext": "no API returns passwords",
    "stateful-resource-kept-in-production": "asks what the stack would do under other parameters",
    "stateful-resource-removable-in-development": "asks what the stack would do under other parameters",
}
"""Rules on which no API decides, with the reason; what they find live, if anything, is not a pass."""

GIVEN: Final = {
    "CodeBucket": "code-of-tests",
    "ConnectionArn": "arn:aws:codeconnections:us-east-1:123456789012:connection/00000000-0000-4000-8000-000000000001",
    "DBPassword": "Secret-2024-x",
    "Email": "platform-team@example.com",
    "NotificationEmail": "platform-team@example.com",
    "RepositoryId": "shop/web",
}
DEFECTS: Final = [each for each in _defects() if each.rule not in REFUSED]
SYSTEMS: Final = sorted({each.system for each in DEFECTS})


def prepared(place: Place) -> dict[str, str]:
    """Code and a network; the parameters that name them."""
    place.make_bucket(GIVEN["CodeBucket"])
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("handler.py", "")
    for name in ("masking", "orders", "rotation"):
        place.client("s3").put_object(Bucket=GIVEN["CodeBucket"], Key=f"{name}.zip", Body=archive.getvalue())
    ec2 = place.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    a, b = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{place.region}{zone}")[
            "Subnet"
        ]["SubnetId"]
        for number, zone in enumerate("ab")
    )
    return {**GIVEN, "VpcId": vpc, "SubnetA": a, "SubnetB": b, "SubnetIds": f"{a},{b}"}


def deployed(sandbox: Sandbox, system: str) -> LiveStack:
    sandbox.reset()
    place = Place(sandbox, STAGING_SAAS.region if system == STAGING_SAAS.name else "us-east-1", "testing")
    text = draft_of(system).read_text("utf-8")
    for refused, accepted in ACCEPTABLE.get(system, {}).items():
        assert refused in text
        text = text.replace(refused, accepted)
    declared = text.partition("Resources")[0]
    names = set(re.findall(r'^ +"?(\w+)"?:', declared, re.MULTILINE))
    values = {name: value for name, value in prepared(place).items() if name in names}
    cloudformation = place.client("cloudformation")
    cloudformation.create_stack(
        StackName="draft", TemplateBody=text, Parameters=listed(values), Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    status = cloudformation.describe_stacks(StackName="draft")["Stacks"][0]["StackStatus"]
    assert status == "CREATE_COMPLETE", failures(place, "draft")
    return live_stack("draft", Access(region=place.region))


class Drafts:
    """All drafts, and what the production pack says of each."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.stacks = {system: deployed(sandbox, system) for system in SYSTEMS}
        self.findings: dict[str, tuple[Finding, ...]] = {
            system: tuple(check_live(stack, LiveRequest(pack=(PACK,))).findings)
            for system, stack in self.stacks.items()
        }

    def outcomes(self, defect: Defect) -> set[Outcome]:
        """What the defect's rule says of its resource."""
        own = (defect.rule, defect.resource)
        return {each.outcome for each in self.findings[defect.system] if (each.rule, each.resource) == own}


@pytest.fixture(scope="module")
def drafts(running: Sandbox) -> Iterator[Drafts]:
    yield Drafts(running)
    running.reset()


@pytest.mark.parametrize("defect", [each for each in DEFECTS if each.rule not in UNSEEN], ids=_name)
def test_a_defect_is_found_on_what_the_draft_deploys(drafts: Drafts, defect: Defect) -> None:
    assert Outcome.FAIL in drafts.outcomes(defect)


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_resource_of_a_draft_is_read(drafts: Drafts, system: str) -> None:
    assert [each.logical_id for each in drafts.stacks[system] if each.crash or not each.is_read] == []


def test_each_rule_that_is_left_out_is_one_of_the_drafts() -> None:
    assert {each.rule for each in _defects()} >= REFUSED | UNSEEN.keys()


@pytest.mark.parametrize("rule", sorted(UNSEEN))
def test_a_rule_that_is_left_out_finds_none_of_its_defects(drafts: Drafts, rule: str) -> None:
    found = [drafts.outcomes(each) for each in DEFECTS if each.rule == rule]
    assert not any(Outcome.FAIL in each for each in found)
