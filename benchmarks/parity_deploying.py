"""Cases of rules deployed in a sandbox, for benchmarks/parity.py: completed, with what they name beside them."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from itertools import islice, product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml
from botocore.exceptions import ClientError

from infra_checks.live.clients import Access, Clients
from infra_checks.live.read_stack import live_stack
from tests.mutations.data import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from infra_checks.live.stacks import LiveStack
    from infra_checks.sandbox.server import Sandbox
    from infra_checks.template.model import Parameter, Template
    from infra_checks.testing import Case

HERE: Final = Path(__file__).resolve().parent
REGION: Final = "us-east-1"
_ID: Final = re.compile(r"(?<![\w-])(vpc|subnet|sg|acl|rtb|pcx)-([0-9a-z]+)(?![\w-])")
_MOST_CHOICES: Final = 16
_ELSEWHERE: Final = {"DBClusterIdentifier", "SourceDBInstanceIdentifier"}
_INSTEAD: Final = {
    "AllocatedStorage": _ELSEWHERE,
    "AvailabilityZones": {"VPCZoneIdentifier"},
    "LaunchTemplate": {"LaunchConfigurationName", "MixedInstancesPolicy", "InstanceId"},
    "ManageMasterUserPassword": _ELSEWHERE | {"MasterUserPassword"},
    "MasterUsername": _ELSEWHERE,
    "ProvisionedThroughput": {"BillingMode"},
    "Roles": {"Users", "Groups"},
    "EventPattern": {"ScheduleExpression"},
    "EventSourceArn": {"SelfManagedEventSource"},
    "InlineCode": {"CodeUri", "ImageUri"},
    "LogDestination": {"LogGroupName"},
    "LogDestinationType": {"LogGroupName"},
    "RotationLambdaARN": {"HostedRotationLambda"},
    "Subnets": {"SubnetMappings"},
}
"""Properties that are not needed beside others."""
_OF_TYPES: Final = {
    "AWS::EC2::SecurityGroup::Id": "sg-1",
    "AWS::EC2::Subnet::Id": "subnet-1",
    "AWS::EC2::VPC::Id": "vpc-1",
    "List<AWS::EC2::SecurityGroup::Id>": "sg-1",
    "List<AWS::EC2::Subnet::Id>": "subnet-1,subnet-2",
    "Number": "1",
}
"""A value of each type of parameters, where it is not that of texts."""


def values(template: Template, case: Case) -> Iterator[dict[str, str]]:
    """What each parameter may be when the case is deployed: one of its values, or one of its type."""
    names = list(template.parameters)
    several = [_values_of(each, case.parameters.get(name)) for name, each in template.parameters.items()]
    for chosen in islice(product(*several), _MOST_CHOICES):
        yield dict(zip(names, map(str, chosen), strict=True))


def _values_of(parameter: Parameter, given: str | None) -> Sequence[object]:
    if given is not None:
        return (given,)
    if parameter.default is not None:
        return (parameter.default,)
    return parameter.allowed or (_OF_TYPES.get(parameter.type, "value"),)


def completed(template: Template, completions: Mapping[str, Mapping[str, Any]]) -> str:
    """A template with what its resources lack."""
    data: Any = plain(template.root)
    _give_engines(data["Resources"])
    for declaration in (each for each in data["Resources"].values() if isinstance(each, dict)):
        missing = completions.get(declaration.get("Type", ""), {})
        properties = declaration.get("Properties") or {}
        if isinstance(properties, dict):
            _date_policies(properties)
            declaration["Properties"] = _merged(properties, missing)
    return json.dumps(data)


def _give_engines(resources: dict[str, Any]) -> None:
    """Give members the engine of their cluster, and a cluster that of its members, where one says it."""
    databases = [
        each["Properties"]
        for each in resources.values()
        if isinstance(each, dict) and isinstance(each.get("Properties"), dict) and each.get("Type") in _CLUSTERED
    ]
    ours = [each for each in databases if "DBClusterIdentifier" in each or "DBInstanceClass" not in each]
    engines = [each["Engine"] for each in ours if str(each.get("Engine")).startswith("aurora")]
    for each in databases:
        if "DBClusterIdentifier" in each:
            each.setdefault("Engine", engines[0] if engines else "aurora-postgresql")
    clusters = [each for each in resources.values() if isinstance(each, dict) and each.get("Type") == _CLUSTERED[0]]
    for each in clusters if engines else ():
        properties = each.setdefault("Properties", {})
        if isinstance(properties, dict):
            properties.setdefault("Engine", engines[0])


_CLUSTERED: Final = ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance")


def _merged(given: dict[str, Any], missing: Mapping[str, Any]) -> dict[str, Any]:
    """What a mapping has and what it lacks; `Name&Other` beside Other only.

    `Name[]` is what each member of a list lacks, `Name+` the members of one that has less than two, and `Name?` what a
    mapping lacks where it is given; `Name!` is lacking beside whatever else.
    """
    merged = dict(given)
    for key, value in missing.items():
        name, _, beside = key.partition("&")
        if beside and beside not in given:
            continue
        plain_name = name.rstrip("[]+?!")
        present = given.get(plain_name) if name.endswith("?") else merged.get(plain_name)
        if name.endswith("[]"):
            if isinstance(present, list):
                merged[plain_name] = [_merged(each, value) if isinstance(each, dict) else each for each in present]
        elif name.endswith("+"):
            if isinstance(present, list) and len(present) == 1:
                merged[plain_name] = [*present, *value]
        elif isinstance(present, dict) and isinstance(value, dict):
            known = merged[plain_name]
            merged[plain_name] = known if _is_call(present) else _merged(known, value)
        elif name.endswith("!"):
            merged.setdefault(plain_name, value)
        elif name == plain_name and name not in given and not given.keys() & _INSTEAD.get(name, set()):
            merged[name] = _merged({}, value) if isinstance(value, dict) else value
    return merged


def _is_call(value: dict[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::"))


def _date_policies(value: Any) -> None:  # noqa: ANN401 - JSON
    """Give policies a version; the sandbox refuses those without, which AWS takes for ones of 2008."""
    if isinstance(value, dict):
        statements = value.get("Statement")
        if isinstance(statements, list) or (isinstance(statements, dict) and "Effect" in statements):
            value.setdefault("Version", "2012-10-17")
        for child in value.values():
            _date_policies(child)
    elif isinstance(value, list):
        for child in value:
            _date_policies(child)


def prepare(text: str, clients: Clients) -> str:
    """Make what a case names and has not, and put ids that the account has in place of made up ones."""
    text = _with_real_ids(_VPC.sub('"VpcId": "vpc-1"', text), clients)
    for index in range(text.count(_CIDR)):
        text = text.replace(_CIDR, f"10.0.{_FIRST_BLOCK + index}.0/24", 1)
    for name, make in _BESIDE.items():
        if name in text:
            text = text.replace(name, make(clients))
    for pattern, make_named in _NAMED.items():
        if pattern == _CLUSTER and '"AWS::RDS::DBCluster"' in text:
            continue
        for name in sorted(set(re.findall(pattern, text)) - set(_OWN.findall(text))):
            make_named(clients, name)
    for name in sorted(set(_IMPORTED.findall(text))):
        _export(clients, name)
    return text


_VPC: Final = re.compile(r'"VpcId": "\w"')
_CIDR: Final = "{cidr}"
_FIRST_BLOCK: Final = 100
_IMPORTED: Final = re.compile(r'"Fn::ImportValue": "([^"]+)"')


def _export(clients: Clients, name: str) -> None:
    """A stack that exports what a case imports, an ARN of what the name says."""
    here = "us-east-1:123456789012"
    arns = {
        "key": f"arn:aws:kms:{here}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "group": f"arn:aws:logs:{here}:log-group:imported:*",
        "queue": f"arn:aws:sqs:{here}:imported",
        "role": "arn:aws:iam::123456789012:role/beside-role",
        "logs": "imported-logs",
        "store": "imported-logs",
    }
    value = next((arn for word, arn in arns.items() if word in name), "imported")
    output = {"Value": value, "Export": {"Name": name}}
    waiting = {"Waiting": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}
    body = json.dumps({"Resources": waiting, "Outputs": {"Exported": output}})
    stack = "exports-" + re.sub(r"[^A-Za-z0-9]", "-", name)
    clients.get("cloudformation").create_stack(StackName=stack, TemplateBody=body)
    if value == "imported-logs":
        _bucket(clients, value)
    if value.startswith("arn:aws:sqs"):
        clients.get("sqs").create_queue(QueueName="imported")


def _with_real_ids(text: str, clients: Clients) -> str:
    found = sorted(set(_ID.findall(text)))
    if not found:
        return text
    ec2 = clients.get("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    if '"AWS::EC2::Subnet"' in text:
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    real = {
        "vpc": [vpc],
        "subnet": [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"]],
        "sg": [each["GroupId"] for each in ec2.describe_security_groups()["SecurityGroups"]],
        "acl": [ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]],
        "rtb": [each["RouteTableId"] for each in ec2.describe_route_tables()["RouteTables"]],
    }
    if "pcx-" in text:
        peer = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        peering = ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=peer)["VpcPeeringConnection"]
        real["pcx"] = [
            ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering["VpcPeeringConnectionId"])[
                "VpcPeeringConnection"
            ]["VpcPeeringConnectionId"]
        ]
    names: dict[str, str] = {}
    for kind, rest in found:
        if kind == "sg" and not real["sg"]:
            real["sg"].append(ec2.create_security_group(GroupName=rest, Description="x", VpcId=vpc)["GroupId"])
        if real.get(kind):
            names[f"{kind}-{rest}"] = real[kind].pop(0) if len(real[kind]) > 1 or kind == "sg" else real[kind][0]
    return _ID.sub(lambda match: names.get(match[0], match[0]), text)


def _role(clients: Clients, name: str) -> None:
    statements = [
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"} for service in _SERVICES
    ]
    trust = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam = clients.get("iam")
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)


def _user(clients: Clients, name: str) -> None:
    clients.get("iam").create_user(UserName=name)


def _load_balancer(clients: Clients) -> str:
    subnets = [each["SubnetId"] for each in clients.get("ec2").describe_subnets()["Subnets"][:2]]
    made = clients.get("elbv2").create_load_balancer(Name="beside", Subnets=subnets)
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


def _target_group(clients: Clients) -> str:
    vpc = clients.get("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    made = clients.get("elbv2").create_target_group(Name="beside", Protocol="HTTP", Port=80, VpcId=vpc)
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def _launch_template(clients: Clients) -> str:
    data = {"ImageId": "ami-12c6146b", "InstanceType": "t3.micro"}
    clients.get("ec2").create_launch_template(LaunchTemplateName="beside", LaunchTemplateData=data)
    return "beside"


def _deployment(clients: Clients) -> str:
    """One of the API that is there; it must have a method."""
    client = clients.get("apigateway")
    api = _rest_api(clients)
    at = {"restApiId": api, "resourceId": _root(clients), "httpMethod": "GET"}
    client.put_method(**at, authorizationType="NONE")
    client.put_integration(**at, type="MOCK")
    return str(client.create_deployment(restApiId=api)["id"])


def _root(clients: Clients) -> str:
    client = clients.get("apigateway")
    return str(client.get_resources(restApiId=_rest_api(clients))["items"][0]["id"])


def _rest_api(clients: Clients) -> str:
    client = clients.get("apigateway")
    found = client.get_rest_apis()["items"] or [client.create_rest_api(name="beside")]
    return str(found[0]["id"])


def _function(clients: Clients) -> str:
    role = clients.get("iam").get_role(RoleName="beside-role")["Role"]["Arn"]
    awslambda = clients.get("lambda")
    if any(each["FunctionName"] == "beside" for each in awslambda.list_functions()["Functions"]):
        return "beside"
    awslambda.create_function(
        FunctionName="beside", Runtime="python3.13", Role=role, Handler="i.h", Code={"ZipFile": _EMPTY_ZIP}
    )
    return "beside"


_SERVICES: Final = ("codepipeline.amazonaws.com", "ec2.amazonaws.com", "lambda.amazonaws.com")
_EMPTY_ZIP: Final = b"PK\x05\x06" + bytes(18)


def _bucket(clients: Clients, name: str) -> None:
    """A bucket that takes logs."""
    s3 = clients.get("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_acl(Bucket=name, ACL="log-delivery-write")


def _bucket_arn(clients: Clients) -> str:
    _bucket(clients, "beside-logs")
    return "arn:aws:s3:::beside-logs"


def _recorder(clients: Clients, _name: str) -> None:
    role = "arn:aws:iam::123456789012:role/beside-role"
    recorder = {"name": "default", "roleARN": role}
    clients.get("config").put_configuration_recorder(ConfigurationRecorder=recorder)


def _subnet_group(clients: Clients, name: str) -> None:
    subnets = [each["SubnetId"] for each in clients.get("ec2").describe_subnets()["Subnets"][:2]]
    clients.get("rds").create_db_subnet_group(
        DBSubnetGroupName=name, DBSubnetGroupDescription="beside", SubnetIds=subnets
    )


def _customer_gateway(clients: Clients) -> str:
    made = clients.get("ec2").create_customer_gateway(Type="ipsec.1", BgpAsn=65000, PublicIp="203.0.113.1")
    return str(made["CustomerGateway"]["CustomerGatewayId"])


def _web_acl(clients: Clients) -> str:
    seen = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "beside"}
    made = clients.get("wafv2").create_web_acl(
        Name="beside", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=seen
    )
    return str(made["Summary"]["ARN"])


def _queue_arn(clients: Clients) -> str:
    clients.get("sqs").create_queue(QueueName="beside-events")
    return "arn:aws:sqs:us-east-1:123456789012:beside-events"


def _function_arn(clients: Clients) -> str:
    return f"arn:aws:lambda:us-east-1:123456789012:function:{_function(clients)}"


_BESIDE: Final[dict[str, Callable[[Clients], str]]] = {
    "{customer gateway}": _customer_gateway,
    "{web acl}": _web_acl,
    "{queue arn}": _queue_arn,
    "{function arn}": _function_arn,
    "{bucket arn}": _bucket_arn,
    "{load balancer}": _load_balancer,
    "{target group}": _target_group,
    "{launch template}": _launch_template,
    "{function}": _function,
    "{rest api}": _rest_api,
    "{deployment}": _deployment,
    "{root}": _root,
    "{vpc}": lambda clients: str(clients.get("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]),
    "{secret}": lambda clients: str(
        clients.get("secretsmanager").create_secret(Name="beside", SecretString="x")["ARN"]
    ),
    "{topic}": lambda clients: str(clients.get("sns").create_topic(Name="beside")["TopicArn"]),
    "{queue}": lambda clients: str(clients.get("sqs").create_queue(QueueName="beside")["QueueUrl"]),
}
"""What completions ask for beside the stack."""
_CLUSTER: Final = r'"DBClusterIdentifier": "([A-Za-z0-9-]+)"'
_OWN: Final = re.compile(r'"Type": "AWS::IAM::(?:User|Group)", "Properties": \{"(?:User|Group)Name": "([^"]+)"')
"""Users and groups that a case has itself."""
_NAMED: Final[dict[str, Callable[[Clients, str], object]]] = {
    r'"(?:Bucket|S3BucketName|S3Bucket|Location|DestinationBucketName)": "([a-z0-9.-]{3,63})"': _bucket,
    r'"Type": "AWS::Config::(DeliveryChannel)"(?!.*AWS::Config::ConfigurationRecorder)': _recorder,
    r'"DBSubnetGroupName": "([A-Za-z0-9-]+)"': _subnet_group,
    r'"Groups": \["([A-Za-z0-9-]+)"\]': lambda clients, name: clients.get("iam").create_group(GroupName=name),
    r'"AWS::IAM::UserToGroupAddition", "Properties": \{"GroupName": "([^"]+)"': lambda clients, name: clients.get(
        "iam"
    ).create_group(GroupName=name),
    r'"AWS::IAM::UserToGroupAddition", "Properties": \{"GroupName": "[^"]+", "Users": \["([^"]+)"\]': _user,
    r'"AWS::IAM::AccessKey", "Properties": \{"UserName": "([^"]+)"': _user,
    r'"IamInstanceProfile": "([A-Za-z0-9-]+)"': lambda clients, name: clients.get("iam").create_instance_profile(
        InstanceProfileName=name
    ),
    r'"Cluster": "([A-Za-z0-9_-]+)"': lambda clients, name: clients.get("ecs").create_cluster(clusterName=name),
    r'"Roles": \["([A-Za-z0-9_-]+)"\]': _role,
    _CLUSTER: lambda clients, name: clients.get("rds").create_db_cluster(
        DBClusterIdentifier=name, Engine="aurora-postgresql", MasterUsername="app", MasterUserPassword="password"
    ),
    r'"SourceDBInstanceIdentifier": "([A-Za-z0-9-]+)"': lambda clients, name: clients.get("rds").create_db_instance(
        DBInstanceIdentifier=name,
        Engine="postgres",
        DBInstanceClass="db.m7g.large",
        AllocatedStorage=20,
        MasterUsername="app",
        MasterUserPassword="password",
    ),
}
"""What a case names without having it, by how it does in JSON."""


class Account:
    """A sandbox in which cases are deployed one after another."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._clients = Clients(Access(region=REGION, endpoint_url=sandbox.endpoint, attempts=1))
        self.completions: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
            (HERE / "completions.yaml").read_text("utf-8")
        )

    def prepared(self, text: str) -> str:
        """A template with ids of an account that is empty but for what the template wants to have beside it."""
        self._sandbox.reset()
        _role(self._clients, "beside-role")
        return prepare(text, self._clients)

    def deploy(self, text: str, given: Mapping[str, str], tags: Mapping[str, str]) -> LiveStack | str:
        """The stack as it is read, or why it cannot be made."""
        client = self._clients.get("cloudformation")
        try:
            client.create_stack(
                StackName="case",
                TemplateBody=text,
                Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()],
                Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
                Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            )
        except ClientError as error:
            return str(error.response["Error"].get("Message", error))
        stack = client.describe_stacks(StackName="case")["Stacks"][0]
        if stack["StackStatus"] != "CREATE_COMPLETE":
            return _failure(client.describe_stack_events(StackName="case")["StackEvents"])
        return live_stack("case", clients=self._clients)


def _failure(events: list[dict[str, Any]]) -> str:
    failed = [each for each in events if each["ResourceStatus"] == "CREATE_FAILED"]
    return str(failed[-1].get("ResourceStatusReason", "")) if failed else "it failed"
