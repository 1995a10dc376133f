"""What AWS itself adds to a resource, told apart from what somebody wrote, for the document that rules judge.

AWS: "Remove the default rule" of AWS::EC2::SecurityGroup in CloudFormation's template reference: a group for which a
template has no egress rule gets one that lets everything out. It lets out what it lets out, and rules on that see it;
but nobody has written it, and nobody could have described it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.live.reading import Unread

if TYPE_CHECKING:
    from infra_checks.live.reading import Plain, Read
    from infra_checks.live.stacks import LiveResource

_EGRESS: Final = "SecurityGroupEgress"
_DEFAULT: Final = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}
_DESCRIPTION: Final = "added by AWS to a group without egress rules"
_OPEN: Final = Unread("whether AWS itself added the rule is not known, because the deployed template is not known")


def with_additions_described(resource: LiveResource) -> Read:
    """The properties of a resource, in which a rule that AWS added is described as such.

    Where the deployed template is not known it cannot be told whose the rule is, and neither can its description.
    """
    properties = resource.properties
    if resource.type != "AWS::EC2::SecurityGroup" or isinstance(properties, Unread):
        return properties
    declared = resource.declared.properties.get(_EGRESS) if resource.declared else None
    rules = properties.get(_EGRESS)
    if declared or not isinstance(rules, list):
        return properties
    description: Plain = _DESCRIPTION if resource.declared else _OPEN
    described = [rule | {"Description": description} if rule == _DEFAULT else rule for rule in rules]
    return {**properties, _EGRESS: described}
