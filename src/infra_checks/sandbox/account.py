"""What a template asks of the account around it: zones, exports, secrets and parameters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from infra_checks.sandbox import kinds
from infra_checks.sandbox.apis import Apis
from infra_checks.sandbox.refusal import CannotMakeError, RefusedError
from infra_checks.sandbox.stacks import Memory

if TYPE_CHECKING:
    from infra_checks.sandbox.making import Kind
    from infra_checks.sandbox.others import Others
    from infra_checks.sandbox.stacks import StackRecord

_SECRET_FIELDS: Final = 5
"""A reference's parts: id, SecretString, JSON key, version stage, version id."""
_ARN_FIELDS: Final = 7
"""The id of a secret may be an ARN, which holds colons itself."""


class Account:
    """The sandbox's one account: its service APIs and its stacks; `others` has the types without a kind, if wanted."""

    def __init__(self, apis: Apis, others: Others | None = None) -> None:
        self.apis = apis
        self.memory = Memory()
        self.others = others

    def find_kind(self, name: str) -> Kind | None:
        """How a type is made; None for one that the sandbox cannot make."""
        return kinds.find(name) or (self.others.find(name) if self.others else None)

    def kind(self, name: str) -> Kind:
        """As `find_kind`, but raises CannotMakeError."""
        found = self.find_kind(name)
        if found is None:
            raise CannotMakeError(f"the sandbox cannot make {name}")
        return found

    def surroundings(self, region: str) -> _Region:
        """The account as templates of one region see it."""
        return _Region(self, region)

    def exports(self, region: str) -> dict[str, tuple[StackRecord, str]]:
        """The exports of a region: the stack and the value of each."""
        return {
            output.export: (record, output.value)
            for record in self.memory.existing(region)
            for output in record.outputs
            if output.export
        }


class _Region:
    """Answers a resolver's questions from the sandbox's own services."""

    def __init__(self, account: Account, region: str) -> None:
        self._account = account
        self._region = region
        self.imports: set[str] = set()

    def zones(self, region: str) -> list[str]:
        """The names of a region's Availability Zones, sorted."""
        found = self._account.apis.client("ec2", region).describe_availability_zones()["AvailabilityZones"]
        return sorted(zone["ZoneName"] for zone in found)

    def exported(self, name: str) -> str:
        """The value of an export."""
        exports = self._account.exports(self._region)
        if name not in exports:
            raise RefusedError(f"No export named {name} found.")
        self.imports.add(name)
        return exports[name][1]

    def dynamic(self, service: str, reference: str) -> str:
        """The value behind `{{resolve:service:reference}}`; AWS: "Dynamic references"."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 - an optional dependency

        try:
            return self._secret(reference) if service == "secretsmanager" else self._parameter(reference)
        except ClientError as error:
            raise CannotMakeError(f"{service} has nothing for a dynamic reference or parameter: {error}") from None

    def _parameter(self, reference: str) -> str:
        client = self._account.apis.client("ssm", self._region)
        return str(client.get_parameter(Name=reference, WithDecryption=True)["Parameter"]["Value"])

    def _secret(self, reference: str) -> str:
        parts = reference.split(":")
        if parts[0] == "arn":
            parts = [":".join(parts[:_ARN_FIELDS]), *parts[_ARN_FIELDS:]]
        name, kind, key, stage, version = (*parts, *[""] * _SECRET_FIELDS)[:_SECRET_FIELDS]
        if kind not in {"", "SecretString"}:
            raise CannotMakeError(f"a dynamic reference to a secret takes SecretString, not {kind}")
        chosen = {"VersionStage": stage} if stage else {"VersionId": version} if version else {}
        text = str(
            self._account.apis.client("secretsmanager", self._region).get_secret_value(SecretId=name, **chosen)[
                "SecretString"
            ]
        )
        if not key:
            return text
        try:
            return str(json.loads(text)[key])
        except (ValueError, KeyError, TypeError):
            raise CannotMakeError(f"the secret of a dynamic reference has no key {key}") from None
