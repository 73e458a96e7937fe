"""Decide by a whole column what one cell cannot: whether dates begin with the month, or percentages are shares of one.

One cell alone may mean two things: 01/04/2025 is 1 April in Britain and 4 January in America, and 0.4 may be 40 per
cent or 0.4 per cent. The other cells of the column decide. Where they do not, the cells in doubt are set aside.
"""

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from hcsp_assess.sources.returns.dates import DAY_MONTH_YEAR, whole_year
from hcsp_assess.sources.returns.definitions import PERIOD_TYPES, ReturnDefinition
from hcsp_assess.sources.returns.grid import Sheet, Value, as_percentage
from hcsp_assess.sources.returns.layout import Table
from hcsp_assess.sources.returns.values import plain

Order = Literal["day first", "month first", "doubt", "unknown"]
Scale = Literal["per cent", "share", "doubt"]
FEW: Final = 20  # dates of one order that outweigh one date of the other, which is then a slip of the pen
MANY: Final = 10  # different days, none after the 12th: by chance once in ten thousand columns
_BARE = re.compile(r"\d+(?:\.\d+)?(?:e-\d+)?")
BOTH_ORDERS: Final = "may be day/month or month/day, as other dates of its column: write 2025-04-01"
SHARE_OR_PERCENT: Final = "may be a share or a percentage: write 38%, not 0.38"


@dataclass(frozen=True)
class Habit:
    """How a column writes dates and percentages.

    Attributes
    ----------
    order : str
        Of dates in numbers: "day first", "month first", "doubt" or "unknown" (then day first, as in Britain).
    scale : str
        Of numbers in a column of percentages: "per cent", "share" (0.38 is 38 per cent) or "doubt".
    """

    order: Order = "unknown"
    scale: Scale = "per cent"

    def doubt(self, value: Value) -> str:
        """Return why a cell cannot be read although it looks like a value, or ""."""
        if self.order == "doubt" and (isinstance(value, dt.datetime) or _pair(value)):
            return BOTH_ORDERS
        share = None if self.scale != "doubt" else _bare_number(value)
        return SHARE_OR_PERCENT if share is not None and 0 < share <= 1 else ""

    def settled(self, value: Value) -> Value:
        """Return a cell as it means: 4/1/2025 as 2025-04-01 where the month is first, 0.38 as 38% among shares."""
        if self.order == "month first" and (match := _written(value)):
            return f"{whole_year(match[3])}-{int(match[1]):02d}-{int(match[2]):02d}"
        share = None if self.scale != "share" else _bare_number(value)
        return value if share is None else as_percentage(share)


PLAIN: Final = Habit()


def habits_of(sheet: Sheet, table: Table, definition: ReturnDefinition) -> dict[str, Habit]:
    """Return the habit of each column of a table that has dates, periods or percentages.

    A column of dates that does not decide by itself follows the others of the table, which one program wrote.
    """
    orders: dict[str, Order] = {}
    habits: dict[str, Habit] = {}
    for name, position in table.columns.items():
        kind = definition.column(name).type
        if kind in PERIOD_TYPES:
            orders[name] = date_order(_below(sheet, table, position), daily=kind == "date")
        elif kind == "percent":
            habits[name] = Habit(scale=percent_scale(_below(sheet, table, position)))
    decided = set(orders.values()) - {"unknown"}
    fallback: Order = "doubt" if len(decided) > 1 else next(iter(decided), "unknown")
    for name, order in orders.items():
        habits[name] = Habit(order=fallback if order == "unknown" else order)
    return habits


def date_order(values: list[Value], *, daily: bool = True) -> Order:
    """Return the order in which a column writes day and month.

    A part over 12 is a day. One date of the other order among many is a slip; more are two orders in one column. Doubt
    also where no day is after the 12th in many different dates, where a program has turned into dates just those days
    that are months too, and where a column of periods would begin all of them in January.
    """
    pairs = [pair for value in values if (pair := _pair(value))]
    day_first = sum(a > 12 >= b for a, b in pairs)
    month_first = sum(b > 12 >= a for a, b in pairs)
    if day_first and month_first:
        less, more = sorted((day_first, month_first))
        if less > 1 or more < FEW:
            return "doubt"
    if daily and _half_converted(values, pairs):
        return "doubt"
    if day_first or month_first:
        return "day first" if day_first > month_first else "month first"
    return _order_without_evidence(pairs, daily=daily)


def _order_without_evidence(pairs: list[tuple[int, int]], *, daily: bool) -> Order:
    firsts, seconds = {a for a, _ in pairs}, {b for _, b in pairs}
    if not daily and seconds == {1} and len(firsts) > 1:
        return "doubt"
    spread = len(firsts) > 1 and len(seconds) > 1 and firsts != {1}
    return "doubt" if spread and len({pair for pair in pairs if pair[0] != pair[1]}) >= MANY else "unknown"


def _half_converted(values: list[Value], pairs: list[tuple[int, int]]) -> bool:
    """Return whether real dates are all before the 13th and texts all after the 12th: day and month were swapped."""
    real = [value.day for value in values if isinstance(value, dt.datetime)]
    return min(len(real), len(pairs)) >= 3 and max(real) <= 12 and all(max(pair) > 12 for pair in pairs)


def percent_scale(values: list[Value]) -> Scale:
    """Return whether the bare numbers of a column of percentages are per cent, or shares of one.

    Shares: no number is over 1, at least two are between 0 and 1, one of them to two decimals and from 0.1, and none
    has a per cent sign. Doubt: numbers between 0 and 1 otherwise, or ones and zeros alone.
    """
    numbers = [number for value in values if (number := _bare_number(value)) is not None]
    between = [number for number in numbers if 0 < number < 1]
    signed = any(plain(value).endswith("%") for value in values)
    if not between:
        return "doubt" if numbers and max(numbers) == 1 else "per cent"
    exact = any(round(number, 1) != number for number in between)
    if not signed and max(numbers) <= 1 and len(between) >= 2 and exact and max(between) >= 0.1:
        return "share"
    return "doubt"


def _below(sheet: Sheet, table: Table, position: int) -> list[Value]:
    return [value for row, value in sheet.filled.get(position, []) if row > table.last]


def _written(value: Value) -> re.Match[str] | None:
    return _match(value) if isinstance(value, str) else None


@lru_cache(maxsize=50_000)  # the same days come often
def _match(text: str) -> re.Match[str] | None:
    return DAY_MONTH_YEAR.fullmatch(plain(text).casefold())


def _pair(value: Value) -> tuple[int, int] | None:
    match = _written(value)
    return None if match is None else (int(match[1]), int(match[2]))


def _bare_number(value: Value) -> float | None:
    """Return a number without a per cent sign, as a number or as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value)
    return float(text) if isinstance(value, str) and _BARE.fullmatch(text := plain(value).casefold()) else None
