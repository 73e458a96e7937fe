"""Read and write the action log of hotspots, which the tasking group fills in."""

from pathlib import Path

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.files import csv_bytes, require_columns, write_whole
from hcsp_assess.sources.text_table import read_text_table

#: Where logs are, from the project's root.
FOLDER = "data/raw/actions"
COLUMNS = ("place_code", "place", "crime_type", "agreed", "action", "owner", "due", "outcome")


def write_action_log(referrals: pd.DataFrame, path: Path | str) -> int:
    """Add a row to fill in for every referral without one that is still open; return how many were added.

    A row is open until it has an outcome. Rows that people filled in are never changed.

    Parameters
    ----------
    referrals : pandas.DataFrame
        From `hcsp_assess.places.referrals.list_referrals`.
    path : Path or str
        CSV file; made if it is not there.
    """
    path = Path(path)
    known = read_action_log(path) if path.is_file() else pd.DataFrame(columns=list(COLUMNS))
    open_places = known.loc[known["outcome"].eq(""), "place_code"]
    new = referrals[~referrals["place_code"].isin(open_places)]
    added = pd.DataFrame("", index=range(len(new)), columns=list(COLUMNS))
    added[["place_code", "place"]] = new[["place_code", "place"]].to_numpy()
    write_whole(path, csv_bytes(pd.concat([known.map(_as_text), added])))
    return len(added)


def find_action_logs(root: Path) -> list[Path]:
    """Return the logs of actions in `data/raw/actions` of a project, by name."""
    return sorted((root / FOLDER).glob("*.csv"))


def read_action_log(path: Path | str) -> pd.DataFrame:
    """Read the log of actions.

    Returns
    -------
    pandas.DataFrame
        `place_code`, `place`, `crime_type` ("" = all records), `agreed` and `due` (dates, missing where blank),
        `action`, `owner`, `outcome`, one row per line of the file.

    Raises
    ------
    InputError
        If the file or a column is missing, a row has no place, a date is not like 2025-04-30, or an action is due
        before it was agreed; the message says which line.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"no action log at {path.name}: create it with hcsp-assess hotspots EDITION --actions FILE")
    text = read_text_table(path, keep_default_na=False)
    require_columns(text, COLUMNS, path.name)
    log = pd.DataFrame({column: text[column].str.strip() for column in COLUMNS})
    without_place = log["place_code"].eq("")
    if without_place.any():
        raise InputError(f"{path.name}, line {_line(without_place)}: the row has no place_code")
    for column in ("agreed", "due"):
        log[column] = _dates(log[column], path.name)
    early = log["due"] < log["agreed"]
    if early.any():
        raise InputError(f"{path.name}, line {_line(early)}: the action is due before it was agreed")
    return log


def _dates(texts: pd.Series, file: str) -> pd.Series:
    dates = pd.to_datetime(texts.where(texts != ""), format="%Y-%m-%d", errors="coerce")
    wrong = texts.ne("") & dates.isna()
    if wrong.any():
        given = texts[wrong].iloc[0]
        raise InputError(f"{file}, line {_line(wrong)}: {texts.name} {given!r} is not a date; write it as 2025-04-30")
    return dates


def _line(rows: pd.Series) -> int:
    """Line of the file that the first of the rows marked is on; the headings are line 1."""
    return int(rows.to_numpy().argmax()) + 2


def _as_text(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    return "" if value is pd.NaT else str(value)
