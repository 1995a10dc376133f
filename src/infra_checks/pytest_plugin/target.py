"""Where the tests of deployed stacks go: a real account, a server that stands in for one, or nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from infra_checks.errors import ConfigError
from infra_checks.live.clients import PATIENT, Access, Clients, told_as_unusable
from infra_checks.live.finding_stacks import region_in, stack_of_outputs
from infra_checks.live.outputs import read_outputs
from infra_checks.pytest_plugin.options import file_option, option

if TYPE_CHECKING:
    import pytest

    from infra_checks.live.stacks import LiveStack

_REGION_FILE: Final = "infra/AWS_REGION"
SANDBOX_REGION: Final = "us-east-1"
_PLAIN: Final = Access()
"""For the calls of tests, which may take as long as boto3 lets them."""


@dataclass(slots=True)
class Target:
    """What the run says of the stack to test; texts are empty where it says nothing.

    Clients are made once.
    """

    stack_name: str
    outputs_file: Path | None
    endpoint_url: str
    region: str
    account: str
    _clients: dict[Access, Clients] = field(default_factory=dict)
    _is_right_account: bool = False

    @classmethod
    def of(cls, config: pytest.Config) -> Target:
        """What options and the ini file say, and for the Region the stack's ARN or the file infra/AWS_REGION."""
        stack_name = option(config, "infra_stack_name")
        region_file = config.rootpath / _REGION_FILE
        region = option(config, "infra_region") or region_in(stack_name) or ""
        if not region and region_file.is_file():
            region = region_file.read_text("utf-8").strip()
        return cls(
            stack_name=stack_name,
            outputs_file=file_option(config, "infra_stack_outputs"),
            endpoint_url=option(config, "infra_endpoint_url"),
            region=region,
            account=option(config, "infra_account"),
        )

    @property
    def is_given(self) -> bool:
        """Whether there is one; otherwise tests have the sandbox."""
        return bool(self.stack_name or self.outputs_file or self.endpoint_url)

    def client(self, service: str, region: str = "") -> Any:  # noqa: ANN401 - boto3 has no types
        """A client of a service. Raises ConfigError without boto3, a Region or credentials, and in a wrong account."""
        self._check_account()
        return self._of(region).get(service)

    def _of(self, region: str = "", access: Access = _PLAIN) -> Clients:
        access = replace(access, region=region or self.region or None, endpoint_url=self.endpoint_url or None)
        if access not in self._clients:
            self._clients[access] = Clients(access)
        return self._clients[access]

    def _check_account(self) -> None:
        """Raise ConfigError unless the credentials are of the account that the run says, if it says one."""
        if not self.account or self._is_right_account:
            return
        with told_as_unusable():
            found = self._of().get("sts").get_caller_identity()["Account"]
        if found != self.account:
            raise ConfigError(
                f"the tests are for account {self.account} and the credentials of {found}; nothing was done"
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

    def stack(self) -> LiveStack:
        """The deployed stack. Raises ConfigError."""
        self._check_account()
        clients = self._of()
        from infra_checks.live.read_stack import live_stack  # noqa: PLC0415 - imports boto3, which _of tells is missing

        name = self.stack_name or stack_of_outputs(str(self.outputs_file), clients)
        return live_stack(name, clients=self._of(region_in(name) or "", PATIENT))
