"""Whether a text is a secret: by its own form, or because of the name it stands under."""

from __future__ import annotations

import re
from typing import Final

_FORMS: Final = {
    "an AWS access key": re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])"),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "a GitHub token": re.compile(r"(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{82})"),
    "a Slack token": re.compile(r"(?<![A-Za-z0-9])xox[abprs]-[0-9A-Za-z-]{20,}"),
    "a Stripe key": re.compile(r"(?<![A-Za-z0-9])[rs]k_live_[0-9A-Za-z]{24,}"),
    "a Google API key": re.compile(r"(?<![A-Za-z0-9])AIza[0-9A-Za-z_-]{35}"),
}
"""Forms that the issuers of secrets have given them so that they are found."""

_PASSWORDS: Final = ("password", "passwd", "passphrase", "pwd")
_KEYS: Final = ("secret", "token", "apikey", "secretkey", "privatekey", "accesskey", "authkey", "credentials")
_RANDOM: Final = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9+=_.~!@#$%^&*-]{16,}", re.ASCII)
_ELSEWHERE: Final = ("/", "arn:", "{{", "${", "$(", "http://", "https://", "ssm:", "secretsmanager:")


def secret_in(text: str) -> str:
    """What kind of secret a text holds, by its form; empty when none."""
    return next((kind for kind, form in _FORMS.items() if _is_real(form, text)), "")


def _is_real(form: re.Pattern[str], text: str) -> bool:
    """AWS's own examples of keys, such as AKIAIOSFODNN7EXAMPLE, are no secrets."""
    return any("EXAMPLE" not in found.group() for found in form.finditer(text))


def secret_under(name: str, text: str) -> str:
    """What kind of secret a text is that stands under a name; empty when it is none, or names one kept elsewhere.

    Under a name that ends in password any text is one; under `token`, `secret`, `api_key` and the like only what
    looks random, because such names are also given to what says where the secret is.
    """
    found = secret_in(text)
    if found or not text.strip() or text.startswith(_ELSEWHERE) or "example" in text.lower():
        return found
    plain = re.sub(r"[^a-z]", "", name.lower())
    if plain.endswith(_PASSWORDS) and text.lower() not in {"true", "false"}:
        return "a password"
    if plain.endswith(_KEYS) and _RANDOM.fullmatch(text):
        return "a secret"
    return ""


def may_be_secret(name: str) -> bool:
    """Whether a name is one under which secrets stand."""
    return re.sub(r"[^a-z]", "", name.lower()).endswith(_PASSWORDS + _KEYS)
