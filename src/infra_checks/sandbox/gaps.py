"""What moto's services leave out and our templates need, put into moto's own classes when the sandbox starts.

Each is a property that AWS keeps and shows and moto drops or refuses. `close_gaps` may be called again; the second
call changes nothing.
"""

from __future__ import annotations

import json
from typing import Any, Final

from infra_checks.sandbox.buckets import close_gaps_of_buckets
from infra_checks.sandbox.gaps_in_reading import show_what_was_taken
from infra_checks.sandbox.gaps_in_settings import keep_what_was_told
from infra_checks.sandbox.idle import keep_idle

_MARK: Final = "_infra_checks_closed"

_OF_FUNCTIONS: Final = ("DeadLetterConfig", "FileSystemConfigs", "LoggingConfig", "SnapStart")


def close_gaps() -> None:
    """Patch moto, once in a process."""
    import moto.apigateway.models as apis  # noqa: PLC0415 - an optional dependency
    import moto.apigateway.responses as api_responses  # noqa: PLC0415 - as above
    import moto.awslambda.models as functions  # noqa: PLC0415 - as above
    import moto.backup.models as backups  # noqa: PLC0415 - as above
    import moto.codebuild.responses as builds  # noqa: PLC0415 - as above
    import moto.ec2.responses.vpn_connections as networks  # noqa: PLC0415 - as above
    import moto.ecs.responses as containers  # noqa: PLC0415 - as above
    import moto.elasticache.responses as caches  # noqa: PLC0415 - as above
    import moto.iam.models as identities  # noqa: PLC0415 - as above
    import moto.rds.models as clusters  # noqa: PLC0415 - as above
    import moto.rds.responses as databases  # noqa: PLC0415 - as above
    import moto.rds.utils as engines  # noqa: PLC0415 - as above
    import moto.sns.responses as topics  # noqa: PLC0415 - as above

    if hasattr(functions, _MARK):
        return
    setattr(functions, _MARK, True)
    service = {"create_service": "service", "update_service": "service"}
    _keep(containers.EC2ContainerServiceResponse, service, _OF_SERVICES)
    instance = {
        "create_db_instance": "DBInstance",
        "create_db_instance_read_replica": "DBInstance",
        "modify_db_instance": "DBInstance",
    }
    _keep(databases.RDSResponse, instance, _OF_DATABASES)
    cluster = {"create_db_cluster": "DBCluster", "modify_db_cluster": "DBCluster"}
    _keep(databases.RDSResponse, cluster, _OF_DATABASES | _OF_CLUSTERS)
    _keep(builds.CodeBuildResponse, {"create_project": "project"}, {name: name for name in _OF_PROJECTS})
    _change_projects(builds.CodeBuildResponse)
    _keep_certificates_of_stages(apis.Stage)
    _keep_options_of_tunnels(networks.VPNConnections)
    _keep_policies_of_apis(apis.RestAPI, api_responses.APIGatewayResponse)
    _show_settings_of_topics(topics.SNSResponse)
    _remove_parts_of_caches(caches.ElastiCacheResponse)
    _keep_settings_of_functions(functions.LambdaFunction)
    _build_from_pipelines(builds)
    _read_managed_policies_once(identities.IAMBackend)
    _forget_deleted_plans(backups.BackupBackend)
    _keep_endpoints_of_clusters(clusters.DBCluster)
    _know_documentdb(clusters.DBCluster, engines.ClusterEngine)
    close_gaps_of_buckets()
    keep_idle()
    show_what_was_taken()
    keep_what_was_told()


def _know_documentdb(cluster: Any, engines: Any) -> None:  # noqa: ANN401 - moto has no types
    """Take the engine of Amazon DocumentDB, whose API is that of Amazon RDS; AWS: "CreateDBCluster" of its API."""
    known = engines.list_cluster_engines
    engines.list_cluster_engines = staticmethod(lambda: sorted([*known(), _DOCUMENTDB]))
    defaults: dict[str, int | str] = {
        "default_allocated_storage": 1,
        "default_engine_version": "5.0.0",
        "default_port": 27017,
    }
    for name, value in defaults.items():
        setattr(cluster, name, staticmethod(_of_documentdb(getattr(cluster, name), value)))


def _of_documentdb(original: Any, value: int | str) -> Any:  # noqa: ANN401 - as above
    def default(engine: str, **given: Any) -> Any:  # noqa: ANN401 - as above
        return value if engine == _DOCUMENTDB else original(engine, **given)

    return default


_DOCUMENTDB: Final = "docdb"
_OF_SERVICES: Final = {
    "availabilityZoneRebalancing": "availability_zone_rebalancing",
    "capacityProviderStrategy": "capacity_provider_strategy",
    "deploymentConfiguration": "deployment_configuration",
    "enableECSManagedTags": "enable_ecs_managed_tags",
    "enableExecuteCommand": "enable_execute_command",
    "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
}
_OF_DATABASES: Final = {
    "DatabaseInsightsMode": "database_insights_mode",
    "EnablePerformanceInsights": "performance_insights_enabled",
    "MonitoringInterval": "monitoring_interval",
    "MonitoringRoleArn": "monitoring_role_arn",
    "PerformanceInsightsKMSKeyId": "performance_insights_kms_key_id",
    "PerformanceInsightsRetentionPeriod": "performance_insights_retention_period",
}
_OF_CLUSTERS: Final = {"CACertificateIdentifier": "ca_certificate_identifier"}


def _keep(responses: Any, operations: dict[str, str], names: dict[str, str]) -> None:  # noqa: ANN401 - moto has no types
    """Let operations set attributes, by which moto's serializer finds members, from parameters that they drop.

    `operations` gives for each the member of its answer that is what was made.
    """
    for operation, member in operations.items():
        setattr(responses, operation, _keeping(getattr(responses, operation), member, names))


def _keep_options_of_tunnels(responses: Any) -> None:  # noqa: ANN401 - moto has no types
    """A request says IKEVersions, an answer IkeVersions: AWS, "VpnTunnelOptionsSpecification" and "TunnelOption"."""
    _keep(responses, {"create_vpn_connection": "VpnConnection"}, {"Options": "options"})
    original = responses.create_vpn_connection

    def create_vpn_connection(self: Any) -> Any:  # noqa: ANN401
        answer = original(self)
        options = getattr(answer.result["VpnConnection"], "options", None) or {}
        for tunnel in options.get("TunnelOptions", ()):
            if "IKEVersions" in tunnel:
                tunnel["IkeVersions"] = tunnel.pop("IKEVersions")
        return answer

    responses.create_vpn_connection = create_vpn_connection


def _keeping(original: Any, member: str, names: dict[str, str]) -> Any:  # noqa: ANN401 - moto has no types
    def keep(self: Any) -> Any:  # noqa: ANN401
        given = {attribute: self._get_param(name) for name, attribute in names.items()}
        answer = original(self)
        made = answer.result[member]
        for attribute, value in given.items():
            if value is not None and isinstance(made, dict):
                made[attribute] = value
            elif value is not None:
                setattr(made, attribute, value)
        return answer

    return keep


_OF_PROJECTS: Final = (
    "autoRetryLimit",
    "concurrentBuildLimit",
    "encryptionKey",
    "fileSystemLocations",
    "projectVisibility",
    "resourceAccessRole",
    "secondaryArtifacts",
    "secondarySources",
)


def _change_projects(responses: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "UpdateProject" of the CodeBuild API reference."""
    from moto.core.responses import ActionResult  # noqa: PLC0415 - an optional dependency

    def update_project(self: Any) -> Any:  # noqa: ANN401
        parameters = json.loads(self.body)
        project = self.codebuild_backend.codebuild_projects[parameters["name"]].project_metadata
        project.update(parameters)
        if not project.get("vpcConfig", True):
            del project["vpcConfig"]
        return ActionResult({"project": project})

    responses.update_project = update_project


def _keep_certificates_of_stages(stage: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "Stage" and "patchOperations" of the API Gateway API reference."""
    shown, apply = stage.to_json, stage.apply_operations

    def apply_operations(self: Any, patch_operations: list[dict[str, Any]]) -> Any:  # noqa: ANN401
        for operation in patch_operations:
            if operation["path"] == "/clientCertificateId":
                self.client_certificate = operation.get("value")
        return apply(self, patch_operations)

    def to_json(self: Any) -> dict[str, Any]:  # noqa: ANN401
        certificate = getattr(self, "client_certificate", None)
        return {**shown(self), **({"clientCertificateId": certificate} if certificate else {})}

    stage.to_json, stage.apply_operations = to_json, apply_operations


_OF_APIS: Final = ("endpointAccessMode", "securityPolicy")


def _keep_policies_of_apis(api: Any, responses: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "RestApi" of the API Gateway API reference."""
    create, shown = responses.create_rest_api, api.to_dict

    def create_rest_api(self: Any) -> Any:  # noqa: ANN401
        given = {name: self._get_param(name) for name in _OF_APIS if self._get_param(name)}
        status, headers, body = create(self)
        if given and "id" in (made := json.loads(body)):
            self.backend.get_rest_api(made["id"]).kept_settings = given
        return status, headers, body

    def to_dict(self: Any) -> dict[str, Any]:  # noqa: ANN401
        return {**shown(self), **getattr(self, "kept_settings", {})}

    responses.create_rest_api, api.to_dict = create_rest_api, to_dict


def _keep_settings_of_functions(function: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "FunctionConfiguration" of the Lambda API reference."""
    create, configuration, update = function.__init__, function.get_configuration, function.update_configuration

    def init(self: Any, *args: Any, **options: Any) -> None:  # noqa: ANN401
        create(self, *args, **options)
        spec = options["spec"] if "spec" in options else args[1]
        self.kept_settings = {name: spec[name] for name in _OF_FUNCTIONS if name in spec}

    def get_configuration(self: Any, *args: Any, **options: Any) -> dict[str, Any]:  # noqa: ANN401
        shown: dict[str, Any] = configuration(self, *args, **options)
        return shown | getattr(self, "kept_settings", {})

    def update_configuration(self: Any, config_updates: dict[str, Any]) -> Any:  # noqa: ANN401
        self.kept_settings |= {name: config_updates[name] for name in _OF_FUNCTIONS if name in config_updates}
        if "KMSKeyArn" in config_updates:
            self.kms_key_arn = config_updates["KMSKeyArn"]
        if "TracingConfig" in config_updates:
            self.tracing_config = config_updates["TracingConfig"]
        update(self, config_updates)
        return self.get_configuration()

    function.__init__, function.get_configuration, function.update_configuration = (
        init,
        get_configuration,
        update_configuration,
    )


_OF_TOPICS: Final = {
    "ArchivePolicy": "archive_policy",
    "FifoThroughputScope": "fifo_throughput_scope",
    "SignatureVersion": "signature_version",
    "TracingConfig": "tracing_config",
}


def _show_settings_of_topics(responses: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "GetTopicAttributes" of the SNS API reference."""
    shown = responses.get_topic_attributes

    def get_topic_attributes(self: Any) -> Any:  # noqa: ANN401
        answer = shown(self)
        topic = self.backend.get_topic(self._get_param("TopicArn"))
        for name, attribute in _OF_TOPICS.items():
            if value := getattr(topic, attribute, None):
                answer.result["Attributes"][name] = value
        return answer

    responses.get_topic_attributes = get_topic_attributes


def _keep_endpoints_of_clusters(cluster: Any) -> None:  # noqa: ANN401 - moto has no types
    """Moto knows the Data API of Serverless v1 only; AWS: "Using the Amazon RDS Data API" of the Aurora user guide."""
    kept = cluster.enable_http_endpoint

    def keep(self: Any, value: bool | None) -> None:  # noqa: ANN401
        kept.fset(self, value)
        if self.engine_mode != "serverless" and self.engine.startswith("aurora"):
            self._enable_http_endpoint = bool(value)

    cluster.enable_http_endpoint = property(kept.fget, keep)


def _remove_parts_of_caches(caches: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS: "DeleteCacheSubnetGroup" and "DeleteUser" of the ElastiCache API reference."""
    from moto.core.responses import EmptyResult  # noqa: PLC0415 - an optional dependency

    def delete_cache_subnet_group(self: Any) -> Any:  # noqa: ANN401
        self.elasticache_backend.cache_subnet_groups.pop(self._get_param("CacheSubnetGroupName"), None)
        return EmptyResult()

    caches.delete_cache_subnet_group = delete_cache_subnet_group
    _forget_deleted(caches, "delete_user", "users", "UserId")
    _forget_deleted(caches, "delete_replication_group", "replication_groups", "ReplicationGroupId")


def _forget_deleted(caches: Any, operation: str, kept: str, name: str) -> None:  # noqa: ANN401 - moto has no types
    """Let go of what moto shows as `deleting` for ever, and by whose name nothing new could be made."""
    original = getattr(caches, operation)

    def delete(self: Any) -> Any:  # noqa: ANN401
        answer = original(self)
        getattr(self.elasticache_backend, kept).pop(self._get_param(name), None)
        return answer

    setattr(caches, operation, delete)


def _forget_deleted_plans(backend: Any) -> None:  # noqa: ANN401 - moto has no types
    """By a deleted plan's name moto makes no other; AWS: "DeleteBackupPlan" of the AWS Backup API reference."""
    original = backend.delete_backup_plan

    def delete_backup_plan(self: Any, backup_plan_id: str) -> Any:  # noqa: ANN401
        answer = original(self, backup_plan_id)
        self.plans.pop(backup_plan_id, None)
        return answer

    backend.delete_backup_plan = delete_backup_plan


def _build_from_pipelines(builds: Any) -> None:  # noqa: ANN401 - moto has no types
    """A project that a pipeline starts has no location: AWS, "ProjectSource" of the CodeBuild API reference."""
    sources, artifacts = builds._validate_required_params_source, builds._validate_required_params_artifacts  # noqa: SLF001

    def validate_source(source: dict[str, Any]) -> None:
        if source.get("type") not in {"CODEPIPELINE", "NO_SOURCE"}:
            sources(source)

    def validate_artifacts(found: dict[str, Any]) -> None:
        if found.get("type") != "CODEPIPELINE":
            artifacts(found)

    builds._validate_required_params_source = validate_source  # noqa: SLF001
    builds._validate_required_params_artifacts = validate_artifacts  # noqa: SLF001


def _read_managed_policies_once(backend: Any) -> None:  # noqa: ANN401 - moto has no types
    """AWS's managed policies are the same after each reset; reading them takes moto half a second."""
    read = backend._init_aws_policies  # noqa: SLF001
    kept: dict[tuple[str, str], list[Any]] = {}

    def init_aws_policies(self: Any) -> list[Any]:  # noqa: ANN401
        key = self.account_id, self.region_name
        if not kept.get(key):
            kept[key] = read(self)
        for policy in kept[key]:
            policy.attachment_count = 0
        return list(kept[key])

    backend._init_aws_policies = init_aws_policies  # noqa: SLF001
