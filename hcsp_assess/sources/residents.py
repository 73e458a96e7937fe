"""Residents by group, supplied by the project: the populations for rates by age, sex or ethnic group."""

from pathlib import Path

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.files import require_columns
from hcsp_assess.sources.text_table import read_text_table

#: Where they are, from the project's root.
MOST = 100_000_000  # more than the whole country
RESIDENTS = "data/raw/residents/groups.csv"
COLUMNS = ("column", "group", "residents", "source")


def read_residents(root: Path) -> pd.DataFrame:
    """Read residents by group from `data/raw/residents/groups.csv`; no rows where there is no such file.

    Parameters
    ----------
    root : Path
        Root of the project.

    Returns
    -------
    pandas.DataFrame
        column ("age_band", "sex" or "ethnicity"), group (as the extract of offences has it), residents, source.

    Raises
    ------
    InputError
        If a column is missing, a number is not one above zero, or a group is there twice.
    """
    path = root / RESIDENTS
    if not path.is_file():
        return pd.DataFrame(columns=list(COLUMNS))
    frame = read_text_table(path)
    require_columns(frame, COLUMNS, RESIDENTS)
    numbers = pd.to_numeric(frame["residents"].str.replace(",", ""), errors="coerce")
    possible = (numbers > 0) & (numbers <= MOST)
    if not possible.all():
        line = int(numbers.index[~possible][0]) + 2
        raise InputError(f"{RESIDENTS}, line {line}: residents must be a number above zero, of people in one area")
    if frame.duplicated(["column", "group"]).any():
        raise InputError(f"{RESIDENTS} lists a group twice: keep one line for each")
    return frame.assign(residents=numbers.astype(int))[list(COLUMNS)]
