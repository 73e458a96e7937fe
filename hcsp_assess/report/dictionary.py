"""The data dictionary of a report: every file beside it, every column of each table, what it means, in which unit."""

import csv
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources

import pandas as pd
from markupsafe import Markup

from hcsp_assess.report.tables import Table

FILES, COLUMNS = "outputs.toml", "output_columns.csv"
NO_UNIT = "–"
INTRODUCTION = "Every file beside the report, every column, what it means and in which unit."


@dataclass(frozen=True)
class Field:
    """A column of a file, or a field of a document.

    Attributes
    ----------
    name, means, unit, source : str
        Its heading, what it holds, in which unit ("" for text), and where it comes from.
    """

    name: str
    means: str
    unit: str = ""
    source: str = ""


@dataclass(frozen=True)
class OutputFile:
    """A file that a run puts beside the report.

    Attributes
    ----------
    edition : str
        "both", or "restricted" for one that is not for publication.
    fields : tuple of Field
        Its columns or fields; of the spreadsheet those stand with each of its tables.
    """

    name: str
    about: str
    made_from: str
    edition: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Explained:
    """What the columns of certain tables mean; `heading` and `tables` may hold "*" for any characters."""

    heading: str
    tables: str
    means: str
    unit: str


@cache
def output_files() -> tuple[OutputFile, ...]:
    """Return every file that a run can put beside a report, with its fields, from definitions/outputs.toml."""
    entries = tomllib.loads(_definition(FILES))["file"]
    return tuple(
        OutputFile(
            entry["name"],
            entry["about"],
            entry["made_from"],
            entry.get("edition", "both"),
            tuple(Field(**field) for field in entry.get("fields", ())),
        )
        for entry in entries
    )


@cache
def explained_columns() -> tuple[Explained, ...]:
    """Return what columns of the report's tables mean, in the order in which they are looked up."""
    return tuple(Explained(**line) for line in csv.DictReader(_definition(COLUMNS).splitlines()))


def explain(table: str, heading: str) -> Explained | None:
    """Return what a column of a table means: the first entry that fits both; None where there is none."""
    return next(
        (
            item
            for item in explained_columns()
            if fnmatchcase(heading, item.heading) and fnmatchcase(table, item.tables)
        ),
        None,
    )


def unexplained(tables: Sequence[Table]) -> list[tuple[str, str]]:
    """List columns that the dictionary lacks, as (table, heading)."""
    return [(table.key, str(name)) for table in tables for name in table.frame if explain(table.key, str(name)) is None]


def dictionary_page(tables: Sequence[Table], files: Sequence[str], *, title: str, marked: Sequence[str] = ()) -> str:
    """Return the data dictionary of one edition as a page.

    Parameters
    ----------
    tables : sequence of Table
        Every table of the report, in the order of the spreadsheet's sheets.
    files : sequence of str
        Names of the files that lie beside the report.
    title : str
        Title of the report.
    marked : sequence of str
        Lines of handling of a restricted edition.
    """
    from hcsp_assess.report.pages import assemble_page

    known = [item for item in output_files() if item.name in files]
    shown = [f"<p>{Markup.escape(text)}</p>" for text in (*marked, INTRODUCTION)]
    shown += ["<h2>Files</h2>", _files(known)._repr_html_()]
    for item in known:
        if item.fields:
            shown += [f"<h2>{Markup.escape(item.name)}</h2>", _fields(item)._repr_html_()]
    shown += ["<h2>Sheets of tables.xlsx</h2>", _sheets(tables)._repr_html_()]
    shown += ["<h2>Columns of tables.xlsx</h2>", _columns(tables)._repr_html_()]
    return assemble_page(f"Data dictionary: {title}", Markup("\n".join(shown)))  # noqa: S704 - tables escape their cells


def _files(files: Sequence[OutputFile]) -> Table:
    frame = pd.DataFrame(
        [(item.name, item.about, item.made_from) for item in files], columns=["File", "What it holds", "Made from"]
    )
    return Table(frame, "Files beside the report", "dictionary-files")


def _fields(item: OutputFile) -> Table:
    lines = [(field.name, field.means, field.unit or NO_UNIT, field.source) for field in item.fields]
    frame = pd.DataFrame(lines, columns=["Column", "What it holds", "Unit", "Where it comes from"])
    return Table(frame, f"Columns of {item.name}", f"dictionary-{item.name.replace('.', '-').replace('_', '-')}")


def _sheets(tables: Sequence[Table]) -> Table:
    lines = [
        (
            f"Table {number}",
            table.caption,
            "; ".join(map(str, table.frame)),
            "simulated" if table.simulated else NO_UNIT,
        )
        for number, table in enumerate(tables, start=1)
    ]
    frame = pd.DataFrame(lines, columns=["Sheet", "Title", "Columns", "Records"])
    note = "Where its figures come from is printed under each table or chart of the report."
    return Table(frame, "Sheets, in the order of the report", "dictionary-sheets", (note,))


def _columns(tables: Sequence[Table]) -> Table:
    """Each heading and meaning once, with the sheets in which it is."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for number, table in enumerate(tables, start=1):
        for name in map(str, table.frame):
            entry = explain(table.key, name)
            means, unit = (entry.means, entry.unit) if entry else ("See the title and the notes of the table.", "")
            found.setdefault((name, means, unit or NO_UNIT), []).append(str(number))
    lines = [(*key, ", ".join(dict.fromkeys(numbers))) for key, numbers in sorted(found.items())]
    frame = pd.DataFrame(lines, columns=["Column", "What it holds", "Unit", "Tables"])
    return Table(frame, "Columns of the tables, by heading", "dictionary-columns")


def _definition(name: str) -> str:
    return (resources.files("hcsp_assess") / "definitions" / name).read_text(encoding="utf-8")
