"""AWS::Serverless::SimpleTable, LayerVersion and Application: one resource each.

AWS: "AWS::Serverless::SimpleTable", "AWS::Serverless::LayerVersion" and "AWS::Serverless::Application".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.template.serverless.locations import s3_location
from infra_checks.template.serverless.making import Content, Entry, entry_of, made_mapping, mapping_of, unexpanded
from infra_checks.template.serverless.source import tag_list

if TYPE_CHECKING:
    from infra_checks.template.serverless.source import Generated, Renames, Source

_TYPES: Final = {"String": "S", "Number": "N", "Binary": "B"}


def expand_table(source: Source, generated: Generated) -> None:
    """Add the table."""
    names = ("PointInTimeRecoverySpecification", "ProvisionedThroughput", "SSESpecification", "TableName")
    properties = source.take_all(names)
    if properties["ProvisionedThroughput"] is None:
        properties["BillingMode"] = "PAY_PER_REQUEST"
    properties |= _key(source, generated)
    properties["Tags"] = tag_list(source.take("Tags"))
    renames: Renames = {("AttributeDefinitions",): ("PrimaryKey",), ("KeySchema",): ("PrimaryKey",)}
    generated.add(source, "AWS::DynamoDB::Table", properties, renames=renames)


def _key(source: Source, generated: Generated) -> dict[str, Content]:
    given = source.take("PrimaryKey")
    key = mapping_of(given)
    if given is not None and key is None:
        opaque = unexpanded("PrimaryKey is not written as a mapping", given)
        return {"AttributeDefinitions": opaque, "KeySchema": opaque}
    name: Content = (entry_of(key, "Name") if key is not None else None) or "id"
    kind = entry_of(key, "Type") if key is not None else None
    letter: Content = "S"
    if kind is not None:
        letter = _TYPES.get(generated.text(kind) or "") or unexpanded("SAM makes it of the type", kind)
    return {
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": letter}],
        "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}],
    }


def expand_layer(source: Source, generated: Generated) -> None:
    """Add the layer version; `Ref` of the source gives it, though SAM gives it another name."""
    names = ("CompatibleArchitectures", "CompatibleRuntimes", "Description", "LayerName", "LicenseInfo")
    properties = source.take_all(names)
    if properties["LayerName"] is None:
        properties["LayerName"] = source.logical_id
    content = source.take("ContentUri")
    if content is not None:
        location = s3_location(content, ("S3Bucket", "S3Key", "S3ObjectVersion"))
        properties["Content"] = Entry(made_mapping(location, content.key), content.key)
    # SAM makes the DeletionPolicy of it, by default Retain, which is no decision of the template's.
    source.pass_over("PublishLambdaVersion", "RetentionPolicy")
    renames: Renames = {("Content",): ("ContentUri",)}
    generated.add(source, "AWS::Lambda::LayerVersion", properties, renames=renames)


def expand_application(source: Source, generated: Generated) -> None:
    """Add the nested stack."""
    properties = source.take_all(("NotificationARNs", "Parameters", "TimeoutInMinutes"))
    location = source.take("Location")
    url = source.take("TemplateUrl")
    if location is not None and mapping_of(location) is not None:
        properties["TemplateURL"] = unexpanded("the Serverless Application Repository gives it", location)
    else:
        properties["TemplateURL"] = location or url
    properties["Tags"] = tag_list(source.take("Tags"), "lambda:createdBy")
    renames: Renames = {("TemplateURL",): ("Location",)}
    generated.add(source, "AWS::CloudFormation::Stack", properties, renames=renames)
