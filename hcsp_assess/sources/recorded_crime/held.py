"""Official recorded crime held: the package's table and any newer tables in the project."""

from pathlib import Path

import pandas as pd

from hcsp_assess.sources.recorded_crime.home_office import home_office_files
from hcsp_assess.sources.recorded_crime.official import OfficialCrime, official_crime
from hcsp_assess.sources.recorded_crime.ons_tables import read_ons_table

#: Where tables of the Office for National Statistics by partnership are, from the project's root.
ONS_TABLES = "data/raw/recorded_crime/ons"


def held_official_crime(root: Path) -> OfficialCrime:
    """Return what comes with the package, and the project's own tables, which win where both have a year.

    Parameters
    ----------
    root : Path
        Root of the project: workbooks of police force area tables, or single tables as CSV, are in
        `data/raw/recorded_crime/ons/`. Of two with the same year the one with the last name wins.

    Raises
    ------
    InputError
        If a file cannot be read or has no such table.
    """
    bundled, files = official_crime(), ons_files(root)
    if not files:
        return bundled
    tables = [read_ons_table(path).table for path in files]
    both = pd.concat([*reversed(tables), bundled.table], ignore_index=True)
    kept = both.drop_duplicates(["year_end", "level", "code", "name", "force", "group"])
    return OfficialCrime(kept.reset_index(drop=True))


def ons_files(root: Path) -> list[Path]:
    """Return the tables of the Office for National Statistics that a project holds, by name."""
    folder = root / ONS_TABLES
    return sorted(path for path in folder.glob("*") if path.is_file() and not path.name.startswith((".", "~")))


def official_files(root: Path) -> list[Path]:
    """Return every file of official recorded crime that a project holds, for what rests on them."""
    return [*home_office_files(root), *ons_files(root)]
