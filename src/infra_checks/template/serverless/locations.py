"""Where code and definitions are: in S3, or in a local file that packaging puts there."""

from __future__ import annotations

from infra_checks.template.serverless.making import Content, Entry, entry_of, mapping_of, text_of, unexpanded


def s3_location(given: Entry, names: tuple[str, str, str]) -> dict[str, Content]:
    """Bucket, key and version of what stands in S3; a local path, which packaging replaces, cannot be told."""
    location = mapping_of(given)
    if location is not None:
        return {name: entry_of(location, own) for name, own in zip(names, ("Bucket", "Key", "Version"), strict=True)}
    text = text_of(given)
    if text is not None and text.startswith("s3://"):
        bucket, _, key = text.removeprefix("s3://").partition("/")
        return {names[0]: bucket, names[1]: key}
    packaged = unexpanded("`sam package` puts it there", given)
    return {names[0]: packaged, names[1]: packaged}
