"""Read the ONS "Police force area data tables" of recorded crime, by partnership and by force."""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.periods import months_of, parse_month
from hcsp_assess.sources.recorded_crime.groups import group_of_heading
from hcsp_assess.sources.recorded_crime.partnerships import (
    find_partnership,
    force_named,
    forces_and_regions,
    key_of,
    partnership_of,
    region_of_force,
)
from hcsp_assess.sources.returns.sheets import Sheet, Value, address, read_sheets

#: Columns of official recorded crime, one row for each year, area and group.
COLUMNS = ("year_end", "level", "code", "name", "force", "region", "group", "count")
#: What a published table writes where it has no count.
NOT_AVAILABLE = ("", "[x]", "[u]", "[z]", "[c]", "[w]", "..", ":", "-")
_CODE = re.compile(r"[EW]\d{8}")
_YEAR_ENDING = re.compile(r"year ending (?:\d+ )?([a-z]+) (\d{4})", re.IGNORECASE)
_TITLE_ROWS, _FEWEST_GROUPS = 40, 5


@dataclass(frozen=True)
class PublishedTable:
    """What was read of one file of ONS tables.

    Attributes
    ----------
    table : pandas.DataFrame
        Official recorded crime: `year_end` (monthly Period), `level` ("partnership", "unassigned", "force", "region",
        "country"), `code`, `name`, `force`, `region`, `group`, `count` (Int64; NA where the table has no count).
    account : pandas.DataFrame
        One row for each sheet used: `sheet`, `title`, `year_end`, rows `read`, `kept` and `set_aside`; read is the sum
        of the other two.
    set_aside : pandas.DataFrame
        The rows that could not be used: `sheet`, `row` (as the spreadsheet numbers it), `reason`.
    not_used : dict of str to str
        Reason by sheet, for every sheet that is not a table of counts by partnership.
    """

    table: pd.DataFrame
    account: pd.DataFrame
    set_aside: pd.DataFrame
    not_used: dict[str, str]


@dataclass(frozen=True)
class _Layout:
    heading: int
    columns: dict[str, int]
    groups: dict[int, str]


@dataclass(frozen=True)
class _Area:
    level: str
    code: str
    name: str
    force: str
    region: str


class _SetAside(Exception):  # noqa: N818 - becomes a row of the account
    pass


def read_ons_table(path: Path | str, *, year_end: str = "") -> PublishedTable:
    """Read the counts of a workbook of police force area data tables, or of one table saved as CSV.

    Tables are found by their titles, wherever they are: "Table C2: Number of police recorded crimes ... by Community
    Safety Partnership area ..., year ending June 2025" and, for the year before, Table C5. Rates and percentage changes
    (C3, C4) are not read.

    Parameters
    ----------
    path : Path or str
        An .xlsx, .ods or .csv file.
    year_end : str
        Last month of the year, such as "2025-06", for a table whose title does not say it.

    Raises
    ------
    InputError
        If the file cannot be read or has no such table; the message says why each sheet was not used.

    Notes
    -----
    A row belongs to the force that it names: the releases to June 2025 give the unassigned rows of Surrey and Gwent the
    codes of Kent and South Wales. "[x]", "[u]" and blank cells are counts that are not available: NA, never 0.
    Unassigned offences, and those of an airport, have the level "unassigned" and no code. The City of London has one
    row, as a partnership and not as a force.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(
            f"{path} is not a file: give the workbook of police force area data tables, or a CSV of Table C2"
        )
    tables, accounts, aside, not_used = [], [], [], {}
    for sheet in read_sheets(path, _content(path)):
        name = sheet.name or path.name
        title = _title(sheet)
        reason, layout = _why_not(title, sheet, year_end)
        if layout is None:
            not_used[name] = reason
            continue
        when = _period(title, year_end)
        rows, problems, read = _read_rows(sheet, layout, when)
        tables += rows
        aside += [(name, row, why) for row, why in problems]
        accounts.append((name, title, when, read, read - len(problems), len(problems)))
    if not tables:
        reasons = "; ".join(f"{name}: {why}" for name, why in not_used.items())
        first = f" First row set aside: {aside[0][1]} ({aside[0][2]})." if aside else ""
        raise InputError(f"{path.name} has no table of counts by partnership or force.{first} {reasons}".strip())
    return PublishedTable(
        as_official(pd.DataFrame(tables, columns=list(COLUMNS))),
        pd.DataFrame(accounts, columns=["sheet", "title", "year_end", "read", "kept", "set_aside"]),
        pd.DataFrame(aside, columns=["sheet", "row", "reason"]),
        not_used,
    )


def as_official(table: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the columns and types of official recorded crime."""
    typed = table.loc[:, list(COLUMNS)].astype({"count": "Int64"})
    return typed.assign(year_end=months_of(typed["year_end"])).reset_index(drop=True)


def cleaned(name: object) -> str:
    """Return a name without notes in square brackets and outer spaces.

    Examples
    --------
    >>> cleaned("Humberside [note 4] ")
    'Humberside'
    """
    return " ".join(re.sub(r"\[[^\]]*\]", " ", str(name or "")).split())


def count_in(value: Value) -> int | None:
    """Return the count in a published cell, or None if not available; raises ValueError if it is not a count.

    Examples
    --------
    >>> count_in("1,247 "), count_in("[x]"), count_in("\u22123")
    (1247, None, -3)
    """
    if isinstance(value, bool):
        raise ValueError(value)
    if isinstance(value, (int, float)):
        if value != int(value):
            raise ValueError(value)
        return int(value)
    text = re.sub(r"\[note[^\]]*\]", "", str(value or "").casefold()).replace("\u2212", "-").replace(",", "").strip()
    if text in NOT_AVAILABLE:
        return None
    if not re.fullmatch(r"-?\d+(\.0+)?", text):
        raise ValueError(value)
    return int(float(text))


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError) as error:
        raise InputError(f"{path.name} is a damaged gzip file: fetch it again") from error


def _title(sheet: Sheet) -> str:
    """Return the first line that names a table or a period; notes above it are passed over."""
    texts = [str(value) for row in sheet.rows[:_TITLE_ROWS] for value in row if isinstance(value, str)]
    titles = [text for text in texts if re.match(r"\s*table\b", text, re.IGNORECASE) or _YEAR_ENDING.search(text)]
    return " ".join(titles[0].split()) if titles else ""


def _why_not(title: str, sheet: Sheet, given: str) -> tuple[str, _Layout | None]:
    """Return why a sheet is not used, or "" and its layout."""
    plain = title.casefold()
    if re.search(r"\brates?\b|per 1,?000", plain):
        return "its figures are rates, and only counts add up: use Table C2 or C5", None
    if "change" in plain:
        return "its figures are percentage changes: use Table C2 or C5", None
    layout = _layout(sheet)
    if layout is None:
        return "no line of headings with offence groups was found", None
    if not {"partnership name", "area name"} & set(layout.columns):
        return "it is by neither partnership nor police force", None
    if not (given or _YEAR_ENDING.search(title)):
        return 'its title has no "year ending June 2025": give the last month as year_end="2025-06"', None
    return "", layout


def _layout(sheet: Sheet) -> _Layout | None:
    for number, row in enumerate(sheet.rows[:_TITLE_ROWS]):
        groups = {column: group for column, value in enumerate(row) if (group := group_of_heading(value))}
        if len(set(groups.values())) >= _FEWEST_GROUPS:
            return _Layout(number, _area_columns(row), groups)
    return None


def _area_columns(row: list[Value]) -> dict[str, int]:
    found: dict[str, int] = {}
    for column, value in enumerate(row):
        words = set(re.findall(r"[a-z]+", str(value or "").casefold()))
        of = "partnership" if words & {"partnership", "csp"} else "force" if words & {"force", "pfa"} else ""
        what = "code" if "code" in words else "name"
        of = of or ("area" if words <= {"area", "code", "name"} and "area" in words else "")
        if of:
            found.setdefault(f"{of} {what}", column)
    return found


def _period(title: str, given: str) -> pd.Period:
    match = _YEAR_ENDING.search(title)
    if match is None:
        return parse_month(given)
    try:
        return pd.Period(pd.Timestamp(f"1 {match[1]} {match[2]}"), "M")
    except ValueError as error:
        raise InputError(f"{title!r} does not name a month: give its last month as year_end") from error


def _read_rows(
    sheet: Sheet, layout: _Layout, when: pd.Period
) -> tuple[list[tuple[object, ...]], list[tuple[int, str]], int]:
    rows: list[tuple[object, ...]] = []
    problems: list[tuple[int, str]] = []
    seen: dict[tuple[str, str, str], int] = {}
    read = 0
    for number in range(layout.heading + 1, len(sheet.rows)):
        if not any(value not in (None, "") for value in sheet.rows[number]):
            continue
        read += 1
        try:
            area = _area(sheet, number, layout)
            counts = list(_counts(sheet, number, layout))
            before = seen.setdefault((area.level, area.code, area.name), number)
            if before != number:
                raise _SetAside(f"{area.name} is already in row {before + 1}")
        except _SetAside as problem:
            problems.append((number + 1, str(problem)))
            continue
        about = (when, area.level, area.code, area.name, area.force, area.region)
        rows += [(*about, group, count) for group, count in counts]
    return rows, problems, read


def _area(sheet: Sheet, number: int, layout: _Layout) -> _Area:
    at = {name: cleaned(sheet.at(number, column)) for name, column in layout.columns.items()}
    if "area name" in at:
        return _force_or_region(at)
    force_code, force = _force(at)
    name, code = at.get("partnership name", ""), at.get("partnership code", "")
    if not force and not name:
        raise _SetAside("it names no known police force or partnership")
    if not name and not code:
        return _Area("force", force_code, force, force, region_of_force(force))
    if _is_unassigned(name) or (not code and "airport" in key_of(name)):
        return _Area(
            "unassigned", "", f"Unassigned {force}" if _is_unassigned(name) else name, force, region_of_force(force)
        )
    found = find_partnership(code) or find_partnership(name)
    if found:
        known = partnership_of(found)
        return _Area("partnership", known.code, known.name, known.force, known.region)
    if _CODE.fullmatch(code):
        return _Area("partnership", code, name, force, region_of_force(force))
    raise _SetAside(f"no community safety partnership {name!r} is known, and it has no code")


def _force_or_region(at: dict[str, str]) -> _Area:
    """Return the area of a row of Table P1 or P4; by its code, since West Midlands is a region and a force."""
    table = forces_and_regions()
    code, name = at.get("area code", ""), key_of(at["area name"])
    spelled = [
        name in {key_of(text) for text in (own, *other.split("|"))}
        for own, other in zip(table["name"], table["aliases"], strict=True)
    ]
    found = table[(table["code"] == code) if code else spelled]
    if len(found) != 1:
        raise _SetAside(f"no force, region or country {at['area name']!r} is known")
    one = found.iloc[0]
    force = one["name"] if one["level"] == "force" else ""
    region = one["name"] if one["level"] == "region" else one["region"]
    return _Area(one["level"], one["code"], one["name"], force, region)


def _force(at: dict[str, str]) -> tuple[str, str]:
    """Return code and name of a row's force: by its name, which is right where its code is that of another force."""
    by_name, by_code = (force_named(at.get(f"force {what}", "")) for what in ("name", "code"))
    return by_name if by_name[1] else by_code


def _is_unassigned(name: str) -> bool:
    return name.casefold().startswith("unassigned")


def _counts(sheet: Sheet, number: int, layout: _Layout) -> Iterator[tuple[str, int | None]]:
    for column, group in layout.groups.items():
        value = sheet.at(number, column)
        try:
            yield group, count_in(value)
        except (ValueError, OverflowError) as error:
            raise _SetAside(
                f"{address(number, column)} holds {str(value)[:40]!r}, which is not a whole number"
            ) from error
