"""Which reports to build: a list in a file, or every area of the project."""

import csv
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import Project
from hcsp_assess.subject.areas import own_areas
from hcsp_assess.subject.editions import edition, editions

#: In place of a list: every area of the project's own.
ALL: Final = "all"


@dataclass(frozen=True)
class AreaReport:
    """A report to build: an edition for an area.

    Attributes
    ----------
    area, edition : str
        Their keys.
    """

    area: str
    edition: str

    @property
    def key(self) -> str:
        """Name of the edition for the area, as in `reports/`: see `editions.edition`."""
        return f"{self.edition}@{self.area}"


def read_areas(path: Path, project: Project, *, default_edition: str = "") -> tuple[AreaReport, ...]:
    """Read which reports to build.

    Parameters
    ----------
    path : Path
        A CSV with the columns `area` and, unless there is a default, `edition`; or a TOML file with a table
        ``[[partnership]]`` of the same fields for each. Both in UTF-8.
    default_edition : str
        The edition of lines that name none.

    Raises
    ------
    UsageError, InputError
        If the file cannot be read, lists nothing, a field is missing, a report is listed twice, or there is no such
        area or edition, or the edition cannot be made for the area. Nothing is built then.
    """
    reports = []
    for where, entry in _entries(path):
        area, key = (entry.get("area") or "").strip(), (entry.get("edition") or "").strip() or default_edition
        if not area or not key:
            raise UsageError(f"{where}: {'area' if not area else 'edition'} is missing")
        report = AreaReport(area, key)
        if report in reports:
            raise UsageError(f"{where}: edition {key} for {area} is listed twice")
        try:
            edition(report.key, project.root)
        except (UsageError, InputError) as error:
            raise type(error)(f"{where}: {error}") from error
        reports.append(report)
    if not reports:
        raise UsageError(f"{path.name} lists no area")
    return tuple(reports)


def every_area(project: Project, name: str) -> tuple[AreaReport, ...]:
    """Return one report of an edition for each area in the project's own `areas/`.

    Whether the edition can be made for an area is left to its run: one that cannot fails alone.

    Raises
    ------
    UsageError
        If no edition is given, there is none of that name, or the project has no area of its own.
    """
    if not name:
        raise UsageError("which edition, for all areas? Give its name, as in: hcsp-assess run 2025 --areas all")
    if name not in editions(project.root):
        edition(name, project.root)  # which says what there is
    found = own_areas(project.root)
    if not found:
        raise UsageError(
            f"{project.root}/areas has no area: set them up first with `hcsp-assess new partnership --all`"
        )
    return tuple(AreaReport(key, name) for key in found)


def _entries(path: Path) -> list[tuple[str, Mapping[str, Any]]]:
    """Entries of a list of areas, each with its place in the file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return _toml_entries(path, text) if path.suffix == ".toml" else _csv_entries(path, text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, csv.Error) as error:
        raise UsageError(f"the list of areas {path} cannot be read: {error}") from error


def _toml_entries(path: Path, text: str) -> list[tuple[str, Mapping[str, Any]]]:
    entries = tomllib.loads(text).get("partnership", [])
    if not (isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)):
        raise UsageError(f"the list of areas {path} needs one [[partnership]] table for each area")
    texts = [{str(name): str(value) for name, value in entry.items()} for entry in entries]
    return [(f"{path.name}, partnership {number}", entry) for number, entry in enumerate(texts, start=1)]


def _csv_entries(path: Path, text: str) -> list[tuple[str, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    if "area" not in (reader.fieldnames or []):
        raise UsageError(f"the list of areas {path} has no column area; it needs area and edition")
    return [(f"{path.name}, line {reader.line_num}", row) for row in reader if any(row.values())]
