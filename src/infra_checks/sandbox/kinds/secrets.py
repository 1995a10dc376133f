"""AWS::SecretsManager and AWS::SSM."""

from __future__ import annotations

import json
from typing import Any, Final

from infra_checks.sandbox.kinds.hosted_rotation import make_rotation_function, remove_rotation_function
from infra_checks.sandbox.making import Kind, Made, Making
from infra_checks.sandbox.refusal import CannotMakeError
from infra_checks.sandbox.rows import retag
from infra_checks.sandbox.shapes import as_text


def _generated(making: Making, wanted: dict[str, Any]) -> str:
    """A secret's text, made as GenerateSecretString says."""
    options = {key: value for key, value in wanted.items() if key not in {"SecretStringTemplate", "GenerateStringKey"}}
    password: str = making.part(options).send("secretsmanager", "get_random_password")["RandomPassword"]
    if "SecretStringTemplate" not in wanted and "GenerateStringKey" not in wanted:
        return password
    try:
        template = json.loads(wanted["SecretStringTemplate"])
        return json.dumps(template | {wanted["GenerateStringKey"]: password})
    except (KeyError, ValueError, TypeError):
        raise CannotMakeError("GenerateSecretString needs a template in JSON and a GenerateStringKey") from None


def _text(making: Making) -> str | None:
    if "GenerateSecretString" in making.properties:
        return _generated(making, making.get("GenerateSecretString") or {})
    return None if making.get("SecretString") is None else as_text(making.get("SecretString"))


def _make_secret(making: Making) -> Made:
    name = making.name("Name", limit=512)
    text = _text(making)
    given: dict[str, Any] = {} if text is None else {"SecretString": text}
    only = ("Description", "KmsKeyId", "Tags")
    replicas = {"AddReplicaRegions": making.get("ReplicaRegions")} if "ReplicaRegions" in making.properties else {}
    answer = making.send("secretsmanager", "create_secret", only=only, Name=name, **given, **replicas)
    return Made("AWS::SecretsManager::Secret", answer["ARN"], {"Id": answer["ARN"], "Arn": answer["ARN"]})


def _configure_secret(making: Making, made: Made) -> None:
    if making.before is None:
        return
    client = making.api("secretsmanager")
    if making.changed("SecretString", "GenerateSecretString"):
        client.put_secret_value(SecretId=made.ref, SecretString=_text(making) or "")
    changed = [name for name in ("Description", "KmsKeyId") if making.changed(name)]
    if changed:
        making.send("secretsmanager", "update_secret", only=changed, SecretId=made.ref)
    if making.changed("Tags"):
        retag(making, "secretsmanager", made.ref)


def _delete_secret(making: Making, made: Made) -> None:
    making.api("secretsmanager").delete_secret(SecretId=made.ref, ForceDeleteWithoutRecovery=True)


def _make_rotation(making: Making) -> Made:
    secret = making.need("SecretId")
    given: dict[str, Any] = {"RotateImmediately": False}  # functions do not run here
    making.get("RotateImmediatelyOnUpdate")
    attributes = {"Id": secret}
    if "HostedRotationLambda" in making.properties:
        arn = make_rotation_function(making, making.get("HostedRotationLambda"))
        given["RotationLambdaARN"] = attributes["RotationLambdaARN"] = arn
    making.send("secretsmanager", "rotate_secret", SecretId=secret, **given)
    return Made("AWS::SecretsManager::RotationSchedule", secret, attributes)


def _configure_rotation(making: Making, made: Made) -> None:
    if making.before is not None and making.changed("RotationLambdaARN", "RotationRules"):
        making.send(
            "secretsmanager",
            "rotate_secret",
            only=("RotationLambdaARN", "RotationRules"),
            SecretId=made.ref,
            RotateImmediately=False,
        )


def _delete_rotation(making: Making, made: Made) -> None:
    making.remove("secretsmanager", "cancel_rotate_secret", SecretId=made.ref)
    if "RotationLambdaARN" in made.attributes:
        remove_rotation_function(making, made.attributes["RotationLambdaARN"])


def _make_policy(making: Making) -> Made:
    secret = making.need("SecretId")
    return Made("AWS::SecretsManager::ResourcePolicy", secret, {"Id": secret})


def _configure_policy(making: Making, made: Made) -> None:
    making.get("BlockPublicPolicy")
    if making.changed("ResourcePolicy"):
        policy = as_text(making.get("ResourcePolicy"))
        making.api("secretsmanager").put_resource_policy(SecretId=made.ref, ResourcePolicy=policy)


def _delete_policy(making: Making, made: Made) -> None:
    making.remove("secretsmanager", "delete_resource_policy", SecretId=made.ref)


_TARGETS: Final = {
    "AWS::RDS::DBCluster": ("describe_db_clusters", "DBClusterIdentifier", "DBClusters"),
    "AWS::RDS::DBInstance": ("describe_db_instances", "DBInstanceIdentifier", "DBInstances"),
}


def _make_attachment(making: Making) -> Made:
    """The secret's text gets the database's connection data, as AWS puts it in."""
    secret, kind = making.need("SecretId"), making.need("TargetType")
    if kind not in _TARGETS:
        raise CannotMakeError(f"the sandbox cannot attach a secret to {kind}")
    operation, parameter, member = _TARGETS[kind]
    found = getattr(making.api("rds"), operation)(**{parameter: making.need("TargetId")})[member][0]
    client = making.api("secretsmanager")
    text = json.loads(client.get_secret_value(SecretId=secret)["SecretString"])
    endpoint = found.get("Endpoint")
    host, port = (endpoint, found.get("Port")) if isinstance(endpoint, str) else _of(endpoint or {})
    identity = {"DBClusters": "dbClusterIdentifier", "DBInstances": "dbInstanceIdentifier"}[member]
    text |= {"engine": found.get("Engine", ""), "host": host, "port": port, identity: found[parameter]}
    client.put_secret_value(SecretId=secret, SecretString=json.dumps(text))
    return Made("AWS::SecretsManager::SecretTargetAttachment", secret, {"Id": secret})


def _of(endpoint: dict[str, Any]) -> tuple[str, int]:
    return endpoint.get("Address", ""), int(endpoint.get("Port", 0))


def _nothing(_making: Making, _made: Made) -> None:
    """AWS leaves the secret as it is."""


def _make_parameter(making: Making) -> Made:
    name = making.name("Name", limit=1011)
    making.send("ssm", "put_parameter", Name=name)
    value, kind = making.properties["Value"], making.properties["Type"]
    return Made("AWS::SSM::Parameter", name, {"Type": kind, "Value": value})


def _configure_parameter(making: Making, made: Made) -> None:
    if making.before is None:
        return
    names = ("Value", "Type", "Description", "AllowedPattern", "Tier", "Policies", "DataType")
    if making.changed(*names):
        making.send("ssm", "put_parameter", only=names, Name=made.ref, Overwrite=True)
        made.attributes["Value"] = making.properties["Value"]
    if making.changed("Tags"):
        _retag_parameter(making, made)


def _retag_parameter(making: Making, made: Made) -> None:
    client, tags = making.api("ssm"), making.tags()
    by = {"ResourceType": "Parameter", "ResourceId": made.ref}
    gone = set((making.before or {}).get("Tags") or {}) - {tag["Key"] for tag in tags}
    if gone:
        client.remove_tags_from_resource(**by, TagKeys=sorted(gone))
    client.add_tags_to_resource(**by, Tags=tags)


def _delete_parameter(making: Making, made: Made) -> None:
    making.api("ssm").delete_parameter(Name=made.ref)


KINDS: Final = (
    Kind("AWS::SecretsManager::Secret", _make_secret, _delete_secret, _configure_secret, frozenset({"Name"})),
    Kind(
        "AWS::SecretsManager::RotationSchedule",
        _make_rotation,
        _delete_rotation,
        _configure_rotation,
        frozenset({"SecretId"}),
        None,
        unread=frozenset({"RotateImmediatelyOnUpdate"}),
    ),
    Kind(
        "AWS::SecretsManager::ResourcePolicy",
        _make_policy,
        _delete_policy,
        _configure_policy,
        frozenset({"SecretId"}),
        None,
        unread=frozenset({"BlockPublicPolicy"}),
    ),
    Kind(
        "AWS::SecretsManager::SecretTargetAttachment",
        _make_attachment,
        _nothing,
        create_only=frozenset({"SecretId", "TargetId", "TargetType"}),
        tags=None,
    ),
    Kind(
        "AWS::SSM::Parameter",
        _make_parameter,
        _delete_parameter,
        _configure_parameter,
        frozenset({"Name"}),
        tags_form="map",
    ),
)
