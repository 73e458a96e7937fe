"""Severity weights of offences, as the user supplies them: none comes with the package."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hcsp_assess.errors import InputError

COLUMNS = ("offence_code", "offence", "weight", "police_uk_type")


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
        raise InputError(f"no weights at {path.name}: supply a CSV with the columns {', '.join(COLUMNS)}")
    table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    missing = [column for column in COLUMNS if column not in table]
    if missing:
        raise InputError(f"{path.name} has no column {', '.join(missing)}; it needs {', '.join(COLUMNS)}")
    codes = table["offence_code"].str.strip()
    if codes.duplicated().any():
        raise InputError(f"{path.name} has two weights for {codes[codes.duplicated()].iloc[0]}: keep one")
    weights = pd.to_numeric(table["weight"].str.strip(), errors="coerce")
    wrong = codes[~(weights >= 0)]
    if len(wrong):
        raise InputError(f"{path.name}: the weight of {wrong.iloc[0]} must be a number of zero or more")
    tidy = table.assign(weight=weights.astype(float), police_uk_type=table["police_uk_type"].str.strip())
    tidy.index = pd.Index(codes, name="offence_code")
    return HarmWeights(tidy[["offence", "weight", "police_uk_type"]], name, unit)
