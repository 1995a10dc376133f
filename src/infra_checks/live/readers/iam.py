"""AWS::IAM, by the AWS Identity and Access Management API reference.

An inline policy that the stack has as AWS::IAM::Policy is among the Policies of its role too: it is one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra_checks.live.readers.iam_users import access_key, user_to_group_addition
from infra_checks.live.reading import Plain, Unread, reader
from infra_checks.live.renaming import Properties, document, from_answer, renamed, said, stated, tag_list
from infra_checks.live.shaping import at, declared_text, declared_texts

if TYPE_CHECKING:
    from infra_checks.live.reading import Answer, Asking, Read

_GONE: Final = ("NoSuchEntity",)
_MEMBERS: Final = {"role": "RoleName", "user": "UserName", "group": "GroupName"}


def _document(value: Plain) -> Plain:
    """A policy; botocore has decoded it unless it is no JSON."""
    return document(value) if isinstance(value, str) else value


def _policies(asking: Asking, kind: str, name: str) -> Properties:
    """The inline policies of a role, user or group, and the ARNs of those attached to it."""
    by = {_MEMBERS[kind]: name}
    names = asking.pages("iam", f"list_{kind}_policies", "PolicyNames", **by)
    attached = asking.pages("iam", f"list_attached_{kind}_policies", "AttachedPolicies", **by)
    return {
        **from_answer(names, ("Policies",), lambda found: {"Policies": [_inline(asking, kind, by, n) for n in found]}),
        **from_answer(
            attached, ("ManagedPolicyArns",), lambda found: {"ManagedPolicyArns": [each["PolicyArn"] for each in found]}
        ),
    }


def _inline(asking: Asking, kind: str, by: dict[str, str], name: str) -> Properties:
    answer = asking.ask("iam", f"get_{kind}_policy", PolicyName=name, **by)
    read = answer if isinstance(answer, Unread) else _document(answer["PolicyDocument"])
    return {"PolicyName": name, "PolicyDocument": read}


def _operations(kind: str) -> tuple[str, ...]:
    names = (f"get_{kind}", f"get_{kind}_policy", f"list_{kind}_policies", f"list_attached_{kind}_policies")
    return tuple(f"iam:{name}" for name in names)


@reader("AWS::IAM::Role", *_operations("role"))
def role(asking: Asking) -> Read:
    """AWS: API_GetRole.html."""
    answer = asking.ask("iam", "get_role", RoleName=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    found = answer["Role"]
    return {
        **renamed(found, "Arn", "Description", "MaxSessionDuration", "Path", "RoleName"),
        **stated(
            AssumeRolePolicyDocument=_document(found.get("AssumeRolePolicyDocument")),
            PermissionsBoundary=at(found, "PermissionsBoundary", "PermissionsBoundaryArn"),
            Tags=tag_list(found.get("Tags", [])),
        ),
        **_policies(asking, "role", asking.physical_id),
    }


@reader("AWS::IAM::User", *_operations("user"), "iam:list_groups_for_user", "iam:get_login_profile")
def user(asking: Asking) -> Read:
    """AWS: API_GetUser.html and API_GetLoginProfile.html."""
    by = {"UserName": asking.physical_id}
    answer = asking.ask("iam", "get_user", **by)
    if isinstance(answer, Unread):
        return answer
    found = answer["User"]
    groups = asking.pages("iam", "list_groups_for_user", "Groups", **by)
    login = asking.ask("iam", "get_login_profile", none=_GONE, **by)
    return {
        **renamed(found, "Arn", "Path", "UserName"),
        **stated(
            PermissionsBoundary=at(found, "PermissionsBoundary", "PermissionsBoundaryArn"),
            Tags=tag_list(found.get("Tags", [])),
        ),
        **from_answer(groups, ("Groups",), lambda names: {"Groups": [each["GroupName"] for each in names]}),
        **from_answer(login, ("LoginProfile",), _login),
        **_policies(asking, "user", asking.physical_id),
    }


def _login(answer: Answer) -> Properties:
    profile = answer.get("LoginProfile")
    if not profile:
        return {}
    password = Unread("no API returns a password")
    return {"LoginProfile": {"Password": password, **renamed(profile, "PasswordResetRequired")}}


@reader("AWS::IAM::Group", *_operations("group"))
def group(asking: Asking) -> Read:
    """AWS: API_GetGroup.html."""
    answer = asking.ask("iam", "get_group", GroupName=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    return {**renamed(answer["Group"], "Arn", "GroupName", "Path"), **_policies(asking, "group", asking.physical_id)}


@reader("AWS::IAM::ManagedPolicy", "iam:get_policy", "iam:get_policy_version", "iam:list_entities_for_policy")
def managed_policy(asking: Asking) -> Read:
    """AWS: API_GetPolicy.html; the document is that of the default version."""
    by = {"PolicyArn": asking.physical_id}
    answer = asking.ask("iam", "get_policy", **by)
    if isinstance(answer, Unread):
        return answer
    found = answer["Policy"]
    version = asking.ask("iam", "get_policy_version", VersionId=found["DefaultVersionId"], **by)
    return {
        **renamed(found, "Description", "Path", ManagedPolicyName="PolicyName", PolicyArn="Arn"),
        **from_answer(version, ("PolicyDocument",), _version),
        **_entities(asking, "Roles", "Role", "PolicyRoles"),
        **_entities(asking, "Users", "User", "PolicyUsers"),
        **_entities(asking, "Groups", "Group", "PolicyGroups"),
    }


def _version(answer: Answer) -> Properties:
    return {"PolicyDocument": _document(answer["PolicyVersion"]["Document"])}


def _entities(asking: Asking, name: str, kind: str, member: str) -> Properties:
    """To whom a policy is attached; as a boundary it is told by those who have it."""
    found = asking.pages(
        "iam",
        "list_entities_for_policy",
        member,
        PolicyArn=asking.physical_id,
        EntityFilter=kind,
        PolicyUsageFilter="PermissionsPolicy",
    )
    return from_answer(found, (name,), lambda entries: {name: [each[f"{kind}Name"] for each in entries]})


@reader("AWS::IAM::Policy", "iam:get_role_policy", "iam:get_user_policy", "iam:get_group_policy")
def policy(asking: Asking) -> Read:
    """AWS: API_GetRolePolicy.html; no API tells where a policy of this type is, so the template's lists are asked.

    A role that has no such policy any more is not among Roles.
    """
    name = declared_text(asking, "PolicyName")
    lists = {kind: declared_texts(asking, f"{kind.title()}s") for kind in _MEMBERS}
    if name is None or None in lists.values():
        return Unread("no API tells where this inline policy is, and the template's PolicyName or lists are not known")
    found: Properties = {"PolicyName": name}
    documents: list[Any] = []
    for kind, holders in lists.items():
        having = []
        for holder in holders or []:
            answer = asking.ask("iam", f"get_{kind}_policy", none=_GONE, PolicyName=name, **{_MEMBERS[kind]: holder})
            if isinstance(answer, Unread) or said(answer.get("PolicyDocument")):
                having.append(holder)
                documents.append(answer if isinstance(answer, Unread) else _document(answer["PolicyDocument"]))
        found |= stated(**{f"{kind.title()}s": having})
    return found | stated(PolicyDocument=_one(documents))


def _one(documents: list[Any]) -> Plain:
    refused = next((each for each in documents if isinstance(each, Unread)), None)
    if refused is not None:
        return refused
    if not documents:
        return Unread("nobody whom the template names has this policy (any more)")
    alike = all(each == documents[0] for each in documents)
    return documents[0] if alike else Unread("those who have this policy have different documents of its name")


@reader("AWS::IAM::InstanceProfile", "iam:get_instance_profile")
def instance_profile(asking: Asking) -> Read:
    """AWS: API_GetInstanceProfile.html."""
    answer = asking.ask("iam", "get_instance_profile", InstanceProfileName=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    found = answer["InstanceProfile"]
    return {
        **renamed(found, "Arn", "InstanceProfileName", "Path"),
        **stated(Roles=[each["RoleName"] for each in found.get("Roles", [])]),
    }


@reader("AWS::IAM::ServiceLinkedRole", "iam:get_role")
def service_linked_role(asking: Asking) -> Read:
    """AWS: API_GetRole.html; the service is in the path, `/aws-service-role/autoscaling.amazonaws.com/`."""
    answer = asking.ask("iam", "get_role", RoleName=asking.physical_id)
    if isinstance(answer, Unread):
        return answer
    found = answer["Role"]
    service = found["Path"].strip("/").rpartition("/")[2]
    suffix = found["RoleName"].partition("_")[2]
    return stated(AWSServiceName=service, CustomSuffix=suffix, Description=found.get("Description"))


__all__ = [
    "access_key",
    "group",
    "instance_profile",
    "managed_policy",
    "policy",
    "role",
    "service_linked_role",
    "user",
    "user_to_group_addition",
]
