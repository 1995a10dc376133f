"""The only place that talks to AWS; boto3 comes with the extra `live`.

    from infra_checks.live import Access, live_stack

    stack = live_stack("shop", Access(region="eu-west-1"))
    stack["Receipts"].properties["VersioningConfiguration"]

`live_checks.check_live(stack)` judges it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from infra_checks.live.clients import Access
    from infra_checks.live.read_stack import live_stack
    from infra_checks.live.reading import Unread
    from infra_checks.live.stacks import LiveResource, LiveStack

__all__ = ["Access", "LiveResource", "LiveStack", "Unread", "live_stack"]

_MODULES: Final = {
    "Access": "clients",
    "LiveResource": "stacks",
    "LiveStack": "stacks",
    "Unread": "reading",
    "live_stack": "read_stack",
}


def __getattr__(name: str) -> object:
    """Import what is asked for: most of it needs boto3, and takes its time."""
    if name not in _MODULES:
        raise AttributeError(name)
    found: object = getattr(import_module(f"infra_checks.live.{_MODULES[name]}"), name)
    return found
