from __future__ import annotations

import pytest
from botocore.exceptions import NoRegionError, ParamValidationError
from botocore.parsers import ResponseParserError

from infra_checks.errors import ConfigError
from infra_checks.live.clients import Access, Clients, told_as_unusable


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (NoRegionError(), "^AWS cannot be reached: no Region is given; name one with --region or AWS_DEFAULT_REGION$"),
        (
            ParamValidationError(report="Invalid length\nfor RoleArn"),
            "^AWS was not asked: .*Invalid length for RoleArn$",
        ),
        (ResponseParserError("<html>\n<p>Log in</p>"), "^what answered is not AWS; look at the endpoint's address"),
    ],
)
def test_what_botocore_says_is_told_in_one_line_with_what_to_do(error: Exception, message: str) -> None:
    with pytest.raises(ConfigError, match=message), told_as_unusable():
        raise error


def test_an_endpoint_that_is_no_address_is_unusable_input() -> None:
    clients = Clients(Access(region="eu-west-1", endpoint_url="nonsense"))
    with pytest.raises(ConfigError, match="Invalid endpoint: nonsense; an endpoint is written http://HOST:PORT"):
        clients.get("sqs")
