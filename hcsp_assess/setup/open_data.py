"""Set up a partnership from the official figures in the package, without a download."""

import datetime
import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hcsp_assess.assessment.statute import requirements
from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.files import write_whole
from hcsp_assess.project import Project
from hcsp_assess.setup.area_definition import area_key, force_key
from hcsp_assess.setup.edition_texts import write_edition_texts
from hcsp_assess.setup.own_files import write_own_files
from hcsp_assess.sources.recorded_crime import Partnership, former_districts, official_crime, partnership_of
from hcsp_assess.sources.text_entries import day_words
from hcsp_assess.sources.text_files import SUFFIX
from hcsp_assess.subject.areas import NO_SMALL_AREAS, packaged_definition, parse_area, short_name
from hcsp_assess.subject.editions import parse_edition

#: Letters of the law's list that official figures cannot answer, and why; the partnership replaces each.
NOT_IN_FIGURES = {
    "c": "official figures give no reasons, and the partnership has not added any to this edition",
    "d": "the partnership has not scored or chosen priorities in this edition",
    "e": "the partnership has not added a consultation to this edition",
    "f": "the partnership has not added its plan for the year before to this edition",
    "g": "the partnership has not stated whether it is part of a county's agreement",
}
ABOUT = (
    "This edition uses official recorded crime only. It shows how much crime was recorded, how that compares with "
    "similar areas, and which offences cause most harm. Street-level records and partners' returns can be added."
)
CHAPTERS = ("summary", "comparison", "serious_violence")
#: Who answers for a statement until a person has replaced it.
SET_UP_BY = "Set up from official figures, not yet reviewed"


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
        Root of the project: `areas/KEY.toml`, `editions/KEY-YEAR.toml` and its texts in `editions/KEY-YEAR/` are
        written, and the area's own definitions in `areas/KEY/`, without changing any that are there. Among the texts
        is a reviewed statement on each letter of the law that official figures cannot answer.
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
    name = short_name(found.name)
    key = area_key(name, key)
    year_end = last_year(found.code)
    edition = f"{key}-{year_end}"
    about_texts = f'edition = "{edition}"\ntitle = "Open data"\nprevious = ""\n'
    definition = whole_area(found, key)
    here = parse_area(key, definition[".toml"].decode(), definition.get(".csv", b"").decode())
    files = {root / "areas" / f"{key}{ending}": content for ending, content in definition.items()} | {
        root / "editions" / edition / "texts.toml": about_texts.encode(),
        **{root / "editions" / edition / name: text for name, text in statement_files(found).items()},
        root / "editions" / f"{edition}.toml": _edition_text(edition, key, name, year_end).encode(),
    }
    there = [path for path in files if path.exists()]
    if there:
        raise UsageError(f"{there[0].relative_to(root)} already exists: choose another --key, or move it away")
    parse_edition(edition, files[root / "editions" / f"{edition}.toml"].decode())  # what is written can be read
    own = write_own_files(here, root, year_end)
    for path, content in files.items():
        write_whole(path, content)
    texts = write_edition_texts(edition, Project(root), country=here.country)
    to_do = _to_do(key, edition, found.district_codes[0])
    return OpenDataPartnership(name, key, edition, (*own, *files, *texts), to_do)


def last_year(code: str) -> pd.Period:
    """Return the last month of the newest twelve that official figures of a partnership are for."""
    newest: pd.Period = max(official_crime().years(code).dropna().index)
    return newest


def whole_area(found: Partnership, key: str) -> dict[str, bytes]:
    """Return the files of the area of a whole partnership, by their endings, `.toml` last.

    It has no small areas, unless the package has a reviewed definition of this partnership: then that is returned, so
    that the project's own does not hide its small areas.
    """
    reviewed = packaged_definition(key, found.code)
    if reviewed:
        return dict(sorted(reviewed.items()))
    text = _area_text(found, short_name(found.name))
    parse_area(key, text, "")  # what is written can be read
    return {".toml": text.encode()}


def is_as_set_up(settings: Path, code: str) -> bool:
    """Whether the settings of an area are exactly those written for a whole partnership: not reviewed by hand yet."""
    return bool(code) and settings.read_bytes() == whole_area(partnership_of(code), settings.stem).get(".toml")


def _area_text(found: Partnership, name: str) -> str:
    fields = {
        "name": name,
        "full_name": found.name,
        "district_code": found.district_codes[0],
        "partnership_code": found.code,
        "force": force_key(found.force),
        "force_name": found.force,
        "classification": "",
        "small_areas": NO_SMALL_AREAS,
    }
    lines = ["# The whole partnership, without small areas: official figures are by partnership."]
    lines += [f"{field} = {_quoted(value)}" for field, value in fields.items()]
    for code, district in _districts(found):
        lines += ["", "[[district]]", f"code = {_quoted(code)}", f"name = {_quoted(short_name(district))}"]
    return "\n".join(lines) + "\n"


def _districts(found: Partnership) -> tuple[tuple[str, str], ...]:
    """The districts of a partnership that has several, or the former ones that it is now a part of a district with."""
    if not found.whole_districts:
        return former_districts(found.code)
    today = tuple(zip(found.district_codes, found.district_names, strict=True))
    return today if len(today) > 1 else ()


def _edition_text(edition: str, key: str, name: str, year_end: pd.Period) -> str:
    fields = {
        "title": f"{name}: recorded crime, year to {year_end.strftime('%B %Y')}",
        "area": key,
        "period": f"{year_end - 11} to {year_end}",
        "about": ABOUT,
    }
    lines = [f"# The edition {edition}. `hcsp-assess run {edition}` builds it.", "sources = []"]
    lines += [f"{field} = {_quoted(value)}" for field, value in fields.items()]
    lines += [f'\n[[chapters]]\nnotebook = "{chapter}"' for chapter in CHAPTERS]
    return "\n".join(lines) + "\n"


def statement_files(found: Partnership) -> dict[str, bytes]:
    """Return a statement for each letter that a partnership has nothing to report on yet, by name of its file."""
    files = {}
    for letter, because in _not_in_figures(found).items():
        lines = (
            "---",
            f"title: Letter {letter}",
            f"role: {SET_UP_BY}",
            f"date: {day_words(_today())}",
            "state: reviewed",
            "---",
            "",
            "<!-- Replace this statement with one of the partnership, or remove this file once the edition has the",
            "text that the letter asks for. -->",
            because,
        )
        files[f"nothing-to-report/{letter}{SUFFIX}"] = ("\n".join(lines) + "\n").encode()
    return files


def statements_text(found: Partnership) -> bytes:
    """Return the same statements in one TOML file, for an edition of all partnerships."""
    lines = [
        "# Replace each statement with a text of the partnership (docs/texts.md), or with its own statement.",
        "[signed]",
        f"author_role = {_quoted(SET_UP_BY)}",
        f"date = {_today()}",
        'origin = "written for this edition"',
    ]
    for letter, because in _not_in_figures(found).items():
        lines += ["", "[[nothing]]", f'letter = "{letter}"', f"because = {_quoted(because)}"]
    return ("\n".join(lines) + "\n").encode()


def _not_in_figures(found: Partnership) -> dict[str, str]:
    """Why there is nothing to report yet, by letter of the law of the partnership's country."""
    country = "Wales" if found.district_codes[0].startswith("W") else "England"
    asked = {item.letter for item in requirements(country=country)}
    return {letter: because for letter, because in NOT_IN_FIGURES.items() if letter in asked}


def _today() -> datetime.date:
    return datetime.datetime.now(tz=datetime.UTC).date()


def _to_do(key: str, edition: str, district: str) -> tuple[str, ...]:
    return (
        f"hcsp-assess run {edition}: builds the report again after a change",
        f"review areas/{key}.toml, the names of bodies in areas/{key}/, and editions/{edition}.toml",
        f'add what the partnership measures itself by: hcsp-assess new indicator "NAME" --area {key}',
        f"for months, places and maps: hcsp-assess fetch geography --code {district}, then hcsp-assess new partnership "
        f"--code {district} --key {key}-places, and archives from data.police.uk",
        f"replace the statements in editions/{edition}/nothing-to-report/, and write the texts that are started in "
        f"editions/{edition}/ (docs/texts.md)",
        f"after a run: hcsp-assess texts refresh {edition} renews the figures quoted in the texts, and hcsp-assess "
        f"texts start {edition} starts a reason for each change",
    )


def _quoted(value: object) -> str:
    return json.dumps(str(value), ensure_ascii=False)
