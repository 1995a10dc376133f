"""Sets of numbers, dates and addresses as sorted intervals.

An end of an interval is a point: a number, or the place just below (-1) or above (1) it, so that open and closed ends
compare alike. Addresses are whole numbers, those of version 6 above all of version 4; their intervals end just below
the address that follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra_checks.iam.values import date, network, number

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

Point = tuple["Fraction | int", int]
Intervals = tuple[tuple[Point, Point], ...]

_FAR: Final = 10**160
_LOW: Final[Point] = (-_FAR, 0)
_HIGH: Final[Point] = (_FAR, 0)
_V6: Final = 1 << 40  # where version 6 starts
_V4_END: Final[Point] = (1 << 32, -1)
_V6_END: Final[Point] = (_V6 + (1 << 128), -1)

NUMBERS: Final[Intervals] = ((_LOW, _HIGH),)
ADDRESSES: Final[Intervals] = (((0, 0), _V4_END), ((_V6, 0), _V6_END))


def union(intervals: Iterable[tuple[Point, Point]]) -> Intervals:
    """The intervals in order, those that meet made one."""
    found: list[tuple[Point, Point]] = []
    for low, high in sorted(intervals):
        if found and low <= _after(found[-1][1]):
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


def intersection(one: Intervals, other: Intervals) -> Intervals:
    """What is in both."""
    found = []
    i = j = 0
    while i < len(one) and j < len(other):
        low, high = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if low <= high:
            found.append((low, high))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def complement(intervals: Intervals, domain: Intervals) -> Intervals:
    """What of the domain is not in the intervals."""
    gaps = []
    start: Point = (-2 * _FAR, 0)
    for low, high in intervals:
        gaps.append((start, _before(low)))
        start = _after(high)
    gaps.append((start, (2 * _FAR, 0)))
    return intersection(domain, tuple(gap for gap in gaps if gap[0] <= gap[1]))


def _after(point: Point) -> Point:
    return point[0], point[1] + 1


def _before(point: Point) -> Point:
    return point[0], point[1] - 1


def compared(order: str, values: Iterable[str], *, dates: bool) -> Intervals:
    """The numbers (or dates) that have the order, such as "LessThan", to one of the values."""
    read = date if dates else number
    found: list[tuple[Point, Point]] = []
    for text in values:
        limit = read(text)
        if limit is None:
            continue
        match order:
            case "Equals":
                found.append(((limit, 0), (limit, 0)))
            case "LessThan":
                found.append((_LOW, (limit, -1)))
            case "LessThanEquals":
                found.append((_LOW, (limit, 0)))
            case "GreaterThan":
                found.append(((limit, 1), _HIGH))
            case _:
                found.append(((limit, 0), _HIGH))
    return union(found)


def addresses(blocks: Iterable[str]) -> Intervals:
    """The addresses in the CIDR blocks."""
    found: list[tuple[Point, Point]] = []
    for text in blocks:
        block = network(text)
        if block is not None:
            offset = _V6 if block.version == 6 else 0  # noqa: PLR2004 - the version of the protocol
            found.append(((block.first + offset, 0), (block.last + offset + 1, -1)))
    return union(found)


def sample_address(intervals: Intervals) -> str:
    """The text of an address in them."""
    import ipaddress  # noqa: PLC0415 - slow to load, and few policies have addresses

    first = int(intervals[0][0][0])
    return str(ipaddress.IPv4Address(first) if first < _V6 else ipaddress.IPv6Address(first - _V6))


def sample_number(intervals: Intervals) -> str:
    """The text of a number in them, one near nought where there is one."""
    from fractions import Fraction  # noqa: PLC0415 - slow to load, and few policies have numbers

    low, high = intervals[0]
    bottom, top = Fraction(low[0]), Fraction(high[0])
    candidates = [Fraction(0), Fraction(1), bottom, top, bottom + 1, top - 1, (bottom + top) / 2]
    return _text(min((value for value in candidates if low <= (value, 0) <= high), key=abs))


def _text(value: Fraction) -> str:
    """The exact decimal text; the ends were decimal numbers, so their middle is one."""
    digits = 0
    while value * 10**digits != int(value * 10**digits):
        digits += 1
    whole = str(abs(int(value * 10**digits))).rjust(digits + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole)
