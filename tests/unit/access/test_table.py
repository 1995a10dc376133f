"""The table against the schemas of all resource types, which cfn-lint brings."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import pytest

from infra_checks.access.table import CARRIERS, Form

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str, ...]

NO_POLICIES: Final = (
    ("Domain.*SecurityPolicy|TLSSecurityPolicy|TlsPolicy|HttpsPolicy|SslPolicy|AlpnPolicy", "protocol settings"),
    ("ApiGateway.* SecurityPolicy|Serverless::.*SecurityPolicy", "protocol settings"),
    ("CloudFront::.*(Protocol|Security|Referrer)Policy", "protocol and header settings"),
    ("(Connect|Wisdom|QuickSight|AppConfig|DataZone|Polly|SageMaker|IoT|M2|WellArchitected|SSM|EventSchemas)::.*Content",
     "contents of other kinds"),
    ("QueryStatement|CaseStatement", "queries"),
    ("(ImagePull|Dns|Termination|Safeguard|Answer|AutoImport|LanguageSelection)Polic", "choices of an enumeration"),
    ("LifecyclePolicy|RetentionPolicy|VersionDeletionPolicy|RedrivePolicy|RedriveAllowPolicy", "life cycles, redrives"),
    ("DeliveryPolicy|FilterPolicy|ReplayPolicy|ArchivePolicy|DataProtectionPolicy|FieldIndexPolicies", "of messages"),
    ("Logs::AccountPolicy", "data protection, subscriptions and indexes of logs"),
    ("(BedrockAgentCore|VerifiedPermissions)::Policy|EC2::(VerifiedAccess|ClientVpn)", "written in Cedar"),
    ("OpenSearchServerless::", "a language of its own"),
    ("Config::.*PolicyText", "written in Guard"),
    ("NetworkManager::CoreNetwork", "the shape of a network"),
    ("SSM::Parameter Policies", "expiry of parameters"),
    ("WorkSpacesWeb::BrowserSettings", "settings of a browser"),
    ("(GuardrailPolicies|ManagedPolicies|ApplicationAutoScalingPolicies)", "ARNs of policies"),
    ("RAM::Permission PolicyTemplate", "has neither principal nor resource until RAM shares with it"),
    ("ODB::OdbNetwork ManagedServices", "told by AWS, not given"),
    ("Events::EventBusPolicy Statement", "read as the other form of the same resource"),
    ("Serverless::Api Auth.ResourcePolicy.CustomStatements", "read with what stands beside it"),
    ("Serverless::(Function|StateMachine) Policies$", "read with the list that it may be"),
)  # fmt: skip
"""Properties with the name of a policy that hold no document of the IAM policy language, and what they hold."""

NAME: Final = re.compile(r"(Polic(y|ies)(Document|Text|Template)?|Statements?|^Content)$")


@cache
def schemas() -> tuple[dict[str, Any], ...]:
    pytest.importorskip("cfnlint")
    folder = files("cfnlint") / "data" / "schemas" / "resources"
    return tuple(json.loads(file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".json"))


def nodes(schema: dict[str, Any], node: dict[str, Any], path: Path, within: Path = ()) -> Iterator[tuple[Path, Any]]:
    reference = node.get("$ref")
    if reference is not None:
        if reference in within:
            return
        target: Any = schema
        for step in reference.removeprefix("#/").split("/"):
            target = target.get(step, {})
        yield from nodes(schema, target, path, (*within, reference))
        return
    yield path, node
    for name, child in (node.get("properties") or {}).items():
        yield from nodes(schema, child, (*path, name), within)
    if isinstance(node.get("items"), dict):
        yield from nodes(schema, node["items"], (*path, "*"), within)
    for combination in ("oneOf", "anyOf", "allOf"):
        for child in node.get(combination, ()):
            yield from nodes(schema, child, path, within)


def takes_a_document(node: dict[str, Any]) -> bool:
    if "enum" in node or node.get("properties") or str(node.get("pattern", "")).startswith("^arn"):
        return False
    kinds = node.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "object" in kinds:
        return not node.get("patternProperties")
    return node.get("format") == "json" or ("string" in kinds and node.get("maxLength", 1 << 20) >= 1024)


def candidates() -> Iterator[tuple[str, Path]]:
    for schema in schemas():
        given = {tuple(path.split("/")[2:]) for path in schema.get("readOnlyProperties", ())}
        for path, node in nodes(schema, {"properties": schema.get("properties", {})}, ()):
            name = next((step for step in reversed(path) if step != "*"), "")
            if NAME.search(name) and path not in given and takes_a_document(node):
                yield schema["typeName"], path


def test_every_property_that_takes_a_policy_is_in_the_table_or_told_to_be_none() -> None:
    found = {
        f"{kind} {'.'.join(path)}"
        for kind, path in candidates()
        if path not in {c.path for c in CARRIERS.get(kind, ())}
    }
    unexplained = sorted(one for one in found if not any(re.search(pattern, one) for pattern, _ in NO_POLICIES))
    assert unexplained == []


def test_every_explanation_explains_something() -> None:
    found = [f"{kind} {'.'.join(path)}" for kind, path in candidates()]
    assert [pattern for pattern, _ in NO_POLICIES if not any(re.search(pattern, one) for one in found)] == []


def test_every_path_of_the_table_is_in_the_schema_of_its_type() -> None:
    known = {schema["typeName"]: schema for schema in schemas()}
    missing = []
    for kind, carriers in CARRIERS.items():
        schema = known[kind]
        paths = {path for path, _ in nodes(schema, {"properties": schema["properties"]}, ())}
        wanted = [c.path for c in carriers if c.form is not Form.PROPERTIES]
        wanted += [(name,) for c in carriers for name in c.about or ()]
        missing += [(kind, path) for path in wanted if path not in paths]
    assert missing == []


def test_every_service_of_the_table_has_actions() -> None:
    pytest.importorskip("cfnlint")
    actions = json.loads((files("cfnlint") / "data" / "AdditionalSpecs" / "Policies.json").read_text("utf-8"))
    services = {carrier.service for carriers in CARRIERS.values() for carrier in carriers}
    assert services - {""} <= actions.keys()
