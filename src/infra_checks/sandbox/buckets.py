"""What moto leaves out of buckets, as gaps.py has it of other services."""

from __future__ import annotations

import json
from typing import Any


def close_gaps_of_buckets() -> None:
    """Patch moto, once in a process."""
    from moto.s3 import models, responses  # noqa: PLC0415 - an optional dependency

    _show_events_of_buckets(responses.S3Response)
    _pass_over_conditions(models.FakeBucket)


def _pass_over_conditions(bucket: Any) -> None:  # noqa: ANN401 - moto has no types
    """Moto reads statements of bucket policies without their conditions, so that "TLS only" refuses everything.

    Here statements with a condition neither allow nor deny.
    """

    def get_permission(self: Any, action: str, resource: str) -> Any:  # noqa: ANN401
        from moto.iam.access_control import IAMPolicy, PermissionResult  # noqa: PLC0415 - an optional dependency

        statements = json.loads(self.policy)["Statement"] if self.policy is not None else []
        listed = statements if isinstance(statements, list) else [statements]
        plain = [statement for statement in listed if not statement.get("Condition")]
        if not plain:
            return PermissionResult.NEUTRAL
        return IAMPolicy(json.dumps({"Version": "2012-10-17", "Statement": plain})).is_action_permitted(
            action, resource
        )

    bucket.get_permission = get_permission


def _show_events_of_buckets(responses: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "GetBucketNotificationConfiguration" of the S3 API reference."""
    shown = responses.get_bucket_notification

    def get_bucket_notification(self: Any) -> Any:  # noqa: ANN401
        kept = self.backend.get_bucket_notification_configuration(self.bucket_name)
        if kept is None or kept.event_bridge is None:
            return shown(self)
        serialize = self.serialized

        def serialized(answer: Any) -> Any:  # noqa: ANN401
            answer.result["EventBridgeConfiguration"] = {}
            return serialize(answer)

        self.serialized = serialized
        return shown(self)

    responses.get_bucket_notification = get_bucket_notification
