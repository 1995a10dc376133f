"""The order API's validation: any input is an order or a reasoned refusal, and no cent is ever lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from orders.validation import CENT, CURRENCIES, InvalidOrderError, Order, money, read_order

from infra_checks.testing import declared_stack
from tests.unit.infra.order_processing.calls import TEMPLATE, Backend, answer, cents, deployed, order, request

MODEL = declared_stack(TEMPLATE, {"AWS::Region": "us-east-1"}).get("OrderModel", "Properties.Schema")
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
AMOUNTS = st.integers(1, 99_999_999)
ITEMS = st.lists(
    st.tuples(st.from_regex(r"[A-Z0-9][A-Z0-9-]{0,8}", fullmatch=True), st.integers(1, 999), AMOUNTS),
    min_size=1,
    max_size=8,
    unique_by=lambda item: item[0],
)
"""Article, quantity, and price in cents."""

NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "customerId": JSON | st.just("customer-1"),
        "currency": JSON | st.sampled_from(sorted(CURRENCIES)),
        "items": JSON
        | st.lists(
            st.fixed_dictionaries(
                {}, optional={"sku": JSON | st.just("MUG-1"), "quantity": JSON | st.just(1), "unitPrice": JSON}
            ),
            max_size=3,
        ),
    },
)
"""Orders with anything in the place of anything."""


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    with pytest.MonkeyPatch.context() as monkeypatch, deployed(monkeypatch) as made:
        yield made


def outcome_of(body: str) -> Order | list[str]:
    """The order, or the reasons why it is none."""
    try:
        return read_order(body)
    except InvalidOrderError as error:
        return error.reasons


def priced(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02}"


def items_of(wanted: list[tuple[str, int, int]]) -> list[dict[str, object]]:
    return [{"sku": sku, "quantity": quantity, "unitPrice": priced(amount)} for sku, quantity, amount in wanted]


@given(st.text() | JSON.map(json.dumps) | NEARLY.map(json.dumps))
@example("\ud800")
@example("9" * 5000)
@example('{"items": [{"unitPrice": 1e1000000000000000000000}]}')
def test_any_text_is_an_order_or_a_refusal_with_reasons(body: str) -> None:
    read = outcome_of(body)
    if isinstance(read, Order):
        assert read.items
    else:
        assert read
        assert all(reason and reason.isprintable() for reason in read)


@pytest.mark.usefixtures("backend")
@settings(max_examples=60)
@given(st.text() | JSON.map(json.dumps) | NEARLY.map(json.dumps))
def test_any_body_is_answered_and_never_by_a_failure(body: str) -> None:
    status, answered = answer(request(body=body))
    assert status in {200, 201, 400, 422}
    assert status < 400 or answered["details"]


@pytest.mark.usefixtures("backend")
@settings(max_examples=60)
@given(st.dictionaries(st.text(), JSON) | st.none(), JSON, JSON)
def test_any_headers_and_parameters_are_answered(headers: object, query: object, path: object) -> None:
    for route in ("POST /orders", "GET /orders", "GET /orders/{orderId}"):
        event = {**request(route), "headers": headers, "queryStringParameters": query, "pathParameters": path}
        assert answer(event)[0] in {400, 404}


@given(ITEMS)
def test_a_total_is_exact_to_the_cent(wanted: list[tuple[str, int, int]]) -> None:
    read = read_order(json.dumps(order(items=items_of(wanted))))
    assert read.total == Decimal(sum(quantity * amount for _, quantity, amount in wanted)) / 100
    assert read.total.as_tuple().exponent == -2


@given(ITEMS, st.sampled_from(sorted(CURRENCIES)), st.booleans())
def test_api_gateway_s_model_refuses_no_order_that_the_function_takes(
    wanted: list[tuple[str, int, int]], currency: str, as_numbers: bool
) -> None:
    sent = order(currency=currency, items=items_of(wanted))
    if as_numbers:
        sent["items"] = [{**item, "unitPrice": float(str(item["unitPrice"]))} for item in items_of(wanted)]
    read_order(json.dumps(sent))
    Draft4Validator(MODEL).validate(sent)


@given(AMOUNTS)
def test_an_amount_means_the_same_as_text_and_as_number(amount: int) -> None:
    written = priced(amount)
    as_number = read_order(json.dumps(order()).replace('"19.99"', written))
    assert as_number.items[0].unit_price == money(written) == Decimal(amount) * CENT


@given(st.decimals(allow_nan=False, allow_infinity=False))
@example(Decimal("1E-30"))
@example(Decimal("1E+999999"))
@example(Decimal("0.005"))
def test_an_amount_is_taken_as_it_is_or_not_at_all(number: Decimal) -> None:
    taken = money(number)
    assert taken is None or taken == number


@pytest.mark.usefixtures("backend")
@settings(max_examples=25)
@given(ITEMS, st.from_regex(r"[A-Za-z0-9_.:-]{8,40}", fullmatch=True), st.integers(1, 3))
def test_however_often_an_order_is_sent_it_is_one_order(
    backend: Backend, wanted: list[tuple[str, int, int]], key: str, times: int
) -> None:
    for row in backend.rows():
        backend.table.delete_item(Key={"orderId": row["orderId"]})
    answers = [answer(request(body=order(items=items_of(wanted)), key=key)) for _ in range(times + 1)]
    assert [status for status, _ in answers] == [201] + [200] * times
    assert len({json.dumps(body) for _, body in answers}) == 1
    (row,) = backend.rows()
    assert cents(answers[0][1]["total"]) == row["total"] * 100
