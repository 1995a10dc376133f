"""The function that AWS makes of a HostedRotationLambda, with its role.

AWS: "AWS::SecretsManager::RotationSchedule HostedRotationLambda" of the template reference. AWS makes a nested stack of
both; here they are made and removed with the rotation schedule. The function's code does nothing, since no function
runs in the sandbox.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from infra_checks.sandbox.kinds.functions import archive
from infra_checks.sandbox.refusal import CannotMakeError

if TYPE_CHECKING:
    from infra_checks.sandbox.making import Making

_TAKEN: Final = frozenset(
    {
        "ExcludeCharacters",
        "KmsKeyArn",
        "MasterSecretArn",
        "MasterSecretKmsKeyArn",
        "RotationLambdaName",
        "RotationType",
        "Runtime",
        "SuperuserSecretArn",
        "SuperuserSecretKmsKeyArn",
        "VpcSecurityGroupIds",
        "VpcSubnetIds",
    }
)
_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def make_rotation_function(making: Making, hosted: dict[str, Any]) -> str:
    """The ARN of a function made as the property says."""
    unknown = hosted.keys() - _TAKEN
    if unknown:
        raise CannotMakeError(f"the sandbox cannot give HostedRotationLambda.{', '.join(sorted(unknown))}")
    name = str(hosted.get("RotationLambdaName") or making.name("", limit=64))
    role = making.api("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(_TRUST))["Role"]["Arn"]
    network = {
        member: str(hosted[prop]).split(",")
        for prop, member in (("VpcSecurityGroupIds", "SecurityGroupIds"), ("VpcSubnetIds", "SubnetIds"))
        if prop in hosted
    }
    options = {"VpcConfig": network} if network else {}
    function = making.api("lambda").create_function(
        FunctionName=name,
        Role=role,
        Runtime=str(hosted.get("Runtime", "python3.13")),
        Handler="lambda_function.lambda_handler",
        Code=archive({"ZipFile": ""}, "python"),
        Environment={"Variables": {"EXCLUDE_CHARACTERS": str(hosted.get("ExcludeCharacters", ""))}},
        **options,
    )
    return str(function["FunctionArn"])


def remove_rotation_function(making: Making, arn: str) -> None:
    """Remove the function and its role."""
    name = arn.rpartition(":")[2]
    making.remove("lambda", "delete_function", FunctionName=name)
    making.remove("iam", "delete_role", RoleName=name)
