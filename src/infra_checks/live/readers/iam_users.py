"""AWS::IAM: access keys, and users who are added to a group; by the AWS IAM API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra_checks.live.reading import Unread, reader
from infra_checks.live.renaming import renamed, stated
from infra_checks.live.shaping import declared_text, declared_texts

if TYPE_CHECKING:
    from infra_checks.live.reading import Asking, Read


@reader("AWS::IAM::AccessKey", "iam:list_access_keys", unreturned=("Serial",))
def access_key(asking: Asking) -> Read:
    """AWS: API_AccessKeyMetadata.html; a key is found among those of the user whom the template names."""
    user = declared_text(asking, "UserName")
    if user is None:
        return Unread("the user of an access key is not known from the template's UserName")
    keys = asking.pages("iam", "list_access_keys", "AccessKeyMetadata", UserName=user)
    if isinstance(keys, Unread):
        return keys
    own = next((each for each in keys if each["AccessKeyId"] == asking.physical_id), None)
    if own is None:
        return Unread(f"{user} has no access key {asking.physical_id} (deleted meanwhile?)")
    return renamed(own, "Status", "UserName")


@reader("AWS::IAM::UserToGroupAddition", "iam:get_group")
def user_to_group_addition(asking: Asking) -> Read:
    """AWS: API_GetGroup.html; no API tells of additions, so the template's users are looked for in its group.

    A user who is no longer in the group is not among Users.
    """
    name, users = declared_text(asking, "GroupName"), declared_texts(asking, "Users")
    if name is None or users is None:
        return Unread("no API tells of this addition, and the template's GroupName or Users are not known")
    members = asking.pages("iam", "get_group", "Users", GroupName=name)
    if isinstance(members, Unread):
        return members
    present = {each["UserName"] for each in members}
    return stated(GroupName=name, Users=[user for user in users if user in present])
