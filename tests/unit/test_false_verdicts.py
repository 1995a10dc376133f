"""Valid templates on which a widely used tool gives a wrong verdict, or none; ours is the right one.

Each row: what is said of the template by all rules that are named, as `outcome when`.
"""

from __future__ import annotations

import pytest

from infra_checks.api import catalogue
from infra_checks.testing import findings

ENVIRONMENT = """
Parameters:
  Env: {Type: String, Default: prod, AllowedValues: [dev, prod]}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Mappings:
  M:
    dev: {multi: false}
    prod: {multi: true}
Resources:
"""


def said(text: str, *rules: str) -> list[str]:
    """`rule: outcome when` for each finding, sorted."""
    named = [rule for rule in catalogue() if rule.id in rules]
    assert len(named) == len(rules)
    found = [finding for rule in named for finding in findings(rule, text)]
    return sorted(f"{f.rule}: {f.outcome}{' when ' if f.when else ''}{f.when}" for f in found)


@pytest.mark.parametrize("default", ["prod", "dev"])
def test_encryption_by_condition_fails_in_the_other_scenario_only(default: str) -> None:
    text = (
        ENVIRONMENT.replace("Default: prod", f"Default: {default}")
        + """
  Db:
    Type: AWS::RDS::DBInstance
    Properties: {Engine: postgres, StorageEncrypted: !If [IsProd, true, false]}
"""
    )
    assert said(text, "rds-storage-encrypted") == ["rds-storage-encrypted: fail when Env is dev"]


@pytest.mark.parametrize("multi", ["!If [IsProd, true, false]", "!FindInMap [M, !Ref Env, multi]"])
def test_multi_az_by_condition_or_mapping_fails_in_the_other_scenario_only(multi: str) -> None:
    text = (
        ENVIRONMENT
        + f"""
  Db:
    Type: AWS::RDS::DBInstance
    Properties: {{Engine: postgres, MultiAZ: {multi}}}
"""
    )
    assert said(text, "rds-multi-az-support") == ["rds-multi-az-support: fail when Env is dev"]


def test_a_public_access_block_that_is_there_in_one_scenario_fails_in_the_other_only() -> None:
    text = (
        ENVIRONMENT
        + """
  Files:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration: !If
        - IsProd
        - {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
        - !Ref AWS::NoValue
"""
    )
    rule = "s3-bucket-level-public-access-prohibited"
    found = said(text, rule)
    assert found
    assert all(line.endswith("when Env is dev") for line in found)


ADMIN = "iam-policy-no-statements-with-admin-access"


@pytest.mark.parametrize(
    "policies",
    [
        """
        - !If
          - IsProd
          - PolicyName: P
            PolicyDocument: {Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}
          - !Ref AWS::NoValue
""",
        """
        - PolicyName: P
          PolicyDocument:
            Statement:
              - !If [IsProd, {Effect: Allow, Action: "*", Resource: "*"}, !Ref AWS::NoValue]
""",
        """
        - PolicyName: P
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: !If [IsProd, "*", "s3:GetObject"], Resource: "*"}
""",
    ],
    ids=["the policy", "the statement", "the action"],
)
def test_administrator_access_behind_a_condition_is_found(policies: str) -> None:
    text = (
        ENVIRONMENT
        + f"""
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - {{Effect: Allow, Principal: {{Service: ec2.amazonaws.com}}, Action: "sts:AssumeRole"}}
      Policies:{policies}
"""
    )
    assert said(text, ADMIN) == [f"{ADMIN}: fail when Env is prod"]


def test_full_access_to_iam_behind_a_condition_is_found() -> None:
    text = (
        ENVIRONMENT
        + """
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          - !If [IsProd, {Effect: Allow, Action: "iam:*", Resource: "*"}, !Ref AWS::NoValue]
"""
    )
    rules = ("iam-policy-no-statements-with-full-access", "iam-policy-no-privilege-escalation")
    found = said(text, *rules)
    assert {line.partition(":")[0] for line in found} == set(rules)
    assert all(line.endswith("fail when Env is prod") for line in found)


def test_privilege_escalation_through_a_conditional_resource_is_found() -> None:
    text = (
        ENVIRONMENT
        + """
  Target: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Statement: []}}}
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          - Effect: Allow
            Action: [iam:PassRole, iam:CreatePolicyVersion]
            Resource: !If [IsProd, "*", !GetAtt Target.Arn]
"""
    )
    found = said(text, "iam-policy-no-privilege-escalation", "iam-policy-pass-role-limited")
    assert "iam-policy-no-privilege-escalation: fail when Env is prod" in found
    assert "iam-policy-pass-role-limited: fail when Env is prod" in found


@pytest.mark.parametrize(
    "statement",
    [
        '[{Effect: Allow, Principal: "*", Action: "sts:AssumeRole"}]',
        '{Effect: Allow, Principal: {AWS: "*"}, Action: "sts:AssumeRole"}',
    ],
    ids=["principal", "single statement"],
)
def test_a_role_that_everyone_may_assume_is_found(statement: str) -> None:
    text = f"""
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: {{AssumeRolePolicyDocument: {{Statement: {statement}}}}}
"""
    assert said(text, "iam-role-trust-not-public") == ["iam-role-trust-not-public: fail"]


def test_all_actions_with_a_colon_in_a_managed_policy_are_found() -> None:
    text = """
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Statement: [{Effect: Allow, Action: "*:*", Resource: "*"}]}}
"""
    assert said(text, ADMIN) == [f"{ADMIN}: fail"]


def test_an_attached_administrator_policy_is_found() -> None:
    text = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"]
"""
    assert said(text, "iam-no-administrator-access-policy") == ["iam-no-administrator-access-policy: fail"]


@pytest.mark.parametrize(
    "resource",
    [
        "Type: AWS::SNS::TopicPolicy\n    Properties: {Topics: [arn], PolicyDocument: {Statement: %s}}",
        "Type: AWS::SQS::QueuePolicy\n    Properties: {Queues: [url], PolicyDocument: {Statement: %s}}",
        "Type: AWS::S3::BucketPolicy\n    Properties: {Bucket: b, PolicyDocument: {Statement: %s}}",
        "Type: AWS::SecretsManager::ResourcePolicy\n    Properties: {SecretId: s, ResourcePolicy: {Statement: %s}}",
    ],
    ids=["topic", "queue", "bucket", "secret"],
)
def test_a_policy_that_lets_everyone_in_is_found(resource: str) -> None:
    statement = '[{Effect: Allow, Principal: "*", Action: "*", Resource: "*"}]'
    text = "Resources:\n  Policy:\n    " + resource % statement
    assert said(text, "resource-policy-not-public") == ["resource-policy-not-public: fail"]


def test_the_second_volume_and_the_second_replica_are_judged_too() -> None:
    text = """
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Volumes:
        - {Name: a, EFSVolumeConfiguration: {FilesystemId: fs-1, TransitEncryption: ENABLED}}
        - {Name: b, EFSVolumeConfiguration: {FilesystemId: fs-2}}
  Table:
    Type: AWS::DynamoDB::GlobalTable
    Properties:
      Replicas:
        - {Region: us-east-1, PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}}
        - {Region: us-west-2}
"""
    rules = ("ecs-task-definition-efs-encryption-enabled", "dynamodb-global-table-pitr-enabled")
    assert said(text, *rules) == sorted(f"{rule}: fail" for rule in rules)


def test_an_acl_put_together_from_an_open_parameter_is_undecided() -> None:
    text = """
Parameters: {X: {Type: String}}
Resources:
  Files: {Type: AWS::S3::Bucket, Properties: {AccessControl: !Sub "Public${X}"}}
"""
    assert said(text, "s3-bucket-acl-not-public") == ["s3-bucket-acl-not-public: undecided"]


def test_buckets_made_by_a_loop_are_judged() -> None:
    text = """
Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::Buckets:
    - Name
    - [Images, Logs]
    - Bucket${Name}: {Type: AWS::S3::Bucket, Properties: {AccessControl: PublicRead}}
"""
    assert said(text, "s3-bucket-acl-not-public") == ["s3-bucket-acl-not-public: fail"] * 2


DUAL_LAYER = """Type: AWS::S3::Bucket
    Properties:
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {SSEAlgorithm: "aws:kms:dsse", KMSMasterKeyID: alias/own}
"""


@pytest.mark.parametrize(
    ("rule", "resource"),
    [
        ("sqs-queue-encrypted", "Type: AWS::SQS::Queue\n    Properties: {SqsManagedSseEnabled: true}"),
        ("sqs-queue-encrypted", "Type: AWS::SQS::Queue"),
        (
            "s3-default-encryption-kms",
            DUAL_LAYER,
        ),
        (
            "rds-storage-encrypted",
            "Type: AWS::RDS::DBInstance\n    Properties: {SourceDBInstanceIdentifier: primary}",
        ),
        ("rds-multi-az-support", "Type: AWS::RDS::DBInstance\n    Properties: {SourceDBInstanceIdentifier: primary}"),
    ],
    ids=["SSE-SQS", "SSE-SQS by default", "dual-layer KMS", "replica: encryption", "replica: Multi-AZ"],
)
def test_what_is_encrypted_or_inherited_is_not_a_violation(rule: str, resource: str) -> None:
    assert "fail" not in " ".join(said("Resources:\n  One:\n    " + resource, rule))
