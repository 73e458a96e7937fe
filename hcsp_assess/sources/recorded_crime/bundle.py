"""Build the package's table of official recorded crime from the published tables."""

import gzip
import re
from collections.abc import Hashable, Sequence
from pathlib import Path

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.files import csv_bytes, require_columns
from hcsp_assess.sources.recorded_crime.groups import group_of_heading, offence_groups
from hcsp_assess.sources.recorded_crime.ons_tables import cleaned, count_in, read_ons_table
from hcsp_assess.sources.recorded_crime.partnerships import force_named, forces_and_regions, key_of, partnership_of

#: The columns before those of the offence groups.
ABOUT = ("year_end", "level", "code", "name", "force")
PARTNERSHIP_COLUMNS = ("period", "police_force_area_name", "csp_code", "csp_name")
FORCE_COLUMNS = ("Year ending September", "Area name")


def bundled_table(partnerships: Path, forces: Path, others: Sequence[Path]) -> bytes:
    """Return the bundled table, a gzipped CSV with a column for each offence group: the same files give the same bytes.

    Parameters
    ----------
    partnerships : Path
        CSV of Tables C2 and C5 with plain headings: `period` ("YE 2024-12"), `police_force_area_name`, `csp_code`,
        `csp_name`, and the groups by their keys.
    forces : Path
        CSV of forces, regions and countries: `Year ending September`, `Area name`, and the groups by their labels.
    others : sequence of Path
        Tables P1 and P4 as published, for the regions and countries, and the forces that the first file does not have.

    Raises
    ------
    InputError
        If a column is missing, an area is not known, or a cell is not a count.
    """
    table = pd.concat([_partnership_rows(partnerships), _force_rows(forces), *map(_published_rows, others)])
    table = table.drop_duplicates(["year_end", "level", "code", "name", "force"])  # Table P1 repeats the forces of C2
    groups = [group.key for group in offence_groups()]
    table = table.sort_values(["year_end", "level", "force", "code", "name"], kind="stable")
    return gzip.compress(csv_bytes(table[[*ABOUT, *groups]]), compresslevel=9, mtime=0)


def _partnership_rows(path: Path) -> pd.DataFrame:
    wide = pd.read_csv(path, dtype="str", keep_default_na=False)
    require_columns(wide, PARTNERSHIP_COLUMNS, path.name)
    rows = [_partnership_row(row, path) for row in wide.to_dict("records")]
    return pd.DataFrame(rows)


def _partnership_row(row: dict[Hashable, str], path: Path) -> dict[str, object]:
    force_code, force = force_named(row["police_force_area_name"])
    name, code = cleaned(row["csp_name"]), row["csp_code"].strip()
    if not force:
        raise InputError(f"{path.name}: no police force {row['police_force_area_name']!r} is known")
    if code:
        known = partnership_of(code)
        about = ("partnership", known.code, known.name)
    elif name:
        about = ("unassigned", "", re.sub("^unassigned.*$", f"Unassigned {force}", name, flags=re.IGNORECASE))
    else:
        about = ("force", force_code, force)
    when = row["period"].removeprefix("YE ")
    return {**dict(zip(ABOUT, (when, *about, force), strict=True)), **_counts(row, path)}


def _force_rows(path: Path) -> pd.DataFrame:
    wide = pd.read_csv(path, dtype="str", keep_default_na=False)
    require_columns(wide, FORCE_COLUMNS, path.name)
    areas = _areas()
    rows = []
    for row in wide.to_dict("records"):
        found = areas.get(key_of(row["Area name"]))
        if found is None:
            raise InputError(f"{path.name}: no force, region or country {row['Area name']!r} is known")
        level, code, name = found
        force = name if level == "force" else ""
        rows.append(
            dict(zip(ABOUT, (f"{row['Year ending September']}-09", level, code, name, force), strict=True))
            | _counts(row, path)
        )
    return pd.DataFrame(rows)


def _published_rows(path: Path) -> pd.DataFrame:
    table = read_ons_table(path).table
    when = table["year_end"].astype("str")
    return table.assign(year_end=when).set_index([*ABOUT, "group"])["count"].unstack("group").reset_index()  # noqa: PD010


def _areas() -> dict[str, tuple[str, str, str]]:
    """Level, code and name by any spelling; "West Midlands" is the force, the region is "West Midlands Region"."""
    table = forces_and_regions()
    found: dict[str, tuple[str, str, str]] = {}
    for level in ("country", "region", "force"):  # a force wins over a region of the same name
        for row in table[table["level"] == level].to_dict("records"):
            texts = (row["name"], *row["aliases"].split("|"))
            found |= {key_of(text): (level, row["code"], row["name"]) for text in texts if text}
    return found


def _counts(row: dict[Hashable, str], path: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for heading, text in row.items():
        if group := group_of_heading(heading):
            try:
                found[group] = count_in(text)
            except ValueError as error:
                raise InputError(f"{path.name}: {heading} holds {text!r}, which is not a count") from error
    return found
