"""Take in a partner's filled return: read it first, and keep it with its day of receipt only if it can be read."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from tempfile import TemporaryDirectory

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.files import csv_bytes, write_whole
from hcsp_assess.project import Project
from hcsp_assess.setup.edition_parts import add_return_parts, returns_folder
from hcsp_assess.sources.returns import ReturnResult, read_return, return_definition
from hcsp_assess.sources.returns.combining import RECEIVED, received_dates
from hcsp_assess.sources.returns.sheets import SUFFIXES
from hcsp_assess.sources.returns.templates import write_template
from hcsp_assess.sources.text_table import read_text_table
from hcsp_assess.subject.editions import edition


@dataclass(frozen=True)
class Received:
    """A return that was taken in.

    Attributes
    ----------
    path : Path
        Where it is kept, as received.
    result : ReturnResult
        What was read: rows kept, rows set aside and why.
    added : tuple of str
        What was added to the edition so that it shows the return, in words.
    """

    path: Path
    result: ReturnResult
    added: tuple[str, ...]


def receive_return(key: str, name: str, file: str, content: bytes, project: Project, *, day: dt.date) -> Received:
    """Check a partner's file, keep it as received, and make the edition show it.

    Parameters
    ----------
    key : str
        The edition.
    name : str
        Name of the return, such as "marac".
    file : str
        Name of the file as the partner sent it.
    content : bytes
        The file.
    day : datetime.date
        When it was received: written to `received.csv`.

    Raises
    ------
    PersonalDataError
        If it holds personal data; nothing of it is kept.
    InputError
        If it cannot be read, no row can be used, or another file of that name is held; nothing is changed.
    """
    chosen, plain = edition(key, project.root), PureWindowsPath(file).name
    if Path(plain).suffix.lower() not in SUFFIXES:
        raise InputError(f"{plain} is not a {', '.join(SUFFIXES)} file: save the return as one of these")
    folder = returns_folder(chosen, project)
    target = folder / return_definition(name, project.root).name / plain
    if target.is_file() and target.read_bytes() != content:
        raise InputError(
            f"another file called {plain} is already held for this return: give the new one another name, such as one "
            "with its date, so that both are kept"
        )
    result = _read_first(plain, name, content, project)
    if not result.account.kept:
        reasons = ", ".join(f"{number} {reason}" for reason, number in result.account.by_reason)
        raise InputError(f"{plain} has no row that can be used{f' ({reasons})' if reasons else ''}: fill in its rows")
    days = _days_with(folder, f"{name}/{plain}", day)
    added = add_return_parts(key, name, project, day=day)
    write_whole(target, content)
    write_whole(folder / RECEIVED, days)
    return Received(target, result, added)


def blank_template(name: str, project: Project) -> bytes:
    """Return the blank spreadsheet of a return, as `write_template` makes it."""
    with TemporaryDirectory() as folder:
        return write_template(name, Path(folder) / f"{name}.xlsx", root=project.root).read_bytes()


def _read_first(file: str, name: str, content: bytes, project: Project) -> ReturnResult:
    with TemporaryDirectory() as folder:
        path = Path(folder) / file
        path.write_bytes(content)
        return read_return(path, name, root=project.root)


def _days_with(folder: Path, file: str, day: dt.date) -> bytes:
    """The table of days of receipt with one line more; a file that is there keeps its first day."""
    known = received_dates(folder)
    table = read_text_table(folder / RECEIVED) if known else pd.DataFrame(columns=["file", "received"], dtype=str)
    if file not in known:
        line = pd.DataFrame([{"file": file, "received": day.isoformat()}])
        table = pd.concat([table, line], ignore_index=True)[[*table.columns]]
    return csv_bytes(table)
