"""Set up a partnership from the official figures in the package, without a download."""

import datetime
import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.files import write_whole
from hcsp_assess.setup.area_definition import area_key, force_key
from hcsp_assess.sources.recorded_crime import official_crime, partnership_of, partnerships
from hcsp_assess.subject.areas import NO_SMALL_AREAS, parse_area, short_name
from hcsp_assess.subject.editions import parse_edition

#: Letters of the law's list that official figures cannot answer, and why; the partnership replaces each.
NOT_IN_FIGURES = {
    "c": "official figures give no reasons, and the partnership has not added any to this edition",
    "d": "the partnership has not scored or chosen priorities in this edition",
    "e": "the partnership has not added a consultation to this edition",
    "f": "the partnership has not added its plan for the year before to this edition",
    "g": "the partnership has not stated whether it is part of a county's agreement",
}
CHAPTERS = ("summary", "comparison", "serious_violence")


@dataclass(frozen=True)
class OpenDataPartnership:
    """What was set up.

    Attributes
    ----------
    name, area, edition : str
        Name of the place for readers, and the keys of its area and its edition.
    files : tuple of Path
        What was written.
    to_do : tuple of str
        What a person does next.
    """

    name: str
    area: str
    edition: str
    files: tuple[Path, ...]
    to_do: tuple[str, ...]


def new_open_data_partnership(code: str, root: Path, *, key: str = "") -> OpenDataPartnership:
    """Write an area and an edition of official figures for a partnership into a project.

    Parameters
    ----------
    code : str
        ONS code of the partnership or of a district in it, or its name.
    root : Path
        Root of the project: `areas/KEY.toml`, `editions/KEY-YEAR.toml` and `editions/KEY-YEAR/` are written.
    key : str
        Name for the area in this project; by default its short name.

    Raises
    ------
    UsageError
        If there is no such partnership, the key is no name for a file, or the project has an area or edition of it.
    """
    try:
        found = partnership_of(code)
    except InputError as error:
        raise UsageError(str(error)) from error
    members = partnerships()
    mine = members[members["partnership_code"] == found.code]
    own = mine.iloc[0]
    name = short_name(str(own["partnership_name"]))
    key = area_key(name, key)
    year_end = max(official_crime().years(found.code).dropna().index)
    edition = f"{key}-{year_end}"
    files = {
        root / "areas" / f"{key}.toml": _area_text(own, name),
        root / "editions" / edition / "nothing_to_report.toml": _statements_text(),
        root / "editions" / edition / "texts.toml": f'edition = "{edition}"\ntitle = "Open data"\nprevious = ""\n',
        root / "editions" / f"{edition}.toml": _edition_text(edition, key, name, year_end),
    }
    there = [path for path in files if path.exists()]
    if there:
        raise UsageError(f"{there[0].relative_to(root)} already exists: choose another --key, or move it away")
    parse_area(key, files[root / "areas" / f"{key}.toml"], "")  # what is written can be read
    parse_edition(edition, files[root / "editions" / f"{edition}.toml"])
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
    return OpenDataPartnership(name, key, edition, tuple(files), _to_do(key, edition, str(own["district_code"])))


def _area_text(own: pd.Series, name: str) -> str:
    fields = {
        "name": name,
        "full_name": own["partnership_name"],
        "district_code": own["district_code"],
        "partnership_code": own["partnership_code"],
        "force": force_key(str(own["force_name"])),
        "force_name": own["force_name"],
        "classification": "",
        "small_areas": NO_SMALL_AREAS,
    }
    lines = ["# The whole partnership, without small areas: official figures are by partnership."]
    return "\n".join([*lines, *(f"{field} = {_quoted(value)}" for field, value in fields.items())]) + "\n"


def _edition_text(edition: str, key: str, name: str, year_end: pd.Period) -> str:
    first = year_end - 11
    about = (
        "This edition uses official recorded crime only. It shows how much crime was recorded, how that compares "
        "with similar areas, and which offences cause most harm. Street-level records and partners' returns can be "
        "added."
    )
    fields = {
        "title": f"{name}: recorded crime, year to {year_end.strftime('%B %Y')}",
        "area": key,
        "period": f"{first} to {year_end}",
        "about": about,
    }
    lines = [f"# The edition {edition}. `hcsp-assess run {edition}` builds it.", "sources = []"]
    lines += [f"{field} = {_quoted(value)}" for field, value in fields.items()]
    lines += [f'\n[[chapters]]\nnotebook = "{chapter}"' for chapter in CHAPTERS]
    return "\n".join(lines) + "\n"


def _statements_text() -> str:
    lines = [
        "# Replace each statement with a text of the partnership, or with its own statement.",
        "[signed]",
        'author_role = "Set up from official figures, not yet reviewed"',
        f"date = {datetime.datetime.now(tz=datetime.UTC).date()}",
        'origin = "written for this edition"',
    ]
    for letter, because in NOT_IN_FIGURES.items():
        lines += ["", "[[nothing]]", f'letter = "{letter}"', f"because = {_quoted(because)}"]
    return "\n".join(lines) + "\n"


def _to_do(key: str, edition: str, district: str) -> tuple[str, ...]:
    return (
        f"hcsp-assess run {edition}: builds the report again after a change",
        f"review areas/{key}.toml and editions/{edition}.toml",
        f"for months, places and maps: hcsp-assess fetch geography --code {district}, then hcsp-assess new partnership "
        f"--code {district} --key {key}-places, and archives from data.police.uk",
        f"replace the statements in editions/{edition}/nothing_to_report.toml",
    )


def _quoted(value: object) -> str:
    return json.dumps(str(value), ensure_ascii=False)
