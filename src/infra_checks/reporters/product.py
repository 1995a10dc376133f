"""What reports call this tool."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

NAME = "infra-checks"


def installed_version() -> str:
    """The version that is installed; 0 when the package runs from a folder that was never installed."""
    try:
        return version(NAME)
    except PackageNotFoundError:
        return "0"
