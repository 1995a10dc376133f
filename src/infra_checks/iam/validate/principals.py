"""How principals are written, and which a type of policy takes.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra_checks.iam.model import Effect, PolicyType
from infra_checks.iam.parse import KINDS
from infra_checks.iam.validate.problems import problem
from infra_checks.iam.validate.structure import OF_IDENTITIES, OF_RESOURCES
from infra_checks.iam.validate.texts import HOLE, fields, flat, has_wildcard, items, known, readable, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra_checks.iam.document import Path
    from infra_checks.iam.model import Principal
    from infra_checks.iam.validate.drafts import Draft, Part
    from infra_checks.iam.validate.problems import Problem

ACCOUNT: Final = re.compile(r"\d{12}")
SERVICE_DOMAINS: Final = (
    *(".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".aws.internal", ".aws.com"),
    ".amazon.com",  # alexa-appkit.amazon.com
)
"""How the names of services end; AWS gives most of them in the guides of the services."""

_ROLE_ID: Final = re.compile(r"AROA[0-9A-Z]{12,}")
_USER_ID: Final = re.compile(r"AIDA[0-9A-Z]{12,}")
_OTHER_ID: Final = re.compile(r"A[A-Z]{3}[0-9A-Z]{12,}|[0-9a-f]{64}")
_OF_IAM: Final = re.compile(r"root|(user|role)/.+|[0-9A-Z]{16,}")
_OF_STS: Final = re.compile(r"(assumed-role/.+/.+|federated-user/.+)")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9.-]+(:\d+)?(/.*)?", re.DOTALL)
_SERVICE: Final = re.compile(r"[a-z0-9][a-z0-9._-]*")
_FIELDS: Final = 6


def check_principals(draft: Draft, part: Part) -> Iterator[Problem]:
    """Principal and NotPrincipal of a statement."""
    for name in ("Principal", "NotPrincipal"):
        if name not in part.element:
            continue
        path = (*part.path, name)
        if draft.type in OF_IDENTITIES:
            yield problem("UNSUPPORTED_PRINCIPAL", path, f"has {name}, which a {draft.type.value} cannot have")
        elif draft.type is PolicyType.SCP:
            yield problem("SCP_SYNTAX_ERROR_PRINCIPAL", path, f"has {name}, which a {draft.type.value} cannot have")
        else:
            yield from _by_kind(draft, part, name)
    yield from _excepted(draft, part)


def _excepted(draft: Draft, part: Part) -> Iterator[Problem]:
    path = (*part.path, "NotPrincipal")
    if "NotPrincipal" not in part.element:
        return
    if draft.type is PolicyType.TRUST:
        message = "has NotPrincipal, which a trust policy cannot have"
        yield problem("ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", path, message)
    elif draft.type in OF_RESOURCES and part.read.effect is Effect.ALLOW:
        message = "allows everyone but those in NotPrincipal, anonymous callers too"
        yield problem("ALLOW_WITH_NOT_PRINCIPAL", path, message)


def _by_kind(draft: Draft, part: Part, name: str) -> Iterator[Problem]:
    value, path = part.element[name], (*part.path, name)
    if value == "*" and draft.type is PolicyType.TRUST:
        message = f"has `*` as {name}, which a trust policy cannot have"
        yield problem("ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", path, message)
    for kind, names in value.items() if isinstance(value, dict) else ():
        if kind not in KINDS:
            yield problem("INVALID_PRINCIPAL_KEY", (*path, kind), f"has principals of the kind {kind}")
            continue
        for item, where in items(names, (*path, kind)):
            text = text_of(item)
            if text is None:
                continue
            if kind == "AWS":
                yield from _identity(flat(text), where)
            elif kind == "Service":
                yield from check_service(flat(text), where)
            elif kind == "Federated":
                yield from _provider(draft, flat(text), where)
    if draft.type is PolicyType.TRUST:
        yield from _redundant(part)


def _identity(name: str, path: Path) -> Iterator[Problem]:
    found = fields(name).known
    if name == "*" or HOLE in name[:4]:
        return
    if has_wildcard(name):
        message = f"has the principal {_shown(name)}, where a wildcard stands for itself"
        yield problem("UNSUPPORTED_WILDCARD_IN_PRINCIPAL", path, message)
    elif _ROLE_ID.fullmatch(name):
        yield problem("INVALID_ROLE_REFERENCE", path, f"names a role by its id {name}, which another role cannot get")
    elif _USER_ID.fullmatch(name):
        yield problem("INVALID_USER_REFERENCE", path, f"names a user by its id {name}, which another user cannot get")
    elif not _is_identity(name, found) and HOLE not in name:
        kinds = "an account, nor the ARN of a role, user, session or root"
        yield problem("INVALID_PRINCIPAL_FORMAT", path, f"has the principal {name}, which is neither {kinds}")
    elif len(found) == _FIELDS and HOLE not in found[4]:
        yield from _account(found, path)


def _is_identity(name: str, found: tuple[str, ...]) -> bool:
    if ACCOUNT.fullmatch(name) or _OTHER_ID.fullmatch(name):
        return True
    if len(found) != _FIELDS or found[0] != "arn" or found[3]:
        return False
    pattern = {"iam": _OF_IAM, "sts": _OF_STS}.get(found[2])
    return bool(pattern and pattern.fullmatch(found[5]))


def _account(found: tuple[str, ...], path: Path) -> Iterator[Problem]:
    if not ACCOUNT.fullmatch(found[4]) and found[4] != "cloudfront":  # of origin access identities
        message = f"has a principal of the account {found[4] or '(empty)'}, which is not 12 digits"
        yield problem("INVALID_PRINCIPAL_FORMAT", path, message)


def check_service(name: str, path: Path, *, wildcards: bool = False) -> Iterator[Problem]:
    """The name of a service principal."""
    if has_wildcard(name):
        if not wildcards:
            message = f"has the service {_shown(name)}, where a wildcard stands for itself"
            yield problem("UNSUPPORTED_WILDCARD_IN_PRINCIPAL", path, message)
    elif HOLE not in name and not (_SERVICE.fullmatch(name) and name.endswith(SERVICE_DOMAINS)):
        message = f"has the service {name or '(empty)'}, which is not written as `service.amazonaws.com`"
        yield problem("INVALID_SERVICE_PRINCIPAL_FORMAT", path, message)


def _provider(draft: Draft, name: str, path: Path) -> Iterator[Problem]:
    if draft.type in (PolicyType.RESOURCE, PolicyType.KEY):
        message = f"names the identity provider {_shown(name)}, which only a trust policy can"
        yield problem("FEDERATED_PRINCIPAL_NOT_SUPPORTED", path, message)
    elif draft.type is PolicyType.TRUST and not _is_provider(name):
        code = "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY"
        yield problem(code, path, f"has the identity provider {_shown(name)}, neither a domain nor the ARN of one")


def _is_provider(name: str) -> bool:
    if HOLE in name[:4]:
        return True
    if not name.startswith("arn:"):
        return not has_wildcard(name) and (HOLE in name or (bool(_DOMAIN.fullmatch(name)) and "." in name))
    found = fields(name).known
    if len(found) < _FIELDS:
        return HOLE in name
    return found[2] == "iam" and (found[5].startswith(("saml-provider/", "oidc-provider/")) or HOLE in found[5][:1])


def _redundant(part: Part) -> Iterator[Problem]:
    """Sessions beside the roles that they are of."""
    principals = part.read.principals
    if principals is None or principals.negated:
        return
    roles = {found for one in principals.listed if (found := _role(one, "role/")) is not None}
    for one in principals.listed:
        role = _role(one, "assumed-role/")
        if role is not None and role in roles:
            message = f"names a session of the role {role[1]} beside the role itself"
            yield problem("REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY", one.path, message)


def _role(principal: Principal, kind: str) -> tuple[str, str] | None:
    """Account and name of the role that a principal is, or of which it is a session."""
    name = known(principal.name)
    found = fields(name).known if name is not None else ()
    if len(found) < _FIELDS or not found[5].startswith(kind):
        return None
    parts = found[5].split("/")
    return found[4], parts[-1] if kind == "role/" else parts[1]


def _shown(name: str) -> str:
    return readable(name)
