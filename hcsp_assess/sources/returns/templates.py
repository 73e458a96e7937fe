"""Write blank templates for partners, and the data dictionary, from the definitions."""

import csv
from pathlib import Path
from typing import Final

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from hcsp_assess.errors import InputError
from hcsp_assess.sources.returns.definitions import Column, ReturnDefinition, return_definition, return_names

ROWS_CHECKED: Final = 5_000  # rows of a template that have a list to choose from
ROWS_FORMATTED: Final = 100  # rows whose cells have a format of their own; below them the column's counts
FREQUENCY_WORDS: Final = {
    "quarter": "each quarter, by the end of the following quarter",
    "year": "each year, by the end of the following quarter",
    "irregular": "when there is new information",
}
CERTAINTY_WORDS: Final = {
    "W": "read on a published page",
    "K": "general knowledge, not confirmed from the legislation",
    "S": "named in the strategy",
    "L": "local",
}
_TYPE_WORDS: Final = {
    "text": "text",
    "choice": "one from a list",
    "yes_no": "yes or no",
    "count": "whole number",
    "number": "number",
    "percent": "percentage",
    "date": "date",
    "time": "time of day",
    "month": "month",
    "quarter": "quarter",
    "financial_year": "financial year",
    "outward_postcode": "first half of a postcode",
    "lsoa": "LSOA code",
}
_FORMATS: Final = {
    "date": "yyyy-mm-dd",
    "month": "@",
    "quarter": "@",
    "financial_year": "@",
    "percent": "0.0%",
    "time": "@",
}


def write_template(name: str, path: Path, *, root: Path | None = None) -> Path:
    """Write a blank template for a return.

    Parameters
    ----------
    name : str
        Name of the return (`return_names`).
    path : Path
        File to write: ".xlsx" (headings, lists to choose from, a sheet of notes) or ".csv" (headings alone).
    root : Path, optional
        Root of a project with definitions of its own.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        If there is no such return, the suffix is another one, or the file is there already.

    Notes
    -----
    Filled in and read by `read_return`, the template gives back what was typed. Months, quarters and years are cells of
    text, so that Excel does not turn "11/12" into a date.
    """
    definition = return_definition(name, root)
    if path.exists():
        raise InputError(f"{path} already exists: choose another name")
    if path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerow([column.heading for column in definition.columns])
        return path
    if path.suffix.lower() != ".xlsx":
        raise InputError(f"templates are .xlsx or .csv files, not {path.name}")
    _workbook(definition).save(path)
    return path


def _workbook(definition: ReturnDefinition) -> Workbook:
    workbook = Workbook()
    data = workbook.worksheets[0]
    data.title = "Data"
    _write_headings(data, definition)
    lists = workbook.create_sheet("Lists")
    _write_notes(workbook.create_sheet("Notes"), definition)
    for position, column in enumerate(definition.columns, start=1):
        letter = get_column_letter(position)
        data.column_dimensions[letter].number_format = _FORMATS.get(column.type, "General")
        for row in range(2, ROWS_FORMATTED + 2):
            data.cell(row, position).number_format = _FORMATS.get(column.type, "General")
        _add_check(data, lists, column, letter, position)
    if lists.max_row == 1 and lists.cell(1, 1).value is None:
        workbook.remove(lists)
    return workbook


def _write_headings(sheet: Worksheet, definition: ReturnDefinition) -> None:
    for position, column in enumerate(definition.columns, start=1):
        cell = sheet.cell(1, position, column.heading)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="1F3A5F" if column.required else "5A6B7B")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.comment = Comment(f"{column.about} ({_TYPE_WORDS[column.type]})", "hcsp_assess")
        sheet.column_dimensions[get_column_letter(position)].width = max(14, len(column.heading) + 2)
    sheet.freeze_panes = "A2"


def _add_check(data: Worksheet, lists: Worksheet, column: Column, letter: str, position: int) -> None:
    allowed = column.allowed or (("yes", "no") if column.type == "yes_no" else ())
    if not allowed:
        return
    source = get_column_letter(position)
    for row, value in enumerate((column.heading, *allowed), start=1):
        lists.cell(row, position, value)
    check = DataValidation(
        type="list",
        formula1=f"Lists!${source}$2:${source}${len(allowed) + 1}",
        allow_blank=True,
        showErrorMessage=True,
        errorTitle=column.heading,
        error="Choose one from the list.",
        showInputMessage=True,
        promptTitle=column.heading,
        prompt=column.about[:250],
    )
    check.add(f"{letter}2:{letter}{ROWS_CHECKED + 1}")
    data.add_data_validation(check)


def _write_notes(sheet: Worksheet, definition: ReturnDefinition) -> None:
    lines = [
        definition.title,
        definition.about,
        f"From: {definition.holder}. Due {FREQUENCY_WORDS[definition.frequency]}.",
        f"Why: {definition.duty} ({CERTAINTY_WORDS[definition.certainty]}).",
        *definition.notes,
    ]
    for row, line in enumerate(lines, start=1):
        sheet.cell(row, 1, line)
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    start = len(lines) + 2
    for position, heading in enumerate(("Heading", "What to write", "Type", "Unit", "Required"), start=1):
        sheet.cell(start, position, heading).font = Font(bold=True)
    for row, column in enumerate(definition.columns, start=start + 1):
        for position, text in enumerate(_described(column), start=1):
            sheet.cell(row, position, text)
    for letter, width in zip("ABCDE", (34, 80, 22, 14, 14), strict=True):
        sheet.column_dimensions[letter].width = width


def _described(column: Column) -> tuple[str, str, str, str, str]:
    must = "column and value" if column.key else "column" if column.required else "no"
    return column.heading, column.about, _TYPE_WORDS[column.type], column.unit, must


def dictionary_page(root: Path | None = None) -> str:
    """Return the data dictionary of every return, as the Markdown text of docs/returns.md."""
    parts = [_INTRODUCTION, *(_section(return_definition(name, root)) for name in return_names(root))]
    return "\n".join(parts)


_INTRODUCTION: Final = """# Returns: the data dictionary

This page lists what each partner's return must contain, column by column. It is made from
`hcsp_assess/definitions/returns/*.toml` by `hcsp_assess.sources.returns.templates.dictionary_page`, and a test checks
that they agree. To change a return, change its definition. To add or replace a return in your project, put a file of
the same form in the project's folder `returns/`. How returns are used: [partners.md](partners.md).

**How a file is read.** CSV, xlsx and ods files are recognised by content. The table may be below title rows, have
headings over up to three rows, merged cells and remarks below it, and there may be other sheets. A heading is
recognised if it is the one listed, its name in code or one of the other headings, whatever the case and punctuation,
also with "number of" in front, in Welsh (`hcsp_assess/definitions/welsh.toml`) or in both languages. Years side by
side, a year in a column, line or title of its own, and tables with periods across are read into one row a period.
Every line is accounted for: lines = titles + headings + blank lines + remarks + rows, and rows = kept + set aside. A
row set aside keeps its sheet, cell, reason and text.

**What a cell means.** "<5", "*", "[c]" are suppressed: neither zero nor missing. "", "-", "..", "n/a", "[x]" are
missing, never zero. "1,234" is 1234; "35.1%" and a cell formatted as a percentage are 35.1 per cent. Shorthand of the
Government Statistical Service is read: [low] is suppressed, [u], [w], [x] are missing, "12 [r]", "[r] 12" and "12¹"
are 12. Totals are set aside, not added. So is a line of CSV with more cells than the heading: 1,011 without quotation
marks is two.

**What a column decides.** Dates in numbers are read day first, unless a day over 12 shows that the column begins with
the month; where both orders occur they are all set aside. Bare numbers in a column of percentages are shares of 1
(0.351 and 1.0 are 35.1 and 100 per cent) only where none is over 1 and at least two are exact fractions; in doubt they
are set aside. A formula without a result (#DIV/0!) is missing in an optional column, and sets a row aside in another.

**What is hidden.** Hidden rows and columns are read like the others. Rows of a hidden sheet are set aside, unless the
file has no other table. Either is said by `hcsp-assess read-return` and in `notes.csv`.

**How large a file may be.** Cells with a format and nothing in them cost nothing. A sheet may have 5 million cells with
something in them; beyond that, or where cells are spread too far, the file is refused with the reason.

**Identical rows.** In a return of records, identical rows are separate events and all are kept. In an aggregate return
a second identical row is set aside, and rows that contradict each other are all set aside.

**Personal data are refused.** A file is refused if a cell of any sheet (hidden ones too), its name, or a comment,
property, header, validation list, link, defined name, text box or pivot table has a name, date of birth, address,
full postcode, NHS, custody, collar, passport or driving licence number, National Insurance number, vehicle
registration, e-mail address, telephone number, name in a social network, bank account, UPRN or exact place. The
message names the place and never repeats what is there. Only the columns listed here are ever copied. What a column
means counts: a column of streets, schools or landlords may hold names that are not a person's ("Amber Wharf"), and a
column of references may hold numbers such as 22CP/1234/11. A cover sheet may name its contact. The author that a
spreadsheet program adds to every file is not looked at.

**How well it finds them.** `tests/data/returns/personal_values.tsv` has 2,741 invented values. In cells, titles, file
names and comments at least 95% of the personal ones are found and at most 3% of the others refused; a test holds
both. A list that the rules were changed for scores too well, so each new list was first scored as it was: personal
values found in cells, and other values refused, were 75% and 2% (list A, 299 and 330 values), 91% and 2% (B), 96% and
1% (C), 95% and 4% (D), 94% and 1% (E), 96% and 3% (F). Of new values, then, expect 95 in 100 to be found. Of 11,573
names of streets in official files 11 are refused in a column of streets, and 31 elsewhere; of 13,613 wards and
settlements 3 and 9. A rare name inside a sentence, and a first name alone, can pass. Lists decide, so they must be
kept up: `hcsp_assess/definitions/names/` (with their sources and licences) and `personal_data.toml`.

**If a file is refused wrongly.** A person responsible for data protection looks at each place and then runs
`hcsp-assess read-return FILE RETURN --reviewed-by "data protection officer" --reason "the name of a shop"`. The
role, the date, the reason and the places are kept in `reviewed.json` beside the returns, with the file's checksum
and without the values. Only this very file is read from then on: a changed one must be reviewed again.

**Why no library recognises personal data.** We measured Presidio's rules for the United Kingdom without a language
model (version 2.2): they found 36 of 248 personal values (29 of 94 if names are left out), and refused 4 of 253
others. phonenumbers refuses the numbers that Ofcom keeps for invented people, and takes "12-34-56" for a
number if it is less strict. python-stdnum has the NHS number's check and no other number that is looked for here.

**Why there is no schema library.** We considered pandera. A partner needs to know which cell of which sheet to
correct, one bad cell must not spoil a column, and a suppressed figure is a value of its own. All three are decided cell
by cell, before there is a data frame for a schema to check.

**Health data by outward postcode are never mapped to LSOAs**: a definition with both cannot be loaded, and
`counts_by_lsoa` refuses them.
"""


def _section(definition: ReturnDefinition) -> str:
    heads = ("Heading", "Name in code", "Meaning", "Type", "Unit", "Required", "Other headings", "Allowed")
    lines = [
        f"## `{definition.name}`: {definition.title}",
        "",
        definition.about,
        "",
        f"- From: {definition.holder}; due {FREQUENCY_WORDS[definition.frequency]}.",
        f"- Why: {definition.duty} ({CERTAINTY_WORDS[definition.certainty]}).",
        f"- Rows: {'one for each event' if definition.grain == 'record' else 'one for each group'}; dated by "
        f"`{definition.period}`; finest place: {definition.geography}; disclosure rule: `{definition.disclosure}`.",
        *([f"- Expected of assessments since {definition.since}."] if definition.since else []),
        *(f"- {note}" for note in definition.notes),
        *(f"- `{part}` may not exceed `{whole}`." for part, whole in definition.parts),
        "",
        f"| {' | '.join(heads)} |",
        f"|{'---|' * len(heads)}",
        *(f"| {' | '.join(_dictionary_row(column))} |" for column in definition.columns),
        "",
    ]
    return "\n".join(lines)


def _dictionary_row(column: Column) -> list[str]:
    heading, about, kind, unit, must = _described(column)
    said = "; ".join(f"{word} = {meant}" for word, meant in column.synonyms)
    allowed = "; ".join(column.allowed) + (f" (also: {said})" if said else "")
    cells = [heading, f"`{column.name}`", about, kind, unit, must, "; ".join(column.aliases), allowed]
    if column.characteristic:
        cells[2] += f" Protected characteristic: {column.characteristic}."
    return [cell.replace("|", "\\|") or "–" for cell in cells]
