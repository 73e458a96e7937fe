"""Find a table in a published workbook or CSV file by its headings, in whichever sheet and row they are."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from hcsp_assess.errors import InputError
from hcsp_assess.sources.returns.sheets import Sheet, read_sheets

HEADINGS_WITHIN = 30  # rows from the top of a sheet in which the headings are looked for
NOTE = re.compile(r"\s*(\[[^\]]*\]|\(note[^)]*\)|[\u00b9\u00b2\u00b3]+)\s*", re.IGNORECASE)


def read_sheet_table(
    path: Path, wanted: Mapping[str, Sequence[str]], publisher: str, *, optional: Sequence[str] = ()
) -> list[dict[str, str]]:
    """Read the first table of a file that has the headings wanted, as text.

    Parameters
    ----------
    path : Path
        A file as published: .ods, .xlsx or .csv, told by its content.
    wanted : mapping of str to sequence of str
        Our name of each column, and what the publisher has called it, in lower case. Line breaks, note markers ("[note
        1]", "[x]") and upper case in a file's headings do not matter.
    publisher : str
        Who publishes it, for messages.
    optional : sequence of str
        Our names of columns that a file may lack; they are then "".

    Returns
    -------
    list of dict
        A line of the table each, without lines that are empty in every column wanted.

    Raises
    ------
    InputError
        If the file is not there, is empty, is damaged, or has no such table.
    """
    again = f"fetch or download it again from {publisher}"
    if not path.is_file():
        raise InputError(f"{path.name} is not there: {again}")
    content = path.read_bytes()
    if not content.strip():
        raise InputError(f"{path.name} is empty: {again}")
    for sheet in read_sheets(path, content):
        found = _heading(sheet, wanted, optional)
        if found is not None:
            row, places = found
            lines = [
                {own: _text(sheet, line, place) for own, place in places.items()}
                for line in range(row + 1, len(sheet.rows))
            ]
            return [line for line in lines if any(line.values())]
    needed = ", ".join(names[0] for own, names in wanted.items() if own not in optional)
    raise InputError(f"{path.name} has no sheet with the columns {needed}: use the file as {publisher} publishes it")


def _heading(
    sheet: Sheet, wanted: Mapping[str, Sequence[str]], optional: Sequence[str]
) -> tuple[int, dict[str, int | None]] | None:
    """The row of the headings, and the place of each column, or None if the sheet has no such row."""
    for row, cells in enumerate(sheet.rows[:HEADINGS_WITHIN]):
        names = {clean_heading(str(cell)): place for place, cell in reversed([*enumerate(cells)]) if cell is not None}
        places = {own: next((names[said] for said in called if said in names), None) for own, called in wanted.items()}
        if all(place is not None for own, place in places.items() if own not in optional):
            return row, places
    return None


def clean_heading(text: str) -> str:
    """Return a heading in lower case, on one line, without note markers.

    Examples
    --------
    >>> clean_heading("Total\\nIncidents [note 2]")
    'total incidents'
    """
    return " ".join(NOTE.sub(" ", text).split()).casefold()


def _text(sheet: Sheet, row: int, place: int | None) -> str:
    value = None if place is None else sheet.at(row, place)
    return "" if value is None else str(value).strip()
