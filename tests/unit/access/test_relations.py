from __future__ import annotations

from textwrap import indent

import pytest

from infra_checks.access.relations import Kind, Relation, relations_of
from infra_checks.access.workloads import ROLES, run_by, runs_as
from infra_checks.core.resource import Resource
from infra_checks.evaluate.values import Unknown
from infra_checks.iam.text import shown
from tests.unit.access.conftest import surroundings
from tests.unit.access.test_table import nodes, schemas

FUNCTION = """
Role: {Type: AWS::IAM::Role}
Key: {Type: AWS::KMS::Key}
Plain: {Type: AWS::SQS::Queue}
Queue: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: !GetAtt Key.Arn}}
Topic: {Type: AWS::SNS::Topic}
Table: {Type: AWS::DynamoDB::Table}
Bucket: {Type: AWS::S3::Bucket}
Stream: {Type: AWS::Kinesis::Stream}
System: {Type: AWS::EFS::FileSystem, Properties: {FileSystemPolicy: {Statement: []}}}
Open: {Type: AWS::EFS::FileSystem}
Point: {Type: AWS::EFS::AccessPoint, Properties: {FileSystemId: !Ref System}}
OpenPoint: {Type: AWS::EFS::AccessPoint, Properties: {FileSystemId: !Ref Open}}
Subject:
  Type: AWS::Lambda::Function
  Properties:
    Role: !GetAtt Role.Arn
    %s
"""


def resource(resources: str, name: str = "Subject") -> Resource:
    header = "Parameters: {P: {Type: String}}\nResources:\n"
    found = surroundings(header + indent(resources.strip("\n"), "  ")).get(name)
    assert found is not None
    return found


def of_kind(resources: str, kind: Kind) -> list[Relation]:
    return [relation for relation in relations_of(resource(resources)) if relation.kind is kind]


def mapping(source: str, more: str = "") -> str:
    return FUNCTION % "Timeout: 3" + (
        "Mapping:\n  Type: AWS::Lambda::EventSourceMapping\n"
        f"  Properties: {{FunctionName: !Ref Subject, EventSourceArn: {source}{more}}}\n"
    )


@pytest.mark.parametrize(
    ("source", "target", "action", "arn"),
    [
        ("!GetAtt Plain.Arn", "Plain", "sqs:ReceiveMessage", ":${Plain.QueueName}"),
        ("!GetAtt Stream.Arn", "Stream", "kinesis:GetRecords", ":stream/${Stream}"),
        ("!GetAtt Table.StreamArn", "Table", "dynamodb:GetRecords", ":table/${Table}/stream/${Table.StreamLabel}"),
        ("arn:aws:sqs:eu-west-1:123456789012:other", None, "sqs:DeleteMessage", ":other"),
        (
            "!Sub 'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:other'",
            None,
            "sqs:DeleteMessage",
            ":other",
        ),
    ],
)
def test_what_an_event_source_needs_is_told_by_its_type(source: str, target: str | None, action: str, arn: str) -> None:
    (relation,) = of_kind(mapping(source), Kind.EVENT_SOURCE)
    assert (relation.target.logical_id if relation.target else None) == target
    assert action in relation.actions
    assert shown(relation.resources[0]).endswith(arn)
    assert relation.source.startswith("https://docs.aws.amazon.com/")


def test_an_event_source_that_is_not_known_is_a_relation_without_actions() -> None:
    (relation,) = of_kind(mapping("!Ref P"), Kind.EVENT_SOURCE)
    assert relation.actions == ()


@pytest.mark.parametrize("name", ["!Ref Subject", "!GetAtt Subject.Arn", "!Ref Alias"])
def test_a_mapping_names_the_function_in_any_way(name: str) -> None:
    text = mapping("!GetAtt Plain.Arn").replace("!Ref Subject", name)
    text += "Alias: {Type: AWS::Lambda::Alias, Properties: {Name: live, FunctionName: !GetAtt Subject.Arn}}\n"
    assert len(of_kind(text, Kind.EVENT_SOURCE)) == 1


def test_a_mapping_of_another_function_is_no_relation() -> None:
    assert of_kind(mapping("!GetAtt Plain.Arn").replace("!Ref Subject", "other"), Kind.EVENT_SOURCE) == []


def test_the_key_of_an_encrypted_queue_is_related_too() -> None:
    (relation,) = of_kind(mapping("!GetAtt Queue.Arn"), Kind.KEY)
    assert relation.target is not None
    assert relation.target.logical_id == "Key"
    assert relation.actions == ("kms:Decrypt",)
    (sent,) = of_kind(FUNCTION % "DeadLetterConfig: {TargetArn: !GetAtt Queue.Arn}", Kind.KEY)
    assert sent.actions == ("kms:Decrypt", "kms:GenerateDataKey")


@pytest.mark.parametrize(
    ("target", "action"), [("!GetAtt Plain.Arn", "sqs:SendMessage"), ("!Ref Topic", "sns:Publish")]
)
def test_dead_letters_and_destinations_need_to_be_sent(target: str, action: str) -> None:
    (letters,) = of_kind(FUNCTION % f"DeadLetterConfig: {{TargetArn: {target}}}", Kind.DEAD_LETTERS)
    (failed,) = of_kind(
        mapping("!GetAtt Stream.Arn", f", DestinationConfig: {{OnFailure: {{Destination: {target}}}}}"),
        Kind.DESTINATION,
    )
    invoked = FUNCTION % "Timeout: 3" + (
        "Config:\n  Type: AWS::Lambda::EventInvokeConfig\n  Properties: {FunctionName: !Ref Subject, "
        f"DestinationConfig: {{OnSuccess: {{Destination: {target}}}}}}}\n"
    )
    (succeeded,) = of_kind(invoked, Kind.DESTINATION)
    assert letters.actions == failed.actions == succeeded.actions == (action,)


def test_what_the_environment_mentions_is_related_without_certain_actions() -> None:
    text = (
        FUNCTION
        % "Environment: {Variables: {A: !Ref Table, B: !Sub 's3://${Bucket}', C: !GetAtt Topic.TopicName, D: x}}"
    )
    found = of_kind(text, Kind.MENTION)
    assert [relation.target.logical_id for relation in found if relation.target] == ["Table", "Bucket", "Topic"]
    assert all(relation.actions == () for relation in found)
    assert [relation.value.path[-1] for relation in found] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("properties", "kind", "action"),
    [
        ("VpcConfig: {SubnetIds: [a]}", Kind.NETWORK, "ec2:CreateNetworkInterface"),
        ("TracingConfig: {Mode: Active}", Kind.TRACING, "xray:PutTraceSegments"),
        ("FileSystemConfigs: [{Arn: !GetAtt Point.Arn}]", Kind.FILES, "elasticfilesystem:ClientMount"),
        ("Timeout: 3", Kind.LOGS, "logs:PutLogEvents"),
    ],
)
def test_settings_of_a_function_need_actions(properties: str, kind: Kind, action: str) -> None:
    (relation,) = of_kind(FUNCTION % properties, kind)
    assert action in relation.actions


@pytest.mark.parametrize(
    ("properties", "kind"),
    [("VpcConfig: {SubnetIds: []}", Kind.NETWORK), ("TracingConfig: {Mode: PassThrough}", Kind.TRACING)],
)
def test_settings_that_are_off_need_nothing(properties: str, kind: Kind) -> None:
    assert of_kind(FUNCTION % properties, kind) == []


def test_files_without_a_policy_need_no_action() -> None:
    (relation,) = of_kind(FUNCTION % "FileSystemConfigs: [{Arn: !GetAtt OpenPoint.Arn}]", Kind.FILES)
    assert relation.actions == ()


TASK = """
Repository: {Type: AWS::ECR::Repository}
Password: {Type: AWS::SecretsManager::Secret}
Group: {Type: AWS::Logs::LogGroup}
Table: {Type: AWS::DynamoDB::Table}
Subject:
  Type: AWS::ECS::TaskDefinition
  Properties:
    ContainerDefinitions:
      - Image: !Sub "${AWS::AccountId}.dkr.ecr.eu-west-1.amazonaws.com/${Repository}:1"
        Secrets: [{Name: a, ValueFrom: !Ref Password}]
        LogConfiguration: {LogDriver: awslogs, Options: {awslogs-group: !Ref Group}}
        Environment: [{Name: TABLE, Value: !Ref Table}]
"""


@pytest.mark.parametrize(
    ("kind", "role", "action"),
    [
        (Kind.SECRET, "ExecutionRoleArn", "secretsmanager:GetSecretValue"),
        (Kind.LOGS, "ExecutionRoleArn", "logs:PutLogEvents"),
        (Kind.IMAGE, "ExecutionRoleArn", "ecr:BatchGetImage"),
    ],
)
def test_what_starts_a_task_is_needed_by_its_execution_role(kind: Kind, role: str, action: str) -> None:
    (relation,) = of_kind(TASK, kind)
    assert relation.property == role
    assert action in relation.actions


def test_what_the_containers_are_told_of_is_for_the_role_of_the_task() -> None:
    tables = [one for one in of_kind(TASK, Kind.MENTION) if one.target and one.target.logical_id == "Table"]
    assert [relation.property for relation in tables] == ["TaskRoleArn"]


RULE = """
Machine: {Type: AWS::StepFunctions::StateMachine}
Stream: {Type: AWS::Kinesis::Stream}
Cluster: {Type: AWS::ECS::Cluster}
Task: {Type: AWS::ECS::TaskDefinition, Properties: {Family: work}}
Function: {Type: AWS::Lambda::Function}
Subject: {Type: AWS::Events::Rule, Properties: {Targets: [{%s}]}}
"""


@pytest.mark.parametrize(
    ("target", "action"),
    [
        ("Arn: !Ref Machine", "states:StartExecution"),
        ("Arn: !GetAtt Stream.Arn", "kinesis:PutRecord"),
        ("Arn: !GetAtt Cluster.Arn, EcsParameters: {TaskDefinitionArn: !Ref Task}", "ecs:RunTask"),
    ],
)
def test_a_target_with_a_role_needs_to_be_started(target: str, action: str) -> None:
    (relation,) = of_kind(RULE % f"{target}, RoleArn: !ImportValue role", Kind.TARGET)
    assert relation.actions == (action,)
    assert relation.resources


def test_a_stream_with_a_key_of_its_own_is_written_to_with_the_key() -> None:
    stream = "Stream: {Type: AWS::Kinesis::Stream}"
    text = RULE.replace(stream, stream[:-1] + ", Properties: {StreamEncryption: {KeyId: !Ref Key}}}")
    (relation,) = of_kind(
        "Key: {Type: AWS::KMS::Key}\n" + text % "Arn: !GetAtt Stream.Arn, RoleArn: !ImportValue role", Kind.KEY
    )
    assert relation.actions == ("kms:GenerateDataKey",)


def test_a_target_without_a_role_is_no_relation() -> None:
    assert of_kind(RULE % "Arn: !GetAtt Function.Arn", Kind.TARGET) == []


def test_a_function_that_a_state_machine_names_is_invoked() -> None:
    machine = """
Function: {Type: AWS::Lambda::Function}
Table: {Type: AWS::DynamoDB::Table}
Subject:
  Type: AWS::StepFunctions::StateMachine
  Properties: {DefinitionString: !Sub '{"a": "${Function.Arn}", "b": "${Table}"}'}
"""
    (task,) = of_kind(machine, Kind.TASK)
    (mention,) = of_kind(machine, Kind.MENTION)
    assert (task.actions, mention.actions) == (("lambda:InvokeFunction",), ())


def test_a_resource_of_another_type_has_no_relations() -> None:
    assert list(relations_of(resource("Subject: {Type: AWS::S3::Bucket}"))) == []


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("!GetAtt Role.Arn", "Role"),
        ("!Sub 'arn:aws:iam::${AWS::AccountId}:role/${Role}'", "Role"),
        ("arn:aws:iam::123456789012:role/other", None),
        ("!Ref P", Unknown),
    ],
)
def test_the_role_of_a_function_is_found(role: str, expected: object) -> None:
    (run,) = runs_as(resource(FUNCTION.replace("!GetAtt Role.Arn", role) % "Timeout: 3"))
    assert (run.role.logical_id if isinstance(run.role, Resource) else run.role and type(run.role)) == expected


def test_an_instance_runs_as_the_role_of_its_profile() -> None:
    instance = resource(
        """
Role: {Type: AWS::IAM::Role}
Profile: {Type: AWS::IAM::InstanceProfile, Properties: {Roles: [!Ref Role]}}
Subject: {Type: AWS::EC2::Instance, Properties: {IamInstanceProfile: !Ref Profile}}
"""
    )
    (run,) = runs_as(instance)
    assert isinstance(run.role, Resource)
    assert [other.workload for other in run_by(run.role)] == [instance]


def test_a_function_for_which_sam_makes_a_role_runs_as_itself() -> None:
    function = resource("Subject: {Type: AWS::Serverless::Function}")
    (run,) = runs_as(function)
    assert run.role == function


def test_every_property_that_names_a_role_is_in_the_schema_of_its_type() -> None:
    known = {schema["typeName"]: schema for schema in schemas()}
    missing = []
    for kind, paths in ROLES.items():
        schema = known[kind]
        properties = {path for path, _ in nodes(schema, {"properties": schema["properties"]}, ())}
        missing += [(kind, path) for path in paths if path not in properties]
    assert missing == []


def test_a_field_of_a_secret_is_related_to_the_secret() -> None:
    task = """
Secret: {Type: AWS::SecretsManager::Secret}
Subject:
  Type: AWS::ECS::TaskDefinition
  Properties:
    ContainerDefinitions:
      - {Name: app, Secrets: [{Name: KEY, ValueFrom: !Sub "${Secret}:password::"}]}
"""
    (found,) = of_kind(task, Kind.SECRET)
    assert found.target == resource(task, "Secret")
    assert found.actions == ("secretsmanager:GetSecretValue",)
