"""Write one edition for all partnerships, and the texts with which each of them can publish its report."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd

from hcsp_assess.errors import UsageError
from hcsp_assess.files import write_whole
from hcsp_assess.project import definition_files
from hcsp_assess.setup.open_data import ABOUT, CHAPTERS, statements_text
from hcsp_assess.setup.scaffold import check_edition_name
from hcsp_assess.sources.recorded_crime import Partnership, official_crime
from hcsp_assess.subject.editions import STREET, Edition, Source, edition, is_data, parse_edition

STREET_ABOUT = (
    "This edition uses official recorded crime and the street-level records that the police publish. It shows how much "
    "crime was recorded, how it changed, and how that compares with similar areas. Partners' returns can be added."
)
#: The chapters where street-level records are counted too, in their order in the report.
STREET_CHAPTERS = (
    *("summary", "comparison", "levels_and_changes", "crime_trends", "outcomes", "where", "serious_violence"),
    "data_quality",
)
#: The edition in the package whose street-level source is that of all areas: its folder holds every force's files.
OPEN_DATA = "2025"


def edition_for_all(name: str = "") -> str:
    """Return the name of the edition for all partnerships: the one given, or made from the newest official year.

    Raises
    ------
    UsageError
        If an edition cannot have that name, or one that comes with the package has it.
    """
    name = name or f"official-{_last_year()}"
    check_edition_name(name)
    if name in definition_files("editions", None):
        raise UsageError(f"the edition {name} comes with the software: choose another name for the one for all areas")
    return name


def street_source() -> Source:
    """Return the source of street-level records for every area: one folder for all, and no counts of one area."""
    return replace(edition(OPEN_DATA).source(STREET), counts="")


def write_edition(name: str, area: str, root: Path, *, street: bool) -> bool:
    """Write `editions/NAME.toml` of a project, unless it has an edition of that name.

    Parameters
    ----------
    area : str
        Key of the edition's own area; `NAME@AREA` is the edition for any other.
    street : bool
        Whether it uses street-level records in `data/raw/police_uk` too.

    Returns
    -------
    bool
        Whether it was written.
    """
    file = root / "editions" / f"{name}.toml"
    if file.exists():
        return False
    text = _edition_text(name, area, street=street)
    parse_edition(name, text)  # what is written can be read
    write_whole(file, text.encode())
    return True


def write_statements(made: Edition, area: str, found: Partnership, root: Path) -> None:
    """Write what a partnership has nothing to report on yet into `editions/EDITION@AREA/`, unless it has texts.

    The edition's own area may have its texts in `editions/EDITION/` instead.
    """
    own = root / "editions" / f"{made.key}@{area}"
    if not _has_texts(own) and not (made.area == area and _has_texts(own.with_name(made.key))):
        write_whole(own / "nothing_to_report.toml", statements_text(found))


def _has_texts(folder: Path) -> bool:
    return folder.is_dir() and any(is_data(path.name) for path in folder.iterdir())


def _last_year() -> pd.Period:
    """The last month of the newest twelve that official figures of any partnership are for."""
    table = official_crime().table
    newest: pd.Period = table.loc[table["level"] == "partnership", "year_end"].max()
    return newest


def _edition_text(name: str, area: str, *, street: bool) -> str:
    year_end = _last_year()
    fields = {
        "title": f"Recorded crime, year to {year_end.strftime('%B %Y')}",
        "area": area,
        "period": f"{year_end - 11} to {year_end}",
        "about": STREET_ABOUT if street else ABOUT,
    }
    lines = [
        f"# One edition for all partnerships: `hcsp-assess run {name}@KEY` builds it for the area KEY of areas/, and",
        f"# `hcsp-assess run {name} --areas all` for every area. Texts of an area are in editions/{name}@KEY/.",
        *(f"{field} = {json.dumps(value, ensure_ascii=False)}" for field, value in fields.items()),
    ]
    if street:
        source = street_source()
        lines += ["", "[[sources]]"]
        lines += [f"{each} = {json.dumps(getattr(source, each))}" for each in ("key", "name", "kind", "folder")]
    else:
        lines.append("sources = []")
    lines += [f'\n[[chapters]]\nnotebook = "{chapter}"' for chapter in (STREET_CHAPTERS if street else CHAPTERS)]
    return "\n".join(lines) + "\n"
