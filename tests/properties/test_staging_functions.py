"""The masking of extracts: whatever a row says of a person, nothing of it is left, and joins still hold."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from masking.handler import (
    TABLES,
    InvalidRowError,
    masked,
    parameters,
    read_row,
)

KEYS = st.binary(min_size=32, max_size=32)
JSON = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.lists(st.text())
WORDS = st.text("ghijklmnopqrtuvwxyzäß", min_size=4, max_size=30)
"""Words without a hexadecimal digit, so that no token holds one by chance."""

USERS = st.fixed_dictionaries(
    {
        "id": st.uuids().map(str),
        "account_id": st.uuids().map(str),
        "email": st.tuples(WORDS, WORDS).map("@".join),
        "full_name": WORDS,
        "phone": st.from_regex(r"\+[0-9]{9,14}", fullmatch=True),
        "notes": st.text(max_size=200),
        "active": st.booleans(),
        "created_at": st.datetimes().map(lambda moment: moment.isoformat()),
    }
)


@given(USERS, KEYS)
def test_nothing_of_a_name_an_address_or_a_number_is_left(row: dict[str, Any], key: bytes) -> None:
    written = json.dumps(masked(row, "users", key), ensure_ascii=False)
    personal = [row["full_name"], row["phone"], *row["email"].split("@")]
    assume(not [word for word in personal if word in "Name user example invalid"])
    assert not [word for word in personal if word in written]


@given(USERS, USERS, KEYS)
def test_rows_of_one_address_are_still_rows_of_one_address_and_others_are_not(
    one: dict[str, Any], other: dict[str, Any], key: bytes
) -> None:
    first, second = (masked(row, "users", key) for row in (one, other))
    assert (first["email"] == second["email"]) is (one["email"] == other["email"])
    assert masked({**other, "email": one["email"].upper()}, "users", key)["id"] == str(uuid.UUID(other["id"]))


@given(USERS, KEYS, KEYS)
def test_without_the_key_of_the_extract_nobody_can_tell_whose_row_it_is(
    row: dict[str, Any], key: bytes, other: bytes
) -> None:
    assume(key != other)
    assert masked(row, "users", key)["email"] != masked(row, "users", other)["email"]


@given(
    st.sampled_from(sorted(TABLES)),
    st.dictionaries(st.sampled_from([*TABLES["users"], *TABLES["transactions"], "password"]), JSON),
    KEYS,
)
def test_any_object_is_masked_or_refused_and_what_is_masked_the_data_api_takes(
    table: str, row: dict[str, Any], key: bytes
) -> None:
    try:
        made = masked(read_row(json.dumps(row).encode()), table, key)
    except InvalidRowError as error:
        said = str(error)
    else:
        said = ""
        for each in parameters(table, made):
            ((kind, value),) = each["value"].items()
            assert isinstance(value, {"isNull": bool, "booleanValue": bool, "stringValue": str}[kind])
    assert re.fullmatch(r"|no id|\d+ columns that \w+ does not have|\w+ is no \w+", said)


@given(st.binary(max_size=300))
def test_any_line_is_read_as_an_object_or_refused(line: bytes) -> None:
    try:
        row = read_row(line)
    except InvalidRowError:
        return
    assert isinstance(row, dict)
