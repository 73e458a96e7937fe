"""Read series of counts from a spreadsheet: CSV, xlsx or ods, long or wide, months or quarters."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.sources.returns.definitions import normalise
from hcsp_assess.sources.returns.sheets import Sheet, read_sheets
from hcsp_assess.sources.series_files.columns import COUNT_WORDS, UNITS, Columns, choose_columns
from hcsp_assess.sources.series_files.figures import Figures, read_figures
from hcsp_assess.sources.series_files.periods import check_periods, quarters_of_months
from hcsp_assess.sources.series_files.tables import EXPLAINING, Layout, find_layout

FORMS = "write 2019-04, April 2019 or, for quarters, Q1 2019/20"


@dataclass(frozen=True)
class SeriesFile:
    """The series of a file.

    Attributes
    ----------
    counts : pandas.DataFrame
        One Int64 column for each series, on every month (freq "M") or every calendar quarter (freq "Q-DEC") from the
        first to the last; NA where no figure is given.
    notes : tuple of str
        What was left out or read in a special way, in sentences.
    unit_hint : str
        What is counted, where the heading says it ("incidents"); else "".
    """

    counts: pd.DataFrame
    notes: tuple[str, ...]
    unit_hint: str = ""

    @property
    def freq(self) -> str:
        """Frequency of the index: "M" for months, "Q-DEC" for quarters."""
        return str(pd.PeriodIndex(self.counts.index).freqstr)


def read_series(
    path: Path | str,
    *,
    time: str | None = None,
    value: str | Sequence[str] | None = None,
    series: str | Sequence[str] | None = None,
    sheet: str | None = None,
    today: dt.date | None = None,
) -> SeriesFile:
    """Read the series of counts in a spreadsheet, whatever its form.

    Parameters
    ----------
    path : Path or str
        CSV in any common encoding and separator, xlsx or ods. Long (month, series, count), wide (a column for each
        series) or with months as headings (a row for each series); title lines above and remarks below are left out.
    time : str, optional
        Heading of the column of months or quarters, where the file has several.
    value : str or sequence of str, optional
        Headings of the columns of counts; by default every column of counts.
    series : str or sequence of str, optional
        Headings of the columns that name a series; by default those that tell rows of one month apart. Several are
        joined: "Barnet: Shoplifting".
    sheet : str, optional
        Name or number of the sheet of a workbook, where several hold series.
    today : datetime.date, optional
        A count of a later month is refused; by default the present day.

    Returns
    -------
    SeriesFile
        Counts, notes for the reader, and the unit that the heading names. A gap, "[c]", "<5", ".." and a month that
        is not there are NA, never zero. "Q1 10/11" is April to June 2010, "2010 Q1" is January to March 2010.

    Raises
    ------
    InputError
        With the line and the remedy: no months or quarters, no counts (percentages or money alone), a figure that is no
        whole number, a month twice, a month in the future or decades from the others, months beside quarters.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "burglary.csv"
    ...     _ = file.write_text("Month;Count\\nSept-19;24\\nOct-19;<5\\nDec-19;1,038\\n", encoding="utf-8")
    ...     found = read_series(file)
    >>> found.counts["burglary"].tolist(), found.notes
    ([24, <NA>, <NA>, 1038], ('1 suppressed figure ([c], <5 and similar): treated as not held, not as zero.',))
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    try:
        sheets = read_sheets(path, content)
    except InputError as error:
        raise InputError(_from(path, str(error))) from error
    try:
        found = _chosen_sheet(sheets, sheet, time)
        return _read(found, path.stem, _listed(value), _listed(series), today or dt.date.today())  # noqa: DTZ011
    except InputError as error:
        remarks = "; ".join(remark for one in sheets for remark in one.remarks)
        raise InputError(_from(path, str(error)) + (f" ({remarks})" if remarks else "")) from error


def _from(path: Path, said: str) -> str:
    return said if said.startswith(path.name) else f"{path.name}: {said}"


def _listed(names: str | Sequence[str] | None) -> tuple[str, ...]:
    if names is None:
        return ()
    return (names,) if isinstance(names, str) else tuple(names)


def _chosen_sheet(sheets: Sequence[Sheet], wanted: str | None, time: str | None) -> Layout:
    if wanted is not None:
        sheets = [_named_sheet(sheets, wanted)]
    elif len(sheets) > 1:
        sheets = [sheet for sheet in sheets if normalise(sheet.name) not in EXPLAINING]
    if not any(any(value is not None for value in row) for sheet in sheets for row in sheet.rows):
        raise InputError("the file is empty: it needs a heading row and a row for each month")
    found = [layout for sheet in sheets if (layout := find_layout(sheet, time)) is not None]
    with_counts = [layout for layout in found if len(found) == 1 or _has_counts(layout)]
    if len(with_counts) > 1:
        names = ", ".join(repr(layout.grid.sheet.name) for layout in with_counts)
        raise InputError(f"{len(with_counts)} sheets have series ({names}): choose one with --sheet")
    if with_counts or found:
        return (with_counts or found)[0]
    if time is not None:
        raise InputError(f"no column is headed {time!r} (--time)")
    raise InputError(f"no column or heading row has months or quarters: {FORMS}, or name the column with --time")


def _named_sheet(sheets: Sequence[Sheet], wanted: str) -> Sheet:
    for number, sheet in enumerate(sheets, start=1):
        if normalise(sheet.name) == normalise(wanted) or wanted.strip() == str(number):
            return sheet
    names = ", ".join(repr(sheet.name) for sheet in sheets if sheet.name)
    raise InputError(
        f"there is no sheet {wanted!r} (--sheet); " + (f"the sheets are {names}" if names else "a CSV has none")
    )


def _has_counts(layout: Layout) -> bool:
    try:
        return bool(choose_columns(layout, (), ()).counts)
    except InputError:
        return False


def _read(layout: Layout, stem: str, value: Sequence[str], series: Sequence[str], today: dt.date) -> SeriesFile:
    _refuse_split_numbers(layout)
    columns = choose_columns(layout, value, series)
    figures = read_figures(layout, columns, _names(layout, columns, stem))
    if not figures.series:
        raise InputError("the table has a heading but no figures")
    figures, step_notes = quarters_of_months(layout, figures)
    figures, period_notes = check_periods(layout, figures, today)
    notes = (*layout.grid.sheet.remarks, *layout.notes, *step_notes, *period_notes, *columns.notes, *figures.notes)
    return SeriesFile(_frame(figures), tuple(_sentence(note) for note in notes), _unit(layout, columns))


def _refuse_split_numbers(layout: Layout) -> None:
    """Stop where a number such as 1,234 without quotation marks has become two cells, the second after all headings."""
    sheet, last = layout.grid.sheet, max(layout.headings, default=-1)
    if sheet.separator != "," or last < 1:
        return
    for row in range(layout.first_row, len(sheet.rows)):
        if re.fullmatch(r"\d{1,3} \d{3}", f"{sheet.at(row, last)} {sheet.at(row, last + 1)}"):
            raise InputError(
                f"line {row + 1} has more cells than the heading: write a number such as 1,234 without its comma, "
                "or in quotation marks"
            )


def _names(layout: Layout, columns: Columns, stem: str) -> dict[int, str]:
    """Return the part of a series' name that each column of counts gives: "" where the name is in another column."""
    if layout.across or layout.labels:
        return dict.fromkeys(columns.counts, "" if columns.names else stem)
    if len(columns.counts) > 1:
        return {column: layout.name(column) for column in columns.counts}
    column = columns.counts[0]
    heading = layout.headings.get(column, "")
    if columns.names:
        return {column: ""}
    return {column: stem if not heading or normalise(heading) in COUNT_WORDS else heading}


def _unit(layout: Layout, columns: Columns) -> str:
    """Return the unit that the one heading of counts names, as the last of its words: "Number of incidents"."""
    headings = {normalise(layout.headings.get(column, "")) for column in columns.counts}
    if layout.across or len(headings) != 1:
        return ""
    words = next(iter(headings)).split()
    return next((word for word in reversed(words) if word in UNITS), "")


def _frame(figures: Figures) -> pd.DataFrame:
    ordinals = figures.ordinals
    first, last = (_period(figures, ordinal) for ordinal in (ordinals[0], ordinals[-1]))
    index = pd.period_range(first, last, name=figures.unit)
    every = range(ordinals[0], ordinals[-1] + 1)
    columns = {
        name: pd.array([spells.get(ordinal) for ordinal in every], dtype="Int64")
        for name, spells in figures.series.items()
    }
    return pd.DataFrame(columns, index=index)


def _period(figures: Figures, ordinal: int) -> pd.Period:
    if figures.unit == "month":
        return pd.Period(year=ordinal // 12, month=ordinal % 12 + 1, freq="M")
    return pd.Period(year=ordinal // 4, quarter=ordinal % 4 + 1, freq="Q-DEC")


def _sentence(note: str) -> str:
    return re.sub(r"^[a-z]", lambda match: match[0].upper(), note.rstrip(".")) + "."
