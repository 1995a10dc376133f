"""Rules on what binds a template to one region, account, partition or point in time: texts that stand in resources."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.core.finding import Family, Severity
from infra_checks.core.rule import ANY_TYPE, rule
from infra_checks.rules.literals import literals, placed, wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra_checks.core.resource import Resource
    from infra_checks.core.rule import Context, Rule, Verdict
    from infra_checks.evaluate.values import Path

_GUIDE: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/"
_PSEUDO: Final = _GUIDE + "TemplateReference/pseudo-parameter-reference.html"

_REGION: Final = (
    r"(?:af|ap|ca|cn|eu|eusc|il|me|mx|sa|us|us-gov|us-iso[a-z]?|eu-isoe)-"
    r"(?:north|south|east|west|central|northeast|northwest|southeast|southwest|de-east)-[1-9]"
)
_REGION_MARKS: Final = ("central-", "east-", "north-", "south-", "west-")


def _may_have_region(text: str) -> bool:
    return any(mark in text for mark in _REGION_MARKS)


_PROSE: Final = re.compile(r"(?i)description|comment|displayname|^sid$|message|title")


def _key(path: Path) -> str:
    """The name of the property that a text belongs to."""
    return next((part for part in reversed(path) if isinstance(part, str)), "")


def _written(  # noqa: PLR0913 - a row of a table, all by keyword
    *,
    id: str,
    title: str,
    form: re.Pattern[str],
    may_have: Callable[[str], object],
    is_meant: Callable[[Resource, Path, str], bool],
    said: str,
    rationale: str,
    remedy: str,
    source: str = _PSEUDO,
    equivalents: tuple[str, ...] = (),
) -> Rule:
    """A rule that no text of a resource has a form; `is_meant` tells whether a text that has it matters.

    `may_have` looks quickly for what each such text has in it; most resources are done with then. A resource has one
    verdict, at the first place.
    """

    def judge(resource: Resource, ctx: Context) -> Iterator[Verdict]:
        if not may_have(wording(resource.declaration.node)):
            return
        found = [
            (path, scalar)
            for path, scalar in literals(resource, form.search)
            if not _PROSE.search(_key(path)) and is_meant(resource, path, scalar.text)
        ]
        if found:
            more = f" in {len(found)} places" if len(found) > 1 else ""
            yield ctx.violation(placed(*found[0]), said + more)

    judge.__doc__ = rationale
    return rule(
        ANY_TYPE,
        id=id,
        title=title,
        family=Family.PARAMETERISATION,
        severity=Severity.LOW,
        remedy=remedy,
        source=source,
        equivalents=equivalents,
    )(judge)


def _always(_resource: Resource, _path: Path, _text: str) -> bool:
    return True


partition = _written(
    id="partition-not-hard-coded",
    title="ARNs leave the partition to CloudFormation",
    may_have=lambda text: "arn:aws" in text,
    form=re.compile(r"\barn:aws(?:-cn|-us-gov|-iso[a-z-]*|-eusc)?:"),
    is_meant=_always,
    said="spells out the partition of an ARN",
    rationale="""An ARN that begins with arn:aws: names nothing in the partitions of China (aws-cn) and GovCloud
    (aws-us-gov), so that the template can be deployed in one partition only. AWS::Partition is the right one
    everywhere.""",
    remedy="Write `!Sub arn:${AWS::Partition}:...`.",
    equivalents=("I3042",),
)


def _binds_to_region(resource: Resource, path: Path, text: str) -> bool:
    """Whether a region stands where the stack's own is meant: not where another region is what a property is about."""
    if any(isinstance(part, str) and "region" in part.lower() for part in path):
        return False
    if path[-2:-1] == ("Service",) or _key(path) == "Service":
        return False  # A service's principal in a region that one opts into has the region in its name.
    # Certificates and web ACLs for CloudFront are always in us-east-1.
    return not (resource.type.startswith("AWS::CloudFront::") and ":us-east-1:" in text)


region = _written(
    id="region-not-hard-coded",
    title="Resources leave the region to CloudFormation",
    may_have=_may_have_region,
    form=re.compile(rf"(?<![A-Za-z0-9]){_REGION}(?![A-Za-z0-9])"),
    is_meant=_binds_to_region,
    said="spells out a region",
    rationale="""An ARN, endpoint or service name with a region in it is wrong when the stack is deployed in another
    region. AWS::Region is the stack's. Properties that are about other regions, such as those of replicas, are not
    meant, nor is us-east-1 for CloudFront, which keeps its certificates there.""",
    remedy="Write `${AWS::Region}` in `!Sub`, or make it a parameter where another region is meant.",
    equivalents=(),
)

_OF_AWS: Final = frozenset(
    (
        # Elastic Load Balancing: "Access logs", accounts that write them.
        *("127311923021", "033677994240", "027434742980", "797873946194", "098369216593", "754344448648"),
        *("589379963580", "718504428378", "383597477331", "600734575887", "114774131450", "783225319266"),
        *("582318560864", "985666609251", "054676820928", "156460612806", "652711504416", "009996457667"),
        *("897822967062", "076674570225", "507241528517", "048591011584", "190560391635", "638102146993"),
        "037604701340",
        # Images that AWS publishes: deep learning containers, EKS add-ons, Fluent Bit, App Mesh.
        *("763104351884", "602401143452", "906394416424", "840364872350"),
    )
)
_ACCOUNT: Final = re.compile(
    r"\barn:[^:\s]*:[^:\s]*:[^:\s]*:([0-9]{12}):|(?<![0-9])([0-9]{12})\.dkr\.ecr\.|amazonaws\.com/([0-9]{12})/"
    r"|(?m:^([0-9]{12})$)"
)
_ABOUT_ACCOUNTS: Final = re.compile(r"(?i)account|owner|^AWS$|principal|ARN|registry")


def _is_account(_resource: Resource, path: Path, text: str) -> bool:
    """Whether a text names an account that is not AWS's own; twelve digits alone do only where accounts are named."""
    for match in _ACCOUNT.finditer(text):
        number = next(filter(None, match.groups()))
        if number not in _OF_AWS and (match[4] is None or _ABOUT_ACCOUNTS.search(_key(path))):
            return True
    return False


account = _written(
    id="account-id-not-hard-coded",
    title="Resources leave account ids to CloudFormation or a parameter",
    may_have=re.compile("[0-9]{12}").search,
    form=_ACCOUNT,
    is_meant=_is_account,
    said="spells out an account id",
    rationale="""A template with an account's id in it works in that account, or trusts that account, wherever it is
    deployed: the test stack then reaches into production. AWS::AccountId is the stack's own account. Accounts of AWS
    itself, such as those that deliver load balancer logs, are not meant.""",
    remedy="Write `${AWS::AccountId}` in `!Sub`, or make another account's id a parameter with "
    "`AllowedPattern: '[0-9]{12}'`.",
)

_ZONE: Final = re.compile(rf"(?m)^\s*{_REGION}[a-z]\s*$")

zone = _written(
    id="availability-zone-not-hard-coded",
    title="Availability Zones are chosen by Fn::GetAZs or a parameter",
    may_have=_may_have_region,
    form=_ZONE,
    is_meant=_always,
    said="spells out an Availability Zone",
    rationale="""A zone's name is of one region, and of accounts to which AWS has given that zone: the deployment fails
    elsewhere. Fn::GetAZs lists the zones that there are.""",
    remedy="Write `!Select [0, !GetAZs '']`, or a parameter of type `AWS::EC2::AvailabilityZone::Name`.",
    source=_GUIDE + "TemplateReference/intrinsic-function-reference-getavailabilityzones.html",
    equivalents=("W3010",),
)

image = _written(
    id="ami-not-hard-coded",
    title="Images are looked up, not spelled out",
    may_have=lambda text: "ami-" in text,
    form=re.compile(r"(?m)^\s*ami-[0-9a-f]{8,17}\s*$"),
    is_meant=_always,
    said="spells out an AMI",
    rationale="""An image's id is of one region, and an image that is spelled out stays what it is when AWS publishes
    one with security updates. A public parameter of Systems Manager always has the newest of the region.""",
    remedy="Write `'{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64}}'`, or a "
    "parameter of type `AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>`.",
    source=_GUIDE + "UserGuide/dynamic-references-ssm.html",
)
