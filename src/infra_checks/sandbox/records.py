"""Cloud Control's GetResource and ListResources for what no service API of moto's has.

What has a service API is not answered here: its state is what that API says, not what a template once asked for.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from infra_checks.sandbox.refusal import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.sandbox.account import Account
    from infra_checks.sandbox.making import Kind, Made


class CloudControl:
    """The records of one region."""

    def __init__(self, account: Account, region: str) -> None:
        self._account = account
        self._region = region

    def answer(self, operation: str, parameters: dict[str, Any]) -> tuple[int, str]:
        """The status and the JSON text that answer an operation."""
        name = parameters.get("TypeName", "")
        kind = self._account.find_kind(name)
        if operation not in {"GetResource", "ListResources"} or kind is None or not kind.is_record:
            message = f"the sandbox answers {operation} for records only, and {name} is none; ask its service"
            return 400, _error("UnsupportedActionException", message)
        try:
            found = [_described(kind, made) for made in self._records(name)]
        except RefusedError as error:
            return 400, _error(error.code, str(error))
        if operation == "ListResources":
            return 200, json.dumps({"TypeName": name, "ResourceDescriptions": found})
        identity = parameters.get("Identifier")
        description = next((each for each in found if each["Identifier"] == identity), None)
        if description is None:
            return 400, _error("ResourceNotFoundException", f"{name} {identity} was not found")
        return 200, json.dumps({"TypeName": name, "ResourceDescription": description})

    def _records(self, name: str) -> Iterator[Made]:
        for record in self._account.memory.stacks(self._region):
            for entry in record.entries.values():
                gone = entry.status == "DELETE_COMPLETE"
                if entry.type == name and entry.made is not None and not gone:
                    yield entry.made


def _described(kind: Kind, made: Made) -> dict[str, str]:
    if kind.shown is None:
        return {"Identifier": made.ref, "Properties": json.dumps(made.attributes | made.properties)}
    shown = kind.shown(made)
    return {"Identifier": shown.identifier, "Properties": json.dumps(shown.properties)}


def _error(code: str, message: str) -> str:
    return json.dumps({"__type": f"com.amazonaws.cloudcontrol#{code}", "Message": message, "message": message})
