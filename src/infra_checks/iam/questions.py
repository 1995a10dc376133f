"""Questions about policies, each answered with a certainty and a witness: see answers.py.

Every question takes all policies that bear on one principal or resource at once: identity policies, boundary, control
policies, the policy of the resource. Denies among them count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.iam.text import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from infra_checks.iam.answers import Answer
    from infra_checks.iam.model import Condition, Policy, Principal, Statement
    from infra_checks.iam.text import Text

FRESH_NAME: Final = "zz-fresh-7q4x"
"""A name that nothing in a template has."""


def fresh(template: Text) -> Text:
    """The ARN (or other text) with each `*` replaced by a name that nothing has: `arn:aws:iam::…:role/*`."""
    raise NotImplementedError


def granted(
    policies: Iterable[Policy],
    actions: Iterable[Text],
    resources: Iterable[Text] | None = None,
    *,
    principal: Principal | None = None,
    context: Mapping[str, tuple[Text, ...] | None] | None = None,
) -> Answer:
    """Is a request allowed that has one of the actions and one of the resources?

    Actions and resources are patterns with wildcards; ask about `fresh(…)` resources to learn whether an action is
    limited. `None` is any. `context` gives the values of keys, None where a key is absent; a request is free to have
    any value for the others.
    A symbol that cannot hold a wildcard never equals a text of the question: names in a question are fresh ones, and
    what a template names is something else.
    """
    raise NotImplementedError


def new_access(new: Iterable[Policy], old: Iterable[Policy]) -> Answer:
    """Is a request allowed by `new` that `old` does not allow? NO is: `new` is at most as permissive."""
    raise NotImplementedError


def public(policies: Iterable[Policy], *, trusted: Iterable[Text] = ()) -> Answer:
    """Does a resource policy let in somebody whom it does not name: any account, nobody's, any user of an open issuer?

    `trusted` are further ids (accounts, organizations, endpoints) that count as named.
    """
    raise NotImplementedError


def cross_account(policies: Iterable[Policy], *, own: Text = (ACCOUNT,), trusted: Iterable[Text] = ()) -> Answer:
    """Does a resource policy let in a principal of an account that is neither `own` nor one of `trusted`?"""
    raise NotImplementedError


def confused_deputy(policies: Iterable[Policy]) -> Answer:
    """Does a resource policy let in an AWS service that acts for a resource or account which the policy does not name?"""
    raise NotImplementedError


def dead_statements(policies: Iterable[Policy]) -> tuple[Statement, ...]:
    """Statements that change nothing, surely: the others allow or deny the same, or no request can match them."""
    raise NotImplementedError


def always_true_conditions(policies: Iterable[Policy]) -> tuple[Condition, ...]:
    """Conditions that every request with the key satisfies, surely: `StringLike: *`, or ranges that add up to all."""
    raise NotImplementedError
