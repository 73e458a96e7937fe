"""Monthly series from any small CSV: month and count, or month, series and count."""

import csv
import io
from pathlib import Path

import pandas as pd

from hcsp_assess.errors import InputError

MONTH_FORMATS = ("%Y-%m", "%Y-%m-%d", "%b %Y", "%B %Y", "%b-%y", "%m/%Y", "%Y%m")
NOT_PUBLISHED = {"", "na", "n/a", "-", "..", "[x]"}


def read_series(path: Path | str) -> pd.DataFrame:
    """Read a CSV of monthly counts.

    Parameters
    ----------
    path : Path or str
        A CSV with a heading line and two columns (month, count) or three (month, series, count), in any order that the
        headings make plain. Months as 2018-01, 2018-01-01, Jan 2018, January 2018, Jan-18, 01/2018 or 201801. A blank
        count, "na", "-", ".." or "[x]" is a month that was not published; so is a month that is not there.

    Returns
    -------
    pandas.DataFrame
        One Int64 column for each series, every month from the first to the last, NA where nothing was published.

    Raises
    ------
    InputError
        Naming the line: a month or a count that cannot be read, a month twice; or the file is no such table.
    """
    path = Path(path)
    rows = _rows(path)
    if not rows or len(rows[0]) not in (2, 3):
        raise InputError(f"{path.name} needs a heading line and two or three columns: month, (series,) count")
    month_at, series_at, count_at = _places(path, rows[0])
    cells: dict[tuple[str, pd.Period], int | None] = {}
    for line, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(rows[0]):
            raise InputError(f"{path.name} line {line} has {len(row)} columns; the heading has {len(rows[0])}")
        key = (row[series_at].strip() if series_at is not None else path.stem, _month(path, line, row[month_at]))
        if key in cells:
            raise InputError(
                f"{path.name} line {line}: {key[1]} of {key[0]!r} is there twice; add the two up, or remove one"
            )
        cells[key] = _count(path, line, row[count_at])
    if not cells:
        raise InputError(f"{path.name} has a heading and no data")
    return _wide(cells)


def _rows(path: Path) -> list[list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text(encoding="cp1252", errors="replace")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    if "\0" in text:
        raise InputError(f"{path.name} is not a text file: save the table as CSV")
    return list(csv.reader(io.StringIO(text)))


def _places(path: Path, heading: list[str]) -> tuple[int, int | None, int]:
    """Columns of month, series and count: by their headings, else in that order."""
    names = [name.strip().casefold() for name in heading]
    month = next((i for i, name in enumerate(names) if name in ("month", "date", "period")), 0)
    wanted = ("count", "counts", "number", "offences", "incidents", "records", "value", "total")
    count = next((i for i, name in enumerate(names) if name in wanted), len(names) - 1)
    if month == count:
        raise InputError(f"{path.name}: the headings {', '.join(heading)} do not say which column is the month")
    others = [i for i in range(len(names)) if i not in (month, count)]
    return month, (others[0] if others else None), count


def _month(path: Path, line: int, text: str) -> pd.Period:
    for form in MONTH_FORMATS:
        try:
            return pd.Period(pd.to_datetime(text.strip(), format=form), freq="M")
        except ValueError:
            continue
    raise InputError(f"{path.name} line {line}: {text.strip()!r} is not a month; write 2018-01 or January 2018")


def _count(path: Path, line: int, text: str) -> int | None:
    plain = text.strip().replace(",", "")
    if plain.casefold() in NOT_PUBLISHED:
        return None
    if not plain.removesuffix(".0").isdecimal():
        raise InputError(f"{path.name} line {line}: {text.strip()!r} is not a whole count of zero or more")
    return int(plain.removesuffix(".0"))


def _wide(cells: dict[tuple[str, pd.Period], int | None]) -> pd.DataFrame:
    months = sorted({month for _, month in cells})
    index = pd.period_range(months[0], months[-1], freq="M", name="month")
    names = dict.fromkeys(name for name, _ in cells)
    return pd.DataFrame({name: [cells.get((name, month)) for month in index] for name in names}, index=index).astype(
        "Int64"
    )
