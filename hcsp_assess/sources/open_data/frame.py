"""The common form of open data: one row per place, indicator and period, with an account that balances."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from hcsp_assess.errors import InputError

LEVELS: Final = ("district", "partnership", "county", "fire authority", "region", "country")
#: Columns and their types; `starts` and `ends` are the first and the last month of the period.
COLUMNS: Final = {
    "area_code": "str",
    "area_name": "str",
    "level": "str",
    "indicator": "str",
    "period": "str",
    "starts": "period[M]",
    "ends": "period[M]",
    "value": "Float64",
    "low": "Float64",
    "high": "Float64",
    "count": "Int64",
    "denominator": "Float64",
    "trend": "str",
    "note": "str",
}


@dataclass(frozen=True)
class Account:
    """What became of the rows of a supplier's files: read = area + comparison + not used + set aside, exactly.

    Attributes
    ----------
    read, area, comparison : int
        Rows read, kept for the area, and kept to compare it with.
    not_used, set_aside : tuple of (str, int)
        By reason: rows that are sound and not needed (another place, another breakdown), and rows that cannot be used.
    """

    read: int
    area: int
    comparison: int
    not_used: tuple[tuple[str, int], ...] = ()
    set_aside: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        if self.read != self.area + self.comparison + self.rows_not_used + self.rows_set_aside:
            raise AssertionError(f"the account of open data does not balance: {self}")

    @property
    def rows_not_used(self) -> int:
        """Rows that are sound and not needed."""
        return sum(number for _, number in self.not_used)

    @property
    def rows_set_aside(self) -> int:
        """Rows that cannot be used."""
        return sum(number for _, number in self.set_aside)

    @property
    def words(self) -> str:
        """The account as one line that adds up."""
        return (
            f"{self.read:,} rows = {self.area:,} of the area + {self.comparison:,} to compare + "
            f"{self.rows_not_used:,} not needed + {self.rows_set_aside:,} set aside"
        )


@dataclass(frozen=True)
class OpenData:
    """One supplier's figures for an area and the areas it is compared with.

    Attributes
    ----------
    supplier : str
        Key of the supplier in `definitions/open_data/`.
    frame : pandas.DataFrame
        Columns `COLUMNS`, in order of indicator, level, place and period. `value` is in the unit of the measure's
        definition; `low` and `high` are its published 95% limits; `count` and `denominator` what it was worked out
        from; `trend` the publisher's own words for the recent trend. NA = not published; `note` then says why, in the
        publisher's words.
    files : tuple of (str, str)
        Name and SHA-256 of each file that was read.
    """

    supplier: str
    frame: pd.DataFrame
    account: Account
    files: tuple[tuple[str, str], ...]

    def of(self, indicator: str, level: str, code: str = "") -> pd.DataFrame:
        """Return the rows of an indicator at a level, of one place if its code is given, by place and period."""
        frame = self.frame
        chosen = frame[(frame["indicator"] == indicator) & (frame["level"] == level)]
        return chosen[chosen["area_code"] == code] if code else chosen


def number(text: str) -> float | None:
    """Return the number that a published cell holds, or None if it is empty or a symbol such as "c", "x" or ":".

    Examples
    --------
    >>> number("1,234.5"), number("c"), number("")
    (1234.5, None, None)
    """
    try:
        found = float(text.strip().replace(",", "").removesuffix("%"))
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def common_frame(rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    """Put rows into the common form.

    Parameters
    ----------
    rows : sequence of dict
        By column of `COLUMNS`; what a row lacks is missing ("" where the column is text).

    Raises
    ------
    InputError
        If a row has another level, or two rows are of one place, indicator and period.
    """
    frame = pd.DataFrame(list(rows)).reindex(columns=list(COLUMNS))
    texts = [name for name, kind in COLUMNS.items() if kind == "str"]
    frame[texts] = frame[texts].astype("object").where(frame[texts].notna(), "")
    frame = frame.astype(COLUMNS)
    strange = sorted(set(frame["level"]) - set(LEVELS))
    if strange:
        raise InputError(f"open data has no level {strange[0]!r}: there are {', '.join(LEVELS)}")
    keys = ["indicator", "level", "area_code", "starts", "ends"]
    twice = frame[frame.duplicated(keys)]
    if len(twice):
        row = twice.iloc[0]
        raise InputError(
            f"{row['indicator']} of {row['area_name'] or row['area_code']} for {row['period']} appears twice with "
            "different figures: keep only the newer file"
        )
    return frame.sort_values(keys, kind="stable", ignore_index=True)


def calendar_year(year: int) -> dict[str, object]:
    """Return period, starts and ends of a calendar year.

    Examples
    --------
    >>> calendar_year(2024)["period"]
    '2024'
    """
    return {"period": str(year), "starts": pd.Period(f"{year}-01", "M"), "ends": pd.Period(f"{year}-12", "M")}


def split_year(first: int, *, begins: int = 4, years: int = 1) -> dict[str, object]:
    """Return period, starts and ends of a year that runs over two calendar years, or of several together.

    Parameters
    ----------
    first : int
        Calendar year in which it begins.
    begins : int
        Month in which it begins: 4 for a financial year, 9 for an academic year.
    years : int
        How many years are taken together.

    Examples
    --------
    >>> split_year(2023)["period"], split_year(2021, years=3)["period"]
    ('2023/24', '2021/22 to 2023/24')
    """
    last = first + years - 1
    names = [f"{year}/{(year + 1) % 100:02d}" for year in dict.fromkeys((first, last))]
    starts = pd.Period(f"{first}-{begins:02d}", "M")
    return {"period": " to ".join(names), "starts": starts, "ends": starts + (12 * years - 1)}
