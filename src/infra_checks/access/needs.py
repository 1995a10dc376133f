"""Which actions AWS documents as needed for what a stack connects a resource with."""

from __future__ import annotations

from typing import Final, NamedTuple

_LAMBDA: Final = "https://docs.aws.amazon.com/lambda/latest/dg/"
_ECS: Final = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"

QUEUE: Final = "AWS::SQS::Queue"
TOPIC: Final = "AWS::SNS::Topic"
STREAM: Final = "AWS::Kinesis::Stream"
STORED_SECRET: Final = "AWS::SecretsManager::Secret"  # noqa: S105 - the name of a type
SETTING: Final = "AWS::SSM::Parameter"


class Need(NamedTuple):
    """Actions that are needed, all of them, and the page that says so."""

    actions: tuple[str, ...]
    source: str


_TABLE: Final = Need(
    ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
    f"{_LAMBDA}with-ddb.html",
)

EVENT_SOURCES: Final[dict[str, Need]] = {
    "AWS::AmazonMQ::Broker": Need(("mq:DescribeBroker",), f"{_LAMBDA}with-mq.html"),
    "AWS::DynamoDB::GlobalTable": _TABLE,
    "AWS::DynamoDB::Table": _TABLE,
    STREAM: Need(
        (
            "kinesis:DescribeStream",
            "kinesis:DescribeStreamSummary",
            "kinesis:GetRecords",
            "kinesis:GetShardIterator",
            "kinesis:ListShards",
        ),
        f"{_LAMBDA}services-kinesis-create.html",
    ),
    # Either of DescribeCluster and DescribeClusterV2 is needed as well.
    "AWS::MSK::Cluster": Need(("kafka:GetBootstrapBrokers",), f"{_LAMBDA}with-msk-permissions.html"),
    QUEUE: Need(
        ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"), f"{_LAMBDA}services-sqs-configure.html"
    ),
}
"""What a function reads from, by an event source mapping. Lambda reads with the role of the function. Of a stream only
consumers with enhanced fan-out need kinesis:SubscribeToShard, which the page lists for all."""

_DESTINATIONS: Final = f"{_LAMBDA}invocation-async.html"
DESTINATIONS: Final[dict[str, Need]] = {
    "AWS::Events::EventBus": Need(("events:PutEvents",), _DESTINATIONS),
    "AWS::Lambda::Function": Need(("lambda:InvokeFunction",), _DESTINATIONS),
    "AWS::Serverless::Function": Need(("lambda:InvokeFunction",), _DESTINATIONS),
    QUEUE: Need(("sqs:SendMessage",), _DESTINATIONS),
    TOPIC: Need(("sns:Publish",), _DESTINATIONS),
}
"""What Lambda sends records of invocations to, also a dead-letter queue, with the role of the function."""

SECRETS: Final[dict[str, Need]] = {
    STORED_SECRET: Need(("secretsmanager:GetSecretValue",), f"{_ECS}task_execution_IAM_role.html"),
    SETTING: Need(("ssm:GetParameters",), f"{_ECS}task_execution_IAM_role.html"),
}
"""What the agent of Amazon ECS reads before it starts a container, with the task's execution role."""

NETWORK: Final = Need(
    (
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
    ),
    f"{_LAMBDA}configuration-vpc.html",
)
TRACING: Final = Need(("xray:PutTelemetryRecords", "xray:PutTraceSegments"), f"{_LAMBDA}services-xray.html")
FILES: Final = Need(("elasticfilesystem:ClientMount",), f"{_LAMBDA}configuration-filesystem.html")
"""Needed where the file system has a policy; AWS: ClientWrite only if the function writes."""
LOGS: Final = Need(("logs:CreateLogStream", "logs:PutLogEvents"), f"{_LAMBDA}monitoring-cloudwatchlogs.html")
TASK_LOGS: Final = Need(("logs:CreateLogStream", "logs:PutLogEvents"), f"{_ECS}task_execution_IAM_role.html")
IMAGES: Final = Need(
    ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer"),
    f"{_ECS}task_execution_IAM_role.html",
)

_RULES: Final = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html"
_STATES: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/lambda-iam.html"

TARGETS: Final[dict[str, Need]] = {
    "AWS::ECS::TaskDefinition": Need(("ecs:RunTask",), _RULES),
    STREAM: Need(("kinesis:PutRecord",), _RULES),
    "AWS::Serverless::StateMachine": Need(("states:StartExecution",), _RULES),
    "AWS::StepFunctions::StateMachine": Need(("states:StartExecution",), _RULES),
}
"""What a rule of EventBridge starts or sends events to, with the role of the target."""

TASKS: Final[dict[str, Need]] = {
    "AWS::Lambda::Function": Need(("lambda:InvokeFunction",), _STATES),
    "AWS::Serverless::Function": Need(("lambda:InvokeFunction",), _STATES),
}
"""What a definition of a state machine names in order to call it."""

_STREAM_KEY: Final = "https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html"
_QUEUE_KEY: Final = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"

SEND_WITH_KEY: Final[dict[str, Need]] = {
    QUEUE: Need(("kms:Decrypt", "kms:GenerateDataKey"), _QUEUE_KEY),
    STREAM: Need(("kms:GenerateDataKey",), _STREAM_KEY),
    TOPIC: Need(
        ("kms:Decrypt", "kms:GenerateDataKey"),
        "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html",
    ),
}
"""To send to what a customer managed key encrypts."""

READ_WITH_KEY: Final[dict[str, Need]] = {
    QUEUE: Need(("kms:Decrypt",), _QUEUE_KEY),
    STORED_SECRET: Need(("kms:Decrypt",), f"{_ECS}task_execution_IAM_role.html"),
    STREAM: Need(("kms:Decrypt",), _STREAM_KEY),
}
"""To read what a customer managed key encrypts."""

KEYS: Final[dict[str, tuple[str, ...]]] = {
    QUEUE: ("KmsMasterKeyId",),
    TOPIC: ("KmsMasterKeyId",),
    STREAM: ("StreamEncryption", "KeyId"),
    STORED_SECRET: ("KmsKeyId",),
}
"""The property that names the key with which a resource is encrypted."""

OF_SERVICE: Final = {
    "dynamodb": "AWS::DynamoDB::Table",
    "events": "AWS::Events::EventBus",
    "kafka": "AWS::MSK::Cluster",
    "kinesis": STREAM,
    "lambda": "AWS::Lambda::Function",
    "mq": "AWS::AmazonMQ::Broker",
    "secretsmanager": STORED_SECRET,
    "sns": TOPIC,
    "sqs": QUEUE,
    "ssm": SETTING,
}
"""The type that the ARN of a service is of, in a property that takes no other types of the service."""
