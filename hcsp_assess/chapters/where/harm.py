"""The chapter on where, continued: harm, weighed only with weights that the user supplies."""

import tomllib
from pathlib import Path

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.absent import absent
from hcsp_assess.assessment.wording.harm import describe_harm, describe_harm_range, describe_no_weights
from hcsp_assess.edition.places import EditionPlaces
from hcsp_assess.errors import InputError
from hcsp_assess.places.harm import Harm, HarmRange, range_harm, weigh_harm
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.harm_weights import COLUMNS, HarmWeights, read_harm_weights
from hcsp_assess.subject.crime_types import ANTI_SOCIAL_BEHAVIOUR

FOLDER = "data/raw/harm"
OFFENCE_COLUMNS = ("month", "offence_code", "count")


def open_harm(where: EditionPlaces) -> Harm | HarmRange | None:
    """Weigh the year's records with the weights in data/raw/harm/; None where none came.

    With `offences.csv` (records by month and offence code, from a force extract) their sum; else, from the broad crime
    types, the least and the most that they could mean.

    Raises
    ------
    InputError
        If the weights or the offences cannot be used, or the offences lack a month of the year assessed.
    """
    folder = where.opened.project.root / FOLDER
    if not (folder / "weights.csv").is_file():
        return None
    weights = _read_weights(folder)
    offences = folder / "offences.csv"
    if offences.is_file() and not where.opened.simulated:
        return weigh_harm(read_offences(offences, where.opened.edition.span.months), weights)
    by_type = where.opened.counts("crime_type").reindex(pd.PeriodIndex(list(where.opened.edition.span.months)))
    by_type = by_type.dropna(how="all").dropna(axis="columns")
    return range_harm(by_type.drop(columns=ANTI_SOCIAL_BEHAVIOUR, errors="ignore").sum(), weights)


def read_offences(path: Path, months: "pd.PeriodIndex | list[pd.Period]") -> pd.Series:
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
    table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    missing = [column for column in OFFENCE_COLUMNS if column not in table]
    if missing:
        raise InputError(f"{path.name} has no column {', '.join(missing)}; it needs {', '.join(OFFENCE_COLUMNS)}")
    for column, pattern, like in (("month", r"\d{4}-(?:0[1-9]|1[0-2])", "2025-01"), ("count", r"-?\d+", "17")):
        wrong = ~table[column].str.strip().str.fullmatch(pattern)
        if wrong.any():
            line = int(wrong.to_numpy().argmax())
            raise InputError(f"{path.name}, line {line + 2}: {column} {table[column].iloc[line]!r} is not like {like}")
    when = pd.PeriodIndex(table["month"].str.strip(), freq="M")
    lacking = [str(month) for month in months if month not in when]
    if lacking:
        raise InputError(f"{path.name} has no row for {', '.join(lacking)}: the harm of a year needs all its months")
    chosen = table[when.isin(pd.PeriodIndex(list(months)))]
    return chosen["count"].astype(int).groupby(chosen["offence_code"].str.strip()).sum()


def say_harm(where: EditionPlaces, harm: Harm | HarmRange | None) -> Finding:
    """Say the harm or its range; or that no weights came, and why none is built in."""
    if harm is None:
        return describe_no_weights(FOLDER, COLUMNS).marked(simulated=where.opened.simulated)
    if isinstance(harm, HarmRange):
        return describe_harm_range(harm).marked(simulated=where.opened.simulated)
    return describe_harm(harm)


def show_harm(where: EditionPlaces, harm: Harm | HarmRange | None) -> Table | Finding:
    """Show harm by crime type or offence; or say what open data can carry."""
    if harm is None:
        return absent("harm_range")
    simulated = where.opened.simulated
    if isinstance(harm, HarmRange):
        table = harm.by_type.sort_values("high", ascending=False, kind="stable")
        frame = table.rename_axis("Crime type").reset_index()
        frame.columns = pd.Index(["Crime type", "Records", "Lowest weight", "Highest weight", "Least", "Most"])
        caption = f"Range of harm by crime type, {harm.unit}, {where.opened.area.name}, {where.period}"
        return Table(frame.astype({"Records": "Int64"}), caption, "harm-range", simulated=simulated)
    frame = harm.by_offence[["offence", "count", "weight", "harm"]].reset_index(drop=True)
    frame.columns = pd.Index(["Offence", "Records", "Weight", "Harm"])
    frame["% of harm"] = 100 * frame["Harm"] / harm.total if harm.total else 0.0
    caption = f"Harm by offence, {harm.unit}, {where.opened.area.name}, {where.period}"
    folded = f"Harm by offence: all {len(frame)}"
    return Table(frame.astype({"Records": "Int64"}), caption, "harm-offences", simulated=simulated, folded=folded)


def _read_weights(folder: Path) -> HarmWeights:
    source = folder / "SOURCE.toml"
    if not source.is_file():
        raise InputError(f"{FOLDER}/weights.csv has no SOURCE.toml beside it: say in it name, unit and licence")
    fields = tomllib.loads(source.read_text(encoding="utf-8-sig"))
    missing = [name for name in ("name", "unit", "licence") if not fields.get(name)]
    if missing:
        raise InputError(f"{FOLDER}/SOURCE.toml has no {', '.join(missing)}: readers must know what the weights are")
    return read_harm_weights(folder / "weights.csv", name=str(fields["name"]), unit=str(fields["unit"]))
