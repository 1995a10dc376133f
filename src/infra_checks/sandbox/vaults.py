"""What AWS Backup keeps with a vault and moto does not have: access policy and notifications.

AWS: "PutBackupVaultAccessPolicy", "PutBackupVaultNotifications" of the AWS Backup API reference. What was put is what
is got, with the vault's name and ARN.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from infra_checks.sandbox.making import Place

PATH: Final = re.compile(r"/backup-vaults/(?P<vault>[^/]+)/(?P<part>access-policy|notification-configuration)")

Answer = tuple[int, str]


class VaultSettings:
    """The settings by region, vault and part."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str], dict[str, Any]] = {}

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()

    def answer(self, method: str, path: str, region: str, body: str) -> Answer:
        """The status and the JSON text that answer a request; its path is one of PATH."""
        asked = PATH.fullmatch(path)
        if asked is None:
            raise ValueError(path)
        key = region, asked["vault"], asked["part"]
        if method == "PUT":
            self._kept[key] = json.loads(body or "{}")
            return 200, "{}"
        if method == "DELETE":
            self._kept.pop(key, None)
            return 200, "{}"
        if key not in self._kept:
            message = f"{asked['vault']} has no {asked['part']}"
            return 400, json.dumps({"Code": "ResourceNotFoundException", "Message": message})
        arn = Place("", "", region).arn("backup", f"backup-vault:{asked['vault']}")
        return 200, json.dumps({"BackupVaultName": asked["vault"], "BackupVaultArn": arn} | self._kept[key])
