"""What was taken away can be made again by its name, as the phases of a system come, go and come again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from infra_checks.sandbox.server import Sandbox

TEMPLATE = """
Parameters: {Phase: {Type: Number, Default: 1}}
Conditions: {Second: !Equals [!Ref Phase, 2]}
Resources:
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: shop}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties: {Family: shop, ContainerDefinitions: [{Name: app, Image: app, Memory: 128}]}
  Service:
    Type: AWS::ECS::Service
    Properties: {ServiceName: shop, Cluster: !Ref Cluster, TaskDefinition: !Ref Task, DesiredCount: !Ref Phase}
  User:
    Type: AWS::ElastiCache::User
    Condition: Second
    Properties:
      UserId: shop-app
      UserName: shop-app
      Engine: redis
      AccessString: on ~* +@all
      AuthenticationMode: {Type: iam}
  Users:
    Type: AWS::ElastiCache::UserGroup
    Condition: Second
    Properties: {UserGroupId: shop, Engine: redis, UserIds: [!Ref User]}
  Cache:
    Type: AWS::ElastiCache::ReplicationGroup
    Condition: Second
    DeletionPolicy: Delete
    Properties:
      ReplicationGroupId: shop
      ReplicationGroupDescription: Sessions
      Engine: redis
      CacheNodeType: cache.t4g.small
      NumCacheClusters: 1
      TransitEncryptionEnabled: true
      UserGroupIds: [!Ref Users]
  Vault: {Type: AWS::Backup::BackupVault, Properties: {BackupVaultName: shop}}
  Plan:
    Type: AWS::Backup::BackupPlan
    Condition: Second
    Properties:
      BackupPlan:
        BackupPlanName: shop
        BackupPlanRule: [{RuleName: daily, TargetBackupVault: !Ref Vault, ScheduleExpression: cron(0 5 * * ? *)}]
  LogGroup: {Type: AWS::Logs::LogGroup, Condition: Second, Properties: {LogGroupName: vpn}}
  Gateway: {Type: AWS::EC2::VPNGateway, Condition: Second, Properties: {Type: ipsec.1}}
  Office:
    Type: AWS::EC2::CustomerGateway
    Condition: Second
    Properties: {Type: ipsec.1, BgpAsn: 65000, IpAddress: 203.0.113.1}
  Tunnel:
    Type: AWS::EC2::VPNConnection
    Condition: Second
    Properties:
      Type: ipsec.1
      VpnGatewayId: !Ref Gateway
      CustomerGatewayId: !Ref Office
      VpnTunnelOptionsSpecifications:
        - LogOptions:
            CloudwatchLogOptions: {LogEnabled: true, LogGroupArn: !GetAtt LogGroup.Arn, LogOutputFormat: json}
"""


def go_to(cloudformation: Any, phase: int) -> str:
    parameters = [{"ParameterKey": "Phase", "ParameterValue": str(phase)}]
    cloudformation.update_stack(StackName="shop", UsePreviousTemplate=True, Parameters=parameters)
    return str(cloudformation.describe_stacks(StackName="shop")["Stacks"][0]["StackStatus"])


def test_a_phase_comes_goes_and_comes_again(
    sandbox: Sandbox, deploy: Callable[..., dict[str, Any]], cloudformation: Any, reasons: Callable[[], dict[str, str]]
) -> None:
    deploy(TEMPLATE)
    for phase in (2, 1, 2):
        assert go_to(cloudformation, phase) == "UPDATE_COMPLETE", reasons()
    caches = sandbox.client("elasticache")
    (user,) = caches.describe_users(UserId="shop-app")["Users"]
    assert user["AccessString"] == "on ~* +@all"
    assert len(caches.describe_replication_groups()["ReplicationGroups"]) == 1
    assert len(sandbox.client("backup").list_backup_plans()["BackupPlansList"]) == 1
    (service,) = sandbox.client("ecs").describe_services(cluster="shop", services=["shop"])["services"]
    assert service["desiredCount"] == 2


def test_what_ended_is_shown_no_more(
    sandbox: Sandbox, deploy: Callable[..., dict[str, Any]], cloudformation: Any
) -> None:
    deploy(TEMPLATE, parameters={"Phase": "2"})
    go_to(cloudformation, 1)
    caches = sandbox.client("elasticache")
    assert caches.describe_replication_groups()["ReplicationGroups"] == []
    assert [user["UserId"] for user in caches.describe_users()["Users"]] == ["default"]
    assert sandbox.client("backup").list_backup_plans()["BackupPlansList"] == []
