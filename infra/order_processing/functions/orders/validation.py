"""What an order has to look like, and what it costs.

Every text is turned into an order or into a list of reasons, each with the path of what is wrong; nothing else is
raised. Money is Decimal from the first character on: a float has no exact cent.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NoReturn

CENT: Final = Decimal("0.01")
HIGHEST_PRICE: Final = Decimal("999999.99")
MOST_ITEMS: Final = 50
MOST_PIECES: Final = 999
CURRENCIES: Final = frozenset({"CAD", "CHF", "EUR", "GBP", "USD"})
"""Those with cents; a yen has none and needs other arithmetic."""

_CUSTOMER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,63}", re.ASCII)
_SKU: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,39}", re.ASCII)
_MONEY: Final = re.compile(r"(?:0|[1-9][0-9]{0,5})(?:\.[0-9]{1,2})?", re.ASCII)
_KEY: Final = re.compile(r"[A-Za-z0-9_.:-]{8,128}", re.ASCII)
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z", re.ASCII)
_FIELDS: Final = ("customerId", "currency", "items")
_ITEM_FIELDS: Final = ("sku", "quantity", "unitPrice")


class InvalidOrderError(Exception):
    """What is wrong with a request, one sentence each."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Item:
    """So many pieces of one article, at a price for one piece."""

    sku: str
    quantity: int
    unit_price: Decimal

    @property
    def amount(self) -> Decimal:
        """The price of all pieces."""
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class Order:
    """What a customer wants."""

    customer_id: str
    currency: str
    items: tuple[Item, ...]

    @property
    def total(self) -> Decimal:
        """What all items cost, exact to the cent."""
        return sum((item.amount for item in self.items), Decimal(0)).quantize(CENT)


def read_order(body: str) -> Order:
    """The order in a request's body; raises InvalidOrderError with everything that is wrong."""
    return order_of(read_json(body))


def read_json(body: str) -> object:
    """The value of a JSON text, its numbers with a point or an exponent as Decimal."""
    try:
        value: object = json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, ArithmeticError, RecursionError):  # also numbers and nesting beyond what Python reads
        raise InvalidOrderError(["the body is no valid JSON"]) from None
    return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def order_of(value: object) -> Order:
    """The order in a JSON value."""
    if not isinstance(value, dict):
        raise InvalidOrderError(["the order must be a JSON object"])
    reasons = _strangers("the order", value, _FIELDS)
    customer = _text(value, "customerId", _CUSTOMER, "3 to 64 letters, digits, hyphens and underscores", reasons)
    currency = value.get("currency")
    if not isinstance(currency, str) or currency not in CURRENCIES:
        reasons.append(f"currency must be one of {', '.join(sorted(CURRENCIES))}")
    items = _items(value.get("items"), reasons)
    if reasons:
        raise InvalidOrderError(reasons)
    return Order(customer, str(currency), items)


def _items(value: object, reasons: list[str]) -> tuple[Item, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_ITEMS:
        reasons.append(f"items must be a list of 1 to {MOST_ITEMS} items")
        return ()
    items = tuple(item for number, each in enumerate(value) if (item := _item(number, each, reasons)) is not None)
    skus = [item.sku for item in items]
    reasons += [f"items: {sku} is there more than once" for sku in sorted({sku for sku in skus if skus.count(sku) > 1})]
    return items


def _item(number: int, value: object, reasons: list[str]) -> Item | None:
    at = f"items[{number}]"
    if not isinstance(value, dict):
        reasons.append(f"{at} must be a JSON object")
        return None
    wrong = _strangers(at, value, _ITEM_FIELDS)
    sku = _text(value, "sku", _SKU, "1 to 40 capital letters, digits and hyphens", wrong, f"{at}.")
    quantity = value.get("quantity")
    if type(quantity) is not int or not 1 <= quantity <= MOST_PIECES:  # a bool is an int, and no quantity
        wrong.append(f"{at}.quantity must be a whole number from 1 to {MOST_PIECES}")
    price = money(value.get("unitPrice"))
    if price is None:
        wrong.append(f"{at}.unitPrice must be an amount from 0.01 to {HIGHEST_PRICE} with at most two decimals")
    reasons += wrong
    if wrong or price is None or type(quantity) is not int:
        return None
    return Item(sku, quantity, price)


def money(value: object) -> Decimal | None:
    """A positive amount of whole cents, given as text or number; None when it is none.

    A JSON number must be an amount as it stands: 1.005 is refused, not rounded.
    """
    match value:
        case bool() | float():
            return None
        case str() if _MONEY.fullmatch(value):
            amount = Decimal(value)
        case int() | Decimal() if 0 < value <= HIGHEST_PRICE:
            amount = Decimal(value)
        case _:
            return None
    cents = amount.quantize(CENT)
    return cents if cents == amount and cents >= CENT else None


def _text(
    value: dict[str, Any], name: str, pattern: re.Pattern[str], form: str, reasons: list[str], at: str = ""
) -> str:
    text = value.get(name)
    if isinstance(text, str) and pattern.fullmatch(text):
        return text
    reasons.append(f"{at}{name} must be {form}")
    return ""


def _strangers(what: str, value: dict[str, Any], known: tuple[str, ...]) -> list[str]:
    """A mistyped field must not be passed over; its name is the caller's own text and is not repeated."""
    return [f"{what} has fields other than {', '.join(known)}"] if set(value) - set(known) else []


def idempotency_key(value: object) -> str:
    """The key by which a repeated request is known; raises InvalidOrderError when it is none."""
    if isinstance(value, str) and _KEY.fullmatch(value):
        return value
    raise InvalidOrderError(["the header Idempotency-Key must be 8 to 128 letters, digits and _ . : -"])


def order_id(value: object) -> str:
    """The id of an order in a path; raises InvalidOrderError when it is none."""
    if isinstance(value, str) and _UUID.fullmatch(value):
        return value
    raise InvalidOrderError(["orderId must be a UUID in lower case"])


def before(value: object) -> str:
    """The time in a query, before which orders are listed; raises InvalidOrderError when it is none."""
    if value is None:
        return "9999"
    if isinstance(value, str) and _TIME.fullmatch(value):
        return value
    raise InvalidOrderError(["before must be a time in UTC as orders have it, such as 2027-01-31T12:00:00.000000Z"])


def customer_id(value: object) -> str:
    """A customer's id in a query; raises InvalidOrderError when it is none."""
    if isinstance(value, str) and _CUSTOMER.fullmatch(value):
        return value
    raise InvalidOrderError(["customerId must be 3 to 64 letters, digits, hyphens and underscores"])
