"""AWS::IAM."""

from __future__ import annotations

from typing import Any, Final

from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.rows import row
from infra_checks.sandbox.shapes import as_text


class _Principal:
    """Roles, users and groups: what they have in common."""

    def __init__(self, word: str, limit: int) -> None:
        self.word = word
        self.type = f"AWS::IAM::{word.capitalize()}"
        self.named = f"{word.capitalize()}Name"
        self._limit = limit

    def make(self, making: Making) -> Made:
        """Create it with what the call takes."""
        only = {"role": _ROLE, "user": ("Path", "PermissionsBoundary"), "group": ("Path",)}[self.word]
        name = making.name(self.named, limit=self._limit)
        given: dict[str, Any] = {self.named: name}
        if self.word != "group" and making.tags():
            given["Tags"] = making.tags()
        answer = making.send("iam", f"create_{self.word}", only=only, **given)[self.word.capitalize()]
        attributes = {"Arn": answer["Arn"]}
        if self.word == "role":
            attributes["RoleId"] = answer["RoleId"]
        return Made(self.type, name, attributes)

    def configure(self, making: Making, made: Made) -> None:
        """Give it its policies, and whatever has changed."""
        self._inline(making, made)
        self._managed(making, made)
        if self.word == "user":
            self._groups(making, made)
            self._login(making, made)
        if making.before is None:
            return
        if self.word == "role" and making.changed("AssumeRolePolicyDocument"):
            policy = as_text(making.get("AssumeRolePolicyDocument"))
            making.api("iam").update_assume_role_policy(RoleName=made.ref, PolicyDocument=policy)
        if self.word == "role" and making.changed("Description", "MaxSessionDuration"):
            making.send("iam", "update_role", only=("Description", "MaxSessionDuration"), RoleName=made.ref)
        if self.word != "group" and making.changed("PermissionsBoundary"):
            self._boundary(making, made)
        if self.word != "group" and making.changed("Tags"):
            self._retag(making, made)

    def _call(self, making: Making, operation: str, made: Made, **given: Any) -> Any:  # noqa: ANN401 - boto3
        return getattr(making.api("iam"), operation)(**{self.named: made.ref}, **given)

    def _inline(self, making: Making, made: Made) -> None:
        if not making.changed("Policies"):
            return
        wanted = {policy["PolicyName"]: policy["PolicyDocument"] for policy in making.get("Policies") or []}
        before = {policy["PolicyName"] for policy in (making.before or {}).get("Policies") or []}
        for name in sorted(before - wanted.keys()):
            self._call(making, f"delete_{self.word}_policy", made, PolicyName=name)
        for name, document in wanted.items():
            self._call(making, f"put_{self.word}_policy", made, PolicyName=name, PolicyDocument=as_text(document))

    def _managed(self, making: Making, made: Made) -> None:
        if not making.changed("ManagedPolicyArns"):
            return
        wanted = making.get("ManagedPolicyArns") or []
        before = (making.before or {}).get("ManagedPolicyArns") or []
        for arn in sorted(set(before) - set(wanted)):
            self._call(making, f"detach_{self.word}_policy", made, PolicyArn=arn)
        for arn in wanted:
            self._call(making, f"attach_{self.word}_policy", made, PolicyArn=arn)

    def _groups(self, making: Making, made: Made) -> None:
        if not making.changed("Groups"):
            return
        wanted = making.get("Groups") or []
        for name in sorted(set((making.before or {}).get("Groups") or []) - set(wanted)):
            making.api("iam").remove_user_from_group(GroupName=name, UserName=made.ref)
        for name in wanted:
            making.api("iam").add_user_to_group(GroupName=name, UserName=made.ref)

    def _login(self, making: Making, made: Made) -> None:
        """AWS: "CreateLoginProfile" of the IAM API reference; the password is given once more with each change."""
        if making.changed("LoginProfile"):
            making.remove("iam", "delete_login_profile", UserName=made.ref)
            profile = making.part(making.get("LoginProfile") or {})
            if profile.properties:
                profile.need("Password")
                profile.left = dict.fromkeys(profile.properties)
                profile.send("iam", "create_login_profile", UserName=made.ref)
                profile.check_all_taken()

    def _boundary(self, making: Making, made: Made) -> None:
        boundary = making.get("PermissionsBoundary")
        if boundary is None:
            self._call(making, f"delete_{self.word}_permissions_boundary", made)
        else:
            self._call(making, f"put_{self.word}_permissions_boundary", made, PermissionsBoundary=boundary)

    def _retag(self, making: Making, made: Made) -> None:
        tags = making.tags()
        gone = {tag["Key"] for tag in (making.before or {}).get("Tags") or []} - {tag["Key"] for tag in tags}
        if gone:
            self._call(making, f"untag_{self.word}", made, TagKeys=sorted(gone))
        self._call(making, f"tag_{self.word}", made, Tags=tags)

    def delete(self, making: Making, made: Made) -> None:
        """Take its policies away, then itself; policies of other stacks stop that, as in AWS."""
        for policy in making.get("Policies") or []:
            making.remove(
                "iam", f"delete_{self.word}_policy", **{self.named: made.ref}, PolicyName=policy["PolicyName"]
            )
        for arn in making.get("ManagedPolicyArns") or []:
            making.remove("iam", f"detach_{self.word}_policy", **{self.named: made.ref}, PolicyArn=arn)
        for name in making.get("Groups") or []:
            making.remove("iam", "remove_user_from_group", GroupName=name, UserName=made.ref)
        if self.word == "user" and making.get("LoginProfile"):
            making.remove("iam", "delete_login_profile", UserName=made.ref)
        self._call(making, f"delete_{self.word}", made)

    def kind(self) -> Kind:
        """The row of the table."""
        only = frozenset({self.named, "Path"} if self.word == "role" else {self.named})
        return Kind(self.type, self.make, self.delete, self.configure, only, None if self.word == "group" else "Tags")


_ROLE: Final = ("AssumeRolePolicyDocument", "Description", "MaxSessionDuration", "Path", "PermissionsBoundary")
_HOLDERS: Final = {"Roles": "role", "Users": "user", "Groups": "group"}


def _delete_managed(making: Making, made: Made) -> None:
    for prop, word in _HOLDERS.items():
        for name in making.get(prop) or []:
            making.remove("iam", f"detach_{word}_policy", PolicyArn=made.ref, **{f"{word.capitalize()}Name": name})
    making.api("iam").delete_policy(PolicyArn=made.ref)


def _make_managed(making: Making) -> Made:
    name = making.name("ManagedPolicyName", limit=128)
    document = as_text(making.need("PolicyDocument"))
    answer = making.send("iam", "create_policy", only=("Description", "Path"), PolicyName=name, PolicyDocument=document)
    arn = answer["Policy"]["Arn"]
    return Made("AWS::IAM::ManagedPolicy", arn, {"PolicyArn": arn, "PolicyId": answer["Policy"]["PolicyId"]})


def _configure_managed(making: Making, made: Made) -> None:
    client = making.api("iam")
    if making.before is not None and making.changed("PolicyDocument"):
        versions = client.list_policy_versions(PolicyArn=made.ref)["Versions"]
        document = as_text(making.get("PolicyDocument"))
        client.create_policy_version(PolicyArn=made.ref, PolicyDocument=document, SetAsDefault=True)
        for version in versions:
            client.delete_policy_version(PolicyArn=made.ref, VersionId=version["VersionId"])
    for prop, word in _HOLDERS.items():
        if making.changed(prop):
            wanted = set(making.get(prop) or [])
            before = set((making.before or {}).get(prop) or [])
            for name in sorted(wanted | before):
                verb = "attach" if name in wanted else "detach"
                if (name in wanted) != (name in before):
                    named = {f"{word.capitalize()}Name": name}
                    getattr(client, f"{verb}_{word}_policy")(PolicyArn=made.ref, **named)


def _make_policy(making: Making) -> Made:
    name = str(making.need("PolicyName"))
    return Made("AWS::IAM::Policy", name, {"Id": name})


def _configure_policy(making: Making, made: Made) -> None:
    client = making.api("iam")
    document = as_text(making.need("PolicyDocument"))
    for prop, word in _HOLDERS.items():
        wanted = set(making.get(prop) or [])
        making.changed(prop)
        for name in sorted(set((making.before or {}).get(prop) or []) - wanted):
            getattr(client, f"delete_{word}_policy")(PolicyName=made.ref, **{f"{word.capitalize()}Name": name})
        for name in sorted(wanted):
            named = {f"{word.capitalize()}Name": name}
            getattr(client, f"put_{word}_policy")(PolicyName=made.ref, PolicyDocument=document, **named)


def _delete_policy(making: Making, made: Made) -> None:
    for prop, word in _HOLDERS.items():
        for name in making.get(prop) or []:
            making.remove("iam", f"delete_{word}_policy", PolicyName=made.ref, **{f"{word.capitalize()}Name": name})


def _make_profile(making: Making) -> Made:
    name = making.name("InstanceProfileName", limit=128)
    answer = making.send("iam", "create_instance_profile", only=("Path",), InstanceProfileName=name)
    return Made("AWS::IAM::InstanceProfile", name, {"Arn": answer["InstanceProfile"]["Arn"]})


def _configure_profile(making: Making, made: Made) -> None:
    client = making.api("iam")
    if making.changed("Roles"):
        for name in (making.before or {}).get("Roles") or []:
            client.remove_role_from_instance_profile(InstanceProfileName=made.ref, RoleName=name)
        for name in making.get("Roles") or []:
            client.add_role_to_instance_profile(InstanceProfileName=made.ref, RoleName=name)


def _delete_profile(making: Making, made: Made) -> None:
    client = making.api("iam")
    for name in making.get("Roles") or []:
        making.remove("iam", "remove_role_from_instance_profile", InstanceProfileName=made.ref, RoleName=name)
    client.delete_instance_profile(InstanceProfileName=made.ref)


def _make_key(making: Making) -> Made:
    """A key with the number that CloudFormation alone knows; a new number is a new key."""
    making.get("Serial")
    key = making.api("iam").create_access_key(UserName=str(making.need("UserName")))["AccessKey"]
    return Made("AWS::IAM::AccessKey", key["AccessKeyId"], {"SecretAccessKey": key["SecretAccessKey"]})


def _configure_key(making: Making, made: Made) -> None:
    if making.changed("Status"):
        by = {"UserName": making.properties["UserName"], "AccessKeyId": made.ref}
        making.api("iam").update_access_key(**by, Status=making.get("Status") or "Active")


def _delete_key(making: Making, made: Made) -> None:
    making.remove("iam", "delete_access_key", UserName=making.properties["UserName"], AccessKeyId=made.ref)


def _make_addition(making: Making) -> Made:
    making.need("GroupName")
    return Made("AWS::IAM::UserToGroupAddition", making.name(""), {})


def _configure_addition(making: Making, _made: Made) -> None:
    client = making.api("iam")
    if making.changed("GroupName", "Users"):
        group, before = making.properties["GroupName"], making.before or {}
        for name in before.get("Users") or []:
            making.remove("iam", "remove_user_from_group", GroupName=before["GroupName"], UserName=name)
        for name in making.get("Users") or []:
            client.add_user_to_group(GroupName=group, UserName=name)


def _delete_addition(making: Making, _made: Made) -> None:
    for name in making.get("Users") or []:
        making.remove("iam", "remove_user_from_group", GroupName=making.properties["GroupName"], UserName=name)


KINDS: Final = (
    Kind("AWS::IAM::AccessKey", _make_key, _delete_key, _configure_key, frozenset({"Serial", "UserName"}), None),
    Kind("AWS::IAM::UserToGroupAddition", _make_addition, _delete_addition, _configure_addition, tags=None),
    _Principal("role", 64).kind(),
    _Principal("user", 64).kind(),
    _Principal("group", 128).kind(),
    Kind(
        "AWS::IAM::ManagedPolicy",
        _make_managed,
        _delete_managed,
        _configure_managed,
        frozenset({"ManagedPolicyName", "Path", "Description"}),
        None,
    ),
    Kind("AWS::IAM::Policy", _make_policy, _delete_policy, _configure_policy, frozenset({"PolicyName"}), None),
    Kind(
        "AWS::IAM::InstanceProfile",
        _make_profile,
        _delete_profile,
        _configure_profile,
        frozenset({"InstanceProfileName", "Path"}),
        None,
    ),
    row(
        "AWS::IAM::ServiceLinkedRole",
        "iam",
        "create_service_linked_role",
        ref="Role.RoleName",
        attributes={"RoleName": "Role.RoleName"},
        delete="delete_service_linked_role",
        delete_by={"RoleName": "{ref}"},
        create_only=["AWSServiceName", "CustomSuffix"],
        tags=None,
    ),
)
