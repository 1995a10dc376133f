"""What the sandbox refuses, as the errors that CloudFormation answers with."""

from __future__ import annotations

from infra_checks.errors import InfraChecksError


class SandboxError(InfraChecksError):
    """The sandbox cannot be started, found or stopped."""


class RefusedError(InfraChecksError):
    """A request that is refused as a whole; `code` is CloudFormation's own, mostly ValidationError."""

    def __init__(self, message: str, code: str = "ValidationError", status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class CannotMakeError(InfraChecksError):
    """A resource, or a value it needs, that the sandbox cannot give; fails the stack."""


_GONE = ("NotFound", "NoSuch", "DoesNotExist", "NonExistent", "NotExist")


def is_gone(error: Exception) -> bool:
    """Whether an API says that what it should remove is not there."""
    response = getattr(error, "response", {})
    code = str(response.get("Error", {}).get("Code", ""))
    return any(word in code for word in _GONE)
