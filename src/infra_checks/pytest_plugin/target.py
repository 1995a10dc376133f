"""Where the tests of deployed stacks go: a real account, a server that stands in for one, or nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from infra_checks.errors import ConfigError
from infra_checks.live.clients import Access, clients, told_as_unusable
from infra_checks.live.outputs import read_outputs
from infra_checks.pytest_plugin.options import file_option, option

if TYPE_CHECKING:
    import pytest

_REGION_FILE: Final = "infra/AWS_REGION"
SANDBOX_REGION: Final = "us-east-1"


@dataclass(slots=True)
class Target:
    """What the run says of the stack to test; texts are empty where it says nothing.

    Clients are made once for each service and Region.
    """

    stack_name: str
    outputs_file: Path | None
    endpoint_url: str
    region: str
    account: str
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)
    _is_right_account: bool = False

    @classmethod
    def of(cls, config: pytest.Config) -> Target:
        """What options and the ini file say, and for the Region the file infra/AWS_REGION."""
        region_file = config.rootpath / _REGION_FILE
        region = option(config, "infra_region")
        if not region and region_file.is_file():
            region = region_file.read_text("utf-8").strip()
        return cls(
            stack_name=option(config, "infra_stack_name"),
            outputs_file=file_option(config, "infra_stack_outputs"),
            endpoint_url=option(config, "infra_endpoint_url"),
            region=region,
            account=option(config, "infra_account"),
        )

    @property
    def is_given(self) -> bool:
        """Whether there is one; otherwise tests have the sandbox."""
        return bool(self.stack_name or self.outputs_file or self.endpoint_url)

    @property
    def access(self) -> Access:
        """Where AWS is."""
        return self._access(self.region)

    def _access(self, region: str) -> Access:
        return Access(region=region or None, endpoint_url=self.endpoint_url or None)

    def client(self, service: str, region: str = "") -> Any:  # noqa: ANN401 - boto3 has no types
        """A client of a service. Raises ConfigError without boto3, a Region or credentials, and in a wrong account."""
        key = (service, region or self.region)
        if key not in self._clients:
            self.check_account()
            (self._clients[key],) = clients(self._access(key[1]), service)
        return self._clients[key]

    def check_account(self) -> None:
        """Raise ConfigError unless the credentials are of the account that the run says, if it says one."""
        if not self.account or self._is_right_account:
            return
        (sts,) = clients(self._access(self.region or SANDBOX_REGION), "sts")
        with told_as_unusable():
            found = sts.get_caller_identity()["Account"]
        if found != self.account:
            raise ConfigError(
                f"the credentials are of account {found}, the tests are for {self.account}; nothing was done"
            )
        self._is_right_account = True

    def outputs(self) -> dict[str, str]:
        """The stack's outputs, from the file or else from CloudFormation. Raises ConfigError."""
        if self.outputs_file is not None:
            return read_outputs(self.outputs_file, self.stack_name)
        cloudformation = self.client("cloudformation")
        with told_as_unusable():
            (stack,) = cloudformation.describe_stacks(StackName=self.stack_name)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())}
