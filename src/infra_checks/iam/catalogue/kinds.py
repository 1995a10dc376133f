"""What the catalogue tells of: actions, resource types and condition keys of AWS services.

Source of terms: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Level(Enum):
    """AWS's access levels
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html).
    """

    LIST = "List"
    READ = "Read"
    TAGGING = "Tagging"
    WRITE = "Write"
    PERMISSIONS = "Permissions management"


class Risk(Enum):
    """What an action gives away when it is allowed on anything."""

    CREDENTIALS = "credentials exposure"  # it returns credentials, or makes them
    DATA = "data access"  # it returns what customers keep
    EXPOSURE = "resource exposure"  # it changes who has access
    ESCALATION = "privilege escalation"  # alone, it can give its caller more than the caller has


class KeyType(Enum):
    """The types of condition keys; they decide which operators fit
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html).
    """

    STRING = "String"
    ARN = "ARN"
    BOOL = "Bool"
    NUMERIC = "Numeric"
    DATE = "Date"
    IP_ADDRESS = "IPAddress"
    BINARY = "Binary"


class ActionResource(NamedTuple):
    """A resource type that an action works on. Where `required` is false, the action also works without one.

    `condition_keys` and `dependent_actions` hold when the action is used on this type.
    """

    name: str
    required: bool
    condition_keys: tuple[str, ...]
    dependent_actions: tuple[str, ...]


class Action(NamedTuple):
    """An action. Without `resources` it has no resource-level permissions: only `*` as Resource grants it."""

    service: str
    name: str
    level: Level
    resources: tuple[ActionResource, ...]
    condition_keys: tuple[str, ...]
    dependent_actions: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """As a policy names it: `s3:GetObject`."""
        return f"{self.service}:{self.name}"

    @property
    def all_condition_keys(self) -> frozenset[str]:
        """Those of the action, and those it has with one of its resource types."""
        return frozenset(self.condition_keys).union(*(resource.condition_keys for resource in self.resources))

    @property
    def all_dependent_actions(self) -> frozenset[str]:
        """The actions its caller may need as well: some for certain resources or parameters only."""
        return frozenset(self.dependent_actions).union(*(resource.dependent_actions for resource in self.resources))


class ResourceType(NamedTuple):
    """A resource type of a service; `arn` is its template, such as `arn:${Partition}:s3:::${BucketName}`."""

    service: str
    name: str
    arn: str
    condition_keys: tuple[str, ...]


class ConditionKey(NamedTuple):
    """A condition key; a part in `${…}` or `<…>` stands for any text, such as the key of a tag.

    `other_types` are those that its values can have as well.
    """

    name: str
    type: KeyType
    multivalued: bool
    other_types: tuple[KeyType, ...] = ()
