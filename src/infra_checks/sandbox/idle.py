"""Functions do not run in the sandbox, and what moto does as if they had run is not done either.

Messages stay in a queue that a function reads, and a rotation that was asked for stays where its function has to begin.
`keep_idle` is called once in a process.
"""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4


def keep_idle() -> None:
    """Patch moto."""
    import moto.secretsmanager.models as secrets  # noqa: PLC0415 - an optional dependency
    import moto.sqs.models as queues  # noqa: PLC0415 - as above

    queue: Any = queues.Queue
    queue.lambda_event_source_mappings = property(_no_mappings, _ignore)
    _rotate_by_steps(secrets)


def _no_mappings(_queue: object) -> dict[str, Any]:
    """Moto hands each message to the functions of these mappings, and deletes it."""
    return {}


def _ignore(_queue: object, _mappings: object) -> None:
    """The mappings themselves are kept by moto's Lambda."""


def _rotate_by_steps(secrets: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "RotateSecret" and "DescribeSecret" of the Secrets Manager API reference."""
    shown = secrets.FakeSecret.to_dict

    def to_dict(self: Any) -> dict[str, Any]:  # noqa: ANN401
        found: dict[str, Any] = shown(self)
        rules = getattr(self, "kept_rules", None)
        return {**found, **({"RotationRules": rules} if rules and "RotationRules" in found else {})}

    def rotate_secret(
        self: Any,  # noqa: ANN401
        secret_id: str,
        client_request_token: str | None = None,
        rotation_lambda_arn: str | None = None,
        rotation_rules: dict[str, Any] | None = None,
        rotate_immediately: bool = True,
    ) -> str:
        secret = _rotatable(self, secrets, secret_id)
        function = str(rotation_lambda_arn or getattr(secret, "rotation_lambda_arn", None) or "")
        _require_function(self, secrets, function)
        secret.rotation_requested = secret.rotation_enabled = True
        secret.rotation_lambda_arn = function
        if rotation_rules:
            secret.kept_rules = rotation_rules
            secret.auto_rotate_after_days = rotation_rules.get("AutomaticallyAfterDays", 0)
            secret.next_rotation_date = int(time.time()) + secret.auto_rotate_after_days * 86_400 or None
        version = client_request_token or str(uuid4())
        if rotate_immediately:
            pending = {"createdate": int(time.time()), "version_id": version, "version_stages": ["AWSPENDING"]}
            secret.versions[version] = pending
        return str(secret.to_short_dict(version_id=version if rotate_immediately else None))

    move = secrets.SecretsManagerBackend.update_secret_version_stage

    def update_secret_version_stage(
        self: Any,  # noqa: ANN401
        secret_id: str,
        version_stage: str,
        remove_from_version_id: str,
        move_to_version_id: str,
    ) -> Any:  # noqa: ANN401
        """Who asks for no version gets the one that is current now."""
        answer = move(self, secret_id, version_stage, remove_from_version_id, move_to_version_id)
        if version_stage == "AWSCURRENT" and move_to_version_id:
            self.secrets[secret_id].default_version_id = move_to_version_id
        return answer

    secrets.SecretsManagerBackend.update_secret_version_stage = update_secret_version_stage
    secrets.FakeSecret.to_dict = to_dict
    secrets.SecretsManagerBackend.rotate_secret = rotate_secret


def _rotatable(backend: Any, secrets: Any, secret_id: str) -> Any:  # noqa: ANN401 - moto has no types
    """The secret; refused as AWS does while a rotation has not ended."""
    if secret_id not in backend.secrets:
        raise secrets.SecretNotFoundException
    secret = backend.secrets[secret_id]
    if secret.is_deleted():
        raise secrets.InvalidRequestException("the secret is marked for deletion")
    stages = [version["version_stages"] for version in secret.versions.values()]
    if any("AWSPENDING" in each and "AWSCURRENT" not in each for each in stages):
        raise secrets.InvalidRequestException("A previous rotation isn't complete. That rotation will be reattempted.")
    return secret


def _require_function(backend: Any, secrets: Any, arn: str) -> None:  # noqa: ANN401 - moto has no types
    from moto.awslambda.utils import get_backend  # noqa: PLC0415 - an optional dependency

    if not arn:
        raise secrets.InvalidRequestException("No Lambda rotation function ARN is associated with this secret.")
    try:
        get_backend(backend.account_id, backend.region_name).get_function(arn)
    except Exception:  # noqa: BLE001 - whichever moto raises
        raise secrets.ResourceNotFoundException(f"Resource not found for ARN '{arn}'.") from None
