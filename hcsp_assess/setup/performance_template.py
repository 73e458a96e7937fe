"""Write the spreadsheet for an area's own indicators: a row for each quarter, a column for each indicator."""

import io
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from hcsp_assess.errors import InputError
from hcsp_assess.periods import FinancialYear, Quarter
from hcsp_assess.sources.indicators import Indicator
from hcsp_assess.sources.performance_sheet import OUT_OF
from hcsp_assess.sources.returns.dates import to_quarter

#: Financial years before the present one that the sheet has rows for, and rows beyond these that are checked too.
YEARS_BEFORE, ROWS_CHECKED = 3, 200
QUARTER, MONTHS = "Quarter", "Months"


@dataclass(frozen=True)
class Figures:
    """Figures of an indicator by quarter, and what percentages are of."""

    by_quarter: dict[Quarter, float] = field(default_factory=dict)
    out_of: dict[Quarter, float] = field(default_factory=dict)


def performance_table(path: Path, indicator: Indicator, figures: Figures, year: FinancialYear) -> bytes:
    """Return the spreadsheet with a column more; all that was in it stays.

    Parameters
    ----------
    path : Path
        The spreadsheet; a new one is made where there is none.
    indicator : Indicator
        The indicator whose column is added, and for a percentage a second column for what it is of.
    figures : Figures
        Figures to write into it.
    year : FinancialYear
        The last year that a new sheet has rows for.

    Raises
    ------
    InputError
        If the file is no workbook, or has formulas, whose results would be lost: a person adds the column.
    """
    workbook = _open(path, indicator) if path.is_file() else _new(year)
    sheet, row = _find(workbook, path)
    rows = _quarter_rows(sheet, row)
    for quarter in sorted({*figures.by_quarter, *figures.out_of} - rows.keys()):
        rows[quarter] = sheet.max_row + 1
        _write_quarter(sheet, rows[quarter], quarter)
    columns = {indicator.name: figures.by_quarter}
    if indicator.unit == "percent":
        columns[f"{indicator.name}{OUT_OF}"] = figures.out_of
    for heading, values in columns.items():
        column = sheet.max_column + 1
        _write_heading(sheet, row, column, heading)
        _add_check(sheet, row, column, percent=indicator.unit == "percent" and heading == indicator.name)
        for quarter, value in values.items():
            sheet.cell(rows[quarter], column, int(value) if float(value).is_integer() else value)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def _open(path: Path, indicator: Indicator) -> Workbook:
    by_hand = f"add a column headed {indicator.name!r} to {path.name} by hand, and the entry to indicators.toml"
    if path.suffix.lower() != ".xlsx":
        raise InputError(f"{path.name} is not a workbook that a column can be added to: save it as .xlsx, or {by_hand}")
    workbook = load_workbook(path)
    formulas = [
        f"{sheet.title} {cell.coordinate}"
        for sheet in workbook.worksheets
        for line in sheet.iter_rows()
        for cell in line
        if cell.data_type == "f"
    ]
    if formulas:
        raise InputError(f"{path.name} has formulas ({formulas[0]}), whose results would be lost: {by_hand}")
    return workbook


def _new(year: FinancialYear) -> Workbook:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "Figures"
    for column, heading in enumerate((QUARTER, MONTHS), start=1):
        _write_heading(sheet, 1, column, heading)
    first = FinancialYear(year.start - YEARS_BEFORE)
    quarter, last = first.quarters[0], year.quarters[-1]
    while quarter <= last:
        _write_quarter(sheet, sheet.max_row + 1, quarter)
        quarter += 1
    sheet.freeze_panes = "C2"
    notes = workbook.create_sheet("Notes")
    for number, line in enumerate(_NOTES, start=1):
        notes.cell(number, 1, line)
    notes.column_dimensions["A"].width = 100
    return workbook


_NOTES = (
    "How to fill in this workbook",
    "Write one figure for each quarter of the financial year: Q1 is April to June.",
    "Leave the cell of a quarter without a figure blank. A nought means that nothing happened.",
    "Write a percentage as 38 or 38%. If you know how many people or cases it is of, write that number in the column "
    "“out of”: only then can a change be tested.",
    "Add rows for later quarters at the end. Do not change the headings: they are the names in indicators.toml.",
)


def _find(workbook: Workbook, path: Path) -> tuple[Worksheet, int]:
    """The sheet with a heading `Quarter`, and the row of its headings."""
    for sheet in workbook.worksheets:
        for number, row in enumerate(sheet.iter_rows(max_row=30), start=1):
            if QUARTER.casefold() in [str(cell.value).strip().casefold() for cell in row]:
                headings = [str(cell.value).strip().casefold() for cell in row]
                if "indicator" in headings:
                    raise InputError(f"{path.name} has a row for each figure: add rows for the new indicator by hand")
                return sheet, number
    raise InputError(f"{path.name} has no column headed Quarter: add one")


def _quarter_rows(sheet: Worksheet, row: int) -> dict[Quarter, int]:
    """The row of each quarter."""
    headings = [str(cell.value).strip().casefold() for cell in sheet[row]]
    column = headings.index(QUARTER.casefold()) + 1
    found = {number: to_quarter(sheet.cell(number, column).value) for number in range(row + 1, sheet.max_row + 1)}
    return {quarter: number for number, quarter in found.items() if quarter is not None}


def _write_quarter(sheet: Worksheet, row: int, quarter: Quarter) -> None:
    cell = sheet.cell(row, 1, str(quarter))
    cell.number_format = "@"
    sheet.cell(row, 2, quarter.span.spoken)


def _write_heading(sheet: Worksheet, row: int, column: int, heading: str) -> None:
    cell = sheet.cell(row, column, heading)
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = PatternFill("solid", fgColor="1F3A5F")
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions[get_column_letter(column)].width = 24


def _add_check(sheet: Worksheet, row: int, column: int, *, percent: bool) -> None:
    """Refuse in the spreadsheet what would be refused later: letters, negative numbers, more than 100%."""
    check = DataValidation(
        type="decimal" if percent else "whole",
        operator="between" if percent else "greaterThanOrEqual",
        formula1="0",
        formula2="100" if percent else None,
        allow_blank=True,
        showErrorMessage=True,
        errorTitle="Not a figure",
        error="Write a percentage from 0 to 100." if percent else "Write a whole number, 0 or more.",
    )
    letter = get_column_letter(column)
    check.add(f"{letter}{row + 1}:{letter}{row + ROWS_CHECKED}")
    sheet.add_data_validation(check)
