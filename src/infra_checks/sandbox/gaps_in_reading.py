"""What moto takes and does not show, and operations that read which it does not have.

As in `gaps`: put into moto's own classes once in a process. An operation whose setting the sandbox cannot make answers
that there is none.
"""

from __future__ import annotations

import json
from typing import Any


def show_what_was_taken() -> None:
    """Patch moto, once in a process."""
    import moto.budgets.responses as budgets  # noqa: PLC0415 - an optional dependency
    import moto.cloudtrail.responses as trails  # noqa: PLC0415 - as above
    import moto.dynamodb.models as table_models  # noqa: PLC0415 - as above
    import moto.dynamodb.responses as tables  # noqa: PLC0415 - as above
    import moto.elasticache.responses as caches  # noqa: PLC0415 - as above
    import moto.kms.models as keys  # noqa: PLC0415 - as above
    import moto.kms.responses as key_responses  # noqa: PLC0415 - as above
    import moto.logs.responses as logs  # noqa: PLC0415 - as above
    import moto.rds.responses as databases  # noqa: PLC0415 - as above
    import moto.resourcegroups.responses as groups  # noqa: PLC0415 - as above
    import moto.sns.responses as topics  # noqa: PLC0415 - as above
    import moto.sqs.responses as queues  # noqa: PLC0415 - as above

    _show_members(caches.ElastiCacheResponse)
    _encrypt_valkey(caches.ElastiCacheResponse)
    _manage_default_keys(keys.KmsBackend, key_responses.KmsResponse)
    _show_redrive_permissions(queues.SQSResponse)
    _show_subscribers(budgets.BudgetsResponse)
    _find_groups_by_name(groups.ResourceGroupsResponse)
    _keep_insights(tables.DynamoHandler)
    _keep_policies_of_streams(table_models.DynamoDBBackend)
    _keep_classes(logs.LogsResponse)
    _subscribe_by_default(databases.RDSResponse)
    nothing: tuple[tuple[Any, str, Any], ...] = (
        (tables.DynamoHandler, "describe_kinesis_streaming_destination", _json({"KinesisDataStreamDestinations": []})),
        (logs.LogsResponse, "describe_index_policies", _json({"indexPolicies": []})),
        (trails.CloudTrailResponse, "get_event_configuration", _json({})),
        (topics.SNSResponse, "get_data_protection_policy", _nothing()),
    )
    for responses, operation, answer in nothing:
        setattr(responses, operation, answer)


def _json(answer: dict[str, Any]) -> Any:  # noqa: ANN401 - moto has no types
    return lambda _self: json.dumps(answer)


def _nothing() -> Any:  # noqa: ANN401 - moto has no types
    from moto.core.responses import ActionResult  # noqa: PLC0415 - an optional dependency

    return lambda _self: ActionResult({})


def _show_members(responses: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "CacheCluster" of the ElastiCache API reference; members of replication groups are clusters too."""
    from moto.core.responses import ActionResult  # noqa: PLC0415 - an optional dependency

    shown = responses.describe_cache_clusters

    def describe_cache_clusters(self: Any) -> Any:  # noqa: ANN401
        wanted = self._get_param("CacheClusterId")
        for group in self.elasticache_backend.replication_groups.values():
            if wanted in group.member_clusters:
                return ActionResult({"CacheClusters": [_member(group, wanted)]})
        return shown(self)

    responses.describe_cache_clusters = describe_cache_clusters


def _member(group: Any, name: str) -> dict[str, Any]:  # noqa: ANN401 - moto has no types
    topic, parameters = group.notification_topic_arn, group.cache_parameter_group_name
    return {
        "CacheClusterId": name,
        "CacheNodeType": group.cache_node_type,
        "CacheSubnetGroupName": group.cache_subnet_group_name,
        "Engine": group.engine,
        "EngineVersion": group.engine_version,
        "PreferredMaintenanceWindow": group.preferred_maintenance_window,
        "ReplicationGroupId": group.replication_group_id,
        "CacheParameterGroup": {"CacheParameterGroupName": parameters} if parameters else None,
        "NotificationConfiguration": {"TopicArn": topic, "TopicStatus": "active"} if topic else None,
        "SecurityGroups": [{"SecurityGroupId": each, "Status": "active"} for each in group.security_group_ids or []],
    }


def _show_redrive_permissions(responses: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "RedriveAllowPolicy" of GetQueueAttributes of the SQS API reference."""
    put, shown = responses.set_queue_attributes, responses.get_queue_attributes

    def set_queue_attributes(self: Any) -> Any:  # noqa: ANN401
        given = (self._get_param("Attributes") or {}).get("RedriveAllowPolicy")
        answer = put(self)
        if given is not None:
            self.sqs_backend.get_queue(self._get_queue_name()).kept_redrive_permissions = given
        return answer

    def get_queue_attributes(self: Any) -> Any:  # noqa: ANN401
        answer = shown(self)
        queue = self.sqs_backend.get_queue(self._get_queue_name())
        kept = getattr(queue, "kept_redrive_permissions", "")
        if kept and {"All", "RedriveAllowPolicy"} & set(self._get_param("AttributeNames") or []):
            answer.result.setdefault("Attributes", {})["RedriveAllowPolicy"] = kept
        return answer

    responses.set_queue_attributes, responses.get_queue_attributes = set_queue_attributes, get_queue_attributes


def _show_subscribers(responses: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "DescribeSubscribersForNotification" of the AWS Budgets API reference."""

    def describe_subscribers_for_notification(self: Any) -> str:  # noqa: ANN401
        account, name = self._get_param("AccountId"), self._get_param("BudgetName")
        wanted = self._get_param("Notification")
        found = self.backend.budgets[account][name].notifications
        same = (each for each in found if all(each.details.get(key) == value for key, value in wanted.items()))
        return json.dumps({"Subscribers": [subscriber for each in same for subscriber in each.subscribers]})

    def tag_resource(self: Any) -> str:  # noqa: ANN401
        budget = _budget_of(self)
        kept = getattr(budget, "kept_tags", {})
        budget.kept_tags = kept | {each["Key"]: each["Value"] for each in self._get_param("ResourceTags") or []}
        return "{}"

    def list_tags_for_resource(self: Any) -> str:  # noqa: ANN401
        kept = getattr(_budget_of(self), "kept_tags", {})
        return json.dumps({"ResourceTags": [{"Key": key, "Value": value} for key, value in kept.items()]})

    responses.describe_subscribers_for_notification = describe_subscribers_for_notification
    responses.tag_resource, responses.list_tags_for_resource = tag_resource, list_tags_for_resource


def _budget_of(responses: Any) -> Any:  # noqa: ANN401 - moto has no types
    arn = str(responses._get_param("ResourceARN"))  # noqa: SLF001
    return responses.backend.budgets[arn.split(":")[4]][arn.rsplit("/", 1)[-1]]


def _find_groups_by_name(responses: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: GroupName of GetGroup is deprecated for Group, which takes a name or an ARN."""
    shown = responses.get_group

    def get_group(self: Any) -> Any:  # noqa: ANN401
        if not self._get_param("GroupName"):
            name = str(self._get_param("Group")).rsplit(":group/", 1)[-1]
            self.body = json.dumps({"GroupName": name})
        return shown(self)

    responses.get_group = get_group


def _keep_insights(responses: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "UpdateContributorInsights" and "DescribeContributorInsights" of the DynamoDB API reference."""

    def update_contributor_insights(self: Any) -> str:  # noqa: ANN401
        on = self.body["ContributorInsightsAction"] == "ENABLE"
        mode = self.body.get("ContributorInsightsMode")
        kept = {"ContributorInsightsStatus": "ENABLED" if on else "DISABLED"}
        _kept_insights(self)[self.body.get("IndexName", "")] = kept | (
            {"ContributorInsightsMode": mode} if mode else {}
        )
        return json.dumps({"TableName": self.body["TableName"], **kept})

    def describe_contributor_insights(self: Any) -> str:  # noqa: ANN401
        kept = _kept_insights(self).get(self.body.get("IndexName", ""), {"ContributorInsightsStatus": "DISABLED"})
        return json.dumps({"TableName": self.body["TableName"], **kept})

    responses.update_contributor_insights = update_contributor_insights
    responses.describe_contributor_insights = describe_contributor_insights


def _keep_policies_of_streams(backend: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "PutResourcePolicy" of the DynamoDB API reference: the resource may be a table or a stream."""
    from moto.dynamodb.exceptions import PolicyNotFoundException  # noqa: PLC0415 - an optional dependency

    put, get = backend.put_resource_policy, backend.get_resource_policy

    def put_resource_policy(self: Any, resource_arn: str, **given: Any) -> Any:  # noqa: ANN401
        table, _, stream = resource_arn.partition("/stream/")
        if not stream:
            return put(self, resource_arn=resource_arn, **given)
        own = self.resource_policies.pop(table, None)
        policy = put(self, resource_arn=table, **given)
        del self.resource_policies[table]
        self.resource_policies |= {resource_arn: policy} | ({table: own} if own else {})
        return policy

    def get_resource_policy(self: Any, resource_arn: str) -> Any:  # noqa: ANN401
        if "/stream/" not in resource_arn:
            return get(self, resource_arn=resource_arn)
        if resource_arn not in self.resource_policies:
            raise PolicyNotFoundException(
                f"Resource-based policy not found for the provided ResourceArn: {resource_arn}"
            )
        return self.resource_policies[resource_arn]

    backend.put_resource_policy = put_resource_policy
    backend.get_resource_policy = get_resource_policy


def _kept_insights(responses: Any) -> dict[str, dict[str, str]]:  # noqa: ANN401 - moto has no types
    table = responses.dynamodb_backend.get_table(responses.body["TableName"])
    if not hasattr(table, "kept_insights"):
        table.kept_insights = {}
    kept: dict[str, dict[str, str]] = table.kept_insights
    return kept


def _keep_classes(responses: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "logGroupClass" of CreateLogGroup and DescribeLogGroups of the CloudWatch Logs API reference."""
    create, shown = responses.create_log_group, responses.describe_log_groups

    def create_log_group(self: Any) -> Any:  # noqa: ANN401
        answer = create(self)
        group = self.logs_backend.groups[self._get_param("logGroupName")]
        group.kept_class = self._get_param("logGroupClass") or "STANDARD"
        return answer

    def describe_log_groups(self: Any) -> str:  # noqa: ANN401
        answer = json.loads(shown(self))
        for each in answer.get("logGroups", ()):
            each["logGroupClass"] = getattr(self.logs_backend.groups[each["logGroupName"]], "kept_class", "STANDARD")
        return json.dumps(answer)

    responses.create_log_group, responses.describe_log_groups = create_log_group, describe_log_groups


def _subscribe_by_default(responses: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: Enabled of CreateEventSubscription of the RDS API reference; CloudFormation's default is true."""
    create = responses.create_event_subscription

    def create_event_subscription(self: Any) -> Any:  # noqa: ANN401
        answer = create(self)
        if self._get_param("Enabled") is None:
            answer.result["EventSubscription"].enabled = True
        return answer

    responses.create_event_subscription = create_event_subscription


def _encrypt_valkey(responses: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: AtRestEncryptionEnabled of CreateReplicationGroup of the ElastiCache API reference is true for Valkey."""
    create = responses.create_replication_group

    def create_replication_group(self: Any) -> Any:  # noqa: ANN401
        answer = create(self)
        group = answer.result["ReplicationGroup"]
        if self._get_param("AtRestEncryptionEnabled") is None and group.engine == "valkey":
            group.at_rest_encryption_enabled = True
        return answer

    responses.create_replication_group = create_replication_group


_DEFAULT_OF_DATABASES = "default_kms_key_id"
"""What moto calls the key of databases for which none was chosen."""


def _manage_default_keys(backend: Any, responses: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: KeyManager of KeyMetadata of the KMS API reference; keys behind alias/aws/ are managed by AWS."""
    make, describe = backend._generate_default_keys, responses.describe_key  # noqa: SLF001

    def generate_default_keys(self: Any, alias_name: str) -> str | None:  # noqa: ANN401
        made: str | None = make(self, alias_name)
        if made is not None:
            self.keys[made].key_manager = "AWS"
        return made

    def describe_key(self: Any) -> Any:  # noqa: ANN401
        if self._get_param("KeyId") == _DEFAULT_OF_DATABASES:
            self.body = json.dumps({"KeyId": "alias/aws/rds"})
        return describe(self)

    backend._generate_default_keys, responses.describe_key = generate_default_keys, describe_key  # noqa: SLF001
