"""The reference systems into the sandbox, as their runbooks say: what has to be there first, and then the stack."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from infra_checks.live.packaging import package
from infra_checks.live.settings import read_settings
from infra_checks.sandbox.server import Sandbox
from tests.integration.systems.system import AWS_REGION, System

INFRA: Final = Path("infra")
ENVIRONMENTS: Final = ("development", "testing", "staging", "production")
REGIONS: Final = ("us-east-1", "us-west-2")
KEPT: Final = ("staging", "production")
"""The environments whose data outlives the stack."""

TEMPLATES: Final = "templates-of-tests"
Parameters = dict[str, str]


@dataclass(frozen=True)
class Place:
    """Where a stack goes."""

    sandbox: Sandbox
    region: str
    environment: str

    def client(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401 - boto3 has no types
        return self.sandbox.client(service, region or self.region)

    def make_bucket(self, name: str) -> None:
        """A bucket that takes logs, as the runbooks ask for; one that is there stays."""
        s3 = self.client("s3")
        if name in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
            return
        where = {} if self.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        s3.create_bucket(Bucket=name, **where)
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{name}/*",
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))


Prerequisites = Callable[[Place, Parameters], Mapping[str, str]]
"""Makes what has to be there before the stack; answers with the parameters that name it."""


@dataclass(frozen=True)
class Reference:
    """A reference system: its folder in infra, the region it is for, and what it needs."""

    name: str
    prerequisites: Prerequisites
    region: str = AWS_REGION

    @property
    def folder(self) -> Path:
        return INFRA / self.name

    def parameters(self, environment: str) -> Parameters:
        """The parameters that are committed for an environment."""
        given = json.loads((self.folder / "parameters" / f"{environment}.json").read_text("utf-8"))
        return {each["ParameterKey"]: each["ParameterValue"] for each in given}

    def template(self, environment: str) -> str:
        """The template of an environment; only the CDK's differ."""
        if (self.folder / "cdk.json").exists() and environment != "production":
            return _synthesised(environment)
        return read_settings(self.folder).template.read_text("utf-8")


@cache
def _synthesised(environment: str) -> str:
    from app import build  # noqa: PLC0415 - starts Node.js

    with tempfile.TemporaryDirectory() as folder:
        build(environment, outdir=folder).synth()
        return Path(folder, "EcommerceDatabase.template.json").read_text("utf-8")


def deploy(
    sandbox: Sandbox, reference: Reference, environment: str, region: str | None = None, **changes: str
) -> System:
    """Create the stack with boto3, with the committed parameters and these changes."""
    place = Place(sandbox, region or reference.region, environment)
    return create(place, reference, prepared(place, reference) | changes)


def prepared(place: Place, reference: Reference) -> Parameters:
    """The parameters of a stack, whose prerequisites are made."""
    parameters = reference.parameters(place.environment)
    place.make_bucket(TEMPLATES)
    return {**parameters, **reference.prerequisites(place, parameters)}


def create(place: Place, reference: Reference, parameters: Mapping[str, str]) -> System:
    """Create the stack, and fail with the reasons when it cannot be."""
    cloudformation = place.client("cloudformation")
    stack_name = reference.name.replace("_", "-")
    cloudformation.create_stack(
        StackName=stack_name,
        TemplateURL=stored(place, reference.template(place.environment)),
        Parameters=listed(parameters),
        Capabilities=list(read_settings(reference.folder).capabilities),
    )
    stack = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE", failures(place, stack_name)
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    make_client = place.sandbox.client
    return System(reference.name, outputs, make_client, is_local=True, region=place.region, stack_name=stack_name)


def stored(place: Place, template: str) -> str:
    """The address of a template in a bucket: these are larger than a request takes."""
    place.client("s3").put_object(Bucket=TEMPLATES, Key="template", Body=template.encode())
    return f"{place.sandbox.endpoint}/{TEMPLATES}/template"


def listed(parameters: Mapping[str, str]) -> list[dict[str, str]]:
    """Parameters as CloudFormation takes them."""
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]


def failures(place: Place, stack_name: str) -> list[str]:
    """Why a stack could not be made."""
    events = place.client("cloudformation").describe_stack_events(StackName=stack_name)["StackEvents"]
    return [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("_FAILED")
    ]


def _code(place: Place, parameters: Parameters, reference_folder: Path) -> Mapping[str, str]:
    """The packages of a system in its bucket, each by the digest of what is in it, as `deploy` stores them."""
    keys: Parameters = {}
    for code in read_settings(reference_folder).code:
        bucket = parameters[code.bucket_parameter]
        place.make_bucket(bucket)
        made = package(code.folder)
        place.client("s3").put_object(Bucket=bucket, Key=made.key, Body=made.data)
        keys[code.parameter] = made.key
    return keys


def _order_processing(place: Place, parameters: Parameters) -> Mapping[str, str]:
    return _code(place, parameters, INFRA / "order_processing")


def _staging_saas(place: Place, parameters: Parameters) -> Mapping[str, str]:
    """The archive of logs, the code, and the vault of copies in the other region."""
    place.make_bucket(parameters["LogArchiveBucketName"])
    other = next(region for region in REGIONS if region != place.region)
    shared = ("EnvironmentName", "EnvironmentSuffix", "Project", "Owner", "CostCenter")
    place.client("cloudformation", other).create_stack(
        StackName="staging-saas-copies",
        TemplateBody=(INFRA / "staging_saas" / "copies.yaml").read_text("utf-8"),
        Parameters=listed({name: parameters[name] for name in shared}),
        Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    return {**_code(place, parameters, INFRA / "staging_saas"), "BackupCopyRegion": other}


def _container_platform(place: Place, parameters: Parameters) -> Mapping[str, str]:
    """The archive of logs, the code, a certificate, and the vault of copies in the other region."""
    place.make_bucket(parameters["LogArchiveBucketName"])
    certificate = place.client("acm").request_certificate(DomainName="app.example.com")["CertificateArn"]
    other = next(region for region in REGIONS if region != place.region)
    shared = ("EnvironmentName", "EnvironmentSuffix", "Project", "Owner", "CostCenter")
    place.client("cloudformation", other).create_stack(
        StackName="container-platform-copies",
        TemplateBody=(INFRA / "container_platform" / "copies.json").read_text("utf-8"),
        Parameters=listed({name: parameters[name] for name in shared}),
        Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    code = _code(place, parameters, INFRA / "container_platform")
    return {**code, "BackupCopyRegion": other, "CertificateId": certificate.rpartition("/")[2]}


def _ecommerce_database(place: Place, parameters: Parameters) -> Mapping[str, str]:
    place.make_bucket(parameters["LogArchiveBucketName"])
    return {}


def _cicd_pipeline(place: Place, parameters: Parameters) -> Mapping[str, str]:
    """The archive of logs, a network with two public and two private subnets, and a certificate of the region."""
    place.make_bucket(parameters["AccessLogBucket"])
    ec2 = place.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.60.0.0/22")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.60.{number}.0/24", AvailabilityZone=f"{place.region}{zone}")
        for number, zone in enumerate("abab")
    ]
    ids = [subnet["Subnet"]["SubnetId"] for subnet in subnets]
    certificate = place.client("acm").request_certificate(DomainName="shop.example.com")["CertificateArn"]
    return {
        "VpcId": vpc,
        "PublicSubnetIds": ",".join(ids[:2]),
        "PrivateSubnetIds": ",".join(ids[2:]),
        "CertificateArn": certificate,
        "ConnectionArn": parameters["ConnectionArn"].replace("us-east-1", place.region),
    }


ORDER_PROCESSING: Final = Reference("order_processing", _order_processing)
CONTAINER_PLATFORM: Final = Reference("container_platform", _container_platform)
STAGING_SAAS: Final = Reference("staging_saas", _staging_saas, "us-west-2")
ECOMMERCE_DATABASE: Final = Reference("ecommerce_database", _ecommerce_database)
CICD_PIPELINE: Final = Reference("cicd_pipeline", _cicd_pipeline)
REFERENCES: Final = (CICD_PIPELINE, ECOMMERCE_DATABASE, ORDER_PROCESSING, STAGING_SAAS)
