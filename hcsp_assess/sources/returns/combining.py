"""Combine the files of one return in order of receipt, setting aside what a later file replaces."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.files import printable
from hcsp_assess.periods import Quarter
from hcsp_assess.sources.returns.definitions import ReturnDefinition, return_definition
from hcsp_assess.sources.returns.reading import ReturnResult, is_return_file, no_rows, read_return, row_spans
from hcsp_assess.sources.text_table import read_text_table

RECEIVED: Final = "received.csv"


@dataclass(frozen=True)
class CombinedReturn:
    """Every file of one return put together.

    Attributes
    ----------
    rows : pandas.DataFrame
        Rows kept, with the column `file`; those of a later file replace those of an earlier one for the same thing.
    superseded : pandas.DataFrame
        Rows that a later file replaced: rows of all results = rows + superseded.
    results : tuple of ReturnResult
        The files that could be read, in order of their receipt.
    problems : tuple of str
        Why each of the other files could not be, personal data included; none of their content.
    """

    definition: ReturnDefinition
    rows: pd.DataFrame
    superseded: pd.DataFrame
    results: tuple[ReturnResult, ...]
    problems: tuple[str, ...] = ()
    method: str = "files in order of receipt; a later file replaces the same months or groups of an earlier one"

    @property
    def simulated(self) -> bool:
        """Whether any file is simulated."""
        return any(result.simulated for result in self.results)


def combine_return(
    folder: Path, name: str, *, root: Path | None = None, as_of: dt.date | None = None
) -> CombinedReturn:
    """Read every file of one return in a folder of returns and put their rows together.

    Parameters
    ----------
    folder : Path
        One folder per return, named after it (`marac/`), with the files as received in it.
    name : str
        Name of the return.
    root : Path, optional
        Root of a project with definitions of its own.
    as_of : datetime.date, optional
        Day of the register: a file that `received.csv` dates after it is not there yet.

    Returns
    -------
    CombinedReturn
        A file that can't be used stops that file, not the others: its message is in `problems`.

    Raises
    ------
    InputError
        If there is no such return, or `received.csv` can't be read.

    Notes
    -----
    Revisions: files are taken in order of receipt (then of name). In an aggregate return a row replaces an earlier
    file's row for the same group; in a return of records a file replaces all that earlier files say of its months.
    """
    definition = return_definition(name, root)
    results: list[ReturnResult] = []
    problems: list[str] = []
    for path in _in_order_of_receipt(folder, name, as_of):
        try:
            results.append(read_unchanged(path, definition, root))
        except InputError as error:
            problems.append(str(error))
    rows, superseded = _without_replaced(results, definition)
    return CombinedReturn(definition, rows, superseded, tuple(results), tuple(problems))


def received_dates(folder: Path) -> dict[str, dt.date]:
    """Return the day on which each file of a folder of returns was received, from its `received.csv`, by `file_key`.

    Raises
    ------
    InputError
        If the file has other columns, or days that can't be read.
    """
    path = folder / RECEIVED
    if not path.is_file():
        return {}
    table = read_text_table(path)
    if not {"file", "received"} <= set(table.columns):
        raise InputError(f"{path} has the columns {', '.join(table.columns)}; it needs file and received")
    try:
        days = [dt.date.fromisoformat(text) for text in table["received"]]
    except (TypeError, ValueError) as error:
        raise InputError(f"{path}: {error}; write dates as 2012-07-20") from error
    return dict(zip(table["file"], days, strict=True))


def return_files(folder: Path) -> list[Path]:
    """Return the files of one return, in order of their names; none where there is no such folder."""
    return sorted(path for path in folder.iterdir() if is_return_file(path)) if folder.is_dir() else []


def file_key(path: Path, folder: Path) -> str:
    """Return a file's name within a folder of returns, as `received.csv` has it: marac/q1.xlsx."""
    return printable(path.relative_to(folder))


def files_of_no_return(folder: Path, names: Collection[str]) -> list[str]:
    """Return the keys of files that are in no folder named after a return: loose, or in a folder of another name."""
    inside = sorted(folder.iterdir()) if folder.is_dir() else []
    loose = [path for path in inside if is_return_file(path) and path.name != RECEIVED]
    others = [file for path in inside if path.is_dir() and path.name not in names for file in return_files(path)]
    return [file_key(path, folder) for path in (*loose, *others)]


def read_unchanged(path: Path, definition: ReturnDefinition, root: Path | None) -> ReturnResult:
    """Read a file once, however often it is asked for, until it or the return's definition changes."""
    state = path.stat()
    return _read_once(path, state.st_size, state.st_mtime_ns, definition, root)


def quarters_covered(result: ReturnResult) -> set[Quarter]:
    """Return the quarters of which a file holds a figure, given or suppressed; of records, first to last."""
    if result.definition.grain == "record":
        return set() if result.span is None else {Quarter.of(month) for month in result.span.months}
    numbers = [f"{column.name}_status" for column in result.definition.columns if column.is_number]
    rows = result.rows[result.rows[numbers].isin(["given", "suppressed"]).any(axis=1)]
    return {Quarter.of(month) for span in row_spans(rows, result.definition) for month in span.months}


@lru_cache(maxsize=256)
def _read_once(path: Path, size: int, changed: int, definition: ReturnDefinition, root: Path | None) -> ReturnResult:
    return read_return(path, definition.name, root=root)


def _in_order_of_receipt(folder: Path, name: str, as_of: dt.date | None) -> list[Path]:
    days = received_dates(folder)
    received = {path: days.get(file_key(path, folder), dt.date.min) for path in return_files(folder / name)}
    held = [path for path, day in received.items() if as_of is None or day <= as_of]
    return sorted(held, key=lambda path: (received[path], path.name))


def _without_replaced(results: list[ReturnResult], definition: ReturnDefinition) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of all files that count, and those that a later file replaced."""
    if not results:
        empty = no_rows(definition).assign(file=pd.Series(dtype="str"))
        return empty, empty.copy()
    frames = [result.rows.assign(file=result.file, order=order) for order, result in enumerate(results)]
    together = pd.concat(frames, ignore_index=True)
    if definition.grain == "aggregate":
        groups = [column.name for column in definition.columns if not column.is_number]
        replaced = together.duplicated(subset=groups, keep="last")
    else:
        month = pd.Series([str(span.first) for span in row_spans(together, definition)], index=together.index)
        replaced = together["order"] < together["order"].groupby(month).transform("max")
    rows = together.drop(columns="order")
    return rows[~replaced].reset_index(drop=True), rows[replaced].reset_index(drop=True)
