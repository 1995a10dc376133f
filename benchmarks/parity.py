"""Compares verdicts on templates with those on what they deploy: `python benchmarks/parity.py [--rule ID] [--type T]`.

Each passing and failing case of the rules of the pack `live` is deployed in the sandbox, read back and judged by its
rule. The template is judged with the values that parameters had, so both verdicts are on the same. Cases that leave out
what a service requires get it from `completions.yaml` where that changes no verdict. Left out are cases
with types that the sandbox does not make or, unless --all, that have no reader; the sandbox refuses others, as AWS
would. Known differences are listed by reason in `parity_differences.yaml`; others are reported with what was said and
what could not be read.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice, product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import yaml
from botocore.exceptions import ClientError

from infra_checks.api import catalogue
from infra_checks.core.finding import Effect, Finding
from infra_checks.engine import Judgement, by_type, judge
from infra_checks.errors import InfraChecksError
from infra_checks.evaluate.stack import Pins, Stack
from infra_checks.evaluate.transforms import expand
from infra_checks.live.clients import Access, Clients
from infra_checks.live.document import document_of
from infra_checks.live.read_stack import live_stack
from infra_checks.live.reading import reader_of
from infra_checks.packs.load import load_packs
from infra_checks.packs.select import Chosen, choose
from infra_checks.sandbox import kinds
from infra_checks.sandbox.testing import running_sandbox
from infra_checks.template.load import load_template
from infra_checks.template.nodes import Call, Mapping, Node, Scalar, Sequence
from infra_checks.testing import Case, outcome_of, read_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from collections.abc import Mapping as Values
    from collections.abc import Sequence as SequenceOf

    from infra_checks.core.rule import Rule
    from infra_checks.live.stacks import LiveStack
    from infra_checks.sandbox.server import Sandbox
    from infra_checks.template.model import Parameter, Template

HERE: Final = Path(__file__).resolve().parent
CASES: Final = HERE.parent / "tests" / "cases"
_SHAPE: Final = re.compile(r"\s+|\d+")
_MOST_LETTERS: Final = 110
REGION: Final = "us-east-1"
UNDECIDED: Final = "undecided"
_MOST_REASONS: Final = 3
_ID: Final = re.compile(r"(?<![\w-])(vpc|subnet|sg|acl|rtb)-([0-9a-z]+)(?![\w-])")
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


@dataclass(frozen=True, slots=True)
class Compared:
    """One case and both verdicts; `live` is empty and `why` says so when there is none."""

    rule: str
    case: str
    template: str
    live: str = ""
    why: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether both verdicts are the same."""
        return self.live == self.template


@dataclass(slots=True)
class Result:
    """All comparisons and, by reason, how many cases were left out."""

    compared: list[Compared] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def judged(rule: Rule, template: Template, pins: Values[str, str], case: Case) -> list[Finding]:
    """The findings of one rule under a case's options."""
    given = Pins({name: (value,) for name, value in pins.items()})
    expanded, unexpanded = expand(template, given)
    options = {**rule.options, **case.options}
    chosen = Chosen(rule=rule, effect=Effect.BLOCK, severity=rule.severity, options=options, undecided=Effect.WARN)
    return list(judge(Stack(expanded, given, unexpanded), by_type([chosen]), Judgement(label="case", tags=case.tags)))


def judged_as(rule: Rule, template: Template, pins: Values[str, str], case: Case) -> str:
    """The verdict of one rule."""
    return outcome_of(judged(rule, template, pins, case))


def values(template: Template, case: Case) -> Iterator[dict[str, str]]:
    """What each parameter may be when the case is deployed: one of its values, or one of its type."""
    names = list(template.parameters)
    several = [_values_of(each, case.parameters.get(name)) for name, each in template.parameters.items()]
    for chosen in islice(product(*several), _MOST_CHOICES):
        yield dict(zip(names, map(str, chosen), strict=True))


def _values_of(parameter: Parameter, given: str | None) -> SequenceOf[object]:
    if given is not None:
        return (given,)
    if parameter.default is not None:
        return (parameter.default,)
    return parameter.allowed or (_OF_TYPES.get(parameter.type, "value"),)


def plain(node: Node) -> Any:  # noqa: ANN401 - JSON
    """A node as data with the long forms of intrinsics."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key: plain(child) for key, child in node.entries.items()}
        case Call():
            return {node.name: plain(node.argument)}


def completed(template: Template, completions: Values[str, Values[str, Any]]) -> str:
    """A template with what its resources lack."""
    data = plain(template.root)
    for declaration in (each for each in data["Resources"].values() if isinstance(each, dict)):
        missing = completions.get(declaration.get("Type", ""), {})
        properties = declaration.get("Properties") or {}
        if isinstance(properties, dict):
            _date_policies(properties)
            declaration["Properties"] = _merged(properties, missing)
    return json.dumps(data)


def _merged(given: dict[str, Any], missing: Values[str, Any]) -> dict[str, Any]:
    """What a mapping has and what it lacks; `Name[]` is what each member of a list lacks."""
    merged = dict(given)
    for name, value in missing.items():
        listed = name.removesuffix("[]")
        present = given.get(listed)
        if listed != name:
            if isinstance(present, list):
                merged[listed] = [_merged(each, value) if isinstance(each, dict) else each for each in present]
        elif isinstance(present, dict) and isinstance(value, dict):
            merged[name] = present if _is_call(present) else _merged(present, value)
        elif name not in given and not given.keys() & _INSTEAD.get(name, set()):
            merged[name] = _merged({}, value) if isinstance(value, dict) else value
    return merged


def _is_call(value: dict[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::"))


def _date_policies(value: Any) -> None:  # noqa: ANN401 - JSON
    """Give policies a version; the sandbox refuses those without, which AWS takes for ones of 2008."""
    if isinstance(value, dict):
        if "Statement" in value:
            value.setdefault("Version", "2012-10-17")
        for child in value.values():
            _date_policies(child)
    elif isinstance(value, list):
        for child in value:
            _date_policies(child)


def prepare(text: str, clients: Clients) -> str:
    """Make what a case names and has not, and put ids that the account has in place of made up ones."""
    for name, make in _BESIDE.items():
        if name in text:
            text = text.replace(name, make(clients))
    for pattern, make_named in _NAMED.items():
        for name in sorted(set(re.findall(pattern, text))):
            make_named(clients, name)
    return _with_real_ids(text, clients)


def _with_real_ids(text: str, clients: Clients) -> str:
    found = sorted(set(_ID.findall(text)))
    if not found:
        return text
    ec2 = clients.get("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    real = {
        "vpc": [vpc],
        "subnet": [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"]],
        "sg": [each["GroupId"] for each in ec2.describe_security_groups()["SecurityGroups"]],
        "acl": [ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]],
        "rtb": [each["RouteTableId"] for each in ec2.describe_route_tables()["RouteTables"]],
    }
    names: dict[str, str] = {}
    for kind, rest in found:
        if kind == "sg" and not real["sg"]:
            real["sg"].append(ec2.create_security_group(GroupName=rest, Description="x", VpcId=vpc)["GroupId"])
        if real[kind]:
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
    clients.get("lambda").create_function(
        FunctionName="beside", Runtime="python3.13", Role=role, Handler="i.h", Code={"ZipFile": _EMPTY_ZIP}
    )
    return "beside"


_SERVICES: Final = ("codepipeline.amazonaws.com", "ec2.amazonaws.com", "lambda.amazonaws.com")
_EMPTY_ZIP: Final = b"PK\x05\x06" + bytes(18)
_BESIDE: Final[dict[str, Callable[[Clients], str]]] = {
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
_NAMED: Final[dict[str, Callable[[Clients, str], object]]] = {
    r'"(?:Bucket|S3BucketName|S3Bucket|Location)": "([a-z0-9.-]{3,63})"': lambda clients, name: clients.get(
        "s3"
    ).create_bucket(Bucket=name),
    r'"DestinationBucketName": "([a-z0-9.-]{3,63})"': lambda clients, name: clients.get("s3").create_bucket(
        Bucket=name
    ),
    r'"Cluster": "([A-Za-z0-9_-]+)"': lambda clients, name: clients.get("ecs").create_cluster(clusterName=name),
    r'"Roles": \["([A-Za-z0-9_-]+)"\]': _role,
    r'"DBClusterIdentifier": "([A-Za-z0-9-]+)"': lambda clients, name: clients.get("rds").create_db_cluster(
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
        self.completions: Values[str, Values[str, Any]] = yaml.safe_load((HERE / "completions.yaml").read_text("utf-8"))

    def prepared(self, text: str) -> str:
        """A template with ids of an account that is empty but for what the template wants to have beside it."""
        self._sandbox.reset()
        _role(self._clients, "beside-role")
        return prepare(text, self._clients)

    def deploy(self, text: str, given: Values[str, str], tags: Values[str, str]) -> LiveStack | str:
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


def compare(account: Account, rules: Iterable[Rule], wanted: str, *, every: bool) -> Result:
    """Deploy and judge the cases of rules whose resources are of types that begin with `wanted`."""
    result = Result()
    for rule in rules:
        for case in read_cases(CASES / f"{rule.id}.yaml"):
            found = _compare(account, rule, case, wanted, every=every)
            if isinstance(found, str):
                result.left_out[found] += 1
            else:
                result.compared.append(found)
    return result


def _compare(account: Account, rule: Rule, case: Case, wanted: str, *, every: bool) -> Compared | str:
    text = case.text or (case.template if isinstance(case.template, str) else json.dumps(case.template))
    try:
        template = load_template("case", text.encode())
    except InfraChecksError:
        return "no template"
    types = {each.type for each in template.resources.values()}
    left_out = _not_comparable(case, types, wanted, every=every)
    if left_out:
        return left_out
    chosen = [(judged_as(rule, template, each, case), each) for each in values(template, case)]
    decided = sorted((each for each in chosen if each[0] != UNDECIDED), key=lambda each: each[0] != case.outcome)
    if not decided:
        return "undecided on the template"
    expected, given = decided[0]
    stack = _deployed(account, rule, case, _Deciding(template, given, expected))
    if isinstance(stack, str):
        return f"not to be deployed: {_SHAPE.sub(' ', stack)[:_MOST_LETTERS]}"
    said = judged(rule, document_of(stack), stack.parameters, case)
    unseen = {name for name, each in stack.beside.items() if not each.is_read}
    said = [finding for finding in said if finding.resource not in unseen]
    why = tuple(f"{finding.outcome}: {finding.resource} {finding.message}" for finding in said)
    return Compared(rule.id, case.name, expected, outcome_of(said), (*why[:_MOST_REASONS], *_unread(stack)))


class _Deciding(NamedTuple):
    """A template, the parameters under which it is decided, and the verdict."""

    template: Template
    parameters: dict[str, str]
    verdict: str


def _deployed(account: Account, rule: Rule, case: Case, one: _Deciding) -> LiveStack | str:
    """The stack of a case, completed unless that changes the verdict, or why it cannot be made."""
    for text in (completed(one.template, account.completions), json.dumps(plain(one.template.root))):
        try:
            prepared, _, parameters = account.prepared(f"{text}\n{json.dumps(one.parameters)}").partition("\n")
        except ClientError as error:
            return str(error)
        whole, given = load_template("case", prepared.encode()), json.loads(parameters)
        if judged_as(rule, whole, given, case) == one.verdict:
            return account.deploy(prepared, given, case.tags)
    return "what the service requires decides the verdict"


def _not_comparable(case: Case, types: set[str], wanted: str, *, every: bool) -> str:
    if case.outcome == UNDECIDED:
        return "undecided on the template"
    if not any(name.startswith(wanted) for name in types):
        return "of other types"
    if not all(kinds.find(name) for name in types):
        return "types that the sandbox does not make"
    readable = every or all(reader_of(name) or _is_record(name) for name in types)
    return "" if readable else "types without a reader"


def _is_record(name: str) -> bool:
    kind = kinds.find(name)
    return kind is not None and kind.is_record


def _unread(stack: LiveStack) -> tuple[str, ...]:
    return tuple(
        f"unread: {each.type} {path}: {reason}"
        for each in stack
        for path, reason in each.unread.items()
        if not reason.startswith("no API returns")
    )


def known_differences() -> dict[tuple[str, str], str]:
    """The reason of each known difference, by rule and case."""
    listed = yaml.safe_load((HERE / "parity_differences.yaml").read_text("utf-8"))
    return {(rule, case): reason for reason, rules in listed.items() for rule, cases in rules.items() for case in cases}


def report(result: Result, known: Values[tuple[str, str], str]) -> Iterator[str]:
    """The lines to print; the last one is the summary."""
    differing = [one for one in result.compared if not one.agrees]
    reasons = Counter(known[one.rule, one.case] for one in differing if (one.rule, one.case) in known)
    for reason, count in sorted(reasons.items()):
        yield f"known to differ: {count} ({reason})"
    for one in unlisted(result, known):
        yield f"{one.template} on the template, {one.live} deployed: {one.rule}: {one.case}"
        yield from (f"    {line}" for line in one.why)
    for one in result.compared:
        if one.agrees and (one.rule, one.case) in known:
            yield f"is listed as a difference and agrees: {one.rule}: {one.case}"
    for reason, count in sorted(result.left_out.items()):
        yield f"left out: {count} ({reason})"
    undecided = sum(one.live == UNDECIDED for one in differing)
    yield (
        f"{len(result.compared) - len(differing)} of {len(result.compared)} cases agree, {undecided} are undecided "
        f"when deployed, {len(differing) - undecided} disagree; {sum(reasons.values())} of these are known"
    )


def unlisted(result: Result, known: Values[tuple[str, str], str]) -> list[Compared]:
    """The differences that nobody has explained."""
    return [one for one in result.compared if not one.agrees and (one.rule, one.case) not in known]


def main(arguments: list[str] | None = None) -> int:
    """The exit code is 1 when a verdict differs for no known reason."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rule", help="only this rule")
    parser.add_argument("--type", default="", help="only cases with types that begin so: AWS::RDS::")
    parser.add_argument("--all", action="store_true", help="also cases with types that have no reader")
    options = parser.parse_args(arguments)
    pack = choose(load_packs(("live",), catalogue=catalogue()), catalogue(), undecided=Effect.WARN)
    rules = [each.rule for each in pack if options.rule in {None, each.rule.id}]
    result = Result()
    for sandbox in running_sandbox():
        result = compare(Account(sandbox), rules, options.type, every=options.all)
    known = known_differences()
    print("\n".join(report(result, known)))
    return int(bool(unlisted(result, known)))


if __name__ == "__main__":
    sys.exit(main())
