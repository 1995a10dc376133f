"""Questions about access, as IAM Access Analyzer's custom policy checks ask them, answered offline and with a witness.

    result = check_no_new_access("new.yaml", "old.yaml")
    assert result.passed, result.message

A policy is a file (a CloudFormation template, or a policy document in JSON or YAML), a document as a dictionary, or the
name or ARN of a policy that AWS manages. Of a template every principal and every resource with a policy is judged, in
every scenario that its conditions and parameters allow.

What cannot be proved is never a PASS: a reason with the certainty POSSIBLE names the symbols that it depends on, one
with UNKNOWN says what was not read. Raises InfraChecksError (TemplateError, ConfigError, ParameterError) for what
cannot be read.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from infra_checks.access_questions.comparing import no_new_access
from infra_checks.access_questions.expanding import Expansion, NamedAction, expand_actions
from infra_checks.access_questions.explaining import Explanation, Step, Wanted, explain_request
from infra_checks.access_questions.granting import Access, access_not_granted, no_public_access
from infra_checks.access_questions.inputs import (
    POLICY_TYPES,
    PolicyInput,
    TemplateInput,
    is_folder,
    read_document,
    read_input,
    templates_below,
)
from infra_checks.access_questions.results import FAIL, PASS, Finding, Place, Reason, Result
from infra_checks.access_questions.validating import findings_of
from infra_checks.errors import ConfigError
from infra_checks.evaluate.parameters import read_parameters
from infra_checks.evaluate.stack import Pins
from infra_checks.iam.answers import Certainty
from infra_checks.revisions import Revision

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from infra_checks.access_questions.inputs import Input
    from infra_checks.iam.model import PolicyType

Source: TypeAlias = "str | Path | Mapping[str, object] | PolicyInput | TemplateInput"
"""A file, the name of a policy that AWS manages, a document, or what `read_input` has read."""


def check_no_new_access(
    new: Source,
    old: Source | None,
    *,
    policy_type: str | None = None,
    parameters: Sequence[str] = (),
    assume_any: bool = False,
) -> Result:
    """Whether `new` allows nothing that `old` does not; without `old`, all that `new` allows is new.

    `policy_type` is one of POLICY_TYPES, for documents whose type is not told by their elements; `parameters` are
    values or files as `infra-checks check --parameters` takes them; `assume_any` relies on no default of a parameter.
    AWS: CheckNoNewAccess.
    """
    pins = _pins(parameters, assume_any=assume_any)
    before = None if old is None else _read(old, policy_type, pins)
    return no_new_access(_read(new, policy_type, pins), before)


def check_changes(
    paths: Sequence[str],
    revision: str,
    *,
    policy_type: str | None = None,
    parameters: Sequence[str] = (),
    assume_any: bool = False,
) -> Iterator[Result]:
    """`check_no_new_access` of files, and of the templates in folders, against a revision of their git repository.

    Of a file that did not change there is no result, of one that the revision does not have all is new. A file that was
    renamed is compared with its former self. Raises BaselineError where there is no repository or no such revision.
    """
    pins = _pins(parameters, assume_any=assume_any)
    names = [name for path in paths for name in (templates_below([path]) if is_folder(path) else (path,))]
    if not names:
        raise ConfigError(f"no CloudFormation template found in {', '.join(paths)}")
    version = Revision(revision)
    for name in dict.fromkeys(names):
        if not version.is_changed(name):
            continue
        before = version.text(name)
        new = _read(name, policy_type, pins)
        old = None if before is None else read_input(name, _type(policy_type), pins, data=before)
        yield no_new_access(new, old)


def check_access_not_granted(
    policy: Source | Sequence[Source],
    *,
    actions: Sequence[str] = (),
    resources: Sequence[str] = (),
    policy_type: str | None = None,
    parameters: Sequence[str] = (),
    assume_any: bool = False,
) -> Result:
    """Whether no policy allows one of the actions (all, if none are given) on one of the resources (likewise).

    The other arguments are those of `check_no_new_access`. AWS: CheckAccessNotGranted.
    """
    if not actions and not resources:
        raise ConfigError("name an action, a resource, or both")
    if any(":" not in action and action != "*" for action in actions):
        raise ConfigError("an action has a service and a name, such as s3:GetObject")
    sources = _all(policy, policy_type, _pins(parameters, assume_any=assume_any))
    return access_not_granted(sources, Access(tuple(actions), tuple(resources)))


def check_no_public_access(
    policy: Source | Sequence[Source],
    *,
    resource_type: str | Sequence[str] = (),
    trusted: Sequence[str] = (),
    parameters: Sequence[str] = (),
    assume_any: bool = False,
) -> Result:
    """Whether no resource policy lets in somebody whom it does not name: anonymous, of any account, of an open issuer.

    `resource_type` (AWS::S3::Bucket) limits what is judged of templates, and tells of what kind a policy document is;
    `trusted` are ids of accounts, organizations, networks or endpoints that count as named. AWS: CheckNoPublicAccess.
    """
    types = (resource_type,) if isinstance(resource_type, str) else tuple(resource_type)
    kind = _KINDS.get(types[0], "resource") if types else None
    sources = _all(policy, kind, _pins(parameters, assume_any=assume_any))
    return no_public_access(sources, types, trusted)


_KINDS: Final = {
    "AWS::IAM::AssumeRolePolicyDocument": "trust",
    "AWS::IAM::Role": "trust",
    "AWS::KMS::Key": "key",
    "AWS::KMS::ReplicaKey": "key",
}
"""Types whose policies are of a kind of their own; the first is what AWS calls it."""


def validate_policy(
    policy: Source | Sequence[Source],
    policy_type: str | None = None,
    *,
    parameters: Sequence[str] = (),
    assume_any: bool = False,
) -> tuple[Finding, ...]:
    """Every problem of the policies, sorted by place. `policy_type` as for `check_no_new_access`; of templates it
    limits what is judged. AWS: ValidatePolicy.
    """
    sources = _all(policy, policy_type, _pins(parameters, assume_any=assume_any))
    return findings_of(sources, _type(policy_type))


def explain_access(
    policy: Source | Sequence[Source],
    request: Wanted,
    *,
    policy_type: str | None = None,
    parameters: Sequence[str] = (),
    assume_any: bool = False,
) -> tuple[Explanation, ...]:
    """What becomes of one request and why, for each set of scenarios in which it is decided alike."""
    return explain_request(_all(policy, policy_type, _pins(parameters, assume_any=assume_any)), request)


def _all(policy: Source | Sequence[Source], policy_type: str | None, pins: Pins) -> tuple[Input, ...]:
    many = policy if isinstance(policy, (list, tuple)) else (policy,)
    if not many:
        raise ConfigError("name a template or a policy")
    return tuple(_read(one, policy_type, pins) for one in many)


def _read(source: Source, policy_type: str | None, pins: Pins) -> Input:
    if isinstance(source, (PolicyInput, TemplateInput)):
        return source
    if isinstance(source, (str, Path)):
        return read_input(str(source), _type(policy_type), pins)
    return read_document(dict(source), _type(policy_type))


def _type(name: str | None) -> PolicyType | None:
    if name is None:
        return None
    if name not in POLICY_TYPES:
        raise ConfigError(f"{name} is no type of policy; it is one of {', '.join(POLICY_TYPES)}")
    return POLICY_TYPES[name]


def _pins(parameters: Sequence[str], *, assume_any: bool) -> Pins:
    values = read_parameters(parameters).values if parameters else {}
    return Pins({name: (value,) for name, value in values.items()}, assume_any=assume_any)


__all__ = [
    "FAIL",
    "PASS",
    "POLICY_TYPES",
    "Certainty",
    "Expansion",
    "Explanation",
    "Finding",
    "NamedAction",
    "Place",
    "Reason",
    "Result",
    "Step",
    "Wanted",
    "check_access_not_granted",
    "check_changes",
    "check_no_new_access",
    "check_no_public_access",
    "expand_actions",
    "explain_access",
    "read_document",
    "read_input",
    "validate_policy",
]
