"""Read one cell of counts: a whole number, a suppressed figure, a blank, or not a count."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from hcsp_assess.sources.returns.definitions import Column
from hcsp_assess.sources.returns.sheets import UNSAVED
from hcsp_assess.sources.returns.values import read_value, without_marks

Kind = Literal["count", "suppressed", "missing", "percentage", "money", "fraction", "formula", "other"]
NUMBERS: Final = ("count", "percentage", "money", "fraction")
LARGEST: Final = 10**12  # far above any count of crimes in a month
_COUNT: Final = Column(name="count", heading="Count", type="count", about="")
_MISSING: Final = frozenset(
    {":", "~", "?", "[:]", "[u]", "[w]", "#ref!", "#value!", "#div/0!", "#null!", "#num!", "nil held"}
)
_MONEY = re.compile(r"[-(]?\s*(?:[£$€]|gbp)\s*\d[\d,. ]*[kmb]?\)?|\d[\d,. ]*\s*[£€]")
_DECIMAL_COMMA = re.compile(r"(-?\d+),(\d{1,2}|\d{4,})")
_TYPED = re.compile(r"^(?:'|=\s*)(?=\d)")  # as typed to keep Excel from changing a number: '12 or = 12
_POINTS = re.compile(r"\d{1,3}(?:\.\d{3})+")
_APOSTROPHES = re.compile(r"\d{1,3}(?:['’]\d{3})+")
_NOT_WHOLE = re.compile(r"[-−+]?\d[\d, ]*\.\d+|-?\d+,\d+|[-−+]\d[\d, ]*")


@dataclass(frozen=True)
class Cell:
    """A cell's content: a count, or why it is not one; `problem` is why it cannot be used, or ""."""

    kind: Kind
    value: int | None = None
    problem: str = ""


@lru_cache(maxsize=100_000)
def read_count(text: str, *, continental: bool = False) -> Cell:
    """Read the text of a cell as a count.

    Parameters
    ----------
    continental : bool
        Whether a point separates thousands and a comma decimals, as in files with semicolons from other countries.

    Examples
    --------
    >>> read_count("1,234"), read_count("<5").kind, read_count("24p").value, read_count("24%").kind
    (Cell(kind='count', value=1234, problem=''), 'suppressed', 24, 'percentage')
    """
    if text.isascii() and text.isdecimal():
        return _whole(text)
    lower = without_marks(text.casefold())
    if lower in _MISSING or text.casefold() in _MISSING:
        return Cell("missing")
    if lower == UNSAVED:
        return Cell("formula", problem="is a formula without a saved result: open the file in Excel and save it again")
    if lower.endswith(("%", "per cent")) and lower[:1] in "0123456789.-+−":
        return Cell("percentage", problem="is a percentage")
    if _MONEY.fullmatch(lower):
        return Cell("money", problem="is an amount of money")
    lower = _plain_number(_TYPED.sub("", lower), continental=continental)
    if lower.isascii() and lower.isdecimal():
        return _whole(lower)
    reading = read_value(lower, _COUNT)
    if reading.status != "given":
        return Cell("suppressed" if reading.status == "suppressed" else "missing")
    if isinstance(reading.value, int):
        return _whole(str(reading.value))
    kind: Kind = "fraction" if _NOT_WHOLE.fullmatch(lower) else "other"
    return Cell(kind, problem="is not a whole count of zero or more")


def _plain_number(text: str, *, continental: bool) -> str:
    if continental and _POINTS.fullmatch(text):
        return text.replace(".", "")
    if _APOSTROPHES.fullmatch(text):
        return re.sub(r"\D", "", text)
    if match := _DECIMAL_COMMA.fullmatch(text):
        return match[1] if not match[2].strip("0") else f"{match[1]}.{match[2]}"
    return text


def _whole(text: str) -> Cell:
    if len(text) > 13 or int(text) > LARGEST:
        shown = text if len(text) <= 20 else f"a number of {len(text)} digits"
        return Cell("other", problem=f"is too large for a count ({shown})")
    return Cell("count", int(text))
