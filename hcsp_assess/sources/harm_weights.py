"""Severity weights and counts by offence code that the project supplies."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.files import require_columns
from hcsp_assess.periods import months_of
from hcsp_assess.sources.text_table import read_text_table

#: Where they are, from the project's root.
FOLDER = "data/raw/harm"
COLUMNS = ("offence_code", "offence", "weight", "police_uk_type")
OFFENCE_COLUMNS = ("month", "offence_code", "count")


@dataclass(frozen=True)
class HarmWeights:
    """Severity weights by offence code.

    Attributes
    ----------
    table : pandas.DataFrame
        Indexed by `offence_code`: `offence`, `weight`, `police_uk_type` ("" if not known).
    name, unit : str
        What the weights are, such as the Cambridge Crime Harm Index, and their unit, such as days of imprisonment.
    """

    table: pd.DataFrame
    name: str
    unit: str


def read_harm_weights(path: Path | str, *, name: str, unit: str) -> HarmWeights:
    """Read a file of severity weights.

    Parameters
    ----------
    path : Path or str
        CSV with the columns `offence_code`, `offence`, `weight`, `police_uk_type` (the last may be blank).
    name, unit : str
        What the weights are and what they count; printed wherever they are used.

    Raises
    ------
    InputError
        If the file or a column is missing, a code occurs twice, or a weight is not a number of zero or more.

    Notes
    -----
    The ONS Crime Severity Score and the Cambridge Crime Harm Index have their own terms. Scores of police-detected
    crime (drugs, weapons) measure police work as much as harm.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"there are no weights at {path.name}: supply a CSV with the columns {', '.join(COLUMNS)}")
    table = read_text_table(path, keep_default_na=False)
    require_columns(table, COLUMNS, path.name)
    codes = table["offence_code"].str.strip()
    if codes.duplicated().any():
        raise InputError(f"{path.name} has two weights for {codes[codes.duplicated()].iloc[0]}: keep one")
    weights = pd.to_numeric(table["weight"].str.strip(), errors="coerce")
    wrong = codes[~(weights >= 0)]
    if len(wrong):
        raise InputError(f"{path.name}: the weight of {wrong.iloc[0]} must be zero or more")
    tidy = table.assign(weight=weights.astype(float), police_uk_type=table["police_uk_type"].str.strip())
    tidy.index = pd.Index(codes, name="offence_code")
    return HarmWeights(tidy[["offence", "weight", "police_uk_type"]], name, unit)


def find_harm_weights(root: Path) -> HarmWeights | None:
    """Read the weights in `data/raw/harm` of a project, or None.

    Raises
    ------
    InputError
        If they cannot be used, or no `SOURCE.toml` beside them says their name, unit and licence.
    """
    folder = root / FOLDER
    if not (folder / "weights.csv").is_file():
        return None
    source = folder / "SOURCE.toml"
    if not source.is_file():
        raise InputError(f"{FOLDER}/weights.csv has no SOURCE.toml beside it: add one with name, unit and licence")
    fields = tomllib.loads(source.read_text(encoding="utf-8-sig"))
    missing = [name for name in ("name", "unit", "licence") if not fields.get(name)]
    if missing:
        raise InputError(
            f"{FOLDER}/SOURCE.toml has no {', '.join(missing)}: add it, so that readers know what the weights are"
        )
    return read_harm_weights(folder / "weights.csv", name=str(fields["name"]), unit=str(fields["unit"]))


def find_offences(root: Path, months: pd.PeriodIndex) -> pd.Series | None:
    """Read `data/raw/harm/offences.csv` of a project, as `read_offences`, or None."""
    path = root / FOLDER / "offences.csv"
    return read_offences(path, months) if path.is_file() else None


def read_offences(path: Path, months: pd.PeriodIndex) -> pd.Series:
    """Read records by offence code, added up over the months asked for.

    Parameters
    ----------
    path : Path
        CSV with `month` ("2025-01"), `offence_code` and `count`; a count may be negative (records cancelled or moved).

    Raises
    ------
    InputError
        If a column is missing, a month or a count cannot be read, or a month asked for has no row.
    """
    table = read_text_table(path, keep_default_na=False)
    require_columns(table, OFFENCE_COLUMNS, path.name)
    for column, pattern, like in (("month", r"\d{4}-(?:0[1-9]|1[0-2])", "2025-01"), ("count", r"-?\d+", "17")):
        wrong = ~table[column].str.strip().str.fullmatch(pattern)
        if wrong.any():
            line = int(wrong.to_numpy().argmax())
            raise InputError(f"{path.name}, line {line + 2}: {column} {table[column].iloc[line]!r} must be like {like}")
    when = months_of(table["month"].str.strip())
    lacking = [str(month) for month in months if month not in when]
    if lacking:
        raise InputError(f"{path.name} has no row for {', '.join(lacking)}: a year's harm needs all its months")
    chosen = table[when.isin(months)]
    return chosen["count"].astype(int).groupby(chosen["offence_code"].str.strip()).sum()
